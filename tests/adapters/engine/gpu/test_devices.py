"""Which device computes, what is refused, and code that a GPU could run."""

from __future__ import annotations

import ctypes
import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from givre import wiring
from givre.adapters.engine.gpu import NoGpu, bytes_needed, find_device, library, solve_on_gpu
from givre.bioheat.domain import open_domain
from givre.cli.main import main
from givre.foundation.errors import InputError, MissingExtra
from tests.bioheat.scenes import scene
from tests.cli.conftest import WriteBall, ball_case  # noqa: F401 - a fixture


def test_a_missing_library_is_refused_with_the_name_of_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "find_spec", lambda name: None if name == "warp" else importlib.util.find_spec(name))
    with pytest.raises(MissingExtra, match=r"givre\[gpu\].*--engine cpu"):
        solve_on_gpu(scene())


@pytest.mark.usefixtures("warp")
def test_a_machine_without_driver_is_refused_and_never_computes_on_the_processor_instead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:

    def absent(_: str) -> None:
        raise OSError

    monkeypatch.setattr(ctypes, "CDLL", absent)
    with pytest.raises(NoGpu, match="no NVIDIA GPU.*--engine cpu"):
        find_device(None)


@pytest.mark.usefixtures("warp")
def test_a_device_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(NoGpu, match='no device "cuda:77" here; choose one of cpu'):
        find_device("cuda:77")


def test_importing_givre_does_not_import_the_library() -> None:
    code = "import sys, givre, givre.wiring, givre.adapters.engine.gpu; sys.exit('warp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_kernels_compile_for_a_gpu(tmp_path: Path, warp: Any) -> None:
    from givre.adapters.engine.gpu import probe_kernels, voxel_kernels  # noqa: PLC0415 - needs the optional library

    for module in (voxel_kernels, probe_kernels):
        warp.compile_aot_module(module, arch=90, module_dir=tmp_path, use_ptx=True)
    code = "".join(path.read_text(encoding="utf-8") for path in tmp_path.glob("*.ptx"))
    for name in ("sweep", "settle", "weigh_samples", "spread_samples", "end_freeze", "count_below", "look_up"):
        assert f".entry {name}_" in code


@pytest.mark.usefixtures("warp")
def test_the_memory_said_is_the_memory_taken() -> None:
    from givre.adapters.engine.gpu.memory import lay_out  # noqa: PLC0415 - needs the optional library

    domain = open_domain(scene(size=20))
    memory = lay_out(domain, np.zeros(0, dtype=np.int64), "cpu")
    records = [memory.voxels, memory.kept, *memory.states]
    arrays = [getattr(record, name) for record in records for name in record._cls.vars]
    taken = sum(array.capacity for array in arrays if hasattr(array, "capacity"))
    assert bytes_needed(len(domain.material), 3) == pytest.approx(taken, rel=0.01)


def test_an_unknown_engine_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match='engine "tpu"; choose one of cpu, gpu'):
        wiring.solver(engine="tpu")


def test_the_command_line_refuses_a_gpu_that_cannot_be_used(
    ball_case: WriteBall,  # noqa: F811 - the fixture
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(library, "find_spec", lambda _: None)
    code = main(["simulate", str(ball_case()), "-o", str(tmp_path / "out"), "--no-dossier", "--engine", "gpu"])
    assert code == 1
    assert "givre[gpu]" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()

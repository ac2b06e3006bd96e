"""Compile the solver once for all worker processes of a machine, in a process of its own.

Two reasons. Workers that start together would each compile the same code. And code that was compiled in a process
differs in the last bits of its sums from the same code read from disk (numba may then bind a function to another copy
of it): only workers that all read it from disk give the same bits.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numba
import numpy as np

from givre.bioheat.problem import ProbeSource, ThermalProblem
from givre.bioheat.solve import solve
from givre.cryoprobe.surface_history import SurfaceHistory
from givre.geometry.grid import Grid
from givre.tissue.material import MaterialField, ThermalMaterial

LONGEST_S = 900.0
_MARK = "compiled"
_COMPILE = "from givre.adapters.engine.kernels import solve_a_little; solve_a_little()"


def compile_kernels_once() -> None:
    """See to it that the compiled solver lies on disk; waits for another process that is at it.

    Where nothing can be written, or compiling fails, nothing is done: every process then compiles for itself.
    """
    folder = Path(numba.config.CACHE_DIR)  # type: ignore[attr-defined]  # set by bioheat.compiled, by its sources
    if (folder / _MARK).exists():
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder / f"{_MARK}.lock"):
            if not (folder / _MARK).exists() and _compile():
                (folder / _MARK).touch()
    except OSError:
        return


def solve_a_little() -> None:
    """One small freeze that passes through every compiled function a plan passes through."""
    solve(_small_problem())


def _compile() -> bool:
    found_in = str(Path(__file__).parents[3])
    search = os.pathsep.join(filter(None, (found_in, os.environ.get("PYTHONPATH", ""))))
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no shell
            [sys.executable, "-P", "-c", _COMPILE],
            env=os.environ | {"PYTHONPATH": search},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """One process of this machine at a time, where the system can."""
    try:
        import fcntl  # noqa: PLC0415 - not on Windows
    except ImportError:
        yield
        return
    with file.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _small_problem() -> ThermalProblem:
    """A probe in two tissues; its numbers are no physics, only of the right kind."""
    index = np.zeros((10, 10, 10), dtype=np.uint8)
    index[:, :, 5:] = 1
    index[0] = 2
    materials = tuple(
        ThermalMaterial(
            name=name,
            capacity_unfrozen_j_m3k=3.7e6,
            capacity_frozen_j_m3k=1.9e6,
            capacity_frozen_slope_j_m3k2=slope,
            conductivity_unfrozen_w_mk=0.5,
            conductivity_frozen_w_mk=1.4,
            latent_j_m3=latent,
            perfusion_w_m3k=2500.0,
            metabolic_w_m3=900.0,
            freezes=latent > 0.0,
        )
        for name, slope, latent in (("one", 5.5e3, 2.7e8), ("other", 1.6e3, 0.8e8), ("metal", 0.0, 0.0))
    )
    probe = ProbeSource(
        label="P1",
        start_m=(0.005, 0.009, 0.010),
        end_m=(0.013, 0.009, 0.008),
        radius_m=0.75e-3,
        contact_resistance_m2k_w=0.0,
        history=SurfaceHistory(
            time_s=np.array([0.0, 20.0, 40.0]), temp_c=np.full(3, -140.0), modes=("cooling_only", "none")
        ),
    )
    field = MaterialField(grid=Grid(shape=index.shape, spacing_mm=(2.0, 2.0, 2.0)), index=index, materials=materials)
    return ThermalProblem(material=field, probes=(probe,), duration_s=40.0)

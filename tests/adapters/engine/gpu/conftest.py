"""The processor stands in for the GPU: the library runs the same code there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from givre.adapters.engine.gpu import solve_on_gpu
from givre.bioheat.problem import ThermalProblem
from givre.bioheat.run import ThermalRun

GpuSolve = Callable[[ThermalProblem], ThermalRun]


@pytest.fixture
def warp() -> Any:
    return pytest.importorskip("warp", reason="the gpu extra is not installed (pip install 'givre[gpu]')")


@pytest.fixture
def on_gpu(warp: Any) -> GpuSolve:
    return lambda problem: solve_on_gpu(problem, device="cpu")


@pytest.fixture
def blocks_with_lanes(warp: Any) -> Iterator[None]:
    """Let the processor run blocks of many lanes too, one lane after the other, as a GPU runs them side by side."""
    before = warp.config.enable_cpu_blocks
    warp.config.enable_cpu_blocks = True
    yield
    warp.config.enable_cpu_blocks = before


def nothing_held(_: float) -> tuple[np.ndarray, np.ndarray]:
    """Makes the processor compute every voxel with freezing."""
    return np.zeros(0, dtype=np.int64), np.zeros(0)

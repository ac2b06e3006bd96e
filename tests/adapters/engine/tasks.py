"""What the engines are tried with: tasks at the top of a module, as real ones are."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np
import numpy.typing as npt

from givre.bioheat.problem import ThermalProblem
from givre.bioheat.run import ThermalRun
from givre.bioheat.solve import solve
from givre.foundation.errors import InvalidPlacement

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bench:
    """What the items of a series share."""

    problems: Mapping[str, ThermalProblem]


class ProbeBent(InvalidPlacement):
    """An error whose making asks for more than its sentence."""

    code = "PROBE_BENT"

    def __init__(self, label: str, angle_deg: float) -> None:
        super().__init__(f"probe {label} is bent by {angle_deg} degrees; straighten it")
        self.angle_deg = angle_deg


def solved(shared: Bench, item: str) -> ThermalRun:
    return solve(shared.problems[item])


def times(shared: float, item: float) -> float:
    return shared * item


def process_of(_: object, __: object) -> int:
    time.sleep(0.05)
    return os.getpid()


def threads_of(_: object, name: str) -> str:
    return os.environ.get(name, "")


def shared_identity(shared: object, _: object) -> tuple[int, int]:
    """The same pair twice from one process only if what is shared was not sent twice."""
    return os.getpid(), id(shared)


def bent(_: object, item: int) -> int:
    if item % 2:
        raise ProbeBent(f"P{item}", 3.0)
    return item


def broken(_: object, item: int) -> NoReturn:
    raise ZeroDivisionError(f"item {item}")


def out_of_memory(_: object, __: object) -> NoReturn:
    raise MemoryError


def fails_once(folder: Path, item: int) -> int:
    """A fault of the machine that is over at the next try."""
    mark = folder / f"{item}"
    if not mark.exists():
        mark.touch()
        raise OSError(28, "No space left on device")
    return item


def dies_once(folder: Path, item: int) -> int:
    mark = folder / f"{item}"
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return item


def dies_at_two(_: object, item: int) -> int:
    if item == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return item


def marks_and_waits(folder: Path, item: int) -> int:
    """Says in a file which process began which item, then takes long."""
    (folder / f"{item}").write_text(str(os.getpid()))
    time.sleep(600.0 if item else 0.0)
    return item


def counts_and_waits(folder: Path, item: int) -> int:
    (folder / f"{item}").touch()
    time.sleep(0.5)
    return item


def large(_: object, megabytes: int) -> Array:
    return np.arange(megabytes * 131_072, dtype=np.float64)


def prints(_: object, item: int) -> int:
    sys.stdout.write("what a task prints must not disturb its answer")
    sys.stdout.flush()
    os.write(1, b"nor what it writes")
    return item


def gives_a_function(_: object, __: object) -> object:
    return lambda: None

"""What every engine must pass, and how results are compared."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from givre.bioheat.run import ThermalRun
from givre.planning.trial.many import Cancelled
from givre.planning.trial.series import Engine
from tests.adapters.engine import tasks
from tests.bioheat.scenes import scene

ROOT = Path(__file__).resolve().parents[3]


def bench(count: int = 3) -> tasks.Bench:
    """Small freezes that differ."""
    return tasks.Bench(problems={f"seed {n}": scene(size=10, duration_s=20.0, seed=n) for n in range(count)})


def bits(run: ThermalRun) -> tuple[bytes, ...]:
    """Everything of a run that is a number, to the last bit."""
    fields = [run.coldest_c, run.end_of_freeze_c, run.final_c, *run.time_below_s.values(), *run.freezes_below.values()]
    history = [run.history.time_s, *run.history.volume_below_ml.values(), *run.history.probe_power_w.values()]
    heats = np.array([run.energy.stored_j, run.energy.probes_j, run.energy.blood_j, run.energy.boundary_j])
    return tuple(np.ascontiguousarray(values).tobytes() for values in [*fields, *history, heats])


@cache
def solved_one_after_another() -> tuple[tuple[str, tuple[bytes, ...]], ...]:
    """Hash and bits of the bench, solved by this givre in a new process: in this one, another test may have compiled
    the solver, and code from the compiler gives other last bits than the same code from disk."""
    script = (
        "import pickle, sys; from tests.adapters.engine import series, tasks\n"
        "from givre.wiring_engines import run_many\n"
        "engine, shared = run_many(), series.bench()\n"
        "runs = engine(tasks.solved, shared, list(shared.problems))\n"
        "sys.stdout.buffer.write(pickle.dumps(tuple((run.problem_hash, series.bits(run)) for run in runs)))"
    )
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    done = subprocess.run([sys.executable, "-c", script], env=environment, check=True, stdout=subprocess.PIPE)
    found: tuple[tuple[str, tuple[bytes, ...]], ...] = pickle.loads(done.stdout)  # noqa: S301 - own script
    return found


def solves_to_the_same_bits(engine: Engine) -> None:
    shared = bench()
    runs = engine(tasks.solved, shared, list(shared.problems) * 2)
    assert tuple((run.problem_hash, bits(run)) for run in runs) == solved_one_after_another() * 2


def keeps_the_order(engine: Engine) -> None:
    assert engine(tasks.times, 2.0, [3.0, 1.0, 2.0]) == [6.0, 2.0, 4.0]
    assert engine(tasks.times, 2.0, []) == []


def raises_the_error_of_the_first_item_that_failed_as_it_was(engine: Engine) -> None:
    with pytest.raises(tasks.ProbeBent, match="probe P1 is bent by 3.0 degrees; straighten it") as caught:
        engine(tasks.bent, None, [0, 1, 2, 3])
    assert caught.value.angle_deg == 3.0
    assert caught.value.code == "PROBE_BENT"
    assert caught.value.exit_code == 3


def tells_progress_and_can_be_ended(engine: Engine) -> None:
    seen: list[tuple[int, int]] = []

    def told(done: int, total: int) -> bool:
        seen.append((done, total))
        return done < 2

    with pytest.raises(Cancelled, match="ended after 2 of 5"):
        engine(tasks.times, 1.0, [1.0] * 5, told=told)
    assert seen == [(1, 5), (2, 5)]


def hands_outcomes_over_and_goes_on_after_a_failure(engine: Engine) -> None:
    outcomes = {outcome.index: outcome for outcome in engine.each(tasks.bent, None, iter(range(5)))}
    assert {index: outcome.result for index, outcome in outcomes.items() if outcome.error is None} == {0: 0, 2: 2, 4: 4}
    assert sorted(type(outcome.error).__name__ for outcome in outcomes.values() if outcome.error) == ["ProbeBent"] * 2


def hands_over_a_large_result(engine: Engine) -> None:
    found = engine(tasks.large, None, [32, 1])
    assert found[0].nbytes == 32 * 2**20
    assert found[0].flags.writeable
    assert (found[0] == np.arange(32 * 131_072)).all()


ALL = (
    keeps_the_order,
    raises_the_error_of_the_first_item_that_failed_as_it_was,
    tells_progress_and_can_be_ended,
    hands_outcomes_over_and_goes_on_after_a_failure,
    hands_over_a_large_result,
)


def names(checks: Iterable[object]) -> list[str]:
    return [getattr(check, "__name__", "") for check in checks]

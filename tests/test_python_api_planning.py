"""The Python door to planning does what the commands do, on a case made in a few lines."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import givre
from givre.foundation.errors import InputError

EXAMPLE = Path(__file__).parents[1] / "examples" / "first_plan.py"


@pytest.fixture(scope="module")
def case() -> givre.Case:
    found = importlib.util.spec_from_file_location("first_plan_to_plan", EXAMPLE)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    made: givre.Case = module.small_case()
    return made


def test_ways_are_listed_and_differ(case: givre.Case) -> None:
    found = givre.list_trajectories(case, best=2)
    assert 1 <= len(found.corridor.best) <= 2
    assert [way.label for way in found.placed] == [p.label for p in case.description.placements]


def test_a_time_limit_that_is_no_time_is_refused(case: givre.Case) -> None:
    with pytest.raises(InputError, match="time limit"):
        givre.propose_plan(case, time_limit_s=float("nan"))


@pytest.mark.parametrize(("share", "samples"), [(float("nan"), 64), (1.0, 64), (0.9, 19)])
def test_a_quantile_that_no_samples_can_tell_is_refused(case: givre.Case, share: float, samples: int) -> None:
    with pytest.raises(InputError, match="quantile"):
        givre.propose_plan(case, quantile=share, quantile_samples=samples)


def test_one_probe_is_proposed_and_its_case_can_be_simulated(case: givre.Case) -> None:
    found = givre.propose_plan(case, most_probes=1, alternatives=0, threads=1)
    assert found.result.tried[0].probes == 1
    assert all(len(proposed.placements) == 1 for proposed in found.cases)


def test_without_spread_the_plan_comes_out_the_same_every_time(case: givre.Case) -> None:
    found = givre.estimate_uncertainty(case, samples=8, spread=givre.SpreadSettings.none(), voxel_mm=2.5, threads=1)
    assert np.ptp(found.uncertainty.figures["coverage"].values) == 0.0


def test_probes_placed_as_planned_need_no_change(case: givre.Case) -> None:
    placed = [
        givre.PlacedProbe(label=p.label, entry_mm=p.entry_mm, tip_mm=p.target_mm) for p in case.description.placements
    ]
    assert not givre.replan(case, placed, threads=1).found.needs_change

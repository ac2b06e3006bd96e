"""The part of a lattice that trials need: the same figures, and all of the lattice where it is not enough."""

from dataclasses import replace

import numpy as np
import pytest

from givre.planning.uncertainty import lattice
from givre.planning.uncertainty.lattice import EdgeError, on_near_lattice
from givre.planning.uncertainty.near_lattice import NearLattice, box_around, cut_out
from givre.planning.uncertainty.sampled_run import Trial, UncertainCase, lethal_count, run_trial, trials_of
from givre.planning.uncertainty.sampling import draw_scores
from givre.planning.uncertainty.spread import usual_settings
from givre.testing.uncertain_case import SmallUncertainCase, small_uncertain_case


@pytest.fixture(scope="module")
def case() -> SmallUncertainCase:
    return small_uncertain_case()


@pytest.fixture(scope="module")
def wide(case: SmallUncertainCase) -> UncertainCase:
    return case.shared(usual_settings())


@pytest.fixture(scope="module")
def near(case: SmallUncertainCase, wide: UncertainCase) -> UncertainCase:
    return on_near_lattice(wide, case.description.placements)


def drawn(case: SmallUncertainCase, shared: UncertainCase, count: int) -> list[Trial]:
    plan = case.description.placements
    return trials_of(plan, draw_scores(count, shared.spread.size(len(plan)), seed=3))


def part(shared: UncertainCase) -> NearLattice:
    assert shared.near is not None
    return shared.near


def test_trials_on_the_part_give_the_figures_and_the_map_of_the_whole(
    case: SmallUncertainCase, wide: UncertainCase, near: UncertainCase
) -> None:
    assert np.prod(part(near).prepared.grid.shape) < 0.8 * np.prod(wide.prepared.grid.shape)
    trials = drawn(case, wide, 6)
    whole, cut = ([run_trial(shared, trial) for trial in trials] for shared in (wide, near))
    for there, here in zip(whole, cut, strict=True):
        assert there.figures is not None and here.figures is not None
        assert EdgeError().part_used(here.figures, there.figures) <= 1.0
        assert here.kept is not None and there.kept is not None
        assert here.kept.margin_mm == pytest.approx(there.kept.margin_mm, abs=0.1)
    grid = wide.prepared.grid
    assert np.abs(lethal_count(cut, grid) - lethal_count(whole, grid)).max() <= 1
    assert lethal_count(cut, grid).sum() == pytest.approx(lethal_count(whole, grid).sum(), rel=0.01)


def test_voxels_and_points_lie_where_they_did(wide: UncertainCase, near: UncertainCase) -> None:
    cut = part(near)
    corner_mm = wide.prepared.grid.index_to_lps(np.array(cut.start))
    assert cut.prepared.grid.origin_mm == pytest.approx(corner_mm)
    k, j, i = cut.start
    nk, nj, ni = cut.prepared.grid.shape
    inside = wide.prepared.material.index[k : k + nk, j : j + nj, i : i + ni]
    assert (cut.prepared.material.index == inside).all()
    field = np.random.default_rng(1).normal(size=wide.prepared.grid.shape)
    for name in ("tumour", "shell", "surface"):
        read = getattr(cut.look, name).read(field[k : k + nk, j : j + nj, i : i + ni])
        assert read == pytest.approx(getattr(wide.look, name).read(field))


def test_a_run_that_hides_more_than_was_compared_is_done_on_the_whole(
    case: SmallUncertainCase, wide: UncertainCase, near: UncertainCase
) -> None:
    strict = replace(near, near=replace(part(near), hidden_at_most_c=0.0))
    (trial,) = drawn(case, wide, 1)
    assert run_trial(strict, trial).figures == run_trial(wide, trial).figures
    assert run_trial(near, trial).figures != run_trial(wide, trial).figures


def test_a_probe_that_leaves_the_part_is_simulated_on_the_whole(
    case: SmallUncertainCase, wide: UncertainCase, near: UncertainCase
) -> None:
    (probe,) = case.description.placements
    away = replace(probe, entry_mm=(30.0, 44.0, 0.0), target_mm=(30.0, -14.0, 0.0))
    (trial,) = drawn(case, wide, 1)
    moved = replace(trial, placements=(away,))
    assert run_trial(near, moved).figures == run_trial(wide, moved).figures


def test_a_part_whose_error_is_too_large_grows_until_none_is_left(
    case: SmallUncertainCase, wide: UncertainCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = case.description.placements
    exact = EdgeError(coverage=1e-12, margin_mm=1e-12, lethal_ml=1e-12, organ_c=1e-12)
    assert on_near_lattice(wide, plan, error=exact).near is None
    loose = EdgeError(coverage=1.0, margin_mm=10.0, lethal_ml=10.0, organ_c=50.0)
    monkeypatch.setattr(lattice, "AROUND_ICE_MM", 9.0)
    small = part(on_near_lattice(wide, plan, error=loose))
    assert np.prod(small.prepared.grid.shape) < 0.6 * np.prod(wide.prepared.grid.shape)


def test_an_organ_that_is_left_out_keeps_the_temperature_it_is_given(
    case: SmallUncertainCase, wide: UncertainCase
) -> None:
    grid = wide.prepared.grid
    box = ((0, grid.shape[0]), (0, grid.shape[1]), (0, grid.shape[2]))
    cut = cut_out(wide.look, box, resting_c={"nerve": 36.9})
    figures = run_trial(wide, drawn(case, wide, 1)[0]).figures
    assert figures is not None
    assert cut.whole(replace(figures, organ_coldest_c={}), wide.look.organs).organ_coldest_c == {"nerve": 36.9}


def test_a_figure_that_is_not_a_number_is_never_close_enough(case: SmallUncertainCase, wide: UncertainCase) -> None:
    figures = run_trial(wide, drawn(case, wide, 1)[0]).figures
    assert figures is not None
    assert EdgeError().part_used(figures, figures) == 0.0
    assert EdgeError().part_used(replace(figures, margin_mm=float("nan")), figures) == float("inf")


def test_a_box_is_cut_at_the_edge_of_the_lattice() -> None:
    inside = np.zeros((5, 6, 7), dtype=bool)
    inside[0, 2, 6] = True
    assert box_around(inside, 2) == ((0, 3), (0, 5), (4, 7))

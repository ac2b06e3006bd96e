"""Replanning on the day: unchanged plans stay, displaced probes are predicted and restored, nonsense is refused."""

import math
from dataclasses import replace

import numpy as np
import pytest

from givre.cryoprobe.protocol import TEMPLATES
from givre.foundation.errors import InputError, InvalidPlacement
from givre.geometry.grid import Point
from givre.planning.access.trajectory import TargetOutsideBody, TipInAir
from givre.planning.replan.change import Change, cost_min
from givre.planning.replan.day_plan import ReplanWishes
from givre.planning.replan.limits import load_replan_limits
from givre.planning.replan.placed import PlacedProbe, PlacedProbesRefused
from givre.planning.replan.search import GoOn, always
from givre.usecases.replan_case import PlacedPrediction, ReplannedCase, predict_placed, restore_plan
from givre.wiring import knowledge, solver
from tests.usecases.day_scene import BODY_MM, a_probe, case, images

LIMITS = load_replan_limits()
WISHES = ReplanWishes(limits=LIMITS, kinds=("freeze", "move"))


def placed(**moved: tuple[float, float, float]) -> list[PlacedProbe]:
    """The probes of the plan, some of them shifted whole."""

    def shifted(point_mm: Point, label: str) -> Point:
        x, y, z = (float(value) for value in np.add(point_mm, moved.get(label, (0.0, 0.0, 0.0))))
        return (x, y, z)

    return [
        PlacedProbe(
            label=p.label,
            entry_mm=shifted(p.entry_mm, p.label),
            tip_mm=shifted(p.target_mm, p.label),
        )
        for p in case().placements
    ]


def predicted(probes: list[PlacedProbe], *, left_out: tuple[str, ...] = ()) -> PlacedPrediction:
    return predict_placed(
        case(), images(), probes, knowledge=knowledge(), solve=solver(threads=1), wishes=WISHES, left_out=left_out
    )


def restored(prediction: PlacedPrediction, wishes: ReplanWishes = WISHES, go_on: GoOn = always) -> ReplannedCase:
    return restore_plan(prediction, knowledge=knowledge(), solve=solver(threads=1), wishes=wishes, go_on=go_on)


@pytest.fixture(scope="module")
def displaced() -> ReplannedCase:
    return restored(predicted(placed(P1=(-5.0, 0.0, 0.0))))


def test_probes_placed_as_planned_give_the_plan_itself_and_no_change() -> None:
    found = restored(predicted(placed()))
    assert found.found.planned is found.found.placed
    assert not found.found.missed
    assert found.found.tried == ()
    assert found.found.recommended is None
    assert found.found.simulations == 0
    assert found.case.placements == case().placements
    assert all(item.tip_mm == item.entry_mm == item.angle_deg == 0.0 for item in found.found.deviations)


def test_a_displaced_probe_that_loses_coverage_is_restored(displaced: ReplannedCase) -> None:
    found = displaced.found
    assert {missed.goal for missed in found.missed} >= {"margin"}
    assert found.placed.figures.margin_mm < found.planned.figures.margin_mm - 0.5
    moved = next(kind.best for kind in found.tried if kind.kind == "move")
    assert moved is not None
    assert moved.is_restored
    assert moved.change.size <= 5.1, "moving the probe back would do: nothing larger may be proposed"
    assert found.recommended is not None
    assert displaced.case.placements == found.recommended.change.placements
    assert displaced.case.protocol == found.recommended.change.protocol


def test_what_restores_was_simulated_as_it_is_written(displaced: ReplannedCase) -> None:
    change = displaced.found.recommended
    assert change is not None
    again = predict_placed(
        replace(case(), protocol=displaced.case.protocol),
        images(),
        [PlacedProbe(label=p.label, entry_mm=p.entry_mm, tip_mm=p.target_mm) for p in displaced.case.placements],
        knowledge=knowledge(),
        solve=solver(threads=1),
        wishes=WISHES,
    )
    assert again.placed.figures.margin_mm == pytest.approx(change.figures.margin_mm, abs=0.1)


def test_the_same_probes_give_the_same_change(displaced: ReplannedCase) -> None:
    again = restored(predicted(placed(P1=(-5.0, 0.0, 0.0)))).found
    first = displaced.found
    assert again.recommended is not None
    assert first.recommended is not None
    assert again.recommended.change == first.recommended.change
    assert again.recommended.figures == first.recommended.figures
    assert again.simulations == first.simulations


def test_a_change_that_the_limits_forbid_is_named_with_what_binds() -> None:
    tight = replace(LIMITS, most_move_mm=1.0, longest_freeze_s=600.0)
    found = restored(predicted(placed(P1=(-9.0, 0.0, 0.0))), ReplanWishes(limits=tight, kinds=("freeze", "move"))).found
    assert found.recommended is None
    assert not found.is_good
    assert found.tried[0].note == "none_possible"
    assert found.nearest_miss is not None
    assert found.nearest_miss.missed[0].by > 0


def test_time_that_is_up_ends_the_search_and_says_so() -> None:
    found = restored(predicted(placed(P1=(-5.0, 0.0, 0.0))), go_on=lambda kind, simulations: False).found
    assert found.ended_early
    assert found.simulations == 0
    assert found.recommended is None


@pytest.mark.parametrize(
    ("probes", "error", "words"),
    [
        (placed()[:1], PlacedProbesRefused, "entry and tip of P2 are not given"),
        ([], PlacedProbesRefused, "no probe was placed"),
        (placed() * 20, PlacedProbesRefused, "40 probes placed"),
        ([*placed(), placed()[0]], PlacedProbesRefused, "named twice: P1"),
        ([*placed()[:1], replace(placed()[1], label="P9")], PlacedProbesRefused, "P9 not in the plan"),
        ([placed()[0], replace(placed()[1], tip_mm=(30.0, 30.0, 30.0))], TipInAir, "P2.*in gas"),
        ([placed()[0], replace(placed()[1], tip_mm=(66.0, 0.0, 0.0))], TargetOutsideBody, "P2.*outside the skin"),
        ([placed()[0], replace(placed()[1], tip_mm=(0.0, 900.0, 0.0))], TargetOutsideBody, "P2.*outside the CT"),
        ([placed()[0], replace(placed()[0], label="P2")], InvalidPlacement, "P1 and P2 come within"),
        ([placed()[0], replace(placed()[1], tip_mm=(6.0, -BODY_MM + 20, 0.0))], InvalidPlacement, "P2: the path is"),
    ],
)
def test_probes_that_cannot_be_are_refused_by_name(
    probes: list[PlacedProbe], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        predicted(probes)


def test_a_coordinate_that_is_no_number_is_refused_by_name() -> None:
    with pytest.raises(PlacedProbesRefused, match="P1: tip .*not finite"):
        PlacedProbe(label="P1", entry_mm=(0.0, 0.0, 0.0), tip_mm=(0.0, math.nan, 0.0))


def test_a_probe_left_out_on_purpose_is_predicted_without() -> None:
    found = predicted(placed()[:1], left_out=("P2",))
    assert [placement.label for placement in found.placed.placements] == ["P1"]
    assert found.placed.figures.coverage < 1.0


def test_kinds_of_change_that_do_not_exist_are_refused() -> None:
    with pytest.raises(InputError, match="kinds of change"):
        ReplanWishes(limits=LIMITS, kinds=("dance",))  # type: ignore[arg-type]  # what a user may write
    with pytest.raises(InputError, match="most_move_mm"):
        replace(LIMITS, most_move_mm=math.nan)


def test_deviation_is_told_along_and_across_the_planned_axis() -> None:
    from givre.planning.replan.placed import deviations  # noqa: PLC0415

    plan = a_probe("P1", 0.0)
    deep = replace(plan, target_mm=(3.0, 18.0, 0.0), entry_mm=(3.0, -BODY_MM, 0.0))
    found = deviations([plan], [deep])[0]
    assert (found.along_mm, found.across_mm, found.tip_mm) == pytest.approx((4.0, 3.0, 5.0))
    assert found.angle_deg == pytest.approx(0.0)
    turned = replace(plan, entry_mm=(74.0, 14.0, 0.0))
    assert deviations([plan], [turned])[0].angle_deg == pytest.approx(90.0)


def test_the_smallest_change_is_the_one_that_costs_the_fewest_minutes() -> None:
    """Worked by hand: two freezes of 10 min made 2 min longer each cost 4 min, more than to advance a probe."""
    limits, protocol = load_replan_limits(), TEMPLATES["10-8-10"]
    longer = replace(
        protocol, phases=tuple(replace(p, duration_s=720.0) if p.kind == "freeze" else p for p in protocol.phases)
    )
    freeze = Change(
        kind="freeze", how="longer_freeze", probe="", size=120.0, placements=case().placements, protocol=longer
    )
    move = replace(freeze, kind="move", how="advance", probe="P1", size=3.0, protocol=protocol)
    changes = [
        freeze,
        move,
        replace(move, how="shift"),
        replace(move, kind="add", how="add"),
        replace(move, kind="delay", how="delay", size=60.0),
    ]
    assert [cost_min(change, protocol, limits) for change in changes] == [4.0, 3.0, 10.0, 15.0, 1.0]
    assert cost_min(replace(freeze, protocol=protocol), longer, limits) == 0.0

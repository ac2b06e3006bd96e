"""From errors to verdicts: statistics of a level, fitted order of a ladder, pass or fail; not a number is a failure."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from givre.verification.card import Card, Comparison, Ladder, PassBand
from givre.verification.result import CardResult, Check, LadderResult, Point, Rung

Array = npt.NDArray[np.float64]

FEWEST_FOR_ORDER = 3
"""An order fitted through two points cannot disagree with itself."""


def rung_of(ladder: Ladder, level: float, comparison: Comparison, *, wall_s: float) -> Rung:
    """Statistics of one level, as plain numbers; all NaN as soon as one compared value is not finite."""
    errors = comparison.errors
    size = np.abs(errors)
    finite = bool(np.isfinite(errors).all())
    worst = float(errors[int(np.argmax(size))]) if finite else math.nan
    return Rung(
        level=float(level),
        name=_name_of(ladder, level),
        spacing_mm=float(comparison.spacing_mm),
        step_s=float(comparison.step_s),
        voxels=int(comparison.voxels),
        steps=int(comparison.steps),
        n=len(errors),
        worst=worst,
        p95=float(np.percentile(size, 95)) if finite else math.nan,
        mean=float(size.mean()),
        bias=float(errors.mean()),
        rms=float(np.sqrt((errors**2).mean())),
        wall_s=wall_s,
        remark=comparison.remark,
        points=_points(comparison),
    )


def refused_rung(ladder: Ladder, level: float, why: str, *, wall_s: float) -> Rung:
    """A level that gave nothing."""
    return Rung(level=level, name=_name_of(ladder, level), wall_s=wall_s, refusal=why)


def fitted_order(refined: Array, errors: Array, floor: float = 0.0) -> tuple[float, int, str]:
    """Slope of log |error| against log of what is refined, over how many levels, and a remark.

    Levels whose error is below `floor` are rounding: they are left out. NaN when fewer than three remain or any
    error is not finite.

    >>> fitted_order(np.array([2.0, 1.0, 0.5]), np.array([0.4, 0.1, 0.025]))[0]
    2.0
    """
    size = np.abs(errors)
    if not np.isfinite(size).all():
        return math.nan, 0, "an error is not a number"
    kept = size > floor
    left_out = int((~kept).sum())
    if int(kept.sum()) < FEWEST_FOR_ORDER:
        return math.nan, int(kept.sum()), f"{left_out} of {len(size)} levels at the rounding floor: no order to fit"
    slope = float(np.polyfit(np.log(refined[kept]), np.log(size[kept]), 1)[0])
    remark = f"{left_out} levels at the rounding floor left out" if left_out else ""
    return round(slope, 12), int(kept.sum()), remark


def judged(ladder: Ladder, rungs: tuple[Rung, ...]) -> LadderResult:
    """The verdict over the levels of one ladder, coarse to fine."""
    worst = np.array([rung.worst for rung in rungs])
    fitted = worst if ladder.norm == "worst" else np.array([rung.rms for rung in rungs])
    order, over, remark = math.nan, 0, "levels are cases: no order"
    if ladder.refined:
        order, over, remark = fitted_order(np.array([rung.level for rung in rungs]), fitted, ladder.floor)
    checks: list[Check] = []
    for band in ladder.bands:
        checks += _magnitude(ladder, band, rungs)
        checks += _order(ladder, band, order, worst)
        checks += _shrinking(ladder, band, worst)
    return LadderResult(
        name=ladder.name,
        unit=ladder.unit,
        refined=ladder.refined,
        refined_unit=ladder.refined_unit,
        norm=ladder.norm,
        note=ladder.note,
        rungs=rungs,
        order=order,
        order_over=over,
        order_remark=remark,
        checks=tuple(checks),
    )


def card_result(card: Card, ladders: tuple[LadderResult, ...]) -> CardResult:
    """A card with what its ladders gave."""
    return CardResult(
        id=card.id,
        title=card.title,
        problem=card.problem,
        reference=card.reference.text,
        standing=card.reference.standing,
        source=card.source,
        test=card.test,
        notes=card.notes,
        ladders=ladders,
    )


def _name_of(ladder: Ladder, level: float) -> str:
    return ladder.names[ladder.levels.index(level)] if ladder.names else ""


def _points(comparison: Comparison) -> tuple[Point, ...]:
    unknown = (math.nan,) * len(comparison.labels)
    rows = zip(
        comparison.labels,
        np.ravel(comparison.found)[: len(comparison.labels)],
        np.ravel(comparison.expected)[: len(comparison.labels)],
        comparison.errors[: len(comparison.labels)],
        comparison.uncertainty or unknown,
        strict=True,
    )
    return tuple(
        Point(label=label, found=float(f), expected=float(x), error=float(e), uncertainty=float(u))
        for label, f, x, e, u in rows
    )


def _magnitude(ladder: Ladder, band: PassBand, rungs: tuple[Rung, ...]) -> list[Check]:
    if math.isinf(band.largest_error):
        return []
    if band.every_level:
        worst = np.array([rung.worst for rung in rungs])
        found = float(worst[int(np.argmax(np.abs(worst)))]) if np.isfinite(worst).all() else math.nan
        where = "at every level"
    else:
        rung = rungs[-1] if math.isnan(band.at) else next((r for r in rungs if r.level == band.at), rungs[-1])
        found = rung.worst
        where = "at " + (rung.name or f"{rung.level:g} {ladder.refined_unit}".strip())
    return [
        Check(
            asked=f"worst error {where} at most {band.largest_error:.3g} {ladder.unit}",
            found=found,
            limit=band.largest_error,
            unit=ladder.unit,
            source=band.source,
            passed=bool(abs(found) <= band.largest_error),
        )
    ]


def _order(ladder: Ladder, band: PassBand, order: float, worst: Array) -> list[Check]:
    least, most = band.least_order, band.most_order
    if math.isnan(least) and math.isnan(most):
        return []
    wanted = f"order at least {least:g}" if math.isnan(most) else f"order from {least:g} to {most:g}"
    all_rounding = bool((np.abs(worst) <= ladder.floor).all())
    held = not order < least and not order > most and not math.isnan(order)
    if all_rounding:
        wanted += f" (every level is below the rounding floor of {ladder.floor:g} {ladder.unit})"
    return [Check(asked=wanted, found=order, limit=math.nan, unit="", source=band.source, passed=held or all_rounding)]


def _shrinking(ladder: Ladder, band: PassBand, worst: Array) -> list[Check]:
    if not band.monotone:
        return []
    ratios = np.abs(worst[1:]) / np.maximum(np.abs(worst[:-1]), 1e-300)
    found = float(ratios.max()) if len(ratios) and np.isfinite(worst).all() else math.nan
    return [
        Check(
            asked=f"worst error shrinks at every refinement of the {ladder.refined} (largest ratio below 1)",
            found=found,
            limit=1.0,
            unit="",
            source=band.source,
            passed=bool(found < 1.0),
        )
    ]

"""The inner loops of the surrogate, compiled: potentials of probes at points, and distances between segments."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from givre.bioheat.compiled import entry, kernel

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]


class ProbeArrays(NamedTuple):
    """The probes of a plan, m of them.

    Attributes:
        middles_mm: middle of each active zone, shape (m, 3).
        directions: unit vector along each, shape (m, 3).
        table_of: table of each, shape (m,).
    """

    middles_mm: Array
    directions: Array
    table_of: Index


class KnownPlans(NamedTuple):
    """Plans of which the factors are known, k of them.

    Attributes:
        plans: features of their probes, shape (k, most probes, 6).
        counts: probes of each, shape (k,).
        more_mm: added to the distance of each, shape (k,).
        factors: of each, shape (k, n).
    """

    plans: Array
    counts: Index
    more_mm: Array
    factors: Array


@entry
def add_potentials(  # pragma: no cover - compiled
    total: Array, points_mm: Array, probes: ProbeArrays, tables: Array, step_mm: float
) -> None:
    """Add what each probe brings to each point: bilinear in its table over (along the axis, away from it).

    Args:
        total: potentials, shape (n,); added to.
        points_mm: shape (n, 3).
        probes: where they are.
        tables: potentials over distance along the axis from the middle and away from it, shape (tables, along, away).
        step_mm: between the entries of a table, both ways.
    """
    middles_mm, directions, table_of = probes
    per_step = 1.0 / step_mm
    most_along, most_away = tables.shape[1] - 1, tables.shape[2] - 1
    for m in range(len(middles_mm)):
        table = tables[table_of[m]]
        dx, dy, dz = directions[m, 0], directions[m, 1], directions[m, 2]
        for n in range(len(points_mm)):
            x = points_mm[n, 0] - middles_mm[m, 0]
            y = points_mm[n, 1] - middles_mm[m, 1]
            z = points_mm[n, 2] - middles_mm[m, 2]
            along = x * dx + y * dy + z * dz
            away2 = max(x * x + y * y + z * z - along * along, 0.0)
            a = abs(along) * per_step
            r = np.sqrt(away2) * per_step
            if not (a < most_along and r < most_away):
                if np.isnan(a + r):
                    total[n] = np.nan
                continue
            ia, ir = int(a), int(r)
            fa, fr = a - ia, r - ir
            near = table[ia, ir] + fr * (table[ia, ir + 1] - table[ia, ir])
            far = table[ia + 1, ir] + fr * (table[ia + 1, ir + 1] - table[ia + 1, ir])
            total[n] += near + fa * (far - near)


@entry
def mix_factors(  # pragma: no cover - compiled
    factor: Array, plan: Array, known_plans: KnownPlans, other_count_mm: float
) -> None:
    """Fill the mean of the factors of known plans, those nearest to a plan counting most.

    The distance of two plans of as many probes is the mean way from each probe of one to the nearest of the other, the
    larger of both ways round. A plan counts by the cube of its nearness.

    Args:
        factor: filled, shape (n,).
        plan: features of each probe of the plan, shape (m, 6).
        known_plans: the known plans and their factors.
        other_count_mm: distance of a plan with another number of probes; a third more for each probe of difference.
    """
    plans, counts, more_mm, factors = known_plans
    count, known = len(plan), len(plans)
    weight = np.empty(known)
    for k in range(known):
        if counts[k] != count:
            away = other_count_mm * (1.0 + abs(counts[k] - count) / 3.0)
        else:
            away = max(_one_way(plan, plans[k, :count]), _one_way(plans[k, :count], plan))
        weight[k] = (away + more_mm[k] + 1.5) ** -3.0
    total, largest = weight.sum(), weight.max()
    factor[:] = 0.0
    for k in range(known):
        if weight[k] < 0.01 * largest:
            total -= weight[k]
    for k in range(known):
        if weight[k] >= 0.01 * largest:
            share = weight[k] / total
            for n in range(len(factor)):
                factor[n] += share * factors[k, n]


@kernel
def _one_way(plan: Array, other: Array) -> float:  # pragma: no cover - compiled
    """Mean distance from each probe of a plan to the nearest of another."""
    total = 0.0
    for one in range(len(plan)):
        nearest = np.inf
        for two in range(len(other)):
            squared = 0.0
            for axis in range(6):
                squared += (plan[one, axis] - other[two, axis]) ** 2
            nearest = min(nearest, squared)
        total += np.sqrt(nearest)
    return total / len(plan)


@entry
def cover_shortfall(
    potential: Array, needed: float, scale: float, first: int, last: int
) -> tuple[float, float]:  # pragma: no cover - compiled
    """Share of some points below a needed potential, and their mean shortfall in units of `scale`, at most 3 each."""
    below, short = 0, 0.0
    for n in range(first, last):
        gap = needed - potential[n]
        if not gap <= 0.0:  # a NaN is below
            below += 1
            short += min(gap / scale, 3.0) if gap > 0.0 else 3.0
    count = max(last - first, 1)
    return below / count, short / count


@kernel
def segment_gap(a0: Array, a1: Array, b0: Array, b1: Array) -> float:  # pragma: no cover - compiled
    """Shortest distance between two segments given by their ends, shape (3,) each."""
    ux, uy, uz = a1[0] - a0[0], a1[1] - a0[1], a1[2] - a0[2]
    vx, vy, vz = b1[0] - b0[0], b1[1] - b0[1], b1[2] - b0[2]
    wx, wy, wz = a0[0] - b0[0], a0[1] - b0[1], a0[2] - b0[2]
    a, b, c = ux * ux + uy * uy + uz * uz, ux * vx + uy * vy + uz * vz, vx * vx + vy * vy + vz * vz
    d, e = ux * wx + uy * wy + uz * wz, vx * wx + vy * wy + vz * wz
    flat = a * c - b * b
    s = min(max((b * e - c * d) / flat, 0.0), 1.0) if flat > 1e-9 * a * c else 0.0
    t = (b * s + e) / c if c > 0.0 else 0.0
    if t < 0.0:
        t = 0.0
        s = min(max(-d / a, 0.0), 1.0) if a > 0.0 else 0.0
    elif t > 1.0:
        t = 1.0
        s = min(max((b - d) / a, 0.0), 1.0) if a > 0.0 else 0.0
    x, y, z = wx + s * ux - t * vx, wy + s * uy - t * vy, wz + s * uz - t * vz
    return float(np.sqrt(x * x + y * y + z * z))


@entry
def spacing_shortfall(
    starts_mm: Array, ends_mm: Array, entries_mm: Array, tips_mm: Array, limits_mm: tuple[float, float, float]
) -> float:  # pragma: no cover - compiled
    """By how much active zones are too close, or too far from the nearest other, and shafts too close, all added [mm].

    Args:
        starts_mm: of the active zones, shape (m, 3).
        ends_mm: of the active zones, shape (m, 3).
        entries_mm: of the shafts, shape (m, 3).
        tips_mm: of the shafts, shape (m, 3).
        limits_mm: least and most distance between active zones, least between shafts.
    """
    least, most, shaft = limits_mm
    count, total = len(starts_mm), 0.0
    nearest = np.full(count, np.inf)
    for one in range(count):
        for other in range(one + 1, count):
            gap = segment_gap(starts_mm[one], ends_mm[one], starts_mm[other], ends_mm[other])
            nearest[one], nearest[other] = min(nearest[one], gap), min(nearest[other], gap)
            total += max(least - gap, 0.0)
            gap = segment_gap(entries_mm[one], tips_mm[one], entries_mm[other], tips_mm[other])
            total += shaft - gap if not gap >= shaft else 0.0  # a NaN stays one
    if count > 1:
        for one in range(count):
            total += max(nearest[one] - most, 0.0)
    return total


@entry
def pair_gaps(starts_mm: Array, ends_mm: Array, gaps_mm: Array) -> None:  # pragma: no cover - compiled
    """Fill the symmetric table of gaps between segments, shape (m, m); infinite on its diagonal."""
    count = len(starts_mm)
    for one in range(count):
        gaps_mm[one, one] = np.inf
        for other in range(one + 1, count):
            gap = segment_gap(starts_mm[one], ends_mm[one], starts_mm[other], ends_mm[other])
            gaps_mm[one, other] = gap
            gaps_mm[other, one] = gap

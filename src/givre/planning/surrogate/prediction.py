"""A fast prediction of what a run of the solver would say of a plan: a table per probe, a law to add them up.

Each probe alone has a table of potentials over the distance along its axis and away from it, read from one run of the
solver in the case. Tables of several probes add up by a `CombinationLaw`, and each point keeps a factor that makes the
prediction agree with the runs already made near the plan in question (vessels, bone, gas: what differs from place to
place).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from givre.planning.surrogate.kernels import KnownPlans, ProbeArrays, add_potentials, mix_factors
from givre.planning.surrogate.law import CombinationLaw

Array = npt.NDArray[np.float64]

TABLE_STEP_MM = 1.0
"""Between two entries of a reach table; the solver runs that fill it have voxels of 1.5 to 2 mm."""

TABLE_ALONG_MM, TABLE_AWAY_MM = 70.0, 60.0
"""How far a table reaches along the axis, from the middle of the active zone, and away from it. Beyond, a probe
changes nothing: perfused tissue forgets a disturbance over 14 mm."""


OTHER_COUNT_MM, TURN_MM = 15.0, 15.0
"""A run with another number of probes counts as if it were this far away, and a turn by one radian as this far."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReachTable:
    """What one probe alone does around its active zone.

    Attributes:
        key: which probe and protocol.
        cooling_c: cooling u over the distance along the axis from the middle of the active zone (either way) and away
            from the axis, `TABLE_STEP_MM` apart, shape (along, away).
    """

    key: str
    cooling_c: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ActiveZones:
    """The active zones of a plan, m probes.

    Attributes:
        middles_mm: middle of each, LPS, shape (m, 3).
        directions: unit vector along each, shape (m, 3).
        table_of: position of the reach table of each among those of the surrogate, shape (m,).
    """

    middles_mm: Array
    directions: Array
    table_of: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Memory:
    """What runs have taught: the factor at each point under each plan that was simulated, k plans.

    Attributes:
        plans: features of their probes (see `features_of`), shape (k, most probes, 6).
        counts: number of probes of each, shape (k,).
        more_mm: how much farther than it lies each plan counts (another protocol), shape (k,).
        factors: shape (k, n).
    """

    plans: Array
    counts: npt.NDArray[np.int64]
    more_mm: Array
    factors: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlanPoints:
    """Where a plan is predicted, n points: tumour first, then the margin around it, then organs at risk.

    Attributes:
        points_mm: LPS, shape (n, 3).
        tumour_count: how many lie in the tumour.
        grown_count: how many lie in the tumour or its margin.
        organs: first and last position (exclusive) of the points of each organ, by name.
    """

    points_mm: Array
    tumour_count: int
    grown_count: int
    organs: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surrogate:
    """Predicts potentials, hence coldest temperatures, at the points of a case.

    Without a memory another probe never makes a point warmer. With one, the factor follows the plan, and that may be
    broken a little.

    Attributes:
        law: how probes add up.
        tables: of each kind of probe.
        points: where.
        background: potential without any probe (skin in a cool room), shape (n,).
        memory: gives the factor that the sum is multiplied with at each point; without it the factor is 1.
        lethal_c: coldest temperature that stands for the edge of the lethal zone; the threshold of the goals unless
            they ask for a hold or for several freezes.
        lethal_potential: potential at that temperature.
    """

    law: CombinationLaw
    tables: tuple[ReachTable, ...]
    points: PlanPoints
    background: Array
    memory: Memory | None
    lethal_c: float
    lethal_potential: float
    _stacked: Array
    _scale: tuple[Array, Array]

    def potentials(self, zones: ActiveZones) -> Array:
        """Potential at each point under a plan, shape (n,)."""
        total = np.zeros(len(self.points.points_mm))
        add_potentials(
            total,
            self.points.points_mm,
            ProbeArrays(zones.middles_mm, zones.directions, zones.table_of),
            self._stacked,
            TABLE_STEP_MM,
        )
        if self.memory is not None:
            total *= self.factor(zones)
        total += self.background
        return total

    def factor(self, zones: ActiveZones) -> Array:
        """What the sum of potentials is multiplied with at each point under a plan, shape (n,)."""
        factor = np.ones(len(self.points.points_mm))
        memory = self.memory
        if memory is not None:
            known = KnownPlans(memory.plans, memory.counts, memory.more_mm, memory.factors)
            mix_factors(factor, features_of(zones), known, OTHER_COUNT_MM)
        return factor

    def coldest_c(self, zones: ActiveZones) -> Array:
        """Coldest temperature at each point under a plan [°C], shape (n,)."""
        return self.temperature_c(self.potentials(zones))

    def temperature_c(self, potential: npt.ArrayLike) -> Array:
        """Coldest temperature of each potential [°C], same shape."""
        potentials, temp_c = self._scale
        return np.asarray(np.interp(np.asarray(potential, dtype=np.float64), potentials, temp_c))

    def table_of(self, key: str) -> int:
        """Position of the table of a kind of probe.

        Raises:
            KeyError: if it has none.
        """
        for position, table in enumerate(self.tables):
            if table.key == key:
                return position
        raise KeyError(key)

    def with_table(self, table: ReachTable) -> Surrogate:
        """The same with one more kind of probe; one with the same key is replaced."""
        kept = tuple(known for known in self.tables if known.key != table.key)
        return surrogate_of(self.law, (*kept, table), self.points, self.background, lethal_c=self.lethal_c)

    def with_law(self, law: CombinationLaw) -> Surrogate:
        """The same tables under another law, without memory."""
        background = law.potential(self.law.cooling_of(self.background))
        return surrogate_of(law, self.tables, self.points, background, lethal_c=self.lethal_c)

    def with_memory(self, memory: Memory | None) -> Surrogate:
        """The same with another memory."""
        return replace(self, memory=memory)


def features_of(zones: ActiveZones) -> Array:
    """Middle and direction of each probe as one point in six dimensions [mm], shape (m, 6)."""
    return np.concatenate([zones.middles_mm, TURN_MM * zones.directions], axis=1)


def surrogate_of(
    law: CombinationLaw,
    tables: tuple[ReachTable, ...],
    points: PlanPoints,
    background: Array,
    *,
    lethal_c: float,
) -> Surrogate:
    """A surrogate with its tables turned into potentials under the law, without memory."""
    stacked = np.stack([law.potential(table.cooling_c) for table in tables]) if tables else np.zeros((0, 2, 2))
    return Surrogate(
        law=law,
        tables=tables,
        points=points,
        background=background,
        memory=None,
        lethal_c=lethal_c,
        lethal_potential=float(law.potential(law.cooling_at(lethal_c))),
        _stacked=stacked,
        _scale=law.scale(),
    )

"""Plans that hold when things come out otherwise: what a plan reaches in a wanted share of common draws.

Candidates are compared on the same draws, so that what differs between them is the plan and not the luck.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest

from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import Protocol
from givre.foundation.errors import InputError
from givre.planning.trial.many import RunMany, Told
from givre.planning.trial.quick_look import PlanFigures
from givre.planning.uncertainty.probability import AS_PLANNED, CONFIDENCE, worst_first_quantile
from givre.planning.uncertainty.sampled_run import Trial, TrialResult, UncertainCase, run_trial
from givre.planning.uncertainty.sampling import MOST_DRAWS, Draw, draw_scores

WITH_MARGIN, ORGAN = "coverage_with_margin", "organ:"

LEAST_BEYOND = 2
"""Draws that must lie on the thinner side of a quantile: with fewer it says nothing but the worst of them."""

LEAST_SAMPLES = 8

PERCENT_PER_C = 1.0
"""Percent of coverage missing that weigh as much as one degree missing at an organ (assumption), where two plans hold
in as many draws."""


def least_samples(share: float) -> int:
    """How many draws a share needs at least.

    >>> least_samples(0.9), least_samples(0.5), least_samples(0.99)
    (20, 8, 200)
    """
    return max(LEAST_SAMPLES, math.ceil(LEAST_BEYOND / min(share, 1.0 - share) - 1e-9))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """In what share of the samples a plan is to hold, and what holding means.

    Attributes:
        share: of the samples in which coverage with margin is reached and every organ stays above its limit, both.
        coverage_with_margin: share of the tumour grown by its margin that the lethal zone is to cover.
        samples: how many draws.
        seed: of the draws.
    """

    share: float
    coverage_with_margin: float
    samples: int = 64
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0.0 < self.share < 1.0:
            raise InputError(
                f"quantile {self.share}; give the share of samples in which the plan is to hold, more than 0 and less "
                "than 1, as 0.9"
            )
        if not 0.0 < self.coverage_with_margin <= 1.0:
            raise InputError(f"coverage with margin {self.coverage_with_margin}; give more than 0 and at most 1")
        least = least_samples(self.share)
        if not least <= self.samples <= MOST_DRAWS:
            raise InputError(
                f"{self.samples} samples for the quantile {self.share:g}; give {least} to {MOST_DRAWS}, or another "
                "quantile"
            )
        if self.seed < 0:
            raise InputError(f"seed {self.seed}; give 0 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class RobustPlan:
    """A plan to be judged.

    Attributes:
        placements: its probes.
        protocol: what they go through; that of the case if None.
        proposal: rank of the proposal it comes from, 0 for none.
        changes: what was changed in that, in order; see `robust_search.CHANGES`.
    """

    placements: tuple[Placement, ...]
    protocol: Protocol | None = None
    proposal: int = 0
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RobustFigures:
    """What a plan reaches, nominally and in the wanted share of the draws.

    Attributes:
        plan: the plan.
        wanted: what was asked.
        draws: how many it was simulated with; those that failed count as worse than any other.
        failed: how many failed.
        held: draws in which coverage with margin and every organ limit were met.
        missed: draws in which each goal was missed, by "coverage_with_margin" or "organ:NAME"; a failed one misses all.
        coverage, coverage_with_margin, margin_mm: reached or exceeded in the wanted share of the draws, each on its
            own; NaN if too many failed.
        organ_coldest_c: coldest temperature of each organ at risk that is kept in that share of the draws.
        short: how much is missing at those quantiles: percent of coverage and degrees of all organs, added; infinite
            where one is NaN.
        nominal: with every input at its tabulated value, on the same lattice; None if that run failed.
    """

    plan: RobustPlan
    wanted: Wanted
    draws: int
    failed: int
    held: int
    missed: Mapping[str, int]
    coverage: float
    coverage_with_margin: float
    margin_mm: float
    organ_coldest_c: Mapping[str, float]
    short: float
    nominal: PlanFigures | None

    @property
    def held_share(self) -> float:
        """Share of the draws in which the plan holds."""
        return self.held / self.draws

    @property
    def is_reached(self) -> bool:
        """Whether it holds in the wanted share of the draws."""
        return self.held >= self.wanted.share * self.draws - 1e-9

    @property
    def interval(self) -> tuple[float, float]:
        """Exact binomial interval (95 %) of that share, as if draws were independent."""
        found = binomtest(self.held, self.draws).proportion_ci(CONFIDENCE, method="exact")
        return float(found.low), float(found.high)

    @property
    def binding(self) -> str:
        """The goal missed in most draws; "" if none is ever missed."""
        worst = max(self.missed, key=lambda goal: self.missed[goal])
        return worst if self.missed[worst] else ""

    @property
    def merit(self) -> tuple[int, float]:
        """Larger is better: draws in which it holds, then how little is missing at the quantiles."""
        return (self.held, -self.short)

    def is_better_than(self, other: RobustFigures) -> bool:
        """Whether it is better by more than rounding; both on the same draws."""
        if self.held != other.held:
            return self.held > other.held
        return self.short < other.short - 0.01


def common_draws(shared: UncertainCase, wanted: Wanted, *, probes_at_most: int) -> tuple[Draw, ...]:
    """Draws for every plan of a case with up to so many probes; a plan with fewer leaves the last scores unread.

    Args:
        shared: the case and its spreads.
        wanted: how many, and their seed.
        probes_at_most: of any plan to be compared.
    """
    if probes_at_most < 1:
        raise InputError(f"at most {probes_at_most} probes; give 1 or more")
    return draw_scores(wanted.samples, shared.spread.size(probes_at_most), seed=wanted.seed)


def robust_figures(
    shared: UncertainCase,
    plans: Sequence[RobustPlan],
    draws: Sequence[Draw],
    *,
    wanted: Wanted,
    run_many: RunMany,
    told: Told | None = None,
) -> list[RobustFigures]:
    """What some plans reach, each simulated with every draw and once as planned.

    Args:
        shared: the case and its spreads; its cryoprobe models must include those of all plans.
        plans: the candidates.
        draws: all or the first of those that `common_draws` makes.
        wanted: in what share of them a plan is to hold.
        run_many: runs the plans times draws simulations.
        told: told after each simulation.

    Raises:
        InputError: if there is no draw.
        Cancelled: if `told` ended the series.
    """
    if not draws:
        raise InputError("no draw to compare plans on; give at least 1")
    nothing = Draw(number=AS_PLANNED, scores=(0.0,) * len(draws[0].scores))
    trials = [
        Trial(placements=plan.placements, protocol=plan.protocol, draw=draw)
        for plan, draw in product(plans, (nothing, *draws))
    ]
    results = run_many(run_trial, shared, trials, told=told)
    size = len(draws) + 1
    return [_judged(shared, plan, wanted, results[size * n : size * (n + 1)]) for n, plan in enumerate(plans)]


def _judged(shared: UncertainCase, plan: RobustPlan, wanted: Wanted, results: Sequence[TrialResult]) -> RobustFigures:
    planned, *drawn = results
    reached = [result.figures for result in drawn]

    def column(read: str, organ: str = "") -> npt.NDArray[np.float64]:
        values = [math.nan if f is None else (f.organ_coldest_c[organ] if organ else getattr(f, read)) for f in reached]
        return np.array(values, dtype=np.float64)

    with_margin = column(WITH_MARGIN)
    organs = {
        o.structure: (column("", o.structure), o.limit_temp_c) for o in shared.prepared.description.organs_at_risk
    }
    kept = {WITH_MARGIN: with_margin >= wanted.coverage_with_margin}
    kept |= {f"{ORGAN}{name}": coldest_c > limit_c for name, (coldest_c, limit_c) in organs.items()}
    level = 1.0 - wanted.share
    low = {name: worst_first_quantile(coldest_c, level) for name, (coldest_c, _) in organs.items()}
    covered = worst_first_quantile(with_margin, level)
    short = [100.0 * (wanted.coverage_with_margin - covered) / PERCENT_PER_C]
    short += [limit_c - low[name] for name, (_, limit_c) in organs.items()]
    return RobustFigures(
        plan=plan,
        wanted=wanted,
        draws=len(drawn),
        failed=sum(f is None for f in reached),
        held=int(np.logical_and.reduce(list(kept.values())).sum()),
        missed={goal: int((~is_kept).sum()) for goal, is_kept in kept.items()},
        coverage=worst_first_quantile(column("coverage"), level),
        coverage_with_margin=covered,
        margin_mm=worst_first_quantile(column("margin_mm"), level),
        organ_coldest_c=low,
        short=math.fsum(math.inf if math.isnan(missing) else max(missing, 0.0) for missing in short),
        nominal=planned.figures,
    )

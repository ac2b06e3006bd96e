"""What is asked of the planner: how many probes of which models, how far apart, how long to freeze."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from givre.cryoprobe.catalogue import find_cryoprobe
from givre.cryoprobe.model import CryoprobeModel
from givre.cryoprobe.protocol import Phase, Protocol
from givre.foundation.errors import PlanError
from givre.planning.placement.reserve import Reserve, usual_reserve

MOST_PROBES = 8
"""More probes than this are not planned: nobody places more in one session (assumption)."""


class PlacementRefused(PlanError):
    """A wish that no plan can fulfil, or that makes no sense."""

    code = "PLACEMENT_REFUSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementWishes:
    """What a plan may use and must keep to.

    Attributes:
        models: catalogue ids that may be used; all probes of one plan are of one model.
        fewest_probes, most_probes: how many are tried.
        grown_coverage: wanted fraction of the tumour grown by the margin of the goals that the lethal zone covers.
        least_spacing_mm: between the active zones of any two probes.
        most_spacing_mm: from each active zone to the nearest other.
        least_shaft_gap_mm: between the axes of any two shafts, anywhere between skin and tip.
        freeze_shares: durations of the freezes tried, as shares of those of the protocol of the case; the shorter
            ones only where an organ's limit binds.
        alternatives: how many plans are wanted beside the best.
        seed: of the search; the same seed gives the same plans.
        effort: predictions by the surrogate per probe in each search; more is slower and no worse.
        reserve: what a plan is aimed at beyond the goals.
    """

    models: tuple[str, ...]
    fewest_probes: int = 1
    most_probes: int = MOST_PROBES
    grown_coverage: float = 0.98
    least_spacing_mm: float = 10.0
    most_spacing_mm: float = 20.0
    least_shaft_gap_mm: float = 4.0
    freeze_shares: tuple[float, ...] = (1.0, 0.8, 0.6)
    alternatives: int = 2
    seed: int = 0
    effort: int = 400
    reserve: Reserve = field(default_factory=usual_reserve)

    def __post_init__(self) -> None:
        self._refuse_counts()
        self._refuse_lengths()
        if not self.models:
            raise PlacementRefused("no cryoprobe model is allowed; name one or more")
        if not 0 < self.grown_coverage <= 1:
            raise PlacementRefused(
                f"coverage {self.grown_coverage} of the grown tumour; give a fraction above 0 and up to 1"
            )
        if not self.freeze_shares or not all(0.1 <= share <= 2 for share in self.freeze_shares):
            raise PlacementRefused(f"freezes of {self.freeze_shares} times the protocol; give shares from 0.1 to 2")

    def _refuse_counts(self) -> None:
        counts = (self.fewest_probes, self.most_probes)
        if not all(1 <= count <= MOST_PROBES for count in counts):
            raise PlacementRefused(f"{_range(*counts)} probes asked for; give 1 to {MOST_PROBES}")
        if self.fewest_probes > self.most_probes:
            raise PlacementRefused(f"at least {counts[0]} and at most {counts[1]} probes; give the smaller first")
        for what, number, low, high in (
            ("alternatives", self.alternatives, 0, 10),
            ("seed", self.seed, 0, 2**31 - 1),
            ("effort", self.effort, 20, 100_000),
        ):
            if not low <= number <= high:
                raise PlacementRefused(f"{what} {number}; give a whole number from {low} to {high}")

    def _refuse_lengths(self) -> None:
        if not 2 <= self.least_spacing_mm < self.most_spacing_mm <= 60:
            raise PlacementRefused(
                f"spacing {self.least_spacing_mm} to {self.most_spacing_mm} mm; give two increasing values in 2..60 mm"
            )
        if not 1 <= self.least_shaft_gap_mm <= 30:
            raise PlacementRefused(f"shafts {self.least_shaft_gap_mm} mm apart; give 1 to 30 mm, axis to axis")

    def found_models(self, catalogue: Mapping[str, CryoprobeModel]) -> tuple[CryoprobeModel, ...]:
        """The allowed models, in the order given, each once.

        Raises:
            UnknownCryoprobe: if one is not in the catalogue.
        """
        return tuple(find_cryoprobe(catalogue, model) for model in dict.fromkeys(self.models))


def shortened(protocol: Protocol, share: float) -> Protocol:
    """The same protocol with its freezes shortened (or lengthened) to a share; thaws stay.

    >>> from givre.cryoprobe.protocol import TEMPLATES
    >>> shortened(TEMPLATES["10-8-10"], 0.6).name
    '6-8-6'
    """
    if share == 1:
        return protocol
    if not (math.isfinite(share) and share > 0):
        raise PlacementRefused(f"freezes of {share} times the protocol; give a share above 0")
    phases = tuple(
        replace(phase, duration_s=round(phase.duration_s * share, 1)) if phase.kind == "freeze" else phase
        for phase in protocol.phases
    )
    return Protocol(name=_name(phases), phases=phases)


def _name(phases: tuple[Phase, ...]) -> str:
    minutes = "-".join(f"{phase.duration_s / 60:g}" for phase in phases)
    return minutes if len(phases) > 1 else f"single-{minutes}"


def _range(fewest: int, most: int) -> str:
    return str(fewest) if fewest == most else f"{fewest} to {most}"

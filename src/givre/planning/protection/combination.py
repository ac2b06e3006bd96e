"""Several proposals carried out at once: one for each organ that gets too cold, simulated together."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from givre.assessment.result import Verdict
from givre.case.description import CaseDescription
from givre.case.thermocouple import Thermocouple
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import Protocol
from givre.foundation.errors import InputError
from givre.planning.placement.result import FullCheck
from givre.planning.protection.layer import Layer
from givre.planning.protection.proposal import ProtectionProposal, Threat
from givre.planning.protection.shield import DrawnLayer, drawn
from givre.planning.replan.goals import Missed, Wanted, missed_of
from givre.planning.trial.quick_look import PlanFigures

MOST_TRIED = 6
"""Combinations that are simulated, one after the other, until one protects every organ at no cost."""


class ProposalsConflict(InputError):
    """Proposals that cannot be carried out together, or that do not exist."""

    code = "PROPOSALS_CONFLICT"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Taken:
    """What some proposals, carried out together, make of a plan.

    Attributes:
        layers: each with its material as a case declares it.
        placements: the probes.
        protocol: what they go through.
        thermocouples: points to be measured.
    """

    layers: tuple[tuple[Layer, str], ...]
    placements: tuple[Placement, ...]
    protocol: Protocol
    thermocouples: tuple[Thermocouple, ...] = ()

    def drawn(self) -> tuple[DrawnLayer, ...]:
        """The layers as structures of a case."""
        return drawn(self.layers)

    def case(self, description: CaseDescription) -> CaseDescription:
        """The case with all of it, under an id of its own; the masks of its layers are not in it."""
        return replace(
            description,
            case_id=f"{description.case_id.removesuffix('-protected')}-protected",
            structures=(*description.structures, *(layer.structure for layer in self.drawn())),
            placements=self.placements,
            protocol=self.protocol,
            thermocouples=(*description.thermocouples, *self.thermocouples),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Combination:
    """Proposals carried out together, simulated.

    Attributes:
        proposals: which.
        taken: what they make of the plan.
        threats: every organ that gets too cold without protection.
        figures: on the lattice of the search.
        verdicts: likewise.
        missed: goals that the plan reached without protection and misses with it.
        voxel_mm: edge of the voxels of that lattice.
        full: the same at the voxel size of the case; None where that was not simulated.
        full_missed: goals that the plan reaches there without protection and misses with it.
    """

    proposals: tuple[ProtectionProposal, ...]
    taken: Taken
    threats: tuple[Threat, ...]
    figures: PlanFigures
    verdicts: tuple[Verdict, ...]
    missed: tuple[Missed, ...]
    voxel_mm: float
    full: FullCheck | None = None
    full_missed: tuple[Missed, ...] = ()

    def after_c(self, threat: Threat) -> float:
        """Coldest place of the organ in the finest simulation there is [°C]."""
        figures = self.figures if self.full is None else self.full.figures
        return figures.organ_coldest_c[threat.organ.structure]

    def keeps(self, threat: Threat) -> bool:
        """Whether the organ stays above what it must, on every lattice on which it was simulated."""
        name = threat.organ.structure
        full_c = math.inf if self.full is None else self.full.figures.organ_coldest_c[name]
        return self.figures.organ_coldest_c[name] > threat.least_c and full_c > threat.least_c

    @property
    def not_kept(self) -> tuple[Threat, ...]:
        """Organs that still get too cold."""
        return tuple(threat for threat in self.threats if not self.keeps(threat))

    @property
    def is_good(self) -> bool:
        """Whether every organ is kept and no goal is lost."""
        return not self.not_kept and not self.missed and not self.full_missed


Simulated = Callable[[tuple[ProtectionProposal, ...]], Combination]
"""Simulates proposals together, on the lattice of the search."""

CheckedInFull = Callable[[Combination], Combination]
"""Simulates a combination at the voxel size of the case too."""


def taken_of(proposals: Sequence[ProtectionProposal], placements: tuple[Placement, ...], protocol: Protocol) -> Taken:
    """What some proposals make of a plan.

    Raises:
        ProposalsConflict: if two of them move the same probe.
    """
    moved: dict[str, Placement] = {}
    protocols = [protocol]
    for proposal in proposals:
        if proposal.change is None:
            continue
        change = proposal.change.change
        protocols.append(change.protocol)
        if change.changed is not None:
            if moved.get(change.probe, change.changed) != change.changed:
                raise ProposalsConflict(f"two of the proposals move probe {change.probe}; take one of them")
            moved[change.probe] = change.changed
    cold = [proposal for proposal in proposals if proposal.kind == "thermocouple"]
    return Taken(
        layers=tuple((p.layer, p.material.material) for p in proposals if p.layer is not None and p.material),
        placements=tuple(moved.get(placement.label, placement) for placement in placements),
        protocol=min(protocols, key=lambda item: item.duration_s),
        thermocouples=tuple(
            Thermocouple(label=f"TC {p.threat.organ.structure}", point_mm=p.threat.nearest_mm) for p in cold
        ),
    )


def best_combination(
    proposals: Sequence[ProtectionProposal],
    threats: Sequence[Threat],
    *,
    simulated: Simulated,
    in_full: CheckedInFull | None,
) -> Combination | None:
    """The first combination that keeps every organ that can be kept at no cost; the next proposals where one fails.

    Args:
        proposals: ranked.
        threats: organs that get too cold, the worst first.
        simulated: simulates on the lattice of the search.
        in_full: simulates at the voxel size of the case; None leaves that out.

    Returns:
        None if no proposal keeps an organ at no cost. Organs without one are left as they are.
    """
    good = {
        threat.organ.structure: [p for p in proposals if p.is_good and p.threat.organ == threat.organ]
        for threat in threats
    }
    names = [name for name, found in good.items() if found]
    place, first = dict.fromkeys(names, 0), None
    for _ in range(MOST_TRIED if names else 0):
        found = _covering({name: good[name][place[name]] for name in names}, simulated)
        if in_full is not None and not _failing(found, names):
            found = in_full(found)
        failing = _failing(found, names)
        if not failing:
            return found
        first = first or found
        nexts = [name for name in failing if place[name] + 1 < len(good[name])]
        if not nexts:
            break
        place[nexts[0]] += 1
    return first


def chosen_combination(
    proposals: Sequence[ProtectionProposal],
    numbers: Sequence[int],
    *,
    simulated: Simulated,
    in_full: CheckedInFull | None,
) -> Combination:
    """The combination of the proposals with these numbers, counted from 1.

    Raises:
        ProposalsConflict: if there is no such proposal, one is named twice, or two move the same probe.
    """
    strange = [str(number) for number in numbers if not 1 <= number <= len(proposals)]
    if strange:
        there = f"there are 1 to {len(proposals)}" if proposals else "there is none"
        raise ProposalsConflict(f"no proposal {', '.join(strange)} to take; {there}")
    if len(set(numbers)) < len(numbers):
        raise ProposalsConflict("a proposal to take is named twice; name each once")
    found = simulated(tuple(proposals[number - 1] for number in numbers))
    return found if in_full is None else in_full(found)


def lost(verdicts: Iterable[Verdict], wanted: Iterable[Wanted], threats: Sequence[Threat]) -> tuple[Missed, ...]:
    """Goals that are wanted and missed, apart from the organs that are to be protected."""
    own = {f"organ:{threat.organ.structure}" for threat in threats}
    return missed_of(tuple(verdicts), [item for item in wanted if item.goal not in own])


def _covering(chosen: Mapping[str, ProtectionProposal], simulated: Simulated) -> Combination:
    """As few of the chosen as keep their organs: one that keeps another organ too spares the proposal for it."""
    (_, first), *others = chosen.items()
    taken = [first]
    found = simulated(tuple(taken))
    for name, proposal in others:
        if any(threat.organ.structure == name for threat in found.not_kept):
            taken.append(proposal)
            found = simulated(tuple(taken))
    return found


def _failing(found: Combination, names: Sequence[str]) -> list[str]:
    """Organs whose proposal has to give way to the next."""
    cold = [threat.organ.structure for threat in found.not_kept if threat.organ.structure in names]
    return cold or (list(names) if found.missed or found.full_missed else [])

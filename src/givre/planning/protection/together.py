"""Simulates proposals together: on the lattice of the search, and at the voxel size of the case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from givre.assessment.result import Verdict
from givre.planning.placement.result import FullCheck
from givre.planning.protection.combination import Combination, Taken, lost, taken_of
from givre.planning.protection.proposal import ProtectionProposal, Threat
from givre.planning.protection.shield import with_layers
from givre.planning.replan.day_plan import Predicted, predict
from givre.planning.replan.goals import Wanted, judged, wanted_of
from givre.planning.replan.limits import ReplanLimits
from givre.planning.replan.search import Solve
from givre.planning.trial.prepared import PreparedCase
from givre.planning.trial.quick_look import QuickLook

CheckTaken = Callable[[Taken], FullCheck]
"""Simulates a plan with its layers at the voxel size of the case."""


@dataclass(slots=True, kw_only=True, eq=False)
class Together:
    """Simulates combinations of the proposals for one plan, each once.

    Attributes:
        prepared: the case on the lattice of the search.
        look: its points.
        plan: simulated without protection.
        threats: organs that get too cold in it.
        solve: solves on that lattice.
        limits: hold the tolerances.
        grown_coverage: wanted coverage of the tumour grown by its margin.
        count: called before each simulation; raises Cancelled when time is up.
        check: simulates at the voxel size of the case.
        full_checks: how many plans were simulated so.
    """

    prepared: PreparedCase
    look: QuickLook
    plan: Predicted
    threats: tuple[Threat, ...]
    solve: Solve
    limits: ReplanLimits
    grown_coverage: float
    count: Callable[[], None]
    check: CheckTaken
    full_checks: int = 0
    _full_wanted: tuple[Wanted, ...] | None = None

    def simulated(self, proposals: tuple[ProtectionProposal, ...]) -> Combination:
        """Proposals together on the lattice of the search; what was simulated already is not simulated again.

        Raises:
            ProposalsConflict: if they cannot be carried out together.
            Cancelled: if time is up.
        """
        taken = taken_of(proposals, self.plan.placements, self.plan.protocol)
        acting = [proposal for proposal in proposals if proposal.kind != "thermocouple"]
        figures, verdicts = self.plan.figures, self.plan.verdicts
        if len(acting) == 1:
            figures, verdicts = acting[0].figures, acting[0].verdicts
        elif acting:
            self.count()
            shielded = with_layers(self.prepared, taken.layers, look=self.look)
            after = predict(
                shielded.prepared,
                shielded.look,
                taken.placements,
                taken.protocol,
                solve=self.solve,
                grown_coverage=self.grown_coverage,
            )
            figures, verdicts = after.figures, after.verdicts
        return Combination(
            proposals=proposals,
            taken=taken,
            threats=self.threats,
            figures=figures,
            verdicts=verdicts,
            missed=lost(verdicts, wanted_of(self.plan.verdicts, self.limits), self.threats),
            voxel_mm=self.prepared.grid.spacing_mm[0],
        )

    def in_full(self, found: Combination) -> Combination:
        """A combination simulated at the voxel size of the case too.

        Raises:
            Cancelled: if time is up.
        """
        if self._full_wanted is None:
            self.count()
            plan = self.check(Taken(layers=(), placements=self.plan.placements, protocol=self.plan.protocol))
            self.full_checks += 1
            self._full_wanted = wanted_of(self._judged(plan), self.limits)
        self.count()
        full = self.check(found.taken)
        self.full_checks += 1
        return replace(found, full=full, full_missed=lost(self._judged(full), self._full_wanted, self.threats))

    def _judged(self, full: FullCheck) -> tuple[Verdict, ...]:
        return judged(full.figures, self.prepared.description, grown_coverage=self.grown_coverage, full=full.verdicts)

"""The search for the smallest change that restores a plan: freeze, move, add, delay, each simulated."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from givre.bioheat.problem import ThermalProblem
from givre.bioheat.run import ThermalRun
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import Protocol
from givre.foundation.errors import PlanError
from givre.planning.placement.result import CheckInFull
from givre.planning.placement.wishes import shortened
from givre.planning.replan.change import Change, ChangeKind, SimulatedChange
from givre.planning.replan.goals import Missed, Wanted, is_of_organ, judged, missed_of, wanted_of
from givre.planning.replan.guess import Guesser, guesser_of, kind_of
from givre.planning.replan.moves import Surroundings, additions, moves
from givre.planning.trial.many import Cancelled
from givre.planning.trial.prepared import plan_problem
from givre.planning.trial.quick_look import PlanFigures, QuickLook

Solve = Callable[[ThermalProblem], ThermalRun]
"""Solves one thermal problem."""

GoOn = Callable[[ChangeKind, int], bool]
"""Given the kind of change looked for and how many plans were simulated, returns whether to go on."""


def always(kind: ChangeKind, simulations: int) -> bool:
    """Never ends a search."""
    return True


MOST_SIMULATIONS = {"freeze": 8, "move": 14, "add": 8, "delay": 10}
"""Plans simulated for each kind of change."""

MOST_FULL_CHECKS = 3
"""Restoring changes that are simulated at the voxel size of the case, one after the other until one holds there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindTried:
    """What was found with one kind of change.

    Attributes:
        kind: which.
        candidates: changes that could be carried out.
        simulated: how many of them were simulated.
        best: the smallest that restores the goals, else the one that misses least; None if none was simulated.
        ended_early: whether time was up before all was tried.
        note: key of a sentence: "tried", "no_use" (cannot help), "none_possible", "time".
        found: everything that was simulated, in that order.
    """

    kind: ChangeKind
    candidates: int
    simulated: int
    best: SimulatedChange | None
    ended_early: bool
    note: str
    found: tuple[SimulatedChange, ...] = ()


@dataclass(slots=True, kw_only=True)
class ReplanBench:
    """Everything a replanning knows, growing as it goes.

    Attributes:
        here: case, probes, paths and limits.
        look: reads figures.
        solve: solves on the lattice of the prediction.
        wanted: what must be reached.
        missed: what the placed probes miss.
        placed_run: of the placed probes.
        placed_figures: of that run.
        all_goals: whether goals that the plan missed are asked for too.
        grown_coverage: wanted coverage of the grown tumour.
        check_in_full: simulates at the voxel size of the case; None leaves that out.
        go_on: told before each simulation; may end the search.
    """

    here: Surroundings
    look: QuickLook
    solve: Solve
    wanted: tuple[Wanted, ...]
    missed: tuple[Missed, ...]
    placed_run: ThermalRun
    placed_figures: PlanFigures
    all_goals: bool
    grown_coverage: float
    check_in_full: CheckInFull | None
    go_on: GoOn
    simulations: int = 0
    full_checks: int = 0
    kind: ChangeKind = "freeze"
    _guesser: Guesser | None = None
    _full_wanted: tuple[Wanted, ...] | None = None
    _known: dict[tuple[tuple[Placement, ...], Protocol], SimulatedChange] = field(default_factory=dict)

    def simulated(self, change: Change) -> SimulatedChange:
        """Simulate a change, each plan once; one that the solver refuses misses everything.

        Raises:
            Cancelled: if time is up.
        """
        key = (change.placements, change.protocol)
        if key not in self._known:
            run = self.run(change.placements, change.protocol)
            figures = self.look.figures(run)
            verdicts = judged(figures, self.here.prepared.description, grown_coverage=self.grown_coverage)
            self._known[key] = SimulatedChange(
                change=change, figures=figures, verdicts=verdicts, missed=missed_of(verdicts, self.wanted)
            )
            if self._guesser is not None and change.protocol == self.here.protocol and change.kind != "delay":
                self._guesser.learn(change.placements, run, figures)
        return self._known[key]

    def run(self, placements: tuple[Placement, ...], protocol: Protocol) -> ThermalRun:
        """Solve one plan.

        Raises:
            Cancelled: if time is up.
        """
        self.refuse_when_time_is_up()
        self.simulations += 1
        return self.solve(plan_problem(self.here.prepared, placements, protocol))

    def refuse_when_time_is_up(self) -> None:
        """Raises Cancelled if time is up."""
        if not self.go_on(self.kind, self.simulations):
            raise Cancelled(f"the search was ended after {self.simulations} simulations; give it more time")

    def guesser(self) -> Guesser:
        """A guesser that knows the reach of each kind of probe; needs one run of each kind."""
        if self._guesser is None:
            singles = {}
            for placement in self.here.placed:
                key = kind_of(placement)
                if key not in singles:
                    alone = replace(placement, start_s=0.0)
                    singles[key] = (alone, self.run((alone,), self.here.protocol))
            self._guesser = guesser_of(self.here.prepared, self.look, singles)
            self._guesser.learn(self.here.placed, self.placed_run, self.placed_figures)
        return self._guesser

    def checked(self, found: SimulatedChange) -> SimulatedChange:
        """The change simulated at the voxel size of the case too.

        Raises:
            Cancelled: if time is up.
        """
        if self.check_in_full is None or found.full is not None:
            return found
        self.refuse_when_time_is_up()
        description = self.here.prepared.description
        if self._full_wanted is None:
            plan = self.check_in_full(self.here.planned, self.here.protocol)
            verdicts = judged(plan.figures, description, grown_coverage=self.grown_coverage, full=plan.verdicts)
            self._full_wanted = wanted_of(verdicts, self.here.limits, all_goals=self.all_goals)
            self.full_checks += 1
        full = self.check_in_full(found.change.placements, found.change.protocol)
        self.full_checks += 1
        verdicts = judged(full.figures, description, grown_coverage=self.grown_coverage, full=full.verdicts)
        return replace(found, full=full, full_missed=missed_of(verdicts, self._full_wanted))


def try_kind(bench: ReplanBench, kind: ChangeKind) -> KindTried:
    """Look for the smallest change of one kind."""
    bench.kind = kind
    found: list[SimulatedChange] = []
    candidates, ended_early, note = 0, False, "tried"
    try:
        candidates, note = _TRIED[kind](bench, found)
        best = _best(found)
        for _ in range(MOST_FULL_CHECKS):
            if best is None or not best.is_restored or best.full is not None or bench.check_in_full is None:
                break
            checked = bench.checked(best)
            found = [checked if known is best else known for known in found]
            best = _best(found)
    except Cancelled:
        ended_early = True
        note = "time"
    return KindTried(
        kind=kind,
        candidates=max(candidates, len(found)),
        simulated=len(found),
        best=_best(found),
        ended_early=ended_early,
        note=note,
        found=tuple(found),
    )


def _best(found: Sequence[SimulatedChange]) -> SimulatedChange | None:
    """The smallest that restores, one confirmed in full first; else the one that misses least."""
    restoring = [item for item in found if item.is_restored]
    if restoring:
        confirmed = [item for item in restoring if item.full is not None]
        return min(confirmed or restoring, key=lambda item: item.change.size)
    known = [item for item in found if math.isfinite(item.missing)]
    return min(known, key=lambda item: (item.missing, item.change.size), default=None)


def _freezes(bench: ReplanBench, found: list[SimulatedChange]) -> tuple[int, str]:
    """Longer where too little is covered, shorter where an organ is too cold; halved down to the smallest step."""
    too_cold = any(is_of_organ(missed) for missed in bench.missed)
    too_little = any(not is_of_organ(missed) for missed in bench.missed)
    if too_cold and too_little:
        return 0, "no_use"
    changes = _freeze_changes(bench, longer=too_little)
    if not changes:
        return 0, "none_possible"
    low, high = -1, len(changes) - 1
    if not _helps(bench, changes[high], found, longer=too_little):
        return len(changes), "tried"
    while high - low > 1:
        middle = (low + high) // 2
        if _helps(bench, changes[middle], found, longer=too_little):
            high = middle
        else:
            low = middle
    return len(changes), "tried"


def _helps(bench: ReplanBench, change: Change, found: list[SimulatedChange], *, longer: bool) -> bool:
    """Whether what was missed is reached; what the change costs is not looked at here."""
    simulated = bench.simulated(change)
    found.append(simulated)
    return not any(is_of_organ(missed) != longer for missed in simulated.missed)


def _freeze_changes(bench: ReplanBench, *, longer: bool) -> list[Change]:
    limits, protocol = bench.here.limits, bench.here.protocol
    freezes = [phase.duration_s for phase in protocol.phases if phase.kind == "freeze"]
    room_s = limits.longest_freeze_s - max(freezes) if longer else min(freezes) - limits.shortest_freeze_s
    changes = []
    for step in range(1, int(max(room_s, 0.0) / limits.freeze_step_s + 1e-9) + 1):
        size = step * limits.freeze_step_s
        share = 1.0 + (size if longer else -size) / max(freezes)
        changes.append(
            Change(
                kind="freeze",
                how="longer_freeze" if longer else "shorter_freeze",
                probe="",
                size=size,
                placements=bench.here.placed,
                protocol=shortened(protocol, share),
            )
        )
    return changes


def _moved(bench: ReplanBench, found: list[SimulatedChange]) -> tuple[int, str]:
    changes = [change for placement in bench.here.placed for change in moves(bench.here, placement)]
    return _guided(bench, changes, found, most=MOST_SIMULATIONS["move"])


def _added(bench: ReplanBench, found: list[SimulatedChange]) -> tuple[int, str]:
    return _guided(bench, additions(bench.here), found, most=MOST_SIMULATIONS["add"])


def _guided(bench: ReplanBench, changes: list[Change], found: list[SimulatedChange], *, most: int) -> tuple[int, str]:
    """Simulate the smallest change that is guessed to restore, learn, and go on until no smaller one is guessed to."""
    if not changes:
        return 0, "none_possible"
    guesser = bench.guesser()
    best: Change | None = None
    left = list(changes)
    for _ in range(most):
        guess = guesser.guess()
        slacks = [guess.slack(change.placements, bench.wanted) for change in left]
        smallest = _next(left, slacks, best)
        if smallest is None:
            break
        change = left.pop(smallest)
        try:
            simulated = bench.simulated(change)
        except PlanError:
            continue  # a lattice that loses the probe: the next one
        found.append(simulated)
        if simulated.is_restored:
            best = change if best is None or change.size < best.size else best
            left = [other for other in left if other.size < change.size - 1e-6]
    return len(changes), "tried"


def _next(changes: Sequence[Change], slacks: Sequence[float], best: Change | None) -> int | None:
    """Position of the change to simulate next; None when none is worth it."""
    if not changes:
        return None
    reaching = [n for n, slack in enumerate(slacks) if slack >= 0]
    if reaching:
        smallest = min(round(changes[n].size) for n in reaching)
        return max((n for n in reaching if round(changes[n].size) == smallest), key=lambda n: slacks[n])
    if best is not None:
        return None
    return max(range(len(changes)), key=lambda n: -math.inf if math.isnan(slacks[n]) else slacks[n])


def _delayed(bench: ReplanBench, found: list[SimulatedChange]) -> tuple[int, str]:
    """The longest delay of each probe first; where that restores, shorter ones."""
    limits = bench.here.limits
    steps = [limits.delay_step_s * n for n in range(1, int(limits.longest_delay_s / limits.delay_step_s + 1e-9) + 1)]
    candidates, most = 0, MOST_SIMULATIONS["delay"]
    for placement in bench.here.placed:
        changes = {start_s: _started(bench, placement, start_s) for start_s in (0.0, *steps)}
        changes.pop(placement.start_s, None)
        candidates += len(changes)
        far_first = sorted(changes, key=lambda start_s: -abs(start_s - placement.start_s))
        for start_s in far_first:
            if len(found) >= most:
                return candidates, "tried"
            found.append(bench.simulated(changes[start_s]))
            if not found[-1].is_restored:
                break
    return candidates, "tried" if candidates else "none_possible"


def _started(bench: ReplanBench, placement: Placement, start_s: float) -> Change:
    return Change(
        kind="delay",
        how="delay" if start_s > placement.start_s else "sooner",
        probe=placement.label,
        size=abs(start_s - placement.start_s),
        placements=tuple(replace(p, start_s=start_s) if p is placement else p for p in bench.here.placed),
        protocol=bench.here.protocol,
    )


_TRIED: dict[ChangeKind, Callable[[ReplanBench, list[SimulatedChange]], tuple[int, str]]] = {
    "freeze": _freezes,
    "move": _moved,
    "add": _added,
    "delay": _delayed,
}

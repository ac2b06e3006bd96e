"""Many outcomes of one plan: each is simulated with its own draw of what is uncertain and gives a small result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from givre.assessment.lethal import LethalZone, lethal_zone
from givre.bioheat.problem import ThermalProblem
from givre.bioheat.run import ThermalRun
from givre.bioheat.solve import boundary_drop_c, solve
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import Protocol
from givre.foundation.errors import GivreError
from givre.geometry.grid import Grid
from givre.geometry.volume import Volume
from givre.planning.trial.prepared import PreparedCase, plan_problem
from givre.planning.trial.quick_look import PlanFigures, QuickLook
from givre.planning.uncertainty.fields import FieldReader, KeptFields
from givre.planning.uncertainty.near_lattice import NearLattice
from givre.planning.uncertainty.sampling import Draw
from givre.planning.uncertainty.spread_plan import DrawnPlan, PlanSpread


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UncertainCase:
    """What all trials of one case share; it travels once to each worker.

    Attributes:
        look: reads the figures; its case holds no mask any more, and the CT on the simulation lattice only.
        reader: keeps a few values of the fields.
        spread: what is uncertain.
        near: the part of the lattice on which trials are tried first; those that it cannot hold are simulated on all
            of it, and so is every trial where None.
        protocol: what the probes go through; that of the case if None.
        threads: processor threads of one simulation.
        only_to_compare: the figures are compared and never shown: no lattice is too coarse.
    """

    look: QuickLook
    reader: FieldReader
    spread: PlanSpread
    near: NearLattice | None = None
    protocol: Protocol | None = None
    threads: int = 1
    only_to_compare: bool = False

    @property
    def prepared(self) -> PreparedCase:
        """The case on its lattice."""
        return self.look.prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One plan to simulate under one draw.

    Attributes:
        placements: the probes as planned.
        draw: the standard scores of what is uncertain.
        protocol: what its probes go through; that of the case if None.
    """

    placements: tuple[Placement, ...]
    draw: Draw
    protocol: Protocol | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LethalVoxels:
    """Which voxels of a lattice are killed, in the bytes that takes.

    Attributes:
        start, stop: the box that holds them, voxel indices (k, j, i), `stop` excluded.
        bits: one bit for each voxel of the box, packed.
    """

    start: tuple[int, int, int]
    stop: tuple[int, int, int]
    bits: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, inside: npt.NDArray[np.bool_], corner: tuple[int, int, int] = (0, 0, 0)) -> LethalVoxels:
        """Pack a mask, shape (k, j, i), of a lattice that begins at some voxel of the one to count on."""
        spans = []
        for axis in range(3):
            found = np.flatnonzero(inside.any(axis=tuple(other for other in range(3) if other != axis)))
            spans.append((int(found[0]), int(found[-1]) + 1) if len(found) else (0, 0))
        (k0, k1), (j0, j1), (i0, i1) = spans
        k, j, i = corner
        return cls(
            start=(k0 + k, j0 + j, i0 + i),
            stop=(k1 + k, j1 + j, i1 + i),
            bits=np.packbits(inside[k0:k1, j0:j1, i0:i1]),
        )

    def add_to(self, count: npt.NDArray[np.int32]) -> None:
        """Count every killed voxel once more, in place."""
        box = tuple(slice(start, stop) for start, stop in zip(self.start, self.stop, strict=True))
        shape = tuple(stop - start for start, stop in zip(self.start, self.stop, strict=True))
        count[box] += np.unpackbits(self.bits, count=int(np.prod(shape))).reshape(shape)


NOTHING_KILLED = LethalVoxels(start=(0, 0, 0), stop=(0, 0, 0), bits=np.zeros(0, dtype=np.uint8))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrialResult:
    """What one trial gave.

    Attributes:
        number: of its draw.
        figures: what the plan reached; None if it failed.
        killed: the lethal zone; nothing if it failed.
        kept: a few values of its fields; None if it failed or killed nothing.
        failure: why there are no figures to rely on; empty if there are.
    """

    number: int
    figures: PlanFigures | None
    killed: LethalVoxels = field(default=NOTHING_KILLED)
    kept: KeptFields | None = None
    failure: str = ""


def run_trial(shared: UncertainCase, trial: Trial) -> TrialResult:
    """Simulate one plan under one draw; a refusal or a run that is not usable is a failed trial, never an error.

    A top-level function, for `RunMany`.
    """
    try:
        return _simulated(shared, trial)
    except GivreError as error:
        return TrialResult(number=trial.draw.number, figures=None, failure=str(error))


def light_case(
    look: QuickLook,
    spread: PlanSpread,
    *,
    threads: int = 1,
    protocol: Protocol | None = None,
    only_to_compare: bool = False,
) -> UncertainCase:
    """What trials of a case share, without what they do not read (the CT beyond the lattice, the masks)."""
    prepared = look.prepared
    on_lattice = Volume(grid=prepared.grid, values=prepared.tissue_map.hu, unit="HU")
    light = replace(look, prepared=replace(prepared, ct=on_lattice, masks={}))
    return UncertainCase(
        look=light,
        reader=FieldReader.of(look),
        spread=spread,
        threads=threads,
        protocol=protocol,
        only_to_compare=only_to_compare,
    )


def trials_of(placements: tuple[Placement, ...], draws: Sequence[Draw]) -> list[Trial]:
    """One trial of a plan for each draw."""
    return [Trial(placements=placements, draw=draw) for draw in draws]


def lethal_count(results: Sequence[TrialResult], grid: Grid) -> npt.NDArray[np.int32]:
    """In how many trials each voxel was killed, shape (k, j, i); a failed trial killed none."""
    count = np.zeros(grid.shape, dtype=np.int32)
    for result in results:
        result.killed.add_to(count)
    return count


def _simulated(shared: UncertainCase, trial: Trial) -> TrialResult:
    found = None if shared.near is None else _simulated_near(shared, shared.near, trial)
    if found is not None:
        return found
    drawn, _, run = solved_trial(shared, trial)
    if not run.status.is_usable:
        return TrialResult(number=trial.draw.number, figures=None, failure=run.status.sentence)
    zone = zone_of(shared, drawn, run)
    if not zone.is_known:
        return TrialResult(number=trial.draw.number, figures=None, failure="a temperature of the run is not finite")
    return TrialResult(
        number=trial.draw.number,
        figures=shared.look.figures(run, zone),
        killed=LethalVoxels.of(zone.deficit.values <= 0.0),
        kept=shared.reader.read(zone),
    )


def _simulated_near(shared: UncertainCase, near: NearLattice, trial: Trial) -> TrialResult | None:
    """The trial on the smaller lattice; None where that cannot be relied on."""
    try:
        drawn, hidden_c, run = solved_trial(shared, trial, near)
    except GivreError:  # the probe leaves it, perhaps
        return None
    if run.status.ending not in ("done", "front_reached_boundary") or not hidden_c <= near.hidden_at_most_c:
        return None
    zone = zone_of(shared, drawn, run)
    if not zone.is_known:
        return None
    return TrialResult(
        number=trial.draw.number,
        figures=near.whole(replace(near.look.figures(run, zone), ending="done"), shared.look.organs),
        killed=LethalVoxels.of(zone.deficit.values <= 0.0, near.start),
        kept=near.reader.read(zone),
    )


def solved_trial(
    shared: UncertainCase, trial: Trial, near: NearLattice | None = None
) -> tuple[DrawnPlan, float, ThermalRun]:
    """The plan as drawn, what its run hides beyond the edge of the lattice [°C], and the run.

    Args:
        shared: the case and its spreads.
        trial: the plan and its draw.
        near: the smaller lattice to simulate on; all of it unless given.

    Raises:
        PlanError, SimulationError: if the plan cannot be simulated.
    """
    prepared = shared.prepared if near is None else near.prepared
    drawn = shared.spread.drawn(prepared, trial.placements, trial.draw.scores)
    goals = prepared.description.goals
    isotherms_c = (drawn.lethal_temp_c,) if goals.hold_s > 0 or goals.freezes > 1 else ()
    protocol = trial.protocol or shared.protocol
    problem = plan_problem(drawn.prepared, drawn.placements, protocol, only_to_compare=shared.only_to_compare)
    run = solve(_recording(problem, isotherms_c), threads=shared.threads)
    return drawn, boundary_drop_c(problem, run.coldest_c), run


def zone_of(shared: UncertainCase, drawn: DrawnPlan, run: ThermalRun) -> LethalZone:
    """What a trial kills, by the threshold that was drawn."""
    goals = shared.prepared.description.goals
    return lethal_zone(run, lethal_temp_c=drawn.lethal_temp_c, hold_s=goals.hold_s, freezes=goals.freezes)


def _recording(problem: ThermalProblem, isotherms_c: tuple[float, ...]) -> ThermalProblem:
    """Only what the figures of a trial read: the coldest map always is, times below a threshold seldom are."""
    return replace(problem, recording=replace(problem.recording, isotherms_c=isotherms_c))

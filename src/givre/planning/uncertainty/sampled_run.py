"""Many outcomes of one plan: each is simulated with its own draw of what is uncertain and gives a small result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from givre.assessment.lethal import lethal_zone
from givre.bioheat.problem import ThermalProblem
from givre.bioheat.solve import solve
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import Protocol
from givre.foundation.errors import GivreError
from givre.geometry.grid import Grid
from givre.geometry.volume import Volume
from givre.planning.trial.prepared import PreparedCase, plan_problem
from givre.planning.trial.quick_look import PlanFigures, QuickLook
from givre.planning.uncertainty.fields import FieldReader, KeptFields
from givre.planning.uncertainty.sampling import Draw
from givre.planning.uncertainty.spread_plan import PlanSpread


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UncertainCase:
    """What all trials of one case share; it travels once to each worker.

    Attributes:
        look: reads the figures; its case holds no mask any more, and the CT on the simulation lattice only.
        reader: keeps a few values of the fields.
        spread: what is uncertain.
        protocol: what the probes go through; that of the case if None.
        threads: processor threads of one simulation.
        only_to_compare: the figures are compared and never shown: no lattice is too coarse.
    """

    look: QuickLook
    reader: FieldReader
    spread: PlanSpread
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
    """

    placements: tuple[Placement, ...]
    draw: Draw


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
    def of(cls, inside: npt.NDArray[np.bool_]) -> LethalVoxels:
        """Pack a mask, shape (k, j, i)."""
        spans = []
        for axis in range(3):
            found = np.flatnonzero(inside.any(axis=tuple(other for other in range(3) if other != axis)))
            spans.append((int(found[0]), int(found[-1]) + 1) if len(found) else (0, 0))
        (k0, k1), (j0, j1), (i0, i1) = spans
        return cls(start=(k0, j0, i0), stop=(k1, j1, i1), bits=np.packbits(inside[k0:k1, j0:j1, i0:i1]))

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
    drawn = shared.spread.drawn(shared.prepared, trial.placements, trial.draw.scores)
    goals = replace(drawn.prepared.description.goals, lethal_temp_c=drawn.lethal_temp_c)
    needs_record = goals.hold_s > 0 or goals.freezes > 1
    problem = plan_problem(drawn.prepared, drawn.placements, shared.protocol, only_to_compare=shared.only_to_compare)
    run = solve(_recording(problem, (goals.lethal_temp_c,) if needs_record else ()), threads=shared.threads)
    if not run.status.is_usable:
        return TrialResult(number=trial.draw.number, figures=None, failure=run.status.sentence)
    zone = lethal_zone(run, lethal_temp_c=goals.lethal_temp_c, hold_s=goals.hold_s, freezes=goals.freezes)
    if not zone.is_known:
        return TrialResult(number=trial.draw.number, figures=None, failure="a temperature of the run is not finite")
    return TrialResult(
        number=trial.draw.number,
        figures=shared.look.figures(run, zone),
        killed=LethalVoxels.of(zone.deficit.values <= 0.0),
        kept=shared.reader.read(zone),
    )


def _recording(problem: ThermalProblem, isotherms_c: tuple[float, ...]) -> ThermalProblem:
    """Only what the figures of a trial read: the coldest map always is, times below a threshold seldom are."""
    return replace(problem, recording=replace(problem.recording, isotherms_c=isotherms_c))

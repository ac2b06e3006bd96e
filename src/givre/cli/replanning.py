"""What the command replan does once the command line is understood: predict, look for a change, write and show."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import get_args

from givre import api, wiring
from givre.adapters.results import check_results_folder
from givre.case.description import CaseDescription
from givre.cli.exit_codes import ExitCode
from givre.cli.replan_summary import print_replanned
from givre.cli.session import ProgressShow, Session
from givre.foundation.errors import InputError
from givre.planning.replan.change import ChangeKind
from givre.planning.replan.day_plan import ReplanWishes
from givre.planning.replan.limits import ReplanLimits, load_replan_limits
from givre.planning.replan.placed import PlacedProbe, PlacedProbesRefused
from givre.usecases.replan_case import predict_placed, restore_plan
from givre.wiring_day import read_placed, write_replan


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked on the command line.

    Attributes:
        placed: table or second case, or None.
        probes: each as LABEL=ex,ey,ez:tx,ty,tz.
        left_out: labels of probes that were not placed.
        only: kinds of change, parted by commas.
        all_goals: ask for goals that the plan missed too.
        coverage: wanted fraction of the tumour with its margin.
        longest_freeze_min: of each freeze, or None.
        most_move_mm: of a tip, or None.
        check: simulate restoring changes at the voxel size of the case.
        time_limit_s: for the search.
    """

    placed: Path | None
    probes: tuple[str, ...]
    left_out: tuple[str, ...]
    only: str
    all_goals: bool
    coverage: float
    longest_freeze_min: float | None
    most_move_mm: float | None
    check: bool
    time_limit_s: float

    def wishes(self) -> ReplanWishes:
        """The same as wishes.

        Raises:
            InputError: if a kind is unknown or a number makes no sense.
        """
        if not (math.isfinite(self.time_limit_s) and self.time_limit_s > 0):
            raise InputError(f"time limit {self.time_limit_s} s; give more than 0 s")
        known: dict[str, ChangeKind] = {kind: kind for kind in get_args(ChangeKind)}
        asked = [word.strip() for word in self.only.split(",") if word.strip()]
        strange = [word for word in asked if word not in known]
        if strange:
            raise InputError(f"kinds of change {', '.join(strange)}; use {', '.join(known)}")
        return ReplanWishes(
            limits=self._limits(),
            kinds=tuple(known[word] for word in asked),
            all_goals=self.all_goals,
            grown_coverage=self.coverage,
        )

    def _limits(self) -> ReplanLimits:
        limits = load_replan_limits()
        if self.longest_freeze_min is not None:
            limits = replace(limits, longest_freeze_s=60.0 * self.longest_freeze_min)
        if self.most_move_mm is not None:
            limits = replace(limits, most_move_mm=self.most_move_mm)
        return limits

    def placed_probes(self, planned: CaseDescription) -> tuple[PlacedProbe, ...]:
        """The placed probes.

        Raises:
            PlacedProbesRefused: if both or neither of the two ways to give them is used, or one cannot be understood.
        """
        if (self.placed is None) == (not self.probes):
            raise PlacedProbesRefused("give the placed probes either with --placed FILE or with --probe, once for each")
        if self.placed is not None:
            return read_placed(self.placed, planned)
        return tuple(_probe(written) for written in self.probes)


def replan_on_the_day(session: Session, case: Path, output: Path, asked: Asked, *, force: bool) -> ExitCode:
    """Read, predict, look for a change, write and show; 4 when nothing restores the goals."""
    wishes = asked.wishes()
    check_results_folder(output, replace_foreign=force)
    solve, knowledge = wiring.solver(threads=session.threads), wiring.knowledge()
    with session.progress() as show:
        show.stage("import")
        loaded = api.load_case(case)
        placed = asked.placed_probes(loaded.description)
        show.stage("predict")
        began_s = monotonic()
        prediction = predict_placed(
            loaded.description,
            loaded.images,
            placed,
            knowledge=knowledge,
            solve=solve,
            left_out=asked.left_out,
            wishes=wishes,
        )
        predicted_s = monotonic() - began_s
        show.stage("restore")
        replanned = restore_plan(
            prediction,
            knowledge=knowledge,
            solve=solve,
            wishes=wishes,
            in_full=asked.check,
            go_on=_until(monotonic() + asked.time_limit_s, asked.time_limit_s, show),
        )
        times_s = {"prediction": predicted_s, "solver": prediction.placed.run.wall_s, "all": monotonic() - began_s}
        show.stage("write")
        document = write_replan(
            replanned,
            output,
            source=case,
            language=session.texts.language,
            settings=_settings(asked, session),
            times_s=times_s,
            replace_foreign=force,
        )
    code = ExitCode.OK if replanned.found.is_good else ExitCode.PLAN_UNSAFE
    if replanned.found.placed.figures.ending != "done":
        code = ExitCode.NOT_CONVERGED
    if session.as_json:
        session.print_json({**document, "results": str(output), "exit_code": int(code)})
    else:
        print_replanned(session, replanned, output, times_s=times_s)
    return code


def _until(end_s: float, limit_s: float, show: ProgressShow) -> Callable[[ChangeKind, int], bool]:
    def go_on(kind: ChangeKind, simulations: int) -> bool:
        left_s = end_s - monotonic()
        show.fraction(min(max(1.0 - left_s / limit_s, 0.0), 0.99))
        return left_s > 0

    return go_on


def _probe(written: str) -> PlacedProbe:
    label, equals, points = written.partition("=")
    entry, colon, tip = points.partition(":")
    ends = [[_number(part, written) for part in end.split(",")] for end in (entry, tip)] if equals and colon else []
    if len(ends) != 2 or any(len(end) != 3 for end in ends):
        raise PlacedProbesRefused(f'--probe "{written}"; write LABEL=ex,ey,ez:tx,ty,tz in mm (LPS)')
    (ex, ey, ez), (tx, ty, tz) = ends
    return PlacedProbe(label=label.strip(), entry_mm=(ex, ey, ez), tip_mm=(tx, ty, tz))


def _number(part: str, written: str) -> float:
    try:
        return float(part)
    except ValueError as error:
        raise PlacedProbesRefused(f'--probe "{written}"; "{part.strip()}" is no number') from error


def _settings(asked: Asked, session: Session) -> dict[str, str | int | float | bool | None]:
    return {
        "placed": None if asked.placed is None else asked.placed.name,
        "probes": " ".join(asked.probes),
        "left_out": " ".join(asked.left_out),
        "only": asked.only,
        "all_goals": asked.all_goals,
        "coverage_with_margin": asked.coverage,
        "longest_freeze_min": asked.longest_freeze_min,
        "most_move_mm": asked.most_move_mm,
        "check": asked.check,
        "time_limit_s": asked.time_limit_s,
        "threads": session.threads,
    }

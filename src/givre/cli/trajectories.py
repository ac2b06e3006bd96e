"""What the command trajectories does once the command line is understood: find the ways, write and show them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import typer

from givre import api, wiring
from givre.adapters.results.directory import check_results_folder
from givre.cli.exit_codes import ExitCode
from givre.cli.language import Texts
from givre.cli.planning_commands import chosen_languages
from givre.cli.session import Session
from givre.dossier.access_phrasing import AccessPhrasing, access_phrasing
from givre.planning.access.crossing import ProbePair
from givre.planning.access.limits import AccessLimits, load_access_limits
from givre.planning.access.trajectory import InvalidTarget, Trajectory
from givre.planning.access.trajectory_list import AccessWishes, TrajectoryList
from givre.usecases.list_trajectories import list_trajectories
from givre.wiring_trajectories import write_trajectories

_MOST_REASONS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked on the command line.

    Attributes:
        target: the tip as x,y,z, or empty.
        best: how many ways to list.
        clearances: each as structure=mm.
        probe: catalogue id, or empty.
        lying_on: side on the table, or None.
        any_side: reach a spine from the front too.
        most_tilt_deg: largest angle to the axial plane, or None.
        drill_from_mm: cortex from which a drill is needed, or None.
        spacing_mm: between two entries.
        languages: of the pictures, parted by commas, or "none".
    """

    target: str
    best: int
    clearances: tuple[str, ...]
    probe: str
    lying_on: Literal["P", "A", "L", "R"] | None
    any_side: bool
    most_tilt_deg: float | None
    drill_from_mm: float | None
    spacing_mm: float
    languages: str

    def wishes(self, texts: Texts) -> AccessWishes:
        """The same as wishes.

        Raises:
            InvalidTarget: if the target is no three numbers.
        """
        return AccessWishes(
            target_mm=_target(self.target, texts),
            model=self.probe,
            most_listed=self.best,
            clearances=dict(_clearance(written, texts) for written in self.clearances),
            limits=self._limits(),
            lying_on=self.lying_on,
            spine_side=not self.any_side,
            entry_spacing_mm=self.spacing_mm,
        )

    def _limits(self) -> AccessLimits:
        limits = load_access_limits()
        if self.most_tilt_deg is not None:
            limits = replace(limits, most_tilt_deg=self.most_tilt_deg)
        if self.drill_from_mm is not None:
            limits = replace(limits, drill_from_cortex_mm=self.drill_from_mm)
        return limits


def list_ways(session: Session, case: Path, output: Path, asked: Asked, *, force: bool) -> ExitCode:
    """Find, write and show the ways; not a good exit when none keeps every rule."""
    wishes = asked.wishes(session.texts)
    languages = () if asked.languages == "none" else chosen_languages(asked.languages, session.texts)
    check_results_folder(output, replace_foreign=force)
    with session.progress() as show:
        show.stage("import")
        loaded = api.load_case(case)
        show.stage("trajectories")
        found = list_trajectories(loaded.description, loaded.images, knowledge=wiring.knowledge(), wishes=wishes)
        show.stage("draw")
        document = write_trajectories(
            found, output, languages=languages, replace_foreign=force, settings=_settings(asked)
        )
    if session.as_json:
        session.print_json({**document, "results": str(output)})
    else:
        _print_list(session, found, output)
    return ExitCode.OK if found.corridor.is_reachable else ExitCode.PLAN_UNSAFE


def _settings(asked: Asked) -> dict[str, str | int | float | bool | None]:
    return {
        "target": asked.target,
        "best": asked.best,
        "clearances": " ".join(asked.clearances),
        "probe": asked.probe,
        "lying_on": asked.lying_on,
        "any_side": asked.any_side,
        "most_tilt_deg": asked.most_tilt_deg,
        "drill_from_mm": asked.drill_from_mm,
        "entry_spacing_mm": asked.spacing_mm,
    }


def _target(written: str, texts: Texts) -> tuple[float, float, float] | None:
    if not written:
        return None
    try:
        x, y, z = (float(part) for part in written.split(","))
    except ValueError as error:
        raise InvalidTarget(texts("trajectories.bad_target", target=written)) from error
    return (x, y, z)


def _clearance(written: str, texts: Texts) -> tuple[str, float | None]:
    name, _, value = written.partition("=")
    try:
        return name.strip(), None if value.strip().lower() == "off" else float(value)
    except ValueError as error:
        raise typer.BadParameter(
            texts("trajectories.bad_clearance", clearance=written), param_hint="--clearance"
        ) from error


def _print_list(session: Session, found: TrajectoryList, output: Path) -> None:
    texts = session.texts
    say = access_phrasing(texts.language)
    target = say.general.numbers.position(found.corridor.aim.point_mm)
    session.print_text(texts("trajectories.heading", case=found.case_id, target=target, probe=found.model.name))
    if found.corridor.best:
        session.print_table(_way_header(texts), [_way_row(way, say, texts) for way in found.corridor.best])
    else:
        _print_reasons(session, found, say)
    if found.placed:
        session.print_text(texts("trajectories.probes"))
        session.print_table(_way_header(texts), [_way_row(way, say, texts) for way in found.placed])
    if found.pairs:
        session.print_text(texts("trajectories.pairs"))
        header = [texts(f"column.{name}") for name in ("pair", "gap", "angle", "tips", "crossing")]
        session.print_table(header, [_pair_row(pair, say, texts) for pair in found.pairs])
    for note in found.notes:
        session.print_text(say.note(note))
    session.print_text(texts("trajectories.where", path=output))
    session.print_text(texts("summary.notice"))


def _print_reasons(session: Session, found: TrajectoryList, say: AccessPhrasing) -> None:
    count = len(found.corridor.checks)
    session.print_text(session.texts("trajectories.none", count=count))
    for key, entries in list(found.corridor.counts.items())[:_MOST_REASONS]:
        share = say.general.numbers.decimal(100.0 * entries / max(count, 1))
        session.print_text(session.texts("trajectories.reason", share=share, reason=say.reason(key)))


def _way_header(texts: Texts) -> list[str]:
    names = (
        "way",
        "entry_lps",
        "tip_lps",
        "length",
        "approach",
        "tilt",
        "closest",
        "bone",
        "access",
        "shaft",
        "blocked",
    )
    return [texts(f"column.{name}") for name in names]


def _way_row(way: Trajectory, say: AccessPhrasing, texts: Texts) -> tuple[str, ...]:
    tightest = way.tightest
    closest = "–"
    if tightest is not None:
        closest = f"{say.structure(tightest.structure)} {say.mm(tightest.distance_mm, 1)}"
    free = texts("trajectories.free" if way.skin_seen else "trajectories.free_in_image")
    verdict = "; ".join(say.block(block) for block in way.blocked_by) or free
    if way.is_last_resort:
        verdict = f"{texts('trajectories.last_resort')}: {verdict}"
    return (
        way.label,
        say.general.numbers.position(way.entry_mm),
        say.general.numbers.position(way.target_mm),
        say.length(way),
        say.approach(way),
        say.tilt(way),
        closest,
        f"{say.mm(way.bone_mm)} / {say.mm(way.thickest_cortex_mm, 1)}",
        say.tool(way),
        say.mm(way.shaft.length_mm) if way.shaft else "–",
        verdict,
    )


def _pair_row(pair: ProbePair, say: AccessPhrasing, texts: Texts) -> tuple[str, ...]:
    return (
        " – ".join(pair.labels),
        say.mm(pair.gap_mm, 1),
        say.deg(pair.angle_deg),
        say.mm(pair.tip_spacing_mm, 1),
        texts("yes") if pair.is_crossing else texts("no"),
    )

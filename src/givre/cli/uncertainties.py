"""What the command uncertainty does once the command line is understood: sample, write and sum up."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

from givre import api, wiring
from givre.adapters.results.directory import check_results_folder
from givre.adapters.results.numbers import Json
from givre.cli.engine_options import EngineChoice, engine_chosen
from givre.cli.exit_codes import ExitCode
from givre.cli.planning_commands import chosen_languages
from givre.cli.session import ProgressShow, Session
from givre.dossier.uncertainty_phrasing import UncertaintyPhrasing, uncertainty_phrasing
from givre.planning.uncertainty.sampling import balanced_blocks
from givre.planning.uncertainty.sensitivity import FigureSensitivity
from givre.planning.uncertainty.spread import SpreadSettings, usual_settings
from givre.usecases.estimate_uncertainty import UncertaintyResult, UncertaintyWishes, estimate_uncertainty
from givre.wiring_uncertainty import refuse_missing_uncertainty_parts, told_by_tornado, write_uncertain_plan

_MOST_MOVERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedSpread:
    """What was asked on the command line; None keeps what the tables say.

    Attributes:
        samples: how many.
        placement_mm: standard deviation of the tip, across and along the probe.
        along_mm: along the probe, if it differs.
        direction_deg: of the tilt.
        threshold_c: of the lethal temperature.
        voxel_mm: edge of the voxels.
        tornado_runs: whether tornados are made of simulations.
        languages: of the pictures, parted by commas, or "none".
    """

    samples: int
    placement_mm: float | None
    along_mm: float | None
    direction_deg: float | None
    threshold_c: float | None
    voxel_mm: float
    tornado_runs: bool
    languages: str

    def wishes(self, seed: int) -> UncertaintyWishes:
        """The same as wishes.

        Raises:
            InputError: if a number is out of range.
        """
        return UncertaintyWishes(
            samples=self.samples,
            seed=seed,
            spread=self._spread(),
            voxel_mm=self.voxel_mm,
            tornado_by_runs=self.tornado_runs,
        )

    def _spread(self) -> SpreadSettings:
        found = usual_settings()
        if self.placement_mm is not None:
            found = replace(found, along_sigma_mm=self.placement_mm, across_sigma_mm=self.placement_mm)
        if self.along_mm is not None:
            found = replace(found, along_sigma_mm=self.along_mm)
        if self.direction_deg is not None:
            found = replace(found, direction_sigma_deg=self.direction_deg)
        if self.threshold_c is not None:
            found = replace(found, threshold_sigma_c=self.threshold_c)
        return found


def tell_uncertainty(
    session: Session, case: Path, output: Path, asked: AskedSpread, choice: EngineChoice, *, force: bool
) -> ExitCode:
    """Sample, write and sum up; not a good exit when the plan misses a goal even as planned."""
    wishes = asked.wishes(session.seed)
    languages = () if asked.languages == "none" else chosen_languages(asked.languages, session.texts)
    check_results_folder(output, replace_foreign=force)
    refuse_missing_uncertainty_parts(languages)
    with session.progress() as show:
        show.stage("import")
        loaded = api.load_case(case)
        with engine_chosen(session, choice) as engine:
            result = estimate_uncertainty(
                loaded.description,
                loaded.images,
                knowledge=wiring.knowledge(),
                run_many=engine,
                wishes=wishes,
                threads=choice.threads(session),
                told=_Watch(show),
            )
        show.stage("draw")
        document = write_uncertain_plan(
            result, output, languages=languages, replace_foreign=force, settings=_settings(wishes)
        )
    if session.as_json:
        session.print_json(_summary(document, output))
    else:
        _print_summary(session, result, output)
    return _exit_code(result)


def _exit_code(result: UncertaintyResult) -> ExitCode:
    if result.uncertainty.planned_failure:
        return ExitCode.NOT_CONVERGED
    return ExitCode.OK if all(chance.planned for chance in result.uncertainty.goals) else ExitCode.PLAN_UNSAFE


def _settings(wishes: UncertaintyWishes) -> dict[str, str | int | float | bool | None]:
    return {
        "samples": wishes.samples,
        "seed": wishes.seed,
        "along_sigma_mm": wishes.spread.along_sigma_mm,
        "across_sigma_mm": wishes.spread.across_sigma_mm,
        "direction_sigma_deg": wishes.spread.direction_sigma_deg,
        "threshold_sigma_c": wishes.spread.threshold_sigma_c,
        "tissue_width": wishes.spread.tissue_width,
        "probe_width": wishes.spread.probe_width,
        "voxel_mm": wishes.voxel_mm,
        "tornado_by_runs": wishes.tornado_by_runs,
    }


def _summary(document: Json, output: Path) -> Json:
    """The document without its longest lists, and where the whole lies."""
    short = {key: document[key] for key in ("schema", "schema_version", "notice", "case_id", "settings", "samples")}
    return {**short, "figures": document["figures"], "goals": document["goals"], "results": str(output)}


def _print_summary(session: Session, result: UncertaintyResult, output: Path) -> None:
    texts, found = session.texts, result.uncertainty
    say = uncertainty_phrasing(texts.language)
    described = result.description.told_in(texts.language)
    session.print_text(texts("summary.title", case=described.case_id, title=described.title))
    if described.synthetic:
        session.print_text(described.synthetic)
    blocks = balanced_blocks(found.samples)
    pieces = " + ".join(str(size) for size in blocks)
    key = "uncertainty.used" if len(blocks) == 1 else "uncertainty.used_pieces"
    session.print_text(texts(key, count=found.samples, inputs=len(found.factors), seed=found.seed, pieces=pieces))
    if found.failures:
        session.print_text(texts("uncertainty.failed", count=len(found.failures), reason=found.failures[0][1]))
    if found.planned_failure:
        session.print_text(texts("uncertainty.planned_failed", reason=found.planned_failure))
    _print_figures(session, result, say)
    _print_goals(session, result, say)
    session.print_text(texts("uncertainty.interval"))
    for moved in told_by_tornado(result):
        session.print_text(_movers(moved, result, session, say))
    _print_unknown(session, result, say)
    session.print_text(texts("uncertainty.scope"))
    session.print_text(texts("uncertainty.where", path=output))
    session.print_text(texts("summary.notice"))


def _print_figures(session: Session, result: UncertaintyResult, say: UncertaintyPhrasing) -> None:
    texts = session.texts
    header = [texts(f"column.{name}") for name in ("figure", "plan_as_is", "quantile_5", "median", "quantile_95")]
    rows = []
    for name, spread in result.uncertainty.figures.items():
        values = (spread.planned, *(spread.quantile(level) for level in (0.05, 0.5, 0.95)))
        rows.append((say.figure(name), *(say.value(value, spread.unit) for value in values)))
    session.print_table(header, rows)


def _print_goals(session: Session, result: UncertaintyResult, say: UncertaintyPhrasing) -> None:
    texts = session.texts
    header = [texts(f"column.{name}") for name in ("goal", "wanted", "as_planned", "chance", "chance_interval")]
    rows = []
    for chance in result.uncertainty.goals:
        low, high = chance.interval
        above = "> " if chance.goal.startswith("organ:") else "≥ "
        wanted = f"{above}{say.value(chance.wanted, chance.unit)}" if math.isfinite(chance.wanted) else ""
        planned = texts("yes" if chance.planned else "no")
        shown = (say.percent(chance.probability), f"{say.percent(low)} – {say.percent(high)}")
        rows.append((say.goal(chance.goal), wanted, planned, *shown))
    session.print_table(header, rows)


def _movers(moved: FigureSensitivity, result: UncertaintyResult, session: Session, say: UncertaintyPhrasing) -> str:
    """What moves a figure most, in one sentence."""
    factors = {factor.name: factor for factor in result.uncertainty.factors}
    shown = sorted(moved.factors, key=lambda share: (-share.total.value, share.name))[:_MOST_MOVERS]
    if not moved.is_known:
        bars = [bar for bar in moved.bars[:_MOST_MOVERS] if math.isfinite(bar.span)]
        parts = [f"{say.factor(factors[bar.name])} ({say.value(bar.span, moved.unit)})" for bar in bars]
        return session.texts("uncertainty.movers_by_runs", figure=say.figure(moved.figure), parts="; ".join(parts))
    parts = [f"{say.factor(factors[share.name])} {say.percent(share.total.value)}" for share in shown]
    return session.texts(
        "uncertainty.movers", figure=say.figure(moved.figure), parts="; ".join(parts), q2=say.percent(moved.q2)
    )


def _print_unknown(session: Session, result: UncertaintyResult, say: UncertaintyPhrasing) -> None:
    """Figures whose sensitivity is not given, by reason."""
    reasons: dict[str, list[str]] = {}
    for moved in result.sensitivity.values():
        if not moved.is_known:
            reasons.setdefault(moved.why_not, []).append(say.figure(moved.figure))
    for reason, names in reasons.items():
        session.print_text(session.texts(f"uncertainty.why_{reason}", figures=", ".join(names)))


class _Watch:
    """Counts simulations, then figures, for the bar."""

    def __init__(self, show: ProgressShow) -> None:
        self._show = show
        self._stage = ""

    def __call__(self, stage: str, done: int, of: int) -> bool:
        if stage != self._stage:
            self._show.stage(stage)
            self._stage = stage
        self._show.fraction(done / of)
        return True

"""The part of the command plan that asks for a plan that holds in a share of the samples, and shows it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from givre import wiring
from givre.cli.language import Texts
from givre.cli.session import ProgressShow, Session
from givre.dossier.uncertainty_phrasing import uncertainty_phrasing
from givre.planning.trial.many import RunMany
from givre.planning.uncertainty.robust import ORGAN, RobustFigures, Wanted
from givre.planning.uncertainty.robust_search import QuantileOutcome
from givre.usecases.import_case import CaseImages
from givre.usecases.propose_plan import ProposedPlans
from givre.usecases.quantile_plan import plan_for_quantile
from givre.wiring_placement import QUANTILE_PLAN, TimeLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedQuantile:
    """What was asked on the command line.

    Attributes:
        share: of the samples, or None if no such plan is wanted.
        samples: how many.
    """

    share: float | None
    samples: int

    def wanted(self, coverage_with_margin: float, seed: int) -> Wanted | None:
        """The same as a wish; None if there is none.

        Raises:
            InputError: if a number makes no sense.
        """
        if self.share is None:
            return None
        return Wanted(share=self.share, coverage_with_margin=coverage_with_margin, samples=self.samples, seed=seed)


def search_for_quantile(
    show: ProgressShow,
    found: ProposedPlans,
    images: CaseImages,
    wanted: Wanted,
    *,
    run_many: RunMany,
    threads: int,
    in_time: TimeLimit,
) -> ProposedPlans:
    """The proposals, with the plan that was asked for; the time limit ends the search."""
    show.stage("quantile")

    def told(done: int, of: int) -> bool:
        show.fraction(min(done / of, 0.99))
        return in_time.progress(0.0, 0.0)

    return plan_for_quantile(
        found,
        images,
        wanted,
        knowledge=wiring.knowledge(),
        run_many=run_many,
        threads=threads,
        told=told,
    )


def print_quantile(session: Session, found: ProposedPlans, folder: Path) -> None:
    """What the first proposal and the best plan reach as planned and in the wanted share; nothing if none was asked."""
    answer, texts = found.quantile, session.texts
    if answer is None:
        return
    wanted, outcome = answer.wanted, answer.outcome
    share = _share(wanted, texts)
    if outcome is None:
        session.print_text(texts("quantile.nothing", share=share))
        return
    say = uncertainty_phrasing(texts.language)
    covered = say.percent(wanted.coverage_with_margin)
    session.print_text(texts("quantile.asked", share=share, samples=wanted.samples, seed=wanted.seed, covered=covered))
    columns = ("first", "first_low", "best", "best_low")
    session.print_table(
        [texts("quantile.column_figure"), *(texts(f"quantile.column_{name}", share=share) for name in columns)],
        _rows(outcome, texts),
    )
    session.print_text(verdict_of(outcome, texts))
    if outcome.ended_early:
        session.print_text(texts("quantile.ended_early"))
    session.print_text(texts("quantile.tried", plans=outcome.plans_tried))
    session.print_text(texts("quantile.where", path=folder / QUANTILE_PLAN / "case.toml"))


def _share(wanted: Wanted, texts: Texts) -> str:
    return uncertainty_phrasing(texts.language).percent(wanted.share)


def _rows(outcome: QuantileOutcome, texts: Texts) -> list[tuple[str, ...]]:
    say, both = uncertainty_phrasing(texts.language), (outcome.before, outcome.best)
    rows = []
    for name, unit in (("coverage", "1"), ("coverage_with_margin", "1"), ("margin_mm", "mm")):
        values = [
            value
            for one in both
            for value in (math.nan if one.nominal is None else getattr(one.nominal, name), getattr(one, name))
        ]
        rows.append((texts(f"quantile.{name}"), *(say.value(value, unit) for value in values)))
    for organ in outcome.best.organ_coldest_c:
        values = [
            value
            for one in both
            for value in (
                math.nan if one.nominal is None else one.nominal.organ_coldest_c[organ],
                one.organ_coldest_c[organ],
            )
        ]
        name = texts("quantile.organ", organ=organ.replace("_", " "))
        rows.append((name, *(say.value(value, "C") for value in values)))
    return rows


def verdict_of(outcome: QuantileOutcome, texts: Texts) -> str:
    """Whether the wanted share is reached, by which plan, and what is missed if not."""
    say, best, first = uncertainty_phrasing(texts.language), outcome.best, outcome.before
    low, high = (say.percent(end) for end in best.interval)
    told = {"held": say.percent(best.held_share), "low": low, "high": high}
    if outcome.is_reached and best is first:
        return texts("quantile.already", **told)
    told |= {
        "first": say.percent(first.held_share),
        "proposal": str(best.plan.proposal),
        "changes": ", ".join(texts(f"quantile.change_{change}") for change in best.plan.changes)
        or texts("quantile.unchanged"),
    }
    if outcome.is_reached:
        return texts("quantile.reached", **told)
    return texts("quantile.not_reached", **told, **_missed(best, texts))


def _missed(best: RobustFigures, texts: Texts) -> dict[str, str]:
    goal, say = best.binding, uncertainty_phrasing(texts.language)
    name = (
        texts("quantile.organ", organ=goal.removeprefix(ORGAN).replace("_", " "))
        if goal.startswith(ORGAN)
        else texts("quantile.coverage_with_margin")
    )
    return {"goal": name, "missed": say.percent(best.missed[goal] / best.draws)}

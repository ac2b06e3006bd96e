"""The plan that holds in a share of the samples, as a part of proposals.json: nominal figures beside quantiles."""

from __future__ import annotations

from givre.adapters.results.numbers import Json, plain, with_reasons
from givre.planning.uncertainty.robust import RobustFigures
from givre.usecases.propose_plan import QuantileAnswer

_FAILED = "too many samples failed, or the plan as planned did"


def quantile_json(answer: QuantileAnswer, *, case: str) -> Json:
    """What was asked, what the first proposal and the best plan reach, and what stands in the way.

    Args:
        answer: of the search.
        case: path of the case file of the best plan, relative to the document; "" if there is none.
    """
    wanted, outcome = answer.wanted, answer.outcome
    asked: Json = {
        "share_of_samples": plain(wanted.share),
        "coverage_with_margin": plain(wanted.coverage_with_margin),
        "organs": "above their limits",
        "samples": wanted.samples,
        "seed": wanted.seed,
    }
    if outcome is None:
        return {"wanted": asked, "is_reached": False, "ended_early": True, "first_proposal": None, "best": None}
    return {
        "wanted": asked,
        "is_reached": outcome.is_reached,
        "ended_early": outcome.ended_early,
        "plans_tried": outcome.plans_tried,
        "rounds": outcome.rounds,
        "binding": "" if outcome.is_reached else outcome.best.binding,
        "first_proposal": _figures(outcome.before),
        "best": {**_figures(outcome.best), "case": case},
    }


def _figures(found: RobustFigures) -> Json:
    low, high = found.interval
    nominal = found.nominal
    return {
        "proposal": found.plan.proposal,
        "changes": list(found.plan.changes),
        "probes": len(found.plan.placements),
        "protocol": "" if found.plan.protocol is None else found.plan.protocol.name,
        "samples": found.draws,
        "failed": found.failed,
        "held": found.held,
        "held_share": plain(found.held_share),
        "held_share_interval_95": [plain(low), plain(high)],
        "missed": dict(found.missed),
        "nominal": None
        if nominal is None
        else _told(nominal.coverage, nominal.coverage_with_margin, nominal.margin_mm, dict(nominal.organ_coldest_c)),
        "quantile": _told(found.coverage, found.coverage_with_margin, found.margin_mm, dict(found.organ_coldest_c)),
    }


def _told(coverage: float, with_margin: float, margin_mm: float, organ_coldest_c: dict[str, float]) -> Json:
    return with_reasons(
        {
            "coverage": plain(coverage),
            "coverage_with_margin": plain(with_margin),
            "margin_mm": plain(margin_mm),
            "organ_coldest_c": with_reasons(
                {name: plain(value) for name, value in organ_coldest_c.items()}, why=_FAILED
            ),
        },
        why=_FAILED,
    )

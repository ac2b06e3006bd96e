"""All numbers of a verification as one JSON document, and back; a figure that is not finite is null."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

from givre.adapters.verification.origin import Origin
from givre.usecases.verify import StudyResult, StudyRow, Verification
from givre.verification.result import CardResult, Check, LadderResult, Point, Rung
from givre.verification.richardson import Extrapolation

SCHEMA = "givre-verification"
SCHEMA_VERSION = 1

_MAYBE_NULL = {"worst", "p95", "mean", "bias", "rms", "wall_s", "spacing_mm", "step_s", "order", "found", "limit"}
_MAYBE_NULL |= {"expected", "error", "uncertainty", "extrapolated", "error_bar", "values", "level"}


def written(verification: Verification, origin: Origin) -> str:
    """The document as text."""
    document = {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "notice": "Research use, not a medical device.",
        "origin": asdict(origin),
        "passed": verification.passed,
        "wall_s": verification.wall_s,
        "cards": [{"passed": card.passed} | asdict(card) for card in verification.cards],
        "studies": [asdict(study) for study in verification.studies],
    }
    return json.dumps(_without_nan(document), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def reading(text: str) -> tuple[Verification, Origin]:
    """What a document says; the inverse of `written`.

    Raises:
        ValueError: if it is something else.
    """
    document = json.loads(text)
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise ValueError("not a verification document")
    verification = Verification(
        cards=tuple(_card(card) for card in document["cards"]),
        studies=tuple(_study(study) for study in document["studies"]),
        wall_s=float(document["wall_s"]),
    )
    return verification, Origin(**document["origin"])


def _card(card: dict[str, Any]) -> CardResult:
    plain = {key: value for key, value in card.items() if key not in ("ladders", "passed", "notes")}
    return CardResult(**plain, notes=tuple(card["notes"]), ladders=tuple(_ladder(ladder) for ladder in card["ladders"]))


def _ladder(ladder: dict[str, Any]) -> LadderResult:
    values = _numbers(ladder)
    values["rungs"] = tuple(_rung(rung) for rung in ladder["rungs"])
    values["checks"] = tuple(Check(**_numbers(check)) for check in ladder["checks"])
    return LadderResult(**values)


def _rung(rung: dict[str, Any]) -> Rung:
    values = _numbers(rung)
    values["points"] = tuple(Point(**_numbers(point)) for point in rung["points"])
    return Rung(**values)


def _study(study: dict[str, Any]) -> StudyResult:
    values = dict(study)
    values["levels"], values["wall_s"] = tuple(study["levels"]), tuple(study["wall_s"])
    values["rows"] = tuple(
        StudyRow(
            quantity=row["quantity"],
            unit=row["unit"],
            values=tuple(math.nan if value is None else value for value in row["values"]),
            outlook=Extrapolation(**_numbers(row["outlook"])),
        )
        for row in study["rows"]
    )
    return StudyResult(**values)


def _numbers(values: dict[str, Any]) -> dict[str, Any]:
    """The same with null read as not a number, where numbers are meant."""
    return {key: math.nan if value is None and key in _MAYBE_NULL else value for key, value in values.items()}


def _without_nan(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _without_nan(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(inner) for inner in value]
    return value

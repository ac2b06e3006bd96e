"""The content of uncertainty.json: what was uncertain, how the figures come out, and what moves them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from importlib.resources import files as package_files

from givre.adapters.results.directory import UNCERTAINTY_SCHEMA
from givre.adapters.results.document import NOTICE
from givre.adapters.results.inputs import inputs_json
from givre.adapters.results.numbers import Json, plain, with_reasons
from givre.planning.uncertainty.probability import CONFIDENCE, FigureSpread, GoalChance
from givre.planning.uncertainty.sampling import balanced_blocks
from givre.planning.uncertainty.sensitivity import LEAST_Q2, FactorShare, FigureSensitivity
from givre.planning.uncertainty.sensitivity_shares import Share
from givre.planning.uncertainty.spread import CUT_SCORE, Factor
from givre.usecases.estimate_uncertainty import UncertaintyResult

SCHEMA_VERSION = "1.0"
"""Grows by its second number when something is added, by its first when something changes meaning."""

SCHEMA_FILE = "uncertainty.schema.json"

_FAILED = "the run failed, or the figure is not a number in it"
_QUANTILE = "so many samples failed that the quantile falls among them"


def uncertainty_schema() -> dict[str, object]:
    """The schema of uncertainty.json (JSON Schema 2020-12) as plain values.

    >>> uncertainty_schema()["title"]
    'givre uncertainty'
    """
    text = package_files("givre.adapters.results").joinpath(SCHEMA_FILE).read_text(encoding="utf-8")
    schema: dict[str, object] = json.loads(text)
    return schema


def uncertainty_document(
    result: UncertaintyResult,
    *,
    settings: Mapping[str, str | int | float | bool | None],
    versions: Mapping[str, str],
    files: Sequence[Json],
) -> Json:
    """The document; numbers that are not finite are null with their reason."""
    found, grid = result.uncertainty, result.grid
    return {
        "schema": UNCERTAINTY_SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "notice": NOTICE,
        "case_id": result.description.case_id,
        "synthetic": result.description.synthetic,
        "inputs": inputs_json(result.description, result.hashes),
        "settings": dict(settings),
        "versions": dict(versions),
        "lattice": {"voxel_mm": plain(grid.spacing_mm[0]), "shape_kji": list(grid.shape)},
        "samples": {
            "asked": result.wishes.samples,
            "used": found.samples,
            "balanced_blocks": list(balanced_blocks(found.samples)),
            "seed": found.seed,
            "failed": len(found.failures),
            "failures": [{"sample": number, "reason": reason} for number, reason in found.failures],
            "planned_failure": found.planned_failure,
        },
        "spread": {
            "meaning": "value: median; low and high: 2.5 % and 97.5 % quantiles, lognormal on the sides of a positive "
            f"value with a positive bound, else normal; cut at {CUT_SCORE:g} standard scores; inputs independent",
            "inputs": [_input(factor) for factor in found.factors],
        },
        "figures": {name: _figure(spread) for name, spread in found.figures.items()},
        "goals": [_goal(chance) for chance in found.goals],
        "sensitivity": {
            "least_q2": LEAST_Q2,
            "confidence": CONFIDENCE,
            "figures": {name: _sensitivity(moved) for name, moved in result.sensitivity.items()},
        },
        "notes": list(result.notes),
        "files": list(files),
    }


def _input(factor: Factor) -> Json:
    law = factor.law
    return {
        "name": factor.name,
        "what": factor.what,
        "group": factor.group,
        "shown_for": factor.shown_for,
        "value": plain(law.value),
        "low": plain(law.low),
        "high": plain(law.high),
        "unit": law.unit,
        "source": factor.source,
        "status": factor.status,
    }


def _figure(spread: FigureSpread) -> Json:
    quantiles = {f"{100 * level:g}": plain(value) for level, value in spread.quantiles.items()}
    return {
        "unit": spread.unit,
        **with_reasons({"planned": plain(spread.planned)}, why=_FAILED),
        "quantiles_percent": with_reasons(quantiles, why=_QUANTILE),
        "failed": spread.failed,
    }


def _goal(chance: GoalChance) -> Json:
    low, high = chance.interval
    return {
        "goal": chance.goal,
        **with_reasons({"wanted": plain(chance.wanted)}, why="all goals together have no one number"),
        "unit": chance.unit,
        "met": chance.met,
        "samples": chance.samples,
        "probability": plain(chance.probability),
        "interval": [plain(low), plain(high)],
        "planned": chance.planned,
    }


def _sensitivity(moved: FigureSensitivity) -> Json:
    return {
        "unit": moved.unit,
        "runs": moved.runs,
        **with_reasons({"q2": plain(moved.q2)}, why=f"no emulator was made: {moved.why_not or 'it failed'}"),
        "is_known": moved.is_known,
        "why_not": moved.why_not,
        "inputs": [_shares(share) for share in moved.factors],
        "groups": [_shares(share) for share in moved.groups],
        "tornado": {
            "from": moved.bars_from,
            **with_reasons({"centre": plain(moved.centre)}, why=_FAILED),
            "bars": [
                with_reasons(
                    {
                        "name": bar.name,
                        "input_low": plain(bar.input_low),
                        "input_high": plain(bar.input_high),
                        "at_low": plain(bar.at_low),
                        "at_high": plain(bar.at_high),
                    },
                    why=_FAILED,
                )
                for bar in moved.bars
            ],
        },
    }


def _shares(share: FactorShare) -> Json:
    return {
        "name": share.name,
        "main": _share(share.main),
        "total": _share(share.total),
        "main_by_data": _share(share.main_by_data),
    }


def _share(share: Share) -> Json | None:
    if math.isnan(share.value):
        return None
    numbers = {"value": plain(share.value), "low": plain(share.low), "high": plain(share.high)}
    return with_reasons(numbers, why="no bootstrap was asked for, or it gave no number")

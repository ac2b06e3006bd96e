"""Values that several documents hold, as JSON: verdicts and packaged numbers."""

from __future__ import annotations

from givre.adapters.results.numbers import Json, plain, with_reasons
from givre.assessment.result import Verdict
from givre.foundation.quantity import Quantity

NO_FIGURE = "the run gave no usable figure"
"""Why there is no number where a run failed."""


def verdict_json(verdict: Verdict) -> Json:
    """One verdict."""
    return with_reasons(
        {
            "goal": verdict.goal,
            "status": verdict.status,
            "value": plain(verdict.value),
            "limit": plain(verdict.limit),
            "unit": verdict.unit,
        },
        why=NO_FIGURE,
    )


def quantity_json(quantity: Quantity) -> Json:
    """A packaged number with its source."""
    return {
        "value": quantity.value,
        "low": quantity.low,
        "high": quantity.high,
        "unit": quantity.unit,
        "source": quantity.source,
        "status": quantity.status,
    }

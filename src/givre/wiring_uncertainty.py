"""Picks the adapters of an uncertain plan: how it is drawn, and where it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from givre.adapters.results.numbers import Json
from givre.adapters.results.uncertainty import write_uncertainty
from givre.dossier.uncertainty_phrasing import uncertainty_phrasing
from givre.foundation.errors import MissingExtra
from givre.planning.uncertainty.sensitivity import FigureSensitivity
from givre.usecases.estimate_uncertainty import UncertaintyResult

Language = Literal["fr", "en"]

MOST_ORGANS = 2
"""Organs at risk that get a tornado: those whose limit is kept least often."""

_COMPUTED_WITH = ("givre", "numpy", "scipy", "numba", "SALib")


def write_uncertain_plan(
    result: UncertaintyResult,
    folder: Path,
    *,
    languages: Sequence[Language],
    replace_foreign: bool = False,
    settings: Mapping[str, str | int | float | bool | None] | None = None,
) -> Json:
    """Write document, tables, probability map and pictures; the folder appears whole or not at all.

    Args:
        result: how the plan comes out.
        folder: where to.
        languages: of the pictures; none draws none.
        replace_foreign: whether a folder of other files may be set aside.
        settings: how givre was called, echoed.

    Raises:
        MissingExtra: if pictures are asked for and matplotlib is not installed.
        ResultsFolderRefused: if the folder cannot be made.
    """
    pictures = {name: content for language in languages for name, content in _pictures(result, language).items()}
    return write_uncertainty(
        result,
        folder,
        pictures=pictures,
        settings=settings or {},
        versions={name: found for name in _COMPUTED_WITH if (found := _version(name))},
        replace_foreign=replace_foreign,
    )


def refuse_missing_uncertainty_parts(languages: Sequence[Language]) -> None:
    """Refuse before minutes of computing, not after, what could not be finished.

    Raises:
        MissingExtra: if SALib, or matplotlib for pictures, is not installed.
    """
    needed = {"SALib": "uncertainty", **({"matplotlib": "report"} if languages else {})}
    missing = {name: extra for name, extra in needed.items() if find_spec(name) is None}
    if missing:
        raise MissingExtra(
            f"uncertainty needs {', '.join(missing)}, not installed here; "
            f"pip install 'givre[{','.join(missing.values())}]'"
        )


def told_by_tornado(result: UncertaintyResult) -> list[FigureSensitivity]:
    """Figures that get a tornado: smallest margin, covered tumour and margin, organs least often spared."""
    chances = {chance.goal: chance for chance in result.uncertainty.goals}
    organs = sorted(
        (name for name in result.sensitivity if name.startswith("organ:")),
        key=lambda name: (chances[name].probability, name),
    )
    wanted = ("margin_mm", "coverage_with_margin", *organs[:MOST_ORGANS])
    return [result.sensitivity[name] for name in wanted if result.sensitivity[name].bars]


def _pictures(result: UncertaintyResult, language: Language) -> dict[str, bytes]:
    # matplotlib is heavy: only a picture pays for it
    from givre.adapters.render.uncertainty_charts import draw_distributions, draw_tornado  # noqa: PLC0415

    say = uncertainty_phrasing(language)
    drawn = {f"distributions.{language}.png": draw_distributions(result, say)}
    for moved in told_by_tornado(result):
        name = moved.figure.replace("organ:", "organ_")
        drawn[f"tornado_{name}.{language}.png"] = draw_tornado(result, moved, say)
    return drawn


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""

"""What calibrate-probe does once the command line is understood: fit, write, and say what the table does not tell."""

from __future__ import annotations

import math
from itertools import combinations
from pathlib import Path

from givre.adapters.calibration import PlotWords
from givre.calibration.fit import FitSettings
from givre.calibration.result import Calibration, FittedNumber
from givre.cli.language import Texts
from givre.cli.session import ProgressShow, Session
from givre.cryoprobe.model import CryoprobeModel
from givre.wiring_calibration import calibrate as calibrate_on
from givre.wiring_calibration import write_calibration

USUAL_SOLVES = 25
"""Simulations that a fit takes, for the bar."""

_UNITS = {"C": "°C", "m2K/W": "m²K/W", "mm": "mm"}


def calibrate(
    session: Session,
    table: Path,
    output: Path,
    *,
    probe: str,
    asked: tuple[str, ...],
    settings: FitSettings,
    model_id: str,
    name: str,
    date: str,
    replace: bool,
) -> None:
    """Fit a probe and write its entry; prints numbers, residuals and what is not known."""
    with session.progress() as show:
        show.stage("calibrate")
        found = calibrate_on(
            table,
            output,
            probe=probe,
            asked=asked,
            settings=settings,
            model_id=model_id,
            name=name,
            date=date,
            replace=replace,
            threads=session.threads,
            told=_Watch(show),
        )
    words = _plot_words(session.texts, found.model, table.name)
    entry, residuals, plot = write_calibration(found, output, words)
    if session.as_json:
        session.print_json(_document(found.calibration, found.model, (entry, residuals, plot)))
        return
    texts = session.texts
    _print_numbers(session, found.calibration)
    _print_residuals(session, found.calibration)
    for sentence in remarks(found.calibration, settings, texts):
        session.print_text(sentence)
    session.print_text(texts("calibrate.written", entry=entry, residuals=residuals.name, plot=plot.name))
    session.print_text(texts("summary.notice"))


def remarks(calibration: Calibration, settings: FitSettings, texts: Texts) -> list[str]:
    """What a reader must know of a fit, in the language of the screen."""
    told = []
    for number in calibration.numbers.values():
        label = texts(f"number.{number.name}").capitalize()
        value = f"{_figure(number.value, texts)} {_UNITS[number.unit]}"
        if number.kept_because is not None:
            reason = texts(f"calibrate.{number.kept_because}")
            told.append(texts("calibrate.kept", number=label, value=value, reason=reason))
        elif number.at_bound:
            told.append(texts("calibrate.at_bound", number=label, value=value))
    for one, other in combinations(range(len(calibration.fitted)), 2):
        names = (texts(f"number.{calibration.fitted[rank]}") for rank in (one, other))
        value = _figure(float(calibration.correlation[one, other]), texts, 2)
        told.append(texts("calibrate.correlation", one=next(names), other=next(names), value=value))
    if calibration.degrees_of_freedom == 0:
        told.append(texts("calibrate.no_freedom"))
    assumed = sum(not residual.is_uncertainty_stated for residual in calibration.residuals)
    if assumed:
        usual = _figure(settings.assumed_uncertainty_mm, texts)
        told.append(texts("calibrate.assumed", count=assumed, total=len(calibration.residuals), assumed=usual))
    told.append(
        texts(
            "calibrate.misses",
            count=len(calibration.residuals),
            rms=_figure(calibration.rms_mm, texts, 2),
            worst=_figure(calibration.worst_mm, texts, 2),
            voxel=_figure(calibration.voxels_mm[1], texts, 2),
            shift=_figure(calibration.lattice_shift_mm, texts, 2),
        )
    )
    return told


def _print_numbers(session: Session, calibration: Calibration) -> None:
    texts = session.texts
    header = [texts(f"column.{name}") for name in ("quantity", "before", "value", "error", "unit")]
    session.print_table(header, [_number_row(number, texts) for number in calibration.numbers.values()])


def _number_row(number: FittedNumber, texts: Texts) -> tuple[str, ...]:
    error = _figure(number.standard_error, texts) if math.isfinite(number.standard_error) else "–"
    return (
        texts(f"number.{number.name}"),
        _figure(number.before, texts),
        _figure(number.value, texts),
        error,
        _UNITS[number.unit],
    )


def _print_residuals(session: Session, calibration: Calibration) -> None:
    texts = session.texts
    columns = ("medium", "probes", "time", "isotherm", "side", "measured", "fitted", "miss")
    rows = []
    for residual in calibration.residuals:
        size = residual.size
        plus_minus = "±" if residual.is_uncertainty_stated else "(±)"
        rows.append(
            (
                size.arrangement.medium,
                str(size.arrangement.probes),
                f"{_figure(size.arrangement.time_s / 60.0, texts)} min",
                f"{_figure(size.isotherm_c, texts)} °C",
                texts(f"side.{size.side}"),
                f"{_figure(size.size_mm, texts)} {plus_minus} {_figure(residual.uncertainty_mm, texts)}",
                _figure(residual.fitted_mm, texts, 1),
                f"{'+' if residual.miss_mm > 0 else ''}{_figure(residual.miss_mm, texts, 1)}",
            )
        )
    session.print_table([texts(f"column.{name}") for name in columns], rows)


def _figure(value: float, texts: Texts, places: int | None = None) -> str:
    written = f"{value:.4g}" if places is None else f"{value:.{places}f}"
    return (written.replace(".", ",") if texts.language == "fr" else written).replace("-", "\u2212")


def _plot_words(texts: Texts, model: CryoprobeModel, file: str) -> PlotWords:
    return PlotWords(
        title=texts("calibrate.plot_title", name=model.name, file=file),
        measured=texts("calibrate.plot_measured"),
        fitted=texts("calibrate.plot_fitted"),
        equal=texts("calibrate.plot_equal"),
        diameter=texts("side.diameter"),
        length=texts("side.length"),
        notice=texts("summary.notice"),
        decimal_comma=texts.language == "fr",
    )


def _document(calibration: Calibration, model: CryoprobeModel, files: tuple[Path, ...]) -> dict[str, object]:
    origin = model.calibration
    return {
        "id": model.id,
        "files": [str(file) for file in files],
        "origin": "" if origin is None else origin.sentence,
        "numbers": [
            {
                "name": number.name,
                "value": number.value,
                "unit": number.unit,
                "before": number.before,
                "standard_error": number.standard_error if math.isfinite(number.standard_error) else None,
                "at_bound": number.at_bound,
                "kept_because": number.kept_because,
            }
            for number in calibration.numbers.values()
        ],
        "degrees_of_freedom": calibration.degrees_of_freedom,
        "rms_mm": calibration.rms_mm,
        "worst_mm": calibration.worst_mm,
        "misses_mm": [residual.miss_mm for residual in calibration.residuals],
    }


class _Watch:
    """Counts simulations for the bar."""

    def __init__(self, show: ProgressShow) -> None:
        self._show = show

    def __call__(self, solved: int, _rms_mm: float) -> bool:
        self._show.fraction(min(solved / USUAL_SOLVES, 0.99))
        return True

"""The comparison with measurements as a section of Markdown and as plain values for JSON."""

from __future__ import annotations

import math
from collections.abc import Iterable

from givre.verification.measured.agreement import Agreement, Compared
from givre.verification.measured.report import Study, ValidationReport
from givre.verification.measured.table import Measurement

_UNITS = {"C": "°C"}


def validation_markdown(report: ValidationReport) -> str:
    """The whole section: the fit, each study with every point, and what cannot be compared."""
    parts = [
        _fit(report),
        *(_study(study) for study in report.studies),
        _left_out(report.not_comparable),
    ]
    return "\n\n".join(parts) + "\n"


def validation_json(report: ValidationReport) -> dict[str, object]:
    """The same as plain values; what is not finite is null."""
    return {
        "fit": {
            "table_sha256": report.table_sha256,
            "numbers": {name: number.value for name, number in report.calibration.numbers.items()},
            "misses_mm": [residual.miss_mm for residual in report.calibration.residuals],
        },
        "prediction": report.prediction_text.splitlines(),
        "prediction_sha256": report.prediction_sha256,
        "studies": [
            {
                "key": study.key,
                "title": study.title,
                "compared": study.compared_is,
                "plausibility_only": study.is_plausibility,
                "failure": study.failure,
                "points": [_point(pair) for pair in study.pairs],
                "statistics": {name: _statistics(found) for name, found in study.statistics},
            }
            for study in report.studies
        ],
        "not_comparable": [{"id": m.id, "source": m.source, "why": m.note} for m in report.not_comparable],
    }


def _fit(report: ValidationReport) -> str:
    found = report.calibration
    surface = found.numbers["surface_temp"]
    misses = "; ".join(
        f"{r.size.isotherm_c:g} °C: {r.fitted_mm:.1f} mm for {r.size.size_mm:g} mm measured ({r.miss_mm:+.1f} mm)"
        for r in found.residuals
    )
    return (
        "### The one fit\n\n"
        f"Surface temperature {surface.value:.1f} ± {surface.standard_error:.1f} °C (one standard error) from two "
        f"diameters of one 2.4 mm probe in agar. {misses}. Active zone (30 mm) and contact resistance (0) are assumed: "
        "the table holds no length and one time. These misses are residuals of a fit, not a test.\n\n"
        "Predictions were written down before they were compared; SHA-256 of that text: "
        f"`{report.prediction_sha256}`. They are not blind: whoever chose the model had read the publications."
    )


def _study(study: Study) -> str:
    what = "Plausibility only. " if study.is_plausibility else ""
    parts = [f"### {study.title}", f"{what}{study.compared_is}"]
    parts.append(f"**FAILED**: {study.failure}" if study.failure else _points_table(study.pairs))
    if study.statistics:
        parts.append(_statistics_table(study.statistics))
    return "\n\n".join(parts)


def _points_table(pairs: Iterable[Compared]) -> str:
    head = "| measured | condition | value | uncertainty | model | miss | miss % | standing |\n" + "|---" * 8 + "|"
    return "\n".join([head, *(_row(pair) for pair in pairs)])


def _row(pair: Compared) -> str:
    m = pair.measurement
    unit = _UNITS.get(m.unit, m.unit)
    number = f", n = {m.n}" if m.n else ""
    uncertain = f"± {m.uncertainty:g} {unit} ({m.uncertainty_is}{number})"
    percent = f"{pair.miss_percent:+.0f}" if math.isfinite(pair.miss_percent) else "–"
    miss = f"{pair.miss:+.1f}"
    if m.uncertainty_is.startswith("an upper bound"):
        percent, miss = "–", "consistent" if pair.miss < 0 else "not consistent"
    cells = (
        _what(m),
        pair.condition.replace("_", " ") or _where(m),
        f"{m.value:.3g} {unit}",
        uncertain if math.isfinite(m.uncertainty) else m.uncertainty_is,
        f"{pair.predicted:.1f}",
        miss,
        percent,
        f"[{m.tag}] {'fitted' if m.use == 'calibration' else m.use}",
    )
    return "| " + " | ".join(cells) + " |"


def _what(m: Measurement) -> str:
    name = m.quantity.replace("_", " ")
    if m.quantity == "temperature":
        return f"{name}, {m.note}"
    if m.unit == "C":
        return name
    return f"{m.isotherm_c:g} °C {name}" if math.isfinite(m.isotherm_c) else name


def _where(m: Measurement) -> str:
    probes = f"{m.probes} probe{'' if m.probes == '1' else 's'}" if m.probes else ""
    return ", ".join(part for part in (probes, m.protocol) if part)


def _statistics_table(statistics: Iterable[tuple[str, Agreement]]) -> str:
    head = "| over | n | bias | mean without sign | worst | limits of agreement |\n|---|---|---|---|---|---|"
    lines = []
    for name, found in statistics:
        unit = _UNITS.get(found.unit, "points" if found.unit == "%" else found.unit)
        limits = f"{found.low:+.1f} to {found.high:+.1f} {unit}" if math.isfinite(found.low) else "too few"
        lines.append(
            f"| {name} | {found.n} | {found.bias:+.1f} {unit} | {found.mean_absolute:.1f} {unit} | "
            f"{found.worst:+.1f} {unit} | {limits} |"
        )
    return "\n".join([head, *lines])


def _left_out(measurements: Iterable[Measurement]) -> str:
    lines = [f"| {_what(m)} | {m.value:g} {_UNITS.get(m.unit, m.unit)} | {m.source} | {m.note} |" for m in measurements]
    head = "| measured | value | source | not comparable because |\n|---|---|---|---|"
    return "\n".join(["### Not compared\n", head, *lines])


def _point(pair: Compared) -> dict[str, object]:
    m = pair.measurement
    return {
        "id": m.id,
        "quantity": m.quantity,
        "isotherm_c": m.isotherm_c if math.isfinite(m.isotherm_c) else None,
        "condition": pair.condition,
        "measured": m.value,
        "unit": m.unit,
        "uncertainty": m.uncertainty if math.isfinite(m.uncertainty) else None,
        "uncertainty_is": m.uncertainty_is,
        "n": m.n or None,
        "model": pair.predicted if math.isfinite(pair.predicted) else None,
        "miss": pair.miss if math.isfinite(pair.miss) else None,
        "tag": m.tag,
        "use": m.use,
        "source": m.source,
        "note": m.note,
    }


def _statistics(found: Agreement) -> dict[str, object]:
    numbers = {"bias": found.bias, "mean_absolute": found.mean_absolute, "worst": found.worst}
    numbers |= {"low": found.low, "high": found.high}
    finite = {name: value if math.isfinite(value) else None for name, value in numbers.items()}
    return {"n": found.n, "unit": found.unit, **finite}

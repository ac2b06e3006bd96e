"""The figures of one card as CSV: one row per level, and one per point where a card shows every point."""

from __future__ import annotations

import csv
import io
import math

from givre.verification.result import CardResult, Rung

COLUMNS = (
    "card", "ladder", "unit", "refined", "level", "name", "spacing_mm", "step_s", "voxels", "steps", "n", "worst",
    "p95", "mean", "bias", "rms", "wall_s", "point", "found", "expected", "error", "uncertainty", "refusal",
)  # fmt: skip


def card_csv(card: CardResult) -> str:
    """The whole table; a figure that is not finite is an empty cell."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for ladder in card.ladders:
        for rung in ladder.rungs:
            start = [card.id, ladder.name, ladder.unit, ladder.refined, _cell(rung.level), rung.name]
            writer.writerow([*start, *_statistics(rung), "", "", "", "", "", rung.refusal])
            for row in _points(rung):
                writer.writerow([*start, *[""] * 11, *row, ""])
    return stream.getvalue()


def _statistics(rung: Rung) -> list[str]:
    sizes = [_cell(rung.spacing_mm), _cell(rung.step_s), str(rung.voxels), str(rung.steps), str(rung.n)]
    return sizes + [_cell(v) for v in (rung.worst, rung.p95, rung.mean, rung.bias, rung.rms, rung.wall_s)]


def _points(rung: Rung) -> list[list[str]]:
    return [
        [point.label, _cell(point.found), _cell(point.expected), _cell(point.error), _cell(point.uncertainty)]
        for point in rung.points
    ]


def _cell(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else ""

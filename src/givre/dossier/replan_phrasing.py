"""The language of replanning: deviations, instructions and what is missed, in French and English."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from givre.assessment.result import Verdict
from givre.dossier.inputs import Lang
from givre.dossier.phrasing import Phrasing, phrasing
from givre.dossier.words import NBSP, Words, typeset_english, typeset_french
from givre.geometry.grid import Point
from givre.planning.replan.change import Change
from givre.planning.replan.goals import Missed
from givre.planning.replan.placed import Deviation
from givre.planning.replan.search import KindTried

_SMALL_MM = 0.25
"""A shorter part of a displacement is not told."""

_SIDES = (("left", "right"), ("back", "front"), ("head", "feet"))
"""Words of the positive and negative end of each LPS axis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplanPhrasing:
    """Words of replanning in one language, over the general ones."""

    words: Words
    general: Phrasing

    def mm(self, value_mm: float, places: int = 1) -> str:
        """A length."""
        return self.general.numbers.with_unit(value_mm, "mm", places)

    def position(self, point_mm: Point) -> str:
        """An LPS point, to 0.1 mm."""
        return f"({'; '.join(self.general.numbers.decimal(value, 1) for value in point_mm)}){NBSP}mm"

    def minutes(self, value_s: float) -> str:
        """A time in minutes."""
        return f"{self.general.numbers.plain(round(value_s / 60.0, 2))}{NBSP}min"

    def where(self, offset_mm: Point) -> str:
        """A displacement as parts along the patient's axes, the largest first."""
        parts = [
            (abs(value), self.words(f"where.{side[0] if value > 0 else side[1]}", size=self.mm(abs(value))))
            for value, side in zip(offset_mm, _SIDES, strict=True)
            if abs(value) >= _SMALL_MM
        ]
        return ", ".join(text for _, text in sorted(parts, key=lambda part: -part[0]))

    def deviation(self, deviation: Deviation) -> str:
        """How far one probe is from the plan."""
        if deviation.tip_mm < 0.05 and deviation.entry_mm < 0.05:
            return self.words("deviation.none", label=deviation.label)
        depth = "deeper" if deviation.along_mm > 0 else "shallower"
        depth = "on_depth" if abs(deviation.along_mm) < 0.05 else depth
        return self.words(
            "deviation.sentence",
            label=deviation.label,
            tip=self.mm(deviation.tip_mm),
            where=self.where(deviation.offset_mm) or "–",
            along=self.words(f"deviation.{depth}", size=self.mm(abs(deviation.along_mm))),
            across=self.mm(deviation.across_mm),
            entry=self.mm(deviation.entry_mm),
            angle=f"{self.general.numbers.decimal(deviation.angle_deg, 1)}°",
        )

    def instruction(self, change: Change) -> str:
        """What to do."""
        placed = change.changed
        is_time = change.kind in ("freeze", "delay")
        return self.words(
            f"change.{change.how}",
            probe=change.probe,
            size=self.minutes(change.size) if is_time else self.mm(change.size),
            where=self.where(change.offset_mm),
            protocol=change.protocol.name,
            entry="" if placed is None else self.position(placed.entry_mm),
            tip="" if placed is None else self.position(placed.target_mm),
            length="" if placed is None else self.mm(placed.depth_mm, 0),
            model="" if placed is None else placed.model,
            start="" if placed is None else self.minutes(placed.start_s),
        )

    def goal(self, goal: str) -> str:
        """A goal in words."""
        family, _, structure = goal.partition(":")
        if family == "organ":
            return self.words("goal.organ", structure=self.general.structure(structure))
        return self.words(f"goal.{family}") if self.words.has(f"goal.{family}") else goal

    def value(self, value: float, unit: str) -> str:
        """A figure of a goal."""
        numbers = self.general.numbers
        if unit == "1":
            return f"{numbers.decimal(100.0 * value, 1)}{NBSP}%" if math.isfinite(value) else numbers.missing
        return numbers.with_unit(value, "°C" if unit == "degC" else unit, 1)

    def figure(self, verdict: Verdict) -> str:
        """The figure of a verdict."""
        return self.value(verdict.value, verdict.unit)

    def missed(self, missed: Missed) -> str:
        """One figure that is not reached."""
        key = "missed.known" if math.isfinite(missed.by) else "missed.unknown"
        return self.words(
            key,
            goal=self.goal(missed.goal),
            value=self.value(missed.value, missed.unit),
            least=self.value(missed.least, missed.unit),
            by=self.value(max(missed.by, 0.0 if missed.unit == "1" else 0.1), missed.unit),
        )

    def kind(self, tried: KindTried) -> str:
        """One kind of change, and how much of it was tried."""
        note = self.words(f"note.{tried.note}", simulated=tried.simulated, candidates=tried.candidates)
        return f"{self.words(f'kind.{tried.kind}')}{NBSP if self.words.lang == 'fr' else ''}: {note}"


@cache
def replan_phrasing(lang: Lang) -> ReplanPhrasing:
    """The words of replanning in one language."""
    text = resources.files("givre.dossier").joinpath(f"replan_words_{lang}.toml").read_text(encoding="utf-8")
    typeset = typeset_french if lang == "fr" else typeset_english
    texts = {
        f"{section}.{key}": typeset(value)
        for section, table in tomllib.loads(text).items()
        for key, value in table.items()
    }
    return ReplanPhrasing(words=Words(lang=lang, texts=texts), general=phrasing(lang))

"""The language of one dossier: its words, its numbers and the phrases both make together."""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from givre.assessment.result import Assessment, Exposure, Verdict
from givre.bioheat.run import ThermalRun
from givre.case.description import CaseDescription
from givre.case.goals import Goals
from givre.dossier.inputs import DossierInputs, Lang
from givre.dossier.numbers import NumberStyle
from givre.dossier.words import Words, load_words

_LEVEL = re.compile(r"[CTLS]\d{1,2}")
"""A level of the spine, as it ends the name of a structure: vertebra_L3."""
_BONE_BIN = re.compile(r"bone (-?\d+) HU")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedAccuracy:
    """How far published models of the same kind are from what was observed [mm]; none of it is ours.

    Attributes:
        mean_low_mm: smaller of the published mean distances between predicted and observed ice surface, patients.
        mean_high_mm: larger of them.
        worst_mm: largest distance seen, patients.
        gel_mean_mm: mean isotherm distance in gel, upper bound.
        source: where they come from.
    """

    mean_low_mm: float
    mean_high_mm: float
    worst_mm: float
    gel_mean_mm: float
    source: str


@cache
def published_accuracy() -> PublishedAccuracy:
    """The packaged figures."""
    table = _accuracy_table()
    return PublishedAccuracy(
        mean_low_mm=table["patients"]["surface_mean_low_mm"],
        mean_high_mm=table["patients"]["surface_mean_high_mm"],
        worst_mm=table["patients"]["surface_worst_mm"],
        gel_mean_mm=table["gel"]["isotherm_mean_mm"],
        source=table["patients"]["source"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorBarTrial:
    """How often error bars of givre contained the difference to the same plan on a fine lattice.

    Attributes:
        plans: how many plans, other than those on which the rule was chosen.
        bars: how many error bars.
        contained: how many of them contained the difference.
        reference_mm: voxel edge of the fine lattice.
    """

    plans: int
    bars: int
    contained: int
    reference_mm: float


@cache
def error_bar_trial() -> ErrorBarTrial:
    """The packaged figures."""
    table = _accuracy_table()["error_bars"]
    return ErrorBarTrial(
        plans=table["plans"],
        bars=table["bars"],
        contained=table["contained"],
        reference_mm=table["reference_mm"],
    )


def _accuracy_table() -> dict[str, Any]:
    text = resources.files("givre.dossier").joinpath("accuracy.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrasing:
    """Words and numbers of one language."""

    words: Words
    numbers: NumberStyle

    def threshold(self, temp_c: float) -> str:
        """A chosen temperature, as it was given."""
        return f"{self.numbers.plain(temp_c)}\u00a0°C"

    def held(self, goals: Goals) -> str:
        """What the lethal zone asks beside its temperature, to follow it; empty when it asks nothing more."""
        asked = []
        if goals.hold_s > 0:
            asked.append(self.words("lethal.hold", hold=self.numbers.duration(goals.hold_s)))
        if goals.freezes > 1:
            asked.append(self.words("lethal.freezes", freezes=self.words.count("freeze", goals.freezes)))
        return f" {', '.join(asked)}" if asked else ""

    def structure(self, name: str) -> str:
        """A structure in words, with its side or its level when its name ends with one."""
        base, _, side = name.rpartition("_")
        if side in ("left", "right") and not self.words.has(f"structure.{name}"):
            return self.words(f"side.{side}", structure=self.words.name("structure", base))
        if _LEVEL.fullmatch(side) and self.words.has(f"structure.{base}"):
            return f"{self.words.name('structure', base)} {side}"
        return self.words.name("structure", name)

    def point(self, name: str, organs: tuple[str, ...]) -> str:
        """A followed point in words; one named after an organ is its point nearest to the probes."""
        if name in organs:
            return self.words("figure.nearest_of", structure=self.structure(name))
        return self.structure(name)

    def tissue(self, name: str) -> str:
        """A tissue in words; the HU of a bone bin is kept, and so is the structure that a fluid fills."""
        fluid, _, structure = name.partition(" ")
        if self.words.has(f"flow.{fluid}"):
            return f"{self.words(f'flow.{fluid}')} ({self.structure(structure)})"
        bone = _BONE_BIN.fullmatch(name)
        if bone:
            unit = "UH" if self.words.lang == "fr" else "HU"
            return f"{self.words.name('tissue', 'bone')} {self.numbers.plain(float(bone[1]))}\u00a0{unit}"
        return self.words.name("tissue", name.replace(" ", "_"))

    def whereabouts(self, letters: str) -> str:
        """Patient letters ("A-L") as a direction from the tumour centre."""
        direction = self.direction(letters)
        return self.words("summary.where", direction=direction) if direction else self.words("summary.where_unknown")

    def direction(self, letters: str) -> str:
        """Patient letters ("PH") as a direction; empty without any."""
        found = [self.words(f"direction.{letter}") for letter in letters if letter in "RLAPHF"]
        return self.words("summary.and").join(found)

    def goal(self, verdict: Verdict, case: CaseDescription) -> str:
        """What a verdict judges, in words."""
        family, _, structure = verdict.goal.partition(":")
        if family == "organ":
            return self.words("verdict.organ", organ=capitalised(self.structure(structure)))
        if not self.words.has(f"verdict.{family}"):
            return self.words("verdict.other", goal=verdict.goal)
        goals = case.goals
        return self.words(f"verdict.{family}", lethal=self.threshold(goals.lethal_temp_c), held=self.held(goals))

    def found_and_wanted(self, verdict: Verdict, inputs: DossierInputs) -> tuple[str, str]:
        """The figure found and the one wanted, in words."""
        if verdict.goal == "run":
            if verdict.status == "unknown":
                return self.numbers.missing, self.words("verdict.run_wanted")
            return self.words(f"verdict.run_found_{inputs.run.status.ending}"), self.words("verdict.run_wanted")
        found, wanted = self.numbers.against(verdict.value, verdict.limit, verdict.unit)
        if is_bound(verdict, inputs.assessment):
            found = f"≥\u00a0{found}"
        sign = ">" if verdict.goal.startswith("organ:") else "≥"
        return found, f"{sign}\u00a0{wanted}"


def is_bound(verdict: Verdict, assessment: Assessment) -> bool:
    """Whether the figure of a verdict on an organ is only a bound: the coldest face of the domain, not the organ."""
    for exposure in assessment.exposures:
        if exposure.verdict == verdict:
            return stands_for_outside(exposure)
    return False


def stands_for_outside(exposure: Exposure) -> bool:
    """Whether the part outside the simulated domain decides: no simulated place is as cold as the bound for it."""
    value = exposure.verdict.value
    is_known = math.isfinite(value) and exposure.verdict.status != "unknown"
    return is_known and not exposure.coldest_c <= value


def coldest_face_c(run: ThermalRun) -> float:
    """The coldest temperature [°C] on the faces of the simulated domain; what lies outside is at least as warm.

    Valid for a usable run alone; NaN if a temperature there is not finite.
    """
    faces_c = [np.take(run.coldest_c, end, axis=axis).min() for axis in range(3) for end in (0, -1)]
    return float(np.min(faces_c))


def phrasing(lang: Lang) -> Phrasing:
    """Words and numbers of a language."""
    return Phrasing(words=load_words(lang), numbers=NumberStyle(lang=lang))


def capitalised(text: str) -> str:
    """The text with a capital first letter, the rest untouched."""
    return text[:1].upper() + text[1:]

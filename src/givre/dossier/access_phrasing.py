"""The language of ways of access: reasons, directions and notes in French and English."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from givre.dossier.inputs import Lang
from givre.dossier.phrasing import Phrasing, phrasing
from givre.dossier.words import NBSP, Words, typeset_english, typeset_french
from givre.planning.access.path_checks import Block
from givre.planning.access.trajectory import Trajectory
from givre.planning.access.trajectory_list import AccessNote

_STRAIGHT_DEG = 2.0
"""Within this, a direction is called straight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPhrasing:
    """Words of access in one language, over the general ones."""

    words: Words
    general: Phrasing

    def mm(self, value_mm: float, places: int = 0) -> str:
        """A length; a clearance is given with one decimal."""
        return self.general.numbers.with_unit(value_mm, "mm", places)

    def deg(self, value_deg: float) -> str:
        """An angle."""
        return f"{self.general.numbers.decimal(value_deg)}°" if math.isfinite(value_deg) else "–"

    def structure(self, name: str) -> str:
        """A structure or a rule in words."""
        base, _, side = name.rpartition("_")
        if self.words.has(f"structure.{name}"):
            return self.words(f"structure.{name}")
        if side in ("left", "right") and self.words.has(f"structure.{base}"):
            return self.general.words(f"side.{side}", structure=self.words(f"structure.{base}"))
        return self.general.structure(name)

    def reason(self, key: str) -> str:
        """The key of a reason in words: "clearance aorta", "tilt", or "" for a free entry."""
        family, _, structure = key.partition(" ")
        return self.words(f"reason.{family}", structure=self.structure(structure))

    def block(self, block: Block) -> str:
        """One reason with its numbers."""
        family = "crosses" if block.reason == "clearance" and block.found <= 0 else block.reason
        if not self.words.has(f"block.{family}"):
            return self.reason(block.key)
        show = self.deg if block.unit == "deg" else lambda value: self.mm(value, 1)
        return self.words(
            f"block.{family}",
            structure=self.structure(block.structure),
            found=show(block.found),
            limit=show(block.limit),
        )

    def approach(self, trajectory: Trajectory) -> str:
        """Where the needle comes from in the axial plane."""
        angle = trajectory.in_plane_deg
        from_back, side = abs(angle), "left" if angle > 0 else "right"
        if from_back <= _STRAIGHT_DEG:
            return self.words("direction.behind")
        if from_back >= 180.0 - _STRAIGHT_DEG:
            return self.words("direction.front")
        if abs(from_back - 90.0) <= _STRAIGHT_DEG:
            return self.words(f"direction.{side}")
        if from_back < 90.0:
            return self.words(f"direction.behind_{side}", angle=self.deg(from_back))
        return self.words(f"direction.front_{side}", angle=self.deg(180.0 - from_back))

    def tilt(self, trajectory: Trajectory) -> str:
        """How far the needle leaves the axial plane."""
        if abs(trajectory.tilt_deg) < _STRAIGHT_DEG:
            return self.words("direction.tilt_none")
        end = "head" if trajectory.tilt_deg > 0 else "feet"
        return self.words(f"direction.tilt_{end}", angle=self.deg(abs(trajectory.tilt_deg)))

    def length(self, trajectory: Trajectory) -> str:
        """From skin to tip; a lower bound where the skin is not seen."""
        shown = self.mm(trajectory.length_mm)
        return shown if trajectory.skin_seen else f"≥{NBSP}{shown}"

    def tool(self, trajectory: Trajectory) -> str:
        """Needle or drill."""
        return self.words(f"figure.{trajectory.tool}_word")

    def note(self, note: AccessNote) -> str:
        """A note as a sentence."""
        return self.words(
            f"note.{note.code}",
            structures=", ".join(self.structure(name) for name in note.structures),
            letters=", ".join(note.letters),
            value=self.general.numbers.plain(round(note.value, 1)) if math.isfinite(note.value) else "–",
            text=note.text,
        )


@cache
def access_phrasing(lang: Lang) -> AccessPhrasing:
    """The words of access in one language."""
    text = resources.files("givre.dossier").joinpath(f"access_words_{lang}.toml").read_text(encoding="utf-8")
    typeset = typeset_french if lang == "fr" else typeset_english
    texts = {
        f"{section}.{key}": typeset(value)
        for section, table in tomllib.loads(text).items()
        for key, value in table.items()
    }
    return AccessPhrasing(words=Words(lang=lang, texts=texts), general=phrasing(lang))

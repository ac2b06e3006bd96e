"""What a needle must not touch and how far it stays away: rules by the name of a structure, and what the CT shows."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from givre.foundation.errors import InputError
from givre.foundation.quantity import Quantity
from givre.foundation.quantity_table import quantity_from
from givre.geometry.volume import Mask, Volume
from givre.tissue.hu_thresholds import HuThresholds

Avoid = Literal["always", "if_possible"]
"""Whether a rule never gives way, or only while another path exists."""

GAS_ON_CT, LUNG_ON_CT, METAL_ON_CT = "gas_on_ct", "lung_on_ct", "metal_on_ct"
"""Structures found by their HU, beside those drawn as masks."""

OTHER_ORGAN = "other_organ_at_risk"
LARGEST_CLEARANCE_MM = 50.0
LUNG_ABOVE_HU = -930.0
"""Gas inside the body whose mean is above is lung (about -850 HU); free gas is near -1000 HU (recalled)."""
_LUNG_FROM_ML = 20.0
_PASSABLE = (
    "body", "skin", "tumour", "tumor", "lesion", "target", "bone", "vertebra", "vertebrae", "sacrum", "hip", "iliac",
    "ilium", "pelvis", "femur", "humerus", "tibia", "fibula", "rib", "ribs", "scapula", "clavicula", "clavicle",
    "sternum", "acetabulum", "patella", "skull", "muscle", "iliopsoas", "psoas", "autochthon", "gluteus", "gluteal",
    "fat",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearanceRule:
    """How far a needle stays from the structures of some names.

    Attributes:
        name: of the rule ("great_vessel").
        patterns: words a structure's name must hold, in order ("iliac_artery" is in "iliac_artery_left").
        clearance_mm: least distance between the surface of the shaft and the structure.
        avoid: never to be broken, or only while another path exists.
        note: what a user must know.
    """

    name: str
    patterns: tuple[str, ...]
    clearance_mm: Quantity
    avoid: Avoid
    note: str = ""

    def __post_init__(self) -> None:
        if self.avoid not in get_args(Avoid):
            raise InputError(f'clearance rule {self.name}: avoid "{self.avoid}"; use {" or ".join(get_args(Avoid))}')
        if not (self.clearance_mm.low >= 0 and self.clearance_mm.high <= LARGEST_CLEARANCE_MM):
            raise InputError(
                f"clearance rule {self.name}: {self.clearance_mm.low} to {self.clearance_mm.high} mm; "
                f"give 0 to {LARGEST_CLEARANCE_MM:g} mm"
            )

    def names(self, structure: str) -> bool:
        """Whether the rule is about a structure of this name.

        >>> load_clearance_rules().rules[0].names("spinal cord")
        True
        """
        words = _words(structure)
        return any(_holds(words, _words(pattern)) for pattern in self.patterns)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearanceRules:
    """All rules; the first that names a structure decides.

    Attributes:
        rules: in the order they are tried.
        free: names of structures or rules that were set free by argument.
    """

    rules: tuple[ClearanceRule, ...]
    free: tuple[str, ...] = ()

    def rule_of(self, structure: str, *, is_organ_at_risk: bool = False) -> ClearanceRule | None:
        """The rule for a structure; None when a needle may cross it."""
        if self._is_free(structure, ""):
            return None
        for rule in self.rules:
            if rule.names(structure):
                return None if self._is_free(structure, rule.name) else rule
        if not is_organ_at_risk or is_passable(structure):
            return None
        return next((rule for rule in self.rules if rule.name == OTHER_ORGAN), None)

    def with_clearances(self, given: Mapping[str, float | None], *, structures: Iterable[str]) -> ClearanceRules:
        """The rules with some clearances given anew.

        Args:
            given: clearance [mm] by the name of a rule or of a structure; None lets a needle through. What is given
                is never broken.
            structures: names of the structures of the case, to refuse a name that is none.

        Raises:
            InputError: for a clearance that is not 0 to 50 mm, or a name that is no rule and no structure.
        """
        known = {_plain(name): name for name in (*structures, GAS_ON_CT, LUNG_ON_CT, METAL_ON_CT)}
        rules, free = list(self.rules), list(self.free)
        for name, clearance_mm in given.items():
            place = next((place for place, rule in enumerate(rules) if rule.name == _plain(name)), None)
            if place is None and _plain(name) not in known:
                listed = ", ".join(sorted(known.values()))
                named = ", ".join(rule.name for rule in self.rules)
                raise InputError(
                    f'clearance for "{name}": no such structure or rule; structures: {listed}; rules: {named}'
                )
            if clearance_mm is None:
                free.append(_plain(name))
                continue
            quantity = _given(name, clearance_mm)
            if place is not None:
                rules[place] = replace(rules[place], clearance_mm=quantity, avoid="always")
            else:
                rules.insert(
                    0, ClearanceRule(name=_plain(name), patterns=(name,), clearance_mm=quantity, avoid="always")
                )
        return ClearanceRules(rules=tuple(rules), free=tuple(free))

    def unseen(self, structures: Iterable[str]) -> tuple[str, ...]:
        """Names of the rules that no structure of the case falls under: nothing drawn was checked for them."""
        names = [name for name in structures if name not in (GAS_ON_CT, METAL_ON_CT, LUNG_ON_CT)]
        ruled = {rule.name for name in names if (rule := self.rule_of(name)) is not None}
        return tuple(rule.name for rule in self.rules if rule.name not in ruled and rule.patterns)

    def _is_free(self, structure: str, rule: str) -> bool:
        return _plain(structure) in self.free or rule in self.free


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forbidden:
    """One structure to stay away from.

    Attributes:
        mask: where it is.
        rule: how far to stay away.
    """

    mask: Mask
    rule: ClearanceRule

    @property
    def name(self) -> str:
        """Name of the structure."""
        return self.mask.name

    @property
    def clearance_mm(self) -> float:
        """Least distance between shaft and structure [mm]."""
        return self.rule.clearance_mm.value


def load_clearance_rules() -> ClearanceRules:
    """The packaged rules.

    >>> load_clearance_rules().rule_of("vessel_aorta").name
    'great_vessel'
    """
    text = files("givre.planning.data").joinpath("clearances.csv").read_text(encoding="utf-8")
    return clearance_rules(csv.DictReader(text.splitlines()))


def clearance_rules(rows: Iterable[Mapping[str, str]]) -> ClearanceRules:
    """Rules from rows with columns name, patterns (parted by |), value, low, high, unit, avoid, source, status, note.

    Raises:
        InputError: if a row is incomplete, a clearance is impossible or a name is repeated.
    """
    rules = []
    for row in rows:
        where = f"clearance table, {row['name']}"
        if row["unit"] != "mm":
            raise InputError(f"{where}: unit {row['unit']}; clearances are in mm")
        avoid = next((word for word in get_args(Avoid) if word == row["avoid"]), None)
        if avoid is None:
            raise InputError(f'{where}: avoid "{row["avoid"]}"; use {" or ".join(get_args(Avoid))}')
        rules.append(
            ClearanceRule(
                name=row["name"],
                patterns=tuple(pattern for pattern in row["patterns"].split("|") if pattern),
                clearance_mm=quantity_from(row, where=where),
                avoid=avoid,
                note=row["note"] or "",
            )
        )
    names = [rule.name for rule in rules]
    if len(set(names)) < len(names):
        raise InputError(f"clearance table: a rule is named twice in {names}")
    return ClearanceRules(rules=tuple(rules))


def is_passable(structure: str) -> bool:
    """Whether a structure is known to be one that a needle may cross: bone, muscle, fat, skin, the tumour."""
    return any(_holds(_words(structure), (word,)) for word in _PASSABLE)


def forbidden_structures(
    masks: Mapping[str, Mask], found: Mapping[str, Mask], *, rules: ClearanceRules, organs_at_risk: Iterable[str] = ()
) -> tuple[Forbidden, ...]:
    """The structures to stay away from, drawn or found on the CT, those that hold no voxel left out.

    Args:
        masks: drawn structures by name.
        found: structures by name, as `found_on_ct` gives them.
        rules: how far to stay away.
        organs_at_risk: names of structures that are avoided even if no rule names them.
    """
    organs = set(organs_at_risk)
    ruled = []
    for name, mask in (*masks.items(), *found.items()):
        rule = rules.rule_of(name, is_organ_at_risk=name in organs)
        if rule is not None and not mask.is_empty:
            ruled.append(Forbidden(mask=mask if mask.name == name else replace(mask, name=name), rule=rule))
    return tuple(ruled)


def found_on_ct(
    ct: Volume,
    body: npt.NDArray[np.bool_],
    masks: Mapping[str, Mask],
    *,
    thresholds: HuThresholds,
    smallest_mm3: float,
) -> dict[str, Mask]:
    """Gas, lung and metal inside the body that the CT shows and no mask explains.

    Args:
        ct: the CT.
        body: inside of the body, shape (k, j, i).
        masks: drawn structures by name; what lies in a lung, airway or bowel is theirs, and gas inside bone, disc or
            tumour (a vacuum) is no organ.
        thresholds: HU of gas and metal.
        smallest_mm3: smaller pieces are noise.
    """
    explained = np.zeros(ct.grid.shape, dtype=np.bool_)
    for name, mask in masks.items():
        words = _words(name)
        if words[:1] in (("body",), ("skin",)):
            continue
        if is_passable(name) or any(word in words for word in _HOLD_GAS):
            explained |= mask.inside
    gas = (ct.values <= thresholds.gas_max_hu) & body & ~explained
    metal = (ct.values >= thresholds.metal_min_hu) & body
    drawn_lung = [mask.inside for name, mask in masks.items() if {"lung", "lungs"} & set(_words(name))]
    lung, free = _lung_and_gas(ct, gas, np.logical_or.reduce(drawn_lung) if drawn_lung else None, smallest_mm3)
    pieces = {GAS_ON_CT: free, LUNG_ON_CT: lung, METAL_ON_CT: _pieces_of(ct, metal, smallest_mm3 / 10.0)}
    return {name: Mask(grid=ct.grid, inside=inside, name=name) for name, inside in pieces.items() if inside.any()}


_HOLD_GAS = (
    "lung", "lungs", "trachea", "bronchus", "airway", "bowel", "colon", "rectum", "stomach", "duodenum", "intestine",
    "oesophagus", "esophagus", "sigmoid", "disc", "disk",
)  # fmt: skip


def _lung_and_gas(
    ct: Volume, gas: npt.NDArray[np.bool_], drawn_lung: npt.NDArray[np.bool_] | None, smallest_mm3: float
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Pieces of gas that are lung, and the others; a piece that touches a drawn lung is the rest of it."""
    labels, count = ndimage.label(gas)
    if count == 0:
        return gas, gas
    flat = labels.ravel()
    voxels = np.bincount(flat, minlength=count + 1)
    volume_mm3 = voxels * ct.grid.voxel_volume_mm3
    mean_hu = np.bincount(flat, weights=ct.values.ravel(), minlength=count + 1) / np.maximum(voxels, 1)
    is_piece = volume_mm3 >= smallest_mm3
    is_lung = is_piece & (mean_hu > LUNG_ABOVE_HU) & (volume_mm3 >= 1000.0 * _LUNG_FROM_ML)
    if drawn_lung is not None:
        touching = np.unique(labels[ndimage.binary_dilation(drawn_lung, iterations=2)])
        is_lung[touching] |= is_piece[touching]
    is_piece[0] = is_lung[0] = False
    return np.asarray(is_lung[labels]), np.asarray((is_piece & ~is_lung)[labels])


def _pieces_of(ct: Volume, inside: npt.NDArray[np.bool_], smallest_mm3: float) -> npt.NDArray[np.bool_]:
    labels, count = ndimage.label(inside)
    if count == 0:
        return inside
    is_piece = np.bincount(labels.ravel()) * ct.grid.voxel_volume_mm3 >= smallest_mm3
    is_piece[0] = False
    return np.asarray(is_piece[labels])


def _given(name: str, clearance_mm: float) -> Quantity:
    if not (math.isfinite(clearance_mm) and 0 <= clearance_mm <= LARGEST_CLEARANCE_MM):
        raise InputError(
            f'clearance for "{name}" is {clearance_mm} mm; give 0 to {LARGEST_CLEARANCE_MM:g} mm, or "off"'
        )
    return Quantity(
        value=clearance_mm, low=clearance_mm, high=clearance_mm, unit="mm", source="given", status="assumption"
    )


def _plain(name: str) -> str:
    return "_".join(_words(name))


def _words(name: str) -> tuple[str, ...]:
    return tuple(word for word in name.lower().replace("-", "_").replace(" ", "_").split("_") if word)


def _holds(words: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """Whether the words of a pattern stand in a name, next to each other."""
    return any(words[start : start + len(pattern)] == pattern for start in range(len(words) - len(pattern) + 1))

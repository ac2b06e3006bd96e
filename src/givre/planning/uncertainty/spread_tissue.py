"""Uncertain tissue: factors from the property tables, and the scaling of a laid-out material by them.

One factor for each property and each group of tissues: bone whose properties follow HU, the lytic lesion, every other
tissue that freezes, and fluids that flow. Within a group all tissues share the quantile; groups and properties are
independent. Nothing is labelled again: the few materials are scaled, the voxels stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from givre.foundation.quantity import Quantity
from givre.planning.trial.prepared import PreparedCase
from givre.planning.uncertainty.spread import Factor, SplitLaw, law_of
from givre.tissue.material import MaterialField, ThermalMaterial
from givre.tissue.table import find_tissue
from givre.tissue.thermal import TABLE_KEYS
from givre.tissue.tissue_map import BONE_TISSUES, Tissue

Array = npt.NDArray[np.float64]

LESION, BONE, SOFT, FLOW = "lesion", "bone", "soft", "flow"

FIELDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "conductivity_frozen_w_mk": {"conductivity_frozen_w_mk": ("conductivity_frozen_w_mk",)},
    "conductivity_unfrozen_w_mk": {"conductivity_unfrozen_w_mk": ("conductivity_unfrozen_w_mk",)},
    "latent_mj_m3": {"latent_mj_m3": ("latent_j_m3",)},
    "capacity_j_kgk": {
        "capacity_unfrozen_j_kgk": ("capacity_unfrozen_j_m3k",),
        "capacity_frozen_j_kgk": ("capacity_frozen_j_m3k", "capacity_frozen_slope_j_m3k2"),
    },
    "perfusion_ml_min_kg": {"perfusion_ml_min_kg": ("perfusion_w_m3k",)},
}
"""For each uncertain property, the tabulated ones that move with it and what they are called in a material."""

FILM_FIELDS = (
    "capacity_unfrozen_j_m3k",
    "capacity_frozen_j_m3k",
    "conductivity_unfrozen_w_mk",
    "conductivity_frozen_w_mk",
    "perfusion_w_m3k",
)
"""Everything in the material of a fluid is in proportion to its film coefficient, see `tissue.flow.flow_material`."""

_BONE_STEP_HU = 25.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaterialEffect:
    """What one factor does to the materials of a lattice.

    Attributes:
        field: the number of a material that it scales.
        laws: law of the ratio to the nominal value, one for each material; None where it does nothing.
    """

    field: str
    laws: tuple[SplitLaw | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TissueFactor:
    """An uncertain property of a group of tissues.

    Attributes:
        factor: what a reader sees of it.
        effects: what it does to the materials.
    """

    factor: Factor
    effects: tuple[MaterialEffect, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Tissues that share their quantiles.

    Attributes:
        name: of the group.
        members: those that occur.
        shown: the one whose values a reader sees; for bone a HU.
    """

    name: str
    members: tuple[Tissue, ...]
    shown: Tissue | float


def tissue_factors(prepared: PreparedCase, *, width: float) -> tuple[TissueFactor, ...]:
    """The uncertain properties of the tissues that occur on a lattice; none where the tables give no spread.

    Tissues that do not freeze (gas, cement, metal) have none.
    """
    tissues = _tissue_of_each(prepared)
    found = [_tissue_factor(prepared, tissues, group, what, width) for group in _groups(prepared) for what in FIELDS]
    return (*(factor for factor in found if factor is not None), *_film_factors(prepared, width))


def scaled_material(material: MaterialField, factors: Sequence[TissueFactor], scores: Sequence[float]) -> MaterialField:
    """The same lattice with its materials scaled.

    Args:
        material: as laid out.
        factors: what is uncertain.
        scores: one standard score for each.

    Raises:
        InvalidMaterial: if a scaled number is impossible.
    """
    changes: list[dict[str, float]] = [{} for _ in material.materials]
    for factor, score in zip(factors, scores, strict=True):
        for effect in factor.effects:
            for change, law, kind in zip(changes, effect.laws, material.materials, strict=True):
                if law is not None and law.is_spread and score != 0:
                    change[effect.field] = change.get(effect.field, getattr(kind, effect.field)) * law.at(score)
    if not any(changes):
        return material
    return replace(material, materials=tuple(_changed(*pair) for pair in zip(material.materials, changes, strict=True)))


def _changed(material: ThermalMaterial, change: Mapping[str, Any]) -> ThermalMaterial:
    return replace(material, **change) if change else material


def _groups(prepared: PreparedCase) -> Iterator[_Group]:
    """The groups of tissues that occur."""
    tissue_map = prepared.tissue_map
    counts = tissue_map.counts
    if Tissue.LYTIC_LESION in counts:
        yield _Group(name=LESION, members=(Tissue.LYTIC_LESION,), shown=Tissue.LYTIC_LESION)
    bone = tuple(tissue for tissue in counts if tissue in BONE_TISSUES)
    if bone:
        median_hu = float(np.median(tissue_map.hu[np.isin(tissue_map.labels, bone)]))
        yield _Group(name=BONE, members=bone, shown=_BONE_STEP_HU * round(median_hu / _BONE_STEP_HU))
    soft = tuple(
        tissue
        for tissue in counts
        if tissue not in (*BONE_TISSUES, Tissue.LYTIC_LESION, Tissue.FLOW)
        and find_tissue(prepared.knowledge.tissues, TABLE_KEYS[tissue]).freezes
    )
    if soft:
        yield _Group(name=SOFT, members=soft, shown=max(soft, key=counts.__getitem__))


def _quantity(prepared: PreparedCase, tissue: Tissue | float, name: str) -> Quantity:
    """A property of a tissue, or of bone at a HU."""
    if not isinstance(tissue, Tissue):
        return prepared.knowledge.bone.quantity(name, tissue)
    return find_tissue(prepared.knowledge.tissues, TABLE_KEYS[tissue]).quantities()[name]


def _tissue_factor(
    prepared: PreparedCase, tissues: Sequence[Tissue | None], group: _Group, what: str, width: float
) -> TissueFactor | None:
    is_bone = not isinstance(group.shown, Tissue)
    effects = []
    for column, names in FIELDS[what].items():
        ratios = {
            tissue: _ratio_law(_quantity(prepared, group.shown if is_bone else tissue, column), width)
            for tissue in group.members
        }
        laws = tuple(None if tissue is None else ratios.get(tissue) for tissue in tissues)
        effects += [MaterialEffect(field=name, laws=laws) for name in names]
    if not any(law is not None and law.is_spread for effect in effects for law in effect.laws):
        return None
    first = next(iter(FIELDS[what]))
    quantity = _quantity(prepared, group.shown, first)
    spread_of = prepared.knowledge.bone.spread[first] if is_bone else quantity
    return TissueFactor(
        factor=Factor(
            what=what,
            group=group.name,
            law=law_of(quantity, width=width, least=0.0),
            shown_for=TABLE_KEYS[group.shown] if isinstance(group.shown, Tissue) else f"bone {group.shown:g} HU",
            source=spread_of.source,
            status=spread_of.status,
        ),
        effects=tuple(effects),
    )


def _ratio_law(quantity: Quantity, width: float) -> SplitLaw | None:
    """Law of a property over its value; None for a property that is 0."""
    if quantity.value == 0:
        return None
    law = law_of(quantity, width=width, least=0.0)
    return SplitLaw(value=1.0, low=law.low / law.value, high=law.high / law.value, unit="1", least=0.0)


def _film_factors(prepared: PreparedCase, width: float) -> Iterator[TissueFactor]:
    """The film coefficient of each fluid that flows."""
    tissue_map = prepared.tissue_map
    if tissue_map.flow_index is None:
        return
    for number, flow in enumerate(tissue_map.flows, start=1):
        law = _ratio_law(flow.film, width)
        if law is None or not law.is_spread or not (tissue_map.flow_index == number).any():
            continue
        filled = set(np.unique(prepared.material.index[tissue_map.flow_index == number]).tolist())
        laws = tuple(law if place in filled else None for place in range(len(prepared.material.materials)))
        yield TissueFactor(
            factor=Factor(
                what="film_w_m2k",
                group=flow.structure,
                law=law_of(flow.film, width=width, least=0.0),
                shown_for=flow.structure,
                source=flow.film.source,
                status=flow.film.status,
            ),
            effects=tuple(MaterialEffect(field=name, laws=laws) for name in FILM_FIELDS),
        )


def _tissue_of_each(prepared: PreparedCase) -> list[Tissue | None]:
    """The tissue of each material: any voxel tells, for a material belongs to one tissue or to bone."""
    index, labels = prepared.material.index.ravel(), prepared.tissue_map.labels.ravel()
    used, first = np.unique(index, return_index=True)
    tissues = {int(place): Tissue(int(labels[voxel])) for place, voxel in zip(used, first, strict=True)}
    return [tissues.get(place) for place in range(len(prepared.material.materials))]

"""From a CT and masks to one tissue per voxel: masks win over HU, HU decides elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from givre.foundation.errors import EmptyMask, GeometryMismatch, InputError
from givre.geometry.volume import Mask, Volume
from givre.tissue.declared import BODY, NOTHING_DECLARED, Declared, paint_declared
from givre.tissue.hu_thresholds import HuThresholds
from givre.tissue.notes import note
from givre.tissue.tissue_map import Tissue, TissueMap

WORTH_A_NOTE_ML = 5.0
"""Volume taken as bone outside the bone mask before it is said."""

LesionKind = Literal["lytic", "blastic", "mixed"]
Inside = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.uint8]

MUSCLE_NAMES = (
    "muscle", "iliopsoas", "psoas", "autochthon", "gluteus", "heart", "spleen", "stomach", "pancreas", "oesophagus",
    "esophagus", "urinary_bladder", "prostate", "uterus",
)  # fmt: skip
"""Soft organs that have no material of their own and are taken as muscle, whatever contrast does to their HU."""

_PAINTED: tuple[tuple[Tissue, tuple[str, ...]], ...] = (
    (Tissue.MUSCLE, MUSCLE_NAMES),
    (Tissue.SKIN, ("skin",)),
    (Tissue.LUNG, ("lung",)),
    (Tissue.BOWEL, ("bowel", "colon", "small_bowel", "duodenum", "rectum")),
    (Tissue.LIVER, ("liver",)),
    (Tissue.KIDNEY, ("kidney",)),
    (Tissue.DISC, ("disc",)),
    (Tissue.VESSEL, ("vessel", "aorta", "artery", "vein", "inferior_vena_cava", "portal_vein")),
    (Tissue.CANAL_CONTENT, ("spinal_canal", "canal")),
)
"""Soft tissues painted over HU, in order; a later one wins. A structure matches by its name or its first words."""

_SPARED: tuple[tuple[Tissue, tuple[str, ...]], ...] = (
    (Tissue.NERVE, ("nerve", "nerve_root", "plexus")),
    (Tissue.CORD, ("spinal_cord", "cord")),
)
"""Painted after the tumour: where a tumour mask overlaps one of these, the voxel stays at risk."""

BONE_NAMES = (
    "bone", "vertebra", "vertebrae", "sacrum", "hip", "iliac", "ilium", "pelvis", "femur", "humerus", "tibia",
    "rib", "scapula", "clavicle", "sternum", "acetabulum",
)  # fmt: skip
TUMOUR_NAMES = ("tumour", "tumor", "target", "lesion")
CEMENT_NAMES = ("cement",)
METAL_NAMES = ("metal", "implant")
BODY_NAMES = (BODY,)

WORTH_A_NOTE = 0.05
"""Share of a lytic tumour mask that may be as dense as bone before it is said."""


def label_tissues(
    ct: Volume,
    structures: Mapping[str, Mask],
    *,
    lesion_kind: LesionKind,
    thresholds: HuThresholds,
    declared: Declared = NOTHING_DECLARED,
) -> TissueMap:
    """Decide which tissue each voxel is made of.

    From weak to strong: soft tissue by HU; bone by HU; bone mask; masks of soft organs, skin, lung, bowel, liver,
    kidney, disc, vessel and canal;
    tumour; nerve and cord masks; cement mask; gas and metal by HU, which no tissue can imitate; metal mask; what the
    case declares, nerves and cord excepted.
    A canal without its cord becomes a mixture of cord and CSF; with a cord, the rest of the canal is CSF.

    Noise: fat and muscle are told apart on the median of the 3 x 3 x 3 neighbours, and so is bone outside a bone
    mask; without a bone mask, bone is decided on the voxel itself, for a median would eat thin cortices. Outside the
    mask a piece of high HU smaller than `smallest_bone_mm3` (a calcification, a noisy voxel, the end of a vessel full
    of contrast) is soft tissue. Gas and metal are decided on the voxel itself.

    Args:
        ct: CT numbers [HU].
        structures: masks by name, on the lattice of the CT ("tumour", "bone", "spinal_cord", "disc_L3_L4", ...).
        lesion_kind: a lytic or blastic tumour is so throughout; a mixed one is split at `blastic_min_hu`.
        thresholds: HU limits.
        declared: what the case says some structures are made of; their names then decide nothing.

    Raises:
        InputError: if the CT holds values that are not finite.
        GeometryMismatch: if a mask lies on another lattice.
        EmptyMask: if a mask holds no voxel.

    Validity: single-energy CT without contrast or with little; without a bone mask, marrow below `bone_min_hu`
    cannot be told from soft tissue.
    """
    _check(ct, structures)
    hu = np.asarray(ct.values, dtype=np.float32)
    everything = structures
    structures = {name: mask for name, mask in structures.items() if name not in declared.names}
    notes: list[str] = []
    bone = _union(structures, BONE_NAMES, ct)
    labels = _by_hu(hu, bone, ct, thresholds, notes)
    for tissue, names in _PAINTED:
        labels[_union(structures, names, ct)] = tissue
    cord = _union(structures, dict(_SPARED)[Tissue.CORD], ct)
    if cord.any():
        labels[labels == Tissue.CANAL_CONTENT] = Tissue.CSF
    elif (labels == Tissue.CANAL_CONTENT).any():
        notes.append(note("canal_without_cord"))
    notes += _paint_tumour(labels, hu >= thresholds.blastic_min_hu, _union(structures, TUMOUR_NAMES, ct), lesion_kind)
    for tissue, names in _SPARED:
        _paint_spared(labels, _union(structures, names, ct), tissue, notes)
    labels[_union(structures, CEMENT_NAMES, ct)] = Tissue.CEMENT
    lung = labels == Tissue.LUNG
    labels[(hu <= thresholds.gas_max_hu) & ~lung] = Tissue.AIR
    metal = (hu >= thresholds.metal_min_hu) | _union(structures, METAL_NAMES, ct)
    labels[metal] = Tissue.METAL
    spared = np.logical_or.reduce([_union(structures, names, ct) for _, names in _SPARED])
    flow_index = paint_declared(labels, everything, declared, spared, notes)
    _note_bone(labels, bone, ct, notes)
    _note_the_rest(labels, structures, notes)
    return TissueMap(
        grid=ct.grid, labels=labels, hu=hu, notes=tuple(notes), flows=declared.flows, flow_index=flow_index
    )


def is_known_structure(name: str) -> bool:
    """Whether a structure of this name changes the tissue map; any other is followed but made of what HU says."""
    groups = [names for _, names in _PAINTED + _SPARED]
    groups += [BONE_NAMES, TUMOUR_NAMES, CEMENT_NAMES, METAL_NAMES, BODY_NAMES]
    return any(_is_named(name, names) for names in groups)


def _is_named(name: str, names: tuple[str, ...]) -> bool:
    plain = name.lower().replace(" ", "_").replace("-", "_")
    return any(plain == known or plain.startswith(known + "_") for known in names)


def _check(ct: Volume, structures: Mapping[str, Mask]) -> None:
    if not np.isfinite(ct.values).all():
        raise InputError("the CT holds values that are not finite; import it again or choose another series")
    for name, mask in structures.items():
        if not mask.grid.matches(ct.grid):
            raise GeometryMismatch(f"mask {name} lies on another lattice than the CT; resample it first")
        if mask.is_empty:
            raise EmptyMask(f"mask {name} holds no voxel; draw it or leave it out")


def _union(structures: Mapping[str, Mask], names: tuple[str, ...], ct: Volume) -> Inside:
    inside = np.zeros(ct.grid.shape, dtype=bool)
    for name, mask in structures.items():
        if _is_named(name, names):
            inside |= mask.inside
    return inside


def _by_hu(hu: npt.NDArray[np.float32], bone: Inside, ct: Volume, limits: HuThresholds, notes: list[str]) -> Labels:
    labels = np.where(_median_at_most(hu, limits.fat_max_hu), Tissue.FAT, Tissue.MUSCLE).astype(np.uint8)
    # with a bone mask, thin cortices are its business and what lies outside must be more than noise
    dense = ~_median_at_most(hu, np.nextafter(limits.bone_min_hu, -np.inf)) if bone.any() else hu >= limits.bone_min_hu
    found = _large_pieces(dense & ~bone, bone, ct, limits, notes)
    outside_mask = np.where(hu >= limits.cortical_min_hu, Tissue.CORTICAL_BONE, Tissue.TRABECULAR_BONE)
    inside_mask = np.where(hu <= limits.marrow_max_hu, Tissue.MARROW, outside_mask)
    labels = np.where(found, outside_mask, labels)
    return np.where(bone, inside_mask, labels).astype(np.uint8)


def _median_at_most(hu: npt.NDArray[np.float32], limit_hu: float) -> Inside:
    """Where the median of the 3 x 3 x 3 neighbours is at or below a limit: where 14 of the 27 are."""
    share = ndimage.uniform_filter((hu <= limit_hu).astype(np.float32), size=3, mode="nearest")
    return np.asarray(share * 27 > 13.5)


def _large_pieces(dense: Inside, bone: Inside, ct: Volume, limits: HuThresholds, notes: list[str]) -> Inside:
    """Pieces of high HU that are large enough, alone or with the bone mask they touch, to be bone."""
    pieces, count = ndimage.label(dense | bone)
    if count == 0:
        return dense
    sizes_mm3 = np.bincount(pieces.ravel()) * ct.grid.voxel_volume_mm3
    is_bone = sizes_mm3 >= limits.smallest_bone_mm3
    is_bone[0] = False
    kept = dense & is_bone[pieces]
    dropped = int(dense.sum()) - int(kept.sum())
    if dropped:
        hu, volume = f"{limits.bone_min_hu:g}", f"{limits.smallest_bone_mm3:g}"
        notes.append(note("small_pieces", count=dropped, hu=hu, volume=volume))
    return np.asarray(kept)


def _paint_tumour(labels: Labels, dense: Inside, tumour: Inside, lesion_kind: LesionKind) -> list[str]:
    if lesion_kind not in ("lytic", "blastic", "mixed"):
        raise InputError(f'lesion kind "{lesion_kind}"; use lytic, blastic or mixed')
    labels[tumour] = Tissue.BLASTIC_LESION if lesion_kind == "blastic" else Tissue.LYTIC_LESION
    if lesion_kind == "mixed":
        labels[tumour & dense] = Tissue.BLASTIC_LESION
    share = float(dense[tumour].mean()) if tumour.any() else 0.0
    if lesion_kind != "lytic" or share <= WORTH_A_NOTE:
        return []
    return [note("dense_lytic", share=f"{100 * share:.0f}")]


def _paint_spared(labels: Labels, inside: Inside, tissue: Tissue, notes: list[str]) -> None:
    shared = inside & ((labels == Tissue.LYTIC_LESION) | (labels == Tissue.BLASTIC_LESION))
    if shared.any():
        notes.append(note("shared_with_tumour", count=int(shared.sum()), tissue=tissue.name.lower()))
    labels[inside] = tissue


def _note_bone(labels: Labels, bone: Inside, ct: Volume, notes: list[str]) -> None:
    if not bone.any():
        notes.append(note("no_bone_mask"))
        return
    outside = np.isin(labels, (Tissue.TRABECULAR_BONE, Tissue.CORTICAL_BONE)) & ~bone
    outside_ml = float(outside.sum()) * ct.grid.voxel_volume_mm3 / 1000.0
    if outside_ml > WORTH_A_NOTE_ML:
        notes.append(note("dense_outside", volume=f"{outside_ml:.0f}"))


def _note_the_rest(labels: Labels, structures: Mapping[str, Mask], notes: list[str]) -> None:
    for name, mask in structures.items():
        if not is_known_structure(name):
            notes.append(note("unknown_structure", structure=name))
        elif not _is_named(name, (*METAL_NAMES, *BODY_NAMES, "lung")):
            gas = int((labels[mask.inside] == Tissue.AIR).sum())
            if gas:
                notes.append(note("gas", count=gas, structure=name))
    metal = int((labels == Tissue.METAL).sum())
    if metal:
        notes.append(note("metal", count=metal))

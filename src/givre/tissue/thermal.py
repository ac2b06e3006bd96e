"""From a tissue map to thermal materials, bone voxel by voxel from its HU."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from givre.foundation.errors import InputError
from givre.tissue.bone_hu_map import BoneHuMap
from givre.tissue.flow import flow_material, surface_steps
from givre.tissue.material import MaterialField, ThermalMaterial
from givre.tissue.table import PROPERTY_UNITS, TissueProperties, find_tissue
from givre.tissue.tissue_map import BONE_TISSUES, Tissue, TissueMap

ICE_CAPACITY_SLOPE_J_KGK2 = 6.89
"""Change of the heat capacity of ice per °C: c = 0.185 + 0.00689 T kJ/kgK, T in kelvin (Fukusako, Int J Thermophys
11 (1990) 353, recalled)."""

TABLE_KEYS: Mapping[Tissue, str] = {
    Tissue.AIR: "air",
    Tissue.FAT: "fat",
    Tissue.MUSCLE: "muscle",
    Tissue.SKIN: "skin",
    Tissue.CORD: "spinal_cord",
    Tissue.CSF: "csf",
    Tissue.NERVE: "nerve",
    Tissue.DISC: "disc",
    Tissue.VESSEL: "blood",
    Tissue.LYTIC_LESION: "lytic_lesion",
    Tissue.CEMENT: "cement",
    Tissue.METAL: "metal",
    Tissue.CANAL_CONTENT: "canal_content",
    Tissue.LUNG: "lung",
    Tissue.BOWEL: "bowel",
    Tissue.LIVER: "liver",
    Tissue.KIDNEY: "kidney",
    Tissue.CARBON_DIOXIDE: "carbon_dioxide",
    Tissue.SALINE: "saline",
    Tissue.MOVING_CSF: "moving_csf",
    Tissue.STEEL: "steel",
    Tissue.COBALT_CHROME: "cobalt_chrome",
}
"""Row of the property table that describes each tissue other than bone and fluids that flow."""


def material_field(
    tissue_map: TissueMap,
    table: Mapping[str, TissueProperties],
    hu_map: BoneHuMap,
    *,
    bone_bin_hu: float = 25.0,
    least_capacity_j_m3k: float = 1e5,
) -> MaterialField:
    """Say of which material each voxel is made.

    Bone, marrow and blastic lesions take their properties from HU in bins of `bone_bin_hu`, each at the middle of
    its bin, so that properties follow HU without a step larger than one bin.

    Args:
        tissue_map: tissues and HU on the simulation lattice.
        table: properties of the tissues, with a row for blood.
        hu_map: properties of bone against HU.
        bone_bin_hu: width of a bin [HU].
        least_capacity_j_m3k: floor of the heat capacity [J/m³K]. Gases store almost no heat (air 1.1e3), so their
            true value changes nothing but would force tiny time steps; at 1e5 a voxel of gas still stores thirty
            times less than tissue.

    Raises:
        InputError: if the bins would need more than 256 materials.
        UnknownTissue: if the table lacks a tissue that occurs.
    """
    if not bone_bin_hu > 0:
        raise InputError(f"bone bins of {bone_bin_hu} HU; give more than 0")
    blood = volumetric_blood_capacity_j_m3k(table)
    index = np.zeros(tissue_map.grid.shape, dtype=np.int64)
    materials: list[ThermalMaterial] = []
    for tissue in tissue_map.counts:
        if tissue not in BONE_TISSUES and tissue != Tissue.FLOW:
            index[tissue_map.labels == tissue] = len(materials)
            values = _values(find_tissue(table, TABLE_KEYS[tissue]))
            materials.append(thermal_material(tissue.name.lower(), values, blood, least_capacity_j_m3k))
    _add_flows(tissue_map, index, materials)
    bone = np.isin(tissue_map.labels, BONE_TISSUES)
    bins, position = _bone_bins(tissue_map.hu[bone], hu_map, bone_bin_hu)
    if len(materials) + len(bins) > 256:
        raise InputError(
            f"bone bins of {bone_bin_hu:g} HU need {len(materials) + len(bins)} materials and 256 fit; widen the bins"
        )
    index[bone] = position + len(materials)
    for hu in bins:
        values = {name: hu_map.value(name, hu) for name in PROPERTY_UNITS}
        materials.append(thermal_material(f"bone {hu:g} HU", values, blood, least_capacity_j_m3k))
    return MaterialField(grid=tissue_map.grid, index=index.astype(np.uint8), materials=tuple(materials))


def _add_flows(tissue_map: TissueMap, index: npt.NDArray[np.int64], materials: list[ThermalMaterial]) -> None:
    """A material for each fluid and each excess of faces over area along its surface."""
    if tissue_map.flow_index is None:
        return
    spacing_mm = max(tissue_map.grid.spacing_mm)
    for number, flow in enumerate(tissue_map.flows, start=1):
        inside = tissue_map.flow_index == number
        steps = surface_steps(inside)
        for step in np.unique(steps[inside]):
            index[inside & (steps == step)] = len(materials)
            materials.append(flow_material(flow, spacing_mm, faces_per_area=float(step)))


def thermal_material(
    name: str, values: Mapping[str, float], blood_j_m3k: float, least_capacity_j_m3k: float = 1e5
) -> ThermalMaterial:
    """One material in SI from the properties of a tissue, all per volume of unfrozen tissue.

    Args:
        name: name of the material.
        values: one number for each property of the tissue table.
        blood_j_m3k: heat capacity of blood per volume [J/m³K].
        least_capacity_j_m3k: floor of the heat capacity [J/m³K].
    """
    density, water = values["density_kg_m3"], values["water_mass_fraction"]
    perfusion_per_s = values["perfusion_ml_min_kg"] * density * 1e-6 / 60.0
    return ThermalMaterial(
        name=name,
        capacity_unfrozen_j_m3k=max(density * values["capacity_unfrozen_j_kgk"], least_capacity_j_m3k),
        capacity_frozen_j_m3k=max(density * values["capacity_frozen_j_kgk"], least_capacity_j_m3k),
        capacity_frozen_slope_j_m3k2=density * water * ICE_CAPACITY_SLOPE_J_KGK2,
        conductivity_unfrozen_w_mk=values["conductivity_unfrozen_w_mk"],
        conductivity_frozen_w_mk=values["conductivity_frozen_w_mk"],
        latent_j_m3=1e6 * values["latent_mj_m3"],
        perfusion_w_m3k=perfusion_per_s * blood_j_m3k,
        metabolic_w_m3=density * values["metabolic_w_kg"],
        freezes=water > 0,
    )


def volumetric_blood_capacity_j_m3k(table: Mapping[str, TissueProperties]) -> float:
    """Heat capacity of blood per volume [J/m³K], for the perfusion term."""
    blood = find_tissue(table, "blood")
    return blood.density_kg_m3.value * blood.capacity_unfrozen_j_kgk.value


def _values(tissue: TissueProperties) -> dict[str, float]:
    return {name: quantity.value for name, quantity in tissue.quantities().items()}


def _bone_bins(
    hu: npt.NDArray[np.float32], hu_map: BoneHuMap, width_hu: float
) -> tuple[list[float], npt.NDArray[np.int64]]:
    """HU at the middle of each bin in use, and the bin of each voxel; HU beyond the map join its end bins."""
    inside = np.clip(hu.astype(np.float64), hu_map.hu[0], hu_map.hu[-1])
    numbers = np.round(inside / width_hu).astype(np.int64)
    used, position = np.unique(numbers, return_inverse=True)
    return [float(number * width_hu) for number in used], position.astype(np.int64)

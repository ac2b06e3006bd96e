"""The sample `lumbar-vertebra`: a real L3 with a synthetic lytic lesion."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from givre.adapters.samples.canal import canal_from_bone
from givre.adapters.samples.case_folder import SampleScan
from givre.adapters.samples.images import read_nifti
from givre.case.description import SimulationSettings
from givre.cryoprobe.placement import Placement
from givre.geometry.volume import LabelMap, Mask, Volume
from givre.tissue.synthetic_lesion import carve_lytic_lesion

CT = "sub-ct_label-22_ct.nii.gz"
SUBREGIONS = "sub-ct_seg-subreg_label-22_msk.nii.gz"
VERTEBRAE = "sub-ct_seg-vert_label-22_msk.nii.gz"
MRI = ("sub-mri_label-6_T2w.nii.gz", "sub-mri_seg-subreg_label-6_msk.nii.gz", "sub-mri_seg-vert_label-6_msk.nii.gz")

BODY_LABELS = (49, 50)
"""Border and core of the vertebral bodies in the sub-region mask."""
ARCH_LABELS = tuple(range(41, 49))
"""Arches and processes."""
L3_LABEL = 22

LESION_CENTRE_MM = (42.0, 161.0, -67.0)
LESION_SEMI_AXES_MM = (8.5, 7.5, 7.5)
NOISE_HU = 65.0
"""Noise of the psoas muscle in this scan, measured: 65 HU."""

PLACEMENTS = (
    Placement(label="P1", model="icesphere-1.5-cx", entry_mm=(76.8, 223.1, -72.5), target_mm=(36.7, 148.1, -72.5)),
    Placement(label="P2", model="icesphere-1.5-cx", entry_mm=(76.7, 221.5, -47.3), target_mm=(36.7, 148.5, -64.3)),
)
"""Left posterolateral, outside the pedicle, below and above the transverse process. The scan stops before the skin."""


def lumbar_scan(files: Path) -> SampleScan:
    """Read the scan, draw the canal and carve the lesion.

    Args:
        files: folder with the pinned files of the package.
    """
    grid, hu = read_nifti(files / CT)
    ct = Volume(grid=grid, values=hu.astype(np.float32), unit="HU")
    subregions = LabelMap(grid=grid, labels=read_nifti(files / SUBREGIONS)[1].astype(np.uint8))
    vertebrae = LabelMap(grid=grid, labels=read_nifti(files / VERTEBRAE)[1].astype(np.uint8))
    bone = subregions.mask(*BODY_LABELS, *ARCH_LABELS, name="bone")
    canal = canal_from_bone(subregions.mask(*BODY_LABELS, name="bodies"), subregions.mask(*ARCH_LABELS, name="arches"))
    carved, tumour = carve_lytic_lesion(
        ct,
        bone,
        centre_mm=LESION_CENTRE_MM,
        semi_axes_mm=LESION_SEMI_AXES_MM,
        noise_hu=NOISE_HU,
        seed=3,
        spared=[canal],
    )
    masks: dict[str, Mask] = {
        "tumour": tumour,
        "bone": bone,
        "vertebra_L3": vertebrae.mask(L3_LABEL, name="vertebra_L3"),
        "spinal_canal": canal,
    }
    return SampleScan(
        ct=carved,
        masks=masks,
        placements=PLACEMENTS,
        anatomy="L3 vertebral body, left side, lateral cortex breached",
        question="Can this painful lytic lesion of L3 be frozen completely without harm to the cauda equina?",
        organs_at_risk=("spinal_canal",),
        settings=SimulationSettings(voxel_mm=1.5, domain_margin_mm=48.0),
        extras={"mri-not-registered/" + name: files / name for name in MRI} | {"LICENSE-TPTBox.txt": files / "LICENSE"},
        remarks=(
            "The lesion is soft tissue of 30-60 HU with the noise of the scan, 17 x 15 x 15 mm.",
            "The spinal canal is an elliptic tube fitted to the bone rings: an estimate, not a contour by an expert.",
            "The scan is 110 x 71 x 110 mm and ends before the skin: probes enter at its edge.",
            "No nerve root is drawn.",
            "The MRI is not of the same space as the CT and perhaps not of the same person: for import tests only.",
        ),
    )

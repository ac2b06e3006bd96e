"""The cases the planner is measured on: the samples, and further lesions carved into them by code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import givre
from givre.case.description import CaseDescription
from givre.geometry.grid import Point
from givre.geometry.volume import Mask, Volume
from givre.tissue.synthetic_lesion import carve_lytic_lesion
from givre.usecases.import_case import CaseImages
from givre.wiring_cases import get_sample

MARGIN_MM = 5.0
"""Wanted in every case; the samples themselves ask for 3 mm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carved:
    """A further lesion in a sample.

    Attributes:
        centre_mm, semi_axes_mm: of the ellipsoid, LPS.
        spared: masks it stays out of.
    """

    centre_mm: Point
    semi_axes_mm: Point
    spared: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchCase:
    """One case, loaded.

    Attributes:
        name: key.
        what: in words.
        description: with the goals of the benchmark.
        images: CT and masks.
    """

    name: str
    what: str
    description: CaseDescription
    images: CaseImages

    @property
    def ct(self) -> Volume:
        """The CT."""
        return self.images.image.volume

    @property
    def masks(self) -> Mapping[str, Mask]:
        """Structures by name."""
        return {name: imported.mask for name, imported in self.images.masks.items()}


CASES: Mapping[str, tuple[str, str, Carved | None]] = {
    "vertebra": ("phantom-vertebra", "phantom, lesion of the vertebral body 10 mm from the canal", None),
    "vertebra-near": (
        "phantom-vertebra",
        "phantom, lesion at the back of the vertebral body, against the canal",
        Carved(centre_mm=(6.0, 9.0, 0.0), semi_axes_mm=(10.0, 9.0, 9.0), spared=("spinal_canal",)),
    ),
    "iliac": ("phantom-iliac", "phantom, lesion of the iliac wing near the bowel", None),
    "femur": ("phantom-femur", "phantom, lesion between the trochanters, far from everything", None),
    "lumbar": ("lumbar-vertebra", "real CT of L3, synthetic lesion far from the canal", None),
    "lumbar-near": (
        "lumbar-vertebra",
        "the same CT, synthetic lesion at the back of the body, against the canal",
        Carved(centre_mm=(30.0, 167.0, -66.0), semi_axes_mm=(9.0, 9.0, 9.0), spared=("spinal_canal",)),
    ),
    "thorax": ("thorax-spine", "real CT of L1, synthetic lesion of the left side of the body", None),
    "thorax-near": (
        "thorax-spine",
        "the same CT, larger synthetic lesion reaching the cord",
        Carved(centre_mm=(24.0, 40.0, -284.0), semi_axes_mm=(12.0, 11.0, 12.0), spared=("spinal_cord",)),
    ),
}
"""Sample, words and further lesion of each case."""


def bench_case(name: str, folder: Path) -> BenchCase:
    """Load one case; its sample is fetched into the folder, or from the cache of samples."""
    sample, what, carved = CASES[name]
    get_sample(sample, folder / sample)
    loaded = givre.load_case(folder / sample / "case.toml")
    description = replace(
        loaded.description, case_id=name, goals=replace(loaded.description.goals, margin_mm=MARGIN_MM)
    )
    images = loaded.images if carved is None else _with_lesion(loaded.images, carved)
    return BenchCase(name=name, what=what, description=description, images=images)


def _with_lesion(images: CaseImages, carved: Carved) -> CaseImages:
    ct, tumour = carve_lytic_lesion(
        images.image.volume,
        images.masks["bone"].mask,
        centre_mm=carved.centre_mm,
        semi_axes_mm=carved.semi_axes_mm,
        noise_hu=12.0,
        spared=[images.masks[name].mask for name in carved.spared],
    )
    masks = {**images.masks, "tumour": replace(images.masks["tumour"], mask=tumour)}
    return CaseImages(image=replace(images.image, volume=ct), masks=masks)

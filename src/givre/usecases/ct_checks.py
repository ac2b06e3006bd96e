"""What every CT must pass before it is trusted as Hounsfield units, whatever its file format."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from givre.foundation.errors import ImageTooLarge, InvalidGeometry, NotHounsfield, VoxelsNotFinite
from givre.geometry.grid import Grid
from givre.geometry.volume import Volume
from givre.usecases.import_report import Finding

MAX_VOXELS = 2**29
"""Largest image accepted: 512 x 512 x 2048 voxels, 2 GiB once held as 32-bit numbers."""

SMALLEST_STEP_MM, LARGEST_STEP_MM = 0.05, 20.0
"""Voxel steps outside these are a wrong unit or a broken header."""

THICK_STEP_MM = 5.0
"""Steps above this are accepted with a warning."""

AIR_HU = -1024.0
"""Value given to padding: nothing was measured there, so it is treated as air."""

_HIGHEST_HU = 40_000.0  # the extended CT scale ends at 30 710 HU; above 40 000 the sign bit was misread
_SUSPECT_LOW_HU = -4_000.0  # below the padding values in use (-1024, -2000, -3024)
_BELOW_AIR_HU = -1_100.0  # noise around air (-1000 HU) rarely goes lower
_SAMPLE_VOXELS = 2_000_000

Fact = str | float | int | list[float] | list[int] | list[str]


def refuse_too_large(shape: tuple[int, ...], what: str) -> None:
    """Refuse an image on the arithmetic of its declared shape, before any memory is taken.

    Raises:
        ImageTooLarge: if the product of `shape` exceeds MAX_VOXELS.
    """
    voxels = 1
    for count in shape:
        voxels *= int(count)
    if voxels > MAX_VOXELS:
        size = " x ".join(str(count) for count in shape)
        raise ImageTooLarge(
            f"{what} declares {size} = {voxels:,} voxels; at most {MAX_VOXELS:,} are accepted: "
            "crop the scan around the lesion or correct the header"
        )


def refuse_not_finite(values: npt.NDArray[np.generic], what: str) -> None:
    """Refuse an image that holds NaN or infinite voxels, saying how many.

    Raises:
        VoxelsNotFinite: if there is any.
    """
    if values.dtype.kind != "f":
        return
    bad = int(values.size - np.count_nonzero(np.isfinite(values)))
    if bad:
        raise VoxelsNotFinite(
            f"{what} has {bad:,} of {values.size:,} voxels that are NaN or infinite; "
            "export the CT again as whole Hounsfield units"
        )


def check_hounsfield(values: npt.NDArray[np.floating], what: str) -> tuple[Finding, ...]:
    """Judge whether an image, shape (k, j, i), can be in Hounsfield units.

    Refused: NaN or infinite voxels; one single value; no negative value (stored values without
    rescale); anything above 40 000 HU (sign bit misread); less than 2 % of what is denser than
    -500 HU lying within -200 to 200 HU (a shifted or scaled CT holds no fat or muscle there).
    Warned: nothing below -200 HU, values below -4000 HU, nothing above 100 HU, less than 20 % soft
    tissue, bright outer faces (inverted grey scale).

    Raises:
        VoxelsNotFinite: if a voxel is NaN or infinite.
        NotHounsfield: if the values cannot be Hounsfield units.
    """
    refuse_not_finite(values, what)
    lowest, highest = float(values.min()), float(values.max())
    if lowest == highest:
        raise NotHounsfield(f"{what}: every voxel is {lowest:g} HU; a CT holds at least air, fat, muscle and bone")
    if lowest >= 0:
        raise NotHounsfield(
            f"{what}: values run from {lowest:g} to {highest:g}, none is negative; fat is near -100 HU and air near "
            "-1000 HU, so these are not Hounsfield units: export the CT with its rescale applied"
        )
    if highest > _HIGHEST_HU:
        raise NotHounsfield(
            f"{what}: the highest value is {highest:g} HU; metal stays below {_HIGHEST_HU:g} HU, "
            "so the sign or the rescale was misread: export the CT again"
        )
    soft = _soft_fraction(values)
    if soft < 0.02:
        raise NotHounsfield(
            f"{what}: {soft:.1%} of what is denser than -500 HU lies between -200 and 200 HU, where fat, muscle and "
            "marrow are; the values are shifted or scaled: export the CT in Hounsfield units"
        )
    return tuple(_warnings(values, lowest, highest, soft))


def check_lattice(grid: Grid, what: str) -> tuple[Finding, ...]:
    """Judge whether the voxels of a CT can be what a scanner makes and what planning needs.

    Raises:
        InvalidGeometry: if a voxel is smaller than SMALLEST_STEP_MM or larger than LARGEST_STEP_MM.
    """
    low_mm, high_mm = min(grid.spacing_mm), max(grid.spacing_mm)
    spacing = " x ".join(f"{step:g}" for step in grid.spacing_mm)
    if low_mm < SMALLEST_STEP_MM or high_mm > LARGEST_STEP_MM:
        raise InvalidGeometry(
            f"{what} has voxels of {spacing} mm (k x j x i); a CT has {SMALLEST_STEP_MM:g} to {LARGEST_STEP_MM:g} mm: "
            "correct the unit or the header"
        )
    if high_mm <= THICK_STEP_MM:
        return ()
    sentence = (
        f"voxels of {spacing} mm (k x j x i): steps over {THICK_STEP_MM:g} mm blur margins and hide small organs; "
        "load a thinner reconstruction"
    )
    return (Finding(code="THICK_SLICES", severity="warning", sentence=sentence),)


def ct_facts(volume: Volume) -> dict[str, Fact]:
    """What a report says of any CT: size, spacing, orientation, Hounsfield range and tissue peaks."""
    facts = lattice_facts(volume.grid)
    facts["hu_range"] = [float(volume.values.min()), float(volume.values.max())]
    counts, edges = np.histogram(_sample(volume.values), bins=np.arange(-150.0, 101.0, 5.0))
    for name, low, high in (("fat_peak_hu", -150.0, -50.0), ("soft_tissue_peak_hu", 0.0, 100.0)):
        window = (edges[:-1] >= low) & (edges[1:] <= high)
        if counts[window].sum() > 0:
            facts[name] = float(edges[:-1][window][int(np.argmax(counts[window]))] + 2.5)
    return facts


def lattice_facts(grid: Grid) -> dict[str, Fact]:
    """What a report says of any lattice, axes in the order (k, j, i)."""
    low_high = ", ".join(f"{axis} {low}→{high}" for axis, (low, high) in zip("kji", grid.letters(), strict=True))
    return {
        "shape": [int(count) for count in grid.shape],
        "spacing_mm": [round(step, 6) for step in grid.spacing_mm],
        "size_mm": [round(size, 3) for size in grid.size_mm],
        "origin_mm": [round(value, 4) for value in grid.origin_mm],
        "orientation": low_high,
    }


def stored_orientation(grid: Grid) -> str:
    """The letters towards which the stored axes i, j, k run, as in "LPH"."""
    return "".join(high for _, high in reversed(grid.letters()))


def _sample(values: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    return values.reshape(-1)[:: max(1, values.size // _SAMPLE_VOXELS)]


def _soft_fraction(values: npt.NDArray[np.floating]) -> float:
    sample = _sample(values)
    body = sample > -500
    if not body.any():
        return 0.0
    return float(np.count_nonzero((sample >= -200) & (sample <= 200)) / np.count_nonzero(body))


def _warnings(values: npt.NDArray[np.floating], lowest: float, highest: float, soft: float) -> list[Finding]:
    found = []
    if lowest > -200:
        found.append(
            ("NO_AIR", f"the lowest value is {lowest:g} HU: no air at all; check that these are Hounsfield units")
        )
    if lowest < _SUSPECT_LOW_HU:
        found.append(
            ("PADDING_NOT_DECLARED", f"the lowest value is {lowest:g} HU: probably undeclared padding, read as air")
        )
    if highest < 100:
        found.append(("NO_BONE", f"the highest value is {highest:g} HU: no bone in this image"))
    if soft < 0.2:
        found.append(
            ("LITTLE_SOFT_TISSUE", f"only {soft:.0%} of the body lies between -200 and 200 HU; check the scale")
        )
    faces = np.concatenate([np.take(values, end, axis=axis).ravel() for axis in (1, 2) for end in (0, -1)])
    if float(np.mean(faces > 500)) > 0.3:
        found.append(("BRIGHT_EDGES", "the outer faces are brighter than 500 HU: the grey scale may be inverted"))
    findings = [Finding(code=code, severity="warning", sentence=sentence) for code, sentence in found]
    if _SUSPECT_LOW_HU <= lowest < _BELOW_AIR_HU:
        count = int(np.count_nonzero(values < _BELOW_AIR_HU))
        sentence = f"{count:,} voxels lie below {_BELOW_AIR_HU:g} HU, down to {lowest:g} HU: outside the field of view"
        findings.append(Finding(code="BELOW_AIR", severity="info", sentence=sentence))
    return findings

"""Order slices along their normal and check that they fill one regular, upright lattice."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from givre.adapters.dicom.errors import (
    DuplicatePosition,
    GantryTilt,
    MissingSlices,
    MixedSeries,
    TooFewSlices,
    UnevenSpacing,
)
from givre.adapters.dicom.series.slices import CtSlice, Vector
from givre.usecases.import_report import Finding

FEWEST_SLICES = 3
SAME_POSITION_MM = 0.01
"""Slices closer than this are at the same place."""
DIRECTION_TOLERANCE = 1e-3
"""Largest difference of a direction cosine within one series: 0.25 mm over a 250 mm field."""
UNEVEN_TOLERANCE = 0.05
"""Largest distance of a slice from the regular lattice, as part of the spacing."""
MAX_STEP_RATIO = 1000
"""Steps this many times the usual one are a misplaced slice, not a gap."""
MOST_FILLED_SLICES = 2
"""Most missing slices in a row that may be interpolated on request."""
SIDEWAYS_MM = 0.1
"""Largest sideways drift over the whole stack that is not called a gantry tilt."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stack:
    """Slices in order, and the lattice they fill.

    Attributes:
        slices: along the normal, none twice.
        places: index k of each slice; a number left out is a missing slice.
        spacing_mm: distance between neighbours along the normal.
        positions_mm: position of each slice along the normal.
        drift_mm: sideways shift of each slice against the first along (column direction, row
            direction), shape (slices, 2); zero unless the gantry was tilted.
        findings: what was assumed.
    """

    slices: tuple[CtSlice, ...]
    places: tuple[int, ...]
    spacing_mm: float
    positions_mm: tuple[float, ...]
    drift_mm: np.ndarray[tuple[int, int], np.dtype[np.float64]]
    findings: tuple[Finding, ...]

    @property
    def depth(self) -> int:
        """Number of slices once missing ones are counted."""
        return self.places[-1] + 1

    @property
    def is_tilted(self) -> bool:
        """Whether the slices drift sideways."""
        return bool(np.abs(self.drift_mm).max() > 0)


def stacked(
    slices: Sequence[CtSlice],
    *,
    pixel_hash: Callable[[CtSlice], str],
    resample_tilt: bool = False,
    resample_gaps: bool = False,
) -> Stack:
    """Order the slices of one series along their normal.

    Positions come from ImagePositionPatient and ImageOrientationPatient alone; instance numbers,
    slice location and slice thickness are not used.

    Args:
        slices: one series, any order.
        pixel_hash: hash of the pixels of a slice, asked for only at equal positions.
        resample_tilt: allow a sideways drift, to be sheared upright later.
        resample_gaps: allow missing slices, to be interpolated later.

    Raises:
        MixedSeries, TooFewSlices, DuplicatePosition, MissingSlices, UnevenSpacing, GantryTilt.
    """
    _refuse_mixed(slices)
    normal = slices[0].normal
    ordered = sorted(slices, key=lambda one: float(one.position_mm @ normal))
    kept, findings = _without_duplicates(ordered, normal, pixel_hash)
    if len(kept) < FEWEST_SLICES:
        raise TooFewSlices(
            f"{len(kept)} slices at different positions; a volume needs at least {FEWEST_SLICES}: give the whole series"
        )
    along = np.array([float(one.position_mm @ normal) for one in kept])
    places, spacing = _places(along, kept, resample_gaps)
    drift = _drift(kept, along, resample_tilt)
    if len(kept) != places[-1] + 1:
        findings.append(_gap_finding(places, along))
    if np.abs(drift).max() > 0:
        findings.append(_tilt_finding(drift, along))
    return Stack(
        slices=tuple(kept),
        places=tuple(places),
        spacing_mm=spacing,
        positions_mm=tuple(float(value) for value in along),
        drift_mm=drift,
        findings=tuple(findings),
    )


def _refuse_mixed(slices: Sequence[CtSlice]) -> None:
    first = slices[0]
    checks: tuple[tuple[str, Callable[[CtSlice], object]], ...] = (
        ("size (rows x columns)", lambda one: f"{one.layout.rows} x {one.layout.columns}"),
        ("FrameOfReferenceUID", lambda one: one.frame_of_reference_uid),
        ("StudyInstanceUID", lambda one: one.found.fields.uid("StudyInstanceUID")),
    )
    for name, value in checks:
        found = sorted({str(value(one)) for one in slices})
        if len(found) > 1:
            raise MixedSeries(f"the slices differ in {name}: {found[:4]}; separate the series before planning")
    for one in slices:
        directions = np.array([one.row_direction - first.row_direction, one.column_direction - first.column_direction])
        if float(np.abs(directions).max()) > DIRECTION_TOLERANCE:
            raise MixedSeries(
                f"{one.what} has another ImageOrientationPatient than {first.what}; separate the orientations"
            )
        if not np.allclose(one.pixel_spacing_mm, first.pixel_spacing_mm, rtol=1e-4, atol=0.0):
            raise MixedSeries(
                f"{one.what} has PixelSpacing {one.pixel_spacing_mm} mm, {first.what} {first.pixel_spacing_mm} mm; "
                "give slices of one reconstruction"
            )


def _without_duplicates(
    ordered: list[CtSlice], normal: Vector, pixel_hash: Callable[[CtSlice], str]
) -> tuple[list[CtSlice], list[Finding]]:
    kept: list[CtSlice] = [ordered[0]]
    dropped: list[str] = []
    for one in ordered[1:]:
        last = kept[-1]
        if float((one.position_mm - last.position_mm) @ normal) > SAME_POSITION_MM:
            kept.append(one)
            continue
        if pixel_hash(one) != pixel_hash(last):
            raise DuplicatePosition(
                f"{last.what} and {one.what} lie at the same place ({_mm(float(one.position_mm @ normal))} mm along "
                "the stack) with different pixels: two phases, two reconstructions or lost positions; give one series"
            )
        dropped.append(one.what)
    if not dropped:
        return kept, []
    sentence = f"{len(dropped)} slices were there twice with identical pixels; one of each was kept"
    return kept, [Finding(code="DUPLICATE_SLICES", severity="assumed", sentence=sentence)]


def _places(along: Vector, kept: list[CtSlice], resample_gaps: bool) -> tuple[list[int], float]:
    """Index of each slice on the regular lattice, and its spacing."""
    steps = np.diff(along)
    usual = float(np.median(steps))
    if float(steps.min()) < usual * (1 - 2 * UNEVEN_TOLERANCE):
        usual = float(steps.min())
    if float(steps.max()) > usual * MAX_STEP_RATIO:
        raise UnevenSpacing(
            f"two neighbouring slices are {_mm(float(steps.max()))} mm apart where the usual step is {_mm(usual)} mm; "
            "a slice is misplaced or two scans are mixed: give one regular reconstruction"
        )
    counts = np.maximum(1, np.rint(steps / usual)).astype(int)
    places = [0, *(int(value) for value in np.cumsum(counts))]
    spacing = float((along[-1] - along[0]) / places[-1])
    off = np.abs(along - along[0] - spacing * np.array(places)) / spacing
    if float(off.max()) > UNEVEN_TOLERANCE:
        raise UnevenSpacing(
            f"the slices are not evenly spaced: steps from {_mm(float(steps.min()))} to {_mm(float(steps.max()))} mm, "
            f"and {kept[int(np.argmax(off))].what} is {off.max():.0%} of a step off; give one regular reconstruction"
        )
    widest = int(counts.max()) - 1
    if widest and not (resample_gaps and widest <= MOST_FILLED_SLICES):
        offer = (
            "or ask for the gaps to be interpolated (resample_gaps = true under [image], or --resample-gaps)"
            if widest <= MOST_FILLED_SLICES
            else (f"at most {MOST_FILLED_SLICES} slices in a row can be interpolated")
        )
        raise MissingSlices(
            f"{places[-1] + 1 - len(kept)} slices are missing: {_gaps(places, along)}; load the complete series, "
            f"{offer}"
        )
    return places, spacing


def _gaps(places: list[int], along: Vector) -> str:
    gaps = [
        f"{places[n + 1] - places[n] - 1} between {_mm(float(along[n]))} and {_mm(float(along[n + 1]))} mm"
        for n in range(len(places) - 1)
        if places[n + 1] - places[n] > 1
    ]
    return ", ".join(gaps[:6]) + (f" and {len(gaps) - 6} more gaps" if len(gaps) > 6 else "")


def _drift(
    kept: list[CtSlice], along: Vector, resample_tilt: bool
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Sideways shift of each slice [mm] along (column direction, row direction); zeros when upright."""
    first = kept[0]
    offsets = np.array([one.position_mm - first.position_mm for one in kept])
    drift = np.stack([offsets @ first.column_direction, offsets @ first.row_direction], axis=1)
    if float(np.linalg.norm(drift, axis=1).max()) <= SIDEWAYS_MM:
        return np.zeros_like(drift)
    depth = along - along[0]
    line: np.ndarray[tuple[int, int], np.dtype[np.float64]] = depth[:, None] * (drift[-1] / depth[-1])
    if float(np.abs(drift - line).max()) > SIDEWAYS_MM:
        raise GantryTilt(
            f"the slices are shifted sideways by up to {np.linalg.norm(drift, axis=1).max():.1f} mm and not along a "
            "straight line; their positions cannot be trusted: export the series again"
        )
    if not resample_tilt:
        raise GantryTilt(
            f"the gantry was tilted by {_tilt_deg(drift, along):.1f}°: slices drift sideways by "
            f"{np.linalg.norm(drift[-1]):.1f} mm over {depth[-1]:.1f} mm; give an untilted reconstruction, "
            "or ask for the shear to be resampled (resample_tilt = true under [image], or --resample-tilt)"
        )
    return line


def _tilt_deg(drift: np.ndarray[tuple[int, int], np.dtype[np.float64]], along: Vector) -> float:
    return math.degrees(math.atan2(float(np.linalg.norm(drift[-1])), float(along[-1] - along[0])))


def _gap_finding(places: list[int], along: Vector) -> Finding:
    missing = places[-1] + 1 - len(places)
    return Finding(
        code="GAPS_RESAMPLED",
        severity="assumed",
        sentence=f"{missing} missing slices were interpolated linearly, as asked: {_gaps(places, along)}; "
        "nothing was measured there",
    )


def _tilt_finding(drift: np.ndarray[tuple[int, int], np.dtype[np.float64]], along: Vector) -> Finding:
    return Finding(
        code="GANTRY_TILT_RESAMPLED",
        severity="assumed",
        sentence=f"a gantry tilt of {_tilt_deg(drift, along):.2f}° was undone, as asked: each slice was shifted within "
        f"its plane by up to {np.linalg.norm(drift[-1]):.2f} mm with linear interpolation",
    )


def _mm(value: float) -> str:
    return f"{value:.2f}"

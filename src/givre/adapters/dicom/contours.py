"""Planar contours as voxels: a voxel is inside when its centre is, by the even-odd rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from givre.adapters.dicom.errors import ContoursRefused
from givre.geometry.grid import Grid
from givre.usecases.import_report import Finding

PLANE_TOLERANCE = 0.1
"""Largest distance of a contour point from the slice it belongs to, as part of the slice spacing."""

Points = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FilledContours:
    """Contours turned into voxels.

    Attributes:
        inside: shape (k, j, i).
        planes: number of slices that carry contours.
        findings: what was assumed.
    """

    inside: Bools
    planes: int
    findings: tuple[Finding, ...]


def fill_contours(contours: Sequence[Points], grid: Grid, name: str) -> FilledContours:
    """Voxels whose centre lies inside the contours.

    All contours of one slice are taken together by the even-odd rule, so a contour inside another is
    a hole and a keyhole contour (a hole reached by a channel of no width) needs no care. Contours may
    come in any order. When every contour lies n slices from the next, the slices between are filled
    by interpolating signed distances; wider gaps stay empty and are reported. Nothing is added beyond
    the outermost contours.

    Args:
        contours: LPS points [mm] of each closed contour, shape (points, 3).
        grid: lattice of the CT; contours must lie in planes of one of its axes.
        name: name of the structure, for messages.

    Raises:
        ContoursRefused: if contours lie between slices, across them, or outside the CT.
    """
    indexed = [grid.lps_to_index(points) for points in contours]
    axis = _slice_axis(indexed, name)
    by_slice, outside = _by_slice(indexed, axis, grid, name)
    in_plane = [n for n in range(3) if n != axis]
    inside = np.zeros(grid.shape, dtype=bool)
    planes = np.moveaxis(inside, axis, 0)
    for number, polygons in by_slice.items():
        planes[number] = even_odd([polygon[:, in_plane] for polygon in polygons], planes.shape[1:])
    findings = _cut_off(outside, indexed, in_plane, grid, name)
    findings += _fill_between(planes, sorted(by_slice), name)
    return FilledContours(inside=inside, planes=len(by_slice), findings=tuple(findings))


def even_odd(polygons: Sequence[Points], shape: tuple[int, int]) -> Bools:
    """Pixels whose centre lies inside an odd number of polygons.

    A centre exactly on an edge belongs to the side of higher index, so polygons that share an edge
    neither overlap nor leave a gap.

    Args:
        polygons: closed polygons as fractional (row, column) indices, shape (points, 2).
        shape: rows and columns.
    """
    toggles = np.zeros((shape[0], shape[1] + 1), dtype=np.int32)
    for polygon in polygons:
        rows, columns = _crossings(polygon, shape[0])
        first_inside = np.clip(np.ceil(columns), 0, shape[1]).astype(int)
        np.add.at(toggles, (rows, first_inside), 1)
    return np.asarray(np.cumsum(toggles, axis=1)[:, : shape[1]] % 2 == 1)


def _crossings(polygon: Points, rows: int) -> tuple[npt.NDArray[np.int_], npt.NDArray[np.float64]]:
    """Where the edges of a polygon cross the lines of pixel centres: row numbers and column positions."""
    found_rows, found_columns = [np.zeros(0, dtype=int)], [np.zeros(0)]
    for start, end in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        low, high = (start, end) if start[0] <= end[0] else (end, start)
        first, last = max(0, int(np.ceil(low[0]))), min(rows, int(np.ceil(high[0])))
        if first >= last:
            continue
        crossed = np.arange(first, last)
        found_rows.append(crossed)
        found_columns.append(low[1] + (crossed - low[0]) * ((high[1] - low[1]) / (high[0] - low[0])))
    return np.concatenate(found_rows), np.concatenate(found_columns)


def _slice_axis(indexed: Sequence[Points], name: str) -> int:
    """The axis along which every contour stays in one plane."""
    spread = np.max([np.ptp(points, axis=0) for points in indexed], axis=0)
    axis = int(np.argmin(spread))
    if spread[axis] > 2 * PLANE_TOLERANCE:
        raise ContoursRefused(
            f"contours of {name} are not parallel to the slices of this CT (off by {spread[axis]:.2f} slices); "
            "draw them on this CT"
        )
    return axis


def _by_slice(indexed: Sequence[Points], axis: int, grid: Grid, name: str) -> tuple[dict[int, list[Points]], int]:
    """Contours by slice number, and how many lie beyond the first or last slice."""
    by_slice: dict[int, list[Points]] = defaultdict(list)
    outside = 0
    for points in indexed:
        plane = float(points[:, axis].mean())
        number = round(plane)
        if abs(plane - number) > PLANE_TOLERANCE:
            raise ContoursRefused(
                f"a contour of {name} lies {abs(plane - number) * grid.spacing_mm[axis]:.2f} mm from the nearest slice "
                f"(slices are {grid.spacing_mm[axis]:.2f} mm apart); the contours were drawn on another series: "
                "draw them on this CT, or give its mask as NIfTI and ask for resampling"
            )
        if 0 <= number < grid.shape[axis]:
            by_slice[number].append(points)
        else:
            outside += 1
    if not by_slice:
        raise ContoursRefused(f"all {outside} contours of {name} lie outside this CT; give the CT they were drawn on")
    return by_slice, outside


def _cut_off(outside: int, indexed: Sequence[Points], in_plane: list[int], grid: Grid, name: str) -> list[Finding]:
    limits = np.array([grid.shape[n] for n in in_plane]) - 0.5
    sideways = sum(bool(((points[:, in_plane] < -0.5) | (points[:, in_plane] > limits)).any()) for points in indexed)
    if not outside and not sideways:
        return []
    sentence = f"{name} reaches beyond this CT: {outside} contours outside its slices, {sideways} cut at its sides"
    return [Finding(code="CONTOURS_CUT_OFF", severity="warning", sentence=sentence)]


def _fill_between(planes: Bools, numbers: list[int], name: str) -> list[Finding]:
    """Fill slices between regularly spaced contours, in place; report what was filled or left empty."""
    steps = np.diff(numbers)
    if steps.size == 0:
        return []
    usual = int(steps.min())
    findings = []
    if usual > 1:
        for low, high in pairwise(numbers):
            if high - low == usual:
                _interpolate(planes, low, high)
        sentence = (
            f"contours of {name} lie on every {usual}th slice; the slices between were interpolated by signed distance"
        )
        findings.append(Finding(code="CONTOURS_INTERPOLATED", severity="assumed", sentence=sentence))
    wide = int(np.count_nonzero(steps > usual))
    if wide:
        sentence = (
            f"{name} has {wide} gaps wider than its usual contour spacing of {usual} slices; they were left empty: "
            "check whether contours are missing or the structure has several parts"
        )
        findings.append(Finding(code="CONTOUR_GAPS", severity="warning", sentence=sentence))
    return findings


def _interpolate(planes: Bools, low: int, high: int) -> None:
    below, above = _signed_distance(planes[low]), _signed_distance(planes[high])
    for number in range(low + 1, high):
        weight = (number - low) / (high - low)
        planes[number] = (1 - weight) * below + weight * above > 0


def _signed_distance(inside: Bools) -> npt.NDArray[np.float64]:
    """Distance to the outline [pixels], positive inside."""
    return np.asarray(ndimage.distance_transform_edt(inside) - ndimage.distance_transform_edt(~inside))

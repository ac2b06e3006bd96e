"""The body and its skin from a CT: table removed, gas inside filled, faces where the image cuts the body told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from skimage.measure import marching_cubes

from givre.foundation.errors import EmptyMask, GeometryMismatch, NotFinite
from givre.geometry.grid import Grid
from givre.geometry.volume import Mask, Volume
from givre.tissue.declared import BODY

Array = npt.NDArray[np.float64]
Inside = npt.NDArray[np.bool_]

AIR_MAX_HU = -300.0
"""Below is air, lung or foam: half-way between air and fat, lowered for noise (assumption)."""
TABLE_THICKNESS_MM = 6.0
"""Sheets thinner than this are table, mattress or blanket, not body (assumption)."""
SMOOTHING_MM = 1.0
"""Standard deviation of the smoothing that takes the staircase off the skin."""
_NORMAL_REACHES_MM = (4.0, 7.0)
_NORMAL_DIRECTIONS = 60
_LEAST_SLOPE = 500.0
"""Of a side that shows: about a hundredth of that of a plane."""
_OTHER_PART = 0.3
"""Share of the largest piece from which another piece is body too: the other leg."""
_OUTSIDE_BELOW_HU = -950.0
"""Median of the air around the body; lung cut by the edge of the image lies above (recalled: about -850 HU)."""
_OUTSIDE_FROM_ML = 20.0
_NORMALS_AT_ONCE = 500
"""Points whose surroundings are read together: one call is fast, and memory stays small."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Body:
    """The patient's body as far as the image shows it.

    Attributes:
        mask: the body, lung, bowel gas and all other holes included.
        origin: drawn in the case, or found on the CT.
        membership: 255 inside, 0 outside, smoothed across the skin, shape (k, j, i); the skin lies at 127.5.
        cut_faces: patient letters of the image faces that cut the body: what lies there is not skin.
        table_ml: volume taken off as table.
        filled_ml: air cut by the edge of the image and taken for lung or bowel.
    """

    mask: Mask
    origin: Literal["structure", "ct"]
    membership: npt.NDArray[np.uint8]
    cut_faces: tuple[str, ...]
    table_ml: float = 0.0
    filled_ml: float = 0.0

    @property
    def grid(self) -> Grid:
        """The lattice."""
        return self.mask.grid

    def contains(self, points_mm: npt.ArrayLike) -> Inside:
        """Whether each LPS point, shape (..., 3), lies inside the skin and inside the image, shape (...)."""
        points = np.asarray(points_mm, dtype=float)
        return np.asarray(self.grid.contains(points) & (self._membership_at(points) >= 127.5))

    def outward(self, points_mm: npt.ArrayLike) -> Array:
        """Unit LPS normals of the skin at points on it, shape (n, 3); NaN where the body shows no side."""
        points = np.asarray(points_mm, dtype=float).reshape(-1, 3)
        steps = _around()
        slope = np.zeros_like(points)
        for first in range(0, len(points), _NORMALS_AT_ONCE):
            part = slice(first, first + _NORMALS_AT_ONCE)
            around = self._membership_at(points[part] + steps[:, None])  # (steps, points)
            slope[part] = -np.einsum("sn,sx->nx", around, steps)
        size = np.linalg.norm(slope, axis=-1, keepdims=True)
        return np.asarray(np.divide(slope, size, out=np.full_like(slope, np.nan), where=size > _LEAST_SLOPE))

    def skin_points_mm(self, spacing_mm: float) -> Array:
        """LPS points of the skin, about `spacing_mm` apart, shape (n, 3); none where the image cuts the body."""
        field = self.membership.astype(np.float32)
        if min(field.shape) < 2 or field.min() >= 127.5 or field.max() < 127.5:
            return np.zeros((0, 3))
        index = marching_cubes(field, 127.5)[0]  # type: ignore[no-untyped-call]  # scikit-image
        return thinned(self.grid.index_to_lps(index), spacing_mm)

    def cut_points_mm(self, spacing_mm: float) -> Array:
        """LPS points where the image cuts the body, about `spacing_mm` apart, shape (n, 3)."""
        found = [np.zeros((0, 3))]
        for axis, count in enumerate(self.grid.shape):
            for index, face in ((0, -0.5), (count - 1, count - 0.5)):
                cut = np.argwhere(np.take(self.mask.inside, index, axis=axis))
                found.append(self.grid.index_to_lps(np.insert(cut.astype(float), axis, face, axis=1)))
        return thinned(np.concatenate(found), spacing_mm)

    def _membership_at(self, points_mm: Array) -> Array:
        index = np.moveaxis(self.grid.lps_to_index(points_mm), -1, 0)
        return np.asarray(ndimage.map_coordinates(self.membership, index, order=1, mode="nearest", output=np.float64))


def find_body(ct: Volume, masks: Mapping[str, Mask], *, air_max_hu: float = AIR_MAX_HU) -> Body:
    """The body: the mask named "body" if there is one, otherwise from the CT.

    From the CT: what is denser than `air_max_hu` and thicker than `TABLE_THICKNESS_MM`, in its largest piece, in
    pieces nearly as large (the other leg) and in pieces that hold a drawn structure. Holes are filled slice by slice.
    Air at the edge of a crop is filled too when it is too dense or too small to be the air around the patient. Drawn
    structures always belong to the body.

    Args:
        ct: CT numbers [HU].
        masks: drawn structures by name, on the lattice of the CT.
        air_max_hu: at or below is not body.

    Raises:
        NotFinite: if the CT holds values that are not finite.
        GeometryMismatch: if a mask lies on another lattice.
        EmptyMask: if no body is found.
    """
    if not np.isfinite(ct.values).all():
        raise NotFinite("the CT holds values that are not finite; import it again or choose another series")
    other = [name for name, mask in masks.items() if not mask.grid.matches(ct.grid)]
    if other:
        raise GeometryMismatch(f"masks {other} lie on another lattice than the CT; resample them first")
    drawn = masks.get(BODY)
    if drawn is not None and not drawn.is_empty:
        return _made(drawn.inside, ct.grid, origin="structure")
    structures = np.zeros(ct.grid.shape, dtype=np.bool_)
    for mask in masks.values():
        structures |= mask.inside
    dense = np.asarray(ct.values > air_max_hu) | structures
    thick = _without_sheets(dense, ct.grid)
    kept = _large_pieces(thick, structures)
    if not kept.any():
        raise EmptyMask(
            f'no body is found above {air_max_hu:g} HU; draw it as the structure "{BODY}" or check that this is a CT'
        )
    table_ml = float((dense & ~kept).sum()) * ct.grid.voxel_volume_mm3 / 1000.0
    filled = _filled_in_slices(kept, ct.grid)
    body = _air_at_the_edge_filled(filled, ct)
    filled_ml = float((body & ~filled).sum()) * ct.grid.voxel_volume_mm3 / 1000.0
    return _made(body, ct.grid, origin="ct", table_ml=table_ml, filled_ml=filled_ml)


def thinned(points_mm: Array, spacing_mm: float) -> Array:
    """Of the points in each cube of that edge, the one nearest to its middle, shape (m, 3), in a fixed order."""
    if len(points_mm) == 0:
        return points_mm
    cell = np.floor(points_mm / spacing_mm)
    from_middle = np.linalg.norm(points_mm / spacing_mm - cell - 0.5, axis=1)
    order = np.lexsort((from_middle, cell[:, 0], cell[:, 1], cell[:, 2]))
    is_new = np.concatenate([[True], (np.diff(cell[order], axis=0) != 0).any(axis=1)])
    return np.asarray(points_mm[order[is_new]])


def _around() -> Array:
    """Offsets spread over two spheres, shape (n, 3)."""
    turn = np.arange(_NORMAL_DIRECTIONS) + 0.5
    height = 1.0 - 2.0 * turn / _NORMAL_DIRECTIONS
    angle, flat = np.pi * (1.0 + 5.0**0.5) * turn, np.sqrt(1.0 - height**2)
    unit = np.stack([flat * np.cos(angle), flat * np.sin(angle), height], axis=1)
    return np.concatenate([reach_mm * unit for reach_mm in _NORMAL_REACHES_MM])


def slice_axis(grid: Grid) -> int:
    """The array axis nearest to the patient's length."""
    return int(np.argmax(np.abs(np.array(grid.axes)[:, 2])))


def _made(
    inside: Inside,
    grid: Grid,
    *,
    origin: Literal["structure", "ct"],
    table_ml: float = 0.0,
    filled_ml: float = 0.0,
) -> Body:
    sigma = [SMOOTHING_MM / spacing for spacing in grid.spacing_mm]
    smooth = ndimage.gaussian_filter(inside.astype(np.float32), sigma, mode="nearest", truncate=3.0)
    cut = []
    for axis, (low, high) in enumerate(grid.letters()):
        cut += [low] if np.take(inside, 0, axis=axis).any() else []
        cut += [high] if np.take(inside, -1, axis=axis).any() else []
    return Body(
        mask=Mask(grid=grid, inside=np.ascontiguousarray(inside), name=BODY),
        origin=origin,
        membership=np.round(255.0 * smooth).astype(np.uint8),
        cut_faces=tuple(sorted(cut)),
        table_ml=table_ml,
        filled_ml=filled_ml,
    )


def _without_sheets(dense: Inside, grid: Grid) -> Inside:
    """The dense voxels without sheets thinner than a table; what remains keeps its surface.

    An opening within each slice: a table runs along the patient, so that it is a thin line in every slice. Beyond the
    edge of the image the body is taken to go on.
    """
    axis = slice_axis(grid)
    in_plane = [spacing for place, spacing in enumerate(grid.spacing_mm) if place != axis]
    steps = max(1, round(TABLE_THICKNESS_MM / 2 / float(np.mean(in_plane))))
    cross = np.expand_dims(ndimage.generate_binary_structure(2, 1), axis)
    core = ndimage.binary_erosion(dense, cross, iterations=steps, border_value=1)
    return np.asarray(ndimage.binary_dilation(core, cross, iterations=steps + 1, mask=dense))


def _large_pieces(thick: Inside, structures: Inside) -> Inside:
    labels, count = ndimage.label(thick)
    if count == 0:
        return thick
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    sizes[0] = 0
    is_body = sizes >= _OTHER_PART * sizes.max()
    is_body[np.unique(labels[structures])] = True
    is_body[0] = False
    return np.asarray(is_body[labels])


def _filled_in_slices(inside: Inside, grid: Grid) -> Inside:
    axis = slice_axis(grid)
    along = np.moveaxis(inside, axis, 0)
    filled = np.stack([ndimage.binary_fill_holes(part) for part in along])
    return np.ascontiguousarray(np.moveaxis(filled, 0, axis))


def _air_at_the_edge_filled(body: Inside, ct: Volume) -> Inside:
    """The body with every piece of air that is not the air around the patient."""
    labels, count = ndimage.label(~body)
    at_edge = {
        int(label) for axis in range(3) for end in (0, -1) for label in np.unique(np.take(labels, end, axis=axis))
    }
    result = body.copy()
    places = ndimage.find_objects(labels)
    for label in range(1, count + 1):
        window = places[label - 1]
        piece = labels[window] == label
        is_outside = label in at_edge
        if is_outside:
            volume_ml = float(piece.sum()) * ct.grid.voxel_volume_mm3 / 1000.0
            median_hu = float(np.median(ct.values[window][piece]))
            is_outside = volume_ml >= _OUTSIDE_FROM_ML and median_hu <= _OUTSIDE_BELOW_HU
        if not is_outside:
            result[window] |= piece
    return result

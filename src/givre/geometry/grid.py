"""A regular lattice of voxels placed in patient space."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from givre.foundation.errors import InvalidGeometry

Point = tuple[float, float, float]
"""A point or vector in patient space, LPS, mm."""
FloatArray = npt.NDArray[np.floating]

_LETTERS = (("R", "L"), ("A", "P"), ("F", "H"))
"""For LPS axes x, y, z: the letter towards the negative and the positive end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Voxel centres at origin + k*step_k + j*step_j + i*step_i.

    Attributes:
        shape: number of voxels along (k, j, i).
        spacing_mm: distance between neighbours along (k, j, i).
        origin_mm: LPS position of the centre of voxel (0, 0, 0).
        axes: unit LPS vectors along increasing k, j, i; mutually orthogonal.

    >>> grid = Grid(shape=(2, 3, 4), spacing_mm=(2.0, 1.0, 1.0))
    >>> grid.index_to_lps((1, 0, 3)).tolist()
    [3.0, 0.0, 2.0]
    """

    shape: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    origin_mm: Point = (0.0, 0.0, 0.0)
    axes: tuple[Point, Point, Point] = ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))

    def __post_init__(self) -> None:
        if min(self.shape) < 1:
            raise InvalidGeometry(f"shape {self.shape} has an empty axis; every axis needs at least one voxel")
        numbers = np.array([*self.spacing_mm, *self.origin_mm, *np.ravel(self.axes)], dtype=float)
        if not np.isfinite(numbers).all():
            raise InvalidGeometry("spacing, origin or axes hold a value that is not finite; correct the header")
        if min(self.spacing_mm) <= 0:
            raise InvalidGeometry(f"spacing {self.spacing_mm} mm is not positive; correct the header")
        axes = np.array(self.axes)
        skew = float(np.abs(axes @ axes.T - np.eye(3)).max())
        if skew > 1e-3:
            raise InvalidGeometry(
                f"axes are not orthogonal unit vectors (off by {skew:.2g}, allowed 0.001): "
                "a sheared or singular orientation; resample the scan on a regular lattice first"
            )

    @property
    def step_mm(self) -> npt.NDArray[np.float64]:
        """3 x 3 matrix whose rows are the LPS steps along k, j and i [mm]."""
        return np.asarray(np.array(self.axes, dtype=float) * np.array(self.spacing_mm)[:, None])

    @property
    def voxel_volume_mm3(self) -> float:
        """Volume of one voxel [mm³]."""
        return float(np.prod(self.spacing_mm))

    @property
    def size_mm(self) -> tuple[float, float, float]:
        """Outer size along (k, j, i), voxel faces included [mm]."""
        k, j, i = (n * s for n, s in zip(self.shape, self.spacing_mm, strict=True))
        return (k, j, i)

    @property
    def centre_mm(self) -> npt.NDArray[np.float64]:
        """LPS position of the middle of the lattice [mm]."""
        return self.index_to_lps((np.array(self.shape) - 1) / 2)

    def index_to_lps(self, index: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """LPS positions [mm], shape (..., 3), of (fractional) indices (k, j, i), shape (..., 3)."""
        return np.asarray(np.asarray(index, dtype=float) @ self.step_mm + np.array(self.origin_mm))

    def lps_to_index(self, points_mm: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Fractional indices (k, j, i), shape (..., 3), of LPS positions [mm], shape (..., 3)."""
        offset = np.asarray(points_mm, dtype=float) - np.array(self.origin_mm)
        return np.asarray((offset @ np.array(self.axes, dtype=float).T) / np.array(self.spacing_mm))

    def contains(self, points_mm: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Whether each LPS point, shape (..., 3), lies inside the lattice, voxel faces included."""
        index = self.lps_to_index(points_mm)
        inside = (index >= -0.5) & (index <= np.array(self.shape) - 0.5)
        return np.asarray(inside.all(axis=-1))

    def voxel_centres_mm(self) -> npt.NDArray[np.float64]:
        """LPS positions of all voxel centres [mm], shape (k, j, i, 3)."""
        index = np.stack(np.meshgrid(*(np.arange(n) for n in self.shape), indexing="ij"), axis=-1)
        return self.index_to_lps(index)

    def matches(self, other: Grid, *, tolerance: float = 1e-3) -> bool:
        """Whether both lattices are the same to `tolerance` of a voxel at every corner."""
        if self.shape != other.shape:
            return False
        corners = np.array(np.meshgrid(*((0, n - 1) for n in self.shape))).reshape(3, -1).T
        shift = other.lps_to_index(self.index_to_lps(corners)) - corners
        return bool(np.abs(shift).max() <= tolerance)

    def letters(self) -> tuple[tuple[str, str], tuple[str, str], tuple[str, str]]:
        """Patient letters (towards low index, towards high index) for the axes k, j and i.

        R, L, A, P, F (feet), H (head); the nearest patient axis gives the letter.

        >>> Grid(shape=(2, 2, 2), spacing_mm=(1.0, 1.0, 1.0)).letters()
        (('F', 'H'), ('A', 'P'), ('R', 'L'))
        """
        found = []
        for axis in np.array(self.axes):
            nearest = int(np.argmax(np.abs(axis)))
            low, high = _LETTERS[nearest]
            found.append((low, high) if axis[nearest] > 0 else (high, low))
        return (found[0], found[1], found[2])

    def affine_ras(self) -> npt.NDArray[np.float64]:
        """NIfTI affine, 4 x 4: voxel indices (i, j, k) to RAS+ mm."""
        affine = np.eye(4)
        affine[:3, :3] = self.step_mm[::-1].T
        affine[:3, 3] = self.origin_mm
        affine[:2] *= -1.0
        return affine

    @classmethod
    def from_affine_ras(cls, affine: npt.ArrayLike, shape_ijk: tuple[int, int, int]) -> Grid:
        """Lattice of a NIfTI image: affine (i, j, k) to RAS+ mm, 4 x 4, and shape (i, j, k).

        Raises:
            InvalidGeometry: if the affine is singular, sheared or not finite.
        """
        matrix = np.array(affine, dtype=float)
        if matrix.shape != (4, 4) or not np.isfinite(matrix).all():
            raise InvalidGeometry("the affine is not a finite 4 x 4 matrix; correct the header")
        matrix[:2] *= -1.0
        steps = matrix[:3, :3].T[::-1]
        spacing = np.linalg.norm(steps, axis=1)
        if spacing.min() <= 0:
            raise InvalidGeometry("the affine is singular: one voxel step has no length; correct the header")
        axes = steps / spacing[:, None]
        return cls(
            shape=(shape_ijk[2], shape_ijk[1], shape_ijk[0]),
            spacing_mm=_triple(spacing),
            origin_mm=_triple(matrix[:3, 3]),
            axes=(_triple(axes[0]), _triple(axes[1]), _triple(axes[2])),
        )


def _triple(values: npt.ArrayLike) -> Point:
    first, second, third = (float(value) for value in np.asarray(values))
    return (first, second, third)

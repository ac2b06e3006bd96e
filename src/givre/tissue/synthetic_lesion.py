"""A lytic lesion that never existed, carved into real or phantom bone; always to be called synthetic."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from givre.foundation.errors import GeometryMismatch, InputError, OutsideImage
from givre.geometry.grid import FloatArray, Grid, Point
from givre.geometry.volume import Mask, Volume
from givre.tissue.hu_thresholds import load_hu_thresholds

ROUGHNESS = 0.12
"""How far the edge wanders from the ellipsoid, as a share of its radius."""

TEXTURE_MM = 3.0
"""Size of the bumps of the edge and of the patches inside."""


def carve_lytic_lesion(
    ct: Volume,
    bone: Mask,
    *,
    centre_mm: Point,
    semi_axes_mm: tuple[float, float, float],
    hu_range: tuple[float, float] = (30.0, 60.0),
    noise_hu: float = 0.0,
    seed: int = 0,
    spared: Sequence[Mask] = (),
) -> tuple[Volume, Mask]:
    """Replace bone by soft tissue inside a rough ellipsoid.

    Every voxel inside takes a HU between the two values, in patches; the rim is blended over one voxel, as partial
    volume would. Where the ellipsoid crosses the cortex it breaches it, and its part outside the bone is a soft
    tissue component of the same HU. Gas is left as it is.

    Args:
        ct: CT numbers [HU].
        bone: the bone, on the same lattice.
        centre_mm: centre of the ellipsoid, LPS.
        semi_axes_mm: half lengths along the LPS axes x, y and z.
        hu_range: least and greatest HU inside, before noise.
        noise_hu: standard deviation of the noise of the scan, so that the lesion is as grainy as its surroundings.
        seed: of the edge and of the patches; the same seed gives the same lesion.
        spared: structures the lesion stays out of, such as the spinal canal.

    Returns:
        The new CT, and the mask of the lesion named "tumour".

    Raises:
        OutsideImage: if the centre lies outside the CT.
        GeometryMismatch: if a mask lies on another lattice.
        InputError: if an axis or the HU range is impossible, or the lesion does not touch bone.
    """
    _check(ct, bone, centre_mm, semi_axes_mm)
    _check_hu(hu_range, noise_hu)
    random = np.random.default_rng(seed)
    radius = _ellipsoid_radius(ct.grid, centre_mm, semi_axes_mm)
    bumps = _patches(random, ct.grid)
    rim = np.clip((1.0 + ROUGHNESS * bumps - radius) * min(semi_axes_mm) / max(ct.grid.spacing_mm) + 0.5, 0.0, 1.0)
    rim[np.asarray(ct.values) <= load_hu_thresholds().gas_max_hu] = 0.0
    for mask in spared:
        rim[mask.inside] = 0.0
    inside = rim >= 0.5
    if not (inside & bone.inside).any():
        raise InputError(
            f"a lesion at {_in_words(centre_mm)} mm with half axes {semi_axes_mm} mm does not touch the bone; "
            f"move it (the bone is centred at {_in_words(bone.centroid_mm())} mm)"
        )
    low, high = hu_range
    lesion_hu = low + (high - low) * (0.5 + 0.5 * np.clip(_patches(random, ct.grid), -1.0, 1.0))
    lesion_hu += random.normal(0.0, noise_hu, ct.grid.shape)
    values = np.asarray(ct.values) * (1.0 - rim) + lesion_hu * rim
    carved = Volume(grid=ct.grid, values=values.astype(ct.values.dtype), unit=ct.unit)
    return carved, Mask(grid=ct.grid, inside=inside, name="tumour")


def breached_fraction(lesion: Mask, bone: Mask) -> float:
    """Share of the lesion that lies outside the bone: above 0 the cortex is breached."""
    return float((lesion.inside & ~bone.inside).sum()) / max(int(lesion.inside.sum()), 1)


def _check(ct: Volume, bone: Mask, centre_mm: Point, semi_axes_mm: tuple[float, float, float]) -> None:
    if not bone.grid.matches(ct.grid):
        raise GeometryMismatch("the bone mask lies on another lattice than the CT; resample it first")
    if not min(semi_axes_mm) > 0 or not np.isfinite(semi_axes_mm).all():
        raise InputError(f"lesion half axes are {semi_axes_mm} mm; give three lengths above 0 mm")
    if not bool(ct.grid.contains(centre_mm)):
        raise OutsideImage(f"the lesion centre {_in_words(centre_mm)} mm lies outside the CT; move it inside")


def _check_hu(hu_range: tuple[float, float], noise_hu: float) -> None:
    if not noise_hu >= 0:
        raise InputError(f"lesion noise is {noise_hu} HU; give 0 or more")
    if not -1000 < hu_range[0] <= hu_range[1] < 3000:
        raise InputError(f"lesion HU range is {hu_range}; give two increasing HU")


def _ellipsoid_radius(grid: Grid, centre_mm: Point, semi_axes_mm: tuple[float, float, float]) -> FloatArray:
    offset = (grid.voxel_centres_mm() - np.array(centre_mm)) / np.array(semi_axes_mm)
    return np.asarray(np.linalg.norm(offset, axis=-1))


def _patches(random: np.random.Generator, grid: Grid) -> FloatArray:
    """A smooth random field of mean 0 and standard deviation 1/2, shape of the lattice."""
    noise = random.standard_normal(grid.shape)
    sigma = [TEXTURE_MM / spacing / 2 for spacing in grid.spacing_mm]
    smooth = ndimage.gaussian_filter(noise, sigma, mode="wrap")
    return np.asarray(0.5 * smooth / smooth.std())


def _in_words(point_mm: npt.ArrayLike) -> str:
    x, y, z = (float(value) for value in np.asarray(point_mm))
    return f"({x:.1f}, {y:.1f}, {z:.1f})"

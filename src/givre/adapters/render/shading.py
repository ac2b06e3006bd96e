"""Light on surfaces: a key light with shadows, a fill light, the darkening of hollows and thin outlines."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numba
import numpy as np
import numpy.typing as npt
from scipy import ndimage

from givre.adapters.render.raster import Camera, Doubles, Floats, look_from, rasterise
from givre.geometry.surface import TriangleSurface

_SHADOW_PIXELS = 1400
_SHADOW_BIAS_MM = 0.9
_HOLLOW_MM = 9.0
"""Reach of the darkening of hollows."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Body:
    """A surface and how it looks.

    Attributes:
        points_mm: corners, LPS, shape (n, 3).
        triangles: indices, shape (m, 3).
        normals: unit vectors at the corners, shape (n, 3).
        colours: linear red, green, blue at the corners, shape (n, 3).
        gloss: strength of the highlight at the corners, shape (n, 1).
    """

    points_mm: Doubles
    triangles: npt.NDArray[np.int64]
    normals: Floats
    colours: Floats
    gloss: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """One body as a picture.

    Attributes:
        colours: shaded red, green, blue, shape (height, width, 3).
        nearness: -inf where nothing is seen.
        facing: cosine between surface and line of sight, 0 where nothing is seen.
    """

    colours: Floats
    nearness: Floats
    facing: Floats

    @property
    def covered(self) -> npt.NDArray[np.bool_]:
        """Where the body is seen."""
        return np.asarray(np.isfinite(self.nearness))


def body(surface: TriangleSurface, colour: tuple[float, float, float] | Floats, *, gloss: float) -> Body:
    """A surface in one colour, or one colour per corner, with normals smoothed over its triangles."""
    count = len(surface.points_mm)
    colours = np.broadcast_to(np.asarray(colour, dtype=np.float32), (count, 3)).copy()
    return Body(
        points_mm=surface.points_mm,
        triangles=surface.triangles,
        normals=_corner_normals(surface),
        colours=colours,
        gloss=np.full((count, 1), gloss, dtype=np.float32),
    )


def _corner_normals(surface: TriangleSurface) -> Floats:
    vectors = np.repeat(surface.area_vectors_mm2, 3, axis=0)
    corners = surface.triangles.ravel()
    count = len(surface.points_mm)
    summed = np.stack([np.bincount(corners, weights=vectors[:, axis], minlength=count) for axis in range(3)], axis=1)
    return np.asarray(summed / np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-12), dtype=np.float32)


def merged(bodies: list[Body]) -> Body:
    """Several bodies as one."""
    first = np.cumsum([0, *(len(part.points_mm) for part in bodies[:-1])])
    return Body(
        points_mm=np.concatenate([part.points_mm for part in bodies]),
        triangles=np.concatenate([part.triangles + shift for part, shift in zip(bodies, first, strict=True)]),
        normals=np.concatenate([part.normals for part in bodies]),
        colours=np.concatenate([part.colours for part in bodies]),
        gloss=np.concatenate([part.gloss for part in bodies]),
    )


def shade(seen: Body, camera: Camera, *, is_shell: bool = False) -> Layer:
    """The body in the light of a lamp above the left shoulder of the observer; a shell has no shadows."""
    raster = rasterise(seen.points_mm, seen.triangles, camera)
    covered = raster.covered
    colours = np.zeros((*covered.shape, 3), dtype=np.float32)
    facing = np.zeros(covered.shape, dtype=np.float32)
    if not covered.any():
        return Layer(colours=colours, nearness=raster.nearness, facing=facing)
    corners = np.concatenate([seen.points_mm, seen.normals, seen.colours, seen.gloss], axis=1).astype(np.float32)
    values = raster.interpolate(corners, seen.triangles)
    points_mm, own, gloss = values[:, :3], values[:, 6:9], values[:, 9]
    sight = _unit(camera.eye_mm.astype(np.float32) - points_mm)
    normals = _turned_to(values[:, 3:6], sight)
    facing[covered] = _dot(normals, sight)
    lamp = _unit(-camera.forward * 0.75 + camera.up * 0.62 - camera.right * 0.5)
    key = np.clip(normals @ lamp, 0.0, None)
    hollow: Floats | float = 1.0
    if not is_shell:
        key = key * _lit_share(points_mm + normals * np.float32(_SHADOW_BIAS_MM), lamp, seen)
        hollow = _hollows(raster.nearness, normals, covered, camera)
    light = hollow * _soft_light(normals, camera) + 0.62 * key * (0.55 + 0.45 * hollow)
    shine = gloss * np.clip(_dot(normals, _unit(lamp + sight)), 0.0, None) ** 40 * (key > 0)
    colours[covered] = own * light[:, None].astype(np.float32) + shine[:, None]
    return Layer(colours=colours, nearness=raster.nearness, facing=facing)


def _turned_to(normals: Floats, sight: Floats) -> Floats:
    """Unit normals on the side of the observer."""
    return _unit(normals * np.where(_dot(normals, sight) < 0, -1.0, 1.0)[:, None].astype(np.float32))


def _soft_light(normals: Floats, camera: Camera) -> Floats:
    """The light of the sky and of a weak lamp on the right."""
    fill = _unit(-camera.forward * 0.6 - camera.up * 0.15 + camera.right * 0.8)
    sky = 0.5 + 0.5 * (normals @ camera.up.astype(np.float32))
    return np.asarray(0.34 + 0.16 * sky + 0.18 * np.clip(normals @ fill, 0.0, None), dtype=np.float32)


def _dot(first: Floats, second: Floats) -> Floats:
    return np.asarray(np.einsum("pc,pc->p", first, second), dtype=np.float32)


def _unit(vectors: npt.ArrayLike) -> Floats:
    found = np.asarray(vectors, dtype=np.float32)
    return np.asarray(found / np.linalg.norm(found, axis=-1, keepdims=True), dtype=np.float32)


def _lit_share(points_mm: Floats, lamp: Floats, seen: Body) -> Floats:
    """Share of the lamp that reaches each point, from a depth picture taken from the lamp."""
    low, high = seen.points_mm.min(axis=0), seen.points_mm.max(axis=0)
    radius_mm = float(np.linalg.norm(high - low)) / 2 + 1.0
    view = look_from(lamp, (low + high) / 2, radius_mm, width=_SHADOW_PIXELS, height=_SHADOW_PIXELS, tangent=0.0)
    depth = rasterise(seen.points_mm, seen.triangles, view).nearness
    at = view.screen(points_mm)
    rows = np.clip(at[:, 1].astype(np.int64), 1, _SHADOW_PIXELS - 2)
    columns = np.clip(at[:, 0].astype(np.int64), 1, _SHADOW_PIXELS - 2)
    lit = np.zeros(len(at), dtype=np.float32)
    offsets = [(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1)]
    for row, column in offsets:
        lit += depth[rows + row, columns + column] <= at[:, 2] + _SHADOW_BIAS_MM
    return np.asarray(lit / len(offsets), dtype=np.float32)


def _hollows(nearness: Floats, normals: Floats, covered: npt.NDArray[np.bool_], camera: Camera) -> Floats:
    """1 on open surfaces, less in hollows, at the covered pixels; measured on every second pixel."""
    small = replace(camera, width=camera.width // 2, height=camera.height // 2)
    distance = np.where(np.isfinite(nearness[::2, ::2]), 1.0 / np.where(covered, nearness, 1.0)[::2, ::2], 0.0)
    axes = np.stack([camera.right, camera.up, camera.forward]).astype(np.float32)
    spread = np.zeros((*covered.shape, 3), dtype=np.float32)
    spread[covered] = normals @ axes.T
    open_share = open_sky(distance.astype(np.float32), spread[::2, ::2], small.tangent, _HOLLOW_MM)
    smooth = ndimage.uniform_filter(open_share, 3, mode="nearest")
    full = np.repeat(np.repeat(smooth, 2, axis=0), 2, axis=1)
    return np.asarray(full[: covered.shape[0], : covered.shape[1]][covered], dtype=np.float32)


@numba.njit(cache=True, nogil=True)
def open_sky(distance: Floats, normals: Floats, tangent: float, reach_mm: float) -> Floats:
    """Share of the sky above each pixel that nearby surface does not hide.

    Args:
        distance: to the surface along the line of sight [mm], 0 where there is none, shape (h, w).
        normals: in camera space (right, up, forward), shape (h, w, 3).
        tangent: half height of the picture over distance.
        reach_mm: how far hidden sky is looked for.
    """
    height, width = distance.shape
    share = np.ones((height, width), dtype=np.float32)
    samples = np.arange(32)
    steps_down, steps_right = np.sin(2.399963 * samples), np.cos(2.399963 * samples)
    for row in range(height):
        for column in range(width):
            here = distance[row, column]
            if here <= 0.0:
                continue
            mm_per_pixel = 2.0 * tangent * here / height
            normal = normals[row, column]
            hidden = 0.0
            for sample in range(32):
                radius = reach_mm * ((sample + 0.5) / 32.0) / mm_per_pixel
                r = row + int(np.round(radius * steps_down[sample]))
                c = column + int(np.round(radius * steps_right[sample]))
                if r < 0 or c < 0 or r >= height or c >= width or distance[r, c] <= 0.0:
                    continue
                x = (c - column) * mm_per_pixel
                y = (row - r) * mm_per_pixel
                z = distance[r, c] - here
                length = np.sqrt(x * x + y * y + z * z) + 1e-6
                rise = (x * normal[0] + y * normal[1] + z * normal[2]) / length - 0.12
                if rise > 0.0 and length < 2.0 * reach_mm:
                    hidden += rise * (1.0 - length / (2.0 * reach_mm))
            share[row, column] = max(0.0, 1.0 - 2.2 * hidden / 16.0)
    return share


def outline(layer: Layer, *, width: int = 2) -> Floats:
    """1 on the silhouette of a body and on steps in depth, 0 elsewhere, shape (height, width)."""
    distance = np.where(layer.covered, 1.0 / np.where(layer.covered, layer.nearness, 1.0), 1e4)
    step = ndimage.maximum_filter(distance, 2 * width + 1) - ndimage.minimum_filter(distance, 2 * width + 1)
    return np.asarray(np.clip((step - 5.0) / 6.0, 0.0, 1.0) * layer.covered, dtype=np.float32)

"""Three-dimensional pictures of bone, tumour, organs at risk, probes and the shells of cold around them."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from givre.adapters.render.palette import LINEAR, margin_colours
from givre.adapters.render.raster import Camera, Doubles, Floats, look_from, rasterise
from givre.adapters.render.shading import Body, Layer, body, merged, outline, shade
from givre.adapters.render.tubes import tube
from givre.case.description import TUMOUR
from givre.dossier.inputs import DossierInputs
from givre.dossier.pictures import scene_directions
from givre.dossier.views import active_zone, region_half_width_mm
from givre.geometry.grid import Grid
from givre.geometry.line import Segment
from givre.geometry.resampling import cubic_grid_around, resample_volume
from givre.geometry.surface import TriangleSurface, isosurface
from givre.geometry.volume import Mask, Volume

TANGENT, _FRAME = 0.21, 1.22
"""Half height of the picture over distance (a 24 degree lens, little distortion), and half height of the frame
in half widths of the planning slices."""
BONE_HU = 190.0
"""Level of the bone surface when no bone mask was given; for the eye only, nothing is computed from it."""
_HIDE_THE_REST = ("skin", "body")
_SMOOTHING_MM = 0.8
_FINEST_MM = 0.9
_TARGETS_THROUGH, _ORGANS_THROUGH = 0.66, 0.3
"""How strongly tumour and probes, and organs at risk, show through what hides them."""
_THINNEST_MM = 0.8
"""Least radius of a drawn probe: a thinner one would vanish in print."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """A rendered picture without any word, the same in every language.

    Attributes:
        pixels: red, green, blue, shape (height, width, 3), uint8.
        camera: of the picture in its final size.
        centre_mm: LPS point looked at.
    """

    pixels: npt.NDArray[np.uint8]
    camera: Camera
    centre_mm: Doubles


def render_scenes(inputs: DossierInputs, *, width: int, height: int) -> Mapping[str, Picture]:
    """The oblique and the lateral view, by key."""
    centre = inputs.masks[TUMOUR].centroid_mm()
    half = region_half_width_mm(inputs)
    cast = _cast(inputs, centre, half)

    def picture(direction: Doubles) -> Picture:
        large = look_from(direction, centre, _FRAME * half, width=2 * width, height=2 * height, tangent=TANGENT)
        camera = look_from(direction, centre, _FRAME * half, width=width, height=height, tangent=TANGENT)
        return Picture(pixels=_composite(cast, large), camera=camera, centre_mm=centre)

    directions = scene_directions(inputs)
    with ThreadPoolExecutor(max_workers=2) as pool:  # the kernels let go of the interpreter lock
        pictures = pool.map(picture, directions.values())
        return {f"scene_{key}": found for key, found in zip(directions, pictures, strict=True)}


def render_margin_surface(inputs: DossierInputs, *, width: int, height: int) -> Picture:
    """The tumour surface coloured by margin, seen from the side of its smallest margin."""
    margin = inputs.assessment.margin
    surface = TriangleSurface(points_mm=margin.points_mm, triangles=margin.triangles)
    centre = (margin.points_mm.min(axis=0) + margin.points_mm.max(axis=0)) / 2
    towards = np.subtract(margin.where_minimum_mm, centre)
    if not np.isfinite(towards).all() or np.linalg.norm(towards) < 1e-6:
        towards = np.array([0.0, 1.0, 0.0])
    # tilted, so that the smallest margin is in front and the shape still reads
    direction = towards / np.linalg.norm(towards) + np.array([0.25, 0.0, 0.25])
    radius = float(np.linalg.norm(margin.points_mm - centre, axis=1).max()) * 1.15
    large = look_from(direction, centre, radius, width=2 * width, height=2 * height, tangent=TANGENT)
    layer = shade(body(surface, (1.0, 1.0, 1.0), gloss=0.02), large, is_shell=True)
    corners = margin.margin_mm.astype(np.float32)[:, None]
    seen_mm = rasterise(surface.points_mm, surface.triangles, large).interpolate(corners, surface.triangles)[:, 0]
    colours = margin_colours(seen_mm.astype(np.float64), wanted_mm=inputs.case.goals.margin_mm)
    canvas = _background(large)
    canvas[layer.covered] = layer.colours[layer.covered] * colours
    canvas *= 1.0 - 0.5 * outline(layer)[..., None]
    camera = look_from(direction, centre, radius, width=width, height=height, tangent=TANGENT)
    return Picture(pixels=_developed(canvas), camera=camera, centre_mm=centre)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Cast:
    """Everything in the picture; what comes later is laid over what comes before."""

    bone: Body | None
    organs: Body | None
    targets: Body | None
    shells: tuple[tuple[Body, Floats], ...]


def _cast(inputs: DossierInputs, centre: Doubles, half: float) -> _Cast:
    bone = bone_surface(inputs, centre, half)
    masks = [_near(inputs.masks[name], centre, 1.1 * half) for name in shown_organs(inputs)]
    organs = [body(smooth_surface(mask), LINEAR["organ"], gloss=0.12) for mask in masks]
    targets = [body(smooth_surface(inputs.masks[TUMOUR]), LINEAR["tumour"], gloss=0.12), *_probes(inputs)]
    return _Cast(
        bone=_together([body(bone, LINEAR["bone"], gloss=0.06)]),
        organs=_together(organs),
        targets=_together(targets),
        shells=_shells(inputs),
    )


def shown_organs(inputs: DossierInputs) -> list[str]:
    """Organs at risk that are drawn; the skin would hide all the rest."""
    names = [organ.structure for organ in inputs.case.organs_at_risk]
    return [name for name in names if name in inputs.masks and name not in _HIDE_THE_REST]


def _probes(inputs: DossierInputs) -> list[Body]:
    found = []
    for placement, facts in zip(inputs.case.placements, inputs.probes, strict=True):
        zone = active_zone(placement, facts)
        radius = max(facts.diameter_mm / 2, _THINNEST_MM)
        if facts.tip_offset_mm + facts.active_length_mm < placement.depth_mm:
            shaft = Segment(start_mm=zone.end_mm, end_mm=placement.entry_mm)
            found.append(body(tube(shaft, radius), LINEAR["shaft"], gloss=0.5))
        tip = Segment(start_mm=placement.target_mm, end_mm=zone.end_mm)
        found.append(body(tube(tip, radius * 1.25, pointed=True), LINEAR["active"], gloss=0.5))
    return found


def _together(parts: list[Body]) -> Body | None:
    usable = [part for part in parts if len(part.triangles)]
    return merged(usable) if usable else None


def bone_surface(inputs: DossierInputs, centre: Doubles, half: float) -> TriangleSurface:
    """Bone around the tumour: the bone mask if the case has one, else the CT above a level."""
    corners = centre + half * np.array([[-1.15, -1.15, -0.9], [1.15, 1.15, 0.9]])
    spacing = float(np.clip(min(inputs.ct.grid.spacing_mm), _FINEST_MM, 2.0))
    box = cubic_grid_around(corners, inputs.ct.grid, spacing_mm=spacing, margin_mm=0.0)
    mask = inputs.masks.get("bone")
    if mask is not None and not mask.is_empty:
        volume = Volume(grid=mask.grid, values=mask.inside.astype(np.float32), unit="1")
        near = resample_volume(volume, box, outside=0.0)
        return _smoothed_isosurface(near, 0.5)
    return _smoothed_isosurface(resample_volume(inputs.ct, box, outside=-1000.0), BONE_HU)


def smooth_surface(mask: Mask) -> TriangleSurface:
    """The surface of a mask without its voxel steps."""
    inside = np.argwhere(mask.inside)
    if not len(inside):
        return isosurface(Volume(grid=mask.grid, values=np.ones(mask.grid.shape, dtype=np.float32), unit="1"), 0.0)
    corners = mask.grid.index_to_lps(np.array([inside.min(axis=0), inside.max(axis=0)]))
    spacing = float(np.clip(min(mask.grid.spacing_mm), 0.6, 1.5))
    box = cubic_grid_around(corners, mask.grid, spacing_mm=spacing, margin_mm=4.0)
    volume = Volume(grid=mask.grid, values=mask.inside.astype(np.float32), unit="1")
    return _smoothed_isosurface(resample_volume(volume, box, outside=0.0), 0.5)


def _smoothed_isosurface(volume: Volume, level: float) -> TriangleSurface:
    sigma = _SMOOTHING_MM / np.array(volume.grid.spacing_mm)
    values = ndimage.gaussian_filter(volume.values.astype(np.float32), np.maximum(sigma, 0.6))
    values = _without_crumbs(values, level, volume.grid)
    return isosurface(Volume(grid=volume.grid, values=-values, unit=volume.unit), -level)


def _without_crumbs(values: Floats, level: float, grid: Grid) -> Floats:
    """The image with the pieces above the level that are smaller than 0.15 mL pushed below it."""
    labels, count = ndimage.label(values >= level)
    sizes = np.bincount(labels.ravel(), minlength=count + 1) * grid.voxel_volume_mm3
    small = sizes < 150.0
    small[0] = False
    return np.where(small[labels], np.float32(level - abs(level) - 1.0), values) if (~small[1:]).any() else values


def _near(mask: Mask, centre: Doubles, reach_mm: float) -> Mask:
    """The part of a mask near a point: a whole cord would leave the picture."""
    index = np.argwhere(mask.inside)
    far = np.abs(mask.grid.index_to_lps(index) - centre).max(axis=1) > reach_mm
    inside = mask.inside.copy()
    inside[tuple(index[far].T)] = False
    return Mask(grid=mask.grid, inside=inside, name=mask.name)


def _shells(inputs: DossierInputs) -> tuple[tuple[Body, Floats], ...]:
    """Lethal zone and ice-ball, the inner one first, each with the colour of its veil."""
    levels = {inputs.case.goals.lethal_temp_c: "lethal", 0.0: "ice"}
    values = np.where(np.isfinite(inputs.run.coldest_c), inputs.run.coldest_c, np.float32(99.0))
    coldest = Volume(grid=inputs.run.grid, values=values, unit="degC")
    found = []
    for level in sorted(levels):
        surface = isosurface(coldest, level)
        if not surface.is_empty:
            colour = LINEAR[levels[level]]
            found.append((body(surface, colour, gloss=0.25), np.asarray(colour, dtype=np.float32)))
    return tuple(found)


def _background(camera: Camera) -> Floats:
    """Pale, a little darker at the bottom."""
    ramp = np.linspace(0.0, 1.0, camera.height, dtype=np.float32)[:, None, None]
    top, bottom = (np.asarray(LINEAR[key], dtype=np.float32) for key in ("sky", "ground"))
    return np.asarray(np.broadcast_to(top * (1 - ramp) + bottom * ramp, (camera.height, camera.width, 3)).copy())


def _composite(cast: _Cast, camera: Camera) -> npt.NDArray[np.uint8]:
    """Bone, then organs and targets that show through what hides them, then the veils of cold."""
    canvas = _background(camera)
    front = np.full(canvas.shape[:2], -np.inf, dtype=np.float32)
    for solid, strength in ((cast.bone, 1.0), (cast.organs, _ORGANS_THROUGH), (cast.targets, _TARGETS_THROUGH)):
        if solid is not None:
            layer = shade(solid, camera)
            _lay(canvas, layer, np.where(layer.nearness < front, np.float32(strength), np.float32(1.0)))
            front = np.maximum(front, layer.nearness)
    for shell, colour in cast.shells:
        _veil(canvas, shade(shell, camera, is_shell=True), front, colour)
    return _developed(canvas)


def _lay(canvas: Floats, layer: Layer, opacity: Floats) -> None:
    seen = layer.covered
    share = opacity[seen][:, None]
    edge = 1.0 - 0.65 * outline(layer)[seen][:, None]
    canvas[seen] = canvas[seen] * (1 - share) + layer.colours[seen] * edge * share


def _veil(canvas: Floats, shell: Layer, front: Floats, colour: Floats) -> None:
    """A shell like tinted glass: clear in the middle, dense at its rim, fainter behind what is solid."""
    seen = shell.covered
    rim = (1.0 - shell.facing[seen]) ** 2.2
    share = 0.2 + 0.62 * rim
    share = share * np.where(shell.nearness[seen] >= front[seen], 1.0, 0.38)
    share = share[:, None].astype(np.float32)
    tint = 0.45 * shell.colours[seen] + 0.55 * colour
    canvas[seen] = canvas[seen] * (1 - share) + tint * share


def _developed(canvas: Floats) -> npt.NDArray[np.uint8]:
    """Linear light at twice the size to sRGB bytes at the final size."""
    height, width = canvas.shape[0] // 2, canvas.shape[1] // 2
    small = canvas[: 2 * height, : 2 * width].reshape(height, 2, width, 2, 3).mean(axis=(1, 3))
    light = np.clip(small, 0.0, 1.0)
    curve = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(np.round(curve * 255.0), dtype=np.uint8)

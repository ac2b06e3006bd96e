"""From a tissue lattice and placed cryoprobes to a thermal problem."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from givre.bioheat.problem import INSULATED, Metres, ProbeSource, Recording, ThermalProblem
from givre.bioheat.resting import Faces, resting_temperature_c
from givre.cryoprobe.active_zone import active_zone
from givre.cryoprobe.history import surface_history
from givre.cryoprobe.model import CryoprobeModel
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import Protocol
from givre.foundation.errors import GridTooCoarse
from givre.geometry.grid import Grid, Point
from givre.geometry.line import Segment
from givre.geometry.resampling import resample_mask
from givre.geometry.volume import Mask
from givre.tissue.material import MaterialField

LONGEST_TAIL_S = 900.0
"""Tissue outside the ice goes on cooling for some minutes after the last phase; 15 minutes always suffice."""


LARGEST_VOXEL_MM = 2.5
"""Verified up to here (probe against a radial reference); coarser voxels blur the isotherms that matter."""

LEAST_VOXELS_ALONG = 4.0
"""Voxels that an active zone must be long, so that it is a line at all."""


def thermal_problem(
    material: MaterialField,
    placements: tuple[Placement, ...],
    models: Mapping[str, CryoprobeModel],
    protocol: Protocol,
    *,
    body_temp_c: float,
    structures: Mapping[str, Mask],
    isotherms_c: Iterable[float],
    points_mm: Mapping[str, Point],
    room: npt.NDArray[np.bool_] | None = None,
    stasis_below_c: float | None = None,
    only_to_compare: bool = False,
) -> ThermalProblem:
    """The problem of one plan, domain faces held at body temperature except those that reach into the room.

    Fluids that flow start at their own temperature.

    Args:
        material: on a cubic lattice around the probes.
        placements: the cryoprobes; each model must be in `models`.
        models: catalogue entries by id.
        protocol: what every probe goes through from its own start.
        body_temp_c: arterial, initial and far temperature.
        room: voxels of the air around the body, on the lattice of the material; None or empty where there is none.
            Tissue then starts at rest with it, as warm as it has become before the first freeze, and no heat
            passes through the faces of the domain that reach into it.
        stasis_below_c: tissue that was once as cold has lost its blood flow when it thaws; None: flow comes back.
        structures: masks to follow in time, on any lattice.
        isotherms_c: thresholds to record.
        points_mm: LPS points to follow in time.
        only_to_compare: the result is compared with that of a finer lattice and never shown: no lattice is too coarse.

    Raises:
        InvalidPlacement: if a path is too short for its active zone.
        GridTooCoarse: if a probe is lost in the voxels.
    """
    if not only_to_compare:
        for placement in placements:
            _refuse_coarse(placement.label, models[placement.model], material.grid)
    end_s = max(placement.start_s for placement in placements) + protocol.duration_s
    grid = material.grid
    faces_c = _faces_c(room, body_temp_c)
    return ThermalProblem(
        material=material,
        initial_c=initial_temperature_c(material, body_temp_c=body_temp_c, room=room, faces_c=faces_c),
        probes=tuple(
            _source(placement, models[placement.model], protocol, grid, body_temp_c) for placement in placements
        ),
        duration_s=end_s,
        tail_s=LONGEST_TAIL_S,
        stasis_below_c=stasis_below_c,
        body_temp_c=body_temp_c,
        faces_c=faces_c,
        recording=Recording(
            isotherms_c=tuple(sorted(set(isotherms_c), reverse=True)),
            structures={name: voxels_inside(mask, grid) for name, mask in structures.items()},
            points_m={name: _metres(point, grid) for name, point in points_mm.items()},
            freeze_windows_s=freeze_windows_s(
                protocol,
                [placement.start_s for placement in placements],
                [placement.freezes or protocol.freeze_count for placement in placements],
            ),
        ),
    )


def freeze_windows_s(
    protocol: Protocol, starts_s: list[float], freezes: list[int] | None = None
) -> tuple[tuple[float, float], ...]:
    """Start and end of each freeze over all probes [s]: from the first probe to begin it to the last to end it.

    Freezes that overlap, because some probes start late or no thaw lies between them, count as one.

    Args:
        protocol: the phases.
        starts_s: when each probe starts.
        freezes: in how many freezes each probe takes part; None is all.
    """
    taken = freezes or [protocol.freeze_count] * len(starts_s)
    windows, now_s, done = [], 0.0, 0
    for phase in protocol.phases:
        if phase.kind == "freeze":
            taking_part = [start_s for start_s, count in zip(starts_s, taken, strict=True) if count > done]
            done += 1
            if taking_part:
                windows.append((now_s + min(taking_part), now_s + phase.duration_s + max(taking_part)))
        now_s += phase.duration_s
    merged: list[tuple[float, float]] = []
    for start_s, window_end_s in windows:
        if merged and start_s <= merged[-1][1]:
            merged[-1] = (merged[-1][0], window_end_s)
        else:
            merged.append((start_s, window_end_s))
    return tuple(merged)


def initial_temperature_c(
    material: MaterialField,
    *,
    body_temp_c: float,
    room: npt.NDArray[np.bool_] | None,
    faces_c: Faces,
) -> npt.NDArray[np.float64] | None:
    """Temperature before the first freeze [°C], shape (k, j, i); None where all is at body temperature.

    Tissue is at rest with the room; other fluids, brought in for the freeze, begin to flow with it.
    """
    flows_c = np.array([body_temp_c if m.flow_temp_c is None else m.flow_temp_c for m in material.materials])
    own_c = flows_c[material.index]
    if not (own_c != body_temp_c).any():
        return None
    temp_c = np.full(material.grid.shape, body_temp_c)
    if room is not None and room.any():
        temp_c = resting_temperature_c(material, body_temp_c=body_temp_c, faces_c=faces_c, only=room)
    return np.asarray(np.where(own_c != body_temp_c, own_c, temp_c))


def _faces_c(room: npt.NDArray[np.bool_] | None, body_temp_c: float) -> Faces:
    """Temperature of each face: insulated where it reaches into the room."""

    def face_c(axis: int, end: int) -> float:
        in_room = room is not None and bool(np.take(room, end, axis=axis).any())
        return INSULATED if in_room else body_temp_c

    return ((face_c(0, 0), face_c(0, -1)), (face_c(1, 0), face_c(1, -1)), (face_c(2, 0), face_c(2, -1)))


def voxels_inside(mask: Mask, grid: Grid) -> npt.NDArray[np.int64]:
    """Flat indices of the voxels of a lattice that lie in a mask; the nearest one if the mask falls between them.

    Empty when the mask lies wholly outside the lattice.
    """
    found = np.flatnonzero(resample_mask(mask, grid).inside)
    if len(found) == 0 and not mask.is_empty:
        index = grid.lps_to_index(mask.grid.index_to_lps(np.argwhere(mask.inside)))
        near = np.rint(index).astype(np.int64)
        near = near[((near >= 0) & (near < np.array(grid.shape))).all(axis=1)]
        found = np.unique(np.ravel_multi_index(tuple(near.T), grid.shape))
    return found.astype(np.int64)


def points_to_follow(tumour: Mask, organs: Mapping[str, Mask], zones: list[Segment], grid: Grid) -> dict[str, Point]:
    """Points whose temperature a reader wants to see in time, LPS mm.

    The centre of the tumour ("tumour_centre"), the voxel of the tumour farthest from any active zone
    ("tumour_far"), and of each organ its voxel nearest to any active zone (the organ's name). Points outside
    the lattice are left out.
    """
    points = {"tumour_centre": tumour.centroid_mm(), "tumour_far": _extreme_voxel(tumour, zones, farthest=True)}
    for name, organ in organs.items():
        if not organ.is_empty:
            points[name] = _extreme_voxel(organ, zones, farthest=False)
    return {
        name: (float(point[0]), float(point[1]), float(point[2]))
        for name, point in points.items()
        if bool(grid.contains(point))
    }


def _extreme_voxel(mask: Mask, zones: list[Segment], *, farthest: bool) -> npt.NDArray[np.float64]:
    centres_mm = mask.grid.index_to_lps(np.argwhere(mask.inside))
    nearest_mm = np.min([zone.distance_mm(centres_mm) for zone in zones], axis=0)
    found: npt.NDArray[np.float64] = centres_mm[int(np.argmax(nearest_mm) if farthest else np.argmin(nearest_mm))]
    return found


def _source(
    placement: Placement, model: CryoprobeModel, protocol: Protocol, grid: Grid, body_temp_c: float
) -> ProbeSource:
    zone = active_zone(placement, model)
    taken = protocol if placement.freezes is None else protocol.first_freezes(placement.freezes)
    return ProbeSource(
        label=placement.label,
        start_m=_metres(zone.start_mm, grid),
        end_m=_metres(zone.end_mm, grid),
        radius_m=model.diameter_mm / 2000.0,
        contact_resistance_m2k_w=model.contact_resistance_m2k_w.value,
        history=surface_history(
            model,
            taken,
            start_s=placement.start_s,
            body_temp_c=body_temp_c,
            plateau_c=placement.plateau_c(model.surface_temp_c.value, body_temp_c=body_temp_c),
        ),
    )


def _refuse_coarse(label: str, model: CryoprobeModel, grid: Grid) -> None:
    voxel_mm = max(grid.spacing_mm)
    largest_mm = min(LARGEST_VOXEL_MM, model.active_zone_mm / LEAST_VOXELS_ALONG)
    if voxel_mm > largest_mm:
        raise GridTooCoarse(
            f"probe {label}: voxels of {voxel_mm:g} mm lose it; its active zone of {model.active_zone_mm:g} mm needs "
            f"voxels of at most {largest_mm:.2g} mm: lower voxel_mm"
        )


def _metres(point_mm: Point, grid: Grid) -> Metres:
    k, j, i = (float(value) for value in grid.lps_to_index(point_mm) * np.array(grid.spacing_mm) / 1000.0)
    return (k, j, i)

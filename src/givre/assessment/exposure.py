"""What an organ at risk goes through: how cold, how long, how much of it, how close to the ice."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from givre.assessment.curves import volume_below_curve
from givre.assessment.ice_ball import IceBall, coldest_map
from givre.assessment.margin import NOWHERE
from givre.assessment.organ_side import StandIns, stand_ins
from givre.assessment.recorded import time_below
from givre.assessment.result import Exposure, VolumeBelowCurve
from givre.assessment.verdict import judge_organ
from givre.bioheat.run import ThermalRun
from givre.case.goals import OrganAtRisk
from givre.geometry.distance import closest_approach_mm
from givre.geometry.grid import Grid, Point
from givre.geometry.resampling import sample_at
from givre.geometry.shape import SmoothShape, box_corners_mm, refuse_empty, split_voxels_mm
from givre.geometry.volume import Mask, Volume

Array = npt.NDArray[np.float64]

FINEST_MM = 0.5
MOST_POINTS = 400_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SampledOrgan:
    """An organ at risk as points on which the run is read.

    An organ is what was drawn: its voxels out to their corners, not smoothed, so that a thin nerve never vanishes.
    Against a smooth outline this is pessimistic by at most half a voxel diagonal.

    Attributes:
        mask: the drawn organ.
        parts_mm: centres of equal parts of its simulated voxels, LPS, shape (n, 3).
        corners_mm: outer corners of all its voxels, LPS, shape (m, 3), simulated or not.
        fraction_simulated: share of the organ inside the simulated domain.
        side: from which voxels the organ is read where gas or a fluid lies against it.
    """

    mask: Mask
    parts_mm: Array
    corners_mm: Array
    fraction_simulated: float
    side: StandIns

    def read(self, field: Volume, points_mm: Array, *, outside: float = np.nan) -> Array:
        """A field of the run at points of the organ, on its own side of gas and fluids, shape (n,)."""
        return sample_at(replace(field, values=self.side.filled(field.values)), points_mm, outside=outside)


def sample_organ(mask: Mask, domain: Grid, *, jumping: npt.NDArray[np.bool_] | None = None) -> SampledOrgan:
    """Cut the simulated part of an organ into parts at most half a millimetre wide (up to some 400 000).

    Args:
        mask: the drawn organ.
        domain: lattice of the run.
        jumping: voxels of it that hold gas or a fluid at its own temperature; none unless given.

    Raises:
        EmptyMask: if the mask holds no voxel.
    """
    refuse_empty(mask)
    index = _voxels_near(mask, domain)
    parts_mm = split_voxels_mm(mask.grid, index, finest_mm=FINEST_MM, most_points=MOST_POINTS)
    simulated_mm = parts_mm[domain.contains(parts_mm)]
    parts_per_voxel = parts_mm.shape[1]
    share = float(np.prod(np.divide(mask.grid.spacing_mm, domain.spacing_mm))) / parts_per_voxel
    return SampledOrgan(
        mask=mask,
        parts_mm=simulated_mm,
        corners_mm=box_corners_mm(mask),
        fraction_simulated=simulated_mm.shape[0] / (parts_per_voxel * int(mask.inside.sum())),
        side=stand_ins(simulated_mm, domain, jumping, share_of_part=share),
    )


def exposure(
    organ: OrganAtRisk, sampled: SampledOrgan, *, run: ThermalRun, ice: IceBall | None, tumour: SmoothShape
) -> Exposure:
    """The exposure of one organ and the verdict on it.

    The part of an organ outside the simulated domain is never read as a number. Its heat can only leave through
    the domain, so while the run ended `done` it stayed at least as warm as the coldest place on the faces of the
    domain, and that temperature stands for it in the verdict. Any other ending makes the verdict unknown.

    Args:
        organ: limits and their source.
        sampled: from `sample_organ`.
        run: must have recorded the limit of the organ as a threshold.
        ice: from `ice_ball`; None if the temperatures are not finite.
        tumour: from `smooth_shape`.

    Raises:
        ThresholdNotRecorded: if the run did not record the limit of the organ.
    """
    spent_s = time_below(run, organ.limit_temp_c)
    coldest = coldest_map(run)
    corners_mm = sampled.corners_mm[run.grid.contains(sampled.corners_mm)]
    read_mm = np.concatenate([sampled.parts_mm, corners_mm])
    read_c = sampled.read(coldest, read_mm)
    coldest_c, where_mm = _coldest(read_c, read_mm)
    is_below = read_c <= organ.limit_temp_c
    below_c = read_c[: sampled.parts_mm.shape[0]]
    simulated_ml = sampled.mask.volume_ml * sampled.fraction_simulated
    return Exposure(
        organ=organ,
        coldest_c=coldest_c,
        where_coldest_mm=where_mm,
        time_below_limit_s=_longest_s(sampled.read(spent_s, read_mm[is_below]), known=not np.isnan(read_c).any()),
        volume_below_limit_ml=simulated_ml * _share_below(below_c, organ.limit_temp_c),
        distance_to_ice_mm=_distance_to_ice_mm(sampled, ice),
        distance_to_tumour_mm=_distance_to_tumour_mm(sampled, tumour),
        fraction_simulated=sampled.fraction_simulated,
        verdict=judge_organ(organ, _coldest_possible_c(coldest_c, sampled, run), is_usable=run.status.is_usable),
    )


def organ_curve(sampled: SampledOrgan, run: ThermalRun) -> VolumeBelowCurve:
    """How much of an organ got how cold; its part outside the domain counts as warm.

    All NaN if the run is not usable and part of the organ lies outside: nothing is known of that part.
    """
    read_c = sampled.read(coldest_map(run), sampled.parts_mm)
    whole = volume_below_curve(sampled.mask.name, read_c) if read_c.size else None
    if sampled.fraction_simulated >= 1.0 and whole is not None:
        return whole
    warm = volume_below_curve(sampled.mask.name, [np.inf if run.status.is_usable else np.nan])
    if whole is None or not run.status.is_usable:
        return warm
    return VolumeBelowCurve(
        structure=whole.structure, temp_c=whole.temp_c, fraction=whole.fraction * sampled.fraction_simulated
    )


def _voxels_near(mask: Mask, domain: Grid) -> npt.NDArray[np.int64]:
    """Index (k, j, i) of the mask voxels that touch the box around the domain, shape (n, 3)."""
    corners = np.array(np.meshgrid(*((-0.5, count - 0.5) for count in domain.shape))).reshape(3, -1).T
    reach = mask.grid.lps_to_index(domain.index_to_lps(corners))
    first = np.clip(np.floor(reach.min(axis=0)).astype(int), 0, mask.grid.shape)
    last = np.clip(np.ceil(reach.max(axis=0)).astype(int) + 1, 0, mask.grid.shape)
    window = tuple(slice(low, high) for low, high in zip(first, last, strict=True))
    return np.asarray(np.argwhere(mask.inside[window]) + first)


def _coldest(read_c: Array, read_mm: Array) -> tuple[float, Point]:
    """The coldest value and where it is; NaN if there is none or one is NaN."""
    if read_c.size == 0 or np.isnan(read_c).any():
        return float("nan"), NOWHERE
    at = int(np.argmin(read_c))
    where = read_mm[at]
    return float(read_c[at]), (float(where[0]), float(where[1]), float(where[2]))


def _longest_s(spent_s: Array, *, known: bool) -> float:
    return float(np.max(spent_s, initial=0.0)) if known else float("nan")


def _share_below(read_c: Array, limit_c: float) -> float:
    if np.isnan(read_c).any():
        return float("nan")
    return float((read_c <= limit_c).mean()) if read_c.size else 0.0


def _coldest_possible_c(coldest_c: float, sampled: SampledOrgan, run: ThermalRun) -> float:
    """The coldest temperature the organ can have had; NaN if nothing says so."""
    if sampled.fraction_simulated >= 1.0:
        return coldest_c
    faces_c = [np.take(run.coldest_c, end, axis=axis).min() for axis in range(3) for end in (0, -1)]
    at_faces_c = float(np.min(faces_c))  # not min(): that forgets a NaN
    if sampled.fraction_simulated == 0.0 and np.isnan(coldest_c):
        return at_faces_c
    return float(np.minimum(coldest_c, at_faces_c))


def _distance_to_ice_mm(sampled: SampledOrgan, ice: IceBall | None) -> float:
    """Of the closest corner of the organ to the ice-ball, or minus the depth of its deepest place inside."""
    if ice is None or ice.surface.is_empty:
        return float("nan")
    points_mm = np.concatenate([sampled.corners_mm, _thinned(sampled.parts_mm)])
    is_frozen = sampled.read(ice.coldest, points_mm, outside=np.inf) <= ice.freezing_c
    return closest_approach_mm(points_mm, ice.surface, is_inside=is_frozen)


def _distance_to_tumour_mm(sampled: SampledOrgan, tumour: SmoothShape) -> float:
    """Of the closest corner of the organ to the tumour surface; 0 where they touch or overlap."""
    if bool(tumour.is_inside(sampled.corners_mm).any() or tumour.is_inside(_thinned(sampled.parts_mm)).any()):
        return 0.0
    nowhere = np.zeros(sampled.corners_mm.shape[0], dtype=np.bool_)
    return closest_approach_mm(sampled.corners_mm, tumour.surface, is_inside=nowhere)


def _thinned(points_mm: Array) -> Array:
    """At most some 50 000 of the points, evenly: enough to see that an organ surrounds something."""
    return points_mm[:: max(1, points_mm.shape[0] // 50_000)]

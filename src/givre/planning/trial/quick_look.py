"""The few figures that plans are compared by, read in milliseconds from a run on a prepared lattice."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.spatial import cKDTree

from givre.assessment.exposure import sample_organ
from givre.assessment.lethal import LethalZone, lethal_zone
from givre.assessment.organ_side import StandIns
from givre.bioheat.run import RunEnding, ThermalRun
from givre.geometry.distance import signed_distance_to_surface_mm
from givre.geometry.grid import Grid
from givre.geometry.shape import points_filling_mm, smooth_shape
from givre.planning.trial.prepared import PreparedCase
from givre.tissue.tissue_map import JUMPING_TISSUES

Array = npt.NDArray[np.float64]

POINT_SPACING_MM = 1.0
"""Points that fill the tumour are at most this far apart; the full assessment takes half of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFigures:
    """What one tried plan reaches; NaN where that is not known.

    Attributes:
        ending: how the run ended; only `done` gives figures to rely on.
        coverage: fraction of the tumour inside the lethal zone.
        coverage_with_margin: fraction of the tumour grown by the wanted margin inside the lethal zone.
        margin_mm: smallest signed distance from the tumour surface to the edge of the lethal zone.
        organ_coldest_c: coldest place of each organ at risk, by name [°C]; NaN if it lies outside the lattice.
        lethal_ml: volume of the lethal zone.
    """

    ending: RunEnding
    coverage: float
    coverage_with_margin: float
    margin_mm: float
    organ_coldest_c: Mapping[str, float]
    lethal_ml: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sampling:
    """Points to read and how to read them from a field on the lattice.

    Attributes:
        points_mm: LPS, shape (n, 3).
        weights: trilinear weights, shape (n, voxels).
    """

    points_mm: Array
    weights: sparse.csr_matrix

    def read(self, field: npt.NDArray[np.floating]) -> Array:
        """The field, shape of the lattice, at each point, shape (n,)."""
        return np.asarray(self.weights @ np.ravel(field).astype(np.float64))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QuickLook:
    """Everything about a prepared case that is the same for all its plans.

    Attributes:
        prepared: the case.
        tumour: points that fill the tumour.
        shell: points that fill the wanted margin around it.
        surface: points of the tumour surface.
        organs: points of each organ at risk that lie on the lattice.
        is_whole: whether each organ lies wholly on the lattice.
    """

    prepared: PreparedCase
    tumour: Sampling
    shell: Sampling
    surface: Sampling
    organs: Mapping[str, Sampling]
    is_whole: Mapping[str, bool]

    def figures(self, run: ThermalRun, zone: LethalZone | None = None) -> PlanFigures:
        """Read one run of the prepared case.

        Args:
            run: on the lattice of the case; must have recorded the lethal temperature if the goals ask for a hold
                or for more than one freeze.
            zone: its lethal zone, where that is known already or is not that of the goals.
        """
        goals = self.prepared.description.goals
        if zone is None:
            zone = lethal_zone(run, lethal_temp_c=goals.lethal_temp_c, hold_s=goals.hold_s, freezes=goals.freezes)
        if not zone.is_known:
            nothing = dict.fromkeys(self.organs, math.nan)
            return PlanFigures(
                ending=run.status.ending,
                coverage=math.nan,
                coverage_with_margin=math.nan,
                margin_mm=math.nan,
                organ_coldest_c=nothing,
                lethal_ml=math.nan,
            )
        inside = self.tumour.read(zone.deficit.values) <= 0.0
        around = self.shell.read(zone.deficit.values) <= 0.0
        return PlanFigures(
            ending=run.status.ending,
            coverage=float(inside.mean()),
            coverage_with_margin=float(np.concatenate([inside, around]).mean()),
            margin_mm=_smallest_margin_mm(self.surface, zone),
            organ_coldest_c={name: self._coldest_c(name, run) for name in self.organs},
            lethal_ml=zone.volume_ml,
        )

    def _coldest_c(self, name: str, run: ThermalRun) -> float:
        """Coldest place of an organ [°C]; what lies beyond the lattice is at least as warm as its coldest face."""
        read_c = self.organs[name].read(run.coldest_c)
        if self.is_whole[name]:
            return float(read_c.min()) if read_c.size else math.nan
        faces_c = float(np.min([np.take(run.coldest_c, end, axis=axis).min() for axis in range(3) for end in (0, -1)]))
        return float(np.min(read_c, initial=faces_c))  # not min(): that forgets a NaN


def quick_look(prepared: PreparedCase, *, spacing_mm: float = POINT_SPACING_MM) -> QuickLook:
    """Choose once the points at which every plan of a case is read.

    Raises:
        EmptyMask: if the tumour or an organ at risk holds no voxel.
    """
    goals, grid = prepared.description.goals, prepared.grid
    shape = smooth_shape(prepared.tumour, reach_mm=goals.margin_mm)
    grown_mm = points_filling_mm(shape, grown_mm=goals.margin_mm, finest_mm=spacing_mm)
    is_tumour = shape.is_inside(grown_mm)
    organs, is_whole = _organs(prepared)
    return QuickLook(
        prepared=prepared,
        tumour=_sampling(grown_mm[is_tumour], grid),
        shell=_sampling(grown_mm[~is_tumour], grid),
        surface=_sampling(shape.surface.points_mm, grid),
        organs=organs,
        is_whole=is_whole,
    )


def look_again(look: QuickLook, prepared: PreparedCase) -> QuickLook:
    """The same points for the same case with other tissues on the same lattice; organs are read on their own side."""
    organs, is_whole = _organs(prepared)
    return replace(look, prepared=prepared, organs=organs, is_whole=is_whole)


def _organs(prepared: PreparedCase) -> tuple[dict[str, Sampling], dict[str, bool]]:
    grid, jumping = prepared.grid, prepared.tissue_map.mask(*JUMPING_TISSUES).inside
    organs, is_whole = {}, {}
    for name, mask in prepared.organs.items():
        sampled = sample_organ(mask, grid, jumping=jumping)
        corners_mm = sampled.corners_mm[grid.contains(sampled.corners_mm)]
        plain = _sampling(np.concatenate([sampled.parts_mm, corners_mm]), grid)
        organs[name] = replace(plain, weights=_on_its_side(plain.weights, sampled.side))
        is_whole[name] = sampled.fraction_simulated >= 1.0
    return organs, is_whole


def _on_its_side(weights: sparse.csr_matrix, side: StandIns) -> sparse.csr_matrix:
    """Weights that read the voxel of the organ in place of each voxel of gas or fluid that it stands in for."""
    if not side.voxels.size:
        return weights
    column = np.arange(weights.shape[1])
    column[side.voxels] = side.sources
    return sparse.csr_matrix((weights.data, column[weights.indices], weights.indptr), shape=weights.shape)


def _smallest_margin_mm(surface: Sampling, zone: LethalZone) -> float:
    """Exact where it can be the smallest; elsewhere the nearest corner of the edge is enough to rule a point out."""
    if zone.surface.is_empty:
        return math.nan
    is_alive = surface.read(zone.deficit.values) > 0.0
    to_corner_mm, _ = cKDTree(zone.surface.points_mm).query(surface.points_mm)
    longest_mm = math.sqrt(3.0) * max(zone.deficit.grid.spacing_mm)
    highest_mm = np.where(is_alive, -np.maximum(to_corner_mm - longest_mm, 0.0), to_corner_mm)
    lowest_mm = np.where(is_alive, -to_corner_mm, np.maximum(to_corner_mm - longest_mm, 0.0))
    candidates = np.flatnonzero(lowest_mm <= highest_mm.min())
    exact_mm = -signed_distance_to_surface_mm(
        surface.points_mm[candidates], zone.surface, is_inside=~is_alive[candidates]
    )
    return float(exact_mm.min())


def _sampling(points_mm: Array, grid: Grid) -> Sampling:
    """Trilinear weights of points on a lattice; points must lie on it, to within its outer half voxels."""
    index = np.clip(grid.lps_to_index(points_mm), 0.0, np.array(grid.shape) - 1.0)
    low = np.minimum(np.floor(index).astype(np.int64), np.array(grid.shape) - 2)
    share = index - low
    rows, columns, weights = [], [], []
    for corner in np.ndindex(2, 2, 2):
        at = low + np.array(corner)
        rows.append(np.arange(len(points_mm)))
        columns.append(np.ravel_multi_index(tuple(at.T), grid.shape))
        weights.append(np.prod(np.where(np.array(corner) == 1, share, 1.0 - share), axis=1))
    matrix = sparse.csr_matrix(
        (np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns))),
        shape=(len(points_mm), int(np.prod(grid.shape))),
    )
    return Sampling(points_mm=np.asarray(points_mm, dtype=np.float64), weights=matrix)

"""The figures people read of a plan, each with how much it moves when the fronts of cold move by a millimetre."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from givre.assessment.ice_ball import coldest_map, isotherm_surface
from givre.assessment.ice_size import IceSize
from givre.assessment.lethal import LethalZone
from givre.assessment.result import Assessment, Exposure
from givre.bioheat.run import ThermalRun
from givre.geometry.resampling import sample_at
from givre.geometry.shape import SmoothShape
from givre.geometry.volume import Volume

FigureKey = str
"""What a figure is: "coverage", "margin:minimum", "volume:-20", "ice:along", "organ:spinal_cord:coldest" ..."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of a plan.

    Attributes:
        value: NaN where it could not be computed.
        unit: "mL", "mm", "degC" or "1" (a share).
        per_mm: size of its change when every isotherm moves outwards by 1 mm; NaN where unknown.
    """

    value: float
    unit: str
    per_mm: float


def read_figures(
    run: ThermalRun,
    assessment: Assessment,
    *,
    size: IceSize,
    zone: LethalZone,
    tumour: SmoothShape,
    wanted_margin_mm: float,
) -> dict[FigureKey, Figure]:
    """Every figure of a plan that carries an error estimate.

    Args:
        run: the simulation.
        assessment: what was judged about it.
        size: of its ice-ball.
        zone: its lethal zone, as in the assessment.
        tumour: its smooth shape, with a reach of at least the wanted margin.
        wanted_margin_mm: by which the tumour is grown in `coverage_with_margin`.
    """
    coldest = coldest_map(run)
    figures = _volumes(coldest, assessment, zone)
    figures |= _ice(coldest, size)
    margin, near_mm = assessment.margin, max(run.grid.spacing_mm) / 2.0
    for key, margin_mm in (
        ("minimum", margin.minimum_mm),
        ("percentile_5", margin.percentile_5_mm),
        ("mean", margin.mean_mm),
    ):
        figures[f"margin:{key}"] = Figure(value=margin_mm, unit="mm", per_mm=1.0)
    for key, share, grown_mm in (
        ("coverage", assessment.coverage, 0.0),
        ("coverage_with_margin", assessment.coverage_with_margin, wanted_margin_mm),
    ):
        per_mm = share_per_mm(zone, tumour, grown_mm=grown_mm, near_mm=near_mm)
        figures[key] = Figure(value=share, unit="1", per_mm=per_mm)
    for exposure in assessment.exposures:
        name = exposure.organ.structure
        per_mm = steepest_c_per_mm(coldest, exposure)
        figures[f"organ:{name}:coldest"] = Figure(value=exposure.coldest_c, unit="degC", per_mm=per_mm)
        figures[f"organ:{name}:to_ice"] = Figure(value=exposure.distance_to_ice_mm, unit="mm", per_mm=1.0)
    return figures


def share_per_mm(zone: LethalZone, tumour: SmoothShape, *, grown_mm: float, near_mm: float) -> float:
    """Share of the tumour, grown by `grown_mm`, that the zone gains or loses when its edge moves by 1 mm.

    To first order the area of the edge inside the grown tumour over its volume; the edge outside counts the less the
    farther it is, up to `near_mm`, since it may move in. 0 when it lies farther out everywhere; NaN if the zone is
    not known.
    """
    if not zone.is_known:
        return math.nan
    heights_mm = tumour.height_mm
    grown_mm3 = float((heights_mm.values <= grown_mm).sum()) * heights_mm.grid.voxel_volume_mm3
    if zone.surface.is_empty or grown_mm3 == 0:
        return 0.0
    height_mm = sample_at(heights_mm, zone.surface.points_mm, outside=np.inf)
    weight = np.clip(1.0 - (height_mm - grown_mm) / near_mm, 0.0, 1.0)
    return float(weight @ zone.surface.vertex_area_mm2) / grown_mm3


def steepest_c_per_mm(coldest: Volume, exposure: Exposure) -> float:
    """Slope of the coldest temperature where an organ is coldest [°C/mm], over a voxel to each side; NaN if nowhere."""
    place_mm: npt.NDArray[np.float64] = np.array(exposure.where_coldest_mm)
    if not np.isfinite(place_mm).all():
        return math.nan
    step_mm = max(coldest.grid.spacing_mm)
    here_c = float(sample_at(coldest, place_mm))
    moved_c = sample_at(coldest, place_mm + step_mm * np.concatenate([np.eye(3), -np.eye(3)]))
    steps_c = np.where(np.isfinite(moved_c), np.abs(moved_c - here_c), 0.0).reshape(2, 3).max(axis=0)
    return float(np.linalg.norm(steps_c)) / step_mm


def _volumes(coldest: Volume, assessment: Assessment, zone: LethalZone) -> dict[FigureKey, Figure]:
    figures = {
        f"volume:{level:g}": Figure(value=volume_ml, unit="mL", per_mm=_area_mm2(coldest, level) / 1000.0)
        for level, volume_ml in assessment.isotherm_ml.items()
    }
    area_mm2 = zone.surface.area_mm2 if zone.is_known else math.nan
    return {**figures, "lethal": Figure(value=assessment.lethal_ml, unit="mL", per_mm=area_mm2 / 1000.0)}


def _ice(coldest: Volume, size: IceSize) -> dict[FigureKey, Figure]:
    radius_mm = size.equivalent_radius_mm
    per_mm = _area_mm2(coldest, 0.0) / (4.0 * math.pi * radius_mm**2)
    lengths = {"along": size.along_mm, "widest": size.widest_mm, "narrowest": size.narrowest_mm}
    return {
        "ice:radius": Figure(value=radius_mm, unit="mm", per_mm=per_mm),
        **{f"ice:{key}": Figure(value=length_mm, unit="mm", per_mm=2.0) for key, length_mm in lengths.items()},
    }


def _area_mm2(coldest: Volume, level_c: float) -> float:
    if not np.isfinite(coldest.values).all():
        return math.nan
    return isotherm_surface(coldest, level_c).area_mm2

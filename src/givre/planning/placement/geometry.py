"""The lengths, gaps and clearances of a plan, as a radiologist reads them."""

from __future__ import annotations

import math

import numpy as np

from givre.cryoprobe.model import CryoprobeModel
from givre.planning.placement.access import CheckedPaths
from givre.planning.placement.paths import Paths
from givre.planning.placement.result import PlanGeometry
from givre.planning.placement.score import shaft_gaps_mm, zone_gaps_mm
from givre.planning.placement.space import Geometry


def plan_geometry(geometry: Geometry, model: CryoprobeModel, paths: Paths) -> PlanGeometry:
    """Measure a plan.

    Args:
        geometry: where its probes lie.
        model: of all of them.
        paths: where they are those of a real case, clearances and skin are told too.
    """
    zones, shafts = zone_gaps_mm(geometry, model), shaft_gaps_mm(geometry)
    mean = geometry.directions.mean(axis=0)
    mean /= np.linalg.norm(mean)
    cosine = float(np.clip(geometry.directions @ mean, -1.0, 1.0).min())
    seen, clearances, last = (True,) * geometry.count, dict[str, float](), set[str]()
    if isinstance(paths, CheckedPaths):
        checks = paths.checks(geometry.tips_mm, geometry.directions, model)
        seen = tuple(bool(value) for value in checks.is_skin_seen)
        clearances = {name: float(values.min()) for name, values in checks.clearance_mm.items()}
        last = {name for name in checks.gives_way if bool(checks.is_too_close(name).any())}
    return PlanGeometry(
        lengths_mm=tuple(
            round(float(length), 2) for length in np.linalg.norm(geometry.tips_mm - geometry.entries_mm, axis=1)
        ),
        zone_gaps_mm=tuple(float(gap) for gap in zones.min(axis=1)),
        least_zone_gap_mm=float(zones.min()),
        least_shaft_gap_mm=float(shafts.min()),
        approach=(float(mean[0]), float(mean[1]), float(mean[2])),
        most_tilt_deg=math.degrees(math.acos(cosine)),
        is_skin_seen=seen,
        clearances_mm=clearances,
        last_resort=tuple(sorted(last)),
    )

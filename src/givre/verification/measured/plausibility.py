"""Statements of publications held beside the model under assumed conditions: plausibility, not validation.

The maker of the IceSphere states no conditions, and the packaged surface temperature was chosen to reach its figure.
Shah 2016 does not state how long its needles froze, nor which 17 G needle; Popken 2003 states neither the distance of
its two probes nor the bone around them. What is missing is assumed, named in `condition`, and given more than once.
"""

from __future__ import annotations

import numpy as np

from givre.calibration.forward import ForwardModel, Solve, numbers_of, probe_offsets_mm
from givre.calibration.measured import Arrangement
from givre.cryoprobe.catalogue import load_catalogue
from givre.verification.measured.agreement import Compared
from givre.verification.measured.table import load_measurements

NEEDLE = "icesphere-1.5-cx"
GEL_MIN = 10.0
GEL_SPACINGS_MM = (15.0, 20.0)
CORE_C = -40.0

SPECIFIED = ((37.0, 10.0), (37.0, 15.0), (20.0, 10.0))
"""Temperature of the gel [°C] and length of the freeze [min] under which the maker's figure may have been taken."""

BONE_PROBE = "popken-ln2-3.2"
BONES = ("trabecular_bone", "red_marrow", "cortical_bone")
BONE_SPACING_MM = 20.0
BONE_MIN = 10.0
BODY_C = 37.0
VOXEL_MM = 2.0


def compare_in_gel(solve: Solve, *, voxel_mm: float = VOXEL_MM) -> tuple[Compared, ...]:
    """Shah 2016: how far the -40 °C core reaches beyond the needles, and how far the edge of the ice is from it."""
    table = load_measurements()
    model = load_catalogue()[NEEDLE]
    forward = ForwardModel(model=model, solve=solve)
    found = []
    cases = [(1, 0.0), *((count, spacing_mm) for count in (2, 4) for spacing_mm in GEL_SPACINGS_MM)]
    for count, spacing_mm in cases:
        place = Arrangement(
            medium="agar_gel", medium_temp_c=BODY_C, probes=count, spacing_mm=spacing_mm, time_s=60 * GEL_MIN
        )
        sizes = forward.sizes(place, numbers_of(model), (0.0, CORE_C), voxel_mm=voxel_mm)
        between_mm = 2 * float(np.linalg.norm(probe_offsets_mm(place), axis=1).max())
        told = f"{count} needle(s)" + (f" at {spacing_mm:g} mm" if count > 1 else "") + f", {GEL_MIN:g} min assumed"
        ice_mm, core_mm = sizes[0.0].diameter_mm, sizes[CORE_C].diameter_mm
        found += [
            Compared(measurement=table["S40"], predicted=(core_mm - between_mm) / 2, condition=told),
            Compared(measurement=table["S0"], predicted=(ice_mm - core_mm) / 2, condition=told),
        ]
    return tuple(found)


def compare_with_specification(solve: Solve, *, voxel_mm: float = VOXEL_MM) -> tuple[Compared, ...]:
    """The maker's ice-ball of the IceSphere, in gel at two temperatures for two times: its conditions are not told."""
    table = load_measurements()
    model = load_catalogue()[NEEDLE]
    forward = ForwardModel(model=model, solve=solve)
    found = []
    for medium_c, minutes in SPECIFIED:
        place = Arrangement(medium="agar_gel", medium_temp_c=medium_c, probes=1, spacing_mm=0.0, time_s=60 * minutes)
        size = forward.sizes(place, numbers_of(model), (0.0,), voxel_mm=voxel_mm)[0.0]
        told = f"gel at {medium_c:g} °C, {minutes:g} min, assumed"
        found += [
            Compared(measurement=table["I-diameter"], predicted=size.mean_diameter_mm, condition=told),
            Compared(measurement=table["I-length"], predicted=size.length_mm, condition=told),
        ]
    return tuple(found)


def compare_in_bone(solve: Solve, *, voxel_mm: float = VOXEL_MM) -> tuple[Compared, ...]:
    """Popken 2003: temperature half-way between two probes 20 mm apart, so 10 mm from both, in three kinds of bone."""
    table = load_measurements()
    model = load_catalogue()[BONE_PROBE]
    forward = ForwardModel(model=model, solve=solve)
    found = []
    for bone in BONES:
        place = Arrangement(
            medium=bone, medium_temp_c=BODY_C, probes=2, spacing_mm=BONE_SPACING_MM, time_s=60 * BONE_MIN
        )
        field = forward.field_c(place, numbers_of(model), voxel_mm=voxel_mm)
        k, j, i = ((size - 1) // 2 for size in field.shape)
        told = f"{bone}, probes {BONE_SPACING_MM:g} mm apart, {BONE_MIN:g} min, all assumed"
        found.append(Compared(measurement=table["P50"], predicted=float(field[k, j, i]), condition=told))
    return tuple(found)

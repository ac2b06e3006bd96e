"""How a problem lies in the memory of a GPU: records of arrays that the kernels receive, and the order of their rows.

Voxel arrays are flat, i fastest, with one ghost layer, as in `bioheat.domain`; what is true of a material is looked up
in its tables.
"""

from __future__ import annotations

import warp as wp

from givre.adapters.engine.gpu.language import (
    ByteRows,
    Bytes,
    DoubleRows,
    Doubles,
    FloatRows,
    Floats,
    Index,
    Words,
    record,
)

# columns of a plan: mu, nu, step * rate, step * rate_first of a stage, and its part in what the step brings
MU, NU, RATE, RATE_FIRST, PART = range(5)
# columns of the surface of a probe: A, B, T, 2 pi r / contact resistance, and its mode
SURFACE_A, SURFACE_B, SURFACE_T, WALL, MODE = range(5)
EXCHANGES_NOTHING, TAKES_ONLY, IS_FREE = 0.0, 1.0, 2.0
"""Modes."""


@record
class Tables:
    """What is true of materials; rows of `cells`, `shape` and `interval` as in `bioheat.domain.Domain`."""

    cells: FloatRows
    liquid: FloatRows
    solid: FloatRows
    plain: FloatRows
    shape: Floats
    interval: Floats
    materials: wp.int32
    along_j: wp.int32
    along_k: wp.int32
    has_plain: wp.int32
    has_stasis: wp.int32


@record
class State:
    """A, B, T of all voxels after a stage, and what they gained since the start of the step [J/m³]."""

    a: Floats
    b: Floats
    t: Floats
    gain: Floats


@record
class Voxels:
    """What stays during a step.

    `held` is `enthalpy` at its start in single precision, `added` what probes bring now [W/m³], `first` and `end` the
    voxels to sweep.
    """

    material: Words
    stopped: Bytes
    enthalpy: Doubles
    held: Floats
    added: Floats
    first_rate: Floats
    first: wp.int32
    end: wp.int32


@record
class Samples:
    """The samples of all probes as in `bioheat.cold_box.Sources`, and for each voxel touched the samples that do."""

    voxel: Index
    run_first: Index
    run_voxel: Index
    weight: Floats
    probe: Index
    conduct: DoubleRows
    two_pi_over_log: Doubles
    length_m: Doubles
    per_volume: wp.float64
    touched: Index
    touched_first: Index
    touched_sample: Index
    touched_weight: Floats
    heat: Floats


@record
class Kept:
    """What is kept of every voxel, and the coldest of each material that is frozen now."""

    thresholds_c: Floats
    coldest_c: Floats
    time_below_s: FloatRows
    reached: ByteRows
    freezes_below: ByteRows
    end_of_freeze_c: Floats
    coldest_of_c: Floats

"""What compiled steps read and fill: arrays laid out once for many steps, and the few that say what the next one is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from givre.bioheat.cold_box import ColdBox
from givre.bioheat.domain import Domain
from givre.bioheat.probe_kernels import ProbePass
from givre.bioheat.surround import Surround
from givre.bioheat.warm_kernels import Keep

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]
Index = npt.NDArray[np.int64]
Size = tuple[int, int, int]

Held = tuple[Index, Array32, Array32]
"""Voxels held in a step, counted in the box, what they gain [J/m³] and their A, B, T, shape (3, n)."""

NONE_HELD: Held = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32), np.zeros((3, 0), dtype=np.float32))

COLD_ABOVE_FREEZING_C = 1.0
"""A voxel less than this above the freezing interval is cold: it belongs well inside the box."""


class Pace(NamedTuple):
    """What changes from step to step; set between steps.

    Attributes:
        step_s: length of the step, shape (1,).
        counts: stages of the surround, stages of the box, which set of A, B, T of the box is up to date; shape (3,).
        warm_plans, cold_plans: of each stage, shape (room for stages, 4).
        shares: see `warm_kernels.drift_hole`, after each stage of the surround.
        weights: of each stage in the whole step (see `super_step.plan`), of surround and box; shape (2, room).
        heat: filled: what each probe, blood and metabolism, and the faces bring, at the start of the step [W and W/m³]
            and, times weights, in all of it [W and W/m³]; blood and metabolism without the surround;
            shape (2, probes + 2).
    """

    step_s: Array
    counts: Index
    warm_plans: Array32
    cold_plans: Array32
    shares: Array32
    weights: Array
    heat: Array


class WarmPass(NamedTuple):
    """What the steps of the surround need.

    Attributes:
        fields, rows: see `warm_kernels`; rows of u at the start and two to work in.
        first, end: rows swept in each plane.
        hole: voxels that are not swept but drift.
        outside, inside, conduct, heat: see `warm_kernels.exchange`.
        face_first: where the faces begin whose lower voxel lies in each plane, shape (k + 3,).
        row_coldest: see `warm_kernels.settle`.
        blood: filled for each member: what blood and metabolism bring at the end of the step [W/m³].
        faces: filled for each stage and member: what comes through the faces of the domain [W/m³].
    """

    fields: Array32
    rows: Index
    first: Index
    end: Index
    hole: Index
    outside: Index
    inside: Index
    conduct: Array32
    heat: Array32
    face_first: Index
    row_coldest: Array32
    blood: Array
    faces: Array


class ColdPass(NamedTuple):
    """What the steps of the cold box need.

    Attributes:
        fields, size, shape, interval: see `cold_kernels.sweep`.
        has_ghosts: whether a face of the box is a face of the domain that conducts.
        face_voxel: voxels of the box beside the surround.
        blood, faces: filled, for each stage and member.
        held, held_gain, held_state: voxels that are held, with their gain and A, B, T, shape (3, n).
        warm_c: what `coldest_of` is where nothing of a material is frozen.
        coldest_of: coldest now of each material, for each member; the first row holds that of all at the end.
        frozen_below_c, cold_below_c: what counts as frozen and as cold.
        extent: for each member first and end of the cold voxels along k, j, i of the domain; the first holds all.
        below: for each member the voxels at or below each recorded isotherm now; the first holds all.
    """

    fields: Array32
    size: Size
    shape: Array32
    interval: Array32
    has_ghosts: bool
    face_voxel: Index
    blood: Array
    faces: Array
    held: Index
    held_gain: Array32
    held_state: Array32
    warm_c: float
    coldest_of: Array
    frozen_below_c: float
    cold_below_c: float
    extent: Index
    below: Index


class Lattice(NamedTuple):
    """What box and surround share.

    Attributes:
        size: of the domain, ghosts included.
        box: the cold box.
        material, enthalpy: of the domain.
        body_c: blood temperature.
    """

    size: Size
    box: Index
    material: npt.NDArray[np.uint16]
    enthalpy: Array
    body_c: np.float32


class Steps(NamedTuple):
    """All that `step_kernels.advance` works on, until the box changes; `front` as in `ColdBox`."""

    lattice: Lattice
    pace: Pace
    warm: WarmPass
    cold: ColdPass
    front: Array32 | None
    probes: ProbePass
    keep: Keep


def lay_out(
    domain: Domain, surround: Surround, box: ColdBox, keep: Keep, *, members: int, room: int, held: Held
) -> Steps:
    """Lay out the steps of a box in its surround.

    Args:
        domain: of both.
        surround: around the box.
        box: where tissue freezes.
        keep: the records.
        members: of the team.
        room: most stages a step may have.
        held: voxels held in the next step.
    """
    seam, sources, problem = box.seam, box.sources, domain.problem
    probes = len(domain.probes)
    stage_sums = [np.zeros((room, members)) for _ in range(3)]
    return Steps(
        lattice=Lattice(domain.size, box.box, domain.material, domain.enthalpy, np.float32(problem.body_temp_c)),
        pace=Pace(
            step_s=np.zeros(1), counts=np.zeros(3, dtype=np.int64),
            warm_plans=np.zeros((room, 4), dtype=np.float32), cold_plans=np.zeros((room, 4), dtype=np.float32),
            shares=np.zeros(room, dtype=np.float32), weights=np.zeros((2, room)), heat=np.zeros((2, probes + 2)),
        ),
        warm=WarmPass(
            fields=surround.fields, rows=surround.rows, first=surround.first, end=surround.end, hole=box.hole,
            outside=seam.outside, inside=seam.inside, conduct=seam.conduct, heat=seam.heat, face_first=seam.first,
            row_coldest=surround.row_coldest, blood=np.zeros(members), faces=stage_sums[0],
        ),
        cold=ColdPass(
            fields=box.fields, size=box.size, shape=domain.shape, interval=domain.interval,
            has_ghosts=box.has_ghosts, face_voxel=seam.voxel, blood=stage_sums[1], faces=stage_sums[2],
            held=held[0], held_gain=held[1], held_state=held[2], warm_c=problem.body_temp_c,
            coldest_of=np.zeros((members, len(domain.columns.perfusion))),
            frozen_below_c=problem.freezing.lower_c, cold_below_c=problem.freezing.upper_c + COLD_ABOVE_FREEZING_C,
            extent=np.zeros((members, 3, 2), dtype=np.int64),
            below=np.zeros((members, len(keep.thresholds_c)), dtype=np.int64),
        ),
        front=box.front,
        probes=ProbePass(
            first=sources.first, voxel=sources.voxel, run_first=sources.run_first, run_voxel=sources.run_voxel,
            weight=sources.weight, conduct=sources.conduct, two_pi_over_log=sources.two_pi_over_log,
            length_m=sources.length_m, surface=np.zeros((probes, 5)), per_volume=problem.spacing_m**-3,
            power=np.zeros((room, probes)),
        ),
        keep=keep,
    )  # fmt: skip

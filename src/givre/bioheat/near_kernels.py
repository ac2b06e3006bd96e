"""How temperatures near probes are read, compiled (see `near_probe`)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from givre.bioheat.compiled import entry, part
from givre.bioheat.probe_kernels import heat_through_contact

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]
Index32 = npt.NDArray[np.int32]

KU, KF, KP, PER_LOG, WALL_PER_K, PROBE = range(6)
FIRST, PER_STEP, ROW = range(3, 6)
NEVER_C = -273.15


class Near(NamedTuple):
    """The n voxels within the balls of any probe, each once, and what the s samples of all probes hide there.

    Attributes:
        sample: of each sample ku, kf, kp beside it, 2 pi / ln(r_eff / r_probe), 2 pi r / resistance of its contact
            [W/mK] (infinite without one) and which probe it is of; shape (s, 6).
        weight, weight_of, weight_first: kernel of each sample, of which voxels, and where each sample's begin.
        hidden, hidden_of, hidden_first: potential hidden in each voxel per heat per length, by which samples, and where
            each voxel's begin.
        voxel: of each voxel ku, kf, kp [W/mK], then of its table of temperatures over conduction potential the
            potential of the first entry, one over the step, and where it begins; shape (n, 6).
        table_c: all tables, one after another.
    """

    sample: Array
    weight: Array
    weight_of: Index32
    weight_first: Index32
    hidden: Array
    hidden_of: Index32
    hidden_first: Index32
    voxel: Array
    table_c: Array


@part
def _exchange(
    around: Array, wall: Array, near: Near, s: int, shape: Array32, interval: Array32
) -> float:  # pragma: no cover - compiled
    """Heat per length of one sample [W/m]; for the arguments see `lowered`."""
    own = near.sample[s]
    probe = int(own[PROBE])
    a, b, t = 0.0, 0.0, 0.0
    for n in range(near.weight_first[s], near.weight_first[s + 1]):
        i = near.weight_of[n]
        a += near.weight[n] * around[i, 0]
        b += near.weight[n] * around[i, 1]
        t += near.weight[n] * around[i, 2]
    drive = own[KU] * (wall[probe, 0] - a) + own[KF] * (wall[probe, 1] - b) + own[KP] * (wall[probe, 2] - t)
    per_length = own[PER_LOG] * drive
    if own[WALL_PER_K] == np.inf:
        return float(per_length)
    return heat_through_contact(
        per_length, wall[probe, 2], own[WALL_PER_K], own[PER_LOG], (own[KU], own[KF], own[KP]), (a, b, t), shape,
        interval,
    )  # fmt: skip


@entry
def lowered(
    around: Array, wall: Array, near: Near, entries: int, shape: Array32, interval: Array32, heat: Array,
    wall_c: Array, read_c: Array,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """Fill the temperatures of the voxels near probes [°C], never warmer than the solver's.

    Args:
        around: A, B and T there as the solver knows them, shape (n, 3).
        wall: A, B and T at the surface of each probe, NaN while it exchanges no heat, shape (probes, 3).
        near: what is hidden.
        entries: of each table in it.
        shape, interval: see `cold_kernels.potentials`.
        heat, wall_c: filled: heat per length of each sample that cools [W/m], temperature of the tissue's side of its
            wall [°C]; shape (s,).
        read_c: filled, shape (n,).
    """
    for s in range(len(near.sample)):
        probe = int(near.sample[s, PROBE])
        heat[s], wall_c[s] = 0.0, np.inf
        if wall[probe, 2] > NEVER_C:  # not where it is NaN
            per_length = _exchange(around, wall, near, s, shape, interval)
            heat[s] = min(per_length, 0.0)
            wall_c[s] = wall[probe, 2] - per_length / near.sample[s, WALL_PER_K]
    for i in range(len(around)):
        hidden, coldest_c = 0.0, np.inf
        for n in range(near.hidden_first[i], near.hidden_first[i + 1]):
            hidden += near.hidden[n] * heat[near.hidden_of[n]]
            coldest_c = min(coldest_c, wall_c[near.hidden_of[n]])
        own = near.voxel[i]
        wanted = hidden + own[KU] * around[i, 0] + own[KF] * around[i, 1] + own[KP] * around[i, 2]
        at = min(max((wanted - own[FIRST]) * own[PER_STEP], 0.0), entries - 1.001)
        low = int(at)
        place = int(own[ROW]) + low
        found_c = near.table_c[place] * (1 - (at - low)) + near.table_c[place + 1] * (at - low)
        read_c[i] = min(max(found_c, coldest_c), around[i, 2]) if hidden < 0.0 else around[i, 2]

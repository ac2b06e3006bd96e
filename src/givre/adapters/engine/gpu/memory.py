"""A thermal problem laid out in the memory of a GPU."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import warp as wp

from givre.adapters.engine.gpu import layout, voxel_kernels
from givre.adapters.engine.gpu.library import bytes_needed
from givre.bioheat.cold_box import Sources, all_sources
from givre.bioheat.domain import Domain, initial_temperature_c
from givre.foundation.errors import SimulationError

DeviceArray = Any
"""An array of the library, which ships no usable type of its own."""

MOST_STAGES = 255
"""Stages of one step that there is room for: enough for 10 s at a tenth of a millimetre."""


@dataclass(slots=True, eq=False)
class Memory:
    """Everything a run holds on its device.

    Attributes:
        tables, voxels, states, samples, kept: see `layout`; two states, which take turns.
        controls: what changes from step to step, one array: plans, surfaces of the probes, length of the step and
            whether freezes count.
        plans, surface, step: parts of it.
        sums: what was added up, one array: heat of each sample so far, its power in the first stage of the last step,
            heat of blood and of the faces so far of each chunk.
        heat_j, power_w, blood_j, faces_j: parts of it.
        counts: voxels of each chunk at or below each isotherm.
        wanted, seen: voxels to look up at every record, and their temperatures.
        chunks: how many.
    """

    tables: layout.Tables
    voxels: layout.Voxels
    states: tuple[layout.State, layout.State]
    samples: layout.Samples
    kept: layout.Kept
    controls: DeviceArray
    plans: DeviceArray
    surface: DeviceArray
    step: DeviceArray
    sums: DeviceArray
    heat_j: DeviceArray
    power_w: DeviceArray
    blood_j: DeviceArray
    faces_j: DeviceArray
    counts: DeviceArray
    wanted: DeviceArray
    seen: DeviceArray
    chunks: int


def lay_out(domain: Domain, wanted: npt.NDArray[np.int64], device: str) -> Memory:
    """Copy a domain to a device.

    Args:
        domain: as opened for the processor.
        wanted: flat voxels, ghosts counted, whose temperatures the records need.
        device: the library's name for it.

    Raises:
        SimulationError: if the device has too little memory.
    """
    count = len(domain.material)
    _refuse_too_large(bytes_needed(count, len(domain.problem.recording.isotherms_c)), device)
    here = _Place(device)
    temp_c = initial_temperature_c(domain)
    along_k = domain.size[1] * domain.size[2]
    first, end = along_k, count - along_k
    chunks = -(-(end - first) // voxel_kernels.CHUNK)
    tables, voxels = _tables(domain, here), _voxels(domain, here)
    voxels.first, voxels.end = first, end
    states = (_state(here, temp_c), _state(here, temp_c))
    for state in states:
        wp.launch(voxel_kernels.fill_potentials, dim=count, inputs=[tables, state], device=device)
    samples = _samples(all_sources(domain), domain, here)
    probes, touched = len(domain.probes), len(samples.probe)
    controls, sums = here.zeros((MOST_STAGES + probes) * 5 + 2), here.zeros(2 * touched + 2 * chunks)
    own = np.cumsum([0, touched, touched, chunks, chunks])
    rows = MOST_STAGES * 5
    return Memory(
        tables=tables,
        voxels=voxels,
        states=states,
        samples=samples,
        kept=_kept(domain, here, temp_c),
        controls=controls,
        plans=controls[:rows].reshape((MOST_STAGES, 5)),
        surface=controls[rows : rows + 5 * probes].reshape((probes, 5)) if probes else here.zeros((1, 5)),
        step=controls[rows + 5 * probes :],
        sums=sums,
        heat_j=sums[: own[1]] if touched else here.zeros(1),
        power_w=sums[own[1] : own[2]] if touched else here.zeros(1),
        blood_j=sums[own[2] : own[3]],
        faces_j=sums[own[3] : own[4]],
        counts=here.zeros((len(domain.problem.recording.isotherms_c), chunks), wp.int32),
        wanted=here.put(wanted, wp.int32),
        seen=here.zeros(len(wanted), wp.float32),
        chunks=chunks,
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Puts arrays on one device."""

    device: str

    def put(self, values: npt.NDArray[Any], kind: Any) -> DeviceArray:
        return wp.array(values, dtype=kind, device=self.device)

    def zeros(self, shape: int | tuple[int, ...], kind: Any = wp.float64) -> DeviceArray:
        return wp.zeros(shape, dtype=kind, device=self.device)


def _refuse_too_large(needed: int, device: str) -> None:
    if wp.get_device(device).is_cpu:
        return
    free = wp.get_device(device).free_memory
    if needed > free:
        raise SimulationError(
            f"the GPU has {free / 2**30:.1f} GiB free, this domain needs {needed / 2**30:.1f} GiB; use larger voxels, "
            "a smaller domain margin, or the processor (--engine cpu)"
        )


def _tables(domain: Domain, here: _Place) -> layout.Tables:
    tables = layout.Tables()
    tables.cells, tables.shape = here.put(domain.cells, wp.float32), here.put(domain.shape, wp.float32)
    tables.liquid, tables.solid = here.put(domain.pairs.liquid, wp.float32), here.put(domain.pairs.solid, wp.float32)
    tables.plain, tables.interval = here.put(domain.pairs.plain, wp.float32), here.put(domain.interval, wp.float32)
    tables.materials = len(domain.columns.perfusion)
    tables.along_j, tables.along_k = domain.size[2], domain.size[1] * domain.size[2]
    tables.has_plain = int(domain.has_plain)
    tables.has_stasis = int(domain.problem.stasis_below_c is not None)
    return tables


def _voxels(domain: Domain, here: _Place) -> layout.Voxels:
    voxels, count = layout.Voxels(), len(domain.material)
    voxels.material = here.put(domain.material, wp.uint16)
    voxels.stopped = here.zeros(count, wp.uint8)
    voxels.enthalpy = here.put(domain.enthalpy, wp.float64)
    voxels.held = here.put(domain.enthalpy.astype(np.float32), wp.float32)
    voxels.added, voxels.first_rate = here.zeros(count, wp.float32), here.zeros(count, wp.float32)
    return voxels


def _state(here: _Place, temp_c: npt.NDArray[np.float32]) -> layout.State:
    state, count = layout.State(), len(temp_c)
    state.t = here.put(temp_c, wp.float32)
    state.a, state.b, state.gain = (here.zeros(count, wp.float32) for _ in range(3))
    return state


def _kept(domain: Domain, here: _Place, temp_c: npt.NDArray[np.float32]) -> layout.Kept:
    isotherms = domain.problem.recording.isotherms_c
    each = (len(isotherms), len(temp_c))
    kept = layout.Kept()
    kept.thresholds_c = here.put(np.array(isotherms, dtype=np.float32), wp.float32)
    kept.coldest_c, kept.end_of_freeze_c = here.put(temp_c, wp.float32), here.put(temp_c, wp.float32)
    kept.time_below_s = here.zeros(each, wp.float32)
    kept.reached, kept.freezes_below = here.zeros(each, wp.uint8), here.zeros(each, wp.uint8)
    kept.coldest_of_c = here.zeros(len(domain.columns.perfusion), wp.float32)
    return kept


def _samples(sources: Sources, domain: Domain, here: _Place) -> layout.Samples:
    """The kernels of the probes, by sample and by voxel."""
    lengths = np.diff(sources.run_first)
    sample = np.repeat(np.arange(len(lengths)), lengths)
    place = np.repeat(sources.run_voxel - sources.run_first[:-1], lengths) + np.arange(len(sample))
    used = np.flatnonzero(sources.weight)
    order = used[np.argsort(sources.voxel[place[used]], kind="stable")]
    touched, first = np.unique(sources.voxel[place[order]], return_index=True)
    samples = layout.Samples()
    samples.voxel, samples.run_first = here.put(sources.voxel, wp.int32), here.put(sources.run_first, wp.int32)
    samples.run_voxel, samples.weight = here.put(sources.run_voxel, wp.int32), here.put(sources.weight, wp.float32)
    probe = np.repeat(np.arange(len(domain.probes)), [len(own.conduct) for own in domain.probes])
    samples.probe, samples.conduct = here.put(probe, wp.int32), here.put(sources.conduct, wp.float64)
    samples.two_pi_over_log = here.put(sources.two_pi_over_log, wp.float64)
    samples.length_m = here.put(sources.length_m, wp.float64)
    samples.per_volume = domain.problem.spacing_m**-3
    samples.touched = here.put(touched, wp.int32)
    samples.touched_first = here.put(np.append(first, len(order)), wp.int32)
    samples.touched_sample = here.put(sample[order], wp.int32)
    samples.touched_weight = here.put(sources.weight[order], wp.float32)
    samples.heat = here.zeros(len(lengths), wp.float32)
    return samples

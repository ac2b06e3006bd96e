"""From a thermal problem to a thermal run on a GPU: the steps and the verdict of `bioheat.solve`."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt

from givre.adapters.engine.gpu.march import DeviceMarch
from givre.adapters.engine.gpu.recording import DeviceRecorder
from givre.bioheat.domain import Domain, open_domain
from givre.bioheat.problem import ThermalProblem
from givre.bioheat.run import EnergyBalance, Progress, RunEnding, ThermalRun
from givre.bioheat.solve import FIRST_STEP_S, _is_physical, _status, _steps, _tail_steps
from givre.foundation.errors import SimulationError

if TYPE_CHECKING:
    from givre.bioheat.march import March


def solve_on(device: str, problem: ThermalProblem, progress: Progress | None) -> ThermalRun:
    """Solve one problem on a device that exists."""
    if problem.freezing.is_sharp:
        raise SimulationError(
            f"freezing from {problem.freezing.upper_c:g} to {problem.freezing.lower_c:g} °C is sharp: where the front "
            "stands inside a voxel is followed on the processor only; leave out the GPU for water and gels"
        )
    domain = open_domain(problem)
    recorder = DeviceRecorder.start(domain)
    march = DeviceMarch.start(domain, recorder.wanted, device)
    recorder.keep_row(march)
    ending: RunEnding = "done"
    longest_s = problem.longest_step_s
    judged = _AsMarch(march, np.array(march.memory.kept.coldest_c.numpy()))
    seen_as = cast("March", judged)
    first_s = FIRST_STEP_S if march.starts_at_rest else min(FIRST_STEP_S, march.explicit_step_s())
    for step_s, keep in chain(_steps(problem, longest_s, first_s), _tail_steps(seen_as, longest_s)):
        march.step(step_s, counts_freeze=recorder.counts_freeze(march.time_s + step_s))
        recorder.after_step(march)
        if not keep:
            continue
        if march.time_s > problem.duration_s - 1e-6:
            judged.refresh()  # the tail goes on while these fall
        if not recorder.keep_row(march):
            ending = "diverged"
            break
        if progress is not None and not progress(min(march.time_s, problem.duration_s), problem.duration_s):
            ending = "stopped"
            break
    judged.refresh()
    energy = _energy(march)
    if ending == "done" and not _is_physical(problem, seen_as, energy):
        ending = "diverged"
    kept, isotherms = march.memory.kept, problem.recording.isotherms_c
    times, freezes = kept.time_below_s.numpy(), kept.freezes_below.numpy()
    near, unseen = recorder.near.voxel, recorder.unseen
    judged.coldest_c[near] = np.minimum(judged.coldest_c[near], unseen.coldest_c)
    end_of_freeze_c = judged.coldest_c
    if recorder.freezes_done:
        end_of_freeze_c = kept.end_of_freeze_c.numpy()
        end_of_freeze_c[near] = unseen.end_of_freeze_c
    times[:, near] += unseen.time_below_s
    freezes[:, near] += unseen.freezes_below
    return ThermalRun(
        problem_hash=problem.fingerprint(),
        status=_status(ending, seen_as),
        grid=problem.grid,
        coldest_c=domain.block(judged.coldest_c).copy(),
        end_of_freeze_c=domain.block(end_of_freeze_c).copy(),
        final_c=domain.block(march.now.t.numpy()).copy(),
        time_below_s={t: domain.block(values).copy() for t, values in zip(isotherms, times, strict=True)},
        freezes_below={t: domain.block(values).copy() for t, values in zip(isotherms, freezes, strict=True)},
        history=recorder.history(),
        energy=energy,
        steps=march.steps,
        wall_s=0.0,
    )


def _energy(march: DeviceMarch) -> EnergyBalance:
    domain = march.domain
    heat_j, blood_j, faces_j, _ = march.heat()
    stored = float(march.memory.voxels.enthalpy.numpy().sum()) - float(domain.enthalpy.sum())
    return EnergyBalance(
        stored_j=stored * domain.problem.spacing_m**3,
        probes_j=float(heat_j.sum()),
        blood_j=blood_j,
        boundary_j=faces_j,
    )


@dataclass(frozen=True, slots=True)
class _AsMarch:
    """What `bioheat.solve` asks of a run in progress when it plans the tail and judges the run.

    Attributes:
        march: the run.
        coldest_c: coldest temperature of every voxel so far, flat; as it was when last refreshed, in place.
    """

    march: DeviceMarch
    coldest_c: npt.NDArray[np.float32]

    @property
    def domain(self) -> Domain:
        return self.march.domain

    @property
    def time_s(self) -> float:
        return self.march.time_s

    @property
    def records(self) -> _AsMarch:
        return self

    def refresh(self) -> None:
        """Download the coldest temperatures."""
        np.copyto(self.coldest_c, self.march.memory.kept.coldest_c.numpy())

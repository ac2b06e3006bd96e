"""From a thermal problem to a thermal run: choose the steps, march, record, say how it ended."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import chain

import numpy as np
import numpy.typing as npt

from givre.bioheat.domain import open_domain
from givre.bioheat.march import Impose, March
from givre.bioheat.problem import ThermalProblem
from givre.bioheat.recorder import Recorder
from givre.bioheat.run import EnergyBalance, Progress, RunEnding, RunStatus, ThermalRun
from givre.bioheat.team import Team

FIRST_STEP_S = 0.1
"""Step right after a probe changes what it does; the probe's own response takes about two seconds. Without probes,
beside a face or a neighbour that is suddenly cold, a run begins with the longest plain explicit step instead."""

STEP_GROWTH = 1.5
"""Largest growth of the step from one to the next."""

STEP_PER_ELAPSED = 0.04
"""Step over the time since that change: fronts move like the square root of time, so the pace may slow down."""

SHORT_STEP_S = 2.0
"""A step this short needs no such limit,"""

EARLY_S = 125.0
"""nor does any step so long after the change."""

BOUNDARY_DECAY_M = 0.007
"""Half the distance sqrt(k / w rho c) over which perfused muscle forgets a disturbance (14 mm)."""

BOUNDARY_DROP_C = 1.0
"""Largest cooling that a domain edge may hide before the run says that its domain is too small."""


TAIL_CHECK_S = 60.0
"""After the last phase the run goes on as long as, over such a time,"""

TAIL_CHANGE_C = 0.1
"""some tissue that did not freeze reached a temperature lower by this much."""

TAIL_RECORDS = 6
"""Records per TAIL_CHECK_S."""

ENERGY_TOLERANCE = 1e-3
"""Largest part of the heat that may go missing in a usable run."""

NEGLIGIBLE_WARMING_C = 1e-5
"""Heat that would warm the whole domain by so little may go missing too, where heats cancel or hardly flow."""

COLDER_THAN_COOLER_C = 0.5
"""How much colder than every probe, face and initial temperature a voxel may be, by rounding."""


def solve(
    problem: ThermalProblem, *, progress: Progress | None = None, impose: Impose | None = None, threads: int = 1
) -> ThermalRun:
    """Solve one problem.

    Args:
        problem: what to solve.
        progress: told how far the run is; may stop it.
        impose: temperatures to hold in some voxels, for comparison with exact solutions only.
        threads: how many threads share the work.

    Raises:
        SimulationError: if a probe does not fit in the domain.
    """
    with Team(threads) as team:
        return _solve(problem, team, progress, impose)


def _solve(problem: ThermalProblem, team: Team, progress: Progress | None, impose: Impose | None) -> ThermalRun:
    domain = open_domain(problem)
    march = March.start(domain, team, everywhere=impose is not None)
    recorder = Recorder.start(domain)
    stored_at_start = float(domain.enthalpy.sum())
    recorder.keep_row(march)
    ending: RunEnding = "done"
    longest_s = min(problem.longest_step_s, march.longest_step_s())
    first_s = FIRST_STEP_S if march.is_split else min(FIRST_STEP_S, march.explicit_step_s())
    for step_s, keep in chain(_steps(problem, longest_s, first_s), _tail_steps(march, longest_s)):
        march.step(step_s, impose)
        recorder.after_step(march)
        if not keep:
            continue
        recorder.keep_row(march)
        if not np.isfinite(march.heat_j).all():
            ending = "diverged"
            break
        if progress is not None and not progress(min(march.time_s, problem.duration_s), problem.duration_s):
            ending = "stopped"
            break
    recorder.finish(march)
    records = march.records
    march.store_enthalpy()
    stored_j = (float(domain.enthalpy.sum()) - stored_at_start) * problem.spacing_m**3
    energy = EnergyBalance(
        stored_j=stored_j,
        probes_j=float(march.heat_j[:-2].sum()),
        blood_j=float(march.heat_j[-2]),
        boundary_j=float(march.heat_j[-1]),
    )
    if ending == "done" and impose is None and not _is_physical(problem, march, energy):
        ending = "diverged"
    isotherms = problem.recording.isotherms_c
    return ThermalRun(
        problem_hash=problem.fingerprint(),
        status=_status(ending, march),
        grid=problem.grid,
        coldest_c=domain.block(records.coldest_c).copy(),
        end_of_freeze_c=domain.block(records.end_of_freeze_c).copy(),
        final_c=march.temp_c,
        time_below_s={
            t: domain.block(values).copy() for t, values in zip(isotherms, records.time_below_s, strict=True)
        },
        freezes_below={
            t: domain.block(values).copy() for t, values in zip(isotherms, records.freezes_below, strict=True)
        },
        history=recorder.history(),
        energy=energy,
        steps=records.steps,
        wall_s=0.0,
    )


def _steps(problem: ThermalProblem, longest_s: float, first_s: float = FIRST_STEP_S) -> Iterator[tuple[float, bool]]:
    """Lengths of the steps [s], and whether an instant worth keeping follows."""
    switches = {0.0, problem.duration_s}
    for probe in problem.probes:
        switches |= set(probe.history.switches_s())
    for window in problem.recording.freeze_windows_s:
        switches |= set(window)
    switches = {t for t in switches if 0.0 <= t <= problem.duration_s}
    records = np.arange(0.0, problem.duration_s, problem.recording.interval_s)
    stops = sorted(switches | {float(t) for t in records})
    now_s, changed_s, step_s = 0.0, 0.0, first_s
    for stop_s in stops:
        while stop_s - now_s > 1e-9:
            remaining = stop_s - now_s
            elapsed_s = now_s - changed_s
            pace_s = max(SHORT_STEP_S, STEP_PER_ELAPSED * elapsed_s) if elapsed_s < EARLY_S else longest_s
            step_s = min(step_s, pace_s, longest_s)
            parts = int(np.ceil(remaining / step_s - 1e-9))
            taken = remaining / parts
            now_s = stop_s if parts == 1 else now_s + taken
            step_s *= STEP_GROWTH
            yield taken, parts == 1
        if stop_s in switches:
            changed_s, step_s = stop_s, first_s


def _tail_steps(march: March, longest_s: float) -> Iterator[tuple[float, bool]]:
    """Steps after the last phase, minute by minute while tissue that did not freeze still gets colder."""
    problem, coldest_c = march.domain.problem, march.records.coldest_c
    records = TAIL_CHECK_S / TAIL_RECORDS
    parts = math.ceil(records / longest_s - 1e-9)
    for _ in range(round(problem.tail_s / TAIL_CHECK_S)):
        before_c = coldest_c.copy()
        for _ in range(TAIL_RECORDS):
            for n in range(parts):
                yield records / parts, n == parts - 1
        fallen_c = (before_c - coldest_c)[coldest_c > problem.freezing.upper_c]
        if fallen_c.size == 0 or float(fallen_c.max()) < TAIL_CHANGE_C:
            return


def _is_physical(problem: ThermalProblem, march: March, energy: EnergyBalance) -> bool:
    """Whether the heat adds up and nothing is colder than what cooled it."""
    coolers_c = [float(probe.history.temp_c.min()) for probe in problem.probes]
    faces_c = [face_c for face_c in np.ravel(problem.faces_c) if not np.isnan(face_c)]
    initial_c = problem.body_temp_c if problem.initial_c is None else float(problem.initial_c.min())
    coldest_allowed_c = min([*coolers_c, *faces_c, initial_c]) - COLDER_THAN_COOLER_C
    columns = march.domain.columns
    capacity_j_k = float(columns.capacity_warm[problem.material.index].sum()) * problem.spacing_m**3
    missing_j = ENERGY_TOLERANCE * energy.largest_j + NEGLIGIBLE_WARMING_C * capacity_j_k
    return abs(energy.error_j) < missing_j and bool(march.records.coldest_c.min() >= coldest_allowed_c)


def _status(ending: RunEnding, march: March) -> RunStatus:
    problem = march.domain.problem
    if ending == "diverged":
        return RunStatus(
            ending="diverged",
            sentence=f"temperatures or the heat balance stopped making sense by {march.time_s:.0f} s; "
            "no result: report this case",
        )
    if ending == "stopped":
        return RunStatus(
            ending="stopped",
            sentence=f"stopped at {march.time_s:.0f} s of {problem.duration_s:.0f} s; figures cover that part only",
        )
    drop_c = boundary_drop_c(problem, march.domain.block(march.records.coldest_c))
    if drop_c > BOUNDARY_DROP_C:
        return RunStatus(
            ending="front_reached_boundary",
            sentence=f"the cold reached the edge of the domain (about {drop_c:.1f} °C hidden, allowed "
            f"{BOUNDARY_DROP_C:g} °C); enlarge the domain margin and run again",
        )
    return RunStatus(
        ending="done",
        sentence=f"done: {problem.duration_s:.0f} s and {march.time_s - problem.duration_s:.0f} s of rewarming "
        "simulated, edge of the domain undisturbed",
    )


def boundary_drop_c(problem: ThermalProblem, coldest_c: npt.NDArray[np.float32]) -> float:
    """How much colder the tissue at the edge of the domain might be had the domain been larger [°C].

    From the slope of the coldest temperature at held faces, over the distance that perfusion needs to undo it;
    at insulated faces, from the cooling itself. Cooling counts from the initial temperature where one is given.
    Faces of a one-voxel axis do not count.
    """
    worst = 0.0
    for axis, pair in enumerate(problem.faces_c):
        if problem.grid.shape[axis] == 1:
            continue
        for end, face_c in zip((0, -1), pair, strict=True):
            at_face_c = np.take(coldest_c, end, axis=axis)
            before_c = problem.body_temp_c if np.isnan(face_c) else face_c
            if problem.initial_c is not None:
                before_c = np.take(problem.initial_c, end, axis=axis)
            cooling_c = float((before_c - at_face_c).max())
            if np.isnan(face_c):
                worst = max(worst, cooling_c)
            else:
                slope = cooling_c / (problem.spacing_m / 2)
                worst = max(worst, slope * BOUNDARY_DECAY_M)
    return worst

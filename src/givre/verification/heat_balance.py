"""V10, heat that adds up over freeze, thaw and freeze, judged from outside the solver's own book-keeping."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from givre.bioheat.materials import enthalpy_j_m3, material_columns
from givre.bioheat.problem import Recording, ThermalProblem
from givre.tissue.material import MaterialField
from givre.verification.card import Card, Comparison, Ladder, PassBand, Reference
from givre.verification.media import cubic, probe, stepped_probe, tabled
from givre.verification.running import compared, solved

SIDE_MM = 60.0
FREEZE_S, THAW_S = 600.0, 480.0
COLD_C = -140.0
TISSUES = ("muscle", "cortical_bone", "red_marrow", "metal")


def cycle_problem(spacing_mm: float) -> ThermalProblem:
    """10-8-10 with one oblique probe in muscle, beside a plate of cortical bone, marrow behind it and a metal pin."""
    count = round(SIDE_MM / spacing_mm)
    grid = cubic((count, count, count), spacing_mm)
    centre_mm = (np.arange(count) + 0.5) * spacing_mm
    index = np.zeros(grid.shape, dtype=np.uint8)
    index[:, (centre_mm > 36) & (centre_mm < 41), :] = 1
    index[:, centre_mm >= 41, :] = 2
    index[np.ix_(np.abs(centre_mm - 20) < 2, np.abs(centre_mm - 44) < 2, centre_mm > 0)] = 3
    end_s = 2 * FREEZE_S + THAW_S
    history = stepped_probe(
        (FREEZE_S, COLD_C, "cooling_only"), (FREEZE_S + THAW_S, COLD_C, "none"), (end_s, COLD_C, "cooling_only")
    )
    middle_mm = (np.array(grid.shape) - 1) / 2 * spacing_mm
    return ThermalProblem(
        material=MaterialField(grid=grid, index=index, materials=tuple(tabled(name) for name in TISSUES)),
        probes=(probe(middle_mm, (1.0, 0.3, 0.2), active_zone_mm=24.0, history=history),),
        duration_s=end_s,
        recording=Recording(
            interval_s=10.0,
            freeze_windows_s=((0.0, FREEZE_S), (FREEZE_S + THAW_S, end_s)),
            isotherms_c=(0.0, -20.0, -40.0),
        ),
    )


def balance_error(spacing_mm: float) -> Comparison:
    """Heat stored, from the final temperatures, against the heat that came in, in per cent of what the probe took."""
    problem = cycle_problem(spacing_mm)
    run = solved(problem)
    before = np.full(problem.grid.shape, problem.body_temp_c)
    stored_j = _held_j(problem, run.final_c.astype(np.float64)) - _held_j(problem, before)
    came_j = run.energy.probes_j + run.energy.blood_j + run.energy.boundary_j
    remark = f"probe took {-run.energy.probes_j / 1000:.2f} kJ"
    return compared(run, problem, stored_j, came_j, scale=100 / abs(run.energy.probes_j), remark=remark)


def _held_j(problem: ThermalProblem, temp_c: npt.NDArray[np.float64]) -> float:
    columns = material_columns(problem.material.materials, problem.freezing)
    held = enthalpy_j_m3(temp_c, problem.material.index, columns, problem.freezing)
    return float(held.sum()) * problem.spacing_m**3


CARD = Card(
    id="V10",
    title="Heat balance over freeze, thaw and freeze",
    problem=f"10-8-10 minutes with one 1.5 mm probe at {COLD_C:g} °C, oblique, in muscle beside cortical bone, red "
    f"marrow and a metal pin; cube of {SIDE_MM:g} mm, blood and metabolism on.",
    reference=Reference(
        text="Conservation: enthalpy of the final temperatures less that of the initial ones is what probe, blood and "
        "faces brought",
        standing="textbook",
    ),
    ladders=(
        Ladder(
            name="stored against brought",
            unit="% of removed heat",
            refined="voxel",
            refined_unit="mm",
            levels=(3.0, 2.5, 2.0, 1.5),
            compare=balance_error,
            bands=(
                PassBand(largest_error=0.1, every_level=True, source="verification.md V10 and issue: at most 0.1 %"),
            ),
            note="A balance does not improve with the grid, so no order is asked; the stored heat is computed from the "
            "temperatures that the run returns, in single precision.",
        ),
    ),
    source="src/givre/verification/heat_balance.py",
)

"""`python -m benchmarks.surrogate`: fit the law by which the planner's surrogate adds up probes, to the solver.

One to four parallel probes, 10, 15 and 20 mm apart, in endless soft tissue and bone. Writes
src/givre/planning/data/surrogate_law.csv, prints how far the law is from the runs it was fitted to, and from runs it
was not fitted to: other probes, another protocol, another lattice. Some two minutes on one core.
"""

from __future__ import annotations

import csv
import math
import sys
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from givre.bioheat.assembly import thermal_problem
from givre.bioheat.run import ThermalRun
from givre.bioheat.solve import solve
from givre.cryoprobe.active_zone import active_zone
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import TEMPLATES
from givre.geometry.grid import Grid
from givre.planning.surrogate.error import Comparison, compare, summed_error
from givre.planning.surrogate.law import CombinationLaw
from givre.planning.surrogate.learning import Reading, reach_table, read_run
from givre.planning.surrogate.prediction import ActiveZones, PlanPoints, ReachTable, Surrogate, surrogate_of
from givre.tissue.material import MaterialField, ThermalMaterial
from givre.tissue.table import PROPERTY_UNITS, find_tissue
from givre.tissue.thermal import thermal_material, volumetric_blood_capacity_j_m3k
from givre.wiring import knowledge

Array = npt.NDArray[np.float64]

TABLE = Path("src/givre/planning/data/surrogate_law.csv")
TISSUES = ("lytic_lesion", "muscle", "bone 200 HU", "bone 900 HU")
SPACINGS_MM = (10.0, 15.0, 20.0)
MODEL = "icesphere-1.5-cx"
LETHAL_C = -20.0
START = CombinationLaw(power=1.0, frozen_share=0.6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """One arrangement of parallel probes in one endless tissue, solved.

    Attributes:
        what: in words.
        zones: where the active zones lie.
        run: what the solver says.
        reading: the same at the points where it is predicted.
    """

    what: str
    zones: ActiveZones
    run: ThermalRun
    reading: Reading


def main() -> int:
    """Solve, fit, write, and say how good it is."""
    rows, all_seen = [], []
    for tissue in TISSUES:
        seen, table = solved(tissue)
        law = fitted([(table, seen)])
        all_seen.append((table, seen))
        rows += table_rows(tissue, law, [(table, seen)])
    rows += table_rows("all", fitted(all_seen), all_seen)
    _write(rows)
    print("| tissue | power | frozen share | note |\n|---|---|---|---|")
    for tissue in (*TISSUES, "all"):
        power, share = (row for row in rows if row["tissue"] == tissue)
        print(f"| {tissue} | {power['value']} | {share['value']} | {power['note']} |")
    _print_unseen(fitted(all_seen))
    return 0


def solved(
    tissue: str, *, model: str = MODEL, protocol: str = "10-8-10", voxel_mm: float = 2.0
) -> tuple[list[Bench], ReachTable]:
    """Every arrangement in one tissue, and the reach of a single probe."""
    single = bench(tissue, ((0.0, 0.0),), model=model, protocol=protocol, voxel_mm=voxel_mm)
    zone = active_zone(_placement(0, 0.0, 0.0, model), knowledge().catalogue[model])
    table = reach_table(single.run, zone, key=model, law=START)
    several = [
        bench(tissue, arrangement(count, spacing_mm), model=model, protocol=protocol, voxel_mm=voxel_mm)
        for count in (2, 3, 4)
        for spacing_mm in SPACINGS_MM
    ]
    return [single, *several], table


def arrangement(count: int, spacing_mm: float) -> tuple[tuple[float, float], ...]:
    """Positions across the probes: one, a pair, a triangle, a square."""
    half = spacing_mm / 2
    return {
        1: ((0.0, 0.0),),
        2: ((-half, 0.0), (half, 0.0)),
        3: ((-half, -half / math.sqrt(3)), (half, -half / math.sqrt(3)), (0.0, spacing_mm / math.sqrt(3))),
        4: ((-half, -half), (half, -half), (-half, half), (half, half)),
    }[count]


def bench(tissue: str, at_mm: tuple[tuple[float, float], ...], *, model: str, protocol: str, voxel_mm: float) -> Bench:
    """Solve parallel probes along z, the middle of their active zones in the plane z = 0."""
    count = round(140.0 / voxel_mm) + 1
    grid = Grid(shape=(count,) * 3, spacing_mm=(voxel_mm,) * 3, origin_mm=(-70.0,) * 3)
    material = MaterialField(grid=grid, index=np.zeros(grid.shape, dtype=np.uint8), materials=(_material(tissue),))
    catalogue = knowledge().catalogue
    placements = tuple(_placement(n, x, y, model) for n, (x, y) in enumerate(at_mm))
    problem = thermal_problem(
        material,
        placements,
        {model: catalogue[model]},
        TEMPLATES[protocol],
        body_temp_c=37.0,
        structures={},
        isotherms_c=[LETHAL_C],
        points_mm={},
    )
    lines = [active_zone(placement, catalogue[model]) for placement in placements]
    zones = ActiveZones(
        middles_mm=np.array([line.point_mm(line.length_mm / 2) for line in lines]),
        directions=np.array([line.direction for line in lines]),
        table_of=np.zeros(len(lines), dtype=np.int64),
    )
    run = solve(problem)
    reading = read_run(block(), START, zones, run)
    return Bench(what=f"{tissue}, {len(at_mm)} probes", zones=zones, run=run, reading=reading)


def block() -> PlanPoints:
    """Points around the probes, all of them counted as tumour."""
    steps = np.arange(-42.0, 42.1, 3.0)
    points_mm = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    return PlanPoints(points_mm=points_mm, tumour_count=len(points_mm), grown_count=len(points_mm), organs={})


def surrogate_in(table: ReachTable, law: CombinationLaw) -> Surrogate:
    """A surrogate that predicts on that block."""
    points = block()
    return surrogate_of(law, (table,), points, np.zeros(len(points.points_mm)), lethal_c=LETHAL_C)


def fitted(seen: list[tuple[ReachTable, list[Bench]]]) -> CombinationLaw:
    """The law with the smallest misplacement of the isotherms between -30 and 25 °C."""

    def miss(numbers: Array) -> float:
        law = replace(START, power=float(np.clip(numbers[0], 0.4, 2)), frozen_share=float(np.clip(numbers[1], 0.2, 2)))
        total = []
        for table, many in seen:
            surrogate = surrogate_in(table, law)
            for one in many[1:]:
                solution = one.reading.cooling_c
                gap = law.cooling_of(surrogate.potentials(one.zones)) - solution
                decides = (solution > 4.0) & (solution < 38.0)
                # cooling falls about in proportion to itself with distance: this makes the gap a distance
                total.append(float(np.mean(np.square(gap[decides] / (1.0 + 0.12 * solution[decides])))))
        return float(np.mean(total))

    found = minimize(miss, np.array([1.0, 0.6]), method="Nelder-Mead", options={"xatol": 0.005, "fatol": 1e-5})
    return replace(START, power=round(float(found.x[0]), 3), frozen_share=round(float(found.x[1]), 3))


def judged(law: CombinationLaw, seen: list[tuple[ReachTable, list[Bench]]]) -> list[Comparison]:
    """The law held against every run of several probes."""
    return [compare(surrogate_in(table, law), one.reading, limits_c={}) for table, many in seen for one in many[1:]]


def table_rows(tissue: str, law: CombinationLaw, seen: list[tuple[ReachTable, list[Bench]]]) -> list[dict[str, str]]:
    """The two rows of one tissue."""
    error = summed_error(judged(law, seen))
    source = (
        f"fitted to the solver, version {version('givre')}, by benchmarks/surrogate.py: two to four {MODEL} probes "
        "10 to 20 mm apart, 10-8-10, 2 mm voxels"
    )
    note = (
        f"edge at {LETHAL_C:g} °C off by {error.edge_mean_mm:.1f} mm on average and {error.edge_max_mm:.1f} mm at most"
    )
    spread = {"power": 0.15, "frozen_share": 0.25}
    return [
        {
            "tissue": tissue,
            "parameter": name,
            "value": f"{value:g}",
            "low": f"{value - spread[name]:.3g}",
            "high": f"{value + spread[name]:.3g}",
            "unit": "1",
            "source": source,
            "status": "derived",
            "note": note,
        }
        for name, value in (("power", law.power), ("frozen_share", law.frozen_share))
    ]


def _print_unseen(law: CombinationLaw) -> None:
    """What the common law says of runs it was not fitted to."""
    print("\n| not fitted to | edge mean | edge max |\n|---|---|---|")
    for what, settings in (
        ("single-10", {"protocol": "single-10"}),
        ("1.5 mm voxels", {"voxel_mm": 1.5}),
        ("generic 2.1 mm, 35 mm", {"model": "generic-argon-2.1-35"}),
    ):
        seen, table = solved("lytic_lesion", **settings)
        error = summed_error(judged(law, [(table, seen)]))
        print(f"| {what} | {error.edge_mean_mm:.2f} mm | {error.edge_max_mm:.2f} mm |")


def _write(rows: list[dict[str, str]]) -> None:
    with TABLE.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _placement(number: int, x_mm: float, y_mm: float, model: str) -> Placement:
    known = knowledge().catalogue[model]
    tip_mm = -(known.active_zone_mm / 2 + known.tip_offset_mm)
    return Placement(label=f"P{number + 1}", model=model, entry_mm=(x_mm, y_mm, 60.0), target_mm=(x_mm, y_mm, tip_mm))


def _material(tissue: str) -> ThermalMaterial:
    tables = knowledge()
    blood = volumetric_blood_capacity_j_m3k(tables.tissues)
    if tissue.startswith("bone"):
        hu = float(tissue.split()[1])
        return thermal_material(tissue, {name: tables.bone.value(name, hu) for name in PROPERTY_UNITS}, blood)
    values = {name: quantity.value for name, quantity in find_tissue(tables.tissues, tissue).quantities().items()}
    return thermal_material(tissue, values, blood)


if __name__ == "__main__":
    sys.exit(main())

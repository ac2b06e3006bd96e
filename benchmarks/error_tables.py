"""The page on accuracy, from the runs of benchmarks/error_estimate.py."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from givre.assessment.discretisation import LEAST_VOXELS, Level, discretisation_error
from givre.assessment.figures import Figure
from givre.usecases.estimate_error import RATIO

RUNS = Path("build") / "error_estimate.jsonl"
Key = tuple[str, float, int, float]
"""Plan, voxel edge [mm], number of the shift, longest step [s]."""

USUAL_STEP_S = 10.0
CHOSEN_ON = 4
"""The factors were chosen on so many plans, the first."""

KINDS = {
    "volume": "volumes at or below 0, −20, −40 °C, lethal zone",
    "ice": "ice-ball: radius, length, widths",
    "margin": "margins: smallest, 5th percentile, mean",
    "coverage": "coverage, coverage with margin",
    "coldest": "coldest temperature of an organ",
    "to_ice": "distance from an organ to the ice",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One bar against the difference it should contain.

    Attributes:
        plan: whose.
        voxel_mm: of the finest of its lattices.
        kind: of figure, a key of `KINDS`.
        lattices: on which the bar rests.
        half_width: of the bar.
        missed: distance of the figure to that of the reference.
        roache: half width by the rule for two grids, order 1 and factor 3, from the figure's own change alone.
        unit: of all three.
        per_mm: change of the figure when the fronts move by 1 mm.
    """

    plan: str
    voxel_mm: float
    kind: str
    lattices: int
    half_width: float
    missed: float
    roache: float
    unit: str
    per_mm: float

    @property
    def is_contained(self) -> bool:
        """Whether the bar reaches the reference; one that is not a number does not."""
        return self.missed <= self.half_width


def page(reference_mm: float, voxels_mm: Sequence[float], plans: Sequence[str]) -> str:
    """The whole page."""
    runs = _runs()
    known = [plan for plan in plans if (plan, reference_mm, 0, USUAL_STEP_S) in runs]
    trials = [trial for plan in known for trial in _trials(runs, plan, reference_mm, voxels_mm)]
    chosen = [plan for plan in known if plan in plans[:CHOSEN_ON]]
    judged = [plan for plan in known if plan not in chosen]
    two = [trial for trial in trials if trial.lattices == 2]
    held = [trial for trial in two if trial.plan in judged]
    return _TEXT.format(
        reference=f"{reference_mm:g}",
        least=f"{LEAST_VOXELS:g}",
        ratio=f"{RATIO:g}",
        voxels=" and ".join(f"{voxel:g}" for voxel in voxels_mm),
        plans=len(judged),
        bars=len(held),
        contained=sum(trial.is_contained for trial in held),
        share=_share(held),
        roache=_share(held, roache=True),
        wider=f"{_mean(held, roache=True) / _mean(held):.1f}",
        kinds=_table("figure", KINDS.values(), [[t for t in held if t.kind == kind] for kind in KINDS]),
        plan_table=_table(
            "plan",
            [f"{plan} (chosen on)" if plan in chosen else plan for plan in known],
            [[t for t in two if t.plan == plan] for plan in known],
        ),
        sizes=_table(
            "voxel, lattices",
            [f"{voxel:g} mm, {count}" for voxel, count in product(voxels_mm, (2, 3))],
            [
                [t for t in trials if t.plan in judged and t.voxel_mm == voxel and t.lattices == count]
                for voxel, count in product(voxels_mm, (2, 3))
            ],
        ),
        steps=_step_table(runs, known, voxels_mm[-1]),
    )


def _runs() -> dict[Key, dict[str, Figure]]:
    found: dict[Key, dict[str, Figure]] = {}
    for line in RUNS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        plan, voxel_mm, shift, step_s = row["key"]
        if row["ending"] == "done":
            found[plan, voxel_mm, shift, step_s] = {
                key: Figure(value=value, unit=unit, per_mm=per_mm)
                for key, (value, unit, per_mm) in row["figures"].items()
            }
    return found


def _trials(
    runs: dict[Key, dict[str, Figure]], plan: str, reference_mm: float, voxels_mm: Sequence[float]
) -> Iterator[Trial]:
    """Every bar of a plan: each place of the fine voxels with each of the coarse ones."""
    truth = runs[plan, reference_mm, 0, USUAL_STEP_S]
    shifts = sorted({key[2] for key in runs if key[0] == plan})
    for voxel_mm, fine, coarse, count in product(voxels_mm, shifts, shifts, (2, 3)):
        keys = [(plan, voxel_mm * RATIO**n, fine if n == 0 else coarse, USUAL_STEP_S) for n in range(count)]
        if not all(key in runs for key in keys):
            continue
        error = discretisation_error([Level(voxel_mm=key[1], figures=runs[key]) for key in keys])
        for key, bar in error.bars.items():
            figure, again = runs[keys[0]][key], runs[keys[1]][key]
            if not np.isfinite(truth[key].value):
                continue  # nothing to compare with: an organ outside the domain
            yield Trial(
                plan=plan,
                voxel_mm=voxel_mm,
                kind=_kind(key),
                lattices=count,
                half_width=bar.half_width,
                missed=abs(figure.value - truth[key].value),
                roache=3.0 * abs(again.value - figure.value) / (RATIO - 1.0),
                unit=bar.unit,
                per_mm=figure.per_mm,
            )


def _kind(key: str) -> str:
    family, _, rest = key.partition(":")
    if family == "organ":
        return rest.rpartition(":")[2]
    return {"lethal": "volume", "coverage_with_margin": "coverage"}.get(family, family)


def _table(what: str, names: Iterable[str], groups: list[list[Trial]]) -> str:
    rows = [
        f"| {what} | bars | contain | mean ± [mm of front] | median miss / ± | worst miss / ± |",
        "|---|---|---|---|---|---|",
    ]
    for name, trials in zip(names, groups, strict=True):
        if trials:
            used = np.array([trial.missed / trial.half_width for trial in trials if trial.half_width > 0])
            rows.append(
                f"| {name} | {len(trials)} | {_share(trials)} | {_width(trials)} "
                f"| {np.median(used):.2f} | {used.max():.1f} |"
            )
    return "\n".join(rows)


def _share(trials: list[Trial], *, roache: bool = False) -> str:
    held = [trial.missed <= trial.roache if roache else trial.is_contained for trial in trials]
    return f"{100 * float(np.mean(held)):.0f} %"


def _width(trials: list[Trial]) -> str:
    width = _mean(trials)
    return f"{width:.2f}" if np.isfinite(width) else "–"


def _mean(trials: list[Trial], *, roache: bool = False) -> float:
    """Mean half width as a distance of the fronts [mm], over figures that move with them."""
    widths = [
        (trial.roache if roache else trial.half_width) / trial.per_mm
        for trial in trials
        if trial.per_mm > 0 and trial.kind != "coverage"
    ]
    return float(np.mean(widths)) if widths else float("nan")


def _step_table(runs: dict[Key, dict[str, Figure]], plans: Sequence[str], voxel_mm: float) -> str:
    rows = ["| plan | fronts move by, root mean square [mm] | largest [mm] |", "|---|---|---|"]
    short = {key[0]: key[3] for key in runs if key[3] != USUAL_STEP_S}
    for plan in plans:
        if plan not in short:
            continue
        usual, fine = runs[plan, voxel_mm, 0, USUAL_STEP_S], runs[plan, voxel_mm, 0, short[plan]]
        moved = np.array(
            [
                abs(fine[key].value - figure.value) / figure.per_mm
                for key, figure in usual.items()
                if figure.unit in ("mL", "mm") and np.isfinite(figure.value) and figure.per_mm > 0
            ]
        )
        rows.append(f"| {plan} | {np.sqrt((moved**2).mean()):.3f} | {moved.max():.3f} |")
    return "\n".join(rows)


_TEXT = """# Accuracy of the figures

<!-- Made by `python -m benchmarks.error_estimate`; change benchmarks/error_tables.py and make it again. -->

Every figure of a plan carries an error bar, ±, in the dossier, on the screen and in `results.json`. It says how far
**discretisation** may have put the figure: the distance to what an endlessly fine lattice and endlessly short steps
would give for the same plan. It does not say how far the figure is from the patient. The uncertainty of tissue
properties, of the probes, of contours and of the model itself is larger and is not in it:
[what the model does not know](limits.md).

## How it is made

The plan is solved a second time on voxels {ratio} times coarser, images, masks and tissue map included; on demand
(`--error-lattices 3`) a third time on voxels {ratio} times coarser still. Two things then show:

- the error of the scheme, which falls about in proportion to the voxel: a front of cold lies between voxels, and
  tissues are cut to voxels;
- what changes by chance with the place of the voxels: which tissue each of them takes, where a thin nerve falls
  between them. At 1.5 mm it is as large as the first. Two lattices may agree by such a chance, so the difference of
  one figure alone says too little; a third lattice shows an order only when the chance is small.

Each figure is therefore turned into a distance: by how much would the fronts of cold have to move to change it so
(volume over area, temperature over slope, margin as it is)? The bar is the largest of three such distances, times the
change of the figure per millimetre:

1. what the figure itself changed between the lattices, extrapolated (Richardson) with order 1;
2. what all volumes, lengths and distances of the plan changed, root mean square, extrapolated with order 1;
3. {least} voxel, less than which no bar was seen to hold.

With three lattices the first is replaced, where the three figures converge with an order between 0.5 and 2.5, by that
order with a factor 1.25 (grid convergence index), and is never less than the spread of the three where they do not.
A figure that is not a number on one lattice has no bar; a second run that does not end well gives no estimate, with
its reason. The ± that the dossier prints is rounded up and covers the rounding of the figure beside it.

## Does it hold?

Plans on voxels of {voxels} mm, voxels placed in three ways, against the same plan on voxels of {reference} mm. The
factors above were set on the first four plans, with an earlier reading of the isotherms, and not changed when the
others were solved. On these {plans} plans
**{contained} of {bars} bars ({share}) contained the difference**. The usual rule for two grids (order 1, factor 3,
from each figure's own change: Roache 1997) contains {roache}, with bars {wider} times as wide.

Judged on the plans that were not used to choose the factors, two lattices:

{kinds}

Each plan, two lattices:

{plan_table}

Voxel size and number of lattices, plans that were not used to choose the factors:

{sizes}

A bar of the coverage is 0 where the edge of the lethal zone lies clear of the tumour on both lattices. The largest
misses over ± are of organs far from the ice, a tenth to half a degree off with a bar below a tenth; printed, a bar is
never less than 1 °C. The worst plan has one probe in a lesion with a breached cortex: which voxels are cortex decides
there by how much the ice is narrower, up to 0.9 mm at 1.5 mm.

### What this does not show

- The reference has voxels of {reference} mm; it is not exact. The scans have voxels of 1.5 mm and more: what a finer
  scan would show is not in it.
- The mean ± of temperatures is theirs over the slope of the temperature at the organ; far from the ice that slope is
  small and the distance large.
- Phantoms and two scans, one kind of probe, one protocol. Bars of one plan are not independent: they fail together.
- At 1 mm and below the bars were not judged: no finer reference was computed.

## The time step

The same plans on voxels of 2 mm with steps of at most 1.5 s instead of 10 s (three to four times as many steps). The
bars hold no part for the step: it moves the fronts by less than a hundredth of them.

{steps}

Sources: Roache, Annu Rev Fluid Mech 29 (1997) 123; Celik et al., J Fluids Eng 130 (2008) 078001.
"""

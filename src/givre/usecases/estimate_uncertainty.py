"""Estimate how a plan comes out when needles, tissues, cryoprobes and the lethal threshold are not as tabulated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from givre.case.description import CaseDescription
from givre.case.knowledge import Knowledge
from givre.foundation.errors import InputError
from givre.geometry.grid import Grid
from givre.planning.trial.many import RunMany
from givre.planning.trial.quick_look import quick_look
from givre.planning.uncertainty.lattice import on_near_lattice, wide_enough
from givre.planning.uncertainty.probability import PlanUncertainty, figures_of_runs, uncertainty_of_plan
from givre.planning.uncertainty.sampled_run import UncertainCase, light_case
from givre.planning.uncertainty.sensitivity import (
    BOOTSTRAPS,
    FigureSensitivity,
    one_at_a_time,
    sensitivity_of,
    with_bars_of_runs,
)
from givre.planning.uncertainty.spread import SpreadSettings, usual_settings
from givre.planning.uncertainty.spread_plan import spread_of_plans
from givre.usecases.check_plan import check_plan
from givre.usecases.import_case import CaseImages

FINEST_MM, COARSEST_MM = 0.4, 2.5

UncertaintyStage = str
"""Part of the work: "sample", "sensitivity" or "tornado"."""
Told = Callable[[UncertaintyStage, int, int], bool]
"""Given the part, how much of it is done and how much there is, returns whether to go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UncertaintyWishes:
    """What is asked.

    Attributes:
        samples: how many draws; as many are used.
        seed: of the draws.
        spread: how wide the inputs spread.
        voxel_mm: edge of the voxels.
        bootstraps: behind each interval of the sensitivity.
        tornado_by_runs: whether each tornado is made of two more simulations for each input, in place of the emulator.
    """

    samples: int = 200
    seed: int = 0
    spread: SpreadSettings = field(default_factory=usual_settings)
    voxel_mm: float = 2.0
    bootstraps: int = BOOTSTRAPS
    tornado_by_runs: bool = False

    def __post_init__(self) -> None:
        if self.samples < 1:
            raise InputError(f"{self.samples} samples; give 1 or more: 200 are usual")
        if self.seed < 0:
            raise InputError(f"seed {self.seed}; give 0 or more")
        if not FINEST_MM <= self.voxel_mm <= COARSEST_MM:
            raise InputError(f"voxel {self.voxel_mm} mm; give {FINEST_MM} to {COARSEST_MM} mm")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UncertaintyResult:
    """How a plan comes out.

    Attributes:
        description: the case.
        wishes: what was asked.
        grid: the simulation lattice.
        uncertainty: distributions, chances and the probability map.
        sensitivity: what moves each figure, by its name.
        notes: of the tissue map.
        hashes: sha256 of the CT and of each mask, as far as they are files.
    """

    description: CaseDescription
    wishes: UncertaintyWishes
    grid: Grid
    uncertainty: PlanUncertainty
    sensitivity: dict[str, FigureSensitivity]
    notes: tuple[str, ...]
    hashes: Mapping[str, str] = field(default_factory=dict)


def estimate_uncertainty(
    description: CaseDescription,
    images: CaseImages,
    *,
    knowledge: Knowledge,
    run_many: RunMany,
    wishes: UncertaintyWishes | None = None,
    threads: int = 1,
    told: Told | None = None,
) -> UncertaintyResult:
    """Simulate the plan of a case many times, each time with another draw of what is uncertain.

    Args:
        description: the case with its probes.
        images: CT and masks.
        knowledge: catalogue and tables, whose spreads are used.
        run_many: runs the simulations.
        wishes: what is asked; the usual unless given.
        threads: processor threads of one simulation.
        told: told how far it is; may end it.

    Raises:
        InputError: if a number is out of range or a mask is missing.
        PlanError: if the plan cannot be carried out.
        Cancelled: if `told` ended it.
        SimulationError: if every sample failed.
    """
    asked = UncertaintyWishes() if wishes is None else wishes
    masks = {name: imported.mask for name, imported in images.masks.items()}
    check_plan(description, images.image.volume, knowledge.catalogue)
    prepared = wide_enough(
        description, images.image.volume, masks, knowledge=knowledge, voxel_mm=asked.voxel_mm, threads=threads
    )
    spread = spread_of_plans(prepared, [placement.model for placement in description.placements], asked.spread)
    shared = on_near_lattice(light_case(quick_look(prepared), spread, threads=threads), description.placements)
    uncertainty = uncertainty_of_plan(
        shared,
        description.placements,
        samples=asked.samples,
        seed=asked.seed,
        run_many=run_many,
        told=_stage(told, "sample"),
    )
    sensitivity = sensitivity_of(uncertainty, bootstraps=asked.bootstraps, told=_stage(told, "sensitivity"))
    if asked.tornado_by_runs:
        sensitivity = _with_tornado(shared, uncertainty, sensitivity, run_many, told)
    return UncertaintyResult(
        description=description,
        wishes=asked,
        grid=prepared.grid,
        uncertainty=uncertainty,
        sensitivity=sensitivity,
        notes=prepared.tissue_map.notes,
        hashes=images.hashes,
    )


def _with_tornado(
    shared: UncertainCase,
    uncertainty: PlanUncertainty,
    sensitivity: dict[str, FigureSensitivity],
    run_many: RunMany,
    told: Told | None,
) -> dict[str, FigureSensitivity]:
    rows = one_at_a_time(len(uncertainty.factors))
    figures = figures_of_runs(shared, uncertainty.placements, rows, run_many=run_many, told=_stage(told, "tornado"))
    return with_bars_of_runs(sensitivity, uncertainty.factors, figures)


def _stage(told: Told | None, name: UncertaintyStage) -> Callable[[int, int], bool] | None:
    if told is None:
        return None
    return lambda done, of: told(name, done, of)

"""Results of the planner for the small dossier, from formulas: plans, chances and sensitivities to write and tell."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from givre.assessment.result import Verdict, VerdictStatus
from givre.case.description import CaseDescription
from givre.dossier.inputs import DossierInputs
from givre.geometry.volume import Volume
from givre.planning.placement.result import (
    GROWN,
    Binding,
    FullCheck,
    PlacementResult,
    PlanGeometry,
    Proposal,
    Role,
    SolvedPlan,
)
from givre.planning.placement.score import Predicted
from givre.planning.placement.wishes import PlacementWishes
from givre.planning.surrogate.error import SurrogateError
from givre.planning.trial.quick_look import PlanFigures
from givre.planning.uncertainty.fields import SampleFields
from givre.planning.uncertainty.probability import FigureSpread, GoalChance, PlanUncertainty
from givre.planning.uncertainty.sampling import Draw
from givre.planning.uncertainty.sensitivity import FactorShare, FigureSensitivity, TornadoBar
from givre.planning.uncertainty.sensitivity_shares import NOT_GIVEN, Share
from givre.planning.uncertainty.spread import Factor, SplitLaw
from givre.usecases.estimate_uncertainty import UncertaintyResult, UncertaintyWishes
from givre.usecases.propose_plan import ProposedPlans, case_of

ORGAN = "organ:spinal_cord"
SMALL_HASHES = {"ct": "cd" * 32, "mask tumour": "aa" * 32, "mask spinal_cord": "bb" * 32}
SAMPLES = 40


def small_proposals(
    case: CaseDescription,
    *,
    is_feasible: bool = True,
    ended_early: bool = False,
    moved_mm: float = 0.0,
    hashes: Mapping[str, str] = SMALL_HASHES,
) -> ProposedPlans:
    """Two proposed plans: the probes of a case (moved by some millimetres), and its first probe alone.

    Args:
        case: with an organ at risk, which stands as "the cord" here.
        is_feasible: whether the first meets every goal; if not, its first organ at risk binds.
        ended_early: whether time was up.
        moved_mm: how far the tips are from those of the case.
        hashes: sha256 of the images of the case.
    """
    placements = tuple(
        replace(placed, target_mm=(placed.target_mm[0] + moved_mm, *placed.target_mm[1:])) for placed in case.placements
    )
    whole = replace(case, placements=placements)
    role: Role = "best" if is_feasible else "covers_most"
    plans = (
        _proposal(whole, 1, role, cord_c=12.4 if is_feasible else -6.2, grown=0.987),
        _proposal(replace(whole, placements=placements[:1]), 2, "fewer_probes", cord_c=21.7, grown=0.71),
    )
    binding = Binding(
        goal=f"organ:{case.organs_at_risk[0].structure}",
        missing=6.2,
        unit="degC",
        at_coverage=0.987,
        best_coverage=0.71,
        sentence="in English",
    )
    result = PlacementResult(
        proposals=plans,
        is_feasible=is_feasible,
        ended_early=ended_early,
        bindings=() if is_feasible else (binding,),
        tried=(),
        error=_error(4, 0.031, 0.8, 2.4),
        corrected_error=_error(0, math.nan, math.nan, math.nan),
        predictions=2120,
        simulations=7,
        full_checks=2,
        wishes=PlacementWishes(models=("m",), most_probes=4),
        goals=case.goals,
        directions=((0.0, 0.0, 1.0),),
    )
    return ProposedPlans(
        description=whole,
        result=result,
        cases=tuple(case_of(whole, plan) for plan in plans),
        assessments=(None, None),
        used_last_resort=False,
        is_skin_seen=True,
        hashes=dict(hashes),
    )


def _error(plans: int, coverage: float, edge_mm: float, organ_c: float) -> SurrogateError:
    return SurrogateError(
        plans=plans,
        coverage_mean=coverage,
        coverage_max=2 * coverage,
        edge_mean_mm=edge_mm,
        edge_max_mm=2 * edge_mm,
        organ_mean_c=organ_c,
        organ_max_c=2 * organ_c,
    )


def _proposal(case: CaseDescription, rank: int, role: Role, *, cord_c: float, grown: float) -> Proposal:
    figures = PlanFigures(
        ending="done",
        coverage=1.0,
        coverage_with_margin=grown,
        margin_mm=3.4,
        organ_coldest_c=dict.fromkeys((organ.structure for organ in case.organs_at_risk), cord_c),
        lethal_ml=11.0,
    )
    cord = _verdict(f"organ:{case.organs_at_risk[0].structure}", cord_c > 0, cord_c, 0.0, "degC")
    grown_verdict = _verdict(GROWN, grown >= 0.98, grown, 0.98, "1")
    case_verdicts = (_verdict("margin", False, 3.4, case.goals.margin_mm, "mm"), cord)
    plan = SolvedPlan(
        model="m",
        placements=case.placements,
        protocol=case.protocol,
        geometry=_geometry(len(case.placements)),
        predicted=Predicted(cost=0.0, coverage=1.0, grown_coverage=grown, organs_c={}, geometry_mm=0.0),
        coarse=figures,
        coarse_voxel_mm=2.0,
        full=FullCheck(figures=figures, verdicts=case_verdicts, voxel_mm=1.5),
        verdicts=(cord, grown_verdict),
    )
    return Proposal(rank=rank, role=role, why="in English", plan=plan, score=80.0, parts=())


def _verdict(goal: str, is_met: bool, value: float, limit: float, unit: str) -> Verdict:
    status: VerdictStatus = "met" if is_met else "not_met"
    return Verdict(goal=goal, status=status, value=value, limit=limit, unit=unit)


def _geometry(count: int) -> PlanGeometry:
    gap_mm = math.inf if count == 1 else 12.0
    return PlanGeometry(
        lengths_mm=(60.0,) * count,
        zone_gaps_mm=(gap_mm,) * count,
        least_zone_gap_mm=gap_mm,
        least_shaft_gap_mm=gap_mm,
        approach=(0.0, -1.0, 0.0),
        most_tilt_deg=3.0,
        is_skin_seen=(True,) * count,
        clearances_mm={"spinal_cord": 8.0},
    )


def small_uncertainty(inputs: DossierInputs, *, failed: int = 2, q2: float = 0.93) -> UncertaintyResult:
    """How the plan of a small dossier might come out: figures and chances from formulas, not from simulations.

    Args:
        inputs: the dossier, whose run gives the map.
        failed: samples without figures.
        q2: of the emulator of every figure; below 0.8 no shares are given.
    """
    case, steps = inputs.case, np.linspace(-1.0, 1.0, SAMPLES)
    steps[:failed] = math.nan
    spreads = {
        "coverage": ("1", 1.0, np.minimum(1.0, 0.98 + 0.05 * steps)),
        "coverage_with_margin": ("1", 0.97, np.clip(0.9 + 0.2 * steps, 0.0, 1.0)),
        "margin_mm": ("mm", 4.2, 4.0 + 3.0 * steps),
        "lethal_ml": ("mL", 11.0, 11.0 + 4.0 * steps),
        ORGAN: ("C", 12.6, 8.0 + 16.0 * steps),
    }
    figures = {
        name: FigureSpread(name=name, unit=unit, planned=planned, values=np.asarray(values))
        for name, (unit, planned, values) in spreads.items()
    }
    nothing = np.zeros((SAMPLES, 0), dtype=np.float32)
    chance = np.clip((np.asarray(inputs.run.coldest_c) - 5.0) / -50.0, 0.0, 1.0)
    uncertainty = PlanUncertainty(
        placements=case.placements,
        factors=small_factors(),
        draws=tuple(Draw(number=number, scores=(0.0,) * len(small_factors())) for number in range(SAMPLES)),
        seed=0,
        figures=figures,
        goals=_chances(figures, case),
        lethal_probability=Volume(grid=inputs.run.grid, values=chance.astype(np.float32), unit="1"),
        fields=SampleFields(margin_mm=nothing, tumour_c=nothing, shell_c=nothing, tumour_share=0.5),
        failures=tuple((number, "in English") for number in range(failed)),
    )
    return UncertaintyResult(
        description=case,
        wishes=UncertaintyWishes(samples=SAMPLES),
        grid=inputs.run.grid,
        uncertainty=uncertainty,
        sensitivity={name: _sensitivity(name, spread, q2) for name, spread in figures.items()},
        notes=(),
        hashes=SMALL_HASHES,
    )


def small_factors() -> tuple[Factor, ...]:
    """Four uncertain inputs of as many kinds, one of them alike for two probes."""

    def factor(what: str, group: str, span: tuple[float, float, float], unit: str, shown_for: str) -> Factor:
        law = SplitLaw(value=span[0], low=span[1], high=span[2], unit=unit)
        is_read = group == "soft"
        return Factor(
            what=what,
            group=group,
            law=law,
            shown_for=shown_for,
            source="Hasgall 2022" if is_read else "as a robot did",
            status="verified" if is_read else "assumption",
        )

    return (
        factor("conductivity_frozen_w_mk", "soft", (1.45, 1.16, 1.86), "W/mK", "muscle"),
        factor("lethal_temp_c", "goal", (-20.0, -29.8, -10.2), "C", "goal"),
        factor("along_mm", "P1", (0.0, -4.9, 4.9), "mm", "P1"),
        factor("along_mm", "P2", (0.0, -4.9, 4.9), "mm", "P2"),
    )


def _chances(figures: Mapping[str, FigureSpread], case: CaseDescription) -> tuple[GoalChance, ...]:
    wanted = (
        ("coverage", "coverage", case.goals.coverage, "1"),
        ("margin", "margin_mm", case.goals.margin_mm, "mm"),
        (ORGAN, ORGAN, 0.0, "C"),
    )
    met = {goal: figures[name].values > limit - 1e-9 for goal, name, limit, _ in wanted}
    every = np.logical_and.reduce(list(met.values()))
    told = [(goal, limit, unit, int(met[goal].sum())) for goal, _, limit, unit in wanted]
    return tuple(
        GoalChance(goal=goal, wanted=limit, unit=unit, met=count, samples=SAMPLES, planned=goal != "margin")
        for goal, limit, unit, count in (*told, ("all", math.nan, "1", int(every.sum())))
    )


def _sensitivity(name: str, spread: FigureSpread, q2: float) -> FigureSensitivity:
    is_known = q2 >= 0.8
    shares = [Share(value=value, low=value - 0.05, high=value + 0.06) for value in (0.31, 0.24, 0.22, 0.12)]
    factors = small_factors()
    return FigureSensitivity(
        figure=name,
        unit=spread.unit,
        runs=SAMPLES - spread.failed,
        q2=q2,
        why_not="" if is_known else "poor_q2",
        factors=tuple(
            FactorShare(
                name=factor.name,
                main=share if is_known else NOT_GIVEN,
                total=share if is_known else NOT_GIVEN,
                main_by_data=share,
            )
            for factor, share in zip(factors, shares, strict=True)
        ),
        groups=tuple(
            FactorShare(name=factor.group, main=share, total=share, main_by_data=NOT_GIVEN)
            for factor, share in zip(factors, shares, strict=True)
        )
        if is_known
        else (),
        centre=spread.planned,
        bars=tuple(
            TornadoBar(
                name=factor.name,
                input_low=factor.law.low,
                input_high=factor.law.high,
                at_low=spread.planned - share.value,
                at_high=spread.planned + share.value,
            )
            for factor, share in zip(factors, shares, strict=True)
        )
        if is_known
        else (),
    )

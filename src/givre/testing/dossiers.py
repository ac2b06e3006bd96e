"""A small, complete set of dossier inputs made from formulas, to test what writes and draws a dossier."""

from __future__ import annotations

import numpy as np

from givre.assessment.assess import assess_plan
from givre.case.description import (
    CaseDescription,
    ImageReference,
    SimulationSettings,
    StructureReference,
)
from givre.case.goals import Goals, OrganAtRisk
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import TEMPLATES
from givre.dossier.inputs import DossierInputs, ProbeFacts, PropertyFact, Provenance
from givre.dossier.views import active_zone
from givre.foundation.quantity import Status
from givre.geometry.grid import Grid, Point
from givre.geometry.resampling import cubic_grid_around
from givre.geometry.volume import Mask, Volume
from givre.testing.runs import analytic_run
from givre.testing.spheres import sphere_mask
from givre.usecases.import_report import Finding, ImportReport

CENTRE_MM: Point = (30.0, -20.0, 100.0)
"""Middle of the tumour: off the origin on every axis, so that a swapped axis shows."""
MARKER_MM: Point = (48.0, -38.0, 118.0)
"""A dense ball to the patient's left, in front and towards the head of the tumour."""
MARKER_HU = 2500.0


def small_dossier_inputs(
    *,
    title: str = "Métastase lytique de L3",
    question: str = "Une cryoablation est-elle faisable ?",
    synthetic: str = "tout : os, lésion et températures viennent de formules",
    cord_offset_mm: float = 26.0,
    ice_radius_mm: float = 16.0,
) -> DossierInputs:
    """A tumour in a bone cylinder, two probes from behind, a cord beside it, a marker off the axes.

    Args:
        title: of the case.
        question: to the tumour board.
        synthetic: what is not from a patient.
        cord_offset_mm: how far behind the tumour centre the cord runs.
        ice_radius_mm: radius of the 0 °C isotherm around one probe alone.
    """
    grid = Grid(shape=(44, 50, 48), spacing_mm=(2.0, 2.0, 2.0), origin_mm=(-18.0, -68.0, 57.0))
    masks = _masks(grid, cord_offset_mm)
    case = _case(title, question, synthetic, tuple(masks))
    probes = tuple(_facts(placement) for placement in case.placements)
    zones = [active_zone(placement, facts) for placement, facts in zip(case.placements, probes, strict=True)]
    ends_mm = np.array([point for zone in zones for point in (zone.start_mm, zone.end_mm)])
    run = analytic_run(
        cubic_grid_around(ends_mm, grid, spacing_mm=2.5, margin_mm=30.0),
        zones,
        ice_radius_mm=ice_radius_mm,
        structures={name: masks[name] for name in ("tumour", "spinal_cord")},
        points_mm={"tumour_centre": CENTRE_MM},
    )
    organs = {"spinal_cord": masks["spinal_cord"]}
    assessment = assess_plan(
        run, tumour=masks["tumour"], organs=organs, goals=case.goals, organs_at_risk=case.organs_at_risk
    )
    return DossierInputs(
        case=case,
        ct=Volume(grid=grid, values=_hu(grid, masks), unit="HU"),
        masks=masks,
        run=run,
        assessment=assessment,
        probes=probes,
        properties=_properties(),
        tissue_shares={"muscle": 0.61, "trabecular_bone": 0.36, "cord": 0.03},
        extrapolated_fraction=0.04,
        import_reports=(_report(),),
        notes=("12 voxels are metal: their neighbours carry streak artefacts and their HU is less certain",),
        provenance=Provenance(
            date="2026-03-01",
            versions={"givre": "0.1.0", "numpy": "2.4.6"},
            hashes={"case": "ab" * 32, "ct": "cd" * 32},
        ),
    )


def _masks(grid: Grid, cord_offset_mm: float) -> dict[str, Mask]:
    centres_mm = grid.voxel_centres_mm()
    x, y, _ = CENTRE_MM
    tumour = sphere_mask(grid, CENTRE_MM, 9.0)
    axis_mm = np.hypot(centres_mm[..., 0] - x, centres_mm[..., 1] - y)
    cord_mm = np.hypot(centres_mm[..., 0] - x + 8.0, centres_mm[..., 1] - y - cord_offset_mm)
    return {
        "tumour": tumour,
        "bone": Mask(grid=grid, inside=(axis_mm <= 18.0) & ~tumour.inside, name="bone"),
        "spinal_cord": Mask(grid=grid, inside=cord_mm <= 5.0, name="spinal_cord"),
    }


def _hu(grid: Grid, masks: dict[str, Mask]) -> np.ndarray:
    values = np.full(grid.shape, 50.0, dtype=np.float32)
    values[masks["bone"].inside] = 400.0
    values[sphere_mask(grid, MARKER_MM, 5.0).inside] = MARKER_HU
    return values


def _case(title: str, question: str, synthetic: str, structures: tuple[str, ...]) -> CaseDescription:
    x, y, z = CENTRE_MM
    return CaseDescription(
        case_id="givre-test-01",
        title=title,
        question=question,
        anatomy="Corps vertébral de L3",
        lesion_kind="lytic",
        synthetic=synthetic,
        image=ImageReference(path="ct.nii.gz"),
        structures=tuple(StructureReference(name=name, path=f"{name}.nii.gz") for name in structures),
        placements=(
            Placement(label="P1", model="m", entry_mm=(x + 40.0, y + 52.0, z + 12.0), target_mm=(x - 4.0, y - 8.0, z)),
            Placement(
                label="P2", model="m", entry_mm=(x + 52.0, y + 40.0, z - 8.0), target_mm=(x + 2.0, y - 8.0, z - 4.0)
            ),
        ),
        protocol=TEMPLATES["10-8-10"],
        goals=Goals(lethal_temp_c=-20.0, margin_mm=5.0, coverage=1.0, source="JVIR 2009;20:1343", status="secondary"),
        organs_at_risk=(
            OrganAtRisk(
                structure="spinal_cord", limit_temp_c=0.0, alarm_temp_c=10.0, source="AJNR 2024", status="assumption"
            ),
        ),
        settings=SimulationSettings(),
    )


def _facts(placement: Placement) -> ProbeFacts:
    return ProbeFacts(
        label=placement.label,
        model_name="IceSphere 1.5 CX",
        diameter_mm=1.5,
        active_length_mm=22.0,
        tip_offset_mm=2.0,
        effective_temp_c=-140.0,
        effective_temp_low_c=-160.0,
        effective_temp_high_c=-110.0,
        source="IceFX brochure",
        status="recalled",
    )


def _properties() -> tuple[PropertyFact, ...]:
    statuses: tuple[Status, ...] = ("verified", "secondary", "recalled")
    rows = (
        ("muscle", "conductivity_unfrozen_w_mk", (0.49, 0.4, 0.6), "W/mK"),
        ("muscle", "density_kg_m3", (1090.0, 1057.0, 1123.0), "kg/m3"),
        ("fat", "perfusion_ml_min_kg", (33.0, 16.5, 66.0), "ml/min/kg"),
    )
    return tuple(
        PropertyFact(
            tissue=tissue,
            quantity=name,
            value=span[0],
            low=span[1],
            high=span[2],
            unit=unit,
            source="Hasgall 2022",
            status=status,
        )
        for (tissue, name, span, unit), status in zip(rows, statuses, strict=True)
    )


def _report() -> ImportReport:
    return ImportReport(
        source="ct.nii.gz",
        kind="CT, NIfTI",
        findings=(
            Finding(
                code="UNIT_ASSUMED", severity="assumed", sentence="xyzt_units is not set; millimetres were assumed"
            ),
            Finding(code="SOMETHING_NEW", severity="warning", sentence="a thing nobody translated"),
        ),
    )

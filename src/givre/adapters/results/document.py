"""The content of results.json: every figure of a plan, finite or null with its reason."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from givre.adapters.results.directory import SCHEMA_NAME
from givre.adapters.results.error_bars import error_json, size_json
from givre.adapters.results.numbers import Json, plain, with_reasons
from givre.assessment.discretisation import DiscretisationError
from givre.assessment.ice_size import IceSize
from givre.assessment.result import Assessment, Exposure, Verdict
from givre.assessment.thermocouples import ExpectedReading, expected_readings
from givre.bioheat.run import ThermalRun
from givre.case.description import CaseDescription
from givre.dossier.inputs import ProbeFacts, PropertyFact, Provenance
from givre.usecases.import_report import ImportReport

SCHEMA_VERSION = "1.3"
"""Grows by its second number when something is added, by its first when something changes meaning."""
NOTICE = "Research use, not a medical device."

NO_ORGAN = "no organ at risk described: none was judged"

_OUTSIDE = "the structure lies outside the simulated domain"
_OUTSIDE_POINT = "the junction lies outside the simulated domain"
_BOUND = (
    "the part outside the simulated domain is at least as warm as the coldest face of the domain: no place of the "
    "structure was colder than this"
)
_WHOLE = 1.0 - 1e-6
_NO_ZONE = "no voxel reached the lethal zone"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ResultsContents:
    """What a folder of results is written from.

    Attributes:
        description: the case.
        run: the simulation.
        assessment: what was judged about it.
        probes: what was taken for each cryoprobe.
        properties: tissue values used.
        import_reports: how each image and mask was read.
        provenance: versions, hashes and date.
        tissue_shares: share of the simulated domain made of each tissue.
        extrapolated_fraction: share of the domain outside the CT.
        settings: how givre was called ("seed", "threads", ...), echoed.
        size: how large the ice-ball is along and across the probes.
        error: how far off its discretisation may put each figure.
    """

    description: CaseDescription
    run: ThermalRun
    assessment: Assessment
    probes: tuple[ProbeFacts, ...]
    provenance: Provenance
    import_reports: tuple[ImportReport, ...] = ()
    properties: tuple[PropertyFact, ...] = ()
    tissue_shares: Mapping[str, float] = field(default_factory=dict)
    extrapolated_fraction: float = 0.0
    settings: Mapping[str, str | int | float | None] = field(default_factory=dict)
    size: IceSize | None = None
    error: DiscretisationError | None = None


def results_document(contents: ResultsContents, *, files: Sequence[Json], absent: Sequence[str]) -> Json:
    """The whole document.

    Args:
        contents: the plan and its results.
        files: path, size and hash of each file beside results.json.
        absent: surfaces that could not be written, in words.
    """
    run, assessment = contents.run, contents.assessment
    return {
        "schema": SCHEMA_NAME,
        "schema_version": SCHEMA_VERSION,
        "notice": NOTICE,
        "case": _case(contents),
        "status": {
            "ending": run.status.ending,
            "sentence": run.status.sentence,
            "is_usable": run.status.is_usable,
            "is_safe": assessment.is_safe and run.status.is_usable,
            "organs_at_risk_judged": len(assessment.exposures),
            "remark": "" if assessment.exposures else NO_ORGAN,
        },
        "verdicts": [_verdict(verdict) for verdict in assessment.verdicts],
        "goals": asdict(contents.description.goals),
        "coverage": _coverage(assessment),
        "margins": _margins(assessment),
        "organs_at_risk": [_exposure(exposure) for exposure in assessment.exposures],
        "ice_ball_size": size_json(contents.size),
        "discretisation": error_json(contents.error),
        "protocol": _protocol(contents.description),
        "probes": _probes(contents),
        "thermocouples": [
            _thermocouple(expected) for expected in expected_readings(run, contents.description.thermocouples)
        ],
        "simulation": _simulation(contents),
        "energy_balance": _energy(run),
        "tissues": _tissues(contents),
        "import": [import_json(report) for report in contents.import_reports],
        "provenance": {
            "date": contents.provenance.date,
            "versions": dict(contents.provenance.versions),
            "hashes": dict(contents.provenance.hashes),
            "settings": dict(contents.settings),
            "computing_s": round(float(run.wall_s), 3),
        },
        "files": list(files),
        "absent": list(absent),
    }


def import_json(report: ImportReport) -> Json:
    """One import report; a fact that is not finite is null with its reason, like everything else."""
    return {**report.as_json(), "facts": with_reasons(report.facts, why="the file gives no number")}


def listed_files(folder: Path) -> list[Json]:
    """Path, size and sha256 of every file of a folder, sorted."""
    listed: list[Json] = []
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            with file.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            listed.append({"path": file.relative_to(folder).as_posix(), "bytes": file.stat().st_size, "sha256": digest})
    return listed


def _case(contents: ResultsContents) -> Json:
    description = contents.description
    image, masks = _imported_names(contents)
    return {
        "id": description.case_id,
        "title": description.title,
        "question": description.question,
        "anatomy": description.anatomy,
        "lesion_kind": description.lesion_kind,
        "synthetic": description.synthetic,
        "image": image,
        "structures": [
            {"name": structure.name, "file": file}
            for structure, file in zip(description.structures, masks, strict=True)
        ],
    }


def _imported_names(contents: ResultsContents) -> tuple[str, list[str]]:
    """The names of the CT and of each mask as their imports reported them; neutral words without such a report.

    A path is never the source of a name: a folder or a file is often named after the patient.
    """
    reports, structures = contents.import_reports, contents.description.structures
    if len(reports) == 1 + len(structures):  # the CT, then each mask in the order of the case
        return reports[0].source, [report.source for report in reports[1:]]
    return "ct", [f"mask {structure.name}" for structure in structures]


def _verdict(verdict: Verdict) -> Json:
    numbers = with_reasons(
        {"value": plain(verdict.value), "limit": plain(verdict.limit)},
        why={"value": "the figure could not be computed; it counts as a failure", "limit": "no limit was given"},
    )
    return {"goal": verdict.goal, "status": verdict.status, "unit": verdict.unit, **numbers}


def _coverage(assessment: Assessment) -> Json:
    keys = ("tumour_ml", "ice_ball_ml", "lethal_ml", "coverage", "coverage_with_margin")
    numbers = {key: plain(getattr(assessment, key)) for key in keys}
    isotherms = [
        {"temp_c": plain(temp_c), **with_reasons({"volume_ml": plain(volume_ml)}, why="no volume was found")}
        for temp_c, volume_ml in sorted(assessment.isotherm_ml.items(), reverse=True)
    ]
    return {**with_reasons(numbers, why="the figure could not be computed"), "isotherms": isotherms}


def _margins(assessment: Assessment) -> Json:
    margin = assessment.margin
    return {
        **with_reasons(
            {
                "minimum_mm": plain(margin.minimum_mm),
                "mean_mm": plain(margin.mean_mm),
                "percentile_5_mm": plain(margin.percentile_5_mm),
                "where_minimum_mm": [plain(value) for value in margin.where_minimum_mm],
            },
            why=_NO_ZONE,
        ),
        "where_minimum": margin.where_minimum,
    }


def _exposure(exposure: Exposure) -> Json:
    numbers = with_reasons(
        {
            "coldest_c": plain(exposure.coldest_c),
            "where_coldest_mm": [plain(value) for value in exposure.where_coldest_mm],
            "time_below_limit_s": plain(exposure.time_below_limit_s),
            "volume_below_limit_ml": plain(exposure.volume_below_limit_ml),
            "distance_to_ice_mm": plain(exposure.distance_to_ice_mm),
            "distance_to_tumour_mm": plain(exposure.distance_to_tumour_mm),
            "fraction_simulated": plain(exposure.fraction_simulated),
        },
        why=dict.fromkeys(("coldest_c", "where_coldest_mm", "time_below_limit_s", "volume_below_limit_ml"), _OUTSIDE)
        | {
            "distance_to_ice_mm": "there is no ice, or the structure lies outside the simulated domain",
            "distance_to_tumour_mm": "the tumour or the structure is empty",
            "fraction_simulated": "the structure is empty",
        },
    )
    return {
        "structure": exposure.organ.structure,
        "limit_temp_c": exposure.organ.limit_temp_c,
        "alarm_temp_c": exposure.organ.alarm_temp_c,
        "source": exposure.organ.source,
        "status": exposure.organ.status,
        "verdict": exposure.verdict.status,
        **numbers,
        **_bound(exposure),
    }


def _bound(exposure: Exposure) -> Json:
    """What stands for the temperature of a structure that was not simulated whole; nothing for one that was."""
    if exposure.fraction_simulated >= _WHOLE:
        return {}
    value = plain(exposure.verdict.value)
    if exposure.verdict.status == "unknown" or not math.isfinite(value):
        return {"bound_c": None, "bound_reason": "the run says nothing of what lies outside the simulated domain"}
    return {"bound_c": value, "bound_reason": _BOUND}


def _protocol(description: CaseDescription) -> Json:
    protocol = description.protocol
    return {
        "name": protocol.name,
        "duration_s": protocol.duration_s,
        "phases": [{"kind": phase.kind, "duration_s": phase.duration_s} for phase in protocol.phases],
    }


def _probes(contents: ResultsContents) -> list[Json]:
    facts = {fact.label: fact for fact in contents.probes}
    return [
        {
            "label": placement.label,
            "model": placement.model,
            "entry_mm": list(placement.entry_mm),
            "target_mm": list(placement.target_mm),
            "depth_mm": plain(placement.depth_mm),
            "start_s": placement.start_s,
            "power": placement.power,
            "freezes": placement.freezes or contents.description.protocol.freeze_count,
            "facts": _facts(facts.get(placement.label)),
        }
        for placement in contents.description.placements
    ]


def _thermocouple(expected: ExpectedReading) -> Json:
    thermocouple = expected.thermocouple
    keys = ("coldest_c", "coldest_s", "final_c", "gradient_c_mm", "uncertainty_c")
    return {
        "label": thermocouple.label,
        "point_mm": list(thermocouple.point_mm),
        "position_mm": thermocouple.position_mm,
        "reading_c": thermocouple.reading_c,
        "curve": thermocouple.key,
        **with_reasons({key: plain(getattr(expected, key)) for key in keys}, why=_OUTSIDE_POINT),
    }


def _facts(facts: ProbeFacts | None) -> Json:
    return with_reasons(asdict(facts), why="unknown") if facts else {}


def _simulation(contents: ResultsContents) -> Json:
    run, settings = contents.run, contents.description.settings
    options = {"room_temp_c": settings.room_temp_c, "stasis_below_c": settings.stasis_below_c}
    return {
        "problem_hash": run.problem_hash,
        "voxel_mm": settings.voxel_mm,
        "domain_margin_mm": settings.domain_margin_mm,
        "body_temp_c": settings.body_temp_c,
        "steps": run.steps,
        "grid": {
            "shape_kji": list(run.grid.shape),
            "spacing_kji_mm": [plain(value) for value in run.grid.spacing_mm],
            "origin_lps_mm": [plain(value) for value in run.grid.origin_mm],
            "axes_kji_lps": [[plain(value) for value in axis] for axis in run.grid.axes],
        },
        **with_reasons({"extrapolated_fraction": plain(contents.extrapolated_fraction)}, why="unknown"),
        **{key: value for key, value in options.items() if value is not None},
    }


def _energy(run: ThermalRun) -> Json:
    keys = ("stored_j", "probes_j", "blood_j", "boundary_j", "error_j", "relative_error")
    return with_reasons({key: plain(getattr(run.energy, key)) for key in keys}, why="the run did not end well")


def _tissues(contents: ResultsContents) -> Json:
    return {
        "shares": with_reasons({name: plain(share) for name, share in contents.tissue_shares.items()}, why="unknown"),
        "properties": [with_reasons(asdict(fact), why="unknown") for fact in contents.properties],
    }

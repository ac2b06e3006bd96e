"""The sections made of tables: organs at risk, probes, protocol, unverified values, provenance."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from givre.assessment.result import Exposure
from givre.cryoprobe.placement import Placement
from givre.dossier.content import Block, Cell, Column, Paragraph, Section, Table
from givre.dossier.error_bars import found_with_bar, with_bar
from givre.dossier.inputs import DossierInputs, ProbeFacts
from givre.dossier.phrasing import Phrasing, capitalised, coldest_face_c
from givre.dossier.summary import SYMBOLS, expected_error_mm
from givre.dossier.thermocouples import part_power_notes, thermocouple_table
from givre.dossier.views import active_zone
from givre.geometry.line import Segment

_SAMPLES = 201
_WHOLE = 1.0 - 1e-6


def organs_section(inputs: DossierInputs, say: Phrasing) -> Section:
    """What each organ at risk goes through."""
    words = say.words
    exposures = inputs.assessment.exposures
    if not exposures:
        blocks: list[Block] = [Paragraph(text=words("organs.none"), tone="unknown")]
        return Section(key="organs", title=words("section.organs"), blocks=tuple(blocks), starts_page=True)
    layout = {
        "organ": (False, 1.5),
        "coldest": (True, 0.9),
        "limits": (True, 1.1),
        "time": (True, 1.0),
        "volume": (True, 1.0),
        "ice": (True, 1.2),
        "tumour": (True, 1.0),
        "seen": (True, 0.9),
        "verdict": (False, 1.4),
    }
    table = Table(
        key="organs",
        caption=words("organs.caption", error=say.numbers.decimal(expected_error_mm())),
        columns=_columns(say, "organs", layout),
        rows=tuple(_organ_row(exposure, inputs, say) for exposure in exposures),
    )
    blocks = [table]
    partly = [say.structure(found.organ.structure) for found in exposures if not found.fraction_simulated >= _WHOLE]
    if partly:
        face = say.numbers.temperature(coldest_face_c(inputs.run))
        key = "organs.partly" if inputs.run.status.is_usable else "organs.partly_unknown"
        blocks.append(Paragraph(text=words(key, organs=", ".join(partly), face=face), tone="warning"))
    return Section(key="organs", title=words("section.organs"), blocks=tuple(blocks), starts_page=True)


def _organ_row(exposure: Exposure, inputs: DossierInputs, say: Phrasing) -> tuple[Cell, ...]:
    numbers, verdict = say.numbers, exposure.verdict
    found = found_with_bar(verdict, inputs, say)
    to_ice = numbers.distance(exposure.distance_to_ice_mm)
    if exposure.distance_to_ice_mm < 0:
        to_ice = say.words("organs.inside_ice", distance=to_ice)
    to_ice = with_bar(to_ice, f"organ:{exposure.organ.structure}:to_ice", inputs, say)
    limits = f"{say.threshold(exposure.organ.limit_temp_c)} / {say.threshold(exposure.organ.alarm_temp_c)}"
    return (
        Cell(text=capitalised(say.structure(exposure.organ.structure))),
        Cell(text=found, tone=verdict.status),
        Cell(text=limits),
        Cell(text=numbers.duration(exposure.time_below_limit_s)),
        Cell(text=numbers.volume(exposure.volume_below_limit_ml)),
        Cell(text=to_ice),
        Cell(text=numbers.distance(exposure.distance_to_tumour_mm)),
        Cell(text=numbers.percent(exposure.fraction_simulated)),
        Cell(text=f"{SYMBOLS[verdict.status]} {say.words(f'verdict.{verdict.status}')}", tone=verdict.status),
    )


def probes_section(inputs: DossierInputs, say: Phrasing) -> Section:
    """The probes, their trajectories, the spacing between them and the protocol."""
    blocks: list[Block] = [_probe_table(inputs, say)]
    uncalibrated = [probe.label for probe in inputs.probes if not probe.calibrated]
    if uncalibrated:
        blocks.append(Paragraph(text=say.words("probes.uncalibrated", probes=", ".join(uncalibrated)), tone="warning"))
    blocks += part_power_notes(inputs, say)
    blocks.append(_geometry_table(inputs, say))
    if len(inputs.probes) > 1:
        blocks.append(_spacing_table(inputs, say))
    blocks.append(_protocol_table(inputs, say))
    if inputs.case.thermocouples:
        blocks.append(thermocouple_table(inputs, say))
    return Section(key="probes", title=say.words("section.probes"), blocks=tuple(blocks))


def _columns(say: Phrasing, family: str, layout: dict[str, tuple[bool, float]]) -> tuple[Column, ...]:
    """Columns by key; each says whether it holds numbers and how wide it is."""
    return tuple(
        Column(title=say.words(f"{family}.column_{key}"), align="right" if is_number else "left", share=share)
        for key, (is_number, share) in layout.items()
    )


def _probe_table(inputs: DossierInputs, say: Phrasing) -> Table:
    layout = {
        "label": (False, 0.7),
        "model": (False, 1.9),
        "diameter": (True, 0.9),
        "active": (True, 0.9),
        "temp": (True, 2.0),
        "status": (False, 1.3),
        "calibration": (False, 1.7),
    }
    return Table(
        key="probes",
        caption=say.words("probes.caption"),
        columns=_columns(say, "probes", layout),
        rows=tuple(_probe_row(probe, say) for probe in inputs.probes),
    )


def _probe_row(probe: ProbeFacts, say: Phrasing) -> tuple[Cell, ...]:
    temp = say.words(
        "probes.temp_range",
        value=say.threshold(probe.effective_temp_c),
        low=say.numbers.plain(probe.effective_temp_low_c),
        high=say.numbers.plain(probe.effective_temp_high_c),
    )
    return (
        Cell(text=probe.label),
        Cell(text=probe.model_name),
        Cell(text=say.numbers.with_unit(probe.diameter_mm, "mm", 1)),
        Cell(text=say.numbers.with_unit(probe.active_length_mm, "mm")),
        Cell(text=temp),
        status_cell(probe.status, say),
        _calibration_cell(probe, say),
    )


def _calibration_cell(probe: ProbeFacts, say: Phrasing) -> Cell:
    if not probe.calibrated:
        return Cell(text=say.words("unverified.flag", status=say.words("probes.not_calibrated")), tone="warning")
    worst = say.numbers.with_unit(probe.calibration_worst_mm, "mm", 1)
    return Cell(text=say.words("probes.calibrated", sizes=str(probe.calibration_sizes), worst=worst))


def status_cell(status: str, say: Phrasing) -> Cell:
    """How far to trust a number; all but verified are flagged."""
    text = say.words(f"status.{status}")
    if status == "verified":
        return Cell(text=text)
    return Cell(text=say.words("unverified.flag", status=text), tone="warning")


def _geometry_table(inputs: DossierInputs, say: Phrasing) -> Table:
    layout = {
        "label": (False, 0.7),
        "entry": (True, 2.1),
        "target": (True, 2.1),
        "depth": (True, 1.25),
        "axial": (True, 1.5),
        "sagittal": (True, 1.5),
        "start": (True, 0.7),
    }
    return Table(
        key="geometry",
        caption=say.words("probes.geometry_caption"),
        columns=_columns(say, "probes", layout),
        rows=tuple(_geometry_row(placement, say) for placement in inputs.case.placements),
    )


def _geometry_row(placement: Placement, say: Phrasing) -> tuple[Cell, ...]:
    direction = Segment(start_mm=placement.entry_mm, end_mm=placement.target_mm).direction
    return (
        Cell(text=placement.label),
        Cell(text=say.numbers.position(placement.entry_mm)),
        Cell(text=say.numbers.position(placement.target_mm)),
        Cell(text=say.numbers.with_unit(placement.depth_mm, "mm")),
        Cell(text=_tilt(float(direction[2]), "HF", say)),
        Cell(text=_tilt(float(direction[0]), "LR", say)),
        Cell(text=say.numbers.duration(placement.start_s)),
    )


def _tilt(component: float, letters: str, say: Phrasing) -> str:
    """Angle of the way in to a plane whose normal it has this component along, and towards which side it goes."""
    degrees = float(np.degrees(np.arcsin(np.clip(component, -1.0, 1.0))))
    if abs(degrees) < 0.5:
        return say.words("probes.angle_none")
    side = letters[0] if degrees > 0 else letters[1]
    direction = say.words(f"direction.{side}")
    return say.words("probes.angle", degrees=say.numbers.decimal(abs(degrees)), direction=direction)


def _spacing_table(inputs: DossierInputs, say: Phrasing) -> Table:
    layout = {"pair": (False, 1.0), "gap": (True, 1.0), "tips": (True, 1.0), "parallel": (True, 1.0)}
    pairs = combinations(zip(inputs.case.placements, inputs.probes, strict=True), 2)
    return Table(
        key="spacing",
        caption=say.words("probes.spacing_caption"),
        columns=_columns(say, "probes", layout),
        rows=tuple(_spacing_row(first, second, say) for first, second in pairs),
    )


def _spacing_row(
    first: tuple[Placement, ProbeFacts], second: tuple[Placement, ProbeFacts], say: Phrasing
) -> tuple[Cell, ...]:
    zones = active_zone(*first), active_zone(*second)
    along = zones[0].point_mm(np.linspace(0.0, zones[0].length_mm, _SAMPLES))
    gap_mm = float(zones[1].distance_mm(along).min())
    tips_mm = float(np.linalg.norm(np.subtract(first[0].target_mm, second[0].target_mm)))
    cosine = float(np.clip(zones[0].direction @ zones[1].direction, -1.0, 1.0))
    return (
        Cell(text=f"{first[0].label}\u2013{second[0].label}"),
        Cell(text=say.numbers.with_unit(gap_mm, "mm", 1)),
        Cell(text=say.numbers.with_unit(tips_mm, "mm", 1)),
        Cell(text=f"{say.numbers.decimal(float(np.degrees(np.arccos(cosine))))}°"),
    )


def _protocol_table(inputs: DossierInputs, say: Phrasing) -> Table:
    layout = {"phase": (False, 2.0), "from": (True, 1.0), "to": (True, 1.0), "duration": (True, 1.0)}
    rows, begins_s = [], 0.0
    for phase in inputs.case.protocol.phases:
        ends_s = begins_s + phase.duration_s
        spans = (begins_s, ends_s, phase.duration_s)
        name = Cell(text=capitalised(say.words(f"probes.{phase.kind}")))
        rows.append((name, *(Cell(text=say.numbers.duration(span)) for span in spans)))
        begins_s = ends_s
    return Table(
        key="protocol",
        caption=say.words("probes.protocol_caption", name=inputs.case.protocol.name),
        columns=_columns(say, "probes", layout),
        rows=tuple(rows),
    )

"""What the thermocouples should read, and which probes differ from full power: notes for the day of the treatment."""

from __future__ import annotations

from givre.assessment.thermocouples import ExpectedReading, expected_readings
from givre.dossier.content import Cell, Column, Paragraph, Table
from givre.dossier.inputs import DossierInputs
from givre.dossier.phrasing import Phrasing

_COLUMNS = {
    "label": (False, 0.8),
    "point": (True, 2.0),
    "coldest": (True, 1.1),
    "when": (True, 1.0),
    "gradient": (True, 1.1),
    "uncertainty": (True, 1.3),
}


def thermocouple_table(inputs: DossierInputs, say: Phrasing) -> Table:
    """One row for each thermocouple of the case."""
    readings = expected_readings(inputs.run, inputs.case.thermocouples)
    return Table(
        key="thermocouples",
        caption=say.words("thermocouples.caption"),
        columns=tuple(
            Column(title=say.words(f"thermocouples.column_{key}"), align="right" if is_number else "left", share=share)
            for key, (is_number, share) in _COLUMNS.items()
        ),
        rows=tuple(_row(expected, say) for expected in readings),
    )


def _row(expected: ExpectedReading, say: Phrasing) -> tuple[Cell, ...]:
    numbers, thermocouple = say.numbers, expected.thermocouple
    return (
        Cell(text=thermocouple.label),
        Cell(text=numbers.position(thermocouple.point_mm)),
        Cell(text=numbers.temperature(expected.coldest_c)),
        Cell(text=numbers.duration(expected.coldest_s)),
        Cell(text=numbers.with_unit(expected.gradient_c_mm, "°C/mm", 1)),
        Cell(text=f"±\u00a0{numbers.with_unit(expected.uncertainty_c, '°C', 1)}"),
    )


def part_power_notes(inputs: DossierInputs, say: Phrasing) -> tuple[Paragraph, ...]:
    """A sentence for each probe that does not freeze at full power through the whole protocol."""
    notes = []
    for placement, facts in zip(inputs.case.placements, inputs.probes, strict=True):
        at = say.threshold(round(facts.effective_temp_c, 1))
        if placement.power != 1:
            power = say.numbers.percent(placement.power)
            notes.append(say.words("probes.part_power", probe=placement.label, power=power, temp=at))
        if placement.surface_temp_c is not None:
            notes.append(say.words("probes.own_temp", probe=placement.label, temp=at))
        if placement.freezes is not None:
            notes.append(say.words("probes.first_freezes", probe=placement.label, count=placement.freezes))
    return tuple(Paragraph(text=text) for text in notes)

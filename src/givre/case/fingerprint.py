"""What a case asks, part by part, as hashes: to tell whether two results are of the same case, and what differs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from givre.case.description import CaseDescription

PROBES, PROTOCOL, GOALS, ORGANS, TISSUES = "probes", "protocol", "goals", "organs at risk", "tissues"
PARTS = (PROBES, PROTOCOL, GOALS, ORGANS, TISSUES)
"""Parts of a case that move its figures; voxel size and reach are not among them: results say their own."""


def case_parts(case: CaseDescription) -> dict[str, str]:
    """The sha256 of each of `PARTS`, over the numbers and names that are computed with; words and sources are left out.

    Numbers count to nine digits, so that a case written to a file and read again is the same.
    """
    told = {PROBES: _probes(case), PROTOCOL: _protocol(case), GOALS: _goals(case)}
    told |= {ORGANS: _organs(case), TISSUES: _tissues(case)}
    return {name: hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest() for name, lines in told.items()}


def _probes(case: CaseDescription) -> list[str]:
    return [
        _line(
            placement.label, placement.model, *placement.entry_mm, *placement.target_mm, placement.start_s,
            placement.power, placement.surface_temp_c, placement.freezes,
        )
        for placement in case.placements
    ]  # fmt: skip


def _protocol(case: CaseDescription) -> list[str]:
    return [_line(phase.kind, phase.duration_s) for phase in case.protocol.phases]


def _goals(case: CaseDescription) -> list[str]:
    goals = case.goals
    return [_line(goals.lethal_temp_c, goals.margin_mm, goals.coverage, goals.hold_s, goals.freezes)]


def _organs(case: CaseDescription) -> list[str]:
    return sorted(_line(organ.structure, organ.limit_temp_c, organ.alarm_temp_c) for organ in case.organs_at_risk)


def _tissues(case: CaseDescription) -> list[str]:
    settings = case.settings
    around = (settings.body_temp_c, settings.room_temp_c, settings.skin_film_w_m2k, settings.stasis_below_c)
    made_of: Iterable[str] = (
        _line(structure.name, structure.material, structure.flow_temp_c, structure.film_w_m2k)
        for structure in case.structures
    )
    return [case.lesion_kind, _line(*around), *sorted(made_of)]


def _line(*values: str | float | None) -> str:
    return "\t".join(value if isinstance(value, str) else "" if value is None else f"{value:.9g}" for value in values)

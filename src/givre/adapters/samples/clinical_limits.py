"""Goals and limits of the sample cases, each with its source: examples to edit, not advice."""

from __future__ import annotations

from givre.case.goals import Goals, OrganAtRisk

SAMPLE_GOALS = Goals(
    lethal_temp_c=-20.0,
    margin_mm=3.0,
    coverage=1.0,
    source="-20 °C: isotherm closest to necrosis, pig lung, double 10-min freeze (Hinshaw, J Vasc Interv Radiol 2010, "
    "abstract); sheep bone died up to -10 °C (Popken, BMC Surgery 2003, abstract), others ask for -40 °C (Shah 2016); "
    "3 mm: low end of 3-5 mm beyond a vertebral metastasis (summary of a course by Tomasian). "
    "No threshold was measured in human bone metastases",
    status="secondary",
)
"""Why -20 °C and not -40 °C: it is the warmest value read in a source for a double freeze; -40 °C is recorded too."""

_CORD_SOURCE = (
    "assumption: stop at 0 °C, alarm at 10 °C. Dogs kept a deficit only when the epidural space reached -8 °C or less "
    "(AJNR 2024, abstract); protection is started at 10 °C (summary of a course by Tomasian)"
)
_NERVE_SOURCE = (
    "assumption: stop at 0 °C; juxtaneural temperature is kept above 10 °C in practice (Sag & Husain 2022, PMC9246484)"
)


def organ_at_risk(structure: str) -> OrganAtRisk:
    """The sample limits for a structure of this name."""
    if structure.startswith("nerve"):
        return OrganAtRisk(
            structure=structure, limit_temp_c=0.0, alarm_temp_c=10.0, source=_NERVE_SOURCE, status="assumption"
        )
    if structure.startswith("skin"):
        return OrganAtRisk(
            structure=structure,
            limit_temp_c=5.0,
            alarm_temp_c=15.0,
            source="assumption: skin is kept above 0 °C, better 10 °C (recalled)",
            status="assumption",
        )
    if structure.startswith(("bowel", "kidney", "vessel")):
        return OrganAtRisk(
            structure=structure,
            limit_temp_c=0.0,
            alarm_temp_c=10.0,
            source="assumption: no ice in it; 10 mm of distance is asked for (recalled)",
            status="assumption",
        )
    return OrganAtRisk(
        structure=structure, limit_temp_c=0.0, alarm_temp_c=10.0, source=_CORD_SOURCE, status="assumption"
    )

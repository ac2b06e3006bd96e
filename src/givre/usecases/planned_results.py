"""Results of the planner that were computed before: shown beside a case only when they are of that very case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from givre.case.description import CaseDescription
from givre.case.fingerprint import GOALS, ORGANS, PARTS, TISSUES, case_parts
from givre.dossier.ranked_plans import RankedPlans
from givre.dossier.uncertain_plan import UncertainPlan
from givre.foundation.errors import InputError

OF_A_SEARCH = (GOALS, ORGANS, TISSUES)
"""Parts of a case that a search for plans starts from; it finds probes and protocol itself."""
OF_A_PLAN = PARTS
"""Parts of a case that the spread of one plan starts from."""


class OtherCase(InputError):
    """Results of the planner that belong to another case."""

    code = "OTHER_CASE"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedInputs:
    """What results were computed from.

    Attributes:
        file: name of the file that says so.
        case_ids: the id of the case; more where results lead to cases of their own.
        images: sha256 of the CT ("ct") and of each mask ("mask NAME").
        parts: sha256 of each part of the case.
        sha256: of the file itself.
    """

    file: str
    case_ids: tuple[str, ...]
    images: Mapping[str, str]
    parts: Mapping[str, str]
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlannedResults:
    """Results of the planner to tell in a dossier.

    Attributes:
        ranked: plans that were proposed, if any.
        uncertain: how the plan comes out when its inputs vary, if known.
        hashes: sha256 of the files they were read from, by name.
    """

    ranked: RankedPlans | None = None
    uncertain: UncertainPlan | None = None
    hashes: Mapping[str, str]


def refuse_other_case(
    recorded: RecordedInputs, case: CaseDescription, hashes: Mapping[str, str], *, parts: Sequence[str]
) -> None:
    """Refuse results that were not computed from this case.

    Args:
        recorded: what they were computed from.
        case: the case they would be shown beside.
        hashes: sha256 of its images by name, as `CaseImages.hashes`; others are not looked at.
        parts: which parts of the case must be the same.

    Raises:
        OtherCase: with everything that differs.
    """
    if case.case_id not in recorded.case_ids:
        raise OtherCase(
            f"{recorded.file} is of case {recorded.case_ids[0]}, and {case.case_id} is simulated; give the folder that "
            "was computed from this case"
        )
    images = {name: sha256 for name, sha256 in hashes.items() if name == "ct" or name.startswith("mask ")}
    if "ct" not in images:
        raise OtherCase(
            f"{recorded.file} cannot be shown: the CT of this case is no file, and nothing tells whether it is the "
            "same; simulate a case whose images are files"
        )
    differing = [name for name in sorted({*images, *recorded.images}) if images.get(name) != recorded.images.get(name)]
    own = case_parts(case)
    differing += [name for name in parts if own[name] != recorded.parts.get(name)]
    if differing:
        raise OtherCase(
            f"{recorded.file} is of another state of case {case.case_id}; what differs: {', '.join(differing)}. "
            "Compute it again from the case as it is now"
        )

"""List the ways a needle can take to the lesion of a case, and what blocks the others."""

from __future__ import annotations

from givre.case.description import CaseDescription
from givre.case.knowledge import Knowledge
from givre.planning.access.trajectory_list import USUAL_WISHES, AccessWishes, TrajectoryList, trajectory_list
from givre.usecases.import_case import CaseImages


def list_trajectories(
    description: CaseDescription,
    images: CaseImages,
    *,
    knowledge: Knowledge,
    wishes: AccessWishes = USUAL_WISHES,
) -> TrajectoryList:
    """The ways to the lesion of a case; see `trajectory_list` for what is refused.

    Args:
        description: the case; its probes are judged too.
        images: CT and masks.
        knowledge: catalogue and tables.
        wishes: target, clearances and limits.
    """
    return trajectory_list(
        description,
        images.image.volume,
        {name: imported.mask for name, imported in images.masks.items()},
        knowledge=knowledge,
        wishes=wishes,
    )

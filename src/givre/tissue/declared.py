"""What a case declares some of its structures to be made of, whatever their name and their HU."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from givre.foundation.errors import InputError
from givre.geometry.volume import Mask
from givre.tissue.flow import Flow, FlowKind
from givre.tissue.notes import note
from givre.tissue.tissue_map import Tissue

Inside = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.uint8]

STILL_MATERIALS: Mapping[str, Tissue] = MappingProxyType(
    {
        "air": Tissue.AIR,
        "carbon_dioxide": Tissue.CARBON_DIOXIDE,
        "saline": Tissue.SALINE,
        "moving_csf": Tissue.MOVING_CSF,
        "cement": Tissue.CEMENT,
        "titanium": Tissue.METAL,
        "steel": Tissue.STEEL,
        "cobalt_chrome": Tissue.COBALT_CHROME,
    }
)
"""Materials that conduct and store heat, and what each is called in the tissue map."""

FLOWING_MATERIALS: Mapping[str, FlowKind] = MappingProxyType(
    {"large_vessel": "large_vessel", "warm_saline": "warm_saline", "saline_glove": "saline_glove"}
)
"""Fluids that stay at their own temperature."""

BODY = "body"
"""Name of the structure that says where the body ends and the room begins."""

MOST_FLOWS = 20
"""Each takes up to eight materials."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What the case declares.

    Attributes:
        made_of: the still material of a structure, by its name, in the order of the case.
        flows: the fluids; where they overlap, the later one wins, and a fluid wins over a still material.
    """

    made_of: Mapping[str, Tissue] = field(default_factory=dict)
    flows: tuple[Flow, ...] = ()

    def __post_init__(self) -> None:
        if len(self.flows) > MOST_FLOWS:
            raise InputError(f"{len(self.flows)} structures with a fluid; at most {MOST_FLOWS} can be told apart")

    @property
    def names(self) -> frozenset[str]:
        """Structures whose name does not decide what they are made of."""
        return frozenset(self.made_of) | {flow.structure for flow in self.flows if not flow.is_outside}


NOTHING_DECLARED = Declared()


def paint_declared(
    labels: Labels, structures: Mapping[str, Mask], declared: Declared, spared: Inside, notes: list[str]
) -> Labels | None:
    """Paint what the case declares; returns which fluid fills each voxel, counted from 1, 0 where none does.

    The air of the room first, then still materials, then the other fluids. Nerves and the cord are never painted over.

    Args:
        labels: tissues, changed in place.
        structures: masks by name.
        declared: what the case declares.
        spared: nerves and cord.
        notes: what a person should know; added to.
    """
    flow_index = np.zeros(labels.shape, dtype=np.uint8)
    order = sorted(enumerate(declared.flows, start=1), key=lambda numbered: not numbered[1].is_outside)
    for number, flow in [item for item in order if item[1].is_outside]:
        outside = ~structures[flow.structure].inside & ~spared
        labels[outside], flow_index[outside] = Tissue.FLOW, number
        notes.append(note("room_air"))
    for name, tissue in declared.made_of.items():
        inside = structures[name].inside & ~spared
        labels[inside], flow_index[inside] = tissue, 0
        _note_shared(name, structures[name].inside & spared, notes)
    for number, flow in [item for item in order if not item[1].is_outside]:
        inside = structures[flow.structure].inside & ~spared
        labels[inside], flow_index[inside] = Tissue.FLOW, number
        _note_shared(flow.structure, structures[flow.structure].inside & spared, notes)
        notes.append(note("flow", structure=flow.structure))
    return flow_index if declared.flows else None


def _note_shared(name: str, shared: Inside, notes: list[str]) -> None:
    if shared.any():
        notes.append(note("shared_with_spared", count=int(shared.sum()), structure=name))

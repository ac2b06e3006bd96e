"""The packaged tables that everything simulated from a case reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from givre.cryoprobe.model import CryoprobeModel
from givre.tissue.bone_hu_map import BoneHuMap
from givre.tissue.hu_thresholds import HuThresholds
from givre.tissue.table import TissueProperties


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """The tables a simulation reads.

    Attributes:
        catalogue: cryoprobe models by id.
        tissues: thermal properties by tissue.
        bone: properties of bone against HU.
        hu_thresholds: limits that tell tissues apart.
    """

    catalogue: Mapping[str, CryoprobeModel]
    tissues: Mapping[str, TissueProperties]
    bone: BoneHuMap
    hu_thresholds: HuThresholds

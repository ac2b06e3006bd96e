"""A case laid out to judge needle paths in it: checker, needle and limits put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from givre.cryoprobe.model import CryoprobeModel
from givre.geometry.volume import Mask, Volume
from givre.planning.access.corridor import Aim
from givre.planning.access.forbidden import ClearanceRules, load_clearance_rules
from givre.planning.access.limits import AccessLimits, load_access_limits
from givre.planning.access.needle import Shaft, load_shafts, shafts_of
from givre.planning.access.path_checker import Access, Side, path_checker
from givre.planning.access.trajectory import AccessCase
from givre.planning.trial.prepared import PreparedCase
from givre.tissue.hu_thresholds import HuThresholds


def access_case(
    ct: Volume,
    masks: Mapping[str, Mask],
    *,
    model: CryoprobeModel,
    thresholds: HuThresholds,
    clearances: Mapping[str, float | None] | None = None,
    organs_at_risk: Iterable[str] = (),
    limits: AccessLimits | None = None,
    rules: ClearanceRules | None = None,
    shafts: Iterable[Shaft] | None = None,
    lying_on: Side | None = None,
    spine_side: bool = True,
) -> AccessCase:
    """Lay out a case for the shafts of one cryoprobe model.

    Args:
        ct: the planning CT.
        masks: drawn structures by name; one is "tumour".
        model: the cryoprobe.
        thresholds: HU of bone, cortex, gas and metal.
        clearances: clearances given anew [mm] by rule or structure; None lets a needle through.
        organs_at_risk: names of structures to avoid even if no rule names them.
        limits: limits of access; the packaged ones unless given.
        rules: clearance rules; the packaged ones unless given.
        shafts: shafts that can be had; the packaged ones unless given.
        lying_on: side of the body on the table, if it is known.
        spine_side: reach a spine only from behind or from the side behind.

    Raises:
        InputError: if the CT, a mask, a clearance or a limit cannot be used.
    """
    lengths = shafts_of(model.id, load_shafts() if shafts is None else shafts)
    told = (rules or load_clearance_rules()).with_clearances(clearances or {}, structures=masks)
    access = Access(
        limits=limits or load_access_limits(),
        diameter_mm=model.diameter_mm,
        shaft_mm=lengths[-1].length_mm,
        least_length_mm=model.tip_offset_mm + model.active_zone_mm,
        lying_on=lying_on,
        spine_side=spine_side,
    )
    checker = path_checker(ct, masks, thresholds=thresholds, rules=told, access=access, organs_at_risk=organs_at_risk)
    return AccessCase(checker=checker, ct=ct, masks=masks, thresholds=thresholds, shafts=lengths)


def access_of(prepared: PreparedCase, model: CryoprobeModel) -> AccessCase:
    """The same for a prepared case, with the packaged rules and limits."""
    return access_case(
        prepared.ct,
        prepared.masks,
        model=model,
        thresholds=prepared.knowledge.hu_thresholds,
        organs_at_risk=[organ.structure for organ in prepared.description.organs_at_risk],
    )


def aim_through(point_mm: Iterable[float], model: CryoprobeModel) -> Aim:
    """Aim with the middle of the active zone at a point: the tip lies that far beyond it."""
    x, y, z = (float(value) for value in point_mm)
    return Aim(point_mm=(x, y, z), beyond_mm=model.tip_offset_mm + model.active_zone_mm / 2.0)

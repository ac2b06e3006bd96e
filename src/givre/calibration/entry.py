"""From a calibration to a catalogue entry that carries its origin."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from givre.calibration.choice import PARAMETERS, Parameter, Reason
from givre.calibration.result import Calibration
from givre.cryoprobe.calibration_origin import CalibrationOrigin, refuse_bad_day
from givre.cryoprobe.model import CryoprobeModel
from givre.foundation.errors import InputError
from givre.foundation.quantity import Quantity

_ID = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")

SURFACE_C = (-200.0, -20.0)
CONTACT_M2K_W = (0.0, 0.01)
"""What a catalogue entry may hold."""

SPREAD = 2.0
"""Plausible range of a fitted number in standard errors, both ways."""

_WORDS: dict[Parameter, str] = {
    "surface_temp": "surface temperature",
    "contact_resistance": "contact resistance",
    "active_zone": "active zone",
}
_BECAUSE: dict[Reason, str] = {
    "not_asked": "not asked for",
    "no_length": "the table holds no length",
    "one_time": "the table holds one time",
    "too_few_sizes": "the table holds too few sizes",
    "not_told_apart": "the table does not tell it from the surface temperature",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOrigin:
    """The file that was fitted.

    Attributes:
        file: its name.
        sha256: of its bytes.
        date: day of the calibration, ISO; given by the caller.
    """

    file: str
    sha256: str
    date: str

    def __post_init__(self) -> None:
        refuse_bad_day(self.date, self.file)


def refuse_bad_id(model_id: str) -> None:
    """Refuse an id that a case file could not name.

    Raises:
        InputError: for anything but small letters, digits, dots and hyphens.
    """
    if not _ID.fullmatch(model_id):
        raise InputError(f'id "{model_id}"; use small letters, digits, dots and hyphens, like "site-probe-1.7"')


def calibrated_model(
    calibration: Calibration, base: CryoprobeModel, origin: TableOrigin, *, model_id: str = "", name: str = ""
) -> CryoprobeModel:
    """The catalogue entry of a fitted probe.

    Args:
        calibration: the fit.
        base: the entry it started from.
        origin: the file, its hash and the day.
        model_id: id of the new entry; that of the base unless given.
        name: name of the new entry; that of the base unless given.
    """
    source = f"calibrated on {origin.file}: {_sources(calibration)}"
    surface, contact = base.surface_temp_c, base.contact_resistance_m2k_w
    if "surface_temp" in calibration.fitted:
        surface = _quantity(calibration, "surface_temp", SURFACE_C, source)
    if "contact_resistance" in calibration.fitted:
        contact = _quantity(calibration, "contact_resistance", CONTACT_M2K_W, source)
    zone = "active_zone" in calibration.fitted
    return replace(
        base,
        id=model_id or base.id,
        name=name or base.name,
        surface_temp_c=surface,
        contact_resistance_m2k_w=contact,
        active_zone_mm=round(calibration.numbers["active_zone"].value, 1) if zone else base.active_zone_mm,
        active_zone_status="derived" if zone else base.active_zone_status,
        calibration=CalibrationOrigin(
            file=origin.file,
            sha256=origin.sha256,
            date=origin.date,
            source=_sources(calibration),
            fitted=calibration.fitted,
            sizes=len(calibration.residuals),
            rms_mm=round(calibration.rms_mm, 2),
            worst_mm=round(calibration.worst_mm, 2),
            remark="; ".join(remarks(calibration)),
        ),
    )


def remarks(calibration: Calibration) -> list[str]:
    """What the fit does not tell, in words."""
    told = []
    for name in PARAMETERS:
        number = calibration.numbers[name]
        if number.kept_because is not None:
            told.append(f"{_WORDS[name]} kept at {number.value:g}: {_BECAUSE[number.kept_because]}")
        elif number.at_bound:
            told.append(f"{_WORDS[name]} stayed at its bound, {number.value:g}")
    if calibration.degrees_of_freedom == 0:
        told.append("as many numbers as sizes: the misses say nothing")
    assumed = sum(not residual.is_uncertainty_stated for residual in calibration.residuals)
    if assumed:
        told.append(f"uncertainty not stated for {assumed} of {len(calibration.residuals)} sizes")
    return told


def _quantity(calibration: Calibration, name: Parameter, limits: tuple[float, float], source: str) -> Quantity:
    number = calibration.numbers[name]
    digits = 1 if name == "surface_temp" else 7
    value = round(number.value, digits)
    spread = SPREAD * number.standard_error
    low, high = round(max(value - spread, limits[0]), digits), round(min(value + spread, limits[1]), digits)
    return Quantity(
        value=value, low=min(low, value), high=max(high, value), unit=number.unit, source=source, status="derived"
    )


def _sources(calibration: Calibration) -> str:
    return "; ".join(dict.fromkeys(residual.size.source for residual in calibration.residuals))

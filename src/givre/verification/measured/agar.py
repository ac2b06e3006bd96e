"""Littrup 2009: fit a probe to one probe in agar, then predict two, three and four, and a thinner one.

`fit_one` sees the two sizes of one probe and nothing else; `predict` takes what it found and the conditions of the
other experiments, never their outcome. What was predicted is written as text and hashed before it is compared.
The prediction is not blind: whoever chose the model had read the publication.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files

from givre.calibration.fit import FitSettings, fit_probe
from givre.calibration.forward import ForwardModel, ProbeNumbers, Solve
from givre.calibration.measured import Arrangement, read_measured
from givre.calibration.result import Calibration
from givre.cryoprobe.catalogue import load_catalogue
from givre.cryoprobe.model import CryoprobeModel
from givre.verification.measured.agreement import Compared
from givre.verification.measured.table import load_measurements

TABLE = "littrup-2009-one-probe.csv"
PROBE = "endocare-2.4"
THIN_MM = 1.7
FREEZE_S = 900.0
BATH_C = 39.0
SPACING_MM = 20.0
LETHAL_C = -30.0
VOXEL_MM = 1.5

ASSUMED_UNCERTAINTY_MM = 1.5
"""The abstract states none. Thermocouples were 5 mm apart: evenly spread between two of them, 5 mm / sqrt(12)."""

Prediction = Mapping[str, float]
"""Predicted numbers by key of the measurement that they stand beside."""


def one_probe_table() -> tuple[tuple[str, ...], str]:
    """The lines of the packaged table of one probe, and its sha256."""
    raw = files("givre.calibration.data").joinpath(TABLE).read_bytes()
    return tuple(raw.decode("utf-8").splitlines()), hashlib.sha256(raw).hexdigest()


def uncalibrated_probe() -> CryoprobeModel:
    """The catalogue entry with its geometry, before any fit."""
    return replace(load_catalogue()[PROBE], calibration=None)


def fit_one(solve: Solve, *, settings: FitSettings | None = None) -> Calibration:
    """The probe that fits one probe in agar best."""
    lines, _ = one_probe_table()
    chosen = settings or FitSettings(assumed_uncertainty_mm=ASSUMED_UNCERTAINTY_MM)
    return fit_probe(read_measured(lines, name=TABLE), uncalibrated_probe(), solve=solve, settings=chosen)


def numbers_found(calibration: Calibration) -> ProbeNumbers:
    """The fitted numbers, to predict with."""
    numbers = calibration.numbers
    return ProbeNumbers(
        surface_temp_c=numbers["surface_temp"].value,
        contact_resistance_m2k_w=numbers["contact_resistance"].value,
        active_zone_mm=numbers["active_zone"].value,
    )


def predict(numbers: ProbeNumbers, solve: Solve, *, voxel_mm: float = VOXEL_MM) -> Prediction:
    """Sizes around one to four probes, and of a thinner probe as cold as this one.

    Diameters of several probes are the largest across; `mean` beside them is that of the circle of equal area.
    """
    thick = ForwardModel(model=uncalibrated_probe(), solve=solve)
    thin = ForwardModel(model=replace(uncalibrated_probe(), diameter_mm=THIN_MM), solve=solve)
    found: dict[str, float] = {}
    diameter_ratios, area_ratios = [], []
    for count in (1, 2, 3, 4):
        place = Arrangement(
            medium="agar_gel",
            medium_temp_c=BATH_C,
            probes=count,
            spacing_mm=SPACING_MM if count > 1 else 0.0,
            time_s=FREEZE_S,
        )
        sizes = thick.sizes(place, numbers, (0.0, LETHAL_C), voxel_mm=voxel_mm)
        lethal, ice = sizes[LETHAL_C], sizes[0.0]
        one = count == 1
        found[f"L{count}a"] = lethal.mean_diameter_mm if one else lethal.diameter_mm
        found[f"L{count}a mean"] = lethal.mean_diameter_mm
        found[f"L{count}b"] = 100 * lethal.area_mm2 / ice.area_mm2
        found[f"L{count}c"] = ice.mean_diameter_mm if one else ice.diameter_mm
        found[f"L{count}c mean"] = ice.mean_diameter_mm
        other = thin.sizes(place, numbers, (LETHAL_C,), voxel_mm=voxel_mm)[LETHAL_C]
        diameter_ratios.append((other.mean_diameter_mm if one else other.diameter_mm) / found[f"L{count}a"])
        area_ratios.append(other.area_mm2 / lethal.area_mm2)
    found["L5a"] = 100 * sum(diameter_ratios) / len(diameter_ratios)
    found["L5b"] = 100 * sum(area_ratios) / len(area_ratios)
    return found


def prediction_text(prediction: Prediction) -> str:
    r"""The prediction as it is kept: one line a number, to a hundredth, in a fixed order.

    >>> prediction_text({"L2a": 34.712, "L1a": 14.3})
    'L1a,14.30\nL2a,34.71\n'
    """
    return "".join(f"{key},{prediction[key]:.2f}\n" for key in sorted(prediction))


def prediction_sha256(prediction: Prediction) -> str:
    """Hash of that text."""
    return hashlib.sha256(prediction_text(prediction).encode()).hexdigest()


def compare(prediction: Prediction) -> tuple[Compared, ...]:
    """The prediction beside what was measured; the only place that reads it."""
    table = load_measurements()
    return tuple(Compared(measurement=table[key], predicted=value) for key, value in prediction.items() if key in table)

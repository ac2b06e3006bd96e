"""Hinshaw 2010: a 2.4 mm probe in pig lung, two freezes of ten minutes; the probe is the one fitted in agar.

How much air, water and blood the lung holds around the probe is not known, and changes when it thaws: the model is run
in three homogeneous lungs. The thaw between the freezes is not stated; five minutes are assumed.
"""

from __future__ import annotations

from givre.calibration.forward import ForwardModel, ProbeNumbers, Solve
from givre.calibration.measured import Arrangement
from givre.cryoprobe.protocol import freeze_thaw_freeze
from givre.verification.measured.agar import uncalibrated_probe
from givre.verification.measured.agreement import Compared
from givre.verification.measured.table import load_measurements

LUNGS = ("lung_inflated", "lung_deflated", "lung_haemorrhagic")
ISOTHERMS_C = {"H0": 0.0, "H20": -20.0, "H40": -40.0}
BODY_C = 37.0
PROTOCOL = freeze_thaw_freeze(10, 5, 10)
VOXEL_MM = 1.5


def compare_in_lungs(numbers: ProbeNumbers, solve: Solve, *, voxel_mm: float = VOXEL_MM) -> tuple[Compared, ...]:
    """Diameters of three isotherms at the end of the second freeze, in three lungs."""
    table = load_measurements()
    forward = ForwardModel(model=uncalibrated_probe(), solve=solve, protocol=PROTOCOL)
    found = []
    for lung in LUNGS:
        place = Arrangement(medium=lung, medium_temp_c=BODY_C, probes=1, spacing_mm=0.0, time_s=PROTOCOL.duration_s)
        sizes = forward.sizes(place, numbers, ISOTHERMS_C.values(), voxel_mm=voxel_mm)
        found += [
            Compared(measurement=table[key], predicted=sizes[isotherm_c].mean_diameter_mm, condition=lung)
            for key, isotherm_c in ISOTHERMS_C.items()
        ]
    return tuple(found)

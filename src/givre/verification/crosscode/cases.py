"""The cases of the cross-code comparison: what is frozen, by what, for how long."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from givre.bioheat.ice import Freezing
from givre.cryoprobe.surface_history import SurfaceHistory
from givre.tissue.material import ThermalMaterial
from givre.verification.crosscode.property_table import PropertyTable, table_of, tabulate
from givre.verification.media import constant_probe, stepped_probe, tabled

KELVIN = 273.15
FREEZE_S, THAW_S = 600.0, 480.0
PROBE_C = -140.0
PROBE_RADIUS_MM = 0.75


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CrossCase:
    """One probe on the axis of a body of revolution.

    Attributes:
        name: short, for tables.
        title: in words.
        materials: from the axis outwards.
        layers_mm: radii at which one material gives way to the next.
        freezing: the law of all of them.
        exact_tables: property tables that replace givre's own law in the other codes, for laws that it cannot express.
        active_mm: length of the cooled cylinder, 1.5 mm thick, its middle at z = 0.
        contact_resistance_m2k_w: between its surface and the tissue.
        history: of its surface.
        duration_s: compared at this instant.
        body_temp_c: of blood, of everything at the start and of the outer surfaces.
        plane_mm: height of a plane across the axis that is held at body temperature; infinite for none.
        outer_mm: distance from the axis, and from the middle along it, to the outer surfaces.
        isotherms_c: compared.
    """

    name: str
    title: str
    materials: tuple[ThermalMaterial, ...]
    layers_mm: tuple[float, ...] = ()
    freezing: Freezing = field(default_factory=Freezing)
    exact_tables: tuple[PropertyTable, ...] = ()
    active_mm: float
    contact_resistance_m2k_w: float = 0.0
    history: SurfaceHistory
    duration_s: float
    body_temp_c: float = 37.0
    plane_mm: float = float("inf")
    outer_mm: float = 48.0
    isotherms_c: tuple[float, ...] = (0.0, -20.0, -40.0)

    @property
    def tables(self) -> tuple[PropertyTable, ...]:
        """The property tables of the other codes, one for each material."""
        return self.exact_tables or tuple(table_of(material, self.freezing) for material in self.materials)

    @property
    def mirrored(self) -> bool:
        """Whether z = 0 is a plane of symmetry."""
        return bool(np.isinf(self.plane_mm))


def gs1_table() -> PropertyTable:
    """GS1 to the letter: 1 K ramps of k, c and perfusion; metabolism everywhere."""
    density, blood = 1066.0, 0.0035 * 1060.0 * 3639.0
    corners_k = np.array([265.0, 266.0, 271.0, 272.0])
    first_c, last_c = 265.0 - KELVIN, 272.0 - KELVIN
    latent_j_kgk = 250e3 / 7.0

    def capacity(temp_c: np.ndarray) -> np.ndarray:
        sensible = np.interp(temp_c + KELVIN, corners_k, [1860.0, 3087.0, 3087.0, 3600.0])
        return np.asarray(density * (sensible + np.where((temp_c > first_c) & (temp_c < last_c), latent_j_kgk, 0.0)))

    return tabulate(
        np.concatenate([[-200.0], corners_k - KELVIN, [100.0]]),
        (first_c, last_c),
        {
            "conductivity": lambda t: np.asarray(np.interp(t + KELVIN, corners_k, [2.0, 1.25, 1.25, 0.302])),
            "capacity": capacity,
            "perfusion": lambda t: blood * np.clip(t + KELVIN - 271.0, 0.0, 1.0),
            "metabolism": lambda t: np.full_like(t, 3.93 * density),
        },
    )


GS1_FREEZING = Freezing(
    lower_c=265.0 - KELVIN,
    upper_c=272.0 - KELVIN,
    shape=(1.0,),
    linear_mix=False,
    mushy_solid_share=0.550,
    blood_from_c=271.0 - KELVIN,
)
"""GS1 but for its ramps of 1 K at both ends of the interval: there the conductivity is the mean over the interval,
(1.625 + 5 * 1.25 + 0.776) / 7 = 1.236 W/mK = 0.302 + 0.550 (2 - 0.302)."""


def gs1_material() -> ThermalMaterial:
    """GS1 in givre's words; the latent heat makes up for the heat capacity that differs inside the interval."""
    density = 1066.0
    ramps_j_kg = (1860 + 3087) / 2 + 5 * 3087 + (3087 + 3600) / 2
    return ThermalMaterial(
        name="GS1 tissue",
        capacity_unfrozen_j_m3k=density * 3600.0,
        capacity_frozen_j_m3k=density * 1860.0,
        capacity_frozen_slope_j_m3k2=0.0,
        conductivity_unfrozen_w_mk=0.302,
        conductivity_frozen_w_mk=2.0,
        latent_j_m3=density * (250e3 + ramps_j_kg - 7 * (1860 + 3600) / 2),
        perfusion_w_m3k=0.0035 * 1060.0 * 3639.0,
        metabolic_w_m3=3.93 * density,
        freezes=True,
    )


def cross_cases() -> tuple[CrossCase, ...]:
    """All of them, in the order of the tables."""
    muscle, cortical, lytic = tabled("muscle"), tabled("cortical_bone"), tabled("lytic_lesion")
    held = constant_probe(PROBE_C, FREEZE_S)
    cycles = stepped_probe(
        (FREEZE_S, PROBE_C, "cooling_only"),
        (FREEZE_S + 1.0, PROBE_C, "none"),
        (FREEZE_S + THAW_S, PROBE_C, "none"),
        (2 * FREEZE_S + THAW_S, PROBE_C, "cooling_only"),
    )
    gs1_probe = constant_probe(133.0 - KELVIN, FREEZE_S)
    return (
        CrossCase(
            name="GS1", title="GS1, its law in the other codes, the nearest one in givre", materials=(gs1_material(),),
            freezing=GS1_FREEZING, exact_tables=(gs1_table(),), active_mm=45.0, history=gs1_probe,
            duration_s=FREEZE_S, outer_mm=60.0,
        ),
        CrossCase(
            name="GS1 in givre's law", title="GS1, the law that givre can express in all codes",
            materials=(gs1_material(),), freezing=GS1_FREEZING, active_mm=45.0, history=gs1_probe,
            duration_s=FREEZE_S, outer_mm=60.0,
        ),
        CrossCase(name="22 mm zone", title="muscle, 22 mm active zone", materials=(muscle,), active_mm=22.0,
            history=held, duration_s=FREEZE_S),
        CrossCase(name="45 mm zone", title="muscle, 45 mm active zone", materials=(muscle,), active_mm=45.0,
            history=held, duration_s=FREEZE_S, outer_mm=58.0),
        CrossCase(name="10-8", title="muscle, 30 mm active zone, 10 min freeze and 8 min passive thaw",
            materials=(muscle,), active_mm=30.0, history=cycles, duration_s=FREEZE_S + THAW_S, outer_mm=54.0,
            isotherms_c=(0.0,)),
        CrossCase(name="10-8-10", title="the same and a second freeze", materials=(muscle,), active_mm=30.0,
            history=cycles, duration_s=2 * FREEZE_S + THAW_S, outer_mm=54.0),
        CrossCase(name="shell", title="lytic tissue inside a cortical shell, radii 9 to 12 mm, muscle outside",
            materials=(lytic, cortical, muscle), layers_mm=(9.0, 12.0), active_mm=30.0, history=held,
            duration_s=FREEZE_S, outer_mm=52.0),
        CrossCase(name="contact", title="muscle, contact resistance 5e-4 m²K/W", materials=(muscle,), active_mm=30.0,
            contact_resistance_m2k_w=5e-4, history=held, duration_s=FREEZE_S, outer_mm=50.0),
        CrossCase(name="warm plane", title="muscle, a plane at 37 °C across the axis 9 mm beyond the active zone",
            materials=(muscle,), active_mm=22.0, history=held, duration_s=FREEZE_S, plane_mm=20.0),
    )  # fmt: skip

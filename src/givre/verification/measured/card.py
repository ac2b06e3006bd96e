"""V18, published measurements: one probe fitted in agar, everything else predicted; every point, misses kept."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache

import numpy as np

from givre.bioheat.solve import solve
from givre.calibration.forward import ProbeNumbers
from givre.verification.card import Card, Comparison, Ladder, PassBand, Reference
from givre.verification.measured import agar, dish, lung
from givre.verification.measured.agreement import Compared

GEL_BAND = PassBand(
    largest_error=4.1,
    every_level=True,
    source="Int J Hyperthermia 37 (2020) 1268: several probes in gel, worst 4.1 mm (mean under 2.3 mm)",
)
FRONT_BAND = PassBand(
    largest_error=1.0, every_level=True, source="Gunjal 2023, gel driven by the measured tip temperature: front ± 1 mm"
)
POINTS_BAND = PassBand(largest_error=10.0, every_level=True, source="own ceiling: no published figure to beat")


@cache
def fitted_numbers() -> ProbeNumbers:
    """The probe that fits one probe in agar."""
    return agar.numbers_found(agar.fit_one(solve))


@cache
def predicted() -> tuple[Compared, ...]:
    """All predictions in agar beside their measurements."""
    return agar.compare(agar.predict(fitted_numbers(), solve))


@cache
def in_lungs() -> tuple[Compared, ...]:
    """The three lungs."""
    return lung.compare_in_lungs(fitted_numbers(), solve)


@cache
def in_dish() -> tuple[Compared, ...]:
    """The dish of saline."""
    return dish.compare_in_dish(solve)


def comparison_of(pairs: Iterable[Compared], *, remark: str = "") -> Comparison:
    """Pairs as one level of a ladder, every point shown."""
    compared = tuple(pairs)
    return Comparison(
        found=np.array([pair.predicted for pair in compared]),
        expected=np.array([pair.measurement.value for pair in compared]),
        labels=tuple(_label(pair) for pair in compared),
        uncertainty=tuple(pair.measurement.uncertainty for pair in compared),
        spacing_mm=agar.VOXEL_MM,
        remark=remark,
    )


def several_probes(level: float) -> Comparison:
    """The lethal diameter of two, three or four probes."""
    pairs = [pair for pair in predicted() if pair.measurement.id == f"L{level:g}a"]
    return comparison_of(pairs, remark="uncertainty not stated")


def area_shares(level: float) -> Comparison:
    """The lethal share of the frozen area of two, three or four probes."""
    pairs = [pair for pair in predicted() if pair.measurement.id == f"L{level:g}b"]
    return comparison_of(pairs, remark="uncertainty not stated")


def thinner_probe(_level: float) -> Comparison:
    """Diameters and areas of a 1.7 mm probe over those of a 2.4 mm one."""
    pairs = [pair for pair in predicted() if pair.measurement.study == "littrup-2009-thin"]
    return comparison_of(pairs, remark="uncertainty not stated; the publication pools three baths")


def one_lung(level: float) -> Comparison:
    """Three isotherms in one homogeneous lung."""
    return comparison_of(pair for pair in in_lungs() if pair.condition == lung.LUNGS[int(level) - 1])


def fronts(level: float) -> Comparison:
    """The ice front in the dish after some minutes."""
    pairs = [pair for pair in in_dish() if pair.measurement.id == f"D-c1-{level:g}"]
    return comparison_of(pairs, remark="standard error 0.05 to 0.26 mm over the set, n = 3")


def _label(pair: Compared) -> str:
    m = pair.measurement
    what = f"{m.isotherm_c:g} °C " if math.isfinite(m.isotherm_c) else ""
    return f"{what}{m.quantity.replace('_', ' ')}, {pair.condition.replace('_', ' ') or m.protocol}"


COUNTS = (2.0, 3.0, 4.0)
COUNT_NAMES = ("two probes", "three probes", "four probes")
MINUTES = tuple(float(minute) for minute in dish.MINUTES)

LADDERS = (
    Ladder(
        name="agar, -30 °C diameter of several probes",
        unit="mm",
        refined="",
        refined_unit="",
        levels=COUNTS,
        names=COUNT_NAMES,
        compare=several_probes,
        bands=(GEL_BAND,),
    ),
    Ladder(
        name="agar, lethal share of the frozen area of several probes",
        unit="points",
        refined="",
        refined_unit="",
        levels=COUNTS,
        names=COUNT_NAMES,
        compare=area_shares,
        bands=(POINTS_BAND,),
    ),
    Ladder(
        name="agar, 1.7 mm over 2.4 mm probe",
        unit="points",
        refined="",
        refined_unit="",
        levels=(1.0,),
        names=("ratios of diameter and area",),
        compare=thinner_probe,
        bands=(POINTS_BAND,),
    ),
    Ladder(
        name="pig lung, diameters",
        unit="mm",
        refined="",
        refined_unit="",
        levels=(1.0, 2.0, 3.0),
        names=tuple(name.replace("_", " ") for name in lung.LUNGS),
        compare=one_lung,
        bands=(GEL_BAND,),
        note="The band is that of gels: no published figure for one probe in lung was found.",
    ),
    Ladder(
        name="dish of saline, ice front",
        unit="mm",
        refined="",
        refined_unit="",
        levels=MINUTES,
        names=tuple(f"{minute:g} min" for minute in MINUTES),
        compare=fronts,
        bands=(FRONT_BAND,),
    ),
)

CARD = Card(
    id="V18",
    title="Published measurements, one probe fitted, the rest predicted",
    problem="A 2.4 mm probe is fitted to two diameters of one probe in agar at 39 °C after 15 min (surface temperature "
    "only). With it: two, three and four probes 20 mm apart, a 1.7 mm probe as cold, and pig lung. Apart from these, "
    "an IceSphere driven by its measured temperature in a dish of saline.",
    reference=Reference(
        text="Littrup, J Vasc Interv Radiol 20 (2009) 1343; Hinshaw, J Vasc Interv Radiol 2010; Sarshoghi, "
        "Cryoablation-Dosimetry (abstracts and data files; full texts were not obtained)",
        standing="read",
    ),
    ladders=LADDERS,
    source="src/givre/verification/measured/card.py",
    test="tests/verification/measured/test_card.py",
    notes=(
        "The fit has its own residuals (about 2 mm on 12 and 33 mm); they are no test and not counted here.",
        "Predictions are not blind: whoever chose the model had read the publications.",
        "The abstract of Littrup does not say how the probes stood: triangle, square and longest chord are assumed.",
        "Homogeneous lungs: none is the lung of the experiment, which fills with blood between its freezes.",
        "Dish: free convection and the place of the probe's thermocouple are not modelled.",
    ),
)

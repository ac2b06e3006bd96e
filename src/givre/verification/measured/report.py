"""The whole comparison with published measurements: each study, its pairs, its statistics, what cannot be compared."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from givre.calibration.forward import Solve
from givre.calibration.result import Calibration
from givre.foundation.errors import SimulationError
from givre.verification.measured import agar, dish, lung, plausibility
from givre.verification.measured.agreement import Agreement, Compared, agreement
from givre.verification.measured.table import Measurement, load_measurements


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """One publication beside the model.

    Attributes:
        key: its name in studies.toml.
        pairs: every point.
        statistics: one for each unit and condition, with its name; never over fitted points.
        is_plausibility: conditions were assumed: no statistics are made.
        failure: why there is no pair; empty when all went well.
    """

    key: str
    pairs: tuple[Compared, ...]
    statistics: tuple[tuple[str, Agreement], ...]
    is_plausibility: bool = False
    failure: str = ""

    @property
    def title(self) -> str:
        """For people."""
        return str(_words()[self.key]["title"])

    @property
    def compared_is(self) -> str:
        """Exactly what is compared with what, under which assumptions."""
        return " ".join(str(_words()[self.key]["compared_is"]).split())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ValidationReport:
    """Everything there is to show.

    Attributes:
        calibration: of one probe in agar, the only fit.
        table_sha256: of the table it was fitted to.
        prediction_text, prediction_sha256: what was predicted for the other experiments, written before it was
            compared, and its hash.
        studies: with their pairs.
        not_comparable: measurements that nothing is held beside, with the reason in their note.
    """

    calibration: Calibration
    table_sha256: str
    prediction_text: str
    prediction_sha256: str
    studies: tuple[Study, ...]
    not_comparable: tuple[Measurement, ...]


def validation_report(solve: Solve) -> ValidationReport:
    """Fit, predict, write down, then compare; some two minutes.

    A study whose simulation fails stays in the report with its reason.

    Raises:
        SimulationError: if the fit or the prediction in agar gives no usable result.
    """
    calibration = agar.fit_one(solve)
    numbers = agar.numbers_found(calibration)
    prediction = agar.predict(numbers, solve)
    text, sha256 = agar.prediction_text(prediction), agar.prediction_sha256(prediction)
    return ValidationReport(
        calibration=calibration,
        table_sha256=agar.one_probe_table()[1],
        prediction_text=text,
        prediction_sha256=sha256,
        studies=(
            _agar(agar.compare(prediction)),
            _tried("hinshaw-2010", lambda: _lung(lung.compare_in_lungs(numbers, solve))),
            _tried("icesphere-dish", lambda: _dish(dish.compare_in_dish(solve))),
            _tried("icesphere-specification", lambda: _specification(plausibility.compare_with_specification(solve))),
            _tried("shah-2016", lambda: _gel(plausibility.compare_in_gel(solve))),
            _tried("popken-2003", lambda: _bone(plausibility.compare_in_bone(solve))),
        ),
        not_comparable=tuple(m for m in load_measurements().values() if m.use == "not comparable"),
    )


def _tried(key: str, compare: Callable[[], Study]) -> Study:
    """A study, or why it could not be made: it stays on the page."""
    try:
        return compare()
    except SimulationError as error:
        return Study(key=key, pairs=(), statistics=(), failure=str(error))


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    text = files("givre.verification.measured.data").joinpath("studies.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _agar(pairs: tuple[Compared, ...]) -> Study:
    predicted = [pair for pair in pairs if pair.measurement.use == "prediction"]
    several = [pair for pair in predicted if pair.measurement.id in ("L2a", "L3a", "L4a")]
    edges = [pair for pair in predicted if pair.measurement.id in ("L2c", "L3c", "L4c")]
    shares = [pair for pair in predicted if pair.measurement.quantity == "area_share"]
    return Study(
        key="littrup-2009",
        pairs=pairs,
        statistics=(
            ("-30 °C diameter, 2 to 4 probes", agreement(several)),
            ("0 °C diameter, 2 to 4 probes, measured value derived", agreement(edges)),
            ("area share, 2 to 4 probes", agreement(shares)),
        ),
    )


def _lung(pairs: tuple[Compared, ...]) -> Study:
    return Study(
        key="hinshaw-2010",
        pairs=pairs,
        statistics=_by_condition(pairs),
    )


def _dish(pairs: tuple[Compared, ...]) -> Study:
    fronts = [pair for pair in pairs if pair.measurement.unit == "mm"]
    temps = [pair for pair in pairs if pair.measurement.unit == "C"]
    return Study(
        key="icesphere-dish",
        pairs=pairs,
        statistics=(("ice front beyond the probe", agreement(fronts)), ("temperatures", agreement(temps))),
    )


def _specification(pairs: tuple[Compared, ...]) -> Study:
    return Study(key="icesphere-specification", pairs=pairs, statistics=(), is_plausibility=True)


def _gel(pairs: tuple[Compared, ...]) -> Study:
    return Study(
        key="shah-2016",
        pairs=pairs,
        statistics=(),
        is_plausibility=True,
    )


def _bone(pairs: tuple[Compared, ...]) -> Study:
    return Study(
        key="popken-2003",
        pairs=pairs,
        statistics=(),
        is_plausibility=True,
    )


def _by_condition(pairs: Iterable[Compared]) -> tuple[tuple[str, Agreement], ...]:
    groups: dict[str, list[Compared]] = {}
    for pair in pairs:
        groups.setdefault(pair.condition, []).append(pair)
    return tuple((condition.replace("_", " "), agreement(group)) for condition, group in groups.items())

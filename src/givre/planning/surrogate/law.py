"""How the cold of several cryoprobes adds up: temperatures turned into potentials that may be summed.

The coldest temperature T of a place is first put on the conduction scale of `smooth_scale_c`, as cooling
u = S(body) - S(T). Where tissue stays unfrozen the cooling of several probes nearly adds up. Where their sum
freezes it, each degree of the sum counts for more, since ice conducts and has no latent heat left to lose. Both are
one law with two fitted numbers, the power p and the frozen share k:

    g(u) = u0 (u / u0)^p            up to u0, the cooling at which ice begins
    g(u) = u0 + k (u - u0)          beyond it
    g(all probes) = sum of g(each probe alone)

Fitted to the solver on one to four parallel probes 10 to 20 mm apart: `python -m benchmarks.surrogate`.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from givre.bioheat.smooth_scale import smooth_scale_c
from givre.foundation.errors import InputError
from givre.foundation.quantity import Quantity
from givre.foundation.quantity_table import quantity_from

Array = npt.NDArray[np.float64]

COLDEST_C = -190.0
"""No probe makes tissue colder."""

LAW_FILE = "surrogate_law.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class CombinationLaw:
    """From temperatures to potentials that add up, and back.

    Attributes:
        power: p, of the cooling above freezing.
        frozen_share: k, weight of the cooling below freezing.
        body_temp_c: temperature without any probe.
        freezing_c: where ice begins.
    """

    power: float
    frozen_share: float
    body_temp_c: float = 37.0
    freezing_c: float = 0.0

    def __post_init__(self) -> None:
        if not (0.3 <= self.power <= 3 and 0.1 <= self.frozen_share <= 3):
            raise InputError(
                f"law with power {self.power} and frozen share {self.frozen_share}; give 0.3 to 3 and 0.1 to 3"
            )

    @property
    def freezing_cooling_c(self) -> float:
        """u0, the cooling at which ice begins."""
        return _freezing_cooling_c(self.body_temp_c, self.freezing_c)

    def cooling_c(self, temp_c: npt.ArrayLike) -> Array:
        """u of each coldest temperature [°C], same shape; 0 where nothing cooled, NaN stays NaN."""
        return np.maximum(smooth_scale_c(self.body_temp_c) - smooth_scale_c(temp_c), 0.0)

    def cooling_at(self, temp_c: float) -> float:
        """u of one temperature, by the table of `scale`: fast, to a thousandth of a degree."""
        cooling, scale_c = _cooling_scale(self.body_temp_c)
        return float(np.interp(-temp_c, -scale_c, cooling))

    def potential(self, cooling_c: npt.ArrayLike) -> Array:
        """g of each cooling, same shape, increasing."""
        cooling, start = np.asarray(cooling_c, dtype=np.float64), self.freezing_cooling_c
        above = start * (np.minimum(cooling, start) / start) ** self.power
        return np.asarray(above + self.frozen_share * np.maximum(cooling - start, 0.0))

    def potential_at(self, temp_c: npt.ArrayLike) -> Array:
        """g of each coldest temperature, same shape, decreasing."""
        return self.potential(self.cooling_c(temp_c))

    def cooling_of(self, potential: npt.ArrayLike) -> Array:
        """u of each potential, same shape: the inverse of `potential`."""
        found, start = np.asarray(potential, dtype=np.float64), self.freezing_cooling_c
        above = start * (np.minimum(found, start) / start) ** (1.0 / self.power)
        return np.asarray(above + np.maximum(found - start, 0.0) / self.frozen_share)

    def scale(self) -> tuple[Array, Array]:
        """Increasing potentials and the coldest temperature of each [°C], from body temperature to `COLDEST_C`."""
        cooling, temp_c = _cooling_scale(self.body_temp_c)
        return self.potential(cooling), temp_c

    def temperature_c(self, potential: npt.ArrayLike) -> Array:
        """Coldest temperature of each potential [°C], same shape; never below `COLDEST_C`."""
        potentials, temp_c = self.scale()
        return np.asarray(np.interp(np.asarray(potential, dtype=np.float64), potentials, temp_c))


@lru_cache(maxsize=8)
def _freezing_cooling_c(body_temp_c: float, freezing_c: float) -> float:
    return float(smooth_scale_c(body_temp_c) - smooth_scale_c(freezing_c))


@lru_cache(maxsize=8)
def _cooling_scale(body_temp_c: float) -> tuple[Array, Array]:
    """Increasing cooling and the temperature of each [°C]."""
    temp_c = np.linspace(body_temp_c, COLDEST_C, 2000)
    return np.asarray(smooth_scale_c(body_temp_c) - smooth_scale_c(temp_c)), temp_c


def load_law_table() -> dict[tuple[str, str], Quantity]:
    """The packaged fit by tissue and parameter, with source and status."""
    text = files("givre.planning.data").joinpath(LAW_FILE).read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {
        (row["tissue"], row["parameter"]): quantity_from(row, where=f"surrogate law, {row['tissue']}") for row in rows
    }


def usual_law(lesion_kind: str, *, body_temp_c: float = 37.0) -> CombinationLaw:
    """The law to begin with, before any run of the case corrects it.

    Args:
        lesion_kind: "lytic" takes the fit to lytic lesions, "blastic" that to dense bone, any other the common one.
        body_temp_c: temperature without any probe.
    """
    tissue = {"lytic": "lytic_lesion", "blastic": "bone 900 HU"}.get(lesion_kind, "all")
    table = load_law_table()
    return CombinationLaw(
        power=table[tissue, "power"].value,
        frozen_share=table[tissue, "frozen_share"].value,
        body_temp_c=body_temp_c,
    )

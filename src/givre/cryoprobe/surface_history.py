"""The temperature of a cryoprobe's surface in time, and when it exchanges heat with the tissue."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from givre.foundation.errors import InvalidProtocol

ExchangeMode = Literal["none", "cooling_only", "free"]
"""`none`: the probe exchanges no heat (before its start, passive thaw). `cooling_only`: it takes heat but never
gives any (freezing). `free`: heat flows either way (active thaw)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SurfaceHistory:
    """Surface temperature, linear between n instants counted from the start of the simulation.

    Attributes:
        time_s: increasing, shape (n,).
        temp_c: surface temperature at each instant, shape (n,).
        modes: how heat is exchanged in each of the n - 1 intervals; after the last instant none is.
    """

    time_s: npt.NDArray[np.float64]
    temp_c: npt.NDArray[np.float64]
    modes: tuple[ExchangeMode, ...]

    def __post_init__(self) -> None:
        if len(self.time_s) < 2 or len(self.temp_c) != len(self.time_s) or len(self.modes) != len(self.time_s) - 1:
            raise InvalidProtocol(
                f"a surface history needs two or more instants and one mode between each; found {len(self.time_s)} "
                f"instants, {len(self.temp_c)} temperatures, {len(self.modes)} modes"
            )
        if not (np.isfinite(self.time_s).all() and np.isfinite(self.temp_c).all()):
            raise InvalidProtocol("a surface history holds a value that is not finite")
        if (np.diff(self.time_s) <= 0).any():
            raise InvalidProtocol("the instants of a surface history must increase")
        if self.temp_c.min() < -200 or self.temp_c.max() > 90:
            raise InvalidProtocol(
                f"surface temperature from {self.temp_c.min()} to {self.temp_c.max()} °C; give -200 to 90 °C"
            )

    def mode_at(self, time_s: float) -> ExchangeMode:
        """How heat is exchanged just after an instant."""
        interval = bisect_right(self.time_s, time_s) - 1
        return self.modes[interval] if 0 <= interval < len(self.modes) else "none"

    def temp_at_c(self, time_s: float) -> float:
        """Surface temperature at an instant [°C]; constant beyond both ends."""
        return float(np.interp(time_s, self.time_s, self.temp_c))

    def switches_s(self) -> tuple[float, ...]:
        """Instants at which the way of exchanging heat changes."""
        changed = [i for i in range(1, len(self.modes)) if self.modes[i] != self.modes[i - 1]]
        ends = [float(self.time_s[0]), *(float(self.time_s[i]) for i in changed), float(self.time_s[-1])]
        return tuple(ends)

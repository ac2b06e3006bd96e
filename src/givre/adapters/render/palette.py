"""Colours of the dossier, told apart by colour-blind readers, and never the only sign of anything."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

VERDICTS = {"met": "#00629B", "warning": "#B26A00", "not_met": "#B3261E", "unknown": "#6A1B9A"}
"""Dark enough on white for text (contrast above 4.5)."""
ON_CT = {
    "tumour": "#FF7F50",
    "organ": "#7CE0A3",
    "probe": "#FFFFFF",
    "letters": "#FFE38A",
    "ink": "#FFFFFF",
    "paper": "#000000",
}
ISOTHERM_STYLES: dict[int, tuple[str, str]] = {
    0: ("#56C8FF", "solid"),
    -20: ("#FFE14D", "dashed"),
    -40: ("#FF9AD5", "dotted"),
}
"""Colour and dash of the isotherms on a CT; the temperature is also written on each line."""
OTHER_ISOTHERM = ("#C9B6FF", "dashdot")
CHANCE_STYLES: dict[float, tuple[str, str, float]] = {
    0.5: ("#CDEBFF", "dotted", 1.8),
    0.9: ("#56C8FF", "dashed", 1.8),
    0.95: ("#4A9BFF", "solid", 2.2),
}
"""Colour, dash and width of the lines of equal chance on a CT; the chance is also written on each line."""
SERIES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5D3A9B", "#1A1A1A")
"""Okabe and Ito, Color Universal Design (2008)."""
DASHES = ("solid", "dashed", "dashdot", "dotted")
FREEZING_BAND = "#DDEEFA"

_MARGIN_STEPS = ("#8C1D18", "#D55E00", "#F5B041", "#F7E9A0", "#9CCBE8", "#3F8FC9", "#0B4F8A")


def _linear(hexadecimal: str) -> tuple[float, float, float]:
    values = np.array([int(hexadecimal[start : start + 2], 16) for start in (1, 3, 5)]) / 255.0
    light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return (float(light[0]), float(light[1]), float(light[2]))


SCENE_HEX = {
    "bone": "#EFE3C8",
    "tumour": "#E0483B",
    "organ": "#E8C02A",
    "shaft": "#8C96A0",
    "active": "#3A4652",
    "ice": "#5CB8F0",
    "lethal": "#5B3FB8",
    "sky": "#FFFFFF",
    "ground": "#E3E9EF",
}
"""Colours of the three-dimensional pictures, sRGB, for legends."""
LINEAR = {name: _linear(code) for name, code in SCENE_HEX.items()}
"""The same in linear light, for shading."""


def margin_levels_mm(wanted_mm: float) -> tuple[float, ...]:
    """Limits between the seven margin colours: zero and the wanted margin are always among them."""
    wanted = wanted_mm if wanted_mm > 0 else 5.0
    return (-wanted, 0.0, wanted / 2, wanted, 1.5 * wanted, 2 * wanted)


def margin_hexes() -> tuple[str, ...]:
    """The seven margin colours, worst first."""
    return _MARGIN_STEPS


def margin_colours(margin_mm: npt.NDArray[np.float64], *, wanted_mm: float) -> npt.NDArray[np.float32]:
    """Linear light of each margin, shape (n, 3); a missing margin is grey."""
    steps = np.array([_linear(code) for code in _MARGIN_STEPS], dtype=np.float32)
    levels = np.array(margin_levels_mm(wanted_mm))
    known = np.isfinite(margin_mm)
    index = np.digitize(np.where(known, margin_mm, 0.0), levels)
    return np.where(known[:, None], steps[index], np.float32(0.25))

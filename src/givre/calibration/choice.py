"""Which numbers of a probe a table of sizes can tell, and refusing to fit more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from givre.calibration.errors import UnderDetermined
from givre.calibration.measured import MeasuredSize
from givre.foundation.errors import InputError

Parameter = Literal["surface_temp", "contact_resistance", "active_zone"]
PARAMETERS: tuple[Parameter, ...] = get_args(Parameter)

Reason = Literal["not_asked", "no_length", "one_time", "too_few_sizes", "not_told_apart"]
"""Why a number was left as the catalogue has it."""

LEAST_TIMES = 2
LEAST_SIZES_FOR_RESISTANCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is fitted and what is kept.

    Attributes:
        fitted: numbers to fit, in the order of `PARAMETERS`.
        kept: the others, with the reason.
        is_automatic: whether the table decided, not the user.
    """

    fitted: tuple[Parameter, ...]
    kept: dict[Parameter, Reason]
    is_automatic: bool

    def without(self, parameter: Parameter, reason: Reason) -> Choice:
        """The same with one number kept."""
        return Choice(
            fitted=tuple(name for name in self.fitted if name != parameter),
            kept=self.kept | {parameter: reason},
            is_automatic=self.is_automatic,
        )


def choose(sizes: Iterable[MeasuredSize], asked: Iterable[str] = ()) -> Choice:
    """What to fit: what was asked, or what the table can tell.

    A surface temperature moves every size. A length tells the active zone. Contact resistance makes a probe weak
    while much heat flows, early, and hardly later: only sizes at several times tell it from the temperature.

    Args:
        sizes: the table.
        asked: names of `PARAMETERS`; empty to let the table decide.

    Raises:
        UnderDetermined: if the table cannot carry what was asked.
        InputError: if a name is unknown.
    """
    rows = tuple(sizes)
    wanted = _known(asked)
    reasons = _obstacles(rows)
    if not wanted:
        kept: dict[Parameter, Reason] = {}
        fitted: list[Parameter] = []
        for name in ("surface_temp", "active_zone", "contact_resistance"):
            reason = reasons.get(name) or ("too_few_sizes" if len(fitted) >= len(rows) else None)
            if reason is None:
                fitted.append(name)
            else:
                kept[name] = reason
        return Choice(fitted=tuple(name for name in PARAMETERS if name in fitted), kept=kept, is_automatic=True)
    if len(rows) < len(wanted):
        raise UnderDetermined(
            f"{len(rows)} measured size{'s' if len(rows) > 1 else ''} for {len(wanted)} numbers "
            f"({', '.join(wanted)}); add rows, or fit fewer, for example --fit surface_temp"
        )
    if "active_zone" in wanted and "active_zone" in reasons:
        raise UnderDetermined(
            "no length_mm in the table: diameters alone do not tell the active zone; add a length, "
            "or leave active_zone out of --fit"
        )
    return Choice(
        fitted=tuple(name for name in PARAMETERS if name in wanted),
        kept={name: "not_asked" for name in PARAMETERS if name not in wanted},
        is_automatic=False,
    )


def _known(asked: Iterable[str]) -> tuple[Parameter, ...]:
    names: list[Parameter] = []
    for word in asked:
        match = [name for name in PARAMETERS if name == word.strip()]
        if not match:
            raise InputError(f'"{word}" cannot be fitted; use one or more of {", ".join(PARAMETERS)}')
        names += [name for name in match if name not in names]
    return tuple(names)


def _obstacles(rows: tuple[MeasuredSize, ...]) -> dict[Parameter, Reason]:
    found: dict[Parameter, Reason] = {}
    if not any(row.side == "length" for row in rows):
        found["active_zone"] = "no_length"
    times = {row.arrangement.time_s for row in rows if row.side == "diameter"}
    if len(times) < LEAST_TIMES:
        found["contact_resistance"] = "one_time"
    elif len(rows) < LEAST_SIZES_FOR_RESISTANCE:
        found["contact_resistance"] = "too_few_sizes"
    return found

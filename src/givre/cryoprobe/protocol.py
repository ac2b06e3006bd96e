"""Freeze-thaw protocols: an ordered list of phases, and the usual ones as templates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from givre.foundation.errors import InvalidProtocol

PhaseKind = Literal["freeze", "passive_thaw", "active_thaw"]

LONGEST_PHASE_S = 3600.0
"""No freeze or thaw in use lasts over an hour; a longer one is a typing error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One freeze or one thaw.

    >>> Phase(kind="freeze", duration_s=600.0).kind
    'freeze'
    """

    kind: PhaseKind
    duration_s: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.duration_s) and 0 < self.duration_s <= LONGEST_PHASE_S):
            raise InvalidProtocol(
                f"{self.kind} lasts {self.duration_s} s; give more than 0 s and at most {LONGEST_PHASE_S:.0f} s"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """The phases every cryoprobe goes through, in order, counted from its own start.

    >>> TEMPLATES["10-8-10"].duration_s
    1680.0
    """

    name: str
    phases: tuple[Phase, ...]

    def __post_init__(self) -> None:
        if not self.phases or self.phases[0].kind != "freeze":
            raise InvalidProtocol(f"protocol {self.name} must begin with a freeze; list its phases in order")

    @property
    def duration_s(self) -> float:
        """Length of all phases together [s]."""
        return sum(phase.duration_s for phase in self.phases)

    @property
    def freeze_count(self) -> int:
        """Number of freezes."""
        return sum(phase.kind == "freeze" for phase in self.phases)

    def first_freezes(self, count: int) -> Protocol:
        """The same protocol up to its n-th freeze and the thaw after it.

        >>> TEMPLATES["10-8-10"].first_freezes(1).duration_s
        1080.0
        """
        freezes = [n for n, phase in enumerate(self.phases) if phase.kind == "freeze"]
        end = len(self.phases) if count >= len(freezes) else freezes[count]
        return Protocol(name=self.name, phases=self.phases[:end])


def freeze_thaw_freeze(first_min: float, thaw_min: float, second_min: float) -> Protocol:
    """Freeze, passive thaw, freeze; minutes."""
    return Protocol(
        name=f"{first_min:g}-{thaw_min:g}-{second_min:g}",
        phases=(
            Phase(kind="freeze", duration_s=60.0 * first_min),
            Phase(kind="passive_thaw", duration_s=60.0 * thaw_min),
            Phase(kind="freeze", duration_s=60.0 * second_min),
        ),
    )


def single_freeze(freeze_min: float) -> Protocol:
    """One freeze; minutes."""
    return Protocol(name=f"single-{freeze_min:g}", phases=(Phase(kind="freeze", duration_s=60.0 * freeze_min),))


TEMPLATES = {
    protocol.name: protocol
    for protocol in (
        freeze_thaw_freeze(10, 8, 10),
        freeze_thaw_freeze(10, 5, 10),
        single_freeze(10),
        single_freeze(15),
    )
}
"""The protocols in common use. 10-8-10 is the conventional one (CVIR 2018, s00270-018-1950-z);
its use in bone and 10-5-10 are recalled from the literature, unverified."""

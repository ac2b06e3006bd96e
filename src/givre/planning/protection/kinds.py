"""The kinds of protection that are proposed."""

from __future__ import annotations

from typing import Literal

Way = Literal["co2", "saline", "warm_saline"]
"""What a layer between ice and organ is made of."""

ProtectionKind = Literal["co2", "saline", "warm_saline", "shorter_freeze", "move", "thermocouple"]
"""A thermocouple protects nothing: it tells when to stop."""

LAYER_KINDS: tuple[Way, ...] = ("co2", "saline", "warm_saline")
KINDS: tuple[ProtectionKind, ...] = ("co2", "saline", "warm_saline", "shorter_freeze", "move", "thermocouple")

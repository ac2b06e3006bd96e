"""Refusals of calibration: tables that cannot be used, and fits that the table does not carry."""

from __future__ import annotations

from givre.foundation.errors import InputError


class BadMeasuredTable(InputError):
    """A table of measured isotherms that cannot be used as it is."""

    code = "MEASURED_TABLE"


class UnknownMedium(InputError):
    """A medium of which no thermal properties are known."""

    code = "UNKNOWN_MEDIUM"


class UnderDetermined(InputError):
    """More is asked of a table than its sizes can tell."""

    code = "UNDER_DETERMINED"

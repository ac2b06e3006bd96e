"""The refusal of a case file, with the line to look at."""

from __future__ import annotations

from givre.foundation.errors import InputError


class InvalidCaseFile(InputError):
    """A case file that cannot be read, with the file, the line and the key at fault."""

    code = "INVALID_CASE_FILE"


def refusal(file_name: str, line: int, key: str, sentence: str) -> InvalidCaseFile:
    """The refusal of one key.

    >>> str(refusal("case.toml", 12, "goals.margin_mm", "found true; give a number in mm"))
    'case.toml, line 12, goals.margin_mm: found true; give a number in mm'
    """
    where = f"{file_name}, line {line}" if line else file_name
    return InvalidCaseFile(f"{where}, {key}: {sentence}" if key else f"{where}: {sentence}")

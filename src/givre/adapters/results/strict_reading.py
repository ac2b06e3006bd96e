"""Read a document that givre wrote, strictly: nothing missing, no number that is not finite, no guess."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from givre.adapters.results.numbers import BECAUSE
from givre.foundation.errors import InputError

LARGEST_BYTES = 64 * 1024**2


class PlannedFile(InputError):
    """A file of the planner that is missing, damaged, or not what it says."""

    code = "PLANNED_FILE"


class NewerSchema(PlannedFile):
    """A file of the planner written by a version of givre that says things this one does not know."""

    code = "NEWER_SCHEMA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One object of a document, and where it stands in it, for refusals.

    Attributes:
        content: its entries.
        where: file and path, as "uncertainty.json: samples".
    """

    content: dict[str, object]
    where: str

    def refuse(self, what: str) -> NoReturn:
        """Raises PlannedFile that says what is wrong and where."""
        raise PlannedFile(f"{self.where}: {what}; compute it again with this version of givre")

    def get(self, key: str) -> object:
        """An entry.

        Raises:
            PlannedFile: if it is missing.
        """
        if key not in self.content:
            self.refuse(f'"{key}" is missing')
        return self.content[key]

    def text(self, key: str) -> str:
        """A text."""
        value = self.get(key)
        return value if isinstance(value, str) else self.refuse(f'"{key}" is not a text')

    def flag(self, key: str) -> bool:
        """Yes or no."""
        value = self.get(key)
        return value if isinstance(value, bool) else self.refuse(f'"{key}" is neither true nor false')

    def whole(self, key: str, *, low: int = 0) -> int:
        """A whole number, not below `low`."""
        value = self.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or value < low:
            self.refuse(f'"{key}" is {value!r}, not a whole number from {low}')
        return value

    def number(self, key: str, *, low: float = -math.inf, high: float = math.inf) -> float:
        """A finite number between `low` and `high`."""
        value = self.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.refuse(f'"{key}" is {value!r}, not a finite number')
        if not low <= value <= high:
            self.refuse(f'"{key}" is {value!r}, not from {low:g} to {high:g}')
        return float(value)

    def known(self, key: str, *, low: float = -math.inf, high: float = math.inf) -> float:
        """A finite number, or NaN where the document says null and why."""
        if self.get(key) is not None:
            return self.number(key, low=low, high=high)
        if key not in self.node(BECAUSE).content:
            self.refuse(f'"{key}" is null without a reason')
        return math.nan

    def point(self, key: str) -> tuple[float, float, float]:
        """Three finite numbers."""
        values = self.get(key)
        if not isinstance(values, list) or len(values) != 3:
            self.refuse(f'"{key}" is not three numbers')
        x, y, z = (Node(content={key: value}, where=self.where).number(key) for value in values)
        return (x, y, z)

    def node(self, key: str) -> Node:
        """An object."""
        value = self.get(key)
        if not isinstance(value, dict):
            self.refuse(f'"{key}" is not an object')
        return Node(content=value, where=f"{self.where}, {key}")

    def nodes(self, key: str) -> list[Node]:
        """A list of objects."""
        values = self.get(key)
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            self.refuse(f'"{key}" is not a list of objects')
        return [Node(content=value, where=f"{self.where}, {key} {n}") for n, value in enumerate(values, start=1)]

    def texts(self, key: str) -> dict[str, str]:
        """An object of texts."""
        inside = self.node(key)
        return {name: inside.text(name) for name in inside.content}

    def one_of(self, key: str, allowed: tuple[str, ...]) -> str:
        """A text of a short list."""
        value = self.text(key)
        return value if value in allowed else self.refuse(f'"{key}" is "{value}", not one of {", ".join(allowed)}')


def read_document(folder: Path, name: str, *, schema: str, version: str) -> tuple[Node, str]:
    """Read one JSON document of a folder.

    Args:
        folder: that holds it.
        name: of the file.
        schema: that it must name.
        version: newest version of that schema known here, as "1.0".

    Returns:
        The document, and the sha256 of the file.

    Raises:
        PlannedFile: if it is missing, unreadable, no JSON, of another schema, or holds NaN.
        NewerSchema: if its schema is newer than what is known here.
    """
    path = folder / name
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise PlannedFile(f"{name} is larger than {LARGEST_BYTES // 1024**2} MB; give the folder that givre wrote")
        raw = path.read_bytes()
    except OSError as error:
        raise PlannedFile(
            f"{folder.name} holds no {name} that can be read ({error.strerror}); give the folder that givre wrote"
        ) from error
    try:
        content = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
    except PlannedFile as error:
        raise PlannedFile(f"{name}: {error}") from error
    except (ValueError, RecursionError) as error:
        raise PlannedFile(f"{name} is damaged or cut short ({error}); compute it again") from error
    document = Node(content=content if isinstance(content, dict) else {}, where=name)
    if document.content.get("schema") != schema:
        raise PlannedFile(f"{name} is not a document of schema {schema}; give the folder that givre wrote")
    _refuse_newer(document, version)
    return document, hashlib.sha256(raw).hexdigest()


def _refuse_constant(written: str) -> NoReturn:
    raise PlannedFile(f"holds {written}, which is not a number; compute it again")


def _refuse_newer(document: Node, known: str) -> None:
    written = document.text("schema_version")
    parts = written.split(".")
    if len(parts) != 2 or not all(part.isascii() and part.isdecimal() for part in parts):
        document.refuse(f'schema_version "{written}" is not like {known}')
    major, minor = (int(part) for part in parts)
    known_major, known_minor = (int(part) for part in known.split("."))
    if (major, minor) > (known_major, known_minor):
        raise NewerSchema(
            f"{document.where} is of schema version {written}, and {known} is the newest known here; "
            "install the version of givre that wrote it, or compute it again"
        )
    if major < known_major:
        document.refuse(f"schema version {written} is older than {known} and means other things")

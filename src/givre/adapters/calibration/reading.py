"""Read the file of a measured table: text and hash, before a single cell is judged."""

from __future__ import annotations

import hashlib
from pathlib import Path

from givre.foundation.errors import UnknownFormat, UnreadableFile

LARGEST_BYTES = 1024**2
"""A table of isotherms has some dozens of rows."""


def read_table_file(path: Path) -> tuple[tuple[str, ...], str]:
    """The lines of a CSV file and its sha256.

    Raises:
        UnreadableFile: if it is missing, no plain file, or too large.
        UnknownFormat: if it is not UTF-8 text.
    """
    try:
        if not path.is_file():
            raise UnreadableFile(f"{path.name} is not a file; give the CSV table of measured isotherms")
        if path.stat().st_size > LARGEST_BYTES:
            raise UnreadableFile(f"{path.name} is over 1 MiB; a table of measured isotherms has some dozens of rows")
        raw = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"{path.name} cannot be read ({error.strerror}); check its permissions") from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnknownFormat(f"{path.name} is not UTF-8 text; save the table as CSV, UTF-8") from error
    if "\0" in text:
        raise UnknownFormat(f"{path.name} holds null characters; save the table as CSV, UTF-8")
    return tuple(text.splitlines()), hashlib.sha256(raw).hexdigest()

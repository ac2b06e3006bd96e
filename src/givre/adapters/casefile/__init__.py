"""The human-readable case file, case.toml: read strictly, written with its own explanations."""

from givre.adapters.casefile.errors import InvalidCaseFile
from givre.adapters.casefile.reader import CASE_FILE_NAME, parse_case, read_case
from givre.adapters.casefile.writer import render_case, render_draft, write_case

__all__ = [
    "CASE_FILE_NAME",
    "InvalidCaseFile",
    "parse_case",
    "read_case",
    "render_case",
    "render_draft",
    "write_case",
]

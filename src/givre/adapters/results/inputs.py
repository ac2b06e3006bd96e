"""What a result was computed from, as hashes: so that it is never shown beside another case."""

from __future__ import annotations

from collections.abc import Mapping

from givre.adapters.results.numbers import Json
from givre.case.description import CaseDescription
from givre.case.fingerprint import case_parts


def inputs_json(case: CaseDescription, hashes: Mapping[str, str]) -> Json:
    """The hashes of the images and of each part of the case that moves its figures."""
    return {"images": dict(hashes), "parts": case_parts(case)}

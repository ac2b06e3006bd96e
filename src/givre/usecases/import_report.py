"""What an import found, what it assumed and what it refused, for people and for machines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

_SUFFIX = re.compile(r"(?:\.nii\.gz|\.[A-Za-z][A-Za-z0-9]{0,4})$")
_WORD = re.compile(r"[^\W\d_]{2,}")
_DAY = re.compile(r"(?<!\d)(?:\d{6,8}|\d{4}[-._ ]\d{2}[-._ ]\d{2}|\d{2}[-._ ]\d{2}[-._ ]\d{4})(?!\d)")

Severity = Literal["info", "assumed", "warning"]
"""`info` is a fact read in the file, `assumed` a choice made by a documented rule, `warning` something a
person should look at. What makes an image unusable is raised as an InputError instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing the import found.

    Attributes:
        code: stable key ("ORIENTATION", "GANTRY_TILT_RESAMPLED", ...).
        severity: info, assumed or warning.
        sentence: the finding in words, with the value found.
    """

    code: str
    severity: Severity
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """Everything worth knowing about one imported image or mask.

    Attributes:
        source: file or folder name, without the path of the machine; a name that may hold a person and a date
            is replaced by a neutral one, here and in facts and findings.
        kind: "CT, DICOM series", "mask, NIfTI", ...
        facts: what was read, by name with unit ("spacing_mm", "shape", "hu_range", "orientation", ...).
        findings: in the order they were made.
    """

    source: str
    kind: str
    facts: Mapping[str, str | float | int | list[float] | list[int] | list[str]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        named, neutral = self.source, neutral_file_name(self.source, self.kind.partition(",")[0])
        if neutral == named:
            return
        facts = {
            name: value.replace(named, neutral) if isinstance(value, str) else value
            for name, value in self.facts.items()
        }
        findings = tuple(
            replace(finding, sentence=finding.sentence.replace(named, neutral)) for finding in self.findings
        )
        for name, value in (("source", neutral), ("facts", facts), ("findings", findings)):
            object.__setattr__(self, name, value)

    def as_text(self) -> str:
        """The report as lines of text."""
        lines = [f"{self.source} ({self.kind})"]
        lines += [f"  {name}: {value}" for name, value in self.facts.items()]
        lines += [f"  [{finding.severity}] {finding.code}: {finding.sentence}" for finding in self.findings]
        return "\n".join(lines)

    def as_json(self) -> dict[str, object]:
        """The report as plain values for a JSON document."""
        return {
            "source": self.source,
            "kind": self.kind,
            "facts": dict(self.facts),
            "findings": [
                {"code": finding.code, "severity": finding.severity, "sentence": finding.sentence}
                for finding in self.findings
            ],
        }


def neutral_file_name(name: str, kind: str = "") -> str:
    """The name of a file, or "image" or "mask" with its suffix when it may hold a person's name and a date.

    That is when two words of two letters or more and a day of six to eight digits stand in it. Careful rather than
    exact: an innocent name may be replaced; a name without a date is not recognised.

    >>> neutral_file_name("DUPONT_Jean_19560312.nii.gz"), neutral_file_name("tumour_L3.nii.gz", "mask")
    ('image.nii.gz', 'tumour_L3.nii.gz')
    """
    suffix = _SUFFIX.search(name)
    stem = name[: suffix.start()] if suffix else name
    if len(_WORD.findall(stem)) < 2 or not _DAY.search(stem):
        return name
    return ("mask" if kind == "mask" else "image") + (suffix[0].lower() if suffix else "")

"""What an import found, what it assumed and what it refused, for people and for machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

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
        source: file or folder name, without the path of the machine.
        kind: "CT, DICOM series", "mask, NIfTI", ...
        facts: what was read, by name with unit ("spacing_mm", "shape", "hu_range", "orientation", ...).
        findings: in the order they were made.
    """

    source: str
    kind: str
    facts: Mapping[str, str | float | int | list[float] | list[int] | list[str]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

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

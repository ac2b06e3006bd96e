"""Where the numbers of a calibrated cryoprobe come from: which measurements, when, and how well they were met."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from givre.foundation.errors import InputError

_SHA256 = re.compile(r"[0-9a-f]{64}")
_DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationOrigin:
    """The measurements behind a catalogue entry. An entry without one is not calibrated, and says so everywhere.

    Attributes:
        file: name of the measured table, without its path.
        sha256: of that file.
        date: day of the calibration, ISO "2026-03-05"; given by whoever calibrates.
        source: where the measurements were made or printed.
        fitted: numbers that were fitted ("surface_temp", "contact_resistance", "active_zone"); the rest was kept.
        sizes: measured sizes that were fitted.
        rms_mm: root-mean-square miss of the fit.
        worst_mm: largest miss.
        remark: what the measurements do not tell, which numbers stayed at a bound.
    """

    file: str
    sha256: str
    date: str
    source: str
    fitted: tuple[str, ...]
    sizes: int
    rms_mm: float
    worst_mm: float
    remark: str = ""

    def __post_init__(self) -> None:
        if not (self.file.strip() and self.source.strip() and self.fitted):
            raise InputError("a calibration names its file, its source and what was fitted; fill them in")
        if not _SHA256.fullmatch(self.sha256):
            raise InputError(f'calibration with {self.file}: sha256 is "{self.sha256}"; give 64 hexadecimal digits')
        refuse_bad_day(self.date, self.file)
        if not (self.sizes >= 1 and math.isfinite(self.rms_mm) and 0 <= self.rms_mm <= self.worst_mm < math.inf):
            raise InputError(
                f"calibration with {self.file}: {self.sizes} sizes, misses of {self.rms_mm} and {self.worst_mm} mm; "
                "give at least one size, and finite misses"
            )

    @property
    def sentence(self) -> str:
        """In one line.

        >>> CalibrationOrigin(
        ...     file="t.csv", sha256="a" * 64, date="2026-03-05", source="bench", fitted=("surface_temp",), sizes=6,
        ...     rms_mm=0.81, worst_mm=1.6,
        ... ).sentence
        'calibrated 2026-03-05 on 6 sizes of t.csv (bench); misses: rms 0.8 mm, worst 1.6 mm'
        """
        count = f"{self.sizes} size{'s' if self.sizes > 1 else ''}"
        remark = f"; {self.remark}" if self.remark else ""
        return (
            f"calibrated {self.date} on {count} of {self.file} ({self.source}); "
            f"misses: rms {self.rms_mm:.1f} mm, worst {self.worst_mm:.1f} mm{remark}"
        )


def refuse_bad_day(date: str, file: str) -> None:
    """Refuse what is not an ISO day.

    Raises:
        InputError: naming the file of the calibration.
    """
    if not _DAY.fullmatch(date):
        raise InputError(f'calibration with {file}: date is "{date}"; give it like 2026-03-05')

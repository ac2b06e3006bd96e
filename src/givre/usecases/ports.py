"""What the use cases need from outside, as protocols; adapters implement them, wiring picks them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from givre.bioheat.problem import ThermalProblem
from givre.bioheat.run import Progress, ThermalRun
from givre.geometry.volume import Mask, Volume
from givre.usecases.import_report import ImportReport


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImportedImage:
    """A planning image and how it was read.

    Attributes:
        volume: values in HU for a CT.
        report: what was found and assumed.
        frame_of_reference_uid: DICOM frame of reference, empty for other formats.
        sop_instance_uids: DICOM instances of the series, empty for other formats.
        sha256: hash of the file, or of the sorted hashes of a series.
    """

    volume: Volume
    report: ImportReport
    frame_of_reference_uid: str = ""
    sop_instance_uids: tuple[str, ...] = ()
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImportedMask:
    """A mask on the lattice of its image, and how it was read."""

    mask: Mask
    report: ImportReport
    sha256: str = ""


class ImageReader(Protocol):
    """Reads one CT from a file, a DICOM folder or a zip."""

    def __call__(
        self, path: Path, *, series_uid: str = "", resample_tilt: bool = False, resample_gaps: bool = False
    ) -> ImportedImage:
        """Raises InputError with the fault named when the image cannot be trusted."""
        ...


class MaskReader(Protocol):
    """Reads one mask onto the lattice of an image."""

    def __call__(
        self,
        path: Path,
        *,
        name: str,
        onto: ImportedImage,
        labels: tuple[int, ...] = (),
        roi: str = "",
        resample: bool = False,
    ) -> ImportedMask:
        """Raises InputError with the fault named when the mask does not belong to the image."""
        ...


class Solver(Protocol):
    """Solves one thermal problem, here or elsewhere."""

    def __call__(self, problem: ThermalProblem, *, progress: Progress | None = None) -> ThermalRun:
        """Raises SimulationError when the problem cannot be started."""
        ...

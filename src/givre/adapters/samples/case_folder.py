"""A sample written as a case folder: images, masks, README and case file, complete or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from givre.adapters.samples.catalogue import Sample
from givre.adapters.samples.clinical_limits import SAMPLE_GOALS, organ_at_risk
from givre.adapters.samples.errors import DestinationTaken
from givre.adapters.samples.french import FRENCH
from givre.adapters.samples.images import write_ct, write_mask
from givre.case.description import CaseDescription, ImageReference, LesionKind, SimulationSettings, StructureReference
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import TEMPLATES
from givre.geometry.volume import Mask, Volume

CASE_FILE = "case.toml"

WriteCase = Callable[[CaseDescription, Path], None]
"""Writes a case file; the adapter that owns the format is handed in by the wiring."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SampleScan:
    """The images of a sample, ready to be written.

    Attributes:
        ct: planning CT with the lesion carved in [HU].
        masks: structures by name; one is "tumour".
        placements: the cryoprobes.
        anatomy: bone and level in words.
        question: the question to the tumour board.
        organs_at_risk: names of the masks to spare.
        settings: how to simulate.
        extras: other files to copy, by their path inside the case folder.
        remarks: sentences for the README.
        lesion_kind: lytic, blastic or mixed.
    """

    ct: Volume
    masks: Mapping[str, Mask]
    placements: tuple[Placement, ...]
    anatomy: str
    question: str
    organs_at_risk: tuple[str, ...]
    settings: SimulationSettings = field(default_factory=SimulationSettings)
    extras: Mapping[str, Path] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    lesion_kind: LesionKind = "lytic"


def write_case_folder(sample: Sample, scan: SampleScan, destination: Path, write_case: WriteCase) -> CaseDescription:
    """Write a sample into a folder that does not exist or is empty.

    Raises:
        DestinationTaken: if the folder holds something.
    """
    with _whole_folder(destination) as folder:
        (folder / "masks").mkdir()
        image = ImageReference(path="ct.nii.gz", sha256=write_ct(folder / "ct.nii.gz", scan.ct))
        structures = tuple(
            StructureReference(
                name=name, path=f"masks/{name}.nii.gz", sha256=write_mask(folder / "masks" / f"{name}.nii.gz", mask)
            )
            for name, mask in scan.masks.items()
        )
        for name, source in scan.extras.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            _copy(source, folder / name)
        description = describe(sample, scan, image, structures)
        (folder / "README.md").write_text(readme(sample, scan), encoding="utf-8")
        write_case(description, folder / CASE_FILE)
    return description


def describe(
    sample: Sample, scan: SampleScan, image: ImageReference, structures: tuple[StructureReference, ...]
) -> CaseDescription:
    """What the case file of a sample says."""
    return CaseDescription(
        case_id=sample.name,
        title=sample.title,
        question=scan.question,
        anatomy=scan.anatomy,
        lesion_kind=scan.lesion_kind,
        synthetic=sample.synthetic,
        image=image,
        structures=structures,
        placements=scan.placements,
        protocol=TEMPLATES["10-8-10"],
        goals=SAMPLE_GOALS,
        organs_at_risk=tuple(organ_at_risk(name) for name in scan.organs_at_risk),
        settings=scan.settings,
        translations=(FRENCH[sample.name],),
    )


def readme(sample: Sample, scan: SampleScan) -> str:
    """What a person should know before opening the folder."""
    lines = [
        f"# {sample.title}",
        "",
        "Sample case of givre. Research use only, not a medical device.",
        "",
        f"- Synthetic: {sample.synthetic}.",
        f"- Origin: {sample.origin}.",
        f"- Licence: {sample.licence}.",
        f"- Credit: {sample.attribution}.",
        *(f"- {remark}" for remark in scan.remarks),
        "",
        "| file | what |",
        "|---|---|",
        f"| `{CASE_FILE}` | the case: images, masks, cryoprobes, protocol, goals, organs at risk |",
        "| `ct.nii.gz` | planning CT with the synthetic lesion, HU |",
        *(
            f"| `masks/{name}.nii.gz` | {name.replace('_', ' ')}, {mask.volume_ml:.1f} mL |"
            for name, mask in _sorted(scan)
        ),
        *(f"| `{name}` | copied unchanged from its package |" for name in scan.extras),
        "",
    ]
    return "\n".join(lines)


def _sorted(scan: SampleScan) -> list[tuple[str, Mask]]:
    return sorted(scan.masks.items(), key=lambda item: (item[0] != "tumour", item[0]))


@contextmanager
def _whole_folder(destination: Path) -> Iterator[Path]:
    """A folder that appears under its name only once everything in it is written."""
    if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
        raise DestinationTaken(f"{destination} already holds something; give a new or an empty folder")
    destination.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{destination.name}-", dir=destination.parent))
    try:
        yield partial
        for path in partial.rglob("*"):
            if path.is_file():
                _flush(path)
        if destination.exists():
            destination.rmdir()
        partial.chmod(0o755)
        partial.rename(destination)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)

"""Which files go into a bundle, under which names, and the case that points to them there."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path

from givre.adapters.bundle.manifest import InvalidBundle
from givre.case.description import CaseDescription, StructureReference

_TWO_PART = (".mhd", ".nhdr", ".hdr", ".img")
_ENDINGS = (".nii.gz", ".nii", ".nrrd", ".mha", ".zip", ".dcm")


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleMember:
    """One file to pack.

    Attributes:
        path: its name in the bundle.
        source: where it lies now.
    """

    path: str
    source: Path


def bundle_members(
    description: CaseDescription, folder: Path, *, results: Path | None = None
) -> tuple[CaseDescription, tuple[BundleMember, ...]]:
    """The case as it reads inside the bundle, and the files it needs.

    Args:
        description: the case; its paths are relative to `folder`.
        folder: where the case file lies.
        results: a folder of results to pack along.

    Raises:
        InvalidBundle: when a file is missing or keeps its voxels in a second file.
    """
    image_source = _existing(folder, description.image.path)
    image_path, members = _pack_image(image_source)
    packed: dict[Path, str] = {}
    structures = [
        _pack_structure(structure, folder, number, packed) for number, structure in enumerate(description.structures, 1)
    ]
    members += [BundleMember(path=path, source=source) for source, path in packed.items()]
    if results is not None:
        members += _pack_results(results)
    inside = replace(description, image=replace(description.image, path=image_path), structures=tuple(structures))
    return inside, tuple(sorted(members, key=lambda member: member.path))


def _pack_image(source: Path) -> tuple[str, list[BundleMember]]:
    if source.is_dir():
        files = [file for file in sorted(source.rglob("*")) if file.is_file() and not file.is_symlink()]
        if not files:
            raise InvalidBundle(f"{source.name}: the image folder is empty; give the folder of the DICOM series")
        width = len(str(len(files)))
        return "files/image", [
            BundleMember(path=f"files/image/{number:0{width}}{_suffix(file)}", source=file)
            for number, file in enumerate(files, 1)
        ]
    path = f"files/image{_suffix(source)}"
    return path, [BundleMember(path=path, source=source)]


def _pack_structure(
    structure: StructureReference, folder: Path, number: int, packed: dict[Path, str]
) -> StructureReference:
    source = _existing(folder, structure.path)
    if source not in packed:
        packed[source] = f"files/structures/{number:02}-{_plain(structure.name)}{_suffix(source)}"
    return replace(structure, path=packed[source])


def _pack_results(results: Path) -> list[BundleMember]:
    files = [file for file in sorted(results.rglob("*")) if file.is_file() and not file.is_symlink()]
    if not files:
        raise InvalidBundle(f"{results.name}: holds no result; run givre simulate first, or pack without results")
    return [BundleMember(path=f"results/{file.relative_to(results).as_posix()}", source=file) for file in files]


def _existing(folder: Path, path: str) -> Path:
    source = (folder / path).resolve()
    if not source.exists():
        raise InvalidBundle(f"{path}: the case names this file and it is not there; correct the case file")
    if source.suffix.lower() in _TWO_PART:
        raise InvalidBundle(f"{path}: keeps its voxels in a second file; convert it to .nrrd, .mha or .nii.gz first")
    return source


def _suffix(file: Path) -> str:
    """The ending that tells the format, nothing else of the name: names of files may name a patient."""
    name = file.name.lower()
    return next((ending for ending in _ENDINGS if name.endswith(ending)), "")


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name)
    return re.sub(r"[^A-Za-z0-9]+", "_", decomposed).strip("_").lower()[:40] or "structure"

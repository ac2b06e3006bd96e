"""Find the cases of a cohort folder, and hash all that goes into a case."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from givre.adapters.folder.listing import FolderRefused
from givre.usecases.plan_cohort import CohortCase

CASE_FILE = "case.toml"
MOST_CASES = 10_000
_TWO_PART = (".mhd", ".nhdr", ".hdr", ".img")


def find_cases(folder: Path, *, besides: Path | None = None) -> tuple[CohortCase, ...]:
    """Every folder under a cohort that holds a case.toml, sorted by name; hidden folders and links are left aside.

    Args:
        folder: the cohort.
        besides: a folder not to look into, where results go.

    Raises:
        FolderRefused: when it is not a folder, holds too many cases, or two of them would have one name.
    """
    if not folder.is_dir():
        raise FolderRefused(f"{folder.name}: there is no such folder; give the folder above the folders of the cases")
    root, aside = folder.resolve(), None if besides is None else besides.resolve()
    faults: list[OSError] = []
    found: dict[str, CohortCase] = {}
    for here, inside, files in os.walk(root, onerror=faults.append, followlinks=False):
        inside[:] = sorted(name for name in inside if not name.startswith(".") and Path(here, name) != aside)
        if CASE_FILE in files and not Path(here, CASE_FILE).is_symlink():
            _add(found, _case(root, Path(here)))
        if len(found) > MOST_CASES:
            raise FolderRefused(f"{folder.name}: holds more than {MOST_CASES} cases; plan it in parts")
    for fault in faults:
        where = Path(fault.filename or root)
        sentence = f"the folder cannot be read ({fault.strerror}); check its rights"
        _add(found, CohortCase(name=_name(root, where), file=where / CASE_FILE, fault=sentence))
    return tuple(found[name] for name in sorted(found))


def hash_of_inputs(said: Iterable[str], files: Iterable[Path], *, base: Path) -> str:
    """One hash of some words and of the content and relative path of some files and folders of files.

    Empty when it cannot be known: a file is missing, or keeps its voxels in a second file.
    """
    digest = hashlib.sha256()
    for words in said:
        digest.update(f"{len(words)}:{words}".encode())
    try:
        for path in files:
            if path.suffix.lower() in _TWO_PART:
                return ""
            inside = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
            if not inside:
                return ""
            for file in inside:
                digest.update(f"{os.path.relpath(file, base)}:{sha256_of(file)}\n".encode())
    except OSError:
        return ""
    return digest.hexdigest()


def sha256_of(file: Path) -> str:
    """Hash of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _case(root: Path, here: Path) -> CohortCase:
    file = here / CASE_FILE
    try:
        return CohortCase(name=_name(root, here), file=file, sha256=sha256_of(file))
    except OSError as error:
        sentence = f"{CASE_FILE} cannot be read ({error.strerror}); check its rights"
        return CohortCase(name=_name(root, here), file=file, fault=sentence)


def _name(root: Path, here: Path) -> str:
    """One word for a folder within the cohort: a/b is a__b; the cohort itself, when it is a case, has its own name."""
    inside = here.relative_to(root) if here.is_relative_to(root) else Path(here.name)
    return "__".join(inside.parts) or root.name


def _add(found: dict[str, CohortCase], case: CohortCase) -> None:
    if case.name in found:
        raise FolderRefused(
            f"{case.name}: two folders of the cohort would have this one name for their results; rename one of them"
        )
    found[case.name] = case

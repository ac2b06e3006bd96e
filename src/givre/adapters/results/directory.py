"""A folder of results that is there whole or not at all, and never takes the place of somebody else's files."""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from givre.foundation.errors import OutsideError

RESULTS_NAME = "results.json"
SCHEMA_NAME = "givre-results"
TRAJECTORIES_NAME, TRAJECTORIES_SCHEMA = "trajectories.json", "givre-trajectories"
PROPOSALS_NAME, PROPOSALS_SCHEMA = "proposals.json", "givre-proposals"
REPLAN_NAME, REPLAN_SCHEMA = "replan.json", "givre-replan"
PROTECTION_NAME, PROTECTION_SCHEMA = "protection.json", "givre-protection"
UNCERTAINTY_NAME, UNCERTAINTY_SCHEMA = "uncertainty.json", "givre-uncertainty"
_SCHEMAS = (UNCERTAINTY_SCHEMA, SCHEMA_NAME, TRAJECTORIES_SCHEMA, PROPOSALS_SCHEMA, REPLAN_SCHEMA, PROTECTION_SCHEMA)
_LARGEST_RESULTS_BYTES = 64 * 1024**2
_SWAP = 2  # RENAME_EXCHANGE of renameat2(2)
_HERE = -100  # AT_FDCWD


class ResultsFolderRefused(OutsideError):
    """Results cannot be written where they were asked."""

    code = "RESULTS_FOLDER"


def check_results_folder(target: Path, *, replace_foreign: bool = False) -> None:
    """Refuse early, before hours of computing, a place where results could not be put.

    Args:
        target: the folder to make.
        replace_foreign: whether a folder that holds something else may be set aside (it is renamed, never deleted).

    Raises:
        ResultsFolderRefused: when the target is a file, holds something else, or its parent cannot be written.
    """
    target = target.absolute()
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise ResultsFolderRefused(f"{target.name} is not a folder; give the name of a new folder with -o")
    if target.is_dir() and (target == Path.home() or Path.cwd().is_relative_to(target)):
        raise ResultsFolderRefused(f"{target.name} is the folder you work in or your home; give another with -o")
    if target.is_dir() and any(target.iterdir()) and not is_previous_result(target) and not replace_foreign:
        raise ResultsFolderRefused(
            f"{target.name} holds files that are not a givre result; give a new folder with -o, "
            "or add --force to set the old one aside"
        )
    parent = next(folder for folder in target.parents if folder.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise ResultsFolderRefused(f"{parent.name or parent} cannot be written; choose another place with -o")


def is_previous_result(folder: Path) -> bool:
    """Whether a folder holds results of givre and nothing else; its files may have been edited since."""
    listed = _listed(folder)
    if listed is None:
        return False
    present = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if not file.is_dir()}
    return present <= listed.keys()


def is_untouched_result(folder: Path) -> bool:
    """Whether a folder holds results of givre and nothing else, each file with the sha256 that was recorded."""
    listed = _listed(folder)
    return (
        listed is not None
        and is_previous_result(folder)
        and all(
            _sha256(folder / path) == sha256
            for path, sha256 in listed.items()
            if sha256 is not None and (folder / path).exists()
        )
    )


def _listed(folder: Path) -> dict[str, str | None] | None:
    """The sha256 of each file that a folder of results lists; None when it is no folder of results.

    The list stands in results.json, or in the document of another kind of result, which lists itself without hash.
    """
    names = (UNCERTAINTY_NAME, RESULTS_NAME, TRAJECTORIES_NAME, PROPOSALS_NAME, REPLAN_NAME, PROTECTION_NAME)
    for results in (folder / name for name in names):
        try:
            if results.is_symlink() or results.stat().st_size > _LARGEST_RESULTS_BYTES:
                continue
            document = json.loads(results.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            continue
        if isinstance(document, dict) and document.get("schema") in _SCHEMAS:
            files = [item for item in document.get("files", []) if isinstance(item, dict)]
            return {str(item.get("path")): str(item.get("sha256")) for item in files} | {results.name: None}
    return None


def _sha256(file: Path) -> str:
    """Hash of a plain file; empty for anything else, and for a file that cannot be read."""
    try:
        if file.is_symlink() or not file.is_file():
            return ""
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


@contextmanager
def results_folder(target: Path, *, replace_foreign: bool = False) -> Iterator[Path]:
    """A temporary sibling to write into; it takes the place of `target` when all went well.

    Interrupted or failed, nothing is left: neither the sibling nor the parents made for it. A previous givre
    result is replaced; one of which a file was edited since is set aside as NAME.before-1. Anything else is refused,
    or set aside with `replace_foreign`.
    """
    check_results_folder(target, replace_foreign=replace_foreign)
    target = target.absolute()
    made = _make_parents(target.parent)
    partial = Path(tempfile.mkdtemp(prefix=f".{target.name}.partial-", dir=target.parent))
    try:
        mode = _usual_mode(partial)
        yield partial
        _flush(partial)
        partial.chmod(mode)
        _put_in_place(partial, target)
        made = []
    except OSError as error:
        raise ResultsFolderRefused(
            f"{target.name} cannot be written ({error.strerror or error}); check the rights and the room on the disk"
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        for folder in made:
            _remove_empty(folder)


def _usual_mode(folder: Path) -> int:
    """Rights of a folder made here by the usual rules (umask, inherited rights); a temporary folder has fewer."""
    probe = folder / "rights"
    probe.mkdir()
    mode = stat.S_IMODE(probe.stat().st_mode)
    probe.rmdir()
    return mode


def _make_parents(parent: Path) -> list[Path]:
    """Make the missing folders; those made, deepest first."""
    missing = [folder for folder in (parent, *parent.parents) if not folder.exists()]
    try:
        parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResultsFolderRefused(
            f"{parent.name} cannot be made ({error.strerror}); choose another with -o"
        ) from error
    return missing


def _remove_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _flush(folder: Path) -> None:
    """Make sure the disk holds every file before the name changes."""
    for file in folder.rglob("*"):
        if file.is_file():
            with file.open("rb") as stream:
                os.fsync(stream.fileno())


def _put_in_place(partial: Path, target: Path) -> None:
    if not target.exists():
        partial.rename(target)
        return
    may_go = not any(target.iterdir()) or is_untouched_result(target)
    if _swap(partial, target):  # from here `partial` holds the old content
        old = partial
    else:
        old = target.with_name(f".{target.name}.old-{os.getpid()}")
        target.rename(old)
        try:
            partial.rename(target)
        except OSError:
            old.rename(target)
            raise
    if may_go:
        shutil.rmtree(old, ignore_errors=True)
    else:
        old.rename(_free_name(target))


def _free_name(target: Path) -> Path:
    number = 1
    while target.with_name(f"{target.name}.before-{number}").exists():
        number += 1
    return target.with_name(f"{target.name}.before-{number}")


def _swap(first: Path, second: Path) -> bool:
    """Exchange two folders in one step where the system can; False where it cannot."""
    if not sys.platform.startswith("linux"):
        return False
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "renameat2"):
        return False
    status: int = library.renameat2(_HERE, os.fsencode(first), _HERE, os.fsencode(second), _SWAP)
    return status == 0

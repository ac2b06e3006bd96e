"""The results of a cohort: a folder for each case, whole or not at all, and one table of them all."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import file_digest, sha256
from pathlib import Path, PurePosixPath
from typing import get_args

from givre.adapters.results.cohort_rows import SCHEMA_NAME, cohort_document, row_from, table_of
from givre.adapters.results.curves import write_table
from givre.adapters.results.directory import ResultsFolderRefused, results_folder
from givre.adapters.results.numbers import Json
from givre.adapters.results.writing import to_json
from givre.usecases.plan_cohort import CaseDone, CaseRow, CaseVerdict, Cohort, CohortCase

TABLE_JSON, TABLE_CSV = "cohort.json", "cohort.csv"
HashOfCase = Callable[[CohortCase], str]
"""From a case to one hash of all its inputs; empty when it cannot be known."""

_LOCK = ".givre-batch"
_LEFT_OVER = re.compile(r"\..+\.partial-[^.]+|\.cohort\.(json|csv)\.[^.]+")
_LARGEST_TABLE_BYTES = 256 * 1024**2


class CohortFolder:
    """A folder of cohort results; see `CohortStore`.

    Attributes:
        folder: where it is.
    """

    def __init__(
        self, folder: Path, header: Json, *, previous: Mapping[str, CaseRow], hash_of_case: HashOfCase | None
    ) -> None:
        """See `cohort_folder`, which opens one."""
        self.folder = folder
        self._header = header
        self._previous = previous
        self._hash_of_case = hash_of_case

    def kept(self, case: CohortCase) -> CaseRow | None:
        """The row of a case that is done, whole, with inputs unchanged; None when it must be computed."""
        row = self._previous.get(case.name)
        if self._hash_of_case is None or row is None or row.state not in get_args(CaseVerdict):
            return None
        is_whole = bool(row.results_sha256) and _hash_of_folder(self.folder / case.name) == row.results_sha256
        if not is_whole or not row.inputs_sha256 or self._hash_of_case(case) != row.inputs_sha256:
            return None
        return row

    def keep(self, case: CohortCase, done: CaseDone) -> str:
        """Write the files of a case into its folder, whole or not at all; the hash of that folder.

        Raises:
            ResultsFolderRefused: when they cannot be written.
        """
        target = self.folder / case.name
        with results_folder(target, replace_foreign=True) as partial:
            for path, content in done.files.items():
                file = partial / _inside(path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
        return _hash_of_folder(target)

    def keep_table(self, cohort: Cohort) -> None:
        """Write cohort.json and cohort.csv.

        Raises:
            ResultsFolderRefused: when they cannot be written.
        """
        with _written(self.folder / TABLE_JSON) as file:
            file.write_text(to_json(cohort_document(self._header, cohort)), encoding="utf-8", newline="\n")
        with _written(self.folder / TABLE_CSV) as file:
            write_table(file, *table_of(cohort))


@contextmanager
def cohort_folder(
    folder: Path, header: Json, *, hash_of_case: HashOfCase | None, replace: bool = False
) -> Iterator[CohortFolder]:
    """Open a folder for the results of a cohort, for one user at a time.

    Args:
        folder: new or empty, or the results of an earlier batch to go on with.
        header: what the table says of the whole: task, settings, versions.
        hash_of_case: the inputs of a case as a hash, to go on with what is there; None computes everything.
        replace: whether an earlier batch may be computed anew.

    Raises:
        ResultsFolderRefused: when it holds something else, cannot be written, or another batch is writing there.
    """
    previous = _previous_rows(folder)
    if previous is None and folder.exists() and (not folder.is_dir() or any(_visible(folder))):
        raise ResultsFolderRefused(
            f"{folder.name} holds files that are not those of a batch; give a new folder with -o"
        )
    if previous is not None and hash_of_case is None and not replace:
        raise ResultsFolderRefused(
            f"{folder.name} holds an earlier batch; add --resume to go on with it, --force to compute all again, "
            "or give a new folder with -o"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResultsFolderRefused(
            f"{folder.name} cannot be made ({error.strerror}); choose another with -o"
        ) from error
    with _alone(folder):
        _clear(folder)
        yield CohortFolder(folder, header, previous=previous or {}, hash_of_case=hash_of_case)


def _previous_rows(folder: Path) -> dict[str, CaseRow] | None:
    """The rows of an earlier batch; None when there was none."""
    table = folder / TABLE_JSON
    try:
        if table.is_symlink() or table.stat().st_size > _LARGEST_TABLE_BYTES:
            return None
        document = json.loads(table.read_text(encoding="utf-8"))
        if document["schema"] != SCHEMA_NAME:
            return None
        rows = [row_from(row) for row in document["cases"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return {row.name: row for row in rows}


def _visible(folder: Path) -> Iterable[Path]:
    return (entry for entry in folder.iterdir() if entry.name != _LOCK and not _LEFT_OVER.fullmatch(entry.name))


def _clear(folder: Path) -> None:
    """Remove what a batch that was killed had not finished."""
    for entry in folder.iterdir():
        if not _LEFT_OVER.fullmatch(entry.name):
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)


def _hash_of_folder(folder: Path) -> str:
    """One hash of all paths and contents; empty when there is no such folder, or something in it is no plain file."""
    if not folder.is_dir() or folder.is_symlink():
        return ""
    digest = sha256()
    try:
        for file in sorted(folder.rglob("*")):
            if file.is_symlink() or not (file.is_dir() or file.is_file()):
                return ""
            if file.is_file():
                with file.open("rb") as stream:
                    content = file_digest(stream, "sha256").hexdigest()
                digest.update(f"{file.relative_to(folder).as_posix()}:{content}\n".encode())
    except OSError:
        return ""
    return digest.hexdigest()


def _inside(path: str) -> PurePosixPath:
    inside = PurePosixPath(path)
    if inside.is_absolute() or ".." in inside.parts or not inside.parts or "\\" in path:
        raise ResultsFolderRefused(f"a worker sent a file named {path!r}, which leads out of the results; not written")
    return inside


@contextmanager
def _written(target: Path) -> Iterator[Path]:
    """A file to write that takes the place of `target` in one step."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        with partial.open("rb") as stream:
            os.fsync(stream.fileno())
        partial.chmod(0o666 & ~_umask())
        partial.replace(target)
    except OSError as error:
        raise ResultsFolderRefused(
            f"{target.name} cannot be written ({error.strerror or error}); check the rights and the room on the disk"
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep a second batch out of the folder, where the system can; the lock goes with the process that holds it."""
    lock = folder / _LOCK
    try:
        import fcntl  # noqa: PLC0415 - not on Windows
    except ImportError:
        yield
        return
    try:
        stream = lock.open("w")
    except OSError as error:
        raise ResultsFolderRefused(f"{folder.name} cannot be written ({error.strerror}); check its rights") from error
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ResultsFolderRefused(
                f"another batch is writing to {folder.name}; wait until it ends, or give another folder with -o"
            ) from error
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                lock.unlink()

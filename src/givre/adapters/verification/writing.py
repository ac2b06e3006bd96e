"""Writes the folder of a verification, whole or not at all, and says whether one that is there is stale."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from givre.adapters.verification.document import reading, written
from givre.adapters.verification.figures import card_figure
from givre.adapters.verification.fingerprint import HOUSE, sources_sha256
from givre.adapters.verification.origin import Origin
from givre.adapters.verification.page import page
from givre.adapters.verification.tables import card_csv
from givre.foundation.errors import OutsideError
from givre.usecases.verify import Verification

PAGE_NAME, JSON_NAME, FIGURES_NAME = "index.md", "verification.json", "figures"


class PageFolderRefused(OutsideError):
    """The verification page cannot be written where it was asked."""

    code = "PAGE_FOLDER"


def check_page_folder(target: Path) -> None:
    """Refuse early, before minutes of computing, a place where the page could not be put.

    Raises:
        PageFolderRefused: when the target is a file or a link, or a folder with files but no verification in it.
    """
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise PageFolderRefused(f"{target.name} is not a folder; give the name of a new folder with --output")
    strangers = _strangers(target) if target.is_dir() else []
    if strangers and not _holds_verification(target):
        raise PageFolderRefused(
            f'{target.name} holds "{strangers[0]}" and no verification; give a new folder with --output'
        )
    parent = next(folder for folder in target.absolute().parents if folder.exists())
    if not os.access(parent, os.W_OK | os.X_OK):
        raise PageFolderRefused(f"{parent.name or parent} cannot be written; choose another place with --output")


def write_verification(verification: Verification, origin: Origin, target: Path) -> None:
    """Write page, figures, JSON and tables; an older page there is replaced, other files beside it are kept.

    Raises:
        PageFolderRefused: when the folder cannot be made or is no verification; nothing is left behind.
        MissingExtra: when matplotlib is not installed.
    """
    target = target.absolute()
    check_page_folder(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{target.name}.partial-", dir=target.parent))
    except OSError as error:
        raise PageFolderRefused(f"{target.name} cannot be made ({error.strerror}); choose another place") from error
    try:
        _fill(partial, verification, origin)
        for name in _strangers(target) if target.is_dir() else []:
            (partial / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(target / name, partial / name)
        partial.chmod(0o755)
        _put_in_place(partial, target)
    except OSError as error:
        raise PageFolderRefused(f"{target.name} cannot be written ({error.strerror}); check the disk") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def staleness(folder: Path, house: Path = HOUSE) -> str:
    """Why the page in a folder is not that of the code in `house`, in one sentence; empty when it is."""
    try:
        verification, origin = reading((folder / JSON_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"{folder.name}/{JSON_NAME} cannot be read ({type(error).__name__})"
    if not origin.is_complete:
        return f"{folder.name}/{JSON_NAME} holds only a part of the cards"
    now = sources_sha256(house)
    if origin.sources_sha256 != now:
        return f"the page was made from sources {origin.sources_sha256[:12]}, the code is now {now[:12]}"
    if (folder / PAGE_NAME).read_text(encoding="utf-8") != page(verification, origin):
        return f"{folder.name}/{PAGE_NAME} is not the page that its numbers make"
    missing = [card.id for card in verification.cards if not (folder / FIGURES_NAME / f"{card.id}.svg").exists()]
    return f"the figure of {missing[0]} is missing" if missing else ""


def _fill(folder: Path, verification: Verification, origin: Origin) -> None:
    (folder / FIGURES_NAME).mkdir()
    for card in verification.cards:
        (folder / FIGURES_NAME / f"{card.id}.svg").write_bytes(card_figure(card, origin))
        _write(folder / f"{card.id}.csv", card_csv(card))
    _write(folder / JSON_NAME, written(verification, origin))
    _write(folder / PAGE_NAME, page(verification, origin))


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def _holds_verification(folder: Path) -> bool:
    try:
        reading((folder / JSON_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return True


def _strangers(folder: Path) -> list[str]:
    """Files of a folder that no verification wrote."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())
    return [name for name in names if not _is_ours(name)]


def _is_ours(name: str) -> bool:
    stem, _, ending = name.removeprefix(f"{FIGURES_NAME}/").rpartition(".")
    is_card = len(stem) == 3 and stem[0] == "V" and stem[1:].isdigit() and ending in ("csv", "svg")
    return is_card or name in (PAGE_NAME, JSON_NAME)


def _put_in_place(partial: Path, target: Path) -> None:
    if not target.exists():
        partial.rename(target)
        return
    old = target.with_name(f".{target.name}.old-{os.getpid()}")
    target.rename(old)
    try:
        partial.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)

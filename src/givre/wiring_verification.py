"""Picks the adapters of a verification: the clock, the machine's name, where the page goes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from givre.adapters.verification import check_page_folder, this_machine, write_verification
from givre.usecases.verify import Announce, Verification, verify_the_solver
from givre.verification.plans import STUDIES
from givre.verification.registry import CARDS, find_cards
from givre.verification.running import warm_up


def verify(ids: Sequence[str], *, output: Path | None, announce: Announce) -> Verification:
    """Run some cards, or all of them with the reference plans when no id is given, and write the page.

    Args:
        ids: V01 to V18; none for everything.
        output: folder of the page; None to write nothing.
        announce: told before each level.

    Raises:
        UnknownCard: if there is no such card.
        PageFolderRefused: if the page cannot be put there.
    """
    cards = find_cards(tuple(ids)) if ids else CARDS
    if output is not None:
        check_page_folder(output)  # before minutes of computing, not after
    origin = this_machine(threads=1, is_complete=not ids)  # before: sources that change meanwhile make the page stale
    verification = verify_the_solver(
        cards, () if ids else STUDIES, clock=time.perf_counter, announce=announce, warm_up=warm_up
    )
    if output is not None:
        write_verification(verification, origin, output)
    return verification

"""What a series has to itself on an engine that does one series at a time: its turn, and what its items share."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from givre.adapters.engine.errors import EngineBusy
from givre.adapters.engine.travelling import Parcel


class Turn:
    """One series at a time; series that share the same value share its bytes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parcel: Parcel | None = None

    @contextmanager
    def taken(self, shared: object) -> Iterator[Parcel]:
        """The turn while the context lasts, with what the items share as bytes, made once per value.

        Raises:
            EngineBusy: if another series has it.
            CannotTravel: if the value cannot be sent.
        """
        if not self._lock.acquire(blocking=False):
            raise EngineBusy("this engine is busy with another series; end that first, or make another engine")
        try:
            if self._parcel is None or self._parcel.value is not shared:
                self._parcel = None  # the old bytes go before the new ones come
                self._parcel = Parcel(shared)
            yield self._parcel
        finally:
            self._lock.release()

    def forget(self) -> None:
        """Let go of the bytes."""
        self._parcel = None

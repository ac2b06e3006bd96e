"""What every bad input must give: a named refusal, soon, without eating memory or telling who the patient is."""

from __future__ import annotations

import re
import resource
import time
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from givre.foundation.errors import GivreError, InputError

Refused = Callable[[str, str, Callable[[], object]], InputError]

SECRETS = ("PHANTOM^GIVRE", "PHANTOM-1")


def busy_s() -> float:
    """Processor time of this process and of those it waited for: other work on the machine does not count."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


@pytest.fixture(autouse=True)
def _five_seconds() -> Iterator[None]:
    busy_start_s, start_s = busy_s(), time.perf_counter()
    yield
    assert busy_s() - busy_start_s < 5.0, "a bad input must be refused within 5 s of processor time"
    assert time.perf_counter() - start_s < 30.0, "a bad input must not hang, even on a busy machine"


@pytest.fixture
def refused() -> Refused:
    """Check that reading is refused with this code and words, and that the message tells what to do."""

    def check(code: str, words: str, read: Callable[[], object]) -> InputError:
        with pytest.raises(GivreError) as caught:
            read()
        error = caught.value
        assert isinstance(error, InputError)
        assert error.code == code, str(error)
        assert re.search(words, str(error)), str(error)
        assert len(str(error)) < 1500
        assert not any(secret in str(error) for secret in SECRETS)
        return error

    return check


@pytest.fixture
def little_memory() -> Iterator[None]:
    """Check that no more than 150 MB are held at any moment."""
    tracemalloc.start()
    try:
        yield
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 150e6, f"{peak_bytes / 1e6:.0f} MB held at once"

"""The GPU library: whether it is here, and which device computes."""

from __future__ import annotations

import ctypes
import sys
from importlib.util import find_spec

from givre.foundation.errors import MissingExtra, OutsideError

PROCESSOR = "cpu"
"""The library's name for the processor: it runs the same code there, one block after the other."""


BYTES_PER_VOXEL, BYTES_PER_ISOTHERM = 63, 6
"""Memory of the device that a voxel takes, ghosts counted, and a voxel for each recorded isotherm (see `memory`)."""

_NO_GPU = (
    "no NVIDIA GPU can be used here: its CUDA driver is absent or finds none; install or repair the driver, "
    "or compute on the processor (--engine cpu)"
)
_DRIVERS = ("nvcuda.dll",) if sys.platform == "win32" else ("libcuda.so.1", "libcuda.so")


class NoGpu(OutsideError):
    """A GPU is asked for and none can be used."""

    code = "NO_GPU"


def refuse_missing_library() -> None:
    """Refuse before anything is computed.

    Raises:
        MissingExtra: when the library is not installed.
    """
    if find_spec("warp") is None:
        raise MissingExtra(
            "the GPU engine needs warp-lang, not installed here; pip install 'givre[gpu]', "
            "or compute on the processor (--engine cpu)"
        )


def find_device(name: str | None) -> str:
    """The device that will compute.

    Args:
        name: as the library names it, "cuda:0" or "cpu"; the first GPU if not given, never the processor instead.

    Raises:
        MissingExtra: when the library is not installed.
        NoGpu: when there is no such device.
    """
    refuse_missing_library()
    if name is None and not _has_driver():  # asked here, because the library would write to stderr
        raise NoGpu(_NO_GPU)
    import warp as wp  # noqa: PLC0415 - optional and heavy

    wp.config.log_level = max(wp.config.log_level, wp.LOG_WARNING)
    known = [device.alias for device in wp.get_devices()]
    wanted = name or next((alias for alias in known if alias != PROCESSOR), None)
    if wanted is None:
        raise NoGpu(_NO_GPU)
    if wanted not in known:
        raise NoGpu(f'no device "{wanted}" here; choose one of {", ".join(known)}')
    return wanted


def bytes_needed(voxels: int, isotherms: int) -> int:
    """Memory of the device that a domain of so many voxels takes, ghosts counted.

    >>> round(bytes_needed(102**3, 3) / 1e6)
    86
    """
    return voxels * (BYTES_PER_VOXEL + BYTES_PER_ISOTHERM * isotherms)


def _has_driver() -> bool:
    for name in _DRIVERS:
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        return True
    return False


def device_in_words(name: str) -> str:
    """The device and the library, so that a figure is never read without them."""
    import warp as wp  # noqa: PLC0415 - optional and heavy

    device = wp.get_device(name)
    kind = "the processor" if name == PROCESSOR else f"{device.name}, {device.total_memory / 2**30:.0f} GiB"
    return f"{kind}, Warp {wp.config.version}"

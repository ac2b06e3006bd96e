"""What one core of this machine can do at most: bytes moved and multiplications with additions."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Array32 = npt.NDArray[np.float32]


@numba.njit(fastmath=True)
def _row(a: Array32, b: Array32, c: Array32) -> None:
    for i in range(len(a)):
        a[i] = b[i] + np.float32(0.5) * c[i]


@numba.njit(fastmath=True)
def triad(a: Array32, b: Array32, c: Array32) -> None:
    """a = b + c / 2, row by row."""
    for n in range(len(a)):
        _row(a[n], b[n], c[n])


@numba.njit(fastmath={"contract"})  # any freedom more, and the compiler does the eight at once
def multiply_add(count: int) -> Array32:
    """`count` times eight multiplications with additions on 256 numbers."""
    x = np.float32(0.999)
    s = np.ones(256, np.float32)
    for _ in range(count):
        for i in range(256):
            v = s[i]
            v = v * x + x
            v = v * x + x
            v = v * x + x
            v = v * x + x
            v = v * x + x
            v = v * x + x
            v = v * x + x
            s[i] = v * x + x
    return s

"""What Warp needs to compile a function, with its types known to mypy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import warp as wp

Code = TypeVar("Code", bound=Callable[..., Any])
Record = TypeVar("Record")


def kernel(code: Code) -> Code:
    """Compile for many threads at once, on first use."""
    return cast("Code", wp.kernel(code, enable_backward=False))


def function(code: Code) -> Code:
    """Compile to be called from kernels."""
    return cast("Code", wp.func(code))


def record(fields: type[Record]) -> type[Record]:
    """A record of arrays and numbers that kernels receive as one argument."""
    return cast("type[Record]", wp.struct(fields))

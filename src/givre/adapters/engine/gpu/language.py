"""What Warp needs to compile a function, with its types known to mypy."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

import warp as wp

if TYPE_CHECKING:  # mypy cannot read the library's types: to it an array is anything
    Bytes: TypeAlias = Any
    ByteRows: TypeAlias = Any
    Words: TypeAlias = Any
    Index: TypeAlias = Any
    IndexRows: TypeAlias = Any
    Floats: TypeAlias = Any
    FloatRows: TypeAlias = Any
    Doubles: TypeAlias = Any
    DoubleRows: TypeAlias = Any
else:
    Bytes, ByteRows = wp.array[wp.uint8], wp.array2d[wp.uint8]
    Words, Index, IndexRows = wp.array[wp.uint16], wp.array[wp.int32], wp.array2d[wp.int32]
    Floats, FloatRows = wp.array[wp.float32], wp.array2d[wp.float32]
    Doubles, DoubleRows = wp.array[wp.float64], wp.array2d[wp.float64]

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

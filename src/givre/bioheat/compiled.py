"""How the inner loops are compiled, and where the compiled code is kept.

numba keeps compiled code per file and looks only at that file's date, although code of other files is inlined in it.
The kernels call each other across files, so their code is kept under a name made of all their sources: any change to
any of them compiles all anew, and two versions of givre never share code.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar, cast

import llvmlite.binding as llvm
import numba

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

# A row of a stage reads more arrays than LLVM is willing to check for overlap by default; it then gives up
# vectorising and the loop runs four times slower.
llvm.set_option("", "-runtime-memory-check-threshold=1024")

_FAST = {"contract", "nsz", "arcp", "reassoc"}  # never "nnan": a NaN must stay visible
_ENTRY: dict[str, Any] = {"nogil": True, "cache": True, "error_model": "numpy", "no_cfunc_wrapper": True}
_INNER = _ENTRY | {"no_cpython_wrapper": True}


def entry(function: Kernel) -> Kernel:
    """Compile on first call, keep the code, let other threads run meanwhile."""
    return cast("Kernel", numba.njit(**_ENTRY)(function))


def kernel(function: Kernel) -> Kernel:
    """The same for what only compiled code calls: it costs less to compile. A call from Python would crash."""
    return cast("Kernel", numba.njit(**_INNER)(function))


def part(function: Kernel) -> Kernel:
    """A piece of one larger kernel, compiled as if its lines stood there."""
    return cast("Kernel", numba.njit(inline="always", **_INNER)(function))


def loop(function: Kernel) -> Kernel:
    """A loop over rows: sums may be taken in any order, which lets it use vector instructions."""
    return cast("Kernel", numba.njit(fastmath=_FAST, **_INNER)(function))


def entry_loop(function: Kernel) -> Kernel:
    """The same, to be called from Python too."""
    return cast("Kernel", numba.njit(fastmath=_FAST, **_ENTRY)(function))


def loop_blind_to_nan(function: Kernel) -> Kernel:
    """The same where a NaN may go unseen because another loop sees it."""
    return cast("Kernel", numba.njit(fastmath=_FAST | {"nnan"}, **_INNER)(function))


def _keep_code_by_source() -> None:
    digest = hashlib.sha256()
    for source in sorted(resources.files("givre.bioheat").iterdir(), key=lambda entry: entry.name):
        if source.name.endswith(".py"):
            digest.update(source.read_bytes())
    root = Path(os.environ["NUMBA_CACHE_DIR"]) if os.environ.get("NUMBA_CACHE_DIR") else _cache_folder() / "numba"
    numba.config.CACHE_DIR = str(root / digest.hexdigest()[:16])  # type: ignore[attr-defined]


def _cache_folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "givre"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "givre"


_keep_code_by_source()

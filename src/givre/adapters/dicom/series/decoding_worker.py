"""The process that decompresses pixels: reads one request, writes 16-bit words, dies alone if it must."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import numpy as np
from pydicom import dcmread
from pydicom.pixels.utils import pixel_array

MEMORY_BYTES = 3 * 2**30
"""Address space of this process; two slices and the libraries need well under one GiB."""


def limit_resources(cpu_s: int, file_bytes: int) -> None:
    """Cap memory, processor time and file size, where the system can."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> int:
    """Decode every file of the request; on failure print the number of the file and give 1."""
    request = json.load(sys.stdin)
    shape = (request["rows"], request["columns"])
    limit_resources(request["cpu_s"], 2 * shape[0] * shape[1] * len(request["files"]))
    warnings.simplefilter("ignore")
    with Path(request["target"]).open("xb") as sink:
        for number, name in enumerate(request["files"]):
            try:
                words = np.ascontiguousarray(pixel_array(dcmread(name), raw=True))
            except Exception:  # noqa: BLE001 - any decoder, any fault: the number of the file is the answer
                sys.stdout.write(str(number))
                return 1
            if words.shape != shape or words.dtype.itemsize != 2:
                sys.stdout.write(str(number))
                return 1
            sink.write(words.view(np.uint16).astype("<u2", copy=False).tobytes())
    return 0


if __name__ == "__main__":
    sys.exit(main())

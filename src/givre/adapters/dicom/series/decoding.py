"""Decompress the pixels of a series in a separate process with limits on memory and time.

A decoder fed with hostile bytes may crash, loop or take all memory; here that ends one small process
and becomes a named refusal.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID

from givre.adapters.dicom.errors import DicomPixels, DicomTransferSyntax
from givre.adapters.dicom.series.pixels import Stored
from givre.adapters.dicom.series.slices import CtSlice

SECONDS_TO_START = 20
SECONDS_PER_SLICE = 2

_WORKER = Path(__file__).with_name("decoding_worker.py")  # run by path: it needs pydicom, not the whole of givre


def refuse_without_decoder(slices: Sequence[CtSlice]) -> None:
    """Refuse compressed slices that no installed decoder reads.

    Raises:
        DicomTransferSyntax: with the name of the compression.
    """
    for encoding in {one.encoding for one in slices if one.encoding.encapsulated}:
        if not get_decoder(UID(encoding.uid)).is_available:
            raise DicomTransferSyntax(
                f"the slices are compressed with {encoding.name} and no decoder for it is installed; export the series "
                "uncompressed (Explicit VR Little Endian) or install a decoder for pydicom, such as pylibjpeg-libjpeg"
            )


@contextmanager
def decoded(slices: Sequence[CtSlice]) -> Iterator[Stored]:
    """The decompressed 16-bit words of each slice, shape (slices, rows, columns), while the context lasts.

    Raises:
        DicomPixels: if a slice cannot be decoded, names which.
    """
    layout = slices[0].layout
    with tempfile.TemporaryDirectory(prefix="givre-") as folder:
        target = Path(folder) / "words"
        request = {
            "files": [str(one.found.path.resolve()) for one in slices],
            "rows": layout.rows,
            "columns": layout.columns,
            "target": str(target),
            "cpu_s": SECONDS_TO_START + SECONDS_PER_SLICE * len(slices),
        }
        _run(request, slices)
        if target.stat().st_size != layout.length * len(slices):
            raise DicomPixels("decompression gave another number of pixels than the slices declare; export them again")
        words = np.memmap(target, dtype="<u2", mode="r", shape=(len(slices), layout.rows, layout.columns))
        try:
            yield words
        finally:
            del words


def _run(request: dict[str, object], slices: Sequence[CtSlice]) -> None:
    limit_s = SECONDS_TO_START + SECONDS_PER_SLICE * len(slices)
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no shell, paths travel by standard input
            [sys.executable, "-P", str(_WORKER)],
            input=json.dumps(request).encode(),
            capture_output=True,
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise DicomPixels(
            f"decompressing {len(slices)} slices took more than {limit_s} s and was stopped; export them uncompressed"
        ) from error
    if done.returncode == 0:
        return
    failed = done.stdout.decode("ascii", "replace").strip()
    which = slices[int(failed)].what if failed.isdigit() and int(failed) < len(slices) else "a slice"
    raise DicomPixels(
        f"{which}: its {slices[0].encoding.name} pixels cannot be decompressed; the file is damaged, copy it again "
        "or export the series uncompressed"
    )

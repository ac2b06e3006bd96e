"""The page on bad inputs says what the tests and the code say."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import givre.adapters
from givre.adapters.archive import UnpackingLimits
from givre.adapters.dicom.part10 import fields, opening, structure
from givre.adapters.dicom.series import decoding, decoding_worker, objects, stack
from givre.adapters.nrrd import payload
from givre.foundation.errors import GivreError
from givre.usecases import ct_checks, mask_checks

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "reference" / "bad-inputs.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if re.match(r"\| B\d{3} ", line)]
TESTED = {
    f"B{number}"
    for file in Path(__file__).parent.glob("test_*.py")
    for number in re.findall(r"def test_(?:b\d{3}_)*?b(\d{3})", file.read_text(encoding="utf-8"))
} | {"B015"}  # tested together with B014, under a name that begins with it


def known_codes() -> set[str]:
    for module in ("dicom", "nifti", "nrrd"):
        importlib.import_module(f"givre.adapters.{module}.errors")
    classes = [GivreError]
    for one in classes:
        classes += one.__subclasses__()
    return {one.code for one in classes}


def test_every_row_of_the_page_has_a_test_and_every_test_a_row() -> None:
    assert {line[2:6] for line in ROWS} == TESTED
    assert len(TESTED) == 43


def test_every_code_of_the_page_exists() -> None:
    assert set(re.findall(r"`([A-Z0-9]+(?:_[A-Z0-9]+)+)`", PAGE)) <= known_codes() | {"PREAMBLE_DISGUISE", "SET_ASIDE"}
    assert all("accepted" in line or "`" in line.rsplit("|", 2)[1] for line in ROWS)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("Voxels in one image", ct_checks.MAX_VOXELS),
        ("Depth of DICOM sequences", structure.MAX_DEPTH),
        ("Elements in one DICOM file", structure.MAX_ELEMENTS),
        ("One DICOM file", opening.MAX_FILE_BYTES),
        ("DICOM header before the pixels", fields.MAX_HEADER_BYTES),
        ("Deflated data set, unpacked", opening.MAX_INFLATED_BYTES),
        ("Deflated data set, unpacked", opening.MAX_INFLATION_RATIO),
        ("Files in one folder", objects.MAX_FILES),
        ("Zip: entries", UnpackingLimits().entries),
        ("Zip: central directory", UnpackingLimits().directory_bytes),
        ("Zip: one file unpacked", UnpackingLimits().entry_bytes),
        ("Zip: all files unpacked", UnpackingLimits().total_bytes),
        ("Zip: all files unpacked", UnpackingLimits().ratio),
        ("Decompression process", decoding_worker.MEMORY_BYTES),
        ("Decompression process", decoding.SECONDS_TO_START),
        ("NRRD and MetaImage header", payload.MAX_HEADER_BYTES),
        ("Slice missing", stack.MOST_FILLED_SLICES),
        ("**Masks**", mask_checks.TOLERANCE_VOXELS),
    ],
)
def test_every_limit_of_the_page_is_that_of_the_code(words: str, value: float) -> None:
    line = next(line for line in PAGE.splitlines() if words in line)
    assert f"{value:,}" in line


def test_every_adapter_of_images_is_covered() -> None:
    names = {module.name for module in pkgutil.iter_modules(givre.adapters.__path__)}
    assert {"archive", "dicom", "nifti", "nrrd"} <= names

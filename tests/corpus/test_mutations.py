"""Sound files with bytes changed at random: read, or refused by name; never anything else."""

from __future__ import annotations

import gzip
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from givre.adapters.dicom import read_ct_series, read_rtstruct_mask
from givre.adapters.nifti import read_nifti_image, read_nifti_mask
from givre.adapters.nrrd import read_mha_image, read_nrrd_image
from givre.foundation.errors import InputError
from givre.testing.dicom_files import ct_series, small_ct_hu, structure_set, write_dicom, write_series
from givre.testing.nifti_files import nifti_bytes, write_nifti

HU = small_ct_hu()
ROUNDS = 150


def mutated(content: bytes, rng: np.random.Generator, first_bytes: int) -> bytes:
    """Some bytes changed, removed or repeated near the beginning, where headers are."""
    changed = bytearray(content)
    for _ in range(int(rng.integers(1, 4))):
        at = int(rng.integers(0, min(first_bytes, len(changed))))
        action = int(rng.integers(0, 4))
        if action == 0:
            changed[at] ^= int(1 << rng.integers(0, 8))
        elif action == 1:
            changed[at] = int(rng.choice([0x00, 0xFF, 0x7F, 0x2C, 0x5C]))
        elif action == 2:
            del changed[at : at + int(rng.integers(1, 9))]
        else:
            changed[at:at] = changed[at : at + int(rng.integers(1, 9))]
    return bytes(changed)


def outcomes(path: Path, read: Callable[[], object], seed: int, first_bytes: int) -> tuple[int, int]:
    """How many mutated files were read and how many refused; anything else fails the test."""
    rng = np.random.default_rng(seed)
    sound = path.read_bytes()
    accepted = 0
    messages = []
    for _ in range(ROUNDS):
        path.write_bytes(mutated(sound, rng, first_bytes))
        try:
            read()
            accepted += 1
        except InputError as error:
            messages.append(str(error))
    assert not any("PHANTOM^GIVRE" in message for message in messages)
    return accepted, len(messages)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"])
def test_a_mutated_slice_never_brings_the_importer_down(tmp_path: Path, syntax: str) -> None:
    folder = write_series(ct_series(), tmp_path / "ct", syntax=syntax)
    victim = sorted(folder.iterdir())[2]
    accepted, refused = outcomes(victim, lambda: read_ct_series(folder), seed=1, first_bytes=900)
    assert accepted + refused == ROUNDS
    assert refused > ROUNDS // 3


def test_a_mutated_structure_set_never_brings_the_importer_down(tmp_path: Path) -> None:
    image = read_ct_series(write_series(ct_series(), tmp_path / "ct"))
    square = [[-4.5, -4.5, 104], [3.5, -4.5, 104], [3.5, 3.5, 104], [-4.5, 3.5, 104]]
    file = write_dicom(structure_set({"GTV": [square]}), tmp_path / "rs.dcm")
    accepted, refused = outcomes(
        file, lambda: read_rtstruct_mask(file, name="tumour", onto=image), seed=2, first_bytes=1200
    )
    assert accepted + refused == ROUNDS
    assert refused > ROUNDS // 3


@pytest.mark.parametrize("name", ["ct.nii", "ct.nii.gz"])
def test_a_mutated_nifti_never_brings_the_importer_down(tmp_path: Path, name: str) -> None:
    file = write_nifti(tmp_path / name, nifti_bytes(HU, qform_code=1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        accepted, refused = outcomes(file, lambda: read_nifti_image(file), seed=3, first_bytes=352)
    assert accepted + refused == ROUNDS
    assert refused > ROUNDS // 3


def test_a_mutated_mask_never_brings_the_importer_down(tmp_path: Path) -> None:
    image = read_nifti_image(write_nifti(tmp_path / "ct.nii", nifti_bytes(HU)))
    file = write_nifti(tmp_path / "mask.nii", nifti_bytes((HU > 600).astype(np.float32)))
    accepted, refused = outcomes(
        file, lambda: read_nifti_mask(file, name="tumour", onto=image), seed=4, first_bytes=4000
    )
    assert accepted + refused == ROUNDS


NRRD = (
    b"NRRD0004\ntype: short\ndimension: 3\nspace: left-posterior-superior\nsizes: 20 16 6\n"
    b"space directions: (1,0,0) (0,1,0) (0,0,2)\nkinds: domain domain domain\nendian: little\n"
    b"encoding: gzip\nspace origin: (-10,-8,100)\n\n" + gzip.compress(HU.tobytes(), mtime=0)
)
MHA = (
    b"ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nCompressedData = False\n"
    b"TransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = -10 -8 100\nElementSpacing = 1 1 2\nDimSize = 20 16 6\n"
    b"ElementType = MET_SHORT\nElementDataFile = LOCAL\n" + HU.tobytes()
)


@pytest.mark.parametrize(("content", "read"), [(NRRD, read_nrrd_image), (MHA, read_mha_image)])
def test_a_mutated_nrrd_or_mha_never_brings_the_importer_down(
    tmp_path: Path, content: bytes, read: Callable[[Path], object]
) -> None:
    file = tmp_path / "ct"
    file.write_bytes(content)
    read(file)
    accepted, refused = outcomes(file, lambda: read(file), seed=5, first_bytes=content.index(b"\x00"))
    assert accepted + refused == ROUNDS
    assert refused > ROUNDS // 4

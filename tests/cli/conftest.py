"""A small case on disk: a ball of lytic tumour in bone, one cryoprobe, a short freeze on a coarse lattice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

SHAPE = (36, 36, 36)
AFFINE = np.diag([2.5, 2.5, 2.5, 1.0])

CASE = """\
givre_case = 1
[case]
id = "ball"
title = "Ball"
anatomy = "phantom"
lesion_kind = "lytic"
synthetic = "everything"
[image]
path = "ct.nii.gz"
[[structures]]
name = "tumour"
path = "tumour.nii.gz"
[[structures]]
name = "nerve"
path = "nerve.nii.gz"
[[probes]]
label = "P1"
model = "icesphere-1.5-cx"
entry_mm = [-44, -85, 44]
target_mm = [-44, -30, 44]
[protocol]
name = "short"
[[protocol.phases]]
kind = "freeze"
duration_s = {freeze_s}
[goals]
lethal_temp_c = -20
margin_mm = {margin_mm}
coverage = {coverage}
source = "test"
status = "assumption"
[[organs_at_risk]]
structure = "nerve"
limit_temp_c = 0
alarm_temp_c = 10
source = "test"
status = "assumption"
[simulation]
voxel_mm = 2.5
domain_margin_mm = {domain_margin_mm}
"""

WriteBall = Callable[..., Path]


def _ball(centre_mm: tuple[float, float, float], radius_mm: float) -> np.ndarray:
    index = np.indices(SHAPE).transpose(1, 2, 3, 0)
    return np.linalg.norm(2.5 * index - np.array(centre_mm), axis=-1) <= radius_mm


@pytest.fixture
def ball_case(tmp_path: Path) -> WriteBall:
    """Writes the case; the numbers of its plan decide how its simulation ends."""
    ct = np.full(SHAPE, 50, dtype=np.int16)
    tumour = _ball((44, 44, 44), 6)
    ct[:, :2], ct[_ball((44, 44, 44), 18)], ct[tumour] = -1000, 400, 45

    def write(
        *, freeze_s: float = 60.0, margin_mm: float = 5.0, coverage: float = 1.0, domain_margin_mm: float = 30.0
    ) -> Path:
        folder = tmp_path / "case"
        folder.mkdir()
        images = {"ct": ct, "tumour": tumour.astype(np.uint8), "nerve": _ball((44, 15, 44), 4).astype(np.uint8)}
        for name, values in images.items():
            nib.save(nib.Nifti1Image(values, AFFINE), folder / f"{name}.nii.gz")
        (folder / "case.toml").write_text(
            CASE.format(freeze_s=freeze_s, margin_mm=margin_mm, coverage=coverage, domain_margin_mm=domain_margin_mm)
        )
        return folder

    return write

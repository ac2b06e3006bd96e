"""The temperature fields of a run as NIfTI images, in the space of the CT."""

from __future__ import annotations

import gzip
from pathlib import Path

import nibabel as nib
import numpy as np
import numpy.typing as npt

from givre.adapters.results.numbers import temperature_name
from givre.bioheat.run import ThermalRun
from givre.geometry.grid import Grid
from givre.geometry.volume import Mask, Volume

FIELDS_FOLDER = "fields"
_QUICK = 4  # of 9: float fields shrink little more at the highest level, and take five times as long


def write_fields(run: ThermalRun, folder: Path) -> None:
    """Write `fields/*.nii.gz`: temperatures [°C], times [s] and numbers of freezes, float32 or uint8, RAS+ affine."""
    (folder / FIELDS_FOLDER).mkdir(parents=True, exist_ok=True)
    temperatures = {"coldest_c": run.coldest_c, "end_of_freeze_c": run.end_of_freeze_c, "final_c": run.final_c}
    for name, values in temperatures.items():
        _write(folder, name, np.asarray(values, dtype=np.float32), run.grid, "temperature, degC")
    for threshold_c, seconds in run.time_below_s.items():
        name = f"time_below_{temperature_name(threshold_c)}_s"
        _write(folder, name, np.asarray(seconds, dtype=np.float32), run.grid, "time, s")
    for threshold_c, count in run.freezes_below.items():
        name = f"freezes_below_{temperature_name(threshold_c)}"
        _write(folder, name, np.asarray(count, dtype=np.uint8), run.grid, "number of freezes")


def write_field(folder: Path, name: str, volume: Volume, what: str) -> None:
    """Write one volume as `fields/NAME.nii.gz`, float32, RAS+ affine; `what` says in ASCII what its numbers are."""
    (folder / FIELDS_FOLDER).mkdir(parents=True, exist_ok=True)
    _write(folder, name, np.asarray(volume.values, dtype=np.float32), volume.grid, what)


def write_mask(mask: Mask, path: Path) -> None:
    """Write one mask as NIfTI, uint8, RAS+ affine."""
    _write_image(path, mask.inside.astype(np.uint8), mask.grid, "mask")


def _write(folder: Path, name: str, values: npt.NDArray[np.float32 | np.uint8], grid: Grid, what: str) -> None:
    _write_image(folder / FIELDS_FOLDER / f"{name}.nii.gz", values, grid, what)


def _write_image(path: Path, values: npt.NDArray[np.float32 | np.uint8], grid: Grid, what: str) -> None:
    image = nib.Nifti1Image(np.ascontiguousarray(values.transpose(2, 1, 0)), grid.affine_ras())
    image.header.set_xyzt_units("mm", "sec")
    image.set_qform(grid.affine_ras(), code=1)
    image.set_sform(grid.affine_ras(), code=1)
    image.header["descrip"] = f"givre {what}; not a medical device".encode("ascii")
    # nibabel would write the time of day into the gzip header: the same run must give the same bytes
    with (
        path.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=_QUICK, mtime=0) as stream,
    ):
        stream.write(image.to_bytes())

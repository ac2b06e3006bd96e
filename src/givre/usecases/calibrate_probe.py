"""Calibrate a cryoprobe on a measured table: read it, fit the probe, make its catalogue entry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from givre.calibration.entry import TableOrigin, calibrated_model, refuse_bad_id
from givre.calibration.fit import FitSettings, Told, fit_probe
from givre.calibration.measured import read_measured
from givre.calibration.result import Calibration
from givre.cryoprobe.model import CryoprobeModel
from givre.usecases.ports import Solver


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredFile:
    """A measured table as it was read.

    Attributes:
        lines: its lines, the header first.
        origin: name, hash, and the day of the calibration.
    """

    lines: tuple[str, ...]
    origin: TableOrigin


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibratedProbe:
    """What a calibration gives.

    Attributes:
        calibration: the fit, with its residuals.
        model: the catalogue entry, with its origin.
    """

    calibration: Calibration
    model: CryoprobeModel


def calibrate_probe(
    table: MeasuredFile,
    base: CryoprobeModel,
    *,
    solve: Solver,
    asked: Iterable[str] = (),
    settings: FitSettings | None = None,
    told: Told | None = None,
    model_id: str = "",
    name: str = "",
) -> CalibratedProbe:
    """Fit a probe to a measured table.

    Args:
        table: the measured isotherms.
        base: catalogue entry that gives the diameter and whatever is not fitted.
        solve: the solver.
        asked: what to fit; what the table can tell if empty.
        settings: uncertainty and voxels of the fit.
        told: told how far it is.
        model_id: id of the new entry; that of the base unless given.
        name: name of the new entry; that of the base unless given.

    Raises:
        InputError: if the table is bad, or does not carry the fit.
        SimulationError: if a run gives no usable result.
    """
    refuse_bad_id(model_id or base.id)
    sizes = read_measured(table.lines, name=table.origin.file)
    calibration = fit_probe(sizes, base, solve=solve, asked=asked, settings=settings, told=told)
    model = calibrated_model(calibration, base, table.origin, model_id=model_id, name=name)
    return CalibratedProbe(calibration=calibration, model=model)

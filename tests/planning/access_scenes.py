"""Small patients made of simple solids, on any lattice, for tests of ways of access."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from givre.case.description import CaseDescription, ImageReference, SimulationSettings, StructureReference
from givre.case.goals import Goals
from givre.cryoprobe.protocol import TEMPLATES
from givre.geometry.grid import Grid
from givre.geometry.volume import Mask, Volume
from givre.planning.access.limits import load_access_limits
from givre.planning.access.needle import load_shafts, shafts_of
from givre.planning.access.path_checker import Access, path_checker
from givre.planning.access.trajectory import AccessCase
from givre.testing.phantoms import Phantom
from givre.testing.shapes import sphere
from givre.tissue.hu_thresholds import load_hu_thresholds

Array = npt.NDArray[np.float64]

BODY_RADIUS_MM = 60.0
THRESHOLDS = load_hu_thresholds()


def cube(edge_mm: float, spacing_mm: float = 2.0, axes: tuple[tuple[float, float, float], ...] | None = None) -> Grid:
    """A lattice centred on the origin, with its axes as given."""
    count = round(edge_mm / spacing_mm)
    rows = ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)) if axes is None else axes
    origin = -(count - 1) / 2.0 * spacing_mm * np.array(rows).sum(axis=0)
    return Grid(
        shape=(count, count, count),
        spacing_mm=(spacing_mm, spacing_mm, spacing_mm),
        origin_mm=(float(origin[0]), float(origin[1]), float(origin[2])),
        axes=rows,  # type: ignore[arg-type]
    )


def ball(grid: Grid, centre_mm: tuple[float, float, float], radius_mm: float, name: str) -> Mask:
    return Mask(grid=grid, inside=sphere(grid.voxel_centres_mm(), centre_mm, radius_mm) <= 0, name=name)


def patient(grid: Grid, *structures: Mask, radius_mm: float = BODY_RADIUS_MM) -> tuple[Volume, dict[str, Mask]]:
    """A ball of muscle in air with a small tumour in its middle and some structures."""
    hu = np.where(sphere(grid.voxel_centres_mm(), (0.0, 0.0, 0.0), radius_mm) <= 0, 50.0, -1000.0)
    masks = {"tumour": ball(grid, (0.0, 0.0, 0.0), 6.0, "tumour")} | {mask.name: mask for mask in structures}
    return Volume(grid=grid, values=hu.astype(np.float32), unit="HU"), masks


def laid_out(ct: Volume, masks: dict[str, Mask], *, diameter_mm: float = 2.0, **access: object) -> AccessCase:
    """A case laid out for a needle of 175 mm."""
    settings = Access(limits=load_access_limits(), diameter_mm=diameter_mm, **access)  # type: ignore[arg-type]
    checker = path_checker(ct, masks, thresholds=THRESHOLDS, access=settings)
    shafts = shafts_of("icesphere-1.5-cx", load_shafts())
    return AccessCase(checker=checker, ct=ct, masks=masks, thresholds=THRESHOLDS, shafts=shafts)


def around(radius_mm: float, count: int = 200) -> Array:
    """Points spread over a sphere."""
    turn = np.arange(count) + 0.5
    height = 1.0 - 2.0 * turn / count
    angle = np.pi * (1.0 + 5.0**0.5) * turn
    flat = np.sqrt(1.0 - height**2)
    return radius_mm * np.stack([flat * np.cos(angle), flat * np.sin(angle), height], axis=1)


def described(phantom: Phantom, **changes: object) -> CaseDescription:
    """The case file of a phantom."""
    goals = Goals(lethal_temp_c=-20.0, margin_mm=3.0, coverage=1.0, source="test", status="assumption")
    case = CaseDescription(
        case_id="test",
        title="test",
        question="",
        anatomy="",
        lesion_kind="lytic",
        synthetic="all",
        image=ImageReference(path="ct.nii.gz"),
        structures=tuple(StructureReference(name=name, path=f"{name}.nii.gz") for name in phantom.masks),
        placements=phantom.placements,
        protocol=TEMPLATES["10-8-10"],
        goals=goals,
        organs_at_risk=(),
        settings=SimulationSettings(),
    )
    return replace(case, **changes)  # type: ignore[arg-type]

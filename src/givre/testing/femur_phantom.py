"""A proximal femur with head, neck, trochanter and shaft full of yellow marrow."""

from __future__ import annotations

import numpy as np

from givre.testing.phantoms import (
    AIR_HU,
    BLOOD_HU,
    CORD_HU,
    FAT_HU,
    MUSCLE_HU,
    SKIN_HU,
    TRABECULAR_HU,
    YELLOW_MARROW_HU,
    LesionShape,
    Phantom,
    mask_of,
    paint_bone,
    phantom_grid,
    probe_through,
    scanned,
    with_lesion,
)
from givre.testing.shapes import capsule, slab, sphere, union


def femur_phantom(*, seed: int = 0) -> Phantom:
    """A left proximal femur with a lytic lesion between the trochanters that breaches the lateral cortex.

    Shaft 30 mm wide with a 6 mm cortex, head 46 mm wide, neck at 130 degrees to the shaft; skin 55 mm outside.
    """
    grid = phantom_grid((-66.0, -48.0, -57.0), (63.0, 54.0, 63.0))
    points = grid.voxel_centres_mm()
    x, y, z = points[..., 0], points[..., 1], points[..., 2]
    shaft = capsule(points, (0.0, 0.0, -90.0), (0.0, 0.0, -8.0), 15.0)
    marrow = capsule(points, (0.0, 0.0, -90.0), (0.0, 0.0, -12.0), 9.0)
    neck = capsule(points, (0.0, 0.0, 0.0), (-40.0, -4.0, 33.0), 15.0)
    head = sphere(points, (-40.0, -4.0, 33.0), 23.0)
    trochanter = capsule(points, (4.0, 3.0, 0.0), (8.0, 6.0, 26.0), 14.0)
    bone = union(shaft, neck, head, trochanter)
    vessels = capsule(points, (-36.0, -36.0, 60.0), (-26.0, -30.0, -57.0), 7.0)
    nerve = capsule(points, (-26.0, 36.0, 60.0), (-20.0, 32.0, -57.0), 5.0)
    side_mm = 55.0 - 0.004 * y**2

    hu = np.full(grid.shape, MUSCLE_HU)
    hu[x > side_mm - 16.0] = FAT_HU
    hu[x > side_mm - 2.0] = SKIN_HU
    hu[x > side_mm] = AIR_HU
    hu[vessels <= 0] = BLOOD_HU
    hu[nerve <= 0] = CORD_HU
    paint_bone(hu, bone, cortex_mm=2.5, core_hu=TRABECULAR_HU + 70.0)
    paint_bone(hu, shaft + np.where(z > -22.0, 100.0, 0.0), cortex_mm=6.0, core_hu=YELLOW_MARROW_HU)
    hu[(marrow <= 0) & (z <= -12.0)] = YELLOW_MARROW_HU
    masks = {
        "bone": mask_of(grid, bone, "bone"),
        "vessel_femoral": mask_of(grid, vessels, "vessel_femoral"),
        "nerve_sciatic": mask_of(grid, nerve, "nerve_sciatic"),
        "skin": mask_of(grid, slab(x - side_mm, -2.0, 0.0), "skin"),
    }
    ct, masks = with_lesion(
        scanned(hu, grid, seed=seed),
        masks,
        LesionShape(centre_mm=(9.0, 2.0, 2.0), semi_axes_mm=(13.0, 10.0, 13.0)),
        seed=seed,
    )
    towards = (-0.9, -0.1, 0.42)
    placements = (
        probe_through("P1", (8.0, 2.0, 8.0), towards=towards, entry_depth_mm=51.0),
        probe_through("P2", (8.0, -3.0, -4.0), towards=towards, entry_depth_mm=51.0),
        probe_through("P3", (8.0, 7.0, -4.0), towards=towards, entry_depth_mm=51.0),
    )
    return Phantom(
        name="phantom-femur",
        anatomy="left proximal femur, between the trochanters (phantom)",
        ct=ct,
        masks=masks,
        placements=placements,
    )

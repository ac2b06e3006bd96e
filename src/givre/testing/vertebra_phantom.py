"""A vertebra near the spinal cord, with discs, canal, cord, roots, muscle, fat and skin of the back."""

from __future__ import annotations

import numpy as np

from givre.testing.phantoms import (
    AIR_HU,
    BLOOD_HU,
    CORD_HU,
    CSF_HU,
    DISC_HU,
    FAT_HU,
    MUSCLE_HU,
    SKIN_HU,
    TRABECULAR_HU,
    LesionShape,
    Phantom,
    mask_of,
    paint_bone,
    phantom_grid,
    probe_through,
    scanned,
    with_lesion,
)
from givre.testing.shapes import (
    Distance,
    Points,
    capsule,
    elliptic_column,
    intersection,
    slab,
    union,
    without,
)

CANAL_CENTRE_MM = (0.0, 27.0)
"""Axis of the canal in x and y; the vertebral body is centred at the origin."""


def vertebra_phantom(*, seed: int = 0) -> Phantom:
    """A thoracolumbar vertebra with a lytic lesion of the left side of its body, 10 mm from the canal.

    Body 48 x 34 x 28 mm, canal 22 x 17 mm, cord 10 x 8 mm, skin of the back 85 mm behind the middle of the body.
    """
    grid = phantom_grid((-60.0, -42.0, -45.0), (60.0, 93.0, 45.0))
    points = grid.voxel_centres_mm()
    x, y, z = points[..., 0], points[..., 1], points[..., 2]
    canal = elliptic_column(points, CANAL_CENTRE_MM, (11.0, 8.5))
    cord = elliptic_column(points, CANAL_CENTRE_MM, (5.0, 4.0))
    column = elliptic_column(points, (0.0, 0.0), (24.0, 17.0))
    level, above, below = slab(z, -14.0, 14.0), slab(z, 23.0, 60.0), slab(z, -60.0, -23.0)
    bodies = intersection(column, union(level, above, below))
    discs = intersection(column, without(slab(z, -23.0, 23.0), level))
    bone = without(union(bodies, _posterior_arch(points)), canal)
    aorta = elliptic_column(points, (8.0, -29.0), (9.0, 9.0))
    roots = {side: _root(points, sign) for side, sign in (("left", 1.0), ("right", -1.0))}
    back_mm = 85.0 - 0.002 * x**2

    hu = np.full(grid.shape, MUSCLE_HU)
    hu[y > back_mm - 14.0] = FAT_HU
    hu[y < -19.0] = FAT_HU
    hu[y > back_mm - 2.0] = SKIN_HU
    hu[y > back_mm] = AIR_HU
    hu[aorta <= 0] = BLOOD_HU
    hu[discs <= 0] = DISC_HU
    hu[canal <= 0] = CSF_HU
    paint_bone(hu, bone, cortex_mm=2.0, core_hu=TRABECULAR_HU)
    hu[cord <= 0] = CORD_HU
    for root in roots.values():
        hu[root <= 0] = CORD_HU
    masks = {
        "bone": mask_of(grid, bone, "bone"),
        "spinal_canal": mask_of(grid, canal, "spinal_canal"),
        "spinal_cord": mask_of(grid, cord, "spinal_cord"),
        "disc": mask_of(grid, discs, "disc"),
        "vessel_aorta": mask_of(grid, aorta, "vessel_aorta"),
        "nerve_root_left": mask_of(grid, roots["left"], "nerve_root_left"),
        "nerve_root_right": mask_of(grid, roots["right"], "nerve_root_right"),
        "skin": mask_of(grid, slab(y - back_mm, -2.0, 0.0), "skin"),
    }
    ct, masks = with_lesion(
        scanned(hu, grid, seed=seed),
        masks,
        LesionShape(centre_mm=(16.0, 3.0, 0.0), semi_axes_mm=(10.0, 9.0, 9.0)),
        seed=seed,
        spared=("spinal_canal",),
    )
    towards = (-0.45, -0.89, 0.0)
    placements = (
        probe_through("P1", (15.0, 2.0, 5.5), towards=towards, entry_depth_mm=86.0),
        probe_through("P2", (15.0, 2.0, -5.5), towards=towards, entry_depth_mm=86.0),
    )
    return Phantom(
        name="phantom-vertebra",
        anatomy="thoracolumbar vertebral body, left side (phantom)",
        ct=ct,
        masks=masks,
        placements=placements,
    )


def _posterior_arch(points: Points) -> Distance:
    parts = [capsule(points, (0.0, 43.0, -1.0), (0.0, 62.0, -8.0), 3.5)]
    for side in (1.0, -1.0):
        parts += [
            capsule(points, (15.0 * side, 12.0, 4.0), (16.0 * side, 33.0, 4.0), 5.5),
            capsule(points, (16.0 * side, 34.0, 4.0), (0.0, 42.0, 1.0), 5.0),
            capsule(points, (18.0 * side, 33.0, 3.0), (42.0 * side, 37.0, 2.0), 4.0),
            capsule(points, (17.0 * side, 37.0, -16.0), (17.0 * side, 37.0, 16.0), 6.0),
        ]
    return union(*parts)


def _root(points: Points, side: float) -> Distance:
    return capsule(points, (11.5 * side, 27.0, -9.0), (44.0 * side, 8.0, -24.0), 2.5)

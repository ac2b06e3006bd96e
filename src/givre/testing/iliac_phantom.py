"""An iliac wing between the gluteal muscles and the bowel."""

from __future__ import annotations

import numpy as np

from givre.testing.phantoms import (
    AIR_HU,
    BOWEL_HU,
    CORD_HU,
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
from givre.testing.shapes import capsule, intersection, slab, sphere, union


def iliac_phantom(*, seed: int = 0) -> Phantom:
    """A left iliac wing, 12 mm thick, with a lytic lesion that breaches both cortices.

    Iliacus muscle and bowel lie 18 mm inside, the lumbosacral trunk 24 mm; the skin 60 mm outside.
    """
    grid = phantom_grid((-48.0, -48.0, -48.0), (72.0, 54.0, 48.0))
    points = grid.voxel_centres_mm()
    x, y, z = points[..., 0], points[..., 1], points[..., 2]
    wing_mm = x - (0.15 * z + 0.004 * y**2)  # distance from the curved middle of the wing, along x
    outline = sphere(points * np.array([0.0, 1.0, 1.0]), (0.0, 0.0, -30.0), 66.0)
    bone = intersection(slab(wing_mm, -6.0, 6.0), outline)
    loops = [capsule(points, (-30.0, -40.0 + 27.0 * n, 10.0), (-36.0, -30.0 + 27.0 * n, -40.0), 11.0) for n in range(3)]
    bowel = union(*loops)
    gas = union(*(sphere(points, (-33.0, -36.0 + 27.0 * n, 0.0), 5.0) for n in range(3)))
    nerve = capsule(points, (-24.0, 34.0, 44.0), (-22.0, 30.0, -44.0), 4.0)
    side_mm = 60.0 - 0.004 * y**2

    hu = np.full(grid.shape, MUSCLE_HU)
    hu[wing_mm < -22.0] = FAT_HU
    hu[x > side_mm - 18.0] = FAT_HU
    hu[x > side_mm - 2.0] = SKIN_HU
    hu[x > side_mm] = AIR_HU
    hu[bowel <= 0] = BOWEL_HU
    hu[gas <= 0] = AIR_HU
    hu[nerve <= 0] = CORD_HU
    paint_bone(hu, bone, cortex_mm=2.0, core_hu=TRABECULAR_HU)
    masks = {
        "bone": mask_of(grid, bone, "bone"),
        "bowel": mask_of(grid, bowel, "bowel"),
        "nerve_lumbosacral": mask_of(grid, nerve, "nerve_lumbosacral"),
        "skin": mask_of(grid, slab(x - side_mm, -2.0, 0.0), "skin"),
    }
    ct, masks = with_lesion(
        scanned(hu, grid, seed=seed),
        masks,
        LesionShape(centre_mm=(1.0, 0.0, 0.0), semi_axes_mm=(9.0, 13.0, 12.0)),
        seed=seed,
    )
    towards = (-0.8, -0.6, 0.0)
    placements = (
        probe_through("P1", (2.0, 0.0, 6.0), towards=towards, entry_depth_mm=64.0),
        probe_through("P2", (0.0, 0.0, -6.0), towards=towards, entry_depth_mm=64.0),
    )
    return Phantom(name="phantom-iliac", anatomy="left iliac wing (phantom)", ct=ct, masks=masks, placements=placements)

"""Probes as solids: a tube around a segment, with a point at its start if wanted."""

from __future__ import annotations

import numpy as np

from givre.geometry.line import Segment
from givre.geometry.surface import TriangleSurface

_SIDES = 20
_RING_MM = 3.0


def tube(axis: Segment, radius_mm: float, *, pointed: bool = False) -> TriangleSurface:
    """A closed tube; `pointed` narrows its first two diameters to a point."""
    length = axis.length_mm
    taper = min(4.0 * radius_mm, length / 2) if pointed else 0.0
    along = np.concatenate([[0.0, 0.0], np.linspace(taper, length, max(2, int(length / _RING_MM))), [length]])
    radii = np.concatenate([[0.0, 0.02 if pointed else 1.0], np.ones(len(along) - 3), [0.0]]) * radius_mm
    side = np.cross(axis.direction, [1.0, 0.0, 0.0] if abs(axis.direction[0]) < 0.8 else [0.0, 1.0, 0.0])
    side /= np.linalg.norm(side)
    other = np.cross(axis.direction, side)
    angles = np.linspace(0.0, 2 * np.pi, _SIDES, endpoint=False)
    ring = np.cos(angles)[:, None] * side + np.sin(angles)[:, None] * other
    points = axis.point_mm(along)[:, None, :] + radii[:, None, None] * ring[None, :, :]
    return TriangleSurface(points_mm=points.reshape(-1, 3), triangles=_strip(len(along)))


def _strip(rings: int) -> np.ndarray:
    ring, side = np.meshgrid(np.arange(rings - 1), np.arange(_SIDES), indexing="ij")
    here, turn = ring * _SIDES + side, ring * _SIDES + (side + 1) % _SIDES
    there, beyond = here + _SIDES, turn + _SIDES
    first = np.stack([here, turn, there], axis=-1).reshape(-1, 3)
    second = np.stack([turn, beyond, there], axis=-1).reshape(-1, 3)
    return np.concatenate([first, second]).astype(np.int64)

"""Where a sharp front stands inside a voxel, compiled: the part of a step that comes before its stages.

A voxel of the enthalpy method freezes for as long as the front crosses it. Held at the freezing temperature meanwhile,
it makes a sharp front late, and stand still, and jump. Here the temperature of its middle falls with the frozen part,
over the potential that the voxel spans from side to side. Readable twin: `twin.py`.

Validity: films over faces of the domain are not seen, nor are pairs of materials that do not freeze.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from givre.bioheat import cold_kernels, formulas
from givre.bioheat.cold_kernels import (
    A0,
    B0,
    CHUNK,
    COLD,
    ENTHALPY,
    FROZEN_TO,
    ICY,
    LIQUID_I,
    LIQUID_J,
    LIQUID_K,
    MIDDLE,
    PER_SOLID,
    RATIO,
    SLOPE,
    SOLID_I,
    SOLID_J,
    SOLID_K,
    T0,
    WARM,
    WARM_UP_FROM,
    WET,
    WIDTH,
)  # fmt: skip
from givre.bioheat.compiled import loop

Array32 = npt.NDArray[np.float32]
Size = tuple[int, int, int]

_flux = loop(formulas.flux_w_m3)
_crossing = loop(formulas.crossing)


@loop
def _span(
    span: Array32, a: Array32, b: Array32, gi: Array32, gj: Array32, gk: Array32, hi: Array32, hj: Array32,
    hk: Array32, first: int, ni: int, plane: int,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """What the potential spans from side to side over h² [W/m³], in the voxels from `first` on."""
    start, row, layer, one = np.uint64(first), np.uint64(ni), np.uint64(plane), np.uint64(1)
    for n in range(np.uint64(len(span))):
        i = start + n
        own, ice = a[i], b[i]
        x = _flux(gi[i], hi[i], own, a[i + one], ice, b[i + one])
        x -= _flux(gi[i - one], hi[i - one], own, a[i - one], ice, b[i - one])
        y = _flux(gj[i], hj[i], own, a[i + row], ice, b[i + row])
        y -= _flux(gj[i - row], hj[i - row], own, a[i - row], ice, b[i - row])
        z = _flux(gk[i], hk[i], own, a[i + layer], ice, b[i + layer])
        z -= _flux(gk[i - layer], hk[i - layer], own, a[i - layer], ice, b[i - layer])
        span[n] = np.float32(0.5) * math.sqrt(x * x + y * y + z * z)


@loop
def _cross(
    span: Array32, frozen_to: Array32, warm_from: Array32, icy: Array32, wet: Array32, cold: Array32, slope: Array32,
    warm: Array32, middle: Array32, per_solid: Array32, width: Array32, ratio: Array32, interval: Array32,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    edges = (interval[0], interval[1], interval[2], interval[3], interval[4])
    for i in range(len(span)):
        frozen_to[i], warm_from[i], icy[i], wet[i] = _crossing(
            span[i], per_solid[i], width[i], ratio[i], cold[i], slope[i], warm[i], middle[i], edges
        )


@loop
def let_cross(
    fields: Array32, front: Array32, parity: int, planes: tuple[int, int], size: Size, interval: Array32
) -> None:  # pragma: no cover - compiled
    """Find how each voxel of some planes of the box freezes in the step to come (see `formulas.crossing`)."""
    ni = size[2]
    plane = size[1] * ni
    buffer = np.empty(CHUNK, dtype=np.float32)
    for k in range(planes[0], planes[1]):
        last = (k + 1) * plane - ni
        for s in range(k * plane + ni, last, CHUNK):
            e = min(s + CHUNK, last)
            span = buffer[: e - s]
            _span(
                span, fields[A0 + 3 * parity], fields[B0 + 3 * parity], fields[LIQUID_I], fields[LIQUID_J],
                fields[LIQUID_K], fields[SOLID_I], fields[SOLID_J], fields[SOLID_K], s, ni, plane,
            )  # fmt: skip
            _cross(
                span, front[FROZEN_TO, s:e], front[WARM_UP_FROM, s:e], front[ICY, s:e], front[WET, s:e],
                fields[COLD, s:e], fields[SLOPE, s:e], fields[WARM, s:e], front[MIDDLE, s:e], front[PER_SOLID, s:e],
                front[WIDTH, s:e], front[RATIO, s:e], interval,
            )  # fmt: skip


@loop
def start_again(
    fields: Array32, front: Array32, parity: int, planes: tuple[int, int], size: Size, shape: Array32, interval: Array32
) -> None:  # pragma: no cover - compiled
    """Temperature and potentials of some planes from their enthalpy, and from how they freeze now."""
    ni = size[2]
    plane = size[1] * ni
    t = fields[T0 + 3 * parity]
    nothing = np.zeros(CHUNK, dtype=np.float32)
    for k in range(planes[0], planes[1]):
        last = (k + 1) * plane - ni
        for s in range(k * plane + ni, last, CHUNK):
            e = min(s + CHUNK, last)
            cold_kernels.crossed_temperature(
                nothing[: e - s], fields[ENTHALPY, s:e], t[s:e], fields[COLD, s:e], fields[SLOPE, s:e],
                front[ICY, s:e], front[WET, s:e], fields[WARM, s:e], front[FROZEN_TO, s:e], front[MIDDLE, s:e],
                front[WARM_UP_FROM, s:e], interval,
            )  # fmt: skip
            cold_kernels.potentials(t[s:e], fields[A0 + 3 * parity, s:e], fields[B0 + 3 * parity, s:e], shape, interval)


def frozen_share(fields: Array32, front: Array32 | None, size: Size) -> npt.NDArray[np.float64]:
    """Share of each voxel of the box that is frozen, by the heat it holds, 0 to 1, without ghosts; for what freezes."""

    def inner(row: Array32) -> npt.NDArray[np.float64]:
        return np.asarray(row.reshape(size)[1:-1, 1:-1, 1:-1], dtype=np.float64)

    held, latent_from = inner(fields[ENTHALPY]), inner(fields[cold_kernels.WARM_FROM])
    frozen_to = np.zeros_like(held) if front is None else inner(front[FROZEN_TO])
    warm_from = latent_from if front is None else inner(front[WARM_UP_FROM])
    middle = latent_from / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        icy = 1.0 - 0.5 * np.clip((held - frozen_to) / (middle - frozen_to), 0.0, 1.0)
        wet = 0.5 * np.clip((warm_from - held) / (warm_from - middle), 0.0, 1.0)
    return np.where(held < middle, icy, wet)

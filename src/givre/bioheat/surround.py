"""The warm surround: voxels of the domain that the cold has reached but where nothing freezes.

Only rows of voxels that the cold has reached are swept; the rest stays as it was. It is not quite still: metabolism
and perfusion bring it to T_a + q_m / w. When rows join, that closed solution is given to their voxels, and until then
nothing is conducted to them, so nothing depends on when they join, except the conduction between tissues of slightly
different warmth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from givre.bioheat import warm_kernels
from givre.bioheat.domain import Domain, cell_values, initial_temperature_c
from givre.bioheat.fill_kernels import by_pair

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]
Index = npt.NDArray[np.int64]
Box = npt.NDArray[np.int64]
"""First and end of a box along k, j and i of the domain, ghosts counted, shape (3, 2)."""

REACHED_C = 0.1
"""A voxel this much colder than the blood has been reached by the cold."""

SHELL_ROWS = 2
"""The outermost rows swept must not have been reached yet."""

GROWTH_ROWS = 3
"""How far beyond a reached row others are swept."""

MUSHY, WARM, PERFUSION, WARMING = 2, 3, 5, 6  # rows of Domain.cells


@dataclass(slots=True, eq=False)
class Surround:
    """Temperatures everywhere, relative to the blood, and what the surround needs to advance them.

    Attributes:
        fields: rows as in `warm_kernels`, flat, whole domain.
        rows: which rows of `fields` hold the temperatures now, and two to work in.
        first, end: rows swept in each plane k, shape (k + 2,).
        row_coldest: coldest voxel of each row, relative to the blood, shape (k + 2, j + 2).
        closed: rows that do not conduct to the next along j, and along k, because only one of them is swept.
        blood_w_m3: sum over the swept voxels outside the box of what blood and metabolism bring now; not a number when
            box or rows have changed.
        stopped: voxels in which blood no longer flows, if any.
    """

    fields: Array32
    rows: Index
    first: Index
    end: Index
    row_coldest: Array32
    closed: tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]
    blood_w_m3: float = math.nan
    stopped: npt.NDArray[np.bool_] | None = None

    @property
    def u(self) -> Array32:
        """Temperatures relative to the blood, flat, whole domain."""
        now: Array32 = self.fields[self.rows[0]]
        return now

    def stop_blood(self, where: npt.NDArray[np.bool_]) -> None:
        """Let no blood flow from now on in some voxels, flat, whole domain."""
        self.stopped = where if self.stopped is None else self.stopped | where
        self.fields[warm_kernels.PERFUSION][where] = 0.0
        self.fields[warm_kernels.METABOLISM][where] = 0.0
        self.blood_w_m3 = math.nan

    def find_blood(self, box: Box, size: tuple[int, int, int]) -> None:
        """Add up what blood and metabolism bring now to the swept voxels outside the box."""
        is_swept = np.repeat(_rows_as_mask(self, size[1])[:, :, None], size[2], axis=2)
        is_swept[tuple(slice(first, end) for first, end in box)] = False
        swept = is_swept.ravel()
        perfusion = self.fields[warm_kernels.PERFUSION][swept].astype(np.float64)
        warming = self.fields[warm_kernels.METABOLISM][swept].astype(np.float64)
        self.blood_w_m3 = float((warming - perfusion * self.u[swept]).sum())

    def store_enthalpy(self, domain: Domain, at_body: Array, *, where: Box, but: Box) -> None:
        """Fill the enthalpy of the domain in unfrozen voxels of one box that lie outside another.

        Args:
            domain: its enthalpy is filled.
            at_body: enthalpy of each material at the temperature of the blood [J/m³].
            where: the box to fill.
            but: the box to leave out.
        """
        for k in range(*where[0]):
            rows = np.s_[k, where[1, 0] : where[1, 1], where[2, 0] : where[2, 1]]
            material = domain.material.reshape(domain.size)[rows]
            per_capacity = self.fields[warm_kernels.PER_CAPACITY].reshape(domain.size)[rows]
            stored = at_body[material] + self.u.reshape(domain.size)[rows].astype(np.float64) / per_capacity
            is_wanted = np.ones(stored.shape, dtype=np.bool_)
            if but[0, 0] <= k < but[0, 1]:
                inside = [slice(*np.clip(but[axis] - where[axis, 0], 0, None)) for axis in (1, 2)]
                is_wanted[inside[0], inside[1]] = False
            domain.enthalpy.reshape(domain.size)[rows][is_wanted] = stored[is_wanted]


def open_surround(domain: Domain) -> Surround:
    """The surround before the first step: nothing is swept yet."""
    nk, nj, ni = domain.size
    fields = np.empty((warm_kernels.FIELDS, len(domain.material)), dtype=np.float32)
    fields.fill(0.0)
    body_c = domain.problem.body_temp_c
    start = initial_temperature_c(domain) - np.float32(body_c)
    for row in (warm_kernels.U0, warm_kernels.U1, warm_kernels.U2):
        fields[row] = start
    conduct = domain.pairs.liquid + domain.pairs.plain
    for row, step in ((warm_kernels.CONDUCT_I, 1), (warm_kernels.CONDUCT_J, ni), (warm_kernels.CONDUCT_K, nj * ni)):
        by_pair(domain.material, step, conduct, fields[row])
    fields[warm_kernels.PER_CAPACITY] = cell_values(domain.cells[WARM], domain.material)
    fields[warm_kernels.PERFUSION] = cell_values(domain.cells[PERFUSION], domain.material)
    at_body = (domain.cells[WARMING] - domain.cells[PERFUSION] * np.float32(body_c)).astype(np.float32)
    fields[warm_kernels.METABOLISM] = at_body[domain.material]
    return Surround(
        fields=fields,
        rows=np.array([warm_kernels.U0, warm_kernels.U1, warm_kernels.U2]),
        first=np.ones(nk, dtype=np.int64),
        end=np.ones(nk, dtype=np.int64),
        row_coldest=np.zeros((nk, nj), dtype=np.float32),
        closed=(np.zeros((nk, nj), dtype=bool), np.zeros((nk, nj), dtype=bool)),
    )


def reach(surround: Surround, domain: Domain, box: Box, time_s: float) -> float:
    """Sweep more rows where the cold, or the cold box, has come near the edge; returns the heat [J] of those joining.

    The heat is what metabolism and perfusion have brought them before.
    """
    nk, nj, _ = domain.size
    rows = surround.row_coldest
    rows[box[0, 0] : box[0, 1], box[1, 0] : box[1, 1]] = -np.inf
    if not warm_kernels.has_come_near(rows, surround.first, surround.end, np.float32(-REACHED_C), SHELL_ROWS):
        return 0.0
    inner = np.s_[1 : nk - 1, 1 : nj - 1]
    reached = np.zeros((nk, nj), dtype=bool)
    reached[inner] = ~(rows[inner] >= -REACHED_C)
    swept = _rows_as_mask(surround, nj)
    wanted = _spread(reached, SHELL_ROWS + GROWTH_ROWS) | swept
    wanted[0], wanted[-1], wanted[:, 0], wanted[:, -1] = False, False, False, False
    some = wanted.any(axis=1)
    surround.first[some] = np.argmax(wanted[some], axis=1)
    surround.end[some] = nj - np.argmax(wanted[some, ::-1], axis=1)
    now_swept = _rows_as_mask(surround, nj)
    _close_edges(surround, domain, now_swept)
    joined = np.flatnonzero((now_swept & ~swept).ravel())
    surround.blood_w_m3 = math.nan
    return _warm_up(surround, domain, joined, time_s)


def _close_edges(surround: Surround, domain: Domain, swept: npt.NDArray[np.bool_]) -> None:
    """Let nothing pass between rows that are swept and rows that are not."""
    nk, nj, ni = domain.size
    material = domain.material.reshape(nk * nj, ni)
    table = domain.pairs.liquid + domain.pairs.plain
    next_j, next_k = np.zeros_like(swept), np.zeros_like(swept)
    next_j[1:-1, 1:-2] = swept[1:-1, 1:-2] != swept[1:-1, 2:-1]
    next_k[1:-2, 1:-1] = swept[1:-2, 1:-1] != swept[2:-1, 1:-1]
    for before, now, row, step in (
        (surround.closed[0], next_j, warm_kernels.CONDUCT_J, 1),
        (surround.closed[1], next_k, warm_kernels.CONDUCT_K, nj),
    ):
        conduct = surround.fields[row].reshape(nk * nj, ni)
        opened = np.flatnonzero((before & ~now).ravel())
        conduct[opened] = table[material[opened], material[opened + step]]
        conduct[np.flatnonzero((now & ~before).ravel())] = 0.0
    surround.closed = (next_j, next_k)


def _warm_up(surround: Surround, domain: Domain, rows: Index, time_s: float) -> float:
    """Bring rows to where metabolism and perfusion have led them; returns the heat [J]."""
    ni = domain.size[2]
    fields = surround.fields.reshape(len(surround.fields), -1, ni)
    perfusion = fields[warm_kernels.PERFUSION][rows].astype(np.float64)
    per_capacity = fields[warm_kernels.PER_CAPACITY][rows].astype(np.float64)
    warming = fields[warm_kernels.METABOLISM][rows].astype(np.float64)
    slow = perfusion * per_capacity * time_s < 1e-6
    rise_c = np.where(
        slow,
        warming * per_capacity * time_s,
        warming / np.where(slow, 1.0, perfusion) * -np.expm1(-perfusion * per_capacity * time_s),
    )
    for row in surround.rows:
        fields[row, rows] += rise_c.astype(np.float32)
    gained = rise_c / np.where(per_capacity > 0, per_capacity, np.inf)
    return float(gained.sum()) * domain.problem.spacing_m**3


def _spread(rows: npt.NDArray[np.bool_], reach: int) -> npt.NDArray[np.bool_]:
    """Rows and those within `reach` of them along k or j."""
    result = rows.copy()
    for step in range(1, reach + 1):
        result[step:] |= rows[:-step]
        result[:-step] |= rows[step:]
    along_k = result.copy()
    for step in range(1, reach + 1):
        result[:, step:] |= along_k[:, :-step]
        result[:, :-step] |= along_k[:, step:]
    return result


def _rows_as_mask(surround: Surround, nj: int) -> npt.NDArray[np.bool_]:
    j = np.arange(nj)
    return np.asarray((j >= surround.first[:, None]) & (j < surround.end[:, None]))

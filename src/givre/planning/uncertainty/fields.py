"""What a trial keeps of its fields for the sensitivity: margins and temperatures at some points of the tumour.

The smallest margin and the covered share are minima and counts over many points, with kinks and plateaus that no
smooth function of the inputs follows; the values at each point follow one well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from givre.assessment.lethal import LethalZone
from givre.geometry.distance import signed_distance_to_surface_mm
from givre.planning.trial.quick_look import QuickLook, Sampling

Array = npt.NDArray[np.float64]
Kept = npt.NDArray[np.float32]

SURFACE_POINTS = 120
TUMOUR_POINTS = 150
SHELL_POINTS = 150


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KeptFields:
    """Values of one trial at the points of a `FieldReader`.

    Attributes:
        margin_mm: from each surface point to the edge of the lethal zone, shape (surface points,).
        deficit_c: what is missing to the lethal temperature at the points of the tumour and of the margin around it,
            on the smooth scale of `bioheat.smooth_scale`, shape (tumour points + shell points,).
    """

    margin_mm: Kept
    deficit_c: Kept


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FieldReader:
    """A few of the points that a quick look reads, spread evenly over their list.

    Attributes:
        surface: of the tumour surface.
        tumour: that fill the tumour.
        shell: that fill the wanted margin around it.
        tumour_share: what part of tumour and margin is tumour.
    """

    surface: Sampling
    tumour: Sampling
    shell: Sampling
    tumour_share: float

    @classmethod
    def of(cls, look: QuickLook) -> FieldReader:
        """Choose the points once for all trials of a case."""
        inside, around = len(look.tumour.points_mm), len(look.shell.points_mm)
        return cls(
            surface=_thinned(look.surface, SURFACE_POINTS),
            tumour=_thinned(look.tumour, TUMOUR_POINTS),
            shell=_thinned(look.shell, SHELL_POINTS),
            tumour_share=inside / (inside + around),
        )

    def read(self, zone: LethalZone) -> KeptFields | None:
        """The values of one trial; None where nothing was killed: a margin is then not a number."""
        if zone.surface.is_empty:
            return None
        is_killed = self.surface.read(zone.deficit.values) <= 0.0
        margin_mm = -signed_distance_to_surface_mm(self.surface.points_mm, zone.surface, is_inside=is_killed)
        deficit_c = [points.read(zone.deficit.values) for points in (self.tumour, self.shell)]
        return KeptFields(
            margin_mm=margin_mm.astype(np.float32),
            deficit_c=np.concatenate(deficit_c).astype(np.float32),
        )


def _thinned(sampling: Sampling, count: int) -> Sampling:
    total = len(sampling.points_mm)
    rows = np.unique(np.linspace(0, total - 1, min(count, total)).round().astype(np.int64)) if total else slice(0, 0)
    return Sampling(points_mm=sampling.points_mm[rows], weights=sampling.weights[rows])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SampleFields:
    """What the samples of a plan kept of their fields; rows of NaN where a sample failed or killed nothing.

    Attributes:
        margin_mm: shape (samples, surface points).
        tumour_c, shell_c: deficits at the points of the tumour and of the margin, shape (samples, points).
        tumour_share: what part of tumour and margin is tumour.
    """

    margin_mm: Kept
    tumour_c: Kept
    shell_c: Kept
    tumour_share: float

    @classmethod
    def of(cls, reader: FieldReader, kept: Sequence[KeptFields | None]) -> SampleFields:
        """Put the fields of all samples together."""
        inside = len(reader.tumour.points_mm)
        margin_mm = np.full((len(kept), len(reader.surface.points_mm)), np.nan, dtype=np.float32)
        deficit_c = np.full((len(kept), inside + len(reader.shell.points_mm)), np.nan, dtype=np.float32)
        for row, fields in enumerate(kept):
            if fields is not None:
                margin_mm[row], deficit_c[row] = fields.margin_mm, fields.deficit_c
        return cls(
            margin_mm=margin_mm,
            tumour_c=deficit_c[:, :inside],
            shell_c=deficit_c[:, inside:],
            tumour_share=reader.tumour_share,
        )

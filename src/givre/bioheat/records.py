"""What is kept of every voxel while a run advances: coldest temperature, times below thresholds, freezes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from givre.bioheat.domain import Domain
from givre.bioheat.warm_kernels import Keep

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]


@dataclass(slots=True, eq=False)
class Records:
    """Fields over the whole domain, flat, with ghosts; the kernels update them.

    Attributes:
        thresholds_c: isotherms.
        coldest_c: lowest temperature so far.
        time_below_s: time at or below each isotherm, shape (isotherms, voxels).
        reached: whether a voxel reached each isotherm since the last reset, same shape.
        freezes_below: finished freezes that reached each isotherm, same shape.
        end_of_freeze_c: temperature at the end of the last finished freeze.
        warm_above_c: end of the freezing interval, below which no voxel outside the cold box is.
        steps: time steps taken.
    """

    thresholds_c: Array
    coldest_c: Array32
    time_below_s: Array32
    reached: npt.NDArray[np.uint8]
    freezes_below: npt.NDArray[np.uint8]
    end_of_freeze_c: Array32
    warm_above_c: float
    steps: int

    @classmethod
    def start(cls, domain: Domain, temp_c: Array32) -> Records:
        """Records that know the initial temperature."""
        each = (len(domain.problem.recording.isotherms_c), len(temp_c))
        return cls(
            thresholds_c=np.array(domain.problem.recording.isotherms_c, dtype=np.float64),
            coldest_c=temp_c.copy(),
            time_below_s=np.zeros(each, dtype=np.float32),
            reached=np.zeros(each, dtype=np.uint8),
            freezes_below=np.zeros(each, dtype=np.uint8),
            end_of_freeze_c=temp_c.copy(),
            warm_above_c=domain.problem.freezing.upper_c,
            steps=0,
        )

    @property
    def keep(self) -> Keep:
        """What the kernels update."""
        return Keep(self.coldest_c, self.thresholds_c, self.time_below_s, self.reached, self.warm_above_c)

    def end_freeze(self, temp_c: Array32) -> None:
        """Count what this freeze reached and keep the temperature at its end."""
        self.freezes_below += self.reached
        self.reached[:] = 0
        self.end_of_freeze_c[:] = temp_c

    def see(self, voxel: npt.NDArray[np.int64], own_c: Array32, read_c: Array32, since_s: float) -> None:
        """Take note of voxels that are read colder than the solver knows, `since_s` after the reading before."""
        self.coldest_c[voxel] = np.minimum(self.coldest_c[voxel], read_c)
        for n, threshold_c in enumerate(self.thresholds_c):
            unseen = voxel[(read_c <= threshold_c) & (own_c > threshold_c)]
            if len(unseen):
                self.reached[n, unseen] = 1
                self.time_below_s[n, unseen] += np.float32(since_s)

    def forget_reached(self) -> None:
        """What is still cold during a thaw is not a new freeze."""
        self.reached[:] = 0

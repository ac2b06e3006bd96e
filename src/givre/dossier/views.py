"""The planes the planning figures are cut along, with the patient letters at their four sides."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from givre.case.description import TUMOUR
from givre.cryoprobe.placement import Placement
from givre.dossier.inputs import DossierInputs, ProbeFacts
from givre.foundation.errors import InputError
from givre.geometry.grid import Point
from givre.geometry.line import Segment

Vector = npt.NDArray[np.float64]

_HEAD = np.array([0.0, 0.0, 1.0])
_LEFT = np.array([1.0, 0.0, 0.0])
_POSTERIOR = np.array([0.0, 1.0, 0.0])
_LETTER_SHARE = 0.35
"""A patient direction is named when the vector leans at least 20 degrees towards it (sine 0.34)."""
_ICE_C = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ViewPlane:
    """A square plane in patient space, as it lies on the screen.

    Attributes:
        key: stable name: axial, coronal, sagittal, along, across or across_tip.
        probe: label of the cryoprobe it is tied to, empty for the three standard planes.
        centre_mm: LPS point in the middle of the picture.
        right: unit LPS vector to the right of the picture.
        down: unit LPS vector to the bottom of the picture.
        half_width_mm: half of the edge of the square.
    """

    key: str
    probe: str = ""
    centre_mm: Vector
    right: Vector
    down: Vector
    half_width_mm: float

    @property
    def into(self) -> Vector:
        """Unit vector away from the viewer, into the picture."""
        return np.asarray(np.cross(self.right, self.down), dtype=np.float64)

    @property
    def position_mm(self) -> float:
        """Distance of the plane from the LPS origin along `into` [mm]."""
        return float(self.centre_mm @ self.into)

    def project(self, points_mm: npt.ArrayLike) -> Vector:
        """(right, down, into) coordinates from the centre [mm], shape (..., 3), of LPS points, shape (..., 3)."""
        axes = np.stack([self.right, self.down, self.into])
        offset = np.asarray(points_mm, dtype=np.float64) - self.centre_mm
        return np.asarray(offset @ axes.T, dtype=np.float64)

    def pixels_mm(self, count: int) -> Vector:
        """LPS centres of count x count pixels, shape (row, column, 3)."""
        across = self.pixel_offsets_mm(count)
        return self.centre_mm + across[:, None, None] * self.down + across[None, :, None] * self.right

    def pixel_offsets_mm(self, count: int) -> Vector:
        """Distance of each pixel row or column from the centre [mm], shape (count,)."""
        step = 2 * self.half_width_mm / count
        return np.asarray((np.arange(count) + 0.5) * step - self.half_width_mm, dtype=np.float64)

    def letters(self) -> tuple[str, str, str, str]:
        """Patient letters at the left, right, top and bottom of the picture."""
        return (
            patient_letters(-self.right),
            patient_letters(self.right),
            patient_letters(-self.down),
            patient_letters(self.down),
        )


def patient_letters(direction: npt.ArrayLike) -> str:
    """DICOM letters of a direction, the strongest first: R, L, A, P, F, H or their combinations.

    >>> patient_letters((0.0, 1.0, 0.0)), patient_letters((-0.6, -0.8, 0.0))
    ('P', 'AR')
    """
    vector = np.asarray(direction, dtype=float)
    vector = vector / np.linalg.norm(vector)
    order = np.argsort(-np.abs(vector), kind="stable")
    letters = ("LR"[int(vector[0] < 0)], "PA"[int(vector[1] < 0)], "HF"[int(vector[2] < 0)])
    return "".join(letters[axis] for axis in order if abs(vector[axis]) >= _LETTER_SHARE)


def planning_views(inputs: DossierInputs, *, probe: str = "") -> tuple[ViewPlane, ...]:
    """Axial, coronal, sagittal through the tumour centre, then along and across one cryoprobe.

    The first plane across lies in the middle of the active zone, where the ice is widest, the second at the tip.

    Args:
        inputs: the dossier's.
        probe: label of the cryoprobe of the last two views; the one whose active zone passes nearest
            to the tumour centre when empty.
    """
    centre = inputs.masks[TUMOUR].centroid_mm()
    half = region_half_width_mm(inputs)
    standard = (
        ViewPlane(key="axial", centre_mm=centre, right=_LEFT, down=_POSTERIOR, half_width_mm=half),
        ViewPlane(key="coronal", centre_mm=centre, right=_LEFT, down=-_HEAD, half_width_mm=half),
        ViewPlane(key="sagittal", centre_mm=centre, right=_POSTERIOR, down=-_HEAD, half_width_mm=half),
    )
    placement, facts = _chosen_probe(inputs, probe, centre)
    middle = active_zone(placement, facts).point_mm(facts.active_length_mm / 2)
    tip = np.array(placement.target_mm)
    return (
        *standard,
        along_probe(placement, middle, half),
        across_probe(placement, middle, half),
        replace(across_probe(placement, tip, half), key="across_tip"),
    )


def across_probe(placement: Placement, centre_mm: Vector, half_width_mm: float) -> ViewPlane:
    """The plane perpendicular to a probe, seen from its hub; the head, or the front when that is hidden, is up."""
    into = Segment(start_mm=placement.entry_mm, end_mm=placement.target_mm).direction
    up = _HEAD if abs(into[2]) < 0.9 else -_POSTERIOR
    down = _unit(-(up - (up @ into) * into))
    return ViewPlane(
        key="across",
        probe=placement.label,
        centre_mm=centre_mm,
        right=np.cross(down, into),
        down=down,
        half_width_mm=half_width_mm,
    )


def along_probe(placement: Placement, centre_mm: Vector, half_width_mm: float) -> ViewPlane:
    """The plane that holds a probe and lies nearest to axial (to coronal for a probe along the body).

    It is laid out like the standard plane it resembles: patient's right on the left of the picture.
    """
    along = Segment(start_mm=placement.entry_mm, end_mm=placement.target_mm).direction
    into = _HEAD if abs(along[2]) < 0.9 else _POSTERIOR
    into = _unit(into - (into @ along) * along)
    right = _unit(_LEFT - (_LEFT @ into) * into)
    return ViewPlane(
        key="along",
        probe=placement.label,
        centre_mm=centre_mm,
        right=right,
        down=np.cross(into, right),
        half_width_mm=half_width_mm,
    )


def active_zone(placement: Placement, facts: ProbeFacts) -> Segment:
    """The cold part of a placed probe, from its distal to its proximal end."""
    shaft = Segment(start_mm=placement.target_mm, end_mm=placement.entry_mm)
    far = shaft.point_mm(facts.tip_offset_mm)
    near = shaft.point_mm(facts.tip_offset_mm + facts.active_length_mm)
    return Segment(start_mm=_point(far), end_mm=_point(near))


def region_half_width_mm(inputs: DossierInputs) -> float:
    """Half width that shows the tumour, the ice-ball and the active zones with 12 mm around, 35 to 75 mm."""
    centre = inputs.masks[TUMOUR].centroid_mm()
    points = [inputs.masks[TUMOUR].grid.index_to_lps(np.argwhere(inputs.masks[TUMOUR].inside))]
    ice = np.argwhere(inputs.run.coldest_c <= _ICE_C)
    if len(ice):
        points.append(inputs.run.grid.index_to_lps(ice))
    for placement, facts in zip(inputs.case.placements, inputs.probes, strict=True):
        zone = active_zone(placement, facts)
        points.append(np.array([zone.start_mm, zone.end_mm]))
    reach = max(float(np.abs(found - centre).max()) for found in points)
    return float(np.clip(reach + 12.0, 35.0, 75.0))


def _chosen_probe(inputs: DossierInputs, label: str, centre: Vector) -> tuple[Placement, ProbeFacts]:
    pairs = list(zip(inputs.case.placements, inputs.probes, strict=True))
    if label:
        for placement, facts in pairs:
            if placement.label == label:
                return placement, facts
        raise InputError(f'no probe is labelled "{label}"; found {[placement.label for placement, _ in pairs]}')
    return min(pairs, key=lambda pair: float(active_zone(*pair).distance_mm(centre)))


def _unit(vector: Vector) -> Vector:
    return np.asarray(vector / np.linalg.norm(vector))


def _point(values: Vector) -> Point:
    return (float(values[0]), float(values[1]), float(values[2]))

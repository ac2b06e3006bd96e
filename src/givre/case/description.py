"""One lesion, its images, its masks and the plan to simulate: the content of a case file."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from givre.case.goals import Goals, OrganAtRisk
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import Protocol
from givre.foundation.errors import InputError

LesionKind = Literal["lytic", "blastic", "mixed"]
CaseLanguage = Literal["en", "fr"]
"""Languages a case may be worded in."""

TUMOUR = "tumour"
"""Name of the structure that every case must have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageReference:
    """Where the planning CT lies, relative to the case file.

    Attributes:
        path: a DICOM folder or zip, or a NIfTI, NRRD or MHA file.
        series_uid: which series, when a folder holds several.
        resample_tilt: shear a series taken with a tilted gantry upright; refused otherwise.
        resample_gaps: interpolate up to two missing slices in a row; refused otherwise.
        sha256: hash of the file, empty when not recorded.
    """

    path: str
    series_uid: str = ""
    resample_tilt: bool = False
    resample_gaps: bool = False
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StructureReference:
    """Where one mask lies, relative to the case file.

    Attributes:
        name: what it is ("tumour", "bone", "spinal_cord", "disc", "cement", ...).
        path: a NIfTI, NRRD or MHA mask or label map, or an RTSTRUCT file.
        labels: for a label map, the labels that make up the structure; empty means any non-zero voxel.
        roi: for an RTSTRUCT, the name of the contour.
        resample: resample a mask drawn on another lattice onto the CT; refused otherwise.
        sha256: hash of the file, empty when not recorded.
    """

    name: str
    path: str
    labels: tuple[int, ...] = ()
    roi: str = ""
    resample: bool = False
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationSettings:
    """How finely and how far around the probes to simulate.

    Attributes:
        voxel_mm: edge of the cubic simulation voxels.
        domain_margin_mm: least distance from any active zone to the edge of the domain.
        body_temp_c: initial, arterial and far-field temperature.
    """

    voxel_mm: float = 1.5
    domain_margin_mm: float = 40.0
    body_temp_c: float = 37.0

    def __post_init__(self) -> None:
        if not 0.4 <= self.voxel_mm <= 2.5:
            raise InputError(
                f"voxel {self.voxel_mm} mm; give 0.4 to 2.5 mm: coarser loses the probe, finer does not fit in memory"
            )
        if not 20 <= self.domain_margin_mm <= 120:
            raise InputError(f"domain margin {self.domain_margin_mm} mm; give 20 to 120 mm")
        if not (math.isfinite(self.body_temp_c) and 25 <= self.body_temp_c <= 42):
            raise InputError(f"body temperature {self.body_temp_c} °C; give 25 to 42 °C")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseWords:
    """The words of a case in one more language; what is left empty is taken from the case itself.

    Attributes:
        lang: language of these words.
        title: see `CaseDescription`.
        question: see `CaseDescription`.
        anatomy: see `CaseDescription`.
        synthetic: see `CaseDescription`.
    """

    lang: CaseLanguage
    title: str = ""
    question: str = ""
    anatomy: str = ""
    synthetic: str = ""

    def __post_init__(self) -> None:
        if not any(text.strip() for text in (self.title, self.question, self.anatomy, self.synthetic)):
            raise InputError(
                f'the words in "{self.lang}" are all empty; give one of title, question, anatomy, synthetic'
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDescription:
    """Everything a case file says.

    Attributes:
        case_id: pseudonymous id; never a name.
        title: one line shown at the top of the dossier.
        question: the question to the tumour board.
        anatomy: bone and level in words ("L3 vertebral body").
        lesion_kind: lytic, blastic or mixed.
        synthetic: what in this case is not from a patient; empty for a real lesion.
        image: the planning CT.
        structures: the masks; one must be named "tumour".
        placements: the cryoprobes.
        protocol: the freeze-thaw protocol.
        goals: what must be reached.
        organs_at_risk: what must be spared.
        settings: how to simulate.
        translations: title, question, anatomy and synthetic in other languages, at most once each.
    """

    case_id: str
    title: str
    question: str
    anatomy: str
    lesion_kind: LesionKind
    synthetic: str
    image: ImageReference
    structures: tuple[StructureReference, ...]
    placements: tuple[Placement, ...]
    protocol: Protocol
    goals: Goals
    organs_at_risk: tuple[OrganAtRisk, ...]
    settings: SimulationSettings
    translations: tuple[CaseWords, ...] = ()

    def __post_init__(self) -> None:
        _refuse_repeats("language", [words.lang for words in self.translations])
        # one order, so that the same words make equal cases
        object.__setattr__(self, "translations", tuple(sorted(self.translations, key=lambda words: words.lang)))
        if not self.synthetic and any(words.synthetic for words in self.translations):
            raise InputError("a translation says what is synthetic but the case does not; write synthetic under [case]")
        names = [structure.name for structure in self.structures]
        if TUMOUR not in names:
            raise InputError(f'no structure is named "{TUMOUR}"; found {names or "none"}')
        _refuse_repeats("structure", names)
        _refuse_repeats("probe", [placement.label for placement in self.placements])
        if not 1 <= len(self.placements) <= 25:
            raise InputError(f"{len(self.placements)} probes; a plan needs 1 to 25")
        _refuse_repeats("organ at risk", [organ.structure for organ in self.organs_at_risk])
        if self.goals.freezes > self.protocol.freeze_count:
            raise InputError(
                f"the goals ask for {self.goals.freezes} freezes and protocol {self.protocol.name} has "
                f"{self.protocol.freeze_count}; lower one or raise the other"
            )
        missing = [organ.structure for organ in self.organs_at_risk if organ.structure not in names]
        if missing:
            raise InputError(f"organs at risk without a mask: {missing}; add them under structures")

    def told_in(self, lang: CaseLanguage) -> CaseDescription:
        """The same case, worded in a language as far as it has words for it."""
        words = next((words for words in self.translations if words.lang == lang), None)
        if words is None:
            return self
        return replace(
            self,
            title=words.title or self.title,
            question=words.question or self.question,
            anatomy=words.anatomy or self.anatomy,
            synthetic=words.synthetic or self.synthetic,
        )


def _refuse_repeats(what: str, names: list[str]) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise InputError(f"{what} named twice: {repeated}; give each its own name")

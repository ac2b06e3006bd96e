"""One lesion, its images, its masks and the plan to simulate: the content of a case file."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from givre.case.goals import Goals, OrganAtRisk
from givre.case.thermocouple import Thermocouple
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import Protocol
from givre.foundation.errors import InputError
from givre.tissue.declared import BODY, FLOWING_MATERIALS, STILL_MATERIALS, Declared
from givre.tissue.flow import Flow, flow_of

MATERIALS = (*STILL_MATERIALS, *FLOWING_MATERIALS)
"""What a structure may be declared to be made of."""

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
        material: what it is made of or filled with, one of `MATERIALS`; empty leaves it to its name and its HU.
        flow_temp_c: temperature of a fluid that flows; None takes that of its kind (blood: of the body).
        film_w_m2k: heat transfer coefficient at the surface of that fluid; None takes that of its kind.
    """

    name: str
    path: str
    labels: tuple[int, ...] = ()
    roi: str = ""
    resample: bool = False
    sha256: str = ""
    material: str = ""
    flow_temp_c: float | None = None
    film_w_m2k: float | None = None

    def __post_init__(self) -> None:
        if self.material and self.material not in MATERIALS:
            raise InputError(f'structure {self.name}: material "{self.material}"; use {", ".join(MATERIALS)}')
        if self.material and self.name in (TUMOUR, BODY):
            raise InputError(f"structure {self.name} has a material; give the material to a structure of its own")
        if self.material not in FLOWING_MATERIALS and (self.flow_temp_c, self.film_w_m2k) != (None, None):
            raise InputError(
                f"structure {self.name}: flow_temp_c and film_w_m2k belong to a fluid that flows; "
                f"write material = one of {', '.join(FLOWING_MATERIALS)}"
            )
        _ = self.flow  # its numbers are checked where they are used

    @property
    def flow(self) -> Flow | None:
        """The fluid that fills it, if its material flows."""
        kind = FLOWING_MATERIALS.get(self.material)
        if kind is None:
            return None
        return flow_of(self.name, kind, temp_c=self.flow_temp_c, film_w_m2k=self.film_w_m2k)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationSettings:
    """How finely and how far around the probes to simulate.

    Attributes:
        voxel_mm: edge of the cubic simulation voxels.
        domain_margin_mm: least distance from any active zone to the edge of the domain.
        body_temp_c: initial, arterial and far-field temperature.
        room_temp_c: temperature of the room to which the skin loses heat; None: air outside the body is still and
            as warm as the body.
        skin_film_w_m2k: heat transfer coefficient between skin and room; None takes the packaged value.
        stasis_below_c: tissue that was once as cold has lost its blood flow when it thaws; None: flow comes back.
    """

    voxel_mm: float = 1.5
    domain_margin_mm: float = 40.0
    body_temp_c: float = 37.0
    room_temp_c: float | None = None
    skin_film_w_m2k: float | None = None
    stasis_below_c: float | None = None

    def __post_init__(self) -> None:
        if not 0.4 <= self.voxel_mm <= 2.5:
            raise InputError(
                f"voxel {self.voxel_mm} mm; give 0.4 to 2.5 mm: coarser loses the probe, finer does not fit in memory"
            )
        if not 20 <= self.domain_margin_mm <= 120:
            raise InputError(f"domain margin {self.domain_margin_mm} mm; give 20 to 120 mm")
        if not (math.isfinite(self.body_temp_c) and 25 <= self.body_temp_c <= 42):
            raise InputError(f"body temperature {self.body_temp_c} °C; give 25 to 42 °C")
        if self.room_temp_c is not None and not 10 <= self.room_temp_c <= 40:
            raise InputError(f"room temperature {self.room_temp_c} °C; give 10 to 40 °C")
        if self.skin_film_w_m2k is not None and self.room_temp_c is None:
            raise InputError("skin_film_w_m2k is given without room_temp_c; give the temperature of the room too")
        if self.skin_film_w_m2k is not None and not 1 <= self.skin_film_w_m2k <= 1000:
            raise InputError(f"film over the skin {self.skin_film_w_m2k} W/m²K; give 1 to 1000 W/m²K")
        if self.stasis_below_c is not None and not -40 <= self.stasis_below_c <= 0:
            raise InputError(f"stasis below {self.stasis_below_c} °C; give -40 to 0 °C")


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
        thermocouples: points whose temperature will be measured.
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
    thermocouples: tuple[Thermocouple, ...] = ()
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
        _refuse_repeats("thermocouple", [thermocouple.label for thermocouple in self.thermocouples])
        self._refuse_impossible_materials(names)
        for placement in self.placements:
            if placement.freezes is not None and placement.freezes > self.protocol.freeze_count:
                raise InputError(
                    f"probe {placement.label} takes part in {placement.freezes} freezes and protocol "
                    f"{self.protocol.name} has {self.protocol.freeze_count}; lower one or raise the other"
                )
        missing = [organ.structure for organ in self.organs_at_risk if organ.structure not in names]
        if missing:
            raise InputError(f"organs at risk without a mask: {missing}; add them under structures")

    def _refuse_impossible_materials(self, names: list[str]) -> None:
        if self.settings.room_temp_c is not None and BODY not in names:
            raise InputError(
                f'room_temp_c is given and no structure is named "{BODY}"; add the mask of the body, whose surface is '
                "the skin, or remove room_temp_c"
            )
        flowing = {structure.name for structure in self.structures if structure.flow is not None}
        judged = sorted(flowing & {organ.structure for organ in self.organs_at_risk})
        if judged:
            raise InputError(
                f"organs at risk held at the temperature of a fluid: {judged}; they cannot freeze, so nothing would be "
                "judged: remove their material or the organ at risk"
            )

    @property
    def declared(self) -> Declared:
        """What the case declares its structures to be made of."""
        settings, flows = self.settings, [s.flow for s in self.structures if s.flow is not None]
        if settings.room_temp_c is not None:
            room = flow_of(BODY, "room_air", temp_c=settings.room_temp_c, film_w_m2k=settings.skin_film_w_m2k)
            flows.insert(0, room)
        made_of = {s.name: STILL_MATERIALS[s.material] for s in self.structures if s.material in STILL_MATERIALS}
        return Declared(made_of=made_of, flows=tuple(flows))

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

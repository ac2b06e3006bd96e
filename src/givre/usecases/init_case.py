"""Draft a case file from the files of a folder: what was recognised by name, what was assumed, what is missing."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from givre.case.description import (
    TUMOUR,
    ImageReference,
    LesionKind,
    SimulationSettings,
    StructureReference,
)
from givre.case.goals import Goals, OrganAtRisk
from givre.cryoprobe.protocol import TEMPLATES, Protocol
from givre.usecases.import_report import Finding, Severity

FileKind = Literal["ct", "mask", "ct_or_mask", "dicom_ct", "rtstruct"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """One image, mask, DICOM series or contour file of a folder.

    Attributes:
        path: relative to the folder, with forward slashes.
        kind: what its content says it is; `ct_or_mask` when only its name can tell.
        series_uid: for a DICOM series.
        slices: for a DICOM series, how many files.
        rois: for an RTSTRUCT, the names of its contours.
        size_bytes: of the file; of all files of a DICOM series together.
    """

    path: str
    kind: FileKind
    series_uid: str = ""
    slices: int = 0
    rois: tuple[str, ...] = ()
    size_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDraft:
    """A case that a person still has to complete; probes are never guessed.

    Attributes:
        case_id, title, question, anatomy, lesion_kind: as in a case; anatomy is empty until someone says it.
        image: the planning CT, None when none was found.
        structures: the masks recognised.
        protocol, goals, organs_at_risk, settings: usual values with their source.
        findings: what was recognised and assumed, in words.
        missing: what must be written before the case can be simulated.
    """

    case_id: str
    title: str
    question: str
    anatomy: str
    lesion_kind: LesionKind
    image: ImageReference | None
    structures: tuple[StructureReference, ...]
    protocol: Protocol
    goals: Goals
    organs_at_risk: tuple[OrganAtRisk, ...]
    settings: SimulationSettings
    findings: tuple[Finding, ...]
    missing: tuple[str, ...]


USUAL_GOALS = Goals(
    lethal_temp_c=-20.0,
    margin_mm=3.0,
    coverage=1.0,
    source=(
        "-20 °C: isotherm closest to necrosis, 10-min double freeze, pig lung (Hinshaw, JVIR 2010); "
        "3 mm: ice 3-5 mm beyond vertebral metastases (Tomasian, ARRS course), here asked of the lethal zone"
    ),
    status="derived",
)
"""Starting point to discuss, not a recommendation."""

_CORD_SOURCE = (
    "limit: no ice in the canal, lasting deficits in dogs at -8 °C and colder (AJNR 2024); "
    "alarm: action level for active protection (Tomasian, ARRS course)"
)
_NERVE_SOURCE = (
    "alarm: action level 10 °C (Tomasian, ARRS course); limit: conduction block reversible above -5 °C, recalled"
)
_USUAL_LIMITS: dict[str, tuple[float, float, str, Literal["derived", "recalled", "assumption"]]] = {
    "spinal_cord": (0.0, 10.0, _CORD_SOURCE, "derived"),
    "spinal_canal": (0.0, 10.0, _CORD_SOURCE, "derived"),
    "nerve": (0.0, 10.0, _NERVE_SOURCE, "recalled"),
    "skin": (0.0, 10.0, "keep the skin surface above 0 °C, aim at 10 °C (recalled)", "recalled"),
    "bowel": (0.0, 10.0, "no ice in the bowel wall; 10 mm displacement is advised (recalled)", "recalled"),
    "ureter": (0.0, 10.0, "no ice in the ureter; 10 mm displacement is advised (recalled)", "recalled"),
}

_STRUCTURE_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("spinal_cord", ("spinal cord", "moelle epiniere", "cord", "myelon")),
    ("marrow", ("moelle osseuse", "bone marrow", "marrow")),
    ("spinal_canal", ("spinal canal", "canal rachidien", "canal", "fourreau", "thecal", "dural")),
    (TUMOUR, ("tumour", "tumor", "tumeur", "lesion", "metastasis", "metastase", "meta", "gtv", "cible", "target")),
    ("disc", ("disc", "disque", "disk")),
    ("nerve", ("nerve", "nerf", "racine", "root", "plexus")),
    ("skin", ("skin", "peau")),
    ("bowel", ("bowel", "intestin", "grele", "colon", "rectum")),
    ("ureter", ("ureter", "uretere")),
    ("vessel", ("vessel", "vaisseau", "aorta", "aorte", "artery", "artere", "vein", "veine")),
    ("cement", ("cement", "ciment", "pmma")),
    ("metal", ("metal", "implant", "screw", "vis")),
    ("bone", ("bone", "os", "vertebra", "vertebre", "femur", "iliac", "iliaque", "sacrum", "bassin")),
    ("spinal_cord", ("moelle",)),
)
"""Longest reading first. A bare "moelle" is read as the spinal cord: the careful reading."""

_IMAGE_WORDS = ("ct", "scanner", "tdm", "scan", "image")
_ID_START = "case-"
_NAME_LEFT_OUT = Finding(
    code="FOLDER_NAME_NOT_USED",
    severity="assumed",
    sentence="the case id and title do not repeat the name of the folder, which may name a patient; "
    "choose a pseudonym of your own if you want another",
)


def init_case(
    files: Sequence[FoundFile], *, case_id: str = "", title: str = "", language: Literal["fr", "en"] = "en"
) -> CaseDraft:
    """Draft a case from what a folder holds.

    Args:
        files: the images, masks, series and contour files found.
        case_id: pseudonymous id; made from the names and sizes of the files when empty, never from their folder.
        title: one line for the dossier; made from the id when empty.
        language: of the title that is made.
    """
    chosen_id = safe_case_id(case_id) if case_id else neutral_case_id(files)
    image, image_findings = _choose_image(files)
    structures, structure_findings = _recognise_structures(files, image)
    names = [structure.name for structure in structures]
    missing = [] if image else ["image"]
    missing += [] if TUMOUR in names else [TUMOUR]
    missing += ["anatomy", "probes"]
    return CaseDraft(
        case_id=chosen_id,
        title=title or f"{'Cas' if language == 'fr' else 'Case'} {chosen_id.removeprefix(_ID_START)}",
        question="",
        anatomy="",
        lesion_kind="lytic",
        image=image,
        structures=structures,
        protocol=TEMPLATES["10-8-10"],
        goals=USUAL_GOALS,
        organs_at_risk=tuple(_usual_organ(name) for name in names if name in _USUAL_LIMITS),
        settings=SimulationSettings(),
        findings=(*(() if case_id else (_NAME_LEFT_OUT,)), *image_findings, *structure_findings),
        missing=tuple(missing),
    )


def neutral_case_id(files: Sequence[FoundFile]) -> str:
    """An id that names nobody: the same files give the same one, wherever their folder lies.

    >>> neutral_case_id([FoundFile(path="ct.nii.gz", kind="ct", size_bytes=1000)])
    'case-f28ef899'
    """
    told = sorted(f"{file.path.rsplit('/', 1)[-1]}\t{file.series_uid}\t{file.size_bytes}" for file in files)
    return _ID_START + hashlib.sha256("\n".join(told).encode("utf-8", "surrogateescape")).hexdigest()[:8]


def safe_case_id(name: str) -> str:
    """A chosen name as an id: unaccented letters, digits and dashes.

    >>> safe_case_id("Étude n°3")
    'Etude-n-3'
    """
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", _unaccented(name)).strip("-._")
    return plain[:64] or "case"


def recognise(name: str) -> str:
    """The structure that a file or contour name stands for, empty when no usual word is in it.

    >>> recognise("masque_Tumeur_L3.nii.gz"), recognise("os.nii"), recognise("dose.nii")
    ('tumour', 'bone', '')
    """
    words = _words(name)
    for structure, usual in _STRUCTURE_WORDS:
        if any(f" {word} " in words or f" {word}s " in words for word in usual):
            return structure
    return ""


def _choose_image(files: Sequence[FoundFile]) -> tuple[ImageReference | None, list[Finding]]:
    series = sorted((file for file in files if file.kind == "dicom_ct"), key=lambda file: (-file.slices, file.path))
    volumes = [file for file in files if file.kind == "ct"]
    volumes += [file for file in files if file.kind == "ct_or_mask" and _is_named_image(file.path)]
    candidates = [*series, *volumes]
    if not candidates:
        return None, [_finding("NO_IMAGE", "warning", "no CT was recognised; write its path under [image]")]
    chosen = candidates[0]
    findings = [_finding("IMAGE", "assumed", f"the planning CT is {chosen.path}")]
    if len(candidates) > 1:
        others = ", ".join(file.path for file in candidates[1:6])
        findings.append(_finding("SEVERAL_IMAGES", "warning", f"other possible CTs were left aside: {others}"))
    needs_uid = chosen.kind == "dicom_ct" and len([file for file in series if file.path == chosen.path]) > 1
    return ImageReference(path=chosen.path, series_uid=chosen.series_uid if needs_uid else ""), findings


def _recognise_structures(
    files: Sequence[FoundFile], image: ImageReference | None
) -> tuple[tuple[StructureReference, ...], list[Finding]]:
    found: dict[str, StructureReference] = {}
    findings: list[Finding] = []
    for file, label, roi in _mask_candidates(files, image):
        name = recognise(label)
        what = f'contour "{roi}" of {file.path}' if roi else file.path
        if not name:
            findings.append(_finding("UNKNOWN_MASK", "warning", f"{what} was left aside: its name says no structure"))
        elif name in found:
            findings.append(
                _finding("SEVERAL_MASKS", "warning", f"{what} was left aside: {name} is already {found[name].path}")
            )
        else:
            found[name] = StructureReference(name=name, path=file.path, roi=roi)
            findings.append(_finding("MASK", "assumed", f"{name} is {what}"))
            if name == "spinal_cord" and " moelle " in _words(label) and " epiniere " not in _words(label):
                findings.append(
                    _finding("AMBIGUOUS_MARROW", "warning", f'{what}: "moelle" was read as the spinal cord; check it')
                )
    if TUMOUR not in found:
        findings.append(_finding("NO_TUMOUR", "warning", "no tumour mask was recognised; add one named tumour"))
    return tuple(found[name] for name in sorted(found, key=lambda name: (name != TUMOUR, name))), findings


def _mask_candidates(files: Sequence[FoundFile], image: ImageReference | None) -> Iterable[tuple[FoundFile, str, str]]:
    for file in files:
        if image is not None and file.path == image.path:
            continue
        if file.kind == "rtstruct":
            for roi in file.rois:
                yield file, roi, roi
        elif file.kind in ("mask", "ct_or_mask") and not (file.kind == "ct_or_mask" and _is_named_image(file.path)):
            yield file, file.path.rsplit("/", 1)[-1], ""


def _is_named_image(path: str) -> bool:
    name = path.rsplit("/", 1)[-1]
    return not recognise(name) and any(f" {word} " in _words(name) for word in _IMAGE_WORDS)


def _usual_organ(name: str) -> OrganAtRisk:
    limit, alarm, source, status = _USUAL_LIMITS[name]
    return OrganAtRisk(structure=name, limit_temp_c=limit, alarm_temp_c=alarm, source=source, status=status)


def _finding(code: str, severity: Severity, sentence: str) -> Finding:
    return Finding(code=code, severity=severity, sentence=sentence)


def _words(name: str) -> str:
    """The lower-case words of a name, between spaces."""
    return f" {' '.join(re.findall(r'[a-z]+', _unaccented(name).lower()))} "


def _unaccented(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character))

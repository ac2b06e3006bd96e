"""Write case.toml, laid out by hand so that each field explains itself and its unit."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from givre.adapters.casefile.errors import InvalidCaseFile
from givre.adapters.casefile.reader import FORMAT_VERSION, parse_case
from givre.adapters.casefile.words import WORDS, Language
from givre.case.description import (
    TUMOUR,
    CaseDescription,
    CaseWords,
    ImageReference,
    SimulationSettings,
    StructureReference,
)
from givre.case.goals import Goals, OrganAtRisk
from givre.case.thermocouple import Thermocouple
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import TEMPLATES, Protocol
from givre.foundation.errors import OutsideError
from givre.usecases.init_case import CaseDraft

_COMMENT_COLUMN = 44
_EXAMPLE_PROBE = """#[[probes]]
#label = "P1"
#model = "..."
#entry_mm = [0.0, 100.0, 0.0]
#target_mm = [0.0, 0.0, 0.0]
#start_s = 0.0"""
_EXAMPLE_TUMOUR = f"""#[[structures]]
#name = "{TUMOUR}"
#path = "tumour.nii.gz\""""


class CannotWrite(OutsideError):
    """A file could not be written."""

    code = "CANNOT_WRITE"


def render_case(description: CaseDescription, *, language: Language = "en") -> str:
    """The text of case.toml.

    Raises:
        InvalidCaseFile: when the case holds something a case file cannot say (a control character, an endless name).
    """
    words = WORDS[language]
    parts = [
        _comment(words["top"]),
        f"givre_case = {FORMAT_VERSION}  # {words['version']}",
        _case(
            {
                "id": description.case_id,
                "title": description.title,
                "question": description.question,
                "anatomy": description.anatomy,
                "lesion_kind": description.lesion_kind,
                "synthetic": description.synthetic,
            },
            words,
        ),
        *_translations(description.translations, words),
        _image(description.image, words),
        *_blocks(words["structures"], (_structure(structure) for structure in description.structures)),
        *_blocks(words["probes"], (_placement(placement) for placement in description.placements)),
        _protocol(description.protocol, words),
        _goals(description.goals, words),
        *_blocks(words["organs"], (_organ(organ, words) for organ in description.organs_at_risk)),
        *_thermocouples(description.thermocouples, words),
        _settings(description.settings, words),
    ]
    text = "\n\n".join(parts) + "\n"
    if parse_case(text) != description:
        raise InvalidCaseFile(f"case {description.case_id} would not read back as it is; shorten its texts and points")
    return text


def render_draft(draft: CaseDraft, *, language: Language = "en") -> str:
    """The text of a case file that a person still has to complete."""
    words = WORDS[language]
    findings = "\n".join(f"- {finding.sentence}" for finding in draft.findings)
    anatomy = draft.anatomy or words["no_anatomy"]
    image = draft.image or ImageReference(path="ct.nii.gz")
    structures = [_structure(structure) for structure in draft.structures]
    if TUMOUR not in [structure.name for structure in draft.structures]:
        structures.append(_comment(words["no_tumour"]) + "\n" + _EXAMPLE_TUMOUR)
    parts = [
        _comment(words["top"]),
        _comment(f"{words['findings']}\n{findings}"),
        f"givre_case = {FORMAT_VERSION}  # {words['version']}",
        _case(
            {
                "id": draft.case_id,
                "title": draft.title,
                "question": draft.question,
                "anatomy": anatomy,
                "lesion_kind": draft.lesion_kind,
                "synthetic": "",
            },
            words,
        ),
        ("" if draft.image else _comment(words["no_image"]) + "\n") + _image(image, words),
        *_blocks(words["structures"], structures),
        _comment(words["probes"]) + "\n" + _comment(words["no_probes"]) + "\n" + _EXAMPLE_PROBE,
        _protocol(draft.protocol, words),
        _goals(draft.goals, words),
        *_blocks(words["organs"], (_organ(organ, words) for organ in draft.organs_at_risk)),
        _settings(draft.settings, words),
    ]
    return "\n\n".join(parts) + "\n"


def write_case(text: str, path: Path, *, replace: bool = False) -> None:
    """Put the text of a case file in place, whole or not at all.

    Raises:
        CannotWrite: when the file exists and `replace` is False, or the disk refuses.
    """
    if path.exists() and not replace:
        raise CannotWrite(f"{path.name} is already there; move it, or add --force to replace it")
    partial = path.with_name(f".{path.name}.partial-{os.getpid()}")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
    except OSError as error:
        raise CannotWrite(f"{path.name} cannot be written ({error.strerror}); check the folder and the disk") from error
    finally:
        partial.unlink(missing_ok=True)


def _case(fields: dict[str, str], words: dict[str, str]) -> str:
    return _section("[case]", *((key, _text(value), words[key]) for key, value in fields.items()))


def _translations(translations: Iterable[CaseWords], words: dict[str, str]) -> list[str]:
    """One table for each further language, with the texts it has."""
    sections = []
    for told in translations:
        texts = {key: getattr(told, key) for key in ("title", "question", "anatomy", "synthetic")}
        lines = [(key, _text(text), "") for key, text in texts.items() if text]
        sections.append(_comment(words[f"translation_{told.lang}"]) + "\n" + _section(f"[case.{told.lang}]", *lines))
    return sections


def _image(image: ImageReference, words: dict[str, str]) -> str:
    lines: list[tuple[str, str, str]] = [("path", _text(image.path), "")]
    if image.series_uid:
        lines.append(("series_uid", _text(image.series_uid), words["series_uid"]))
    for key, asked in (("resample_tilt", image.resample_tilt), ("resample_gaps", image.resample_gaps)):
        if asked:
            lines.append((key, "true", words[key]))
    if image.sha256:
        lines.append(("sha256", _text(image.sha256), words["sha256"]))
    return _comment(words["image"]) + "\n" + _section("[image]", *lines)


def _structure(structure: StructureReference) -> str:
    lines = [("name", _text(structure.name), ""), ("path", _text(structure.path), "")]
    if structure.labels:
        lines.append(("labels", str(list(structure.labels)), ""))
    if structure.roi:
        lines.append(("roi", _text(structure.roi), ""))
    if structure.resample:
        lines.append(("resample", "true", ""))
    if structure.sha256:
        lines.append(("sha256", _text(structure.sha256), ""))
    if structure.material:
        lines.append(("material", _text(structure.material), ""))
    lines += _if_given(structure, "flow_temp_c", "film_w_m2k")
    return _section("[[structures]]", *lines)


def _placement(placement: Placement) -> str:
    return _section(
        "[[probes]]",
        ("label", _text(placement.label), ""),
        ("model", _text(placement.model), ""),
        ("entry_mm", _point(placement.entry_mm), ""),
        ("target_mm", _point(placement.target_mm), ""),
        ("start_s", _number(placement.start_s), ""),
        *([] if placement.power == 1 else [("power", _number(placement.power), "")]),
        *_if_given(placement, "surface_temp_c"),
        *([] if placement.freezes is None else [("freezes", str(placement.freezes), "")]),
    )


def _thermocouple(thermocouple: Thermocouple) -> str:
    return _section(
        "[[thermocouples]]",
        ("label", _text(thermocouple.label), ""),
        ("point_mm", _point(thermocouple.point_mm), ""),
        ("position_mm", _number(thermocouple.position_mm), ""),
        ("reading_c", _number(thermocouple.reading_c), ""),
    )


def _if_given(value: StructureReference | Placement, *keys: str) -> list[tuple[str, str, str]]:
    """Lines of the numbers that are not left out."""
    given = ((key, getattr(value, key)) for key in keys)
    return [(key, _number(number), "") for key, number in given if number is not None]


def _protocol(protocol: Protocol, words: dict[str, str]) -> str:
    templates = ", ".join(f'"{name}"' for name in TEMPLATES)
    head = _comment(words["protocol"].format(templates=templates)) + "\n"
    if TEMPLATES.get(protocol.name) == protocol:
        return head + _section("[protocol]", ("template", _text(protocol.name), ""))
    phases = [
        _section("[[protocol.phases]]", ("kind", _text(phase.kind), ""), ("duration_s", _number(phase.duration_s), ""))
        for phase in protocol.phases
    ]
    return head + "\n".join([_section("[protocol]", ("name", _text(protocol.name), "")), *phases])


def _goals(goals: Goals, words: dict[str, str]) -> str:
    numbers = ("lethal_temp_c", "margin_mm", "coverage", "hold_s")
    return (
        _comment(words["goals"])
        + "\n"
        + _section(
            "[goals]",
            *((key, _number(getattr(goals, key)), words[key]) for key in numbers),
            ("freezes", str(goals.freezes), words["freezes"]),
            ("source", _text(goals.source), words["source"]),
            ("status", _text(goals.status), words["status"]),
        )
    )


def _organ(organ: OrganAtRisk, words: dict[str, str]) -> str:
    return _section(
        "[[organs_at_risk]]",
        ("structure", _text(organ.structure), ""),
        ("limit_temp_c", _number(organ.limit_temp_c), words["limit_temp_c"]),
        ("alarm_temp_c", _number(organ.alarm_temp_c), words["alarm_temp_c"]),
        ("source", _text(organ.source), ""),
        ("status", _text(organ.status), ""),
    )


def _settings(settings: SimulationSettings, words: dict[str, str]) -> str:
    keys = ("voxel_mm", "domain_margin_mm", "body_temp_c")
    lines = [(key, _number(getattr(settings, key)), words[key]) for key in keys]
    for key in ("room_temp_c", "skin_film_w_m2k", "stasis_below_c"):
        number = getattr(settings, key)
        lines += [] if number is None else [(key, _number(number), words[key])]
    return _comment(words["simulation"]) + "\n" + _section("[simulation]", *lines)


def _thermocouples(thermocouples: tuple[Thermocouple, ...], words: dict[str, str]) -> list[str]:
    if not thermocouples:
        return []
    return _blocks(words["thermocouples"], (_thermocouple(thermocouple) for thermocouple in thermocouples))


def _blocks(explanation: str, sections: Iterable[str]) -> list[str]:
    """The sections of one list, the first under its explanation."""
    first, *rest = list(sections) or [""]
    return [_comment(explanation) + ("\n" + first if first else ""), *rest]


def _section(header: str, *lines: tuple[str, str, str]) -> str:
    return "\n".join([header, *(_line(key, value, why) for key, value, why in lines)])


def _line(key: str, value: str, why: str) -> str:
    written = f"{key} = {value}"
    if not why:
        return written
    if len(written) > 80 or len(written) + len(why) > 116:
        return f"# {key}: {why}\n{written}"
    return f"{written:<{_COMMENT_COLUMN}}  # {why}"


def _comment(text: str) -> str:
    safe = "".join(character if character == "\n" or character.isprintable() else "?" for character in text)
    return "\n".join(f"# {line}".rstrip() for line in safe.split("\n"))


def _text(value: str) -> str:
    """A TOML basic string on one line."""
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
    body = "".join(
        escapes.get(character)
        or (character if character >= " " and character != "\x7f" else f"\\u{ord(character):04x}")
        for character in value
    )
    return f'"{body}"'


def _number(value: float) -> str:
    return repr(float(value))


def _point(point: tuple[float, float, float]) -> str:
    return f"[{', '.join(_number(value) for value in point)}]"

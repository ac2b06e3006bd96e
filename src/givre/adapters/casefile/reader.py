"""Read case.toml into a CaseDescription, strictly: nothing unknown, nothing guessed, every refusal with its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

from givre.adapters.casefile.errors import InvalidCaseFile, refusal
from givre.adapters.casefile.positions import DEEPEST, TooDeep, find_lines
from givre.adapters.casefile.table import Table, printable
from givre.case.description import (
    MATERIALS,
    CaseDescription,
    CaseLanguage,
    CaseWords,
    ImageReference,
    LesionKind,
    SimulationSettings,
    StructureReference,
)
from givre.case.goals import Goals, OrganAtRisk
from givre.case.thermocouple import POSITION_UNCERTAINTY_MM, READING_UNCERTAINTY_C, Thermocouple
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import LONGEST_PHASE_S, TEMPLATES, Phase, PhaseKind, Protocol
from givre.foundation.errors import GivreError
from givre.foundation.quantity import Status
from givre.tissue.flow import FILM_BOUNDS_W_M2K, FLOW_BOUNDS_C

CASE_FILE_NAME = "case.toml"
FORMAT_VERSION = 1
LARGEST_BYTES = 256 * 1024
"""A case of 25 probes with every comment takes 12 kB."""

_PROBE_KEYS = "label, model, entry_mm = [x, y, z] and target_mm = [x, y, z] (LPS, mm)"
_LARGEST_LABEL = 65_535
_WORDS = "any of title, question, anatomy and synthetic in that language"


def read_case(path: Path, *, known_models: Collection[str] | None = None) -> CaseDescription:
    """The case that a file, or the case.toml of a folder, describes.

    Args:
        path: the file, or the folder that holds case.toml.
        known_models: ids of the cryoprobe catalogue; a probe of another model is refused. None checks nothing.

    Raises:
        InvalidCaseFile: with file, line and key, when anything is missing, unknown or out of range.
    """
    file = path / CASE_FILE_NAME if path.is_dir() else path
    return parse_case(_read_text(file), file_name=file.name, known_models=known_models)


def parse_case(
    text: str, *, file_name: str = CASE_FILE_NAME, known_models: Collection[str] | None = None
) -> CaseDescription:
    """The case that a TOML text describes; see `read_case`."""
    top = _parse(text, file_name)
    version = top.whole("givre_case", low=1, high=10_000)
    if version > FORMAT_VERSION:
        raise top.refuse(
            "givre_case", f"found version {version}; this givre reads up to {FORMAT_VERSION}: update givre"
        )
    if not top.has("probes"):
        raise top.refuse("", f"no probe is placed yet; add one [[probes]] for each cryoprobe, with {_PROBE_KEYS}")
    case = top.table("case", holds="id, title, question, anatomy and lesion_kind")
    fields, translations = _identity(case)
    image = _image(top.table("image", holds='path = "..." of the planning CT'))
    structures = [_structure(table) for table in top.tables("structures", holds="name and path of one mask")]
    placements = [_placement(table, known_models) for table in top.tables("probes", holds=_PROBE_KEYS)]
    protocol = _protocol(top.table("protocol", holds='template = "10-8-10", or name and phases'))
    goals = _goals(top.table("goals", holds="lethal_temp_c, margin_mm, coverage, source and status"))
    organs = [
        _organ(table)
        for table in top.tables("organs_at_risk", holds="structure, limit_temp_c and alarm_temp_c", optional=True)
    ]
    thermocouples = [
        _thermocouple(table) for table in top.tables("thermocouples", holds="label and point_mm", optional=True)
    ]
    settings = _settings(top.table("simulation", holds="voxel_mm and domain_margin_mm", optional=True))
    top.finish()
    case_id, title, question, anatomy, lesion_kind, synthetic = fields
    with _blaming(_guilty_part(top)):
        return CaseDescription(
            case_id=case_id,
            title=title,
            question=question,
            anatomy=anatomy,
            lesion_kind=lesion_kind,
            synthetic=synthetic,
            image=image,
            structures=tuple(structures),
            placements=tuple(placements),
            protocol=protocol,
            goals=goals,
            organs_at_risk=tuple(organs),
            settings=settings,
            thermocouples=tuple(thermocouples),
            translations=translations,
        )


def _read_text(file: Path) -> str:
    try:
        if not file.is_file():
            raise InvalidCaseFile(
                f"{file.name}: there is no such file; give the path of a case.toml, or write one with givre init FOLDER"
            )
        with file.open("rb") as stream:
            raw = stream.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise InvalidCaseFile(f"{file.name}: cannot be read ({error.strerror}); check its rights") from error
    if len(raw) > LARGEST_BYTES:
        raise InvalidCaseFile(
            f"{file.name}: is larger than {LARGEST_BYTES // 1024} kB; a case file is a few kB of text"
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise refusal(
            file.name, line, "", f"byte 0x{raw[error.start]:02x} is not UTF-8 text; save the file as UTF-8"
        ) from error


def _parse(text: str, file_name: str) -> Table:
    try:
        lines = find_lines(text)
        values = tomllib.loads(text)
    except TooDeep as error:
        raise refusal(
            file_name, error.line, "", f"tables or lists nest deeper than {DEEPEST} levels; flatten them"
        ) from None
    except RecursionError:
        raise refusal(file_name, 0, "", f"tables or lists nest deeper than {DEEPEST} levels; flatten them") from None
    except tomllib.TOMLDecodeError as error:
        raise _syntax_refusal(file_name, text, str(error)) from error
    except ValueError as error:  # a whole number of thousands of digits
        raise refusal(file_name, 0, "", f"holds a number that cannot be read ({error})") from error
    return Table(file_name, lines, (), values)


def _syntax_refusal(file_name: str, text: str, sentence: str) -> InvalidCaseFile:
    """tomllib writes "... (at line 3, column 7)" or "... (at end of document)"."""
    found = re.search(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$", sentence)
    line = int(found[1]) if found and found[1] else text.count("\n") + 1
    what = printable(sentence[: found.start()] if found else sentence)
    rows = text.split("\n")
    near = printable(rows[line - 1].strip()[:60]) if 0 < line <= len(rows) else ""
    return refusal(file_name, line, "", f"is not valid TOML: {what}" + (f", near: {near}" if near else ""))


@contextmanager
def _blaming(refuse: Callable[[GivreError], InvalidCaseFile]) -> Iterator[None]:
    """Give the refusal of a value the line it comes from."""
    try:
        yield
    except InvalidCaseFile:
        raise
    except GivreError as error:
        raise refuse(error) from error


def _identity(table: Table) -> tuple[tuple[str, str, str, str, LesionKind, str], tuple[CaseWords, ...]]:
    fields = (
        table.identifier("id"),
        table.text("title"),
        table.text("question", default="", allow_empty=True),
        table.text("anatomy"),
        _lesion_kind(table.choice("lesion_kind", get_args(LesionKind))),
        table.text("synthetic", default="", allow_empty=True),
    )
    words = {lang: table.table(lang, holds=_WORDS, optional=True) for lang in get_args(CaseLanguage)}
    translations = tuple(_words(found, lang, fields[-1]) for lang, found in words.items() if table.has(lang))
    table.finish()
    return fields, translations


def _words(table: Table, lang: CaseLanguage, synthetic: str) -> CaseWords:
    """The words of one more language."""
    texts = {key: table.text(key, default="") for key in ("title", "question", "anatomy", "synthetic")}
    table.finish()
    if texts["synthetic"] and not synthetic:
        raise table.refuse("synthetic", "is given but [case] has no synthetic; write it there too, or remove this line")
    with _blaming(table.because):
        return CaseWords(lang=lang, **texts)


def _image(table: Table) -> ImageReference:
    image = ImageReference(
        path=_path(table, "path"),
        series_uid=_uid(table, "series_uid"),
        resample_tilt=table.flag("resample_tilt"),
        resample_gaps=table.flag("resample_gaps"),
        sha256=table.sha256("sha256"),
    )
    table.finish()
    return image


def _structure(table: Table) -> StructureReference:
    name, path = table.word("name"), _path(table, "path")
    labels = table.whole_numbers("labels", low=1, high=_LARGEST_LABEL)
    roi, resample = table.word("roi", default="", allow_empty=True), table.flag("resample")
    sha256 = table.sha256("sha256")
    material = table.choice("material", MATERIALS) if table.is_given("material") else ""
    flow_temp_c = table.number_if_given("flow_temp_c", unit="°C", low=FLOW_BOUNDS_C[0], high=FLOW_BOUNDS_C[1])
    low, high = FILM_BOUNDS_W_M2K
    film_w_m2k = table.number_if_given("film_w_m2k", unit="W/m²K", low=low, high=high)
    table.finish()
    with _blaming(lambda error: table.because(error, "material")):
        return StructureReference(
            name=name,
            path=path,
            labels=labels,
            roi=roi,
            resample=resample,
            sha256=sha256,
            material=material,
            flow_temp_c=flow_temp_c,
            film_w_m2k=film_w_m2k,
        )


def _placement(table: Table, known_models: Collection[str] | None) -> Placement:
    model = table.word("model") if known_models is None else table.choice("model", known_models)
    label, entry, target = table.word("label"), table.point("entry_mm"), table.point("target_mm")
    start_s = table.number("start_s", unit="s", low=0.0, high=24 * 3600.0, default=0.0)
    power = table.number("power", unit="share of full power", low=0.1, high=1.0, default=1.0)
    surface_temp_c = table.number_if_given("surface_temp_c", unit="°C", low=-200.0, high=-20.0)
    freezes = table.whole("freezes", low=1, high=20) if table.is_given("freezes") else None
    table.finish()
    with _blaming(table.because):
        return Placement(
            label=label,
            model=model,
            entry_mm=entry,
            target_mm=target,
            start_s=start_s,
            power=power,
            surface_temp_c=surface_temp_c,
            freezes=freezes,
        )


def _thermocouple(table: Table) -> Thermocouple:
    label, point = table.word("label"), table.point("point_mm")
    position = table.number("position_mm", unit="mm", low=0.0, high=5.0, default=POSITION_UNCERTAINTY_MM)
    reading = table.number("reading_c", unit="°C", low=0.0, high=5.0, default=READING_UNCERTAINTY_C)
    table.finish()
    return Thermocouple(label=label, point_mm=point, position_mm=position, reading_c=reading)


def _protocol(table: Table) -> Protocol:
    if table.has("template"):
        template = TEMPLATES[table.choice("template", TEMPLATES)]
        table.finish()  # a template with phases beside it would be ambiguous
        return template
    if not (table.has("name") or table.has("phases")):
        raise table.refuse(
            "",
            f"says neither template nor phases; write template = one of {', '.join(TEMPLATES)}, "
            'or name = "..." and one [[protocol.phases]] (kind, duration_s) for each phase',
        )
    name = table.word("name")
    phases = tuple(_phase(item) for item in table.tables("phases", holds="kind and duration_s"))
    table.finish()
    with _blaming(table.because):
        return Protocol(name=name, phases=phases)


def _phase(table: Table) -> Phase:
    kind = _phase_kind(table.choice("kind", get_args(PhaseKind)))
    duration_s = table.number("duration_s", unit="s", low=0.0, high=LONGEST_PHASE_S)
    table.finish()
    with _blaming(lambda error: table.because(error, "duration_s")):
        return Phase(kind=kind, duration_s=duration_s)


def _goals(table: Table) -> Goals:
    lethal = table.number("lethal_temp_c", unit="°C", low=-150, high=0)
    margin = table.number("margin_mm", unit="mm", low=0, high=50)
    coverage = table.number("coverage", unit="fraction of the tumour", low=0, high=1)
    hold = table.number("hold_s", unit="s", low=0, high=24 * 3600.0, default=0.0)
    freezes = table.whole("freezes", low=1, high=20, default=1)
    source, status = table.text("source"), _status(table)
    table.finish()
    with _blaming(lambda error: table.because(error, "coverage")):  # 0 is the only value left to refuse
        return Goals(
            lethal_temp_c=lethal,
            margin_mm=margin,
            coverage=coverage,
            hold_s=hold,
            freezes=freezes,
            source=source,
            status=status,
        )


def _organ(table: Table) -> OrganAtRisk:
    structure = table.word("structure")
    limit = table.number("limit_temp_c", unit="°C", low=-100, high=37)
    alarm = table.number("alarm_temp_c", unit="°C", low=-100, high=37)
    source, status = table.text("source"), _status(table)
    table.finish()
    with _blaming(lambda error: table.because(error, "alarm_temp_c")):
        return OrganAtRisk(structure=structure, limit_temp_c=limit, alarm_temp_c=alarm, source=source, status=status)


def _settings(table: Table) -> SimulationSettings:
    usual = SimulationSettings()
    voxel = table.number("voxel_mm", unit="mm", low=0.4, high=2.5, default=usual.voxel_mm)
    margin = table.number("domain_margin_mm", unit="mm", low=20, high=120, default=usual.domain_margin_mm)
    body = table.number("body_temp_c", unit="°C", low=25, high=42, default=usual.body_temp_c)
    room = table.number_if_given("room_temp_c", unit="°C", low=10, high=40)
    film = table.number_if_given("skin_film_w_m2k", unit="W/m²K", low=1, high=1000)
    stasis = table.number_if_given("stasis_below_c", unit="°C", low=-40, high=0)
    table.finish()
    with _blaming(table.because):
        return SimulationSettings(
            voxel_mm=voxel,
            domain_margin_mm=margin,
            body_temp_c=body,
            room_temp_c=room,
            skin_film_w_m2k=film,
            stasis_below_c=stasis,
        )


def _guilty_part(top: Table) -> Callable[[GivreError], InvalidCaseFile]:
    """Which list of the file a refusal of the whole case is about."""

    def refuse(error: GivreError) -> InvalidCaseFile:
        sentence = str(error)
        keys = {"room_temp_c": "simulation", "organs": "organs_at_risk", "thermocouple": "thermocouples"}
        keys |= {"probe": "probes", "structure": "structures"}
        found = [key for word, key in keys.items() if word in sentence and top.has(key)]
        return top.refuse(found[0] if found else "", sentence)

    return refuse


def _path(table: Table, key: str) -> str:
    value = table.text(key)
    if "\n" in value or len(value) > 1024:
        raise table.refuse(key, "is not a path on one line; give a path relative to the case file")
    return value


def _uid(table: Table, key: str) -> str:
    value = table.word(key, default="", allow_empty=True)
    if value and not re.fullmatch(r"[0-9]+(\.[0-9]+)*", value):
        raise table.refuse(key, "is not a DICOM UID; give digits and dots, or remove the line")
    return value


def _lesion_kind(value: str) -> LesionKind:
    return next(kind for kind in get_args(LesionKind) if kind == value)


def _phase_kind(value: str) -> PhaseKind:
    return next(kind for kind in get_args(PhaseKind) if kind == value)


def _status(table: Table) -> Status:
    value = table.choice("status", get_args(Status))
    return next(status for status in get_args(Status) if status == value)

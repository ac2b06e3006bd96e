"""A case file says everything about a case, and refuses the rest with the line to look at."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from givre.adapters.casefile import InvalidCaseFile, parse_case, read_case, render_case, write_case
from givre.adapters.casefile.positions import find_lines
from givre.adapters.casefile.writer import CannotWrite
from givre.case.description import CaseDescription
from givre.testing.case_strategies import cases

GOOD = """\
givre_case = 1
[case]
id = "L3-01"
title = "L3"
anatomy = "L3 vertebral body"
lesion_kind = "lytic"
[image]
path = "ct.nii.gz"
[[structures]]
name = "tumour"
path = "tumour.nii.gz"
[[structures]]
name = "spinal_cord"
path = "cord.nii.gz"
[[probes]]
label = "P1"
model = "icesphere"
entry_mm = [0, 90.5, 0]
target_mm = [0, 0, 0]
[protocol]
template = "10-8-10"
[goals]
lethal_temp_c = -40
margin_mm = 5
coverage = 0.95
source = "board"
status = "assumption"
[[organs_at_risk]]
structure = "spinal_cord"
limit_temp_c = 0
alarm_temp_c = 10
source = "board"
status = "assumption"
[simulation]
voxel_mm = 1.5
"""


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(case=cases(), language=st.sampled_from(["en", "fr"]))
def test_a_written_case_reads_back_the_same(case: CaseDescription, language: str) -> None:
    assert parse_case(render_case(case, language="fr" if language == "fr" else "en")) == case


def test_each_field_of_a_written_case_is_explained_in_both_languages() -> None:
    case = parse_case(GOOD)
    english, french = render_case(case), render_case(case, language="fr")
    assert "mm wanted from the tumour surface" in english and "Research use, not a medical device" in english
    assert "mm voulus entre la surface" in french and "pas un dispositif médical" in french


def test_whole_numbers_are_read_as_numbers() -> None:
    assert parse_case(GOOD).goals.margin_mm == 5.0


def _line_of(text: str) -> int:
    return next(number for number, line in enumerate(GOOD.splitlines(), 1) if line.startswith(text))


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ("margin_mm = 5", "margin_mm = true", "goals.margin_mm", "true (yes or no); give a number in mm from 0 to 50"),
        ("margin_mm = 5", 'margin_mm = "5"', "goals.margin_mm", '"5" (text); give a number in mm'),
        ("margin_mm = 5", "margin_mm = nan", "goals.margin_mm", "nan; give a number in mm"),
        ("margin_mm = 5", "margin_mm = inf", "goals.margin_mm", "inf; give a number"),
        ("margin_mm = 5", "margin_mm = 1e999", "goals.margin_mm", "inf; give a number"),
        ("margin_mm = 5", "margin_mm = -1", "goals.margin_mm", "-1; give a number in mm from 0 to 50"),
        ("margin_mm = 5", f"margin_mm = 0x{'f' * 5000}", "goals.margin_mm", "a very long number"),
        ("margin_mm = 5", "margin_mm = 2024-01-01", "goals.margin_mm", "(a date or time)"),
        ("coverage = 0.95", "coverage = 0", "goals.coverage", "coverage 0.0; give a fraction above 0"),
        (
            "coverage = 0.95",
            "coverage = 95",
            "goals.coverage",
            "95; give a number in fraction of the tumour from 0 to 1",
        ),
        ("template", 'template = "10-8"', "protocol.template", 'allowed: "10-8-10", "10-5-10", "single-10"'),
        ("lesion_kind", 'lesion_kind = "lythic"', "case.lesion_kind", 'did you mean "lytic"?'),
        ("entry_mm", "entry_mm = [0, 1]", "probes 1.entry_mm", "give a point [x, y, z] in mm, LPS"),
        ("entry_mm", "entry_mm = [0, nan, 1]", "probes 1.entry_mm", "nan; give a number in mm"),
        ("id", 'id = "../x"', "case.id", "use letters, digits"),
        ("voxel_mm", "voxel_mm = 9", "simulation.voxel_mm", "from 0.4 to 2.5"),
        ("voxel_mm", "voxl_mm = 1", "simulation.voxl_mm", 'not a key givre knows (did you mean "voxel_mm"?)'),
        ("alarm_temp_c", "alarm_temp_c = -20", "organs_at_risk 1.alarm_temp_c", "the alarm (-20.0 °C) lies below"),
        ("title", 'title = "\\u001b[31mred"', "case.title", "control character"),
        ("title", 'title = ""', "case.title", "is empty"),
        ("template", 'template = "10-8-10"\nname = "mine"', "protocol.name", "not a key givre knows"),
    ],
)
def test_a_wrong_value_is_refused_with_file_line_key_and_what_is_allowed(
    old: str, new: str, key: str, words: str
) -> None:
    line = _line_of(old)
    whole = GOOD.splitlines()[line - 1]
    broken = GOOD.replace(whole + "\n", new + "\n", 1)
    with pytest.raises(InvalidCaseFile) as refused:
        parse_case(broken, file_name="mine.toml")
    shift = new.count("\n")
    assert f"mine.toml, line {line + shift}, {key}:" in str(refused.value)
    assert words in str(refused.value)


FRENCH = """[case.fr]
title = "Vertèbre L3"
"""


def test_a_case_may_be_told_in_two_languages() -> None:
    told = parse_case(GOOD.replace("[image]", FRENCH + "[image]", 1)).told_in("fr")
    assert told.title == "Vertèbre L3"
    assert told.anatomy == "L3 vertebral body"  # has no French words: the case's own
    assert parse_case(GOOD).told_in("fr").title == "L3"


@pytest.mark.parametrize(
    ("french", "line", "key", "words"),
    [
        ('titel = "L3"', 2, "case.fr.titel", 'not a key givre knows (did you mean "title"?)'),
        ("title = 3", 2, "case.fr.title", "3 (a number)"),
        ('title = " "', 2, "case.fr.title", "is empty"),
        ('id = "L3-02"', 2, "case.fr.id", "not a key givre knows"),
        ('synthetic = "tout"', 2, "case.fr.synthetic", "[case] has no synthetic"),
        ("", 1, "case.fr", "all empty"),
    ],
)
def test_wrong_words_in_another_language_are_refused_with_their_line(
    french: str, line: int, key: str, words: str
) -> None:
    broken = GOOD.replace("[image]", f"[case.fr]\n{french}\n[image]", 1)
    with pytest.raises(InvalidCaseFile) as refused:
        parse_case(broken)
    assert f"case.toml, line {_line_of('[image]') + line - 1}, {key}:" in str(refused.value)
    assert words in str(refused.value)


def test_a_language_that_no_dossier_has_is_refused() -> None:
    with pytest.raises(InvalidCaseFile, match=r"case\.de: is not a key givre knows.*en, fr"):
        parse_case(GOOD.replace("[image]", '[case.de]\ntitle = "L3"\n[image]', 1))


@pytest.mark.parametrize("key", ["id", "title", "anatomy", "lesion_kind", "label", "model", "target_mm", "margin_mm"])
def test_a_missing_key_is_named_with_the_line_of_its_table(key: str) -> None:
    line = _line_of(f"{key} =")
    lines = GOOD.splitlines()
    header = max(number for number, text in enumerate(lines, 1) if text.startswith("[") and number < line)
    broken = "\n".join(lines[: line - 1] + lines[line:])
    with pytest.raises(InvalidCaseFile, match=rf'line {header}, .*"{key}" is missing'):
        parse_case(broken)


def test_a_case_without_probes_says_what_a_probe_needs() -> None:
    broken = GOOD[: GOOD.index("[[probes]]")] + GOOD[GOOD.index("[protocol]") :]
    with pytest.raises(InvalidCaseFile, match="no probe is placed yet; add one .*entry_mm"):
        parse_case(broken)


def test_a_model_outside_the_catalogue_is_refused_with_its_line_and_the_allowed_ones() -> None:
    with pytest.raises(InvalidCaseFile, match=f'line {_line_of("model")}, probes 1.model.*"icerod"'):
        parse_case(GOOD, known_models=["icerod", "iceforce"])


def test_a_probe_shorter_than_a_path_is_refused_at_its_own_line() -> None:
    with pytest.raises(InvalidCaseFile, match=f"line {_line_of('[[probes]]')}, probes 1: .*at least 5 mm"):
        parse_case(GOOD.replace("entry_mm = [0, 90.5, 0]", "entry_mm = [0, 1, 0]"))


def test_an_organ_without_mask_is_refused_where_the_organs_begin() -> None:
    broken = GOOD.replace('structure = "spinal_cord"', 'structure = "nerve"')
    with pytest.raises(InvalidCaseFile, match=rf"line {_line_of('[[organs_at_risk]]')}, organs_at_risk: .*nerve"):
        parse_case(broken)


def test_a_protocol_may_list_its_phases() -> None:
    phases = 'name = "short"\n[[protocol.phases]]\nkind = "freeze"\nduration_s = 300'
    protocol = parse_case(GOOD.replace('template = "10-8-10"', phases)).protocol
    assert (protocol.name, protocol.duration_s) == ("short", 300.0)


@pytest.mark.parametrize(("phases", "words"), [("0", "more than 0 s"), ("1e6", "from 0 to 3600"), ("-5", "from 0 to")])
def test_a_phase_of_impossible_length_is_refused_with_its_line(phases: str, words: str) -> None:
    text = f'name = "short"\n[[protocol.phases]]\nkind = "freeze"\nduration_s = {phases}'
    with pytest.raises(
        InvalidCaseFile, match=rf"line {_line_of('template') + 3}, protocol.phases 1.duration_s: .*{words}"
    ):
        parse_case(GOOD.replace('template = "10-8-10"', text))


def test_an_empty_protocol_lists_the_templates() -> None:
    with pytest.raises(InvalidCaseFile, match="says neither template nor phases.*10-8-10"):
        parse_case(GOOD.replace('template = "10-8-10"\n', ""))


def test_a_protocol_that_begins_with_a_thaw_is_refused() -> None:
    text = 'name = "odd"\n[[protocol.phases]]\nkind = "passive_thaw"\nduration_s = 60'
    with pytest.raises(InvalidCaseFile, match="must begin with a freeze"):
        parse_case(GOOD.replace('template = "10-8-10"', text))


def test_a_syntax_error_names_its_line_and_the_text_near_it() -> None:
    with pytest.raises(InvalidCaseFile, match=r"line 4: is not valid TOML: .*, near: title = L3$"):
        parse_case(GOOD.replace('title = "L3"', "title = L3"))


def test_a_key_written_twice_is_refused() -> None:
    with pytest.raises(InvalidCaseFile, match="line 5.*not valid TOML"):
        parse_case(GOOD.replace('title = "L3"', 'title = "L3"\ntitle = "L4"'))


def test_a_newer_format_asks_for_a_newer_givre() -> None:
    with pytest.raises(InvalidCaseFile, match="version 2; this givre reads up to 1: update givre"):
        parse_case(GOOD.replace("givre_case = 1", "givre_case = 2"))


@pytest.mark.parametrize(
    ("bomb", "words"),
    [
        ("x = " + "[" * 20_000, "nest deeper"),
        ("x = " + "{a=" * 5_000, "nest deeper"),
        (".".join("a" * 60_000) + " = 1", "nest deeper"),
        ("[" + ".".join("a" * 60_000) + "]", "nest deeper"),
        ("x = " + "9" * 5_000, "number that cannot be read"),
        ('x = """' + '"' * 50_000, "not valid TOML"),
        ("x" * 100_000, "not valid TOML"),
    ],
)
def test_a_text_made_to_tire_the_parser_is_refused_at_once(bomb: str, words: str) -> None:
    began = time.monotonic()
    with pytest.raises(InvalidCaseFile, match=words):
        parse_case(bomb)
    assert time.monotonic() - began < 2.0  # a hang would take minutes; 2 s leaves room on a busy machine


def test_a_large_file_is_refused_before_it_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_bytes(b"#" * 300_000)
    with pytest.raises(InvalidCaseFile, match="larger than 256 kB"):
        read_case(tmp_path)


def test_a_byte_that_is_not_utf8_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_bytes(b"givre_case = 1\n# Tumeur r\xe9cidivante\n")
    with pytest.raises(InvalidCaseFile, match=r"line 2: byte 0xe9 is not UTF-8"):
        read_case(tmp_path / "case.toml")


def test_a_byte_order_mark_left_by_an_editor_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert read_case(tmp_path).case_id == "L3-01"


def test_an_absent_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(InvalidCaseFile, match="no such file.*givre init"):
        read_case(tmp_path)


def test_an_existing_case_is_kept_unless_asked(tmp_path: Path) -> None:
    write_case(GOOD, tmp_path / "case.toml")
    with pytest.raises(CannotWrite, match="already there"):
        write_case("other", tmp_path / "case.toml")
    assert (tmp_path / "case.toml").read_text() == GOOD
    write_case("other", tmp_path / "case.toml", replace=True)
    assert [file.name for file in tmp_path.iterdir()] == ["case.toml"]


def test_lines_are_found_inside_strings_lists_and_inline_tables() -> None:
    text = 'a = """\n[not] a = table\n"""\n# [b]\nc = [\n  1,\n  {d = 2, "e.f" = 3},\n]\n'
    text += "[[g]]\n[g.h]\ni = 4\n[[g]]\nj.k = 5\n"
    lines = find_lines(text)
    assert lines[("a",)] == 1
    assert lines[("c", 1, "d")] == 7 and lines[("c", 1, "e.f")] == 7
    assert lines[("g", 0, "h", "i")] == 11
    assert lines[("g", 1, "j", "k")] == 13


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("ab.=[]{},\"'\\\n# 1é"), max_size=60))
def test_no_text_makes_the_reader_fail_otherwise_than_by_a_refusal(text: str) -> None:
    with pytest.raises(InvalidCaseFile):
        parse_case(text)

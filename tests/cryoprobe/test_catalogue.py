"""The catalogue of cryoprobes, and a site's own."""

import csv
import io

import pytest

from givre.cryoprobe.catalogue import (
    CALIBRATION_COLUMNS,
    COLUMNS,
    catalogue_row,
    find_cryoprobe,
    load_catalogue,
    read_catalogue,
    read_toml_catalogue,
)
from givre.foundation.errors import InputError, UnknownCryoprobe

CATALOGUE = load_catalogue()
ROW = {
    "id": "site-1.7", "name": "Site 1.7", "vendor": "vendor", "cryogen": "argon", "diameter_mm": "1.7",
    "diameter_status": "verified", "active_zone_mm": "25", "active_zone_status": "verified", "tip_offset_mm": "3",
    "tip_offset_status": "verified", "surface_temp_c": "-120", "surface_temp_low_c": "-130",
    "surface_temp_high_c": "-110", "surface_temp_source": "vendor table", "surface_temp_status": "verified",
    "contact_resistance_m2k_w": "0", "contact_resistance_low": "0", "contact_resistance_high": "0",
    "contact_resistance_source": "none", "contact_resistance_status": "assumption", "geometry_source": "leaflet",
    "note": "",
}  # fmt: skip


def lines(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> list[str]:
    return [",".join(columns), *(",".join(row[column] for column in columns) for row in rows)]


def test_argon_and_liquid_nitrogen_are_both_there():
    assert {model.cryogen for model in CATALOGUE.values()} == {"argon", "liquid_nitrogen"}


@pytest.mark.parametrize("model_id", sorted(CATALOGUE))
def test_every_model_says_where_its_numbers_come_from(model_id):
    model = CATALOGUE[model_id]
    assert model.id == model_id
    assert model.geometry_source
    assert model.surface_temp_c.source
    assert model.surface_temp_c.low < model.surface_temp_c.value < model.surface_temp_c.high


@pytest.mark.parametrize("model_id", [name for name in sorted(CATALOGUE) if name.startswith("generic")])
def test_a_generic_probe_never_passes_for_a_verified_one(model_id):
    model = CATALOGUE[model_id]
    assert model.status in ("recalled", "assumption")
    assert {"active zone", "surface temperature"} <= set(model.unverified)


def test_the_icesphere_is_calibrated_on_its_ice_ball_not_on_its_thermocouple():
    surface = CATALOGUE["icesphere-1.5-cx"].surface_temp_c
    assert (surface.value, surface.low, surface.high) == (-140.0, -160.0, -115.0)
    assert surface.status == "derived"


def test_an_unknown_model_is_refused_with_close_names():
    with pytest.raises(UnknownCryoprobe, match=r"did you mean .*icesphere-1\.5-cx"):
        find_cryoprobe(CATALOGUE, "IceSphere-1.5")
    with pytest.raises(UnknownCryoprobe, match="known: .*popken"):
        find_cryoprobe(CATALOGUE, "§§§")


def test_a_site_catalogue_of_the_same_shape_is_read_in_any_column_order():
    models = read_catalogue(lines(ROW, columns=COLUMNS[::-1]), name="site.csv")
    assert find_cryoprobe(models, "site-1.7").diameter_mm == 1.7
    assert models["site-1.7"].status == "assumption"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"diameter_mm": "1·7"}, "line 2: diameter_mm"),
        ({"diameter_mm": "17"}, "give 0.5 to 6 mm"),
        ({"active_zone_mm": "nan"}, "active zone nan mm"),
        ({"surface_temp_c": "-300", "surface_temp_low_c": "-300"}, "from -200 to -20"),
        ({"surface_temp_source": ""}, "surface_temp_source is empty"),
        ({"surface_temp_status": "certain"}, 'status "certain"'),
        ({"cryogen": "helium"}, 'cryogen is "helium"'),
        ({"contact_resistance_m2k_w": "1", "contact_resistance_high": "1"}, "contact resistance"),
    ],
)
def test_a_wrong_row_is_refused_by_line(changes, words):
    with pytest.raises(InputError, match=words):
        read_catalogue(lines(ROW | changes), name="site.csv")


def test_missing_columns_repeated_ids_and_empty_files_are_refused():
    with pytest.raises(InputError, match="columns missing: note"):
        read_catalogue(lines(ROW, columns=COLUMNS[:-1]), name="site.csv")
    with pytest.raises(InputError, match=r"line 3: id site-1\.7 is used twice"):
        read_catalogue(lines(ROW, ROW), name="site.csv")
    with pytest.raises(InputError, match="holds no cryoprobe"):
        read_catalogue(lines(), name="site.csv")
    with pytest.raises(InputError, match="columns missing"):
        read_catalogue([], name="site.csv")


ORIGIN = {
    "calibration_file": "bench.csv", "calibration_sha256": "0" * 64, "calibration_date": "2026-03-05",
    "calibration_source": "bench", "calibration_fitted": "surface_temp active_zone", "calibration_sizes": "6",
    "calibration_rms_mm": "0.7", "calibration_worst_mm": "1.4", "calibration_remark": "",
}  # fmt: skip
ALL_COLUMNS = (*COLUMNS, *CALIBRATION_COLUMNS)


def test_a_probe_without_calibration_data_has_none():
    models = read_catalogue(lines(ROW), name="site.csv")
    assert models["site-1.7"].calibration is None
    blank = dict.fromkeys(CALIBRATION_COLUMNS, "")
    assert read_catalogue(lines(ROW | blank, columns=ALL_COLUMNS), name="s")["site-1.7"].calibration is None


def test_a_calibration_is_read_whole():
    origin = read_catalogue(lines(ROW | ORIGIN, columns=ALL_COLUMNS), name="site.csv")["site-1.7"].calibration
    assert origin is not None
    assert (origin.fitted, origin.sizes, origin.worst_mm) == (("surface_temp", "active_zone"), 6, 1.4)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"calibration_source": ""}, "calibration_source is empty; a calibration is told whole, or not at all"),
        ({"calibration_sha256": "12"}, "give 64 hexadecimal digits"),
        ({"calibration_date": "05/03/2026"}, "give it like 2026-03-05"),
        ({"calibration_sizes": "0"}, "give at least one size"),
        ({"calibration_sizes": "1.5"}, "give a whole number"),
        ({"calibration_worst_mm": "nan"}, "finite misses"),
    ],
)
def test_half_a_calibration_is_refused(changes, words):
    with pytest.raises(InputError, match=words):
        read_catalogue(lines(ROW | ORIGIN | changes, columns=ALL_COLUMNS), name="site.csv")


@pytest.mark.parametrize("model_id", sorted(CATALOGUE))
def test_every_model_survives_its_own_row(model_id):
    model = CATALOGUE[model_id]
    row = {name: str(value) for name, value in catalogue_row(model).items()}
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=ALL_COLUMNS)
    writer.writeheader()
    writer.writerow(row)
    assert read_catalogue(stream.getvalue().splitlines(), name="row") == {model_id: model}


def test_a_toml_catalogue_says_what_is_wrong_with_it():
    with pytest.raises(InputError, match="is not TOML"):
        read_toml_catalogue("= 3", name="e.toml")
    with pytest.raises(InputError, match="begin each probe with"):
        read_toml_catalogue("cryoprobe = 3", name="e.toml")
    with pytest.raises(InputError, match="holds no cryoprobe"):
        read_toml_catalogue("", name="e.toml")
    with pytest.raises(InputError, match="e.toml, cryoprobe 1: id, name"):
        read_toml_catalogue("[[cryoprobe]]", name="e.toml")

"""Write how a plan comes out: a document, tables, the probability map and pictures, whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from givre.adapters.results.directory import UNCERTAINTY_NAME, results_folder
from givre.adapters.results.document import listed_files
from givre.adapters.results.fields import write_field
from givre.adapters.results.numbers import Json
from givre.adapters.results.uncertainty_document import uncertainty_document
from givre.adapters.results.uncertainty_tables import samples_csv, sensitivity_csv
from givre.adapters.results.writing import to_json
from givre.usecases.estimate_uncertainty import UncertaintyResult

SAMPLES_CSV, SENSITIVITY_CSV = "samples.csv", "sensitivity.csv"
PROBABILITY_MAP = "lethal_probability"
_README = """\
Research use, not a medical device.
Usage de recherche, n'est pas un dispositif médical.

This folder tells how a plan simulated by givre comes out when its inputs vary. The notice above goes for every file of
it, tables and pictures included. fields/lethal_probability.nii.gz holds, for each voxel, the share of the samples that
killed it, from 0 to 1.
Ce dossier dit ce que donne un plan simulé par givre quand ses données varient. L'avertissement vaut pour chacun de ses
fichiers, tables et images comprises. fields/lethal_probability.nii.gz contient, pour chaque voxel, la part des tirages
qui l'ont détruit, de 0 à 1.
"""


def write_uncertainty(
    result: UncertaintyResult,
    target: Path,
    *,
    pictures: Mapping[str, bytes],
    settings: Mapping[str, str | int | float | bool | None],
    versions: Mapping[str, str],
    replace_foreign: bool = False,
) -> Json:
    """Write a folder with everything and return the content of its uncertainty.json.

    Args:
        result: how the plan comes out.
        target: the folder; a previous givre result there is replaced.
        pictures: PNG bytes by file name.
        settings: how givre was called, echoed.
        versions: of what computed.
        replace_foreign: whether a folder that holds something else may be set aside.

    Raises:
        ResultsFolderRefused: when the folder cannot be made; nothing is left behind.
    """
    with results_folder(target, replace_foreign=replace_foreign) as folder:
        write_field(folder, PROBABILITY_MAP, result.uncertainty.lethal_probability, "share of samples, 0 to 1")
        for name, content in pictures.items():
            (folder / name).write_bytes(content)
        (folder / SAMPLES_CSV).write_text(samples_csv(result.uncertainty), encoding="utf-8", newline="")
        (folder / SENSITIVITY_CSV).write_text(sensitivity_csv(result), encoding="utf-8", newline="")
        (folder / "README.txt").write_text(_README, encoding="utf-8", newline="\n")
        document = uncertainty_document(result, settings=settings, versions=versions, files=listed_files(folder))
        (folder / UNCERTAINTY_NAME).write_text(to_json(document), encoding="utf-8", newline="\n")
    return document

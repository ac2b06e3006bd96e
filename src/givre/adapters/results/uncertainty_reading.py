"""Read uncertainty.json and its probability map back, to tell them in a dossier."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import cast, get_args

import nibabel as nib
import numpy as np
from nibabel.filebasedimages import ImageFileError

from givre.adapters.results.directory import UNCERTAINTY_NAME, UNCERTAINTY_SCHEMA
from givre.adapters.results.fields import FIELDS_FOLDER
from givre.adapters.results.strict_reading import Node, PlannedFile, read_document
from givre.adapters.results.uncertainty import PROBABILITY_MAP
from givre.adapters.results.uncertainty_document import SCHEMA_VERSION
from givre.dossier.uncertain_plan import FigureQuantiles, UncertainPlan
from givre.dossier.uncertainty_phrasing import uncertainty_phrasing
from givre.foundation.errors import GivreError
from givre.foundation.quantity import Status
from givre.geometry.grid import Grid
from givre.geometry.volume import Volume
from givre.planning.uncertainty.probability import LEVELS, GoalChance
from givre.planning.uncertainty.sensitivity import FactorShare, FigureSensitivity, TornadoBar
from givre.planning.uncertainty.sensitivity_shares import NOT_GIVEN, Share
from givre.planning.uncertainty.spread import Factor, SplitLaw
from givre.usecases.planned_results import RecordedInputs

MAP_PATH = f"{FIELDS_FOLDER}/{PROBABILITY_MAP}.nii.gz"
_SAME_MM = 1e-3
_GOALS = ("coverage", "margin", "all")
_FIGURES = ("coverage", "coverage_with_margin", "margin_mm", "lethal_ml")
_WHY_NOT = ("", "no_input", "constant", "too_few_runs", "too_many_failed", "poor_q2")


def read_uncertainty(folder: Path) -> tuple[UncertainPlan, RecordedInputs]:
    """The uncertain plan of a folder that `givre uncertainty` wrote, and what it was computed from.

    Raises:
        PlannedFile: if uncertainty.json or the probability map is missing, damaged, incomplete, not what was written,
            or holds a number that is not finite.
        NewerSchema: if a newer version of givre wrote it.
    """
    document, sha256 = read_document(folder, UNCERTAINTY_NAME, schema=UNCERTAINTY_SCHEMA, version=SCHEMA_VERSION)
    samples, sensitivity, inputs = (document.node(name) for name in ("samples", "sensitivity", "inputs"))
    used = samples.whole("used", low=1)
    found = UncertainPlan(
        samples=used,
        failed=samples.whole("failed"),
        seed=samples.whole("seed"),
        voxel_mm=document.node("lattice").number("voxel_mm", low=0.1),
        planned_failure=samples.text("planned_failure"),
        factors=tuple(_factor(node) for node in document.node("spread").nodes("inputs")),
        figures={name: _figure(name, document.node("figures").node(name)) for name in document.node("figures").content},
        goals=tuple(_chance(node, used) for node in document.nodes("goals")),
        lethal_probability=_probability_map(folder, document),
        confidence=sensitivity.number("confidence", low=0.5, high=1.0),
        least_q2=sensitivity.number("least_q2", low=0.0, high=1.0),
        sensitivity={
            name: _sensitivity(name, sensitivity.node("figures").node(name))
            for name in sensitivity.node("figures").content
        },
    )
    _refuse_unrelated(found, document)
    recorded = RecordedInputs(
        file=UNCERTAINTY_NAME,
        case_ids=(document.text("case_id"),),
        images=inputs.texts("images"),
        parts=inputs.texts("parts"),
        sha256=sha256,
    )
    return found, recorded


def _refuse_unrelated(found: UncertainPlan, document: Node) -> None:
    """Parts of the document that speak of inputs or figures that no other part knows."""
    if found.failed > found.samples:
        document.refuse(f"{found.failed} of {found.samples} samples failed")
    if not found.goals or found.goals[-1].goal != "all":
        document.refuse("the chance of all goals together is missing")
    missing = [name for name in ("coverage", "coverage_with_margin", "margin_mm") if name not in found.figures]
    if missing:
        document.refuse(f"figures are missing: {', '.join(missing)}")
    known = {factor.name for factor in found.factors}
    chances = {chance.goal for chance in found.goals}
    for moved in found.sensitivity.values():
        named = {share.name for share in moved.factors} | {bar.name for bar in moved.bars}
        if not named <= known:
            document.refuse(f"sensitivity to inputs that were not varied: {', '.join(sorted(named - known))}")
        if moved.figure not in found.figures or (moved.figure.startswith("organ:") and moved.figure not in chances):
            document.refuse(f"sensitivity of {moved.figure}, of which no figure or chance is given")


def _factor(node: Node) -> Factor:
    law = SplitLaw(value=node.number("value"), low=node.number("low"), high=node.number("high"), unit=node.text("unit"))
    if not law.low <= law.value <= law.high:
        node.refuse("its value is not between low and high")
    what = node.text("what")
    if not uncertainty_phrasing("en").words.has(f"what.{what}"):
        node.refuse(f'no input "{what}" is known here')
    factor = Factor(
        what=what,
        group=node.text("group"),
        law=law,
        shown_for=node.text("shown_for"),
        source=node.text("source"),
        status=cast("Status", node.one_of("status", get_args(Status))),
    )
    return factor if factor.name == node.text("name") else node.refuse(f'its name is not "{factor.name}"')


def _figure(name: str, node: Node) -> FigureQuantiles:
    if not name.startswith("organ:") and name not in _FIGURES:
        node.refuse("no figure of that name is known here")
    quantiles = node.node("quantiles_percent")
    return FigureQuantiles(
        name=name,
        unit=node.one_of("unit", ("1", "mm", "mL", "C")),
        planned=node.known("planned"),
        quantiles={level: quantiles.known(f"{100 * level:g}") for level in LEVELS},
    )


def _chance(node: Node, samples: int) -> GoalChance:
    met = node.whole("met")
    if node.whole("samples", low=1) != samples or met > samples:
        node.refuse(f"{met} of {node.whole('samples')} samples met it, and {samples} were made")
    goal = node.text("goal")
    if not goal.startswith("organ:") and goal not in _GOALS:
        node.refuse(f'"{goal}" is no goal known here')
    return GoalChance(
        goal=goal,
        wanted=node.known("wanted"),
        unit=node.text("unit"),
        met=met,
        samples=samples,
        planned=node.flag("planned"),
    )


def _sensitivity(name: str, node: Node) -> FigureSensitivity:
    tornado = node.node("tornado")
    return FigureSensitivity(
        figure=name,
        unit=node.one_of("unit", ("1", "mm", "mL", "C")),
        runs=node.whole("runs"),
        q2=node.known("q2", high=1.0),
        why_not=node.one_of("why_not", _WHY_NOT),
        factors=tuple(_shares(share) for share in node.nodes("inputs")),
        groups=tuple(_shares(share) for share in node.nodes("groups")),
        centre=tornado.known("centre"),
        bars=tuple(_bar(bar) for bar in tornado.nodes("bars")),
        bars_from=tornado.one_of("from", ("emulator", "runs")),
    )


def _bar(node: Node) -> TornadoBar:
    return TornadoBar(
        name=node.text("name"),
        input_low=node.number("input_low"),
        input_high=node.number("input_high"),
        at_low=node.known("at_low"),
        at_high=node.known("at_high"),
    )


def _shares(node: Node) -> FactorShare:
    return FactorShare(
        name=node.text("name"),
        main=_share(node, "main"),
        total=_share(node, "total"),
        main_by_data=_share(node, "main_by_data"),
    )


def _share(node: Node, key: str) -> Share:
    if node.get(key) is None:
        return NOT_GIVEN
    share = node.node(key)
    return Share(value=share.number("value"), low=share.known("low"), high=share.known("high"))


def _probability_map(folder: Path, document: Node) -> Volume:
    """The map, as it was written: its hash, its lattice and its values are checked."""
    listed = {node.text("path"): node.text("sha256") for node in document.nodes("files")}
    path = folder / FIELDS_FOLDER / f"{PROBABILITY_MAP}.nii.gz"
    try:
        with path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise PlannedFile(
            f"{folder.name} holds no {MAP_PATH} that can be read ({error.strerror}); compute the uncertainty again"
        ) from error
    if listed.get(MAP_PATH) != sha256:
        raise PlannedFile(f"{MAP_PATH} is not the file that {UNCERTAINTY_NAME} lists; compute the uncertainty again")
    lattice = document.node("lattice")
    shape = lattice.get("shape_kji")
    try:
        image = nib.Nifti1Image.from_filename(str(path))
        i, j, k = image.shape
        if [k, j, i] != shape:
            raise PlannedFile(f"{MAP_PATH} has the shape {[k, j, i]}, and {UNCERTAINTY_NAME} says {shape}")
        grid = Grid.from_affine_ras(image.affine, (i, j, k))
        values = np.ascontiguousarray(np.asarray(image.dataobj, dtype=np.float32).transpose(2, 1, 0))
    except PlannedFile:
        raise
    except (GivreError, ImageFileError, OSError, EOFError, ValueError) as error:
        raise PlannedFile(f"{MAP_PATH} cannot be read ({error}); compute the uncertainty again") from error
    if any(abs(edge - lattice.number("voxel_mm")) > _SAME_MM for edge in grid.spacing_mm):
        raise PlannedFile(f"{MAP_PATH} has voxels of {grid.spacing_mm} mm, unlike {UNCERTAINTY_NAME}")
    if not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= 1):
        raise PlannedFile(f"{MAP_PATH} holds values that are no probabilities from 0 to 1; compute it again")
    return Volume(grid=grid, values=values, unit="1")

"""Picks the adapters for everything around a simulation: case files, bundles, folders, results."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from givre.adapters import samples
from givre.adapters.bundle import BundleManifest, bundle_members, pack_bundle
from givre.adapters.casefile import CASE_FILE_NAME, read_case, render_case, render_draft, write_case
from givre.adapters.folder import list_folder
from givre.adapters.results import ResultsContents, write_results
from givre.adapters.results.numbers import Json
from givre.adapters.results.proposals_reading import read_proposals
from givre.adapters.results.uncertainty_reading import read_uncertainty
from givre.adapters.samples import WriteCase, WrittenSample
from givre.case.description import CaseDescription
from givre.cryoprobe.catalogue import load_catalogue
from givre.dossier.compose import compose_dossier
from givre.dossier.inputs import DossierInputs, Provenance
from givre.foundation.errors import MissingExtra
from givre.usecases.init_case import CaseDraft, init_case
from givre.usecases.planned_results import OF_A_PLAN, OF_A_SEARCH, PlannedResults, refuse_other_case
from givre.usecases.simulate_plan import PlanResult
from givre.wiring import dossier_inputs

Language = Literal["fr", "en"]

DEMO = "lumbar-vertebra"
"""The sample that `givre demo` shows."""

_COMPUTED_WITH = ("givre", "numpy", "scipy", "numba", "scikit-image", "pydicom", "nibabel")
_REPORT_PARTS = ("matplotlib", "typst", "jinja2")


def describe_case(path: Path) -> tuple[CaseDescription, Path]:
    """Read a case file alone; the case, and the folder its paths start from."""
    description = read_case(path, known_models=tuple(load_catalogue()))
    return description, path if path.is_dir() else path.parent


def draft_case(folder: Path, *, language: Language, replace: bool) -> tuple[CaseDraft, Path]:
    """Draft the case.toml of a folder and write it there; the draft, and where it lies."""
    draft = init_case(list_folder(folder), language=language)
    path = folder / CASE_FILE_NAME
    write_case(render_draft(draft, language=language), path, replace=replace)
    return draft, path


def pack_case(case: Path, target: Path, *, results: Path | None = None, replace: bool = False) -> BundleManifest:
    """Pack a case file and everything it names into a bundle."""
    description, folder = describe_case(case)
    inside, members = bundle_members(description, folder, results=results)
    return pack_bundle(
        target,
        case_text=render_case(inside),
        case_id=inside.case_id,
        members=members,
        givre_version=version("givre"),
        replace=replace,
    )


def get_sample(name: str, folder: Path, *, language: Language = "en") -> WrittenSample:
    """Write a sample case."""
    return samples.get_sample(name, folder, write_case=_case_writer(language))


def get_demo_sample(folder: Path, *, language: Language = "en") -> WrittenSample:
    """Write the sample of the demo; the embedded phantom where its scan cannot be fetched, as its notice says."""
    return samples.get_demo_sample(folder, write_case=_case_writer(language))


def refuse_missing_report_parts() -> None:
    """Refuse before computing, not after, when the dossier could not be drawn.

    Raises:
        MissingExtra: when a library of the report extra is absent.
    """
    missing = [name for name in _REPORT_PARTS if find_spec(name) is None]
    if missing:
        raise MissingExtra(
            f"the dossier needs {', '.join(missing)}, not installed here; pip install 'givre[report]', "
            "or ask for no dossier (--no-dossier)"
        )


def write_plan(
    result: PlanResult,
    folder: Path,
    *,
    languages: Sequence[Language],
    replace_foreign: bool = False,
    settings: Mapping[str, str | int | float | None] | None = None,
    announce: Callable[[str], None] | None = None,
    also: Sequence[Callable[[Path], None]] = (),
    planned: PlannedResults | None = None,
) -> Json:
    """Write everything a simulation gives, dossier included; the folder appears whole or not at all.

    A run that is not usable gets no dossier: its fields are kept to find out why, not to be shown.

    Args:
        result: the simulated plan.
        folder: where to.
        languages: of the dossier.
        replace_foreign: whether a folder of other files may be set aside.
        settings: how givre was called, echoed in results.json.
        announce: told when the dossier begins.
        also: further writers, each given the folder in the making; their files are listed and hashed too.
        planned: results of the planner to tell in the dossier, from `read_planned`.
    """
    contents = _contents(result, settings or {}, {} if planned is None else planned.hashes)

    def write_dossiers(where: Path) -> None:
        if announce is not None:
            announce("dossier")
        _write_dossiers(dossier_inputs(result, contents.provenance, planned), where, languages)

    wanted = [write_dossiers] if languages and result.run.status.is_usable else []
    return write_results(contents, folder, also=[*wanted, *also], replace_foreign=replace_foreign)


def read_planned(
    description: CaseDescription,
    hashes: Mapping[str, str],
    *,
    proposals: Path | None = None,
    uncertainty: Path | None = None,
) -> PlannedResults | None:
    """Read what the planner wrote for a case, to tell it in its dossier; None when nothing is asked.

    Args:
        description: the case that is simulated.
        hashes: sha256 of its images, as `CaseImages.hashes`.
        proposals: folder that `givre plan` wrote.
        uncertainty: folder that `givre uncertainty` wrote.

    Raises:
        PlannedFile: if a file is missing, damaged, or not what it says; NewerSchema if it is of a newer version.
        OtherCase: if it was computed from another case, or another state of this one.
    """
    if proposals is None and uncertainty is None:
        return None
    ranked, uncertain, read_hashes = None, None, {}
    if proposals is not None:
        ranked, recorded = read_proposals(proposals)
        refuse_other_case(recorded, description, hashes, parts=OF_A_SEARCH)
        read_hashes["proposals"] = recorded.sha256
    if uncertainty is not None:
        uncertain, recorded = read_uncertainty(uncertainty)
        refuse_other_case(recorded, description, hashes, parts=OF_A_PLAN)
        read_hashes["uncertainty"] = recorded.sha256
    return PlannedResults(ranked=ranked, uncertain=uncertain, hashes=read_hashes)


def _write_dossiers(inputs: DossierInputs, folder: Path, languages: Sequence[Language]) -> None:
    # drawing loads a renderer and a typesetter: only a dossier pays for them
    from givre.adapters.render.document import render_dossier  # noqa: PLC0415
    from givre.adapters.render.figures import draw_figures, render_pictures  # noqa: PLC0415

    pictures = render_pictures(inputs)
    for language in languages:
        figures = draw_figures(inputs, lang=language, pictures=pictures)
        rendered = render_dossier(compose_dossier(inputs, lang=language), figures)
        (folder / f"dossier.{language}.html").write_bytes(rendered.html)
        (folder / f"dossier.{language}.pdf").write_bytes(rendered.pdf)


def _contents(
    result: PlanResult, settings: Mapping[str, str | int | float | None], also_read: Mapping[str, str]
) -> ResultsContents:
    found = provenance(result)
    return ResultsContents(
        description=result.description,
        run=result.run,
        assessment=result.assessment,
        probes=result.probes,
        provenance=dataclasses.replace(found, hashes={**found.hashes, **also_read}),
        import_reports=result.import_reports,
        properties=result.properties,
        tissue_shares=result.tissue_shares,
        extrapolated_fraction=result.tissue_map.extrapolated_fraction,
        settings=settings,
        size=result.size,
        error=result.error,
    )


def _case_writer(language: Language) -> WriteCase:
    def write(description: CaseDescription, path: Path) -> None:
        write_case(render_case(description, language=language), path)

    return write


def provenance(result: PlanResult) -> Provenance:
    """Today, the versions that computed, and the hashes of what went in."""
    versions = {name: _version(name) for name in _COMPUTED_WITH}
    return Provenance(
        date=datetime.now(tz=UTC).date().isoformat(),
        versions={name: found for name, found in versions.items() if found},
        hashes=dict(result.hashes),
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""

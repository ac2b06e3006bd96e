"""The Python door: load or build a case, simulate it, write its results, in a few lines.

>>> import givre
>>> case = givre.load_case("case.toml")                # doctest: +SKIP
>>> result = givre.simulate(case, threads=2)           # doctest: +SKIP
>>> result.assessment.coverage, result.assessment.margin.minimum_mm   # doctest: +SKIP
>>> givre.write_results(result, "results")             # doctest: +SKIP
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from givre import wiring, wiring_cases
from givre.adapters.bundle import unpack_bundle
from givre.api_arrays import ArrayLike, imported_image, imported_mask
from givre.case.description import (
    TUMOUR,
    CaseDescription,
    ImageReference,
    LesionKind,
    SimulationSettings,
    StructureReference,
)
from givre.case.goals import Goals, OrganAtRisk
from givre.case.thermocouple import Thermocouple
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import TEMPLATES, Protocol
from givre.foundation.errors import EmptyMask, InputError, InvalidProtocol
from givre.usecases.import_case import CaseImages, load_case_images
from givre.usecases.init_case import USUAL_GOALS
from givre.usecases.simulate_plan import PlanResult, simulate_plan

Progress = Callable[[float, float], bool]
"""Given the simulated time and the whole duration [s], returns whether to go on."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """One case ready to simulate.

    Attributes:
        description: everything but the images: probes, protocol, goals ...
        images: the CT and the masks, read and checked.
    """

    description: CaseDescription
    images: CaseImages


def load_case(path: str | Path) -> Case:
    """Read a case file and its images.

    Args:
        path: a case.toml, the folder that holds it, or a .givre bundle.

    Raises:
        InputError: with the file, the line or the image at fault.
    """
    source = Path(path)
    if source.suffix.lower() == ".givre":
        with tempfile.TemporaryDirectory(prefix="givre-") as folder:
            inside = Path(folder) / "case"
            unpack_bundle(source, inside)
            return _read(inside, inside=True)
    return _read(source, inside=False)


def simulate(
    case: Case,
    *,
    threads: int | None = None,
    engine: wiring.Engine = "cpu",
    progress: Progress | None = None,
    estimate_error: bool | None = None,
    error_lattices: int = 2,
) -> PlanResult:
    """Simulate a case and judge it against its goals.

    Args:
        case: as `load_case` or `case_from_arrays` gives it.
        threads: processor threads, all by default.
        engine: "cpu", or "gpu" for an NVIDIA GPU, which needs the gpu extra.
        progress: told the simulated time and the whole duration [s]; returns whether to go on. It starts again
            from 0 for each coarser lattice.
        estimate_error: whether to solve the plan again on coarser lattices, for the error bars in `result.error`;
            by default unless that would take long.
        error_lattices: on how many lattices, the plan's own included: 2, or 3 to observe the order of the error.
    """
    return simulate_plan(
        case.description,
        case.images,
        knowledge=wiring.knowledge(),
        solve=wiring.solver(threads=threads, engine=engine),
        progress=progress,
        estimate_error=estimate_error,
        error_lattices=error_lattices,
    )


def write_results(
    result: PlanResult,
    directory: str | Path,
    *,
    languages: Sequence[Literal["fr", "en"]] = ("fr", "en"),
    force: bool = False,
    proposals: str | Path | None = None,
    uncertainty: str | Path | None = None,
) -> Path:
    """Write fields, figures, surfaces, curves and the dossier; the folder appears whole or not at all.

    Args:
        result: as `simulate` gives it.
        directory: the folder to make; a previous givre result there is replaced.
        languages: of the dossier; none writes no dossier.
        force: set aside a folder that holds other files.
        proposals: folder that `givre plan` wrote for this case; its ranked plans enter the dossier.
        uncertainty: folder that `givre uncertainty` wrote for this case; its chances, map and sensitivity enter it.

    Raises:
        InputError: if a language is neither "fr" nor "en", or a folder of the planner is damaged or of another case.
    """
    if isinstance(languages, str) or not set(languages) <= {"fr", "en"}:
        raise InputError(f'languages {languages!r}; give a list of "fr" and "en", or an empty one for no dossier')
    planned = wiring_cases.read_planned(
        result.description,
        result.hashes,
        proposals=None if proposals is None else Path(proposals),
        uncertainty=None if uncertainty is None else Path(uncertainty),
    )
    wiring_cases.write_plan(result, Path(directory), languages=tuple(languages), replace_foreign=force, planned=planned)
    return Path(directory)


def case_from_arrays(
    *,
    ct: ArrayLike,
    masks: Mapping[str, ArrayLike],
    probes: Sequence[Placement],
    protocol: str | Protocol = "10-8-10",
    goals: Goals = USUAL_GOALS,
    organs_at_risk: Sequence[OrganAtRisk] = (),
    settings: SimulationSettings | None = None,
    materials: Mapping[str, str] | None = None,
    thermocouples: Sequence[Thermocouple] = (),
    lesion_kind: LesionKind = "lytic",
    case_id: str = "case",
    title: str = "",
    anatomy: str = "not said",
    synthetic: str = "",
) -> Case:
    """Build a case from images in memory or on disk.

    Args:
        ct: a path, a nibabel image, or (array [HU] indexed i, j, k; affine to RAS+ mm) as nibabel gives them.
        masks: the structures by name, the same kinds; one must be named "tumour".
        probes: where each cryoprobe enters and where its tip lies, LPS mm.
        protocol: a template name ("10-8-10") or a protocol.
        goals: what must be reached.
        organs_at_risk: what must be spared; each needs a mask.
        settings: voxel size, domain margin, body and room temperature.
        materials: what some structures are made of or filled with, by their name ("warm_saline", "titanium" ...).
        thermocouples: points whose temperature will be measured, LPS mm.
        lesion_kind: lytic, blastic or mixed.
        case_id: pseudonymous id, never a name.
        title: one line at the top of the dossier.
        anatomy: bone and level in words.
        synthetic: what is not from a patient.
    """
    strange = sorted(set(materials or {}) - set(masks))
    if strange:
        raise InputError(f"materials of structures without a mask: {strange}; add their masks or remove them")
    image = imported_image(ct, read_image=wiring.read_image)
    read = {
        name: imported_mask(source, name=name, onto=image, read_mask=wiring.read_mask) for name, source in masks.items()
    }
    description = CaseDescription(
        case_id=case_id,
        title=title or case_id,
        question="",
        anatomy=anatomy,
        lesion_kind=lesion_kind,
        synthetic=synthetic,
        image=ImageReference(path=image.report.source),
        structures=tuple(
            StructureReference(name=name, path=mask.report.source, material=(materials or {}).get(name, ""))
            for name, mask in read.items()
        ),
        placements=tuple(probes),
        protocol=_protocol(protocol),
        goals=goals,
        organs_at_risk=tuple(organs_at_risk),
        settings=settings or SimulationSettings(),
        thermocouples=tuple(thermocouples),
    )
    if read[TUMOUR].mask.is_empty:
        raise EmptyMask(f'mask "{TUMOUR}" holds no voxel; draw it or choose another')
    return Case(description=description, images=CaseImages(image=image, masks=read))


def _read(source: Path, *, inside: bool) -> Case:
    description, folder = wiring_cases.describe_case(source)
    images = load_case_images(
        description, folder, read_image=wiring.read_image, read_mask=wiring.read_mask, inside_bundle=inside
    )
    return Case(description=description, images=images)


def _protocol(protocol: str | Protocol) -> Protocol:
    if isinstance(protocol, Protocol):
        return protocol
    if protocol not in TEMPLATES:
        raise InvalidProtocol(
            f'protocol "{protocol}" is not a template; use one of {", ".join(TEMPLATES)} or a Protocol'
        )
    return TEMPLATES[protocol]

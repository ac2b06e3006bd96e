"""Everything a dossier is composed from, gathered by the caller; the same inputs give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from givre.assessment.discretisation import DiscretisationError
from givre.assessment.ice_size import IceSize
from givre.assessment.result import Assessment
from givre.bioheat.run import ThermalRun
from givre.case.description import TUMOUR, CaseDescription
from givre.dossier.ranked_plans import RankedPlans
from givre.dossier.uncertain_plan import UncertainPlan
from givre.foundation.errors import InputError
from givre.foundation.quantity import Status
from givre.geometry.volume import Mask, Volume

Lang = Literal["fr", "en"]


class ImportFinding(Protocol):
    """One thing an import found; the import report of the use cases fits."""

    @property
    def code(self) -> str:
        """Stable key of the finding."""

    @property
    def severity(self) -> str:
        """info, assumed or warning."""

    @property
    def sentence(self) -> str:
        """The finding in words, in English."""


class ImportSummary(Protocol):
    """How one image or mask was read; the import report of the use cases fits."""

    @property
    def source(self) -> str:
        """File or folder name, without the path of the machine."""

    @property
    def kind(self) -> str:
        """What it is, in words."""

    @property
    def findings(self) -> Sequence[ImportFinding]:
        """What was found and assumed, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeFacts:
    """What the simulation took for one placed cryoprobe.

    Attributes:
        label: label of its placement in the case.
        model_name: name of the catalogue entry.
        diameter_mm: outer diameter of the shaft.
        active_length_mm: length of the active zone.
        tip_offset_mm: distance from the tip to the distal end of the active zone.
        effective_temp_c: surface temperature reached while freezing, with its plausible range.
        effective_temp_low_c: coldest plausible value.
        effective_temp_high_c: warmest plausible value.
        source: where these numbers come from.
        status: how far to trust that source.
        calibrated: whether measured isotherms stand behind these numbers.
        calibration: the measurements in one line; empty for a probe without calibration data.
        calibration_sizes: how many measured sizes.
        calibration_worst_mm: by how much the probe misses the worst of them; 0 without calibration data.
    """

    label: str
    model_name: str
    diameter_mm: float
    active_length_mm: float
    tip_offset_mm: float = 0.0
    effective_temp_c: float
    effective_temp_low_c: float
    effective_temp_high_c: float
    source: str
    status: Status
    calibrated: bool = False
    calibration: str = ""
    calibration_sizes: int = 0
    calibration_worst_mm: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyFact:
    """One tissue value the simulation used.

    Attributes:
        tissue: tissue name of the property table ("trabecular_bone").
        quantity: what it is ("conductivity_frozen").
        value: the value used.
        low: lowest plausible value.
        high: highest plausible value.
        unit: of all three.
        source: where it comes from.
        status: how far to trust that source.
    """

    tissue: str
    quantity: str
    value: float
    low: float
    high: float
    unit: str
    source: str
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where the dossier comes from; no machine, no user, no clock.

    Attributes:
        date: day of the dossier, ISO "2026-03-05"; given by the caller.
        versions: version of givre and of the libraries that computed, by name.
        hashes: sha256 of what went in and came out, by name ("case", "ct", "mask tumour", "problem").
    """

    date: str
    versions: Mapping[str, str] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parts = self.date.split("-")
        if [len(part) for part in parts] != [4, 2, 2] or not all(part.isdecimal() for part in parts):
            raise InputError(f'dossier date "{self.date}"; give it as year-month-day, like 2026-03-05')
        if not (1 <= int(parts[1]) <= 12 and 1 <= int(parts[2]) <= 31):
            raise InputError(f'dossier date "{self.date}" is not a day of the calendar; correct it')


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DossierInputs:
    """What one dossier tells.

    Attributes:
        case: the case file.
        ct: planning CT [HU].
        masks: structures by name; "tumour" must be there.
        run: the simulation.
        assessment: what was judged about it.
        probes: one for each placement of the case, in its order.
        properties: tissue values used, only those of tissues present in the domain.
        tissue_shares: share of the simulated domain made of each tissue, 0 to 1.
        extrapolated_fraction: share of the simulated domain that lies outside the CT and was filled by a rule.
        import_reports: how each image and mask was read.
        notes: remarks of the tissue labelling; those the dossier knows are told in its language, others as written.
        provenance: versions, hashes and date.
        size: how large the ice-ball is along and across the probes.
        error: how far off its discretisation may put each figure; None where nobody asked.
        ranked: plans that a search proposed for this case; None where nobody asked.
        uncertain: how the plan comes out when its inputs vary; None where nobody asked.
    """

    case: CaseDescription
    ct: Volume
    masks: Mapping[str, Mask]
    run: ThermalRun
    assessment: Assessment
    probes: tuple[ProbeFacts, ...]
    properties: tuple[PropertyFact, ...] = ()
    tissue_shares: Mapping[str, float] = field(default_factory=dict)
    extrapolated_fraction: float = 0.0
    import_reports: Sequence[ImportSummary] = ()
    notes: tuple[str, ...] = ()
    provenance: Provenance
    size: IceSize | None = None
    error: DiscretisationError | None = None
    ranked: RankedPlans | None = None
    uncertain: UncertainPlan | None = None

    def __post_init__(self) -> None:
        if TUMOUR not in self.masks:
            raise InputError(f'no mask is named "{TUMOUR}"; found {sorted(self.masks) or "none"}')
        placed = [placement.label for placement in self.case.placements]
        described = [probe.label for probe in self.probes]
        if placed != described:
            raise InputError(f"probes described {described}, probes placed {placed}; describe each one, in order")

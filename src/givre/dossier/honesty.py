"""What the model does not know, which of its numbers are unverified, and where everything comes from."""

from __future__ import annotations

from dataclasses import dataclass

from givre.dossier.content import Block, Bullets, Cell, Column, Definitions, Paragraph, Section, Table
from givre.dossier.error_bars import edge_text
from givre.dossier.inputs import DossierInputs, ImportSummary
from givre.dossier.phrasing import Phrasing, capitalised, error_bar_trial, published_accuracy
from givre.dossier.remarks import told
from givre.dossier.summary import voxel_mm
from givre.dossier.tables import status_cell

_LIMITS = (
    "accuracy",
    "grid",
    "bone",
    "perfusion",
    "probe",
    "kill",
    "nerve",
    "bone_death",
    "motion",
    "protection",
    "segmentation",
    "follow",
)
_GLOSSARY = ("ice_ball", "lethal_zone", "coverage", "margin", "isotherm", "active_zone", "target", "lps", "rcp")


def limits_section(inputs: DossierInputs, say: Phrasing) -> Section:
    """An honest list."""
    accuracy, trial, plain = published_accuracy(), error_bar_trial(), say.numbers.plain
    values = {
        "low": plain(accuracy.mean_low_mm),
        "high": plain(accuracy.mean_high_mm),
        "worst": plain(accuracy.worst_mm),
        "gel": plain(accuracy.gel_mean_mm),
        "source": accuracy.source.split(",")[0],
        "voxel": f"{plain(voxel_mm(inputs))}\u00a0mm",
        "edge": _edge_sentence(inputs, say),
        "plans": plain(trial.plans),
        "bars": say.numbers.decimal(trial.bars),
        "contained": say.numbers.decimal(trial.contained),
        "reference": plain(trial.reference_mm),
        "lethal": say.threshold(inputs.case.goals.lethal_temp_c),
    }
    items = [(say.words(f"limits.{key}_lead"), say.words(_limit_key(key, inputs), **values)) for key in _LIMITS]
    if inputs.extrapolated_fraction > 0:
        share = f"{say.numbers.decimal(inputs.extrapolated_fraction * 100.0, 1)}\u00a0%"
        items.append((say.words("limits.extrapolated_lead"), say.words("limits.extrapolated", share=share)))
    return Section(key="limits", title=say.words("section.limits"), blocks=(Bullets(items=tuple(items)),))


def _limit_key(key: str, inputs: DossierInputs) -> str:
    """Positions are told otherwise where the uncertainty of this plan varied them."""
    probes = {placement.label for placement in inputs.case.placements}
    factors = () if inputs.uncertain is None else inputs.uncertain.factors
    is_varied = key == "motion" and any(factor.group in probes for factor in factors)
    return "limits.motion_varied" if is_varied else f"limits.{key}"


def _edge_sentence(inputs: DossierInputs, say: Phrasing) -> str:
    if inputs.error is not None and inputs.error.is_known:
        return say.words("limits.grid_edge", edge=edge_text(inputs.error, say))
    return say.words("limits.grid_none", half=f"{say.numbers.plain(voxel_mm(inputs) / 2)}\u00a0mm")


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedValue:
    """One number that was used, in words, for a table; `low` and `high` alike where it has no range."""

    what: str
    value: str
    low: str
    high: str
    status: str
    source: str


def unverified_section(inputs: DossierInputs, say: Phrasing) -> Section:
    """Every number used that was not read in its source."""
    used = _used_values(inputs, say)
    doubtful = [value for value in used if value.status != "verified"]
    if not doubtful:
        blocks: tuple[Block, ...] = (Paragraph(text=say.words("unverified.none")),)
    else:
        intro = say.words("unverified.intro", count=len(doubtful), total=len(used))
        tables = value_tables("unverified", say.words("unverified.caption"), doubtful, say)
        blocks = (Paragraph(text=intro), *tables)
    return Section(key="unverified", title=say.words("section.unverified"), blocks=blocks)


def _used_values(inputs: DossierInputs, say: Phrasing) -> list[UsedValue]:
    return [*_threshold_values(inputs, say), *_probe_values(inputs, say), *_property_values(inputs, say)]


def _threshold_values(inputs: DossierInputs, say: Phrasing) -> list[UsedValue]:
    goals = inputs.case.goals
    chosen = [(say.words("unverified.lethal"), goals.lethal_temp_c, goals.status, goals.source)]
    for organ in inputs.case.organs_at_risk:
        name = say.words("unverified.organ_limit", organ=capitalised(say.structure(organ.structure)))
        chosen.append((name, organ.limit_temp_c, organ.status, organ.source))
    return [
        UsedValue(what=what, value=say.threshold(temp_c), low="", high="", status=status, source=source)
        for what, temp_c, status, source in chosen
    ]


def _probe_values(inputs: DossierInputs, say: Phrasing) -> list[UsedValue]:
    """One value for all probes that share it."""
    groups: dict[tuple[float, float, float, str, str], list[str]] = {}
    for probe in inputs.probes:
        temps = (probe.effective_temp_c, probe.effective_temp_low_c, probe.effective_temp_high_c)
        groups.setdefault((*temps, probe.status, probe.source), []).append(probe.label)
    return [
        UsedValue(
            what=say.words("unverified.probe_group", probes=", ".join(labels)),
            value=say.threshold(value),
            low=say.numbers.plain(low),
            high=say.numbers.plain(high),
            status=status,
            source=source,
        )
        for (value, low, high, status, source), labels in groups.items()
    ]


def _property_values(inputs: DossierInputs, say: Phrasing) -> list[UsedValue]:
    found = []
    for fact in inputs.properties:
        what = say.words(
            "unverified.property",
            tissue=capitalised(say.tissue(fact.tissue)),
            quantity=say.words.name("quantity", fact.quantity),
        )
        unit = "" if fact.unit == "1" else f"\u00a0{shown_unit(fact.unit)}"
        found.append(
            UsedValue(
                what=what,
                value=f"{say.numbers.plain(fact.value)}{unit}",
                low=say.numbers.plain(fact.low),
                high=say.numbers.plain(fact.high),
                status=fact.status,
                source=fact.source,
            )
        )
    return found


def shown_unit(unit: str) -> str:
    """A unit of the tables as print sets it.

    >>> shown_unit("W/mK"), shown_unit("kg/m3")
    ('W/(m·K)', 'kg/m³')
    >>> shown_unit("W/m2K"), shown_unit("C")
    ('W/(m²·K)', '°C')
    """
    printed = {"W/mK": "W/(m·K)", "J/kgK": "J/(kg·K)", "ml/min/kg": "mL/(min·kg)", "degC": "°C", "C": "°C"}
    printed["W/m2K"] = "W/(m²·K)"
    return printed.get(unit, unit).replace("m3", "m³")


def value_tables(key: str, caption: str, values: list[UsedValue], say: Phrasing) -> tuple[Table, Table]:
    """The values, each with the number of its source, and the list of these sources."""
    words = say.words
    numbers = {source: str(rank + 1) for rank, source in enumerate(dict.fromkeys(value.source for value in values))}
    columns = (
        Column(title=words("unverified.column_what"), share=3.4),
        Column(title=words("unverified.column_value"), align="right", share=1.5),
        Column(title=words("unverified.column_range"), align="right", share=1.6),
        Column(title=words("unverified.column_status"), share=1.5),
        Column(title=words("unverified.column_source"), align="right", share=0.7),
    )
    rows = tuple(
        (
            Cell(text=value.what),
            Cell(text=value.value),
            Cell(text=words("unverified.range", low=value.low, high=value.high) if value.low != value.high else "–"),
            status_cell(value.status, say),
            Cell(text=numbers[value.source]),
        )
        for value in values
    )
    references = Table(
        key=f"{key}_sources",
        caption=words("unverified.sources_caption"),
        columns=(
            Column(title=words("unverified.column_number"), share=0.5),
            Column(title=words("unverified.column_source"), share=9.0),
        ),
        rows=tuple((Cell(text=rank), Cell(text=source, tone="muted", lang="en")) for source, rank in numbers.items()),
    )
    return Table(key=key, caption=caption, columns=columns, rows=rows), references


def provenance_section(inputs: DossierInputs, say: Phrasing) -> Section:
    """Versions, hashes, the computation, the verified values and how each file was read."""
    words = say.words
    blocks: list[Block] = [Paragraph(text=words("provenance.intro")), Definitions(terms=_computation(inputs, say))]
    blocks.append(_hash_table(inputs, say))
    verified = [value for value in _used_values(inputs, say) if value.status == "verified"]
    if verified:
        blocks += value_tables("verified", words("unverified.verified_caption"), verified, say)
    if inputs.import_reports:
        blocks.append(_import_table(inputs, say))
    if inputs.notes:
        blocks.append(Bullets(items=tuple((words("provenance.note"), told(note, say)) for note in inputs.notes)))
    return Section(key="provenance", title=words("section.provenance"), blocks=tuple(blocks))


def _computation(inputs: DossierInputs, say: Phrasing) -> tuple[tuple[str, str], ...]:
    words, numbers, run = say.words, say.numbers, inputs.run
    k, j, i = run.grid.shape
    sizes = sorted(set(run.grid.spacing_mm))
    size = f"{' × '.join(numbers.plain(value) for value in sizes)}\u00a0mm"
    energy = words(
        "provenance.energy_value",
        error=_small_percent(run.energy.relative_error, say),
        heat=numbers.with_unit(abs(run.energy.probes_j) / 1000.0, "kJ", 1),
    )
    terms = [
        (words("provenance.ending"), words(f"run.{run.status.ending}")),
        (words("provenance.grid"), words("provenance.grid_value", k=k, j=j, i=i, size=size)),
        (words("provenance.steps"), numbers.decimal(run.steps)),
        (words("provenance.energy"), energy),
    ]
    if inputs.tissue_shares:
        ordered = sorted(inputs.tissue_shares.items(), key=lambda item: (-item[1], item[0]))
        shares = (
            f"{say.tissue(name)} {numbers.decimal(share * 100.0, 0 if share >= 0.01 else 1)}\u00a0%"
            for name, share in ordered
        )
        terms.append((words("provenance.tissues"), ", ".join(shares)))
    if inputs.provenance.versions:
        versions = (f"{name}\u00a0{version}" for name, version in sorted(inputs.provenance.versions.items()))
        terms.append((words("provenance.versions"), ", ".join(versions)))
    return tuple(terms)


def _small_percent(fraction: float, say: Phrasing) -> str:
    """A share to a thousandth of a percent; what is smaller reads as such, not as nothing."""
    if 0 < abs(fraction) < 1e-5:
        return f"<\u00a0{say.numbers.decimal(0.001, 3)}\u00a0%"
    return f"{say.numbers.decimal(fraction * 100.0, 3)}\u00a0%"


def _hash_table(inputs: DossierInputs, say: Phrasing) -> Table:
    words = say.words
    hashes = {"problem": inputs.run.problem_hash, **inputs.provenance.hashes}
    rows = tuple((Cell(text=_hash_name(name, say)), Cell(text=value)) for name, value in hashes.items())
    titles = (
        Column(title=words("provenance.column_name"), share=1.0),
        Column(title=words("provenance.column_hash"), share=3.6),
    )
    return Table(key="hashes", caption=words("provenance.hashes"), columns=titles, rows=rows)


def _hash_name(name: str, say: Phrasing) -> str:
    kind, _, structure = name.partition(" ")
    if not say.words.has(f"hash.{kind}"):
        return name
    return capitalised(say.words(f"hash.{kind}", name=say.structure(structure)))


def _import_table(inputs: DossierInputs, say: Phrasing) -> Table:
    words = say.words
    columns = (
        Column(title=words("provenance.column_file"), share=1.4),
        Column(title=words("provenance.column_kind"), share=1.0),
        Column(title=words("provenance.column_findings"), share=3.2),
    )
    rows = tuple(
        (Cell(text=report.source), Cell(text=_kind(report.kind, say)), Cell(text=_findings(report, say)))
        for report in inputs.import_reports
    )
    return Table(key="imports", caption=words("provenance.imports"), columns=columns, rows=rows)


def _kind(kind: str, say: Phrasing) -> str:
    """The kind of a file, part by part: what is not in the table is a proper name."""
    parts = (part.strip() for part in kind.split(","))
    return ", ".join(
        say.words(f"kind.{part.lower()}") if say.words.has(f"kind.{part.lower()}") else part for part in parts
    )


def _findings(report: ImportSummary, say: Phrasing) -> str:
    """Findings that ask for a look; plain facts stay in results.json."""
    words = say.words
    shown = [finding for finding in report.findings if finding.severity != "info"]
    if not shown:
        return words("provenance.no_finding")
    lines = []
    for finding in shown:
        severity = words(f"severity.{finding.severity}")
        key = f"import.{finding.code}"
        if words.has(key):
            text = words(key)
        elif words.lang == "en":
            text = finding.sentence
        else:
            text = words("provenance.see_results")
        lines.append(words("provenance.finding", severity=severity, code=finding.code, text=text))
    return "\n".join(lines)


def glossary_section(inputs: DossierInputs, say: Phrasing) -> Section:
    """The few words a reader may not have."""
    goals = inputs.case.goals
    chosen = {"lethal": say.threshold(goals.lethal_temp_c), "held": say.held(goals)}
    terms = tuple((say.words(f"glossary.{key}"), say.words(f"glossary.{key}_text", **chosen)) for key in _GLOSSARY)
    return Section(key="glossary", title=say.words("section.glossary"), blocks=(Definitions(terms=terms),))

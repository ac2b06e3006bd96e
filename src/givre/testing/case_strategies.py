"""Any case that a case file can say, for property tests."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import get_args

from hypothesis import strategies as st

from givre.case.description import (
    CaseDescription,
    CaseLanguage,
    CaseWords,
    ImageReference,
    SimulationSettings,
    StructureReference,
)
from givre.case.goals import Goals, OrganAtRisk
from givre.case.thermocouple import Thermocouple
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import TEMPLATES, Phase, Protocol
from givre.foundation.quantity import Status
from givre.tissue.declared import FLOWING_MATERIALS, STILL_MATERIALS

_plain = st.characters(exclude_categories=("Cs", "Cc"))
texts = st.text(_plain | st.sampled_from("\n\t\"'\\#[]=é"), min_size=1, max_size=40).filter(
    lambda text: bool(text.strip())
)
words = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20).filter(
    lambda text: bool(text.strip())
)
case_ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)
hashes = st.just("") | st.from_regex(r"[0-9a-f]{64}", fullmatch=True)
statuses: st.SearchStrategy[Status] = st.sampled_from(get_args(Status))
points = st.tuples(*[st.floats(-9_999, 9_999)] * 3)


@st.composite
def placements(draw: st.DrawFn, label: str) -> Placement:
    """A cryoprobe anywhere in a case file's range, at least 5 mm deep."""
    entry, target = draw(points), draw(points)
    if math.dist(entry, target) < 5:
        entry = (target[0], target[1] - 60.0 if target[1] > 0 else target[1] + 60.0, target[2])
    surface_temp_c = draw(st.none() | st.floats(-200, -20))
    return Placement(
        label=label,
        model=draw(words),
        entry_mm=entry,
        target_mm=target,
        start_s=draw(st.floats(0, 86_400)),
        power=draw(st.floats(0.1, 1)) if surface_temp_c is None else 1.0,
        surface_temp_c=surface_temp_c,
        freezes=draw(st.none() | st.just(1)),
    )


protocols = st.sampled_from(list(TEMPLATES.values())) | st.builds(
    lambda name, first, rest: Protocol(name=name, phases=(Phase(kind="freeze", duration_s=first), *rest)),
    words,
    st.floats(0.1, 3600),
    st.lists(
        st.builds(
            Phase,
            kind=st.sampled_from(["freeze", "passive_thaw", "active_thaw"]),
            duration_s=st.floats(0.1, 3600),
        ),
        max_size=4,
    ).map(tuple),
)

goals = st.builds(
    Goals,
    lethal_temp_c=st.floats(-150, 0),
    margin_mm=st.floats(0, 50),
    coverage=st.floats(0.001, 1),
    hold_s=st.floats(0, 86_400),
    freezes=st.integers(1, 20),
    source=texts,
    status=statuses,
)


@st.composite
def organs(draw: st.DrawFn, structure: str) -> OrganAtRisk:
    """An organ at risk with its alarm at or above its limit."""
    low, high = sorted((draw(st.floats(-100, 37)), draw(st.floats(-100, 37))))
    return OrganAtRisk(
        structure=structure, limit_temp_c=low, alarm_temp_c=high, source=draw(texts), status=draw(statuses)
    )


def case_words(lang: CaseLanguage, *, synthetic: bool) -> st.SearchStrategy[CaseWords]:
    """Words of a case in one more language, at least a title."""
    given = texts | st.just("")
    return st.builds(
        CaseWords,
        lang=st.just(lang),
        title=texts,
        question=given,
        anatomy=given,
        synthetic=given if synthetic else st.just(""),
    )


def fluids() -> st.SearchStrategy[StructureReference]:
    """A structure filled with a fluid, with or without numbers of its own."""
    return st.builds(
        StructureReference,
        name=st.just("layer of fluid"),
        path=words,
        material=st.sampled_from(list(FLOWING_MATERIALS)),
        flow_temp_c=st.none() | st.floats(0, 45),
        film_w_m2k=st.none() | st.floats(0.5, 5000),
    )


def thermocouples() -> st.SearchStrategy[list[Thermocouple]]:
    """Some thermocouples, each with its own label."""
    one = st.builds(Thermocouple, label=words, point_mm=points, position_mm=st.floats(0, 5), reading_c=st.floats(0, 5))
    return st.lists(one, max_size=2, unique_by=lambda thermocouple: thermocouple.label)


@st.composite
def cases(draw: st.DrawFn) -> CaseDescription:
    """A whole case."""
    others = words.filter(lambda word: word not in ("tumour", "body", "layer of fluid"))
    names = ["tumour", *draw(st.lists(others, unique=True, max_size=3))]
    has_room = draw(st.booleans())
    labels = draw(st.lists(words, unique=True, min_size=1, max_size=3))
    synthetic = draw(texts | st.just(""))
    protocol = draw(protocols)
    languages: list[CaseLanguage] = draw(st.lists(st.sampled_from(get_args(CaseLanguage)), unique=True))
    return CaseDescription(
        case_id=draw(case_ids),
        title=draw(texts),
        question=draw(texts | st.just("")),
        anatomy=draw(texts),
        lesion_kind=draw(st.sampled_from(["lytic", "blastic", "mixed"])),
        synthetic=synthetic,
        image=ImageReference(
            path=draw(words),
            series_uid=draw(st.sampled_from(["", "1.2.840.3"])),
            resample_tilt=draw(st.booleans()),
            resample_gaps=draw(st.booleans()),
            sha256=draw(hashes),
        ),
        structures=tuple(
            StructureReference(
                name=name,
                path=draw(words),
                labels=tuple(draw(st.lists(st.integers(1, 65_535), unique=True, max_size=3))),
                roi=draw(words | st.just("")),
                resample=draw(st.booleans()),
                sha256=draw(hashes),
                material="" if name == "tumour" else draw(st.sampled_from(["", *STILL_MATERIALS])),
            )
            for name in names
        )
        + ((StructureReference(name="body", path="body.nii.gz"),) if has_room else ())
        + tuple(draw(st.lists(fluids(), max_size=1))),
        placements=tuple(draw(placements(label)) for label in labels),
        protocol=protocol,
        goals=replace(draw(goals), freezes=draw(st.integers(1, protocol.freeze_count))),
        organs_at_risk=tuple(draw(organs(name)) for name in names[1:]),
        settings=SimulationSettings(
            voxel_mm=draw(st.floats(0.4, 2.5)),
            domain_margin_mm=draw(st.floats(20, 120)),
            body_temp_c=draw(st.floats(25, 42)),
            room_temp_c=draw(st.floats(10, 40)) if has_room else None,
            skin_film_w_m2k=draw(st.none() | st.floats(1, 1000)) if has_room else None,
            stasis_below_c=draw(st.none() | st.floats(-40, 0)),
        ),
        thermocouples=tuple(draw(thermocouples())),
        translations=tuple(draw(case_words(lang, synthetic=bool(synthetic))) for lang in languages),
    )

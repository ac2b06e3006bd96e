"""A small verification with a card that passes, one that fails, one whose level was refused, and a reference plan."""

from __future__ import annotations

import math

import pytest

from givre.adapters.verification.fingerprint import sources_sha256
from givre.adapters.verification.origin import Origin
from givre.usecases.verify import StudyResult, StudyRow, Verification
from givre.verification.result import CardResult, Check, LadderResult, Point, Rung
from givre.verification.richardson import Extrapolation


def check(found: float, limit: float, *, passed: bool) -> Check:
    return Check(
        asked=f"worst error at most {limit} mm", found=found, limit=limit, unit="mm", source="t", passed=passed
    )


def ladder(name: str, *checks: Check, errors: tuple[float, ...], refined: str = "voxel") -> LadderResult:
    rungs = tuple(
        Rung(level=2.0 / 2**n, spacing_mm=2.0 / 2**n, voxels=8, steps=3, n=1, worst=e, p95=abs(e), mean=abs(e),
             bias=e, rms=abs(e), wall_s=0.5, refusal="" if math.isfinite(e) else "the probe does not fit")
        for n, e in enumerate(errors)
    )  # fmt: skip
    return LadderResult(
        name=name, unit="mm", refined=refined, refined_unit="mm" if refined else "", norm="worst", note="A note.",
        rungs=rungs, order=2.0, order_over=4, order_remark="", checks=checks,
    )  # fmt: skip


def card(number: int, *ladders: LadderResult) -> CardResult:
    return CardResult(
        id=f"V{number:02d}", title=f"Card {number}", problem="A problem.", reference="A reference", standing="own",
        source="src/s.py", test="tests/t.py", notes=("Not understood.",), ladders=ladders,
    )  # fmt: skip


@pytest.fixture
def verification() -> Verification:
    good = ladder("planes", check(0.02, 0.1, passed=True), errors=(-0.4, 0.1, -0.02, 0.005))
    bad = ladder("points", check(-0.3, 0.1, passed=False), errors=(0.9, -0.3, 0.3, -0.3))
    refused = ladder("probes", check(math.nan, 0.1, passed=False), errors=(0.9, 0.3, 0.1, math.nan))
    point = Point(label="one probe", found=33.0, expected=32.0, error=1.0, uncertainty=2.0)
    shown = ladder("measured", check(1.0, 5.0, passed=True), errors=(1.0,), refined="")
    shown = LadderResult(**{name: getattr(shown, name) for name in shown.__slots__} | {"rungs": (
        Rung(level=0.0, name="agar", n=1, worst=1.0, p95=1.0, mean=1.0, bias=1.0, rms=1.0, wall_s=0.1, points=(point,)),
    )})  # fmt: skip
    row = StudyRow(
        quantity="ice radius", unit="mm", values=(12.0, 12.5, math.nan),
        outlook=Extrapolation(extrapolated=13.0, order=math.nan, error_bar=0.4),
    )  # fmt: skip
    study = StudyResult(name="one probe", levels=(2.0, 1.5, 1.0), rows=(row,), wall_s=(0.1, 0.2, 0.3), refusal="")
    return Verification(
        cards=(card(1, good), card(5, good, bad), card(13, refused), card(18, shown)), studies=(study,), wall_s=12.0
    )


@pytest.fixture
def origin() -> Origin:
    return Origin(
        version="0.1.0", sources_sha256=sources_sha256(), made_on="2026-03-05", processor="a processor", cores=2,
        threads=1, memory_gib=8.0, system="Linux x86_64", libraries="numpy 2", is_complete=True,
    )  # fmt: skip

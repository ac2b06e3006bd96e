"""Formulas as the GPU compiles them, value by value against the readable materials and the processor's kernels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

wp = pytest.importorskip("warp", reason="the gpu extra is not installed (pip install 'givre[gpu]')")

from givre.adapters.engine.gpu import language, layout, voxel_kernels  # noqa: E402
from givre.adapters.engine.gpu import probe_kernels as gpu_probe_kernels  # noqa: E402
from givre.adapters.engine.gpu.language import kernel  # noqa: E402
from givre.adapters.engine.gpu.memory import lay_out  # noqa: E402
from givre.bioheat import cold_kernels, probe_kernels  # noqa: E402
from givre.bioheat.domain import open_domain  # noqa: E402
from givre.bioheat.ice import Freezing  # noqa: E402
from givre.bioheat.materials import enthalpy_j_m3, temperature_c  # noqa: E402
from tests.bioheat.scenes import scene  # noqa: E402

Array32 = npt.NDArray[np.float32]


@kernel
def temperatures(tables: layout.Tables, material: language.Words, h: language.Floats, t: language.Floats) -> None:
    n = wp.tid()
    m = int(material[n])
    t[n] = voxel_kernels.temperature_c(
        h[n], tables.cells[0, m], tables.cells[1, m], tables.cells[2, m], tables.cells[3, m], tables.cells[4, m],
        tables.interval,
    )  # fmt: skip


@kernel
def potentials(
    tables: layout.Tables, t: language.Floats, a: language.Floats, b: language.Floats, share: language.Floats
) -> None:
    n = wp.tid()
    a[n] = voxel_kernels.liquid_potential_c(t[n], tables.shape, tables.interval)
    b[n] = voxel_kernels.solid_potential_c(t[n], tables.shape, tables.interval)
    share[n] = voxel_kernels.share_between(t[n], tables.interval[2], tables.interval[1], tables.interval[3])


@kernel
def contacts(
    tables: layout.Tables, without: language.Doubles, wall: language.Doubles, around: wp.array[wp.vec3d],
    found: language.Doubles,
) -> None:  # fmt: skip
    n = wp.tid()
    conduct = wp.vec3d(wp.float64(0.4), wp.float64(1.1), wp.float64(0.3))
    found[n] = gpu_probe_kernels.behind_contact(
        without[n], wp.float64(-140.0), wall[n], wp.float64(5.0), conduct, around[n], tables.shape, tables.interval
    )


def tables_of(freezing: Freezing) -> tuple[Any, Any]:
    domain = open_domain(replace(scene(size=12), freezing=freezing))
    return domain, lay_out(domain, np.zeros(0, dtype=np.int64), "cpu").tables


def launch(code: Callable[..., None], count: int, *inputs: Any) -> None:
    wp.launch(code, dim=count, inputs=list(inputs), device="cpu")


FREEZINGS = [Freezing(), Freezing(lower_c=-1.0, upper_c=-0.5), Freezing(linear_mix=False, blood_from_c=-2.0)]


def with_ends(values: npt.NDArray[np.float64], freezing: Freezing) -> Array32:
    """Random temperatures, both ends of the interval, their neighbours, and what is not a number."""
    ends = np.array([freezing.lower_c, freezing.upper_c, freezing.blood_flows_from_c], dtype=np.float32)
    around = [ends, np.nextafter(ends, np.float32(-300)), np.nextafter(ends, np.float32(300))]
    return np.concatenate([values.astype(np.float32), *around, [np.nan]]).astype(np.float32)


@pytest.mark.parametrize("freezing", FREEZINGS)
def test_temperature_from_enthalpy(freezing: Freezing) -> None:
    domain, tables = tables_of(freezing)
    random = np.random.default_rng(3)
    temp_c = with_ends(random.uniform(-180, 60, 3000), freezing)
    material = random.integers(0, 3, len(temp_c)).astype(np.uint16)
    enthalpy = enthalpy_j_m3(temp_c.astype(np.float64), material, domain.columns, freezing).astype(np.float32)
    found = np.zeros_like(temp_c)
    there = wp.array(found, dtype=wp.float32, device="cpu")
    launch(temperatures, len(temp_c), tables, wp.array(material, dtype=wp.uint16, device="cpu"),
           wp.array(enthalpy, dtype=wp.float32, device="cpu"), there)  # fmt: skip
    found = there.numpy()
    readable = temperature_c(enthalpy.astype(np.float64), material, domain.columns, freezing)
    np.testing.assert_allclose(found, readable, rtol=0, atol=5e-5)  # a float32 between 128 and 256 is 1.5e-5 apart
    compiled = np.zeros_like(temp_c)
    cells = [np.ascontiguousarray(domain.cells[row][material]) for row in range(5)]
    cold_kernels.temperature(np.zeros_like(enthalpy), enthalpy, compiled, *cells, domain.interval)
    np.testing.assert_allclose(found, compiled, rtol=0, atol=3e-5)
    assert np.isnan(found[-1])


@pytest.mark.parametrize("freezing", FREEZINGS)
def test_potentials_and_share_of_the_blood(freezing: Freezing) -> None:
    domain, tables = tables_of(freezing)
    temp_c = with_ends(np.random.default_rng(4).uniform(-180, 60, 3000), freezing)
    there = [wp.array(values, dtype=wp.float32, device="cpu") for values in (temp_c, *np.zeros((3, len(temp_c))))]
    launch(potentials, len(temp_c), tables, *there)
    a, b, share = (values.numpy() for values in there[1:])
    expected_a, expected_b = freezing.potentials(temp_c.astype(np.float64))
    np.testing.assert_allclose(a, expected_a, rtol=0, atol=2e-5)
    np.testing.assert_allclose(b, expected_b, rtol=0, atol=1e-6 * np.nanmax(np.abs(expected_b)))
    np.testing.assert_allclose(share, freezing.blood_share(temp_c.astype(np.float64)), rtol=0, atol=2e-6)
    compiled = np.zeros((2, len(temp_c)), dtype=np.float32)
    cold_kernels.potentials(temp_c, compiled[0], compiled[1], domain.shape, domain.interval)
    np.testing.assert_allclose(a, compiled[0], rtol=0, atol=2e-5)
    np.testing.assert_allclose(b, compiled[1], rtol=0, atol=1e-6 * np.nanmax(np.abs(expected_b)))
    assert np.isnan(a[-1])
    assert np.isnan(b[-1])
    assert np.isnan(share[-1])


@pytest.mark.parametrize("freezing", FREEZINGS)
def test_heat_behind_a_contact_resistance(freezing: Freezing) -> None:
    domain, tables = tables_of(freezing)
    random = np.random.default_rng(6)
    around_c = random.uniform(-120, 37, 500)
    around = np.stack([*freezing.potentials(around_c), around_c], axis=1)
    at_probe = np.array([*(float(values[0]) for values in freezing.potentials(np.array([-140.0]))), -140.0])
    conduct, wall = np.array([0.4, 1.1, 0.3]), 10 ** random.uniform(-1, 3, 500)
    without = 5.0 * (at_probe - around) @ conduct
    there = wp.zeros(500, dtype=wp.float64, device="cpu")
    numbers = [wp.array(values, dtype=wp.float64, device="cpu") for values in (without, wall)]
    launch(contacts, 500, tables, *numbers, wp.array(around, dtype=wp.vec3d, device="cpu"), there)
    expected = [
        probe_kernels.heat_through_contact(
            without[n], -140.0, wall[n], 5.0, tuple(conduct), tuple(around[n]), domain.shape, domain.interval
        )
        for n in range(500)
    ]
    np.testing.assert_allclose(there.numpy(), expected, rtol=1e-9)

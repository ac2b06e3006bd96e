"""What many simulations gain from local workers and a Dask cluster, and what engines cost: start, overhead, memory.

Run it on a quiet machine: `python -m benchmarks.scale_out`. It starts its own Dask scheduler and workers on loopback.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

import givre
from benchmarks import scale_out_tasks as tasks
from benchmarks.measurement import Measurement, as_json, as_markdown
from givre import wiring, wiring_cases, wiring_engines
from givre.planning.trial.prepared import prepare_case
from givre.planning.trial.series import Engine
from tests.adapters.engine.clusters import running_cluster

SAMPLE = "phantom-vertebra"
SOLVES = 12
EMPTY_TASKS = 500
LARGE_MIB = 32


def measure(*, with_cluster: bool = True) -> list[Measurement]:
    """Every figure; the solver is compiled beforehand."""
    found: list[Measurement] = []
    alone_s = 0.0
    for name, threads, opened in _engines(with_cluster=with_cluster):
        with ExitStack() as stack:
            began_s = time.perf_counter()
            engine = stack.enter_context(opened())
            engine(tasks.nothing, None, range(4))
            started_s = time.perf_counter() - began_s
            found.append(_figure(f"start, {name}", started_s, "s", "open the engine and do four empty tasks"))
            found += _costs(engine, name)
            bench = _bench(threads)
            engine(tasks.shifted, bench, [0.0] * 2)
            solve_s = _timed(lambda engine=engine, bench=bench: engine(tasks.shifted, bench, _shifts()))  # type: ignore[misc]
            alone_s = alone_s or solve_s
            note = f"{SOLVES} solves of {SAMPLE} at 2 mm, {bench.prepared.material.index.size / 1e3:.0f} k voxels"
            found.append(_figure(f"solve, {name}", solve_s / SOLVES, "s", note))
            found.append(_figure(f"speed-up, {name}", alone_s / solve_s, "", "against this process on one thread"))
            peaks = dict(engine(tasks.peak_mib, None, range(16)))
            found.append(
                _figure(f"memory, {name}", max(peaks.values()), "MiB", "largest peak of a process that solves")
            )
    return found


def _engines(*, with_cluster: bool) -> Iterator[tuple[str, int, Callable[[], Engine]]]:
    """Name, threads of each solve, and how the engine is opened."""
    yield "this process", 1, wiring_engines.run_many
    yield "this process, 2 threads", 2, wiring_engines.run_many
    yield "1 worker", 1, lambda: wiring_engines.run_many(workers=1)
    yield "2 workers", 1, lambda: wiring_engines.run_many(workers=2)
    if with_cluster and find_spec("distributed") is not None:
        with _loopback_cluster() as address:
            yield "Dask, 2 workers", 1, lambda: wiring_engines.run_many(scheduler=address)


@contextmanager
def _loopback_cluster() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder, running_cluster(Path(folder) / "dask", workers=2) as cluster:
        with wiring_engines.run_many(scheduler=cluster.address) as engine:  # wait for both workers to be there
            while len(dict(engine(tasks.peak_mib, None, range(16)))) < 2:
                time.sleep(0.2)
        yield cluster.address


def _costs(engine: Engine, name: str) -> list[Measurement]:
    empty_s = _timed(lambda: engine(tasks.nothing, None, range(EMPTY_TASKS))) / EMPTY_TASKS
    large_s = _timed(lambda: engine(tasks.large, None, [LARGE_MIB] * 4)) / 4
    return [
        _figure(f"overhead per task, {name}", 1000 * empty_s, "ms", f"{EMPTY_TASKS} empty tasks"),
        _figure(f"result of {LARGE_MIB} MiB, {name}", large_s, "s", "four of them, each"),
    ]


def _bench(threads: int) -> tasks.Bench:
    with tempfile.TemporaryDirectory() as folder:
        wiring_cases.get_sample(SAMPLE, Path(folder) / "case")
        case = givre.load_case(Path(folder) / "case")
    masks = {name: imported.mask for name, imported in case.images.masks.items()}
    prepared = prepare_case(
        case.description, case.images.image.volume, masks, knowledge=wiring.knowledge(), voxel_mm=2.0
    )
    return tasks.Bench(prepared=prepared, threads=threads)


def _shifts() -> list[float]:
    return [0.25 * n for n in range(SOLVES)]


def _timed(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s


def _figure(name: str, value: float, unit: str, note: str) -> Measurement:
    return Measurement(name=name, value=value, unit=unit, note=note)


def main() -> None:
    """Print the table and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=Path("build") / "scale_out.json", help="where the figures go")
    parser.add_argument("--no-cluster", action="store_true", help="leave Dask out")
    chosen = parser.parse_args()
    found = measure(with_cluster=not chosen.no_cluster)
    print(as_markdown(found))
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    chosen.json.write_text(json.dumps(as_json(found), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""The kernels of one step, recorded once for each number of stages and then launched as one graph.

A step is some ten to seventy short kernels: sent one by one, each would wait for Python longer than it computes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import warp as wp

from givre.adapters.engine.gpu import probe_kernels, voxel_kernels
from givre.adapters.engine.gpu.memory import DeviceArray, Memory

STAGE = 5
"""Place of the stage among the arguments of `weigh_samples` and `sweep`."""

Command = Any
"""A kernel with its arguments, ready to be launched again."""


@dataclass(frozen=True, slots=True, eq=False)
class _Commands:
    """What is launched while one of the two states is the latest; the first two are absent without probes."""

    weigh: Command | None
    spread: Command | None
    sweep: Command
    settle: Command


@dataclass(slots=True, eq=False)
class StepGraphs:
    """Graphs of whole steps.

    Attributes:
        device: the library's name for it.
        memory: what the kernels work on.
        start_of_c: what the coldest voxel of each material is reset to.
    """

    device: str
    memory: Memory
    start_of_c: DeviceArray
    _commands: tuple[_Commands, _Commands]
    _graphs: dict[tuple[int, int], Any] = field(default_factory=dict)

    @classmethod
    def of(cls, memory: Memory, start_of_c: DeviceArray, device: str) -> StepGraphs:
        """Compile the kernels and prepare their commands; nothing is launched."""
        # nothing can be compiled while a graph is recorded; kernels of one thread per voxel have the usual 256 lanes
        for module, lanes in ((voxel_kernels, voxel_kernels.LANES), (probe_kernels, probe_kernels.LANES)):
            wp.load_module(module, device=device, block_dim=lanes)
        wp.load_module(probe_kernels, device=device, block_dim=voxel_kernels.LANES)
        commands = (_commands(memory, 0, device), _commands(memory, 1, device))
        return cls(device=device, memory=memory, start_of_c=start_of_c, _commands=commands)

    def launch(self, count: int, parity: int) -> None:
        """Run one step of `count` stages that begins with the state `parity`."""
        graph = self._graphs.get((count, parity))
        if graph is None:
            graph = self._graphs[count, parity] = self._record(count, parity)
        wp.capture_launch(graph)

    def _record(self, count: int, parity: int) -> Any:
        with wp.ScopedCapture(device=self.device) as capture:
            wp.copy(self.memory.kept.coldest_of_c, self.start_of_c)
            for stage in range(count):
                commands = self._commands[(parity + stage) % 2]
                if commands.weigh is not None and commands.spread is not None:
                    commands.weigh.set_param_at_index(STAGE, stage)
                    commands.weigh.launch()
                    commands.spread.launch()
                commands.sweep.set_param_at_index(STAGE, stage)
                commands.sweep.launch()
            self._commands[(parity + count) % 2].settle.launch()
        return capture.graph


def _commands(memory: Memory, parity: int, device: str) -> _Commands:
    now, after = memory.states[parity], memory.states[1 - parity]
    tables, samples, voxels = memory.tables, memory.samples, memory.voxels
    stage, weigh, spread = 0, None, None
    if len(samples.probe):
        weigh = wp.launch_tiled(
            probe_kernels.weigh_samples,
            dim=[len(samples.probe)],
            inputs=[tables, samples, now, memory.surface, memory.plans, stage, memory.heat_j, memory.power_w],
            block_dim=probe_kernels.LANES,
            device=device,
            record_cmd=True,
        )
        spread = wp.launch(
            probe_kernels.spread_samples,
            dim=len(samples.touched),
            inputs=[samples, voxels.added],
            device=device,
            record_cmd=True,
        )
    sweep = wp.launch_tiled(
        voxel_kernels.sweep,
        dim=[memory.chunks],
        inputs=[tables, voxels, now, after, memory.plans, stage, memory.blood_j, memory.faces_j],
        block_dim=voxel_kernels.LANES,
        device=device,
        record_cmd=True,
    )
    settle = wp.launch(
        voxel_kernels.settle,
        dim=voxels.end - voxels.first,
        inputs=[tables, voxels, now, memory.kept, memory.step],
        device=device,
        record_cmd=True,
    )
    return _Commands(weigh=weigh, spread=spread, sweep=sweep, settle=settle)

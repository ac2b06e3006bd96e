"""Folders of the planner, written by the real writers from small results, and ways to spoil them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from givre.adapters.results.proposals import write_proposals
from givre.adapters.results.uncertainty import write_uncertainty
from givre.usecases.estimate_uncertainty import UncertaintyResult
from givre.usecases.propose_plan import ProposedPlans


def proposals_folder(found: ProposedPlans, folder: Path, *, time_limit_s: float | None = None) -> Path:
    """A folder as `givre plan` writes it, with empty cases."""

    def write_cases(where: Path) -> tuple[str, ...]:
        names = tuple(f"plan-{proposal.rank}.toml" for proposal in found.result.proposals)
        for name in names:
            (where / name).write_text("", encoding="utf-8")
        return names

    write_proposals(found, folder, write_cases=write_cases, settings={"time_limit_s": time_limit_s})
    return folder


def uncertainty_folder(result: UncertaintyResult, folder: Path) -> Path:
    """A folder as `givre uncertainty` writes it, without pictures."""
    write_uncertainty(result, folder, pictures={}, settings={}, versions={})
    return folder


def rewritten(path: Path, change: Callable[[dict[str, object]], object]) -> None:
    """Change a document in place; NaN may be written."""
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")

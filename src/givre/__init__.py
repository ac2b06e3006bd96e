"""givre plans and simulates the percutaneous cryoablation of bone tumours. Research use, not a medical device.

    import givre
    case = givre.load_case("case.toml")
    result = givre.simulate(case)
    print(result.assessment.coverage, result.assessment.is_safe)
    givre.write_results(result, "results", languages=("fr", "en"))

Names are loaded when they are first used, so that `import givre` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from givre.api import Case, case_from_arrays, load_case, simulate, write_results
    from givre.api_planning import (
        estimate_uncertainty,
        list_trajectories,
        propose_plan,
        propose_protection,
        replan,
    )
    from givre.case.description import SimulationSettings
    from givre.case.goals import Goals, OrganAtRisk
    from givre.case.thermocouple import Thermocouple
    from givre.cryoprobe.placement import Placement
    from givre.cryoprobe.protocol import Phase, Protocol
    from givre.foundation.errors import GivreError
    from givre.planning.replan.placed import PlacedProbe
    from givre.planning.uncertainty.spread import SpreadSettings
    from givre.usecases.simulate_plan import PlanResult

    __version__: str

_WHERE = {
    "Case": "givre.api",
    "case_from_arrays": "givre.api",
    "load_case": "givre.api",
    "simulate": "givre.api",
    "write_results": "givre.api",
    "estimate_uncertainty": "givre.api_planning",
    "list_trajectories": "givre.api_planning",
    "propose_plan": "givre.api_planning",
    "propose_protection": "givre.api_planning",
    "replan": "givre.api_planning",
    "SimulationSettings": "givre.case.description",
    "Goals": "givre.case.goals",
    "OrganAtRisk": "givre.case.goals",
    "Thermocouple": "givre.case.thermocouple",
    "Placement": "givre.cryoprobe.placement",
    "Phase": "givre.cryoprobe.protocol",
    "Protocol": "givre.cryoprobe.protocol",
    "GivreError": "givre.foundation.errors",
    "PlacedProbe": "givre.planning.replan.placed",
    "SpreadSettings": "givre.planning.uncertainty.spread",
    "PlanResult": "givre.usecases.simulate_plan",
}

__all__ = [
    "Case",
    "GivreError",
    "Goals",
    "OrganAtRisk",
    "Phase",
    "PlacedProbe",
    "Placement",
    "PlanResult",
    "Protocol",
    "SimulationSettings",
    "SpreadSettings",
    "Thermocouple",
    "__version__",
    "case_from_arrays",
    "estimate_uncertainty",
    "list_trajectories",
    "load_case",
    "propose_plan",
    "propose_protection",
    "replan",
    "simulate",
    "write_results",
]


def __getattr__(name: str) -> object:
    if name == "__version__":  # reading the metadata of a package takes longer than everything else here
        return importlib.import_module("importlib.metadata").version("givre")
    if name not in _WHERE:
        raise AttributeError(f"module 'givre' has no attribute {name!r}")
    return getattr(importlib.import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)

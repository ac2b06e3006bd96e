"""The discretisation errors and the size of the ice-ball in results.json."""

from __future__ import annotations

from givre.adapters.results.numbers import Json, plain, with_reasons
from givre.assessment.discretisation import DiscretisationError, ErrorBar
from givre.assessment.ice_size import IceSize

MEANING = (
    "distance to the figure of an endlessly fine lattice, tissue map included, from the same plan on coarser lattices; "
    "it does not contain the uncertainty of tissue properties, of the probes or of the model"
)
_NOT_ASKED = "no estimate was made"


def size_json(size: IceSize | None) -> Json:
    """The size of the ice-ball; null with its reason where there is none."""
    nan = float("nan")
    numbers = {
        "equivalent_radius_mm": size.equivalent_radius_mm if size else nan,
        "along_probes_mm": size.along_mm if size else nan,
        "widest_across_mm": size.widest_mm if size else nan,
        "narrowest_across_mm": size.narrowest_mm if size else nan,
    }
    return with_reasons(
        {key: plain(value) for key, value in numbers.items()}, why="there is no ice, or a temperature is not a number"
    )


def error_json(error: DiscretisationError | None) -> Json:
    """Every error bar, or why there is none."""
    if error is None:
        error = DiscretisationError(voxels_mm=(), edge_mm=float("nan"), why_not="not_wanted", reason=_NOT_ASKED)
    return {
        "is_estimated": error.is_known,
        "why_not": error.why_not,
        "reason": error.reason,
        "meaning": MEANING,
        "voxels_mm": [plain(voxel) for voxel in error.voxels_mm],
        **with_reasons({"edge_mm": plain(error.edge_mm)}, why=error.reason),
        "bars": [_bar(figure, bar) for figure, bar in error.bars.items()],
    }


def _bar(figure: str, bar: ErrorBar) -> Json:
    numbers = with_reasons(
        {"value": plain(bar.value), "plus_minus": plain(bar.half_width), "observed_order": plain(bar.order)},
        why={
            "value": "the figure could not be computed",
            "plus_minus": bar.reason,
            "observed_order": "two lattices, or no order to believe",
        },
    )
    return {"figure": figure, "unit": bar.unit, **numbers}

"""The isotherms and the tumour as binary STL files, for 3-D viewers and printers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from givre.adapters.results.numbers import temperature_name
from givre.assessment.ice_ball import coldest_map
from givre.assessment.result import Assessment
from givre.bioheat.run import ThermalRun
from givre.foundation.errors import NotFinite
from givre.geometry.surface import TriangleSurface, isosurface

SURFACES_FOLDER = "surfaces"
ISOTHERMS_C = (0.0, -20.0, -40.0)
_FACET = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
_HEADER_BYTES = 80


def write_surfaces(
    run: ThermalRun, assessment: Assessment, folder: Path, *, isotherms_c: Iterable[float] = ISOTHERMS_C
) -> tuple[str, ...]:
    """Write `surfaces/tumour.stl` and one `isotherm_*.stl` per isotherm of the coldest temperature.

    Returns:
        For each surface that could not be written, a sentence that says why.
    """
    (folder / SURFACES_FOLDER).mkdir(parents=True, exist_ok=True)
    margin = assessment.margin
    tumour = TriangleSurface(points_mm=margin.points_mm, triangles=margin.triangles)
    absent = (
        [] if write_stl(tumour, folder / SURFACES_FOLDER / "tumour.stl", "tumour") else ["the tumour has no surface"]
    )
    for temp_c in isotherms_c:
        what = f"isotherm {temp_c:g} degC"
        try:
            surface = isosurface(coldest_map(run), temp_c)
        except NotFinite as error:
            absent.append(f"{what}: {error}")
            continue
        name = f"isotherm_{temperature_name(temp_c)}.stl"
        if not write_stl(surface, folder / SURFACES_FOLDER / name, what):
            absent.append(f"{what}: no voxel became that cold")
    return tuple(absent)


def write_stl(surface: TriangleSurface, path: Path, what: str) -> bool:
    """Write one binary STL, coordinates LPS in mm as its header says; False, and no file, when there is no triangle."""
    if surface.is_empty:
        return False
    facets = np.zeros(surface.triangles.shape[0], dtype=_FACET)
    corners = surface.points_mm[surface.triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    facets["normal"] = np.divide(normals, lengths, out=np.zeros_like(normals), where=lengths > 0)
    facets["corners"] = corners
    # a header that begins with "solid" is taken for an ASCII file by some readers
    header = f"givre {what}; LPS; mm; not a medical device".encode("ascii", "replace")[:_HEADER_BYTES]
    with path.open("wb") as stream:
        stream.write(header.ljust(_HEADER_BYTES, b" "))
        stream.write(np.uint32(len(facets)).tobytes())
        stream.write(facets.tobytes())
    return True

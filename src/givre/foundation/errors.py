"""Every refusal givre can give, as one tree.

    GivreError
    ├── InputError        what came in is broken, ambiguous or not allowed        exit code 3
    ├── PlanError         a plan that cannot be carried out                       exit code 3
    ├── SimulationError   a simulation that could not start or gave no result     exit code 5
    └── OutsideError      something outside givre failed: registry, disk, library exit code 1

A message says what is wrong, the value found, what would be right and what to do.
It never holds a patient's name.
"""

from __future__ import annotations

from typing import ClassVar


class GivreError(Exception):
    """A refusal with a stable code and a sentence a user can act on."""

    code: ClassVar[str] = "GIVRE"
    exit_code: ClassVar[int] = 1


class InputError(GivreError):
    """What came in is broken, ambiguous or not allowed."""

    code = "INPUT"
    exit_code = 3


class PlanError(GivreError):
    """A plan that cannot be carried out."""

    code = "PLAN"
    exit_code = 3


class SimulationError(GivreError):
    """A simulation that could not start or gave no result."""

    code = "SIMULATION"
    exit_code = 5


class OutsideError(GivreError):
    """Something outside givre failed."""

    code = "OUTSIDE"
    exit_code = 1


class InvalidGeometry(InputError):
    """A voxel lattice that no scanner could have made."""

    code = "INVALID_GEOMETRY"


class GeometryMismatch(InputError):
    """Two images that should share a voxel lattice do not."""

    code = "GEOMETRY_MISMATCH"


class OutsideImage(InputError):
    """A point or region lies outside the image."""

    code = "OUTSIDE_IMAGE"


class EmptyMask(InputError):
    """A structure that should hold voxels holds none."""

    code = "EMPTY_MASK"


class InvalidPlacement(PlanError):
    """A cryoprobe placed where none can be."""

    code = "INVALID_PLACEMENT"


class InvalidProtocol(PlanError):
    """A freeze-thaw protocol that cannot be run."""

    code = "INVALID_PROTOCOL"


class UnknownCryoprobe(PlanError):
    """A cryoprobe model that is not in the catalogue."""

    code = "UNKNOWN_CRYOPROBE"


class UnknownTissue(InputError):
    """A tissue that is not in the property table."""

    code = "UNKNOWN_TISSUE"


class MissingExtra(OutsideError):
    """An optional part of givre is needed and not installed."""

    code = "MISSING_EXTRA"

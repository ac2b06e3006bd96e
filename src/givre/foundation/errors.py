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


class EmptySurface(InputError):
    """A surface that should hold triangles holds none."""

    code = "EMPTY_SURFACE"


class NotFinite(InputError):
    """An image that must be finite everywhere holds NaN or infinity."""

    code = "NOT_FINITE"


class MissingStructure(InputError):
    """A goal names a structure without a mask."""

    code = "MISSING_STRUCTURE"


class ThresholdNotRecorded(InputError):
    """A goal or limit needs a temperature threshold that the run did not record."""

    code = "THRESHOLD_NOT_RECORDED"


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


class InvalidMaterial(InputError):
    """A material that no matter has: no conductivity, a negative density, a value that is not finite."""

    code = "INVALID_MATERIAL"


class GridTooCoarse(SimulationError):
    """Voxels so large that the probe, or its active zone, is lost in them."""

    code = "GRID_TOO_COARSE"


class DoesNotSettle(SimulationError):
    """A temperature that should settle and was not found."""

    code = "DOES_NOT_SETTLE"


class MissingExtra(OutsideError):
    """An optional part of givre is needed and not installed."""

    code = "MISSING_EXTRA"


class UnreadableFile(InputError):
    """A file that is missing, may not be read, or is not a plain file."""

    code = "UNREADABLE_FILE"


class UnknownFormat(InputError):
    """A file whose content is not the format it was given as."""

    code = "UNKNOWN_FORMAT"


class UnpackedTooLarge(InputError):
    """Compressed data that grow beyond a stated limit."""

    code = "UNPACKED_TOO_LARGE"


class BrokenCompression(InputError):
    """Compressed data that are cut short or damaged."""

    code = "BROKEN_COMPRESSION"


class ImageTooLarge(InputError):
    """An image whose declared size is beyond the stated limit."""

    code = "IMAGE_TOO_LARGE"


class FileSizeMismatch(InputError):
    """A file that holds more or fewer voxels than its header says."""

    code = "FILE_SIZE_MISMATCH"


class VoxelsNotFinite(InputError):
    """An image with voxels that are NaN or infinite."""

    code = "VOXELS_NOT_FINITE"


class NotHounsfield(InputError):
    """A CT whose values cannot be Hounsfield units."""

    code = "NOT_HOUNSFIELD"


class LabelsNotWhole(InputError):
    """A mask or label map with values that are not whole numbers."""

    code = "LABELS_NOT_WHOLE"


class LabelNotFound(InputError):
    """A label or contour that was asked for and is not in the file."""

    code = "LABEL_NOT_FOUND"


class HashMismatch(InputError):
    """A file that is not the one the case was written with."""

    code = "HASH_MISMATCH"


class PathOutsideBundle(InputError):
    """A path in a bundle that leads out of it."""

    code = "PATH_OUTSIDE_BUNDLE"

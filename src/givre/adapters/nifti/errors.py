"""Why a NIfTI file is refused."""

from __future__ import annotations

from givre.foundation.errors import InputError


class NiftiHeader(InputError):
    """A header field with a value that cannot be used."""

    code = "NIFTI_HEADER"


class NiftiOrientation(InputError):
    """qform and sform that are absent or contradict each other."""

    code = "NIFTI_ORIENTATION"


class NiftiFourDimensional(InputError):
    """Several volumes in one file."""

    code = "NIFTI_4D"

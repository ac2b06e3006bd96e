"""What can go wrong while fetching a sample."""

from __future__ import annotations

from givre.foundation.errors import InputError, OutsideError


class SampleUnreachable(OutsideError):
    """The package that carries a sample could not be fetched."""

    code = "SAMPLE_UNREACHABLE"


class SampleCorrupt(OutsideError):
    """A fetched file is not the one that was pinned."""

    code = "SAMPLE_CORRUPT"


class UnknownSample(InputError):
    """No sample of that name."""

    code = "UNKNOWN_SAMPLE"


class DestinationTaken(InputError):
    """The folder to write to already holds something."""

    code = "DESTINATION_TAKEN"

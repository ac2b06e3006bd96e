"""Why an NRRD or MetaImage file is refused."""

from __future__ import annotations

from givre.foundation.errors import InputError


class NrrdHeader(InputError):
    """An NRRD header field that is absent or cannot be used."""

    code = "NRRD_HEADER"


class MetaImageHeader(InputError):
    """A MetaImage header field that is absent or cannot be used."""

    code = "METAIMAGE_HEADER"

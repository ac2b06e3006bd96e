"""The verification page: Markdown, figures, one JSON with every number, one CSV per card, all generated."""

from givre.adapters.verification.document import reading, written
from givre.adapters.verification.fingerprint import sources_sha256
from givre.adapters.verification.origin import Origin, this_machine
from givre.adapters.verification.writing import (
    JSON_NAME,
    PageFolderRefused,
    check_page_folder,
    staleness,
    write_verification,
)

__all__ = [
    "JSON_NAME",
    "Origin",
    "PageFolderRefused",
    "check_page_folder",
    "reading",
    "sources_sha256",
    "staleness",
    "this_machine",
    "write_verification",
    "written",
]

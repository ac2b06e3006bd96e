"""Unpack zips that come from outside: generated names, no links, every byte counted."""

from givre.adapters.archive.unpacking import ArchiveRefused, UnpackingLimits, is_zip, unpacked_zip

__all__ = ["ArchiveRefused", "UnpackingLimits", "is_zip", "unpacked_zip"]

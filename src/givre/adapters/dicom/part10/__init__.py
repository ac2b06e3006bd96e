"""One DICOM file (PS3.10): its encoding, its checked structure, its named fields."""

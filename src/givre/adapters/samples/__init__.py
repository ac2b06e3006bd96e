"""Sample cases: real scans carried by public Python packages, and phantoms that need nothing."""

from givre.adapters.samples.case_folder import CASE_FILE, WriteCase
from givre.adapters.samples.catalogue import Sample, find_sample, list_samples
from givre.adapters.samples.errors import DestinationTaken, SampleCorrupt, SampleUnreachable, UnknownSample
from givre.adapters.samples.get import WrittenSample, get_demo_sample, get_sample

__all__ = [
    "CASE_FILE",
    "DestinationTaken",
    "Sample",
    "SampleCorrupt",
    "SampleUnreachable",
    "UnknownSample",
    "WriteCase",
    "WrittenSample",
    "find_sample",
    "get_demo_sample",
    "get_sample",
    "list_samples",
]

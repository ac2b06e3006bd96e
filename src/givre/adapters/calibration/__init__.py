"""Measured isotherm tables in, catalogue entries, residual tables and plots out."""

from givre.adapters.calibration.plot import PlotWords, residual_plot
from givre.adapters.calibration.reading import read_table_file
from givre.adapters.calibration.writing import check_outputs, entry_text, outputs_of, residuals_csv, write_files

__all__ = [
    "PlotWords",
    "check_outputs",
    "entry_text",
    "outputs_of",
    "read_table_file",
    "residual_plot",
    "residuals_csv",
    "write_files",
]

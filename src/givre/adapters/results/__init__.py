"""The files beside the dossier: results.json, NIfTI fields, STL surfaces, CSV curves and the import report."""

from givre.adapters.results.directory import ResultsFolderRefused, check_results_folder, results_folder
from givre.adapters.results.document import ResultsContents, results_document
from givre.adapters.results.schema import results_schema
from givre.adapters.results.writing import to_json, write_import_report, write_results

__all__ = [
    "ResultsContents",
    "ResultsFolderRefused",
    "check_results_folder",
    "results_document",
    "results_folder",
    "results_schema",
    "to_json",
    "write_import_report",
    "write_results",
]

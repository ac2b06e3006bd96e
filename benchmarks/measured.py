"""Prints the comparison with published measurements as Markdown; with --json as JSON."""

from __future__ import annotations

import json
import sys

from givre.bioheat.solve import solve
from givre.verification.measured.page import validation_json, validation_markdown
from givre.verification.measured.report import validation_report

HEAD = """# Published measurements

<!-- Made by `python -m benchmarks.measured`; change the data beside the code and make it again. -->

One probe is fitted to one experiment; everything else is predicted, and every point is shown with its miss.
Standing: [V] read in its source, [R] recalled, [D] derived from others. Full texts were not obtained: abstracts, and
data files of a public repository. No figure was digitised. None of this is a comparison with a patient.

"""


def main() -> int:
    """Compute and print."""
    report = validation_report(solve)
    if "--json" in sys.argv[1:]:
        print(json.dumps(validation_json(report), indent=1, allow_nan=False))
    else:
        print(HEAD + validation_markdown(report).replace("### ", "## "), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())

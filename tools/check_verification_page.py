"""Refuses a verification page that is older than the code of the solver, its tables or the cards.

`python tools/check_verification_page.py` says why the page is stale, with exit status 1.
"""

from __future__ import annotations

import sys
from pathlib import Path

from givre.adapters.verification import staleness

PAGE = Path(__file__).resolve().parent.parent / "docs" / "verification"


def main() -> int:
    """Judge the page of the documentation."""
    fault = staleness(PAGE)
    if fault:
        print(f"docs/verification is stale: {fault}; run: givre verify --all --output docs/verification")
    return 1 if fault else 0


if __name__ == "__main__":
    sys.exit(main())

"""Refuses a lock file that names a host or pins a package without its hash.

A lock that names hosts works on one network only, and tells the world which one.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOST = re.compile(
    r"://|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:org|com|net|io|dev|fr|eu)\b|--(?:[a-z-]*index|find-links)", re.I
)
PIN = re.compile(r"^[a-z0-9][a-z0-9._-]*(?:\[[a-z,]+\])?==\S+", re.I)
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")


def faults_of_lock(name: str, text: str) -> list[str]:
    """What is wrong with one lock file, one sentence a fault.

    >>> faults_of_lock("a.lock", "numpy==2.4.6 --hash=sha256:" + "0" * 64)
    []
    >>> faults_of_lock("a.lock", "numpy==2.4.6")
    ['a.lock: numpy==2.4.6 has no hash; compile it with --generate-hashes']
    """
    faults = [
        f"{name}:{number}: names a host or an index ({found.group()}); compile it with `make lock`"
        for number, line in enumerate(text.splitlines(), start=1)
        if (found := HOST.search(line))
    ]
    entries = text.replace("\\\n", " ").splitlines()
    pins = [entry for entry in entries if PIN.match(entry)]
    faults += [
        f"{name}: {entry.split()[0]} has no hash; compile it with --generate-hashes"
        for entry in pins
        if not HASH.search(entry)
    ]
    return faults if pins else [*faults, f"{name}: pins nothing"]


def main() -> int:
    """Check every lock file of the repository."""
    locks = sorted(ROOT.glob("requirements*.lock"))
    faults = [fault for lock in locks for fault in faults_of_lock(lock.name, lock.read_text(encoding="utf-8"))]
    print("\n".join(faults) or f"{len(locks)} lock files hold hashes and no host name")
    return 1 if faults or not locks else 0


if __name__ == "__main__":
    sys.exit(main())

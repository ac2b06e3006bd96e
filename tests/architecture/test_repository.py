"""The repository speaks of the product only, and its locks name no host."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.check_locks import faults_of_lock

PACKAGE_HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("deb", "debian", "org"),
        ("anaconda", "org"),
        ("conda", "io"),
        ("crates", "io"),
        ("googleapis", "com"),
        ("gstatic", "com"),
        ("jsdelivr", "net"),
        ("unpkg", "com"),
        ("cloudflare", "com"),
    )
]
MACHINE_PATHS = ["/" + name + "/" for name in ("work", "root", "Users", "opt/pypi", "opt/wheels", "tmp/bash_jobs")]
FORBIDDEN = re.compile(
    "|".join([re.escape(host) for host in PACKAGE_HOSTS] + [rf"(?<![\w.$}}]){p}" for p in MACHINE_PATHS])
)
BINARY = {".png", ".jpg", ".pdf", ".gz", ".npz", ".dcm", ".woff2", ".ico", ".stl", ".nii", ".zip"}


@pytest.mark.parametrize("planted", ["https://" + PACKAGE_HOSTS[0], MACHINE_PATHS[0] + "main", "x=" + MACHINE_PATHS[1]])
def test_the_search_sees_what_it_looks_for(planted: str) -> None:
    assert FORBIDDEN.search(planted)


def test_no_file_names_a_package_host_or_a_path_of_one_machine(root: Path, repository_files: list[Path]) -> None:
    found = {
        f"{path.relative_to(root)}:{number}": line.strip()[:120]
        for path in repository_files
        if path.suffix not in BINARY
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if FORBIDDEN.search(line)
    }
    assert found == {}


def test_locks_hold_hashes_and_no_host_name(root: Path) -> None:
    locks = sorted(root.glob("requirements*.lock"))
    assert [lock.name for lock in locks] == [
        "requirements-bootstrap.lock",
        "requirements-dev.lock",
        "requirements.lock",
    ]
    assert [fault for lock in locks for fault in faults_of_lock(lock.name, lock.read_text(encoding="utf-8"))] == []


def test_a_lock_that_names_a_host_is_refused() -> None:
    text = "--index-url " + "https://" + PACKAGE_HOSTS[0] + "/simple\nnumpy==2.4.6 --hash=sha256:" + "0" * 64
    assert "names a host" in faults_of_lock("a.lock", text)[0]


def test_the_runtime_lock_is_part_of_the_development_lock(root: Path) -> None:
    pins = {
        name: set(re.findall(r"^([a-z0-9._-]+==\S+)", (root / name).read_text(encoding="utf-8"), re.M))
        for name in ("requirements.lock", "requirements-dev.lock")
    }
    assert pins["requirements.lock"] <= pins["requirements-dev.lock"]


def test_locks_that_record_hosts_are_never_kept(repository_files: list[Path]) -> None:
    assert {path.name for path in repository_files} & {"uv.lock", "pylock.toml", "poetry.lock"} == set()

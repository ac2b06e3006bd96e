"""Where a Dask scheduler is and how to speak to it: its address, or the file it wrote, and the certificates."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from givre.adapters.engine.errors import SchedulerAddress, SecurityFile

_ADDRESS = re.compile(r"(tcp|tls)://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")
_LOOPBACK = ("127.", "localhost:", "[::1]")
_KEYS = {"ca_file": "tls_ca_file", "cert_file": "tls_client_cert", "key_file": "tls_client_key"}
_LARGEST_FILE = 64 * 1024


def scheduler_address(written: str) -> str:
    """The address of a scheduler from what a person wrote.

    Args:
        written: tcp://host:port or tls://host:port, or the path of the .json file that `dask scheduler
            --scheduler-file` wrote.

    Raises:
        SchedulerAddress: if it is neither.

    >>> scheduler_address(" tcp://10.0.0.7:8786 ")
    'tcp://10.0.0.7:8786'
    """
    address = _from_file(Path(written)) if written.strip().endswith(".json") else written.strip()
    found = _ADDRESS.fullmatch(address)
    if not found or not 1 <= int(found[3]) <= 65_535:
        raise SchedulerAddress(
            f'scheduler "{address[:80]}"; give tcp://HOST:PORT or tls://HOST:PORT, as dask scheduler shows it when it '
            "starts (its usual port is 8786), or the path of its scheduler file (.json)"
        )
    return address


def is_open_wire(address: str) -> bool:
    """Whether what is sent leaves this machine readable by others.

    >>> is_open_wire("tcp://10.0.0.7:8786"), is_open_wire("tcp://127.0.0.1:8786"), is_open_wire("tls://a:1")
    (True, False, False)
    """
    kind, _, rest = address.partition("://")
    return kind == "tcp" and not rest.startswith(_LOOPBACK)


def certificates(file: Path) -> dict[str, str]:
    """The certificates that a TOML file names, by their names in Dask; paths start from the folder of the file.

    Raises:
        SecurityFile: if the file, or one it names, is not there, or it says something else.
    """
    text = _text(file)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SecurityFile(f"{file.name} is not TOML ({error}); write one line each for {', '.join(_KEYS)}") from error
    strange = sorted(set(values) - set(_KEYS))
    missing = sorted(set(_KEYS) - set(values))
    if strange or missing:
        raise SecurityFile(
            f"{file.name}: missing {missing or 'nothing'}, unknown {strange or 'nothing'}; write exactly "
            f"{', '.join(_KEYS)}, each the path of a PEM file"
        )
    found = {}
    for key, name in _KEYS.items():
        path = file.parent / str(values[key])
        if not path.is_file():
            raise SecurityFile(f"{file.name}: {key} names {path.name}, which is no file; give the path of a PEM file")
        found[name] = str(path)
    return found


def _from_file(file: Path) -> str:
    try:
        with file.open(encoding="utf-8") as stream:
            document = json.loads(stream.read(_LARGEST_FILE))
    except (OSError, ValueError) as error:
        raise SchedulerAddress(
            f"scheduler file {file.name} cannot be read ({type(error).__name__}); give the file that dask scheduler "
            "--scheduler-file wrote, while that scheduler runs"
        ) from error
    return str(document.get("address", "")) if isinstance(document, dict) else ""


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return stream.read(_LARGEST_FILE).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SecurityFile(f"{file.name} cannot be read ({type(error).__name__}); give a readable TOML file") from error

"""A cluster that speaks TLS: with the right certificates it works, without them it is refused by name."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from givre.adapters.engine.cluster import DaskCluster
from givre.adapters.engine.cluster_address import certificates, is_open_wire
from givre.adapters.engine.errors import SchedulerUnreachable, SecurityFile
from givre.foundation.errors import InputError
from givre.wiring_engines import run_many
from tests.adapters.engine import tasks
from tests.adapters.engine.clusters import running_cluster

FILES = 'ca_file = "ca.pem"\ncert_file = "cert.pem"\nkey_file = "key.pem"\n'


def make_certificates(folder: Path) -> Path:
    """An authority of our own and one certificate for this machine; the file that names them."""
    folder.mkdir()
    new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "subjectAltName=IP:127.0.0.1"]
    commands = [
        [*new, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test authority"],
        [*new, "-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=127.0.0.1", *signed],
    ]
    for command in commands:
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    (folder / "security.toml").write_text(FILES)
    return folder / "security.toml"


@pytest.mark.slow
def test_a_cluster_with_certificates(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="the cluster extra is not installed")
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed, so no certificates can be made")
    ours, strange = make_certificates(tmp_path / "ours"), make_certificates(tmp_path / "strange")
    named = certificates(ours)
    options = ("--protocol", "tls", "--tls-ca-file", named["tls_ca_file"])
    options += ("--tls-cert", named["tls_client_cert"], "--tls-key", named["tls_client_key"])
    with running_cluster(tmp_path / "cluster", workers=1, options=options) as cluster:
        assert cluster.address.startswith("tls://127.0.0.1:")
        with DaskCluster(cluster.address, security_file=ours) as engine:
            assert engine(tasks.times, 2.0, [1.0, 2.0]) == [2.0, 4.0]
        with pytest.raises(SchedulerUnreachable, match="no Dask scheduler answers"):
            DaskCluster(cluster.address, security_file=strange)
        with pytest.raises(SecurityFile, match="asks for certificates and none are given"):
            DaskCluster(cluster.address)
        with pytest.raises(SchedulerUnreachable):
            DaskCluster(cluster.address.replace("tls://", "tcp://"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ca_file = ", "is not TOML"),
        ('ca_file = "ca.pem"\n', r"missing \['cert_file', 'key_file'\]"),
        (FILES + 'password = "x"\n', r"unknown \['password'\]"),
        (FILES, r"ca_file names ca\.pem, which is no file"),
    ],
)
def test_a_file_of_certificates_that_cannot_be_used_is_refused(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "security.toml").write_text(text)
    with pytest.raises(SecurityFile, match=words):
        certificates(tmp_path / "security.toml")
    with pytest.raises(SecurityFile, match="cannot be read"):
        certificates(tmp_path / "absent.toml")


def test_certificates_for_an_address_that_is_not_encrypted_are_refused(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="the cluster extra is not installed")
    with pytest.raises(SecurityFile, match="is not encrypted; give tls://"):
        run_many(scheduler="tcp://127.0.0.1:8786", security_file=tmp_path / "security.toml")


def test_what_is_asked_twice_is_refused() -> None:
    with pytest.raises(InputError, match="give --workers or --scheduler, not both"):
        run_many(workers=2, scheduler="tcp://127.0.0.1:8786")


def test_images_that_would_travel_in_the_open_are_known() -> None:
    assert [is_open_wire(f"{address}:8786") for address in ("tcp://10.0.0.7", "tcp://[2001:db8::1]")] == [True, True]
    assert not any(is_open_wire(f"{address}:8786") for address in ("tls://10.0.0.7", "tcp://localhost", "tcp://[::1]"))

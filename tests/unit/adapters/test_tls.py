"""TLS files: what is wrong with one is said, by name, before anything listens."""

from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from cryptography.hazmat.primitives.serialization import load_pem_private_key as load

from gateway.adapters.tls import serving, trusting
from gateway.errors import PolicyError


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates and keys that are good, of another pair, locked, and none."""
    directory = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(directory / "ca.pem")
    for name in ("good", "other"):
        made = authority.issue_cert("localhost")
        made.private_key_pem.write_to_path(directory / f"{name}.key")
        made.cert_chain_pems[0].write_to_path(directory / f"{name}.pem")
    key = load((directory / "good.key").read_bytes(), None)
    locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"word"))
    (directory / "locked.key").write_bytes(locked)
    (directory / "no.pem").write_text("no PEM")
    return directory


def test_good_files_serve_and_are_trusted(files: Path) -> None:
    """As a matter of course."""
    assert serving(files / "good.pem", files / "good.key").minimum_version >= 0x303
    assert len(trusting(files / "ca.pem", "main").get_ca_certs()) == 1


@pytest.mark.parametrize(
    ("cert", "key", "says"),
    [
        ("good.pem", "other.key", "must be a certificate and its key in PEM form"),
        ("no.pem", "good.key", "must be a certificate and its key in PEM form"),
        ("good.pem", "no.pem", "must be a certificate and its key in PEM form"),
        ("good.pem", "gone.key", "No such file"),
        ("good.pem", "locked.key", "is encrypted with a password"),
    ],
)
def test_a_port_without_a_good_pair_does_not_open(files: Path, cert: str, key: str, says: str) -> None:
    """An encrypted key is refused: OpenSSL would ask the terminal for its password, and a service has none."""
    with pytest.raises(PolicyError, match=says) as caught:
        serving(files / cert, files / key)
    assert cert in str(caught.value)


@pytest.mark.parametrize("name", ["no.pem", "good.key", "gone.pem"])
def test_authorities_that_are_none_are_refused_by_the_backends_name(files: Path, name: str) -> None:
    """Not at the first request."""
    with pytest.raises(PolicyError, match=r"upstreams\.main\.ca_file"):
        trusting(files / name, "main")

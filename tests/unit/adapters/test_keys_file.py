"""Keys in files: fresh, private, and refused when they are not."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from gateway.adapters.keys_file import (
    AUDIT_PRIVATE,
    AUDIT_PUBLIC,
    PSEUDONYM,
    SUBJECT,
    create_keys,
    load_keys,
    load_private_key,
    load_public_key,
    load_secret,
)
from gateway.audit.seal import Context, Sealer, key_id, unseal
from gateway.errors import PolicyError


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    directory = tmp_path / "keys"
    create_keys(directory)
    return directory


def test_fresh_keys_work_together(keys: Path) -> None:
    """What is sealed to the public key opens with the private one; the secrets are 32 bytes and differ."""
    loaded = load_keys(keys)
    private = load_private_key(keys / AUDIT_PRIVATE)
    context = Context("r", "ex", "acme", "admitted")
    assert unseal(Sealer(loaded.audit_public).seal(b"text", context), private, context) == b"text"
    assert loaded.audit_key == key_id(private.public_key()).hex()
    assert len(loaded.pseudonym) == len(loaded.subject) == 32
    assert loaded.pseudonym != loaded.subject


def test_every_directory_gets_its_own(tmp_path: Path) -> None:
    """Two runs share nothing."""
    create_keys(tmp_path / "a")
    create_keys(tmp_path / "b")
    one, other = load_keys(tmp_path / "a"), load_keys(tmp_path / "b")
    assert one.audit_key != other.audit_key
    assert {one.pseudonym, one.subject}.isdisjoint({other.pseudonym, other.subject})


def test_secrets_belong_to_their_owner(keys: Path) -> None:
    """Mode 0600 from the start, whatever the umask; only the public key is for everybody."""
    modes = {path.name: path.stat().st_mode & 0o777 for path in keys.iterdir()}
    assert modes == {AUDIT_PRIVATE: 0o600, AUDIT_PUBLIC: 0o644, PSEUDONYM: 0o600, SUBJECT: 0o600}
    assert keys.stat().st_mode & 0o777 == 0o700


def test_keys_do_not_show(keys: Path) -> None:
    """A repr has the key's id and no secret."""
    loaded = load_keys(keys)
    assert repr(loaded) == f"Keys(audit_key={loaded.audit_key!r})"


def test_existing_keys_are_not_overwritten(keys: Path) -> None:
    """New keys would make the old log unreadable: only `force` does it."""
    before = load_keys(keys).audit_key
    with pytest.raises(PolicyError) as caught:
        create_keys(keys)
    assert len(caught.value.problems) == 4
    assert load_keys(keys).audit_key == before
    create_keys(keys, force=True)
    assert load_keys(keys).audit_key != before


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o601, 0o620, 0o644, 0o777])
def test_an_exposed_secret_is_refused(keys: Path, mode: int) -> None:
    """Others may not read, nor the group write; the message says what to do and holds no secret."""
    secret = (keys / PSEUDONYM).read_text().strip()
    for name in (PSEUDONYM, AUDIT_PRIVATE):
        (keys / name).chmod(mode)
    with pytest.raises(PolicyError, match="chmod 600") as caught:
        load_keys(keys)
    assert secret not in str(caught.value)
    with pytest.raises(PolicyError, match="chmod 600"):
        load_private_key(keys / AUDIT_PRIVATE)


def test_a_group_may_read(keys: Path) -> None:
    """Orchestrators mount secrets for a group."""
    (keys / PSEUDONYM).chmod(0o640)
    load_keys(keys)


def test_all_problems_come_at_once(keys: Path) -> None:
    """Every missing or malformed file is named, in one error."""
    (keys / AUDIT_PUBLIC).write_text("nonsense")
    (keys / PSEUDONYM).unlink()
    (keys / SUBJECT).write_text("c2hvcnQ=")
    with pytest.raises(PolicyError) as caught:
        load_keys(keys)
    problems = caught.value.problems
    assert [name in problem for name, problem in zip((AUDIT_PUBLIC, PSEUDONYM, SUBJECT), problems, strict=True)] == [
        True
    ] * 3


@pytest.mark.parametrize("content", [b"", b"x", b"\xff" * 40, b"A" * 44, b"=" * 44, b"A" * 100_000])
def test_malformed_secrets_are_refused(keys: Path, content: bytes) -> None:
    """A secret is exactly 32 bytes in base64."""
    (keys / SUBJECT).write_bytes(content)
    with pytest.raises(PolicyError, match="32 bytes in base64"):
        load_secret(keys / SUBJECT)


def test_keys_of_another_kind_are_refused(keys: Path) -> None:
    """An Ed25519 key, an encrypted one or a swapped file is said to be what it is not."""
    other = Ed25519PrivateKey.generate()
    encodings: list[tuple[Callable[[Path], object], str, bytes]] = [
        (
            load_private_key,
            AUDIT_PRIVATE,
            other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        ),
        (
            load_private_key,
            AUDIT_PRIVATE,
            other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"pw")),
        ),
        (
            load_public_key,
            AUDIT_PUBLIC,
            other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        ),
        (load_public_key, AUDIT_PUBLIC, (keys / AUDIT_PRIVATE).read_bytes()),
        (load_private_key, AUDIT_PRIVATE, (keys / AUDIT_PUBLIC).read_bytes()),
    ]
    for load, name, content in encodings:
        (keys / name).write_bytes(content)
        with pytest.raises(PolicyError, match=name):
            load(keys / name)


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The system's reason comes through, without a traceback's worth of detail."""
    (tmp_path / "file").touch()
    with pytest.raises(PolicyError, match="cannot be written"):
        create_keys(tmp_path / "file" / "keys")


def test_no_half_written_key_takes_a_keys_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails in the middle leaves no file under a key's name."""

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PolicyError, match="No space left"):
        create_keys(tmp_path)
    assert not (tmp_path / AUDIT_PRIVATE).exists()

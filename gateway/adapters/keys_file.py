"""Keys in files of one directory: the audit key pair, and the secrets of pseudonyms and subjects.

A running gateway loads what `load_keys` returns: the public key and two secrets.
The private audit key lies in the same directory after `create_keys` only because
a first run needs it somewhere; a real operator moves it off the machine.
"""

import base64
import binascii
import os
import secrets
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from gateway.adapters.whole_file import write_whole
from gateway.audit.seal import key_id
from gateway.errors import PolicyError

AUDIT_PRIVATE: Final = "audit-private.pem"
AUDIT_PUBLIC: Final = "audit-public.pem"
PSEUDONYM: Final = "pseudonym.key"
SUBJECT: Final = "subject.key"

_T = TypeVar("_T")

_SECRET_BYTES: Final = 32
_MAX_FILE: Final = 16 * 1024
# Others may do nothing; the group may read, because orchestrators mount secrets that way.
_FORBIDDEN_MODE: Final = stat.S_IRWXO | stat.S_IWGRP | stat.S_IXGRP


@dataclass(frozen=True, slots=True)
class Keys:
    """What the gateway needs to run; nothing in it opens a sealed payload.

    `pseudonym` keys the pseudonyms of values, `subject` the digests of subjects,
    32 random bytes each. `audit_key` is the id of `audit_public`, hexadecimal.
    """

    audit_public: X25519PublicKey = field(repr=False)
    audit_key: str
    pseudonym: bytes = field(repr=False)
    subject: bytes = field(repr=False)


def create_keys(directory: Path, *, force: bool = False) -> None:
    """Write fresh keys into `directory`, made when it is not there; secrets get mode 0600.

    Raises `PolicyError` when one of the files exists (unless `force`), or cannot be written.
    """
    names = (AUDIT_PRIVATE, AUDIT_PUBLIC, PSEUDONYM, SUBJECT)
    existing = [directory / name for name in names if (directory / name).exists()]
    if existing and not force:
        raise PolicyError(
            tuple(f"{path}: exists already; new keys would make what it protects unreadable" for path in existing)
        )
    private = X25519PrivateKey.generate()
    private_pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public_pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(directory / AUDIT_PRIVATE, private_pem, 0o600)
        write_whole(directory / AUDIT_PUBLIC, public_pem, 0o644)
        write_whole(directory / PSEUDONYM, _fresh_secret(), 0o600)
        write_whole(directory / SUBJECT, _fresh_secret(), 0o600)
    except OSError as error:
        raise PolicyError((f"{directory}: keys cannot be written: {error.strerror}",)) from None


def load_keys(directory: Path) -> Keys:
    """Return the keys of `directory`; raise `PolicyError` naming every file that is missing, exposed or malformed."""
    problems: list[str] = []
    public = _collect(problems, load_public_key, directory / AUDIT_PUBLIC)
    pseudonym = _collect(problems, load_secret, directory / PSEUDONYM)
    subject = _collect(problems, load_secret, directory / SUBJECT)
    if public is None or pseudonym is None or subject is None:
        raise PolicyError(tuple(problems))
    return Keys(public, key_id(public).hex(), pseudonym, subject)


def load_public_key(path: Path) -> X25519PublicKey:
    """Return the X25519 public key in a PEM file; raise `PolicyError` when there is none."""
    content = _read(path)
    try:
        key = load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm):
        raise PolicyError((f"{path}: is no public key in PEM form",)) from None
    if not isinstance(key, X25519PublicKey):
        raise PolicyError((f"{path}: must be an X25519 key",))
    return key


def load_private_key(path: Path) -> X25519PrivateKey:
    """Return the X25519 private key in a PEM file; raise `PolicyError` when there is none, or others may read it."""
    content = _read(path, secret=True)
    try:
        key = load_pem_private_key(content, password=None)
    except TypeError:
        raise PolicyError((f"{path}: is encrypted with a password; decrypt it first",)) from None
    except (ValueError, UnsupportedAlgorithm):
        raise PolicyError((f"{path}: is no private key in PEM form",)) from None
    if not isinstance(key, X25519PrivateKey):
        raise PolicyError((f"{path}: must be an X25519 key",))
    return key


def load_secret(path: Path) -> bytes:
    """Return the 32 bytes in a file (base64, one line); raise `PolicyError` otherwise, or when others may read it."""
    content = _read(path, secret=True)
    try:
        secret = base64.b64decode(content.strip(), validate=True)
    except binascii.Error:
        secret = b""
    if len(secret) != _SECRET_BYTES:
        raise PolicyError((f"{path}: must be {_SECRET_BYTES} bytes in base64",))
    return secret


def load_shared_secret(path: Path) -> bytes:
    """Return what a file holds, without the line end; raise `PolicyError` when others may read it, or nobody can."""
    return _read(path, secret=True).strip()


def _collect(problems: list[str], load: Callable[[Path], _T], path: Path) -> _T | None:
    try:
        return load(path)
    except PolicyError as error:
        problems.extend(error.problems)
        return None


def _fresh_secret() -> bytes:
    return base64.b64encode(secrets.token_bytes(_SECRET_BYTES)) + b"\n"


def _read(path: Path, *, secret: bool = False) -> bytes:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if secret and stat.S_IMODE(mode) & _FORBIDDEN_MODE:
                raise PolicyError((f"{path}: mode {stat.S_IMODE(mode):04o} exposes a secret; run `chmod 600 {path}`",))
            return file.read(_MAX_FILE)
    except OSError as error:
        raise PolicyError((f"{path}: cannot be read: {error.strerror}",)) from None

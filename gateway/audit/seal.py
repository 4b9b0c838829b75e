"""Sealing: a payload that the gateway writes and only the private key's holder reads.

Each payload gets a fresh data key, wrapped to the operator's public key by HPKE
(RFC 9180, base mode: X25519, HKDF-SHA256, AES-256-GCM) and used once. The header,
which names the record that the payload belongs to, is HPKE's info and AES-GCM's
associated data, so a payload cannot be moved to another record, tenant or
exchange. AES-GCM commits to no key; the commitment, derived from the data key
and the header, does, and is compared before anything is decrypted.
"""

import hashlib
import os
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import constant_time, hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from gateway.audit.record import encode

SEAL_VERSION: Final = 1
ALGORITHM: Final = 1
"""HPKE(DHKEM-X25519-HKDF-SHA256, HKDF-SHA256, AES-256-GCM) around AES-256-GCM with HKDF-SHA256 commitment."""

JSON: Final = "application/json"

_MAGIC: Final = b"SLCE"
_KEY_ID: Final = 16
_WRAPPED: Final = 80  # HPKE's encapsulated key (32), the data key (32), its tag (16)
_COMMITMENT: Final = 32
_NONCE: Final = 12  # NIST SP 800-38D; AESGCM would take other lengths too
_TAG: Final = 16
_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class SealError(Exception):
    """A payload cannot be opened. One sentence of ours; it tells nothing about the content."""


@dataclass(frozen=True, slots=True)
class Context:
    """Which record a payload belongs to; every field is bound into the seal.

    `tenant` is "" for an exchange whose caller was never proven.
    """

    record: str
    exchange: str
    tenant: str
    kind: str
    content_type: str = JSON


@dataclass(frozen=True, slots=True)
class _Parts:
    key_id: bytes
    wrapped: bytes = field(repr=False)
    commitment: bytes = field(repr=False)
    nonce: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)


def key_id(public_key: X25519PublicKey) -> bytes:
    """Return the 16-byte id of a key pair: a digest of its public half."""
    return hashlib.sha256(b"sluice/audit/key/v1" + public_key.public_bytes_raw()).digest()[:_KEY_ID]


class Sealer:
    """Seals payloads to one public key. Holds nothing that could open them."""

    def __init__(self, public_key: X25519PublicKey) -> None:
        self._public_key = public_key
        self._key_id = key_id(public_key)
        # Fail when the gateway starts and not at its first record.
        self.seal(b"", Context("", "", "", ""))

    def __repr__(self) -> str:
        return f"Sealer(key={self._key_id.hex()})"

    def seal(self, payload: bytes, context: Context) -> bytes:
        """Return ``magic | version | algorithm | key id | wrapped key | commitment | nonce | ciphertext | tag``."""
        header = _header(SEAL_VERSION, ALGORITHM, self._key_id, context)
        data_key = os.urandom(32)
        nonce = os.urandom(_NONCE)
        wrapped = _SUITE.encrypt(data_key, self._public_key, header)
        ciphertext = AESGCM(_encryption_key(data_key, header)).encrypt(nonce, payload, header)
        head = _MAGIC + bytes((SEAL_VERSION, ALGORITHM))
        return b"".join((head, self._key_id, wrapped, _commitment(data_key, header), nonce, ciphertext))


def unseal(sealed: bytes, private_key: X25519PrivateKey, context: Context) -> bytes:
    """Return the payload; raise `SealError` unless it was sealed to this key for exactly this context."""
    parts = _split(sealed)
    own = key_id(private_key.public_key())
    if parts.key_id != own:
        raise SealError(f"sealed to key {parts.key_id.hex()}, but this is key {own.hex()}")
    header = _header(SEAL_VERSION, ALGORITHM, parts.key_id, context)
    try:
        data_key = _SUITE.decrypt(parts.wrapped, private_key, header)
        if not constant_time.bytes_eq(_commitment(data_key, header), parts.commitment):
            raise SealError("does not open: it was changed, or belongs to another record")
        return AESGCM(_encryption_key(data_key, header)).decrypt(parts.nonce, parts.ciphertext, header)
    except (InvalidTag, ValueError):
        # One sentence for every cause: which check failed is nobody's business.
        raise SealError("does not open: it was changed, or belongs to another record") from None


def _split(sealed: bytes) -> _Parts:
    head = len(_MAGIC) + 2
    if len(sealed) < head + _KEY_ID + _WRAPPED + _COMMITMENT + _NONCE + _TAG or not sealed.startswith(_MAGIC):
        raise SealError("is not a sealed payload")
    if (sealed[4], sealed[5]) != (SEAL_VERSION, ALGORITHM):
        raise SealError(f"has version {sealed[4]}, algorithm {sealed[5]}; this release reads version 1, algorithm 1")
    stops = list(accumulate((_KEY_ID, _WRAPPED, _COMMITMENT, _NONCE), initial=head))
    return _Parts(
        key_id=sealed[stops[0] : stops[1]],
        wrapped=sealed[stops[1] : stops[2]],
        commitment=sealed[stops[2] : stops[3]],
        nonce=sealed[stops[3] : stops[4]],
        ciphertext=sealed[stops[4] :],
    )


def _header(version: int, algorithm: int, key: bytes, context: Context) -> bytes:
    """Return the canonical header. The sequence is not in it: the chain binds that, after sealing."""
    return encode(
        b"sluice/audit/seal",
        bytes((version, algorithm)),
        key,
        context.record.encode(),
        context.exchange.encode(),
        context.tenant.encode(),
        context.kind.encode(),
        context.content_type.encode(),
    )


def _commitment(data_key: bytes, header: bytes) -> bytes:
    return HKDFExpand(hashes.SHA256(), _COMMITMENT, b"sluice/audit/commit/v1" + header).derive(data_key)


def _encryption_key(data_key: bytes, header: bytes) -> bytes:
    """Return the AES key, derived so that one key never serves two algorithms."""
    return HKDFExpand(hashes.SHA256(), 32, b"sluice/audit/encrypt/v1" + header).derive(data_key)

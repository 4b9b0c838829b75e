"""A set of verification keys, read from a JWK Set (RFC 7517) with distrust. Pure.

Each key verifies exactly one algorithm (RFC 8725 section 3.1): the one it
names, or, when it names none, the first of the issuer's algorithms that fits
its type. Keys that are not for verifying, symmetric, private, weak or unknown
are left out; two keys of one name make the whole set unusable.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from gateway.adapters.compact import decode_segment
from gateway.core import strictjson
from gateway.core.jsonvalue import Json

MAX_SET_BYTES = 256 * 1024
"""Largest JWK Set that is read."""

MAX_KEYS = 100
"""Most keys of one set."""

EDDSA = "EdDSA"
"""The name under which Ed25519 is known here; RFC 9864 calls it ``Ed25519``."""

FITS: Mapping[str, tuple[str, str | None]] = {
    "RS256": ("RSA", None),
    "PS256": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    EDDSA: ("OKP", "Ed25519"),
}
"""Key type and curve by algorithm: every asymmetric algorithm that is accepted."""

_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_NUMBERS = {"RSA": ("n", "e"), "EC": ("x", "y"), "OKP": ("x",)}
_MIN_RSA_BITS, _MAX_RSA_BITS = 2048, 8192
_MIN_RSA_EXPONENT, _MAX_RSA_EXPONENT = 65537, 2**32
_TEXT = re.compile(r"[\x21-\x7e]{1,128}")


class KeySetRefused(Exception):
    """A JWK Set cannot be used. Says why in our words."""


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key (or the local issuer's secret) and the one algorithm that it verifies."""

    algorithm: str
    material: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeySet:
    """Usable keys by name; `nameless` are those without a ``kid``."""

    named: Mapping[str, VerificationKey]
    nameless: tuple[VerificationKey, ...] = ()

    def find(self, key_id: str | None) -> VerificationKey | None:
        """Return the key of that name. A token without a name gets a key only if the set has just one."""
        if key_id is not None:
            return self.named.get(key_id)
        every = (*self.named.values(), *self.nameless)
        return every[0] if len(every) == 1 else None


def canonical_algorithm(name: str) -> str:
    """Return one name for both names of Ed25519; other names as they are."""
    return EDDSA if name == "Ed25519" else name


def parse_key_set(data: bytes, algorithms: Sequence[str]) -> KeySet:
    """Return the keys of a JWK Set that verify one of `algorithms`; raise `KeySetRefused` when there is none."""
    if len(data) > MAX_SET_BYTES:
        raise KeySetRefused(f"the key set is larger than {MAX_SET_BYTES} bytes")
    try:
        document = strictjson.parse(data)
    except strictjson.JsonRefused as refused:
        raise KeySetRefused(f"the key set is not strict JSON: {refused}") from None
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise KeySetRefused('the key set is not a JSON object with a list "keys"')
    if len(entries) > MAX_KEYS:
        raise KeySetRefused(f"the key set has more than {MAX_KEYS} keys")
    names = [entry["kid"] for entry in entries if isinstance(entry, dict) and isinstance(entry.get("kid"), str)]
    if len(set(names)) != len(names):
        raise KeySetRefused("the key set has two keys of the same kid")
    accepted = [canonical_algorithm(name) for name in algorithms]
    named: dict[str, VerificationKey] = {}
    nameless: list[VerificationKey] = []
    for entry in entries:
        key = _read(entry, accepted) if isinstance(entry, dict) else None
        if key is None or not isinstance(entry, dict):
            continue
        name = entry.get("kid")
        if isinstance(name, str) and _TEXT.fullmatch(name):
            named[name] = key
        elif name is None:
            nameless.append(key)
    if not named and not nameless:
        raise KeySetRefused(f"the key set has no usable key for {', '.join(algorithms)}")
    return KeySet(named, tuple(nameless))


def _read(entry: dict[str, Json], accepted: Sequence[str]) -> VerificationKey | None:
    """Return the key of one JWK, or None when it is not one that we verify with."""
    algorithm = _algorithm(entry, accepted)
    if algorithm is None or _PRIVATE & entry.keys():
        return None
    if entry.get("use", "sig") != "sig":
        return None
    operations = entry.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        return None
    for number in _NUMBERS[FITS[algorithm][0]]:
        text = entry.get(number)
        if not isinstance(text, str) or not text or decode_segment(text) is None:
            return None
    try:
        material = PyJWK(entry, algorithm=algorithm).key
    except (PyJWTError, ValueError, TypeError, UnsupportedAlgorithm):
        return None
    if isinstance(material, RSAPublicKey) and not _strong(material):
        return None
    return VerificationKey(algorithm, material)


def _algorithm(entry: dict[str, Json], accepted: Sequence[str]) -> str | None:
    fitting = [name for name in accepted if FITS.get(name) == (entry.get("kty"), entry.get("crv"))]
    named = entry.get("alg")
    if named is None:
        return fitting[0] if fitting else None
    return canonical_algorithm(named) if isinstance(named, str) and canonical_algorithm(named) in fitting else None


def _strong(key: RSAPublicKey) -> bool:
    exponent, modulus = key.public_numbers().e, key.public_numbers().n
    return (
        _MIN_RSA_BITS <= key.key_size <= _MAX_RSA_BITS
        and _MIN_RSA_EXPONENT <= exponent <= _MAX_RSA_EXPONENT
        and exponent % 2 == 1
        and modulus % 2 == 1
        and not _from_infineon(modulus)
    )


def _from_infineon(modulus: int) -> bool:
    """Recognise keys that can be factored because of how they were made (ROCA, CVE-2017-15361).

    Their modulus is a power of 65537 modulo every small prime; another key's
    is so by chance once in millions.
    """
    return all(modulus % prime in powers for prime, powers in _POWERS.items())


_POWERS = {
    prime: frozenset(pow(65537, exponent, prime) for exponent in range(prime - 1))
    for prime in range(3, 168, 2)
    if all(prime % divisor for divisor in range(3, prime, 2))
}

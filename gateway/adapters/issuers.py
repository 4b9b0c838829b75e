"""Whose tokens are believed, and on what terms: configuration values, checked when they are made.

Nothing here imports a JWT library, so that settings can be read without one.
A wrong value raises `ValueError` with a sentence that says what to change.
"""

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

ASYMMETRIC = ("RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519")
"""Algorithms for keys from a JWK Set. ``EdDSA`` and ``Ed25519`` (RFC 9864) are one."""

SHARED = ("HS256",)
"""Algorithms for the shared secret of the local issuer."""

MIN_SECRET_BYTES = 32
"""An HS256 key is at least as long as its hash (RFC 7518 section 3.2)."""

MAX_LEEWAY = 60.0
"""Most seconds by which clocks may differ."""


@dataclass(frozen=True, slots=True)
class KeysFile:
    """A JWK Set in a file. It is read again when it is ten seconds old, so keys rotate without a restart."""

    path: Path


@dataclass(frozen=True, slots=True)
class KeysUrl:
    """A JWK Set at an address: https, or http on this machine's own loopback."""

    url: str

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if not parts.hostname or parts.username or parts.password or parts.fragment:
            raise ValueError("a key set's url has a host, no user, no password and no fragment")
        if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname)):
            raise ValueError("a key set's url must be https (http only for localhost)")


@dataclass(frozen=True, slots=True)
class SharedSecret:
    """The secret of the local issuer, at least 32 random bytes."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < MIN_SECRET_BYTES:
            raise ValueError(f"the local issuer's secret must have at least {MIN_SECRET_BYTES} bytes")


Keys: TypeAlias = KeysFile | KeysUrl | SharedSecret


@dataclass(frozen=True, slots=True)
class IssuerConfig:
    """One issuer whose tokens are believed. Its `issuer` must equal a token's ``iss`` to the letter.

    A token's ``aud`` must hold one of `audience`. `algorithms` are in order of
    preference: a key that names none is used for the first that fits it. The
    claims that name subject, tenant and scopes are top-level ones; scopes come
    as a list or as words with spaces between them. `types` are the accepted
    ``typ`` values (RFC 9068: at+jwt; "" accepts a token without one).
    `leeway` and `max_lifetime` (from ``iat`` to ``exp``) are in seconds.
    """

    issuer: str
    audience: tuple[str, ...]
    algorithms: tuple[str, ...]
    keys: Keys
    subject_claim: str = "sub"
    tenant_claim: str = "tenant"
    scope_claim: str = "scope"
    types: tuple[str, ...] = ("at+jwt",)
    leeway: float = 30.0
    max_lifetime: float = 86_400.0

    def __post_init__(self) -> None:
        if not self.issuer or not self.audience or not all(self.audience):
            raise ValueError("an issuer needs an issuer and an audience; a token for everybody is for nobody")
        if not self.subject_claim or not self.tenant_claim or not self.scope_claim:
            raise ValueError("an issuer needs the names of its subject, tenant and scope claims")
        accepted = SHARED if isinstance(self.keys, SharedSecret) else ASYMMETRIC
        wrong = [name for name in self.algorithms if name not in accepted]
        if wrong or not self.algorithms:
            source = "a shared secret" if isinstance(self.keys, SharedSecret) else "a key set"
            raise ValueError(f"an issuer with {source} takes algorithms from {', '.join(accepted)}, and at least one")
        if not self.types:
            raise ValueError("an issuer needs at least one accepted typ, such as at+jwt")
        if not 0 <= self.leeway <= MAX_LEEWAY:
            raise ValueError(f"an issuer's leeway is 0 to {MAX_LEEWAY:.0f} seconds")
        if not self.max_lifetime > 0:
            raise ValueError("an issuer's max_lifetime is more than 0 seconds")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

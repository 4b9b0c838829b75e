"""The issuer that `sluice init` sets up for tests and first steps: tokens from a shared secret.

Real callers bring tokens of a real identity provider; this one proves only
that whoever minted the token could read the gateway's directory.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from jwt import PyJWT

from gateway.adapters.claims import principal_of
from gateway.adapters.issuers import IssuerConfig, SharedSecret
from gateway.core.jsonvalue import Json
from gateway.ports import TokenRefused


def read_secret(path: Path) -> bytes:
    """Return the secret in a file, without the line end; raise `ValueError` when there is none or it is too short."""
    try:
        secret = path.read_bytes().strip()
    except OSError as error:
        raise ValueError(f"the local issuer's secret {path} cannot be read: {error.strerror}") from None
    return SharedSecret(secret).secret


class LocalIssuer:
    """Mints access tokens in the form of RFC 9068, signed with HS256. `clock` is seconds since 1970."""

    def __init__(self, secret: bytes, issuer: str, audience: str, *, clock: Callable[[], float] = time.time) -> None:
        self._keys = SharedSecret(secret)
        self._issuer = issuer
        self._audience = audience
        self._clock = clock

    def config(self) -> IssuerConfig:
        """Return the terms on which a verifier believes this issuer."""
        return IssuerConfig(self._issuer, (self._audience,), ("HS256",), self._keys)

    def mint(self, subject: str, tenant: str, scopes: Sequence[str] = (), ttl: int = 3_600) -> str:
        """Return a token that is valid from now on for `ttl` seconds; raise `ValueError` if nobody would accept it."""
        now = int(self._clock())
        claims: dict[str, Json] = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": subject,
            "tenant": tenant,
            "scope": " ".join(scopes),
            "client_id": "sluice",
            "iat": now,
            "exp": now + ttl,
            "jti": secrets.token_hex(16),
        }
        try:
            principal_of(claims, self.config(), now)
        except TokenRefused as refused:
            raise ValueError(f"such a token would be refused: {refused.detail}") from None
        return PyJWT().encode(claims, self._keys.secret, algorithm="HS256", headers={"typ": "at+jwt"})

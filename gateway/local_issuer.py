"""The issuer that `sluice init` sets up for tests and first steps: tokens from a shared secret.

Real callers bring tokens of a real identity provider; this one proves only
that whoever minted the token could read the gateway's directory.
"""

import secrets
import time
from collections.abc import Callable, Sequence

from jwt import PyJWT

from gateway.adapters.claims import principal_of
from gateway.adapters.issuers import IssuerConfig, SharedSecret
from gateway.core.jsonvalue import Json
from gateway.errors import PolicyError
from gateway.ports import TokenRefused


class LocalIssuer:
    """Mints access tokens in the form of RFC 9068, signed with HS256.

    `terms` are those on which a verifier believes this issuer, `clock` is seconds since 1970.
    """

    def __init__(self, terms: IssuerConfig, *, clock: Callable[[], float] = time.time) -> None:
        if not isinstance(terms.keys, SharedSecret):
            raise TypeError("the local issuer signs with a shared secret")
        self._terms = terms
        self._secret = terms.keys.secret
        self._clock = clock

    def mint(self, subject: str, tenant: str, scopes: Sequence[str] = (), ttl: int = 3_600) -> str:
        """Return a token that is valid from now on for `ttl` seconds; raise `PolicyError` if it would be refused."""
        now = int(self._clock())
        claims: dict[str, Json] = {
            "iss": self._terms.issuer,
            "aud": self._terms.audience[0],
            "sub": subject,
            "tenant": tenant,
            "scope": " ".join(scopes),
            "client_id": "sluice",
            "iat": now,
            "exp": now + ttl,
            "jti": secrets.token_hex(16),
        }
        try:
            principal_of(claims, self._terms, now)
        except TokenRefused as refused:
            raise PolicyError((f"such a token would be refused: {refused.detail}",)) from None
        return PyJWT().encode(claims, self._secret, algorithm="HS256", headers={"typ": "at+jwt"})

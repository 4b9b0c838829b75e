"""The `TokenVerifier` port for JSON Web Tokens (RFC 7519, RFC 8725, RFC 9068).

The way of a token: one strict reading (`compact`), its issuer by exact name,
the issuer's algorithms and types, the issuer's key by name (`jwks`), the
signature (PyJWT, with a key bound to one algorithm), the claims (`claims`).
Nothing is cached by token: verifying is faster than a cache is safe.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import aiohttp
from jwt import PyJWS
from jwt.algorithms import HMACAlgorithm, OKPAlgorithm
from jwt.exceptions import InvalidKeyError

from gateway.adapters.claims import principal_of
from gateway.adapters.compact import media_type, parse
from gateway.adapters.issuers import IssuerConfig, KeysFile, SharedSecret
from gateway.adapters.jwks import CachedKeys, FileFetch, Freshness, HttpFetch, KeySource
from gateway.adapters.keyset import FITS, VerificationKey, canonical_algorithm
from gateway.core.decision import Reason
from gateway.core.exchange import Principal
from gateway.ports import TokenRefused


@dataclass(frozen=True, slots=True)
class _Issuer:
    config: IssuerConfig
    algorithms: frozenset[str]
    types: frozenset[str]
    source: KeySource


class JwtVerifier:
    """Verifies the tokens of several issuers, each with its own keys and terms.

    `clock` is wall time in seconds since 1970, `monotonic` is for the age of
    keys. A `session` that is passed in stays the caller's to close.
    """

    def __init__(
        self,
        issuers: Sequence[IssuerConfig],
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        session: aiohttp.ClientSession | None = None,
        freshness: Freshness | None = None,
    ) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._times = freshness or Freshness()
        self._foreign_session = session
        self._own_session: aiohttp.ClientSession | None = None
        self._jws = PyJWS(
            algorithms=[*FITS, "HS256"], options={"verify_signature": True, "enforce_minimum_key_length": True}
        )
        self._jws.register_algorithm("Ed25519", OKPAlgorithm())
        self._issuers = {config.issuer: self._issuer(config) for config in issuers}
        if len(self._issuers) != len(issuers):
            raise ValueError("two issuers have the same name: each name has one set of keys")

    async def verify(self, token: str) -> Principal:
        compact = parse(token)
        issuer = self._of(compact.claims.get("iss"))
        algorithm = canonical_algorithm(compact.algorithm)
        if algorithm not in issuer.algorithms:
            raise TokenRefused(
                Reason.TOKEN_ALGORITHM_REFUSED, "the token is signed with an algorithm that is not accepted"
            )
        if compact.type not in issuer.types:
            raise TokenRefused(Reason.TOKEN_TYPE_REFUSED, "the token's typ is not that of an accepted access token")
        key = await issuer.source.find(compact.key_id)
        if key.algorithm != algorithm:
            raise TokenRefused(Reason.TOKEN_ALGORITHM_REFUSED, "the token's key is for another algorithm")
        self._check_signature(token, compact.algorithm, key)
        return principal_of(compact.claims, issuer.config, self._clock())

    async def warm(self) -> None:
        """Fetch all keys; what fails is in `problems` and tried again when a token comes."""
        await asyncio.gather(*(issuer.source.warm() for issuer in self._issuers.values()))

    def problems(self) -> tuple[str, ...]:
        """Return, by issuer without usable keys, one line that says why (for readiness)."""
        lines = ((name, issuer.source.problem()) for name, issuer in self._issuers.items())
        return tuple(f"issuer {name}: {problem}" for name, problem in lines if problem)

    async def close(self) -> None:
        """Stop fetching and close what this verifier opened."""
        for issuer in self._issuers.values():
            await issuer.source.close()
        if self._own_session is not None:
            await self._own_session.close()

    def _of(self, name: object) -> _Issuer:
        if name is None:
            raise TokenRefused(Reason.TOKEN_CLAIM_MISSING, "the token lacks the claim iss")
        if not isinstance(name, str):
            raise TokenRefused(Reason.TOKEN_CLAIM_INVALID, "the token's iss is not a string")
        issuer = self._issuers.get(name)
        if issuer is None:
            raise TokenRefused(Reason.TOKEN_ISSUER_UNKNOWN, "the token is from an issuer that is not accepted here")
        return issuer

    def _check_signature(self, token: str, algorithm: str, key: VerificationKey) -> None:
        """Whatever goes wrong in a library here, the signature is not proven."""
        try:
            self._jws.decode(token, key.material, algorithms=[algorithm])
        except Exception:
            raise TokenRefused(Reason.TOKEN_SIGNATURE_INVALID, "the token's signature is not valid") from None

    def _issuer(self, config: IssuerConfig) -> _Issuer:
        algorithms = frozenset(canonical_algorithm(name) for name in config.algorithms)
        types = frozenset(media_type(name) for name in config.types)
        return _Issuer(config, algorithms, types, self._source(config))

    def _source(self, config: IssuerConfig) -> KeySource:
        if isinstance(config.keys, SharedSecret):
            return _SecretSource(config.keys)
        fetch = (
            FileFetch(config.keys.path, self._times)
            if isinstance(config.keys, KeysFile)
            else HttpFetch(config.keys.url, self._session, self._times)
        )
        return CachedKeys(fetch, config.algorithms, freshness=self._times, clock=self._monotonic)

    def _session(self) -> aiohttp.ClientSession:
        if self._foreign_session is not None:
            return self._foreign_session
        if self._own_session is None:
            self._own_session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return self._own_session


class _SecretSource:
    """The local issuer's one secret, which has no name."""

    def __init__(self, keys: SharedSecret) -> None:
        try:
            HMACAlgorithm(HMACAlgorithm.SHA256).prepare_key(keys.secret)
        except InvalidKeyError:
            raise ValueError("the local issuer's secret looks like a public key; use random bytes") from None
        self._key = VerificationKey("HS256", keys.secret)

    async def find(self, key_id: str | None) -> VerificationKey:
        if key_id is not None:
            raise TokenRefused(Reason.TOKEN_KEY_UNKNOWN, "the token is signed with a key that its issuer does not have")
        return self._key

    async def warm(self) -> None:
        """There is nothing to fetch."""

    def problem(self) -> str | None:
        return None

    async def close(self) -> None:
        """There is nothing to stop."""

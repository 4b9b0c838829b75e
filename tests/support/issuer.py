"""An identity provider for tests: real keys of every kind, and tokens as right or as wrong as a test wants them."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt import PyJWS
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

NOW = 1_790_000_000
"""The time in these tests, seconds since 1970."""

ISSUER = "https://login.example.com/"
AUDIENCE = "sluice"


@cache
def private_key(kind: str, number: int = 0) -> Any:
    """Return a key of a kind (RSA, RSA-1024, P-256, P-384, Ed25519); another `number`, another key."""
    del number
    if kind.startswith("RSA"):
        return rsa.generate_private_key(65537, int(kind.partition("-")[2] or 2048))
    if kind == "Ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key({"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1()}[kind])


KIND = {"RS256": "RSA", "PS256": "RSA", "ES256": "P-256", "ES384": "P-384", "EdDSA": "Ed25519", "Ed25519": "Ed25519"}
"""The kind of key that an algorithm takes."""


def jwk(kind: str, number: int = 0, **members: object) -> dict[str, Any]:
    """Return the public JWK, with these members set (None: left out)."""
    public = private_key(kind, number).public_key()
    algorithm = RSAAlgorithm if kind.startswith("RSA") else OKPAlgorithm if kind == "Ed25519" else ECAlgorithm
    made: dict[str, Any] = algorithm.to_jwk(public, as_dict=True)
    made.pop("key_ops", None)
    made |= members
    return {name: value for name, value in made.items() if value is not None}


def key_set(*keys: Mapping[str, Any]) -> bytes:
    """Return a JWK Set."""
    return json.dumps({"keys": list(keys)}).encode()


def claims(**changes: object) -> dict[str, Any]:
    """Return the claims of a good token with these changes (None: left out)."""
    good: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "ann",
        "tenant": "acme",
        "scope": "chat embed",
        "iat": NOW - 10,
        "exp": NOW + 600,
        "jti": "t-1",
    }
    good |= changes
    return {name: value for name, value in good.items() if value is not None}


@dataclass(frozen=True)
class Token:
    """A token in the making: `header` and `claims` are changed, or replaced by raw text."""

    algorithm: str = "ES256"
    header: Mapping[str, object] = field(default_factory=dict)
    claims: Mapping[str, object] = field(default_factory=dict)
    raw_header: str | None = None
    raw_claims: str | None = None
    number: int = 0
    key: Any = None

    def sign(self) -> str:
        """Sign whatever was asked for, with a real key of the algorithm."""
        head = {"alg": self.algorithm, "typ": "at+jwt", "kid": KIND.get(self.algorithm, "none")} | dict(self.header)
        header = self.raw_header or json.dumps({name: value for name, value in head.items() if value is not None})
        body = self.raw_claims or json.dumps(claims(**self.claims))
        signed = f"{segment(header)}.{segment(body)}"
        return f"{signed}.{segment(self._signature(signed.encode()))}"

    def _signature(self, message: bytes) -> bytes:
        name = "EdDSA" if self.algorithm == "Ed25519" else self.algorithm
        signer = PyJWS().get_algorithm_by_name(name)
        key = self.key if self.key is not None else private_key(KIND[self.algorithm], self.number)
        return signer.sign(message, signer.prepare_key(key))


def segment(data: str | bytes) -> str:
    """Return base64url without padding."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

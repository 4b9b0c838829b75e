"""Tokens that look as if they proved something.

From RFC 8725, the CVEs of JWT libraries and of other gateways, the Wycheproof
vectors' families of cases, and what was measured in PyJWT.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.adapters.issuers import IssuerConfig, SharedSecret
from gateway.core.decision import Reason
from gateway.local_issuer import LocalIssuer
from tests.support.issuer import AUDIENCE, ISSUER, NOW, Token, claims, jwk, private_key, segment

SECRET = b"0123456789abcdef0123456789abcdef"
LOCAL = "https://issuer.test.localhost"
LOCAL_TERMS = IssuerConfig(LOCAL, (AUDIENCE,), ("HS256",), SharedSecret(SECRET))

Attack: TypeAlias = str | Token | Callable[[], str]
"""A token as text, to be signed, or to be put together."""


def spelled(attack: Attack) -> str:
    """Return the attack as the text that is sent."""
    if isinstance(attack, str):
        return attack
    return attack.sign() if isinstance(attack, Token) else attack()


def parts(header: str | bytes = '{"alg":"ES256"}', body: str | bytes = "{}", signature: bytes = b"x") -> str:
    """Return three parts that nobody signed."""
    return f"{segment(header)}.{segment(body)}.{segment(signature)}"


def resigned(signature: bytes) -> str:
    """Return a good token under another signature."""
    return Token().sign().rpartition(".")[0] + "." + segment(signature)


def hmac_token(secret: bytes, head: dict[str, object], body: dict[str, object]) -> str:
    """Return a token under HS256, whatever the secret is."""
    signed = f"{segment(json.dumps(head))}.{segment(json.dumps(body))}"
    return f"{signed}.{segment(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


def pem() -> bytes:
    """Return the RSA key's public half as everybody may have it."""
    return bytes(private_key("RSA").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def _confused(secret: bytes) -> str:
    return hmac_token(secret, {"alg": "HS256", "typ": "at+jwt", "kid": "RSA"}, claims())


def _transplanted() -> str:
    header, _, signature = Token().sign().split(".")
    return f"{header}.{segment(json.dumps(claims(tenant='other')))}.{signature}"


MALFORMED: dict[str, Attack] = {
    "empty": "",
    "not a token": "sk-proj-abcdef",
    "two parts": "a.b",
    "five parts (encrypted)": "a.b.c.d.e",
    "longer than 8 KiB": "A" * 8191 + ".A.A",
    "unsecured, no signature": parts('{"alg":"none"}', json.dumps(claims()), b""),
    "null byte": "a\0.b.c",
    "trailing newline": lambda: Token().sign() + "\n",
    "leading space": lambda: " " + Token().sign(),
    "padding": lambda: Token().sign() + "==",
    "junk after the signature": lambda: Token().sign() + "!!!!",
    "standard base64": lambda: Token().sign()[:-3] + "+/A",
    "header is a list": parts("[]"),
    "header is not JSON": parts("{"),
    "header in UTF-16": parts('{"alg":"ES256"}'.encode("utf-16")),
    "header is not UTF-8": parts(b'{"alg":"\xff"}'),
    "header nested 1500 deep": parts("[" * 1500),
    "header nested 9 deep": Token(header={"a": [[[[[[[[1]]]]]]]]}),
    "alg twice (one reads the first, one the last)": Token(raw_header='{"alg":"none","alg":"ES256"}'),
    "alg twice, once escaped": Token(raw_header='{"\\u0061lg":"none","alg":"ES256"}'),
    "no alg": Token(raw_header='{"typ":"at+jwt","kid":"P-256"}'),
    "alg is a list": Token(header={"alg": ["ES256"]}),
    "kid is a number": Token(header={"kid": 7}),
    "kid is a path": Token(header={"kid": "../../dev/null\0"}),
    "kid is 129 characters": Token(header={"kid": "k" * 129}),
    "kid is empty": Token(header={"kid": ""}),
    "typ is a number": Token(header={"typ": 1}),
    "crit names an extension (CVE-2026-32597)": Token(header={"crit": ["exp"], "exp": 1}),
    "crit names b64": Token(header={"crit": ["b64"], "b64": True}),
    "jku (fetch my keys)": Token(header={"jku": "https://evil.example/jwks.json"}),
    "x5u (fetch my certificate)": Token(header={"x5u": "https://evil.example/cert.pem"}),
    "x5c (take my certificate)": Token(header={"x5c": ["MIIB"]}),
    "jwk (take my key)": lambda: Token(number=9, header={"jwk": jwk("P-256", 9)}).sign(),
    "zip (a bomb)": Token(header={"zip": "DEF"}),
    "p2c (a million rounds)": Token(header={"p2c": 1_000_000}),
    "claims twice": Token(raw_claims=json.dumps(claims())[:-1] + ',"tenant":"other"}'),
    "claims hold NaN": Token(raw_claims='{"exp":NaN}'),
    "claims hold Infinity": Token(claims={"exp": float("inf")}),
    "claims hold 1e999": Token(raw_claims='{"exp":1e999}'),
    "claims hold half a surrogate pair": Token(raw_claims='{"iss":"\\ud800"}'),
    "claims hold a number of 5000 digits": Token(raw_claims='{"exp":' + "9" * 5000 + "}"),
    "claims nested 9 deep": Token(claims={"a": [[[[[[[[1]]]]]]]]}),
    "claims are a string": Token(raw_claims='"x"'),
}

_SIGNATURE: dict[str, Attack] = {
    "signed by another key of the same name": Token(number=1),
    "zeroes for an ECDSA signature (CVE-2022-21449)": lambda: resigned(bytes(64)),
    "a DER signature where a raw one belongs": lambda: resigned(bytes.fromhex("3006020101020101")),
    "a signature one byte short": lambda: resigned(b"\1" * 63),
    "claims of another token under this signature": _transplanted,
}

_ALGORITHM: dict[str, Attack] = {
    "none, with a signature": Token(header={"alg": "none"}),
    "NoNe": Token(header={"alg": "NoNe"}),
    "in lower case": Token(header={"alg": "es256"}),
    "empty": Token(header={"alg": ""}),
    "ES521 (PyJWT registers it)": Token(header={"alg": "ES521"}),
    "ES256K": Token(header={"alg": "ES256K"}),
    "HMAC with the public key as PEM (CVE-2017-11424)": lambda: _confused(pem()),
    "HMAC with the public key as JWK (CVE-2026-48526)": lambda: _confused(json.dumps(jwk("RSA")).encode()),
    "PSS where the key is for PKCS #1": Token("PS256"),
    "an allowed algorithm with a key of another": Token("ES256", header={"kid": "RSA"}),
    "the local issuer's name, an asymmetric signature": Token(claims={"iss": LOCAL}),
    "the local issuer's secret, another issuer's name": lambda: LocalIssuer(
        replace(LOCAL_TERMS, issuer=ISSUER), clock=lambda: NOW
    ).mint("ann", "acme"),
}

_KEY: dict[str, Attack] = {
    "a key that nobody has": Token(header={"kid": "other"}),
    "no kid, and several keys": Token(header={"kid": None}),
    "SQL for a kid (CVE-2026-42208)": Token(header={"kid": "x'OR'1'='1"}),
}

_TYPE: dict[str, Attack] = {
    "an ID token by its type": Token(header={"typ": "JWT"}),
    "no type": Token(header={"typ": None}),
    "a DPoP proof": Token(header={"typ": "dpop+jwt"}),
    "a logout token": Token(header={"typ": "logout+jwt"}),
    "an ID token by its claims": Token(claims={"at_hash": "x"}),
    "an ID token by its nonce": Token(claims={"nonce": "x"}),
    "a token bound to a key, sent as bearer": Token(claims={"cnf": {"jkt": "x"}}),
}

_ISSUER: dict[str, Attack] = {
    "another": Token(claims={"iss": "https://evil.example/"}),
    "one that begins alike (CVE-2024-53861)": Token(claims={"iss": ISSUER[:-1]}),
    "one that goes on": Token(claims={"iss": ISSUER + "x"}),
    "in capitals": Token(claims={"iss": ISSUER.upper()}),
}

_AUDIENCE: dict[str, Attack] = {
    "another": Token(claims={"aud": "billing"}),
    "one that begins alike": Token(claims={"aud": "sluice-admin"}),
    "in capitals": Token(claims={"aud": AUDIENCE.upper()}),
}

_TIME: dict[str, Attack] = {
    "issued in the future": Token(claims={"iat": NOW + 31}),
    "not before later": Token(claims={"nbf": NOW + 31}),
}

_MISSING: dict[str, Attack] = {
    name: Token(claims={name: None}) for name in ("iss", "aud", "sub", "exp", "iat", "tenant")
}
_MISSING["exp is null"] = Token(raw_claims=json.dumps(claims() | {"exp": None}))

_INVALID: dict[str, Attack] = {
    "a list of issuers": Token(claims={"iss": [ISSUER]}),
    "expiry as a string": Token(claims={"exp": "9999999999"}),
    "expiry as a list": Token(claims={"exp": []}),
    "expiry as true": Token(claims={"exp": True}),
    "expiry beyond all time": Token(claims={"exp": 10**300}),
    "expiry before 1970": Token(claims={"exp": -1}),
    "a lifetime over a day": Token(claims={"iat": NOW, "exp": NOW + 86_401}),
    "expires before it was issued": Token(claims={"iat": NOW + 20, "exp": NOW + 10}),
    "not before as a string": Token(claims={"nbf": "0"}),
    "an empty list of audiences": Token(claims={"aud": []}),
    "an audience among other things": Token(claims={"aud": [AUDIENCE, 1]}),
    "audience as an object": Token(claims={"aud": {AUDIENCE: 1}}),
    "subject empty": Token(claims={"sub": ""}),
    "subject as a number": Token(claims={"sub": 7}),
    "subject with a line break": Token(claims={"sub": "ann\nadmin"}),
    "subject of 257 characters": Token(claims={"sub": "a" * 257}),
    "tenant as a list": Token(claims={"tenant": ["acme"]}),
    "scopes as an object": Token(claims={"scope": {"chat": True}}),
    "scopes with a number": Token(claims={"scope": ["chat", 1]}),
    "token id as a number": Token(claims={"jti": 1}),
}

REFUSED: dict[Reason, dict[str, Attack]] = {
    Reason.TOKEN_MALFORMED: MALFORMED,
    Reason.TOKEN_SIGNATURE_INVALID: _SIGNATURE,
    Reason.TOKEN_ALGORITHM_REFUSED: _ALGORITHM,
    Reason.TOKEN_KEY_UNKNOWN: _KEY,
    Reason.TOKEN_TYPE_REFUSED: _TYPE,
    Reason.TOKEN_ISSUER_UNKNOWN: _ISSUER,
    Reason.TOKEN_AUDIENCE_REFUSED: _AUDIENCE,
    Reason.TOKEN_EXPIRED: {"by the leeway": Token(claims={"iat": NOW - 700, "exp": NOW - 30})},
    Reason.TOKEN_NOT_YET_VALID: _TIME,
    Reason.TOKEN_CLAIM_MISSING: _MISSING,
    Reason.TOKEN_CLAIM_INVALID: _INVALID,
}
"""Every attack, by the reason for which it is refused."""

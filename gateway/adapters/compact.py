"""The one reading of a compact token, before anybody trusts a word of it.

JWT libraries are lenient (padding, foreign characters, duplicate members,
several spellings of one signature), and a token with two readings is a hole.
So a token is taken apart here strictly, and only what came through is verified.
Pure; measured traps and their sources are in the tests.
"""

import base64
import re
from dataclasses import dataclass, field
from typing import NoReturn

from gateway.core import strictjson
from gateway.core.decision import Reason
from gateway.core.jsonvalue import Json
from gateway.ports import TokenRefused

MAX_TOKEN = 8_192
"""Longest token in characters; checked before any work. A header line holds no more (aiohttp's `max_field_size`)."""

MAX_DEPTH = 8
"""Deepest nesting of header and claims."""

MAX_KEY_ID = 128
"""Longest ``kid`` in characters."""

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_KEY_ID = re.compile(rf"[\x21-\x7e]{{1,{MAX_KEY_ID}}}")

_REFUSED_HEADERS = ("crit", "jku", "x5u", "x5c", "jwk", "zip", "b64", "enc", "epk", "p2c", "p2s")
"""Members that tell the reader how to read, where to fetch keys or which key to trust (RFC 8725 section 3.10)."""


@dataclass(frozen=True, slots=True)
class Compact:
    """A token that has exactly one reading. Nothing in it is verified yet.

    `algorithm`, `type` (lower case, without ``application/``, "" when absent)
    and `key_id` come from its header.
    """

    algorithm: str = field(repr=False)
    type: str = field(repr=False)
    key_id: str | None = field(repr=False)
    claims: dict[str, Json] = field(repr=False)


def parse(token: str) -> Compact:
    """Return the one reading of `token`, or raise `TokenRefused` (token-malformed)."""
    if len(token) > MAX_TOKEN:
        _malformed(f"the token is longer than {MAX_TOKEN} characters")
    if _COMPACT.fullmatch(token) is None:
        _malformed("the token is not three base64url parts with dots between them")
    raw_header, raw_claims, raw_signature = token.split(".")
    _canonical(raw_signature, "signature")
    header = _object(_canonical(raw_header, "header"), "header")
    claims = _object(_canonical(raw_claims, "claims"), "claims")
    for name in _REFUSED_HEADERS:
        if name in header:
            _malformed(f"the token's header has the member {name}, which is not accepted")
    algorithm, kind, key_id = header.get("alg"), header.get("typ", ""), header.get("kid")
    if not isinstance(algorithm, str):
        _malformed("the token's header names no algorithm")
    if not isinstance(kind, str):
        _malformed("the token's header has a typ that is not a string")
    if key_id is not None and not (isinstance(key_id, str) and _KEY_ID.fullmatch(key_id)):
        _malformed(f"the token's header has a kid that is not 1 to {MAX_KEY_ID} printable characters")
    return Compact(algorithm, media_type(kind), key_id, claims)


def decode_segment(text: str) -> bytes | None:
    """Decode base64url without padding; None unless `text` is the only spelling of what it encodes."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    return data if base64.urlsafe_b64encode(data).rstrip(b"=") == text.encode("ascii", "replace") else None


def media_type(kind: str) -> str:
    """Compare types as RFC 7515 section 4.1.9 has it: without case, ``application/`` left out."""
    return kind.lower().removeprefix("application/")


def _canonical(segment: str, part: str) -> bytes:
    data = decode_segment(segment)
    if data is None:
        _malformed(f"the token's {part} is not in canonical base64url")
    return data


def _object(data: bytes, part: str) -> dict[str, Json]:
    try:
        value = strictjson.parse(data)
    except strictjson.JsonRefused:
        _malformed(f"the token's {part} is not strict JSON")
    if not isinstance(value, dict):
        _malformed(f"the token's {part} is not a JSON object")
    _bound(value, MAX_DEPTH, part)
    return value


def _bound(value: Json, depth: int, part: str) -> None:
    if not isinstance(value, dict | list):
        return
    if depth == 0:
        _malformed(f"the token's {part} is nested more than {MAX_DEPTH} deep")
    for child in value.values() if isinstance(value, dict) else value:
        _bound(child, depth - 1, part)


def _malformed(detail: str) -> NoReturn:
    raise TokenRefused(Reason.TOKEN_MALFORMED, detail) from None

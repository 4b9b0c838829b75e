"""What one audit record is, as bytes: canonical facts, identifiers and the leaf that the chain holds.

The layout is described in this room's README. Everything here is pure and
reads only stored values, so that whoever has the file, and no key, can
recompute every hash.
"""

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, TypeAlias

from gateway.core.identifier import identifier

RECORD_VERSION: Final = 1
"""The layout of `encode`. It is the first field of every record, so that a later layout can live beside this one."""

BEGINNINGS: Final = ("admitted", "refusing")
ENDINGS: Final = ("closed", "refused")
"""Kinds of records that begin what another one ends, under the same exchange id; SQL reads them as they print."""

_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,95}")
_CANONICAL: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False)
_MAX_DEPTH: Final = 4
_ABSENT: Final = b"\xff\xff\xff\xff"

Fact: TypeAlias = "bool | int | float | str | list[Fact] | dict[str, Fact] | None"
"""A value of the facts: numbers, enums and identifiers, nested a little, never prose."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record before it has a place in the chain.

    `id` is random and unique in the log; `facts` is canonical JSON (`canonical_facts`);
    `sealed` is what `gateway.audit.seal` made of the payload, None when none was recorded.
    """

    id: str
    exchange: str
    kind: str
    time: str
    facts: bytes
    sealed: bytes | None = field(repr=False)
    version: int = RECORD_VERSION


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """One record as it lies in the store, every column as bytes: what `verify` and `leaf` read.

    `sealed_digest` is SHA-256 of the sealed payload. The chain covers the digest
    and not the payload itself, so that a payload can be deleted at the end of
    its retention while the chain still verifies.
    """

    sequence: int
    version: int
    id: bytes
    exchange: bytes
    kind: bytes
    time: bytes
    facts: bytes
    sealed_digest: bytes | None
    chain: bytes


def canonical_facts(facts: Mapping[str, object]) -> bytes:
    """Return `facts` as canonical JSON: sorted keys, no blanks, UTF-8, finite numbers.

    A string that is not a short identifier becomes ``_OTHER``: the readable part of
    a record has no room for prose. Raises ValueError for a key that is no name,
    a value of another type, a number that JSON lacks, or nesting deeper than 4.
    """
    return _CANONICAL.encode(_clean(facts, 0)).encode()


def _clean(value: object, depth: int) -> Fact:
    if isinstance(value, str):
        return identifier(value) if value else ""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return value
    if depth >= _MAX_DEPTH:
        raise ValueError(f"facts are nested deeper than {_MAX_DEPTH}")
    # dict and list first: the abstract types cost ten times as much to ask for.
    if isinstance(value, dict) or isinstance(value, Mapping):  # noqa: SIM101
        return {_key(name): _clean(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list | tuple) or (isinstance(value, Sequence) and not isinstance(value, bytes | bytearray)):
        return [_clean(inner, depth + 1) for inner in value]
    raise ValueError(f"facts hold a {type(value).__name__}; allowed are numbers, identifiers, lists and objects")


@lru_cache(maxsize=512)
def _key(name: object) -> str:
    """Return a name of ours. Cached: names come from code and from entity names, never from a caller."""
    if not isinstance(name, str) or not _KEY.fullmatch(name):
        raise ValueError("facts have a key that is no name; names match [A-Za-z][A-Za-z0-9._-]*, 96 characters at most")
    return str.__str__(name)


def encode(*fields: bytes | None) -> bytes:
    """Return the fields, each behind its length (4 bytes, big-endian); an absent one is ``ff ff ff ff``.

    Injective: two different lists of fields never give the same bytes, so a
    byte cannot move from one column to the next unnoticed.
    """
    parts: list[bytes] = []
    for value in fields:
        if value is None:
            parts.append(_ABSENT)
        else:
            parts += (len(value).to_bytes(4, "big"), value)
    return b"".join(parts)


def digest(sealed: bytes | None) -> bytes | None:
    """Return SHA-256 of a sealed payload, None for none."""
    return None if sealed is None else hashlib.sha256(sealed).digest()


def leaf(stored: StoredRecord) -> bytes:
    """Return ``SHA-256(0x00 || record)``: the hash of everything in a record but its place (RFC 9162, 2.1.1)."""
    record = encode(
        stored.version.to_bytes(8, "big", signed=True),
        stored.id,
        stored.exchange,
        stored.kind,
        stored.time,
        stored.facts,
        stored.sealed_digest,
    )
    return hashlib.sha256(b"\x00" + record).digest()


def placed(record: Record, sequence: int) -> StoredRecord:
    """Return `record` as it will be stored at `sequence`, its chain hash still empty."""
    return StoredRecord(
        sequence=sequence,
        version=record.version,
        id=record.id.encode(),
        exchange=record.exchange.encode(),
        kind=record.kind.encode(),
        time=record.time.encode(),
        facts=record.facts,
        sealed_digest=digest(record.sealed),
        chain=b"",
    )

"""The hash chain: each record's hash holds its place, its content and everything before it.

``h_i = SHA-256(0x02 || h_{i-1} || i || leaf_i)``, with `i` as eight bytes, from
1 without a gap, and ``h_0`` a constant. The prefix bytes keep leaves (0x00),
nodes of a later Merkle tree (0x01) and links (0x02) apart.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

GENESIS: Final = hashlib.sha256(b"sluice/audit/v1").digest()
"""``h_0``: what the first record is linked to."""

FIRST_SEQUENCE: Final = 1

_HEAD: Final = re.compile(r"([0-9]{1,18}):([0-9a-fA-F]{64})")


@dataclass(frozen=True, slots=True)
class Head:
    """Where a log ends: the sequence of its last record (0 when it has none) and the chain's hash there.

    Kept outside the log (printed, mailed, filed), a head proves later that
    nothing up to it was cut off or rewritten.
    """

    sequence: int
    chain: bytes

    def __str__(self) -> str:
        return f"{self.sequence}:{self.chain.hex()}"


EMPTY: Final = Head(0, GENESIS)
"""The head of a log without records."""


def link(previous: bytes, sequence: int, leaf: bytes) -> bytes:
    """Return the chain's hash at `sequence`, given the hash before it and the record's leaf."""
    return hashlib.sha256(b"\x02" + previous + sequence.to_bytes(8, "big", signed=True) + leaf).digest()


def parse_head(text: str) -> Head:
    """Return the head that `text` (``SEQUENCE:HASH``, 64 hexadecimal digits) names; raise ValueError otherwise."""
    match = _HEAD.fullmatch(text.strip())
    if match is None:
        raise ValueError("a head is SEQUENCE:HASH with 64 hexadecimal digits, as `audit verify` prints it")
    return Head(int(match[1]), bytes.fromhex(match[2]))

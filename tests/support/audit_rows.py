"""Small chained logs as values, for tests of verification."""

from collections.abc import Sequence
from dataclasses import replace

from gateway.audit.chain import EMPTY, Head, link
from gateway.audit.record import Record, digest, leaf, placed
from gateway.audit.verify import Row


def log_of(records: Sequence[Record]) -> list[Row]:
    """Return `records` as a whole, untouched log."""
    rows: list[Row] = []
    head = EMPTY
    for record in records:
        place = placed(record, head.sequence + 1)
        head = Head(place.sequence, link(head.chain, place.sequence, leaf(place)))
        rows.append(Row(replace(place, chain=head.chain), record.sealed))
    return rows


def small_log(size: int = 12) -> list[Row]:
    """Return a log of `size` records: exchanges that are admitted and closed in turn, most with a payload."""
    return log_of(
        [
            Record(
                id=f"{number:032x}",
                exchange=f"ex-{number // 2}",
                kind="closed" if number % 2 else "admitted",
                time=f"2026-11-24T20:00:{number:02d}Z",
                facts=b'{"tenant":"acme"}',
                sealed=None if number % 3 == 0 else bytes([number]) * 20,
            )
            for number in range(size)
        ]
    )


def forged(row: Row, sequence: int) -> Row:
    """Return a record that nobody wrote, at `sequence`, with a made-up chain hash."""
    record = replace(row.record, sequence=sequence, id=b"f" * 32, exchange=b"ex-forged", chain=b"\x01" * 32)
    return Row(replace(record, sealed_digest=digest(row.sealed)), row.sealed)


def renumbered(rows: Sequence[Row], first: int = 1) -> list[Row]:
    """Return `rows` with sequences that count from `first`, their chain hashes as they were."""
    return [Row(replace(row.record, sequence=first + place), row.sealed) for place, row in enumerate(rows)]

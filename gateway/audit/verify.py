"""Verification: recompute every hash from what is stored and name the first record that does not fit.

Needs no key. The chain alone says *that* something is wrong; `_diagnose` looks
at a few neighbours to say *what*: a record that fits elsewhere was moved, one
that fits nowhere while its neighbours fit was edited or inserted, and so on.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Final

from gateway.audit.chain import EMPTY, FIRST_SEQUENCE, GENESIS, Head, link
from gateway.audit.record import BEGINNINGS, ENDINGS, StoredRecord, leaf
from gateway.core.identifier import identifier

_WINDOW: Final = 8
"""How many neighbours on each side the diagnosis looks at."""

_OPEN_NAMED: Final = 10
_BEGINNINGS: Final = frozenset(map(str.encode, BEGINNINGS))
_ENDINGS: Final = frozenset(map(str.encode, ENDINGS))


class Fault(StrEnum):
    """What is wrong with the first bad record."""

    EDITED = "edited"
    MISSING = "missing"
    REORDERED = "reordered"
    INSERTED = "inserted"
    TRUNCATED = "truncated"
    REWRITTEN = "rewritten"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Problem:
    """The first bad record. `exchange` is "" when the record itself is gone."""

    sequence: int
    exchange: str
    fault: Fault
    detail: str

    def __str__(self) -> str:
        who = f" (exchange {self.exchange})" if self.exchange else ""
        return f"record {self.sequence}{who}: {self.fault}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Report:
    """What verification found. `records` and `head` cover the good records before any problem.

    `open` counts exchanges that were admitted and have no closing record: they
    are running, or their closing record was lost with their process. That is
    no fault of the log. So it is with refusals that are being counted.
    """

    records: int
    head: Head
    problem: Problem | None
    open: int
    open_exchanges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A stored record and its sealed payload as it lies there now (None when there is none)."""

    record: StoredRecord
    sealed: bytes | None = field(repr=False)


def verify(rows: Iterator[Row], expected: Head | None = None, progress: Callable[[int], None] | None = None) -> Report:
    """Walk `rows` (by rising sequence, the whole log) and report the first problem, if any.

    `expected` is a head that was exported earlier: the log must still contain
    it. `progress` is called with the number of good records so far.
    """
    walk = _Walk(expected)
    for row in rows:
        problem = walk.step(row, rows)
        if problem is not None:
            return walk.report(problem)
        if progress is not None:
            progress(walk.records)
    return walk.report(walk.end())


class _Walk:
    """The state of one pass: the head so far, a few verified rows, the exchanges still open."""

    def __init__(self, expected: Head | None) -> None:
        self.records = 0
        self._head = EMPTY
        self._expected = expected
        self._before: deque[StoredRecord] = deque(maxlen=_WINDOW)
        self._open: dict[bytes, None] = {}

    def step(self, row: Row, rest: Iterator[Row]) -> Problem | None:
        """Verify one row; `rest` is read only to diagnose a bad one."""
        record = row.record
        sequence = self._head.sequence + 1
        chain = link(self._head.chain, record.sequence, leaf(record))
        if record.sequence != sequence or chain != record.chain:
            after = [following.record for following in islice(rest, _WINDOW)]
            return _diagnose(tuple(self._before), self._head.chain, record, after)
        problem = _payload_problem(row)
        if problem is not None:
            return problem
        if self._expected is not None and sequence == self._expected.sequence and chain != self._expected.chain:
            detail = (
                "the chain is whole but differs from the exported head: this record or an earlier one was rewritten"
            )
            return _problem(record, Fault.REWRITTEN, detail)
        self._head = Head(sequence, chain)
        self.records += 1
        self._before.append(record)
        if record.kind in _BEGINNINGS:
            self._open[record.exchange] = None
        elif record.kind in _ENDINGS:
            self._open.pop(record.exchange, None)
        return None

    def end(self) -> Problem | None:
        """Say whether the log ends where, or after, it should."""
        expected = self._expected
        if expected is None or expected.sequence <= self._head.sequence:
            if expected is not None and expected.sequence == 0 and expected.chain != GENESIS:
                return Problem(0, "", Fault.REWRITTEN, "the exported head is not one of this kind of log")
            return None
        detail = f"the log ends at {self._head.sequence}, the exported head is at {expected.sequence}"
        return Problem(self._head.sequence + 1, "", Fault.TRUNCATED, detail)

    def report(self, problem: Problem | None) -> Report:
        named = tuple(_text(exchange) for exchange in islice(self._open, _OPEN_NAMED))
        return Report(self.records, self._head, problem, len(self._open), named)


def _payload_problem(row: Row) -> Problem | None:
    recorded = row.record.sealed_digest
    if row.sealed is None:
        missing = "its sealed payload is gone"
        return None if recorded is None else _problem(row.record, Fault.MISSING, missing)
    if recorded is None:
        return _problem(row.record, Fault.INSERTED, "it was recorded without a payload and has one now")
    if hashlib.sha256(row.sealed).digest() != recorded:
        return _problem(row.record, Fault.EDITED, "its sealed payload changed")
    return None


def _diagnose(
    before: tuple[StoredRecord, ...], previous: bytes, bad: StoredRecord, after: list[StoredRecord]
) -> Problem:
    """Say what happened at `bad`, the first record that does not follow from `previous`."""
    expected = before[-1].sequence + 1 if before else FIRST_SEQUENCE
    owner = _owner(previous, expected, bad, after)
    if bad.sequence != expected:
        return _diagnose_gap(expected, bad, owner, after)
    home = _home(before, bad, after)
    if home is not None and home < expected:
        intruder = next((record for record in before if record.sequence == home), bad)
        return _problem(intruder, Fault.INSERTED, "the records after it were written without it")
    if owner is not None:
        if home is None and owner.chain != bad.chain and _fits(previous, expected, owner):
            return _problem(bad, Fault.INSERTED, f"record {owner.sequence} belongs in its place")
        return _problem(bad, Fault.REORDERED, f"record {owner.sequence} belongs in its place")
    if home is not None and home > expected:
        return _missing(expected, home - expected, bad)
    return _diagnose_content(expected, previous, bad, after)


def _diagnose_gap(expected: int, bad: StoredRecord, owner: StoredRecord | None, after: list[StoredRecord]) -> Problem:
    if owner is not None:
        detail = f"belongs at {expected} and stands at {owner.sequence}"
        return Problem(expected, _text(owner.exchange), Fault.REORDERED, detail)
    if bad.sequence < expected:
        content = leaf(bad)
        for record in after:
            if link(record.chain, record.sequence + 1, content) == bad.chain:
                return _problem(bad, Fault.REORDERED, f"belongs at {record.sequence + 1}")
        return _problem(bad, Fault.INSERTED, f"the log starts at {FIRST_SEQUENCE}")
    return Problem(expected, "", Fault.MISSING, f"the next record is {bad.sequence} (exchange {_text(bad.exchange)})")


def _diagnose_content(expected: int, previous: bytes, bad: StoredRecord, after: list[StoredRecord]) -> Problem:
    """Say what happened when `bad` fits nowhere and nothing else fits in its place: ask the next record."""
    if after:
        following = after[0]
        if link(link(previous, expected, leaf(bad)), following.sequence, leaf(following)) == following.chain:
            return _problem(bad, Fault.EDITED, "its chain hash changed")
        for shift in range(1, _WINDOW + 1):
            if link(bad.chain, following.sequence + shift, leaf(following)) == following.chain:
                return _missing(expected, shift, bad)
    return _problem(bad, Fault.EDITED, "its content does not match its chain hash")


def _owner(previous: bytes, sequence: int, bad: StoredRecord, after: list[StoredRecord]) -> StoredRecord | None:
    """Return the record that was written at `sequence` after `previous`, if it stands further on."""
    for record in (bad, *after):
        chain = link(previous, sequence, leaf(record))
        if chain in (record.chain, bad.chain) and record.sequence != sequence:
            return record
    return None


def _fits(previous: bytes, sequence: int, record: StoredRecord) -> bool:
    return link(previous, sequence, leaf(record)) == record.chain


def _home(before: tuple[StoredRecord, ...], bad: StoredRecord, after: list[StoredRecord]) -> int | None:
    """Return the sequence nearby that `bad` was written at, judging by its own chain hash."""
    content = leaf(bad)
    chains = [GENESIS, *(record.chain for record in (*before, *after))]
    for sequence in range(bad.sequence - _WINDOW, bad.sequence + _WINDOW + 1):
        if any(link(chain, sequence, content) == bad.chain for chain in chains):
            return sequence
    return None


def _missing(sequence: int, count: int, next_record: StoredRecord) -> Problem:
    detail = f"{count} deleted here and the rest renumbered; exchange {_text(next_record.exchange)} follows"
    return Problem(sequence, "", Fault.MISSING, detail)


def _problem(record: StoredRecord, fault: Fault, detail: str) -> Problem:
    return Problem(record.sequence, _text(record.exchange), fault, detail)


def _text(stored: bytes) -> str:
    """Return a stored identifier for display; what is none any more (it may have been edited) is not shown."""
    return identifier(stored.decode("utf-8", "replace"))

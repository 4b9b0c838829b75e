"""Verification says what happened to a log, and where first."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from gateway.audit.chain import EMPTY, GENESIS, Head, link, parse_head
from gateway.audit.record import StoredRecord, leaf
from gateway.audit.verify import Fault, Problem, Report, Row, verify
from tests.support.audit_rows import forged, renumbered, small_log


def edited(rows: Sequence[Row], sequence: int, **columns: object) -> list[Row]:
    def change(record: StoredRecord) -> StoredRecord:
        return replace(record, **columns)  # type: ignore[arg-type]

    return [Row(change(row.record), row.sealed) if row.record.sequence == sequence else row for row in rows]


def rechained(rows: Sequence[Row]) -> list[Row]:
    """What an attacker without the old head does: recompute everything."""
    result: list[Row] = []
    head = EMPTY
    for row in rows:
        record = replace(row.record, sequence=head.sequence + 1)
        head = Head(record.sequence, link(head.chain, record.sequence, leaf(record)))
        result.append(Row(replace(record, chain=head.chain), row.sealed))
    return result


def swapped(rows: list[Row], one: int, other: int, *, chains_too: bool) -> list[Row]:
    """Exchange two records' places; their chain hashes move along or stay."""
    rows = list(rows)
    a, b = rows[one - 1], rows[other - 1]
    a_chain, b_chain = (a.record.chain, b.record.chain) if chains_too else (b.record.chain, a.record.chain)
    rows[one - 1] = Row(replace(b.record, sequence=one, chain=b_chain), b.sealed)
    rows[other - 1] = Row(replace(a.record, sequence=other, chain=a_chain), a.sealed)
    return rows


def test_an_untouched_log_is_whole() -> None:
    """Every record is good, and the head is the last record's."""
    rows = small_log()
    report = verify(iter(rows))
    assert report == Report(12, Head(12, rows[-1].record.chain), None, 0, ())


def test_an_empty_log_is_whole() -> None:
    """A log without records ends at its genesis."""
    assert verify(iter([])) == Report(0, Head(0, GENESIS), None, 0, ())


def test_the_chain_is_the_documented_formula() -> None:
    """h_i = SHA-256(0x02 || h_{i-1} || i || leaf_i), checked by hand for the first two records."""
    first, second = (row.record for row in small_log(2))
    one = hashlib.sha256(b"\x02" + hashlib.sha256(b"sluice/audit/v1").digest() + (1).to_bytes(8) + leaf(first)).digest()
    two = hashlib.sha256(b"\x02" + one + (2).to_bytes(8) + leaf(second)).digest()
    assert (first.chain, second.chain) == (one, two)


Tamper = Callable[[list[Row]], list[Row]]

TAMPERED: dict[str, tuple[Tamper, int, str, Fault]] = {
    "facts edited": (lambda rows: edited(rows, 5, facts=b'{"tenant":"acmf"}'), 5, "ex-2", Fault.EDITED),
    "the last record edited": (lambda rows: edited(rows, 12, time=b"2026"), 12, "ex-5", Fault.EDITED),
    "chain hash edited": (lambda rows: edited(rows, 5, chain=b"\x00" * 32), 5, "ex-2", Fault.EDITED),
    "digest removed": (lambda rows: edited(rows, 5, sealed_digest=None), 5, "ex-2", Fault.EDITED),
    "payload edited": (lambda rows: [*rows[:4], Row(rows[4].record, b"x"), *rows[5:]], 5, "ex-2", Fault.EDITED),
    "payload gone": (lambda rows: [*rows[:4], Row(rows[4].record, None), *rows[5:]], 5, "ex-2", Fault.MISSING),
    "payload added": (lambda rows: [Row(rows[0].record, b"x"), *rows[1:]], 1, "ex-0", Fault.INSERTED),
    "deleted": (lambda rows: [*rows[:4], *rows[5:]], 5, "", Fault.MISSING),
    "the first deleted": (lambda rows: rows[1:], 1, "", Fault.MISSING),
    "several deleted": (lambda rows: [*rows[:4], *rows[7:]], 5, "", Fault.MISSING),
    "deleted and renumbered": (lambda rows: renumbered([*rows[:4], *rows[5:]]), 5, "", Fault.MISSING),
    "three deleted and renumbered": (lambda rows: renumbered([*rows[:4], *rows[7:]]), 5, "", Fault.MISSING),
    "the first deleted and renumbered": (lambda rows: renumbered(rows[1:]), 1, "", Fault.MISSING),
    "neighbours swapped": (lambda rows: swapped(rows, 5, 6, chains_too=True), 5, "ex-2", Fault.REORDERED),
    "neighbours' contents swapped": (lambda rows: swapped(rows, 5, 6, chains_too=False), 5, "ex-2", Fault.REORDERED),
    "far ones swapped": (lambda rows: swapped(rows, 3, 9, chains_too=True), 3, "ex-4", Fault.REORDERED),
    "renumbered upwards": (
        lambda rows: [*rows[:4], *rows[5:], Row(replace(rows[4].record, sequence=99), rows[4].sealed)],
        5,
        "ex-2",
        Fault.REORDERED,
    ),
    "renumbered to below the first": (
        lambda rows: [Row(replace(rows[4].record, sequence=-3), rows[4].sealed), *rows[:4], *rows[5:]],
        -3,
        "ex-2",
        Fault.REORDERED,
    ),
    "inserted": (
        lambda rows: renumbered([*rows[:4], forged(rows[1], 5), *rows[4:]]),
        5,
        "ex-forged",
        Fault.INSERTED,
    ),
    "inserted with a matching hash": (
        lambda rows: [*rechained([*rows[:4], forged(rows[1], 5)]), *renumbered(rows[4:], 6)],
        5,
        "ex-forged",
        Fault.INSERTED,
    ),
    "inserted before the first": (lambda rows: [forged(rows[1], 0), *rows], 0, "ex-forged", Fault.INSERTED),
}


@pytest.mark.parametrize(("tamper", "sequence", "exchange", "fault"), TAMPERED.values(), ids=TAMPERED)
def test_tampering_is_found_and_named(tamper: Tamper, sequence: int, exchange: str, fault: Fault) -> None:
    """The first bad record, the exchange where it is known, and what happened to it."""
    problem = verify(iter(tamper(small_log()))).problem
    assert problem is not None
    assert (problem.sequence, problem.exchange, problem.fault) == (sequence, exchange, fault)
    assert str(sequence) in str(problem)
    assert fault.value in str(problem)


def test_a_cut_tail_needs_an_exported_head() -> None:
    """The chain alone cannot know that it once was longer; a head that was kept elsewhere does."""
    rows = small_log()
    head = verify(iter(rows)).head
    assert verify(iter(rows[:8])).problem is None
    problem = verify(iter(rows[:8]), head).problem
    assert problem is not None
    assert (problem.sequence, problem.fault) == (9, Fault.TRUNCATED)


def test_a_rewritten_log_needs_an_exported_head() -> None:
    """Whoever recomputes the whole chain leaves it consistent, but not with the head of before."""
    rows = small_log()
    head = Head(8, rows[7].record.chain)
    forgery = rechained(edited(rows, 3, time=b"2025"))
    assert verify(iter(forgery)).problem is None
    problem = verify(iter(forgery), head).problem
    assert problem is not None
    assert (problem.sequence, problem.fault) == (8, Fault.REWRITTEN)


def test_a_log_may_have_grown_since_the_head() -> None:
    """An older head is contained in a longer log; so is the empty log's."""
    rows = small_log()
    assert verify(iter(rows), Head(8, rows[7].record.chain)).problem is None
    assert verify(iter(rows), EMPTY).problem is None
    assert verify(iter(rows), Head(0, b"\x00" * 32)).problem is not None


def test_open_exchanges_are_counted_and_no_fault() -> None:
    """Admitted without a closing record: running, or lost with its process."""
    report = verify(iter(small_log(11)))
    assert report.problem is None
    assert (report.open, report.open_exchanges) == (1, ("ex-5",))


def test_progress_tells_each_good_record() -> None:
    """The callback sees the count rise."""
    seen: list[int] = []
    verify(iter(small_log(5)), progress=seen.append)
    assert seen == [1, 2, 3, 4, 5]


def test_an_edited_exchange_is_not_echoed() -> None:
    """A column that holds prose by now is not printed: it may be somebody's text or an escape sequence."""
    problem = verify(iter(edited(small_log(), 5, exchange=b"\x1b[31mMaria Canary"))).problem
    assert problem is not None
    assert "Maria" not in str(problem)


@pytest.mark.parametrize("text", ["", "5", "5:abc", ":" + "0" * 64, "-1:" + "0" * 64, "5:" + "g" * 64])
def test_malformed_heads_are_refused(text: str) -> None:
    """A head is SEQUENCE:HASH."""
    with pytest.raises(ValueError, match="SEQUENCE:HASH"):
        parse_head(text)


def test_a_printed_head_reads_back() -> None:
    """What `verify` prints is what `--head` takes."""
    head = Head(7, bytes(range(32)))
    assert parse_head(f" {head}\n") == head


def test_a_problem_reads_as_a_sentence() -> None:
    """Record, exchange, what happened, and how it shows."""
    problem = Problem(5, "ex-2", Fault.EDITED, "its sealed payload changed")
    assert str(problem) == "record 5 (exchange ex-2): edited: its sealed payload changed"

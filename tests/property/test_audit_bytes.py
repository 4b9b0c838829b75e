"""One changed byte anywhere in a stored column is found, and its record named."""

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.adapters.audit_sqlite import SqliteAuditLog
from gateway.audit.verify import verify
from gateway.audit_commands import check, summaries
from gateway.errors import DependencyError
from gateway.ports import AuditEntry
from tests.support.audit_rows import small_log

COLUMNS = {"records": ("id", "exchange", "kind", "time", "facts", "sealed_digest", "chain"), "payloads": ("sealed",)}


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of three records in one file, WAL folded in."""
    path = tmp_path_factory.mktemp("audit") / "audit.db"

    async def write() -> None:
        log = SqliteAuditLog(path, X25519PrivateKey.generate().public_key())
        for number in range(3):
            facts = {"tenant": "acme", "subject": "s_00", "decision": "redact"}
            payload = b"x" * number if number else None
            await log.append(AuditEntry("admitted", f"ex-{number}", "2026-11-24T20:00:00Z", facts, payload))
        await log.close()

    asyncio.run(write())
    assert check(path).records == 3
    return path


def changes(connection: sqlite3.Connection) -> Iterator[tuple[int, str, str, bytes | int]]:
    """Every stored value with one byte changed: (sequence, table, column, new value)."""
    for table, columns in COLUMNS.items():
        for column in columns:
            query = f"SELECT sequence, CAST({column} AS BLOB) FROM {table} WHERE {column} IS NOT NULL"
            for sequence, value in connection.execute(query).fetchall():
                for place in range(len(value)):
                    changed = bytearray(value)
                    changed[place] ^= 1 << (place % 8)
                    yield sequence, table, column, bytes(changed)
    for place in range(63):
        yield 3, "records", "version", 1 ^ 1 << place
        yield 3, "records", "sequence", 3 ^ 1 << place
        yield 3, "payloads", "sequence", 3 ^ 1 << place


def test_every_byte_of_every_column_counts(log: Path, tmp_path: Path) -> None:
    """Exhaustive over a small log: change, verify, undo."""
    path = tmp_path / "audit.db"
    shutil.copy(log, path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.text_factory = bytes
    connection.execute("PRAGMA synchronous = OFF")
    tried = 0
    for sequence, table, column, value in list(changes(connection)):
        connection.execute("BEGIN")
        cast = "CAST(? AS TEXT)" if isinstance(value, bytes) and column in COLUMNS["records"][:5] else "?"
        undo = f"SELECT {column} FROM {table} WHERE sequence = ?"
        (before,) = connection.execute(undo, (sequence,)).fetchone()
        try:
            connection.execute(f"UPDATE {table} SET {column} = {cast} WHERE sequence = ?", (value, sequence))
        except sqlite3.IntegrityError:  # that sequence is taken
            connection.execute("ROLLBACK")
            continue
        connection.execute("COMMIT")
        problem = check(path).problem
        assert problem is not None, (sequence, table, column, value)
        # A renumbered payload is missing in one place and extra in the other: the first of them is named.
        named = (sequence, value) if column == "sequence" else (sequence,)
        assert problem.sequence in named, (problem, table, column, value)
        where = value if column == "sequence" else sequence
        back = "CAST(? AS TEXT)" if cast != "?" else "?"
        connection.execute(f"UPDATE {table} SET {column} = {back} WHERE sequence = ?", (before, where))
        tried += 1
    assert check(path).problem is None
    connection.close()
    assert tried > 1000


@settings(max_examples=150, deadline=None)
@example(place=0.234375, flip=128)  # garbage in the schema's text gets into SQLite's message
@example(place=0.46675404306019513, flip=1)  # an index that leaves a record out hides it from listings
@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_any_byte_of_the_file_may_rot(
    log: Path, place: float, flip: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Also where SQLite keeps its own structures: a fault, an error of ours, or no record touched. Never a crash."""
    path = tmp_path_factory.mktemp("rot") / "audit.db"
    content = bytearray(log.read_bytes())
    content[int(place * len(content))] ^= flip
    path.write_bytes(content)
    before = {(row.exchange, row.tenant, row.decision) for row in summaries(log)}
    try:
        report = check(path)
        listed = {(row.exchange, row.tenant, row.decision) for row in summaries(path)}
    except DependencyError:
        return
    assert report.problem is not None or (report.records == 3 and listed == before)


@given(st.data())
def test_what_verifies_is_what_was_written(data: st.DataObject) -> None:
    """Any selection and order of a log's own rows that verifies is a beginning of the log."""
    rows = small_log(6)
    chosen = data.draw(st.lists(st.sampled_from(rows), max_size=6))
    ordered = sorted(chosen, key=lambda row: row.record.sequence)
    if verify(iter(ordered)).problem is None:
        assert ordered == rows[: len(ordered)]

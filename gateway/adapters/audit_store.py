"""Writing an audit log's file: one SQLite database in WAL mode, appended to by several processes.

Synchronous; `audit_sqlite` runs it on a thread of its own. Appending reads the
chain's head inside the same immediate transaction that writes, so processes
sharing a file never use a sequence twice.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeAlias

from gateway.adapters.audit_file import (
    APPLICATION_ID,
    FAILURES,
    FORMAT,
    SCHEMA,
    cause,
    connect,
    refuse_foreign,
    unavailable,
)
from gateway.audit.chain import EMPTY, Head, link
from gateway.audit.record import Record, StoredRecord, leaf, placed
from gateway.ports import Receipt

_ROWS_AT_ONCE: Final = (64, 8, 1)

_Values: TypeAlias = "tuple[int | str | bytes | None, ...]"


class AuditStore:
    """Appends to a log file; creates it (mode 0600) when it is not there.

    Use one object on one thread. Raises `DependencyError` when the file cannot
    be opened, is no log, or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = EMPTY
        try:
            with ExitStack() as opened:
                _create(path)
                self._inode = path.stat().st_ino
                self._turn = os.open(path.with_name(path.name + "-turn"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                opened.callback(os.close, self._turn)
                self._connection = opened.enter_context(closing(connect(path, "rw")))
                with self._our_turn():
                    self._prepare()
                self._opened = opened.pop_all()
        except (OSError, *FAILURES) as error:
            raise unavailable(f"the audit log {path} cannot be opened: {cause(error)}") from None

    def close(self) -> None:
        self._opened.close()

    def append(self, records: Sequence[Record]) -> list[Receipt]:
        """Write `records` in one transaction and return once they are on disk; all of them, or none.

        Raises `DependencyError` when they cannot be written, when the file was
        replaced, or when it has lost records that this object has seen.
        """
        try:
            if self._path.stat().st_ino != self._inode:
                raise unavailable(f"the audit log {self._path} was moved or replaced while the gateway runs")
            with self._our_turn():
                return self._append(records)
        except (OSError, *FAILURES) as error:
            raise unavailable(f"the audit log {self._path} cannot be written: {cause(error)}") from None

    @contextmanager
    def _our_turn(self) -> Iterator[None]:
        """Queue with the other processes for the transaction, and leave none open behind.

        SQLite alone would keep the file safe, but it waits by sleeping longer and
        longer: under load one process overtakes another for half a second and
        more. The kernel's lock wakes the next in line at once, and ends with its holder.
        """
        fcntl.flock(self._turn, fcntl.LOCK_EX)
        try:
            yield
        finally:
            if self._connection.in_transaction:
                self._connection.rollback()
            fcntl.flock(self._turn, fcntl.LOCK_UN)

    def _append(self, records: Sequence[Record]) -> list[Receipt]:
        self._connection.execute("BEGIN IMMEDIATE")
        head = self._head()
        if head.sequence < self._seen.sequence:
            raise unavailable(f"the audit log {self._path} lost records: it ends at {head.sequence}, not {self._seen}")
        stored: list[StoredRecord] = []
        for record in records:
            place = placed(record, head.sequence + 1)
            head = Head(place.sequence, link(head.chain, place.sequence, leaf(place)))
            stored.append(replace(place, chain=head.chain))
        self._insert(stored, records)
        self._connection.execute("COMMIT")
        self._seen = head
        return [Receipt(place.sequence, place.chain.hex()) for place in stored]

    def _insert(self, stored: Sequence[StoredRecord], records: Sequence[Record]) -> None:
        rows: list[_Values] = [
            (s.sequence, s.version, r.id, r.exchange, r.kind, r.time, r.facts.decode(), s.sealed_digest, s.chain)
            for s, r in zip(stored, records, strict=True)
        ]
        payloads: list[_Values] = [
            (s.sequence, r.sealed) for s, r in zip(stored, records, strict=True) if r.sealed is not None
        ]
        _insert_rows(self._connection, "records", rows)
        _insert_rows(self._connection, "payloads", payloads)

    def _head(self) -> Head:
        query = "SELECT sequence, chain FROM records ORDER BY sequence DESC LIMIT 1"
        row = self._connection.execute(query).fetchone()
        return EMPTY if row is None else Head(row[0], row[1])

    def _prepare(self) -> None:
        connection = self._connection
        refuse_foreign(connection, self._path)
        connection.execute("PRAGMA journal_mode = WAL")
        # FULL syncs the WAL at every commit: a record survives a power cut once its append returned.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")  # macOS: a plain fsync stops at the drive's cache
        connection.execute("BEGIN IMMEDIATE")
        for statement in SCHEMA.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {FORMAT}")
        connection.execute("COMMIT")
        directory = os.open(self._path.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(directory)  # the new file's name must survive a power cut too
        finally:
            os.close(directory)


def _create(path: Path) -> None:
    """Create the file readable by its owner alone, unless it is there.

    An existing one is not opened: closing any descriptor of a database file
    drops every lock that this process holds on it (POSIX, fcntl).
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _insert_rows(connection: sqlite3.Connection, table: str, rows: Sequence[_Values]) -> None:
    """Insert `rows` with as few statements as possible.

    Each statement gives the interpreter lock away and must win it back from a
    busy event loop, which costs up to a switch interval (5 ms). So many rows go
    into one statement; three sizes, so that SQLite's statement cache knows them all.
    """
    start = 0
    for size in _ROWS_AT_ONCE:
        while len(rows) - start >= size:
            chunk = rows[start : start + size]
            row = f"({', '.join('?' * len(chunk[0]))})"
            statement = f"INSERT INTO {table} VALUES {', '.join([row] * size)}"  # noqa: S608
            connection.execute(statement, [value for values in chunk for value in values])
            start += size

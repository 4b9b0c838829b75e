"""The audit log's file: one SQLite database in WAL mode, appended to by several processes, readable by anyone.

Synchronous; `audit_sqlite` runs it on a thread of its own. Appending reads the
chain's head inside the same immediate transaction that writes, so processes
sharing a file never use a sequence twice. Reading is chunked, so that a long
verification keeps no snapshot open and the WAL stays short.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import quote

from gateway.audit.chain import EMPTY, Head, link
from gateway.audit.record import Record, StoredRecord, leaf, placed
from gateway.audit.verify import Row
from gateway.core.decision import Reason
from gateway.errors import DependencyError
from gateway.ports import Receipt

_APPLICATION_ID: Final = 0x534C4344  # "SLCD", in the database header, so that `file` and we recognise a log
_FORMAT: Final = 1
_BUSY_SECONDS: Final = 5.0
_CHUNK: Final = 500

_ROWS_AT_ONCE: Final = (64, 8, 1)

_Values: TypeAlias = "tuple[int | str | bytes | None, ...]"

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS records (
    sequence INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    id TEXT NOT NULL,
    exchange TEXT NOT NULL,
    kind TEXT NOT NULL,
    time TEXT NOT NULL,
    facts TEXT NOT NULL,
    sealed_digest BLOB,
    chain BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS records_by_exchange ON records (exchange);
CREATE TABLE IF NOT EXISTS payloads (sequence INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
"""

_COLUMNS: Final = "r.sequence, r.version, r.id, r.exchange, r.kind, r.time, r.facts, r.sealed_digest, r.chain"


def unavailable(detail: str) -> DependencyError:
    """Return the error that every failure of the log becomes."""
    return DependencyError(Reason.AUDIT_UNAVAILABLE, detail)


class AuditStore:
    """Appends to a log file; creates it (mode 0600) when it is not there.

    Use one object on one thread. Raises `DependencyError` when the file cannot
    be opened, is no log, or cannot be written.
    """

    def __init__(self, path: Path, *, busy_seconds: float = _BUSY_SECONDS) -> None:
        self._path = path
        self._seen = EMPTY
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            self._inode = path.stat().st_ino
            self._connection = _connect(path, "rw", busy_seconds)
        except (OSError, sqlite3.Error) as error:
            raise unavailable(f"the audit log {path} cannot be opened: {_cause(error)}") from None
        try:
            self._prepare()
        except sqlite3.Error as error:
            self._connection.close()
            raise unavailable(f"the audit log {path} cannot be opened: {_cause(error)}") from None
        except DependencyError:
            self._connection.close()
            raise

    def close(self) -> None:
        self._connection.close()

    def append(self, records: Sequence[Record]) -> list[Receipt]:
        """Write `records` in one transaction and return once they are on disk; all of them, or none.

        Raises `DependencyError` when they cannot be written, when the file was
        replaced, or when it has lost records that this object has seen.
        """
        try:
            if self._path.stat().st_ino != self._inode:
                raise unavailable(f"the audit log {self._path} was moved or replaced while the gateway runs")
            return self._append(records)
        except (OSError, sqlite3.Error) as error:
            raise unavailable(f"the audit log {self._path} cannot be written: {_cause(error)}") from None
        finally:
            if self._connection.in_transaction:
                self._connection.rollback()

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
        _refuse_foreign(connection, self._path)
        connection.execute("PRAGMA journal_mode = WAL")
        # FULL syncs the WAL at every commit: a record survives a power cut once its append returned.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        for statement in _SCHEMA.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {_FORMAT}")
        connection.execute("COMMIT")
        directory = os.open(self._path.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(directory)  # the new file's name must survive a power cut too
        finally:
            os.close(directory)


class AuditReader:
    """Reads a log file without changing it, also while a gateway appends. Use as a context manager.

    Raises `DependencyError` when the file is not there, is no log, or breaks while it is read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.is_file():
            raise unavailable(f"there is no audit log at {path}")
        try:
            self._connection = _connect(path, "ro", _BUSY_SECONDS)
            # Columns come as bytes: an edited one may be no UTF-8 any more, and must still be named.
            self._connection.text_factory = bytes
            _refuse_foreign(self._connection, path, empty_is_foreign=True)
        except sqlite3.Error as error:
            raise self._broken(error) from None

    def __enter__(self) -> "AuditReader":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def count(self) -> int:
        """Return how many records the log holds."""
        try:
            return int(self._connection.execute("SELECT count(*) FROM records").fetchone()[0])
        except sqlite3.Error as error:
            raise self._broken(error) from None

    def rows(self) -> Iterator[Row]:
        """Yield every record with its payload, by rising sequence."""
        query = (
            f"SELECT {_COLUMNS}, p.sealed FROM records r LEFT JOIN payloads p ON p.sequence = r.sequence"  # noqa: S608
            " WHERE r.sequence > ? ORDER BY r.sequence LIMIT ?"
        )
        yield from self._chunked(query)

    def exchange(self, exchange: str) -> list[Row]:
        """Return the records of one exchange with their payloads, oldest first."""
        query = (
            f"SELECT {_COLUMNS}, p.sealed FROM records r LEFT JOIN payloads p ON p.sequence = r.sequence"  # noqa: S608
            " WHERE r.exchange = ? ORDER BY r.sequence"
        )
        try:
            return [_row(columns) for columns in self._connection.execute(query, (exchange,))]
        except sqlite3.Error as error:
            raise self._broken(error) from None

    def last_of_each(self) -> Iterator[tuple[StoredRecord, StoredRecord | None]]:
        """Yield, for every exchange, its closing record and the admitted one; or the admitted one alone while open."""
        query = (
            f"SELECT {_COLUMNS}, NULL FROM records r WHERE r.sequence > ? AND (r.kind = 'closed'"  # noqa: S608
            " OR (r.kind = 'admitted' AND NOT EXISTS (SELECT 1 FROM records c INDEXED BY records_by_exchange"
            " WHERE c.exchange = r.exchange AND c.kind = 'closed'))) ORDER BY r.sequence LIMIT ?"
        )
        first = f"SELECT {_COLUMNS}, NULL FROM records r WHERE r.exchange = ? AND r.kind = 'admitted'"  # noqa: S608
        for row in self._chunked(query):
            admitted = None
            if row.record.kind == b"closed":
                columns = self._connection.execute(first, (row.record.exchange.decode("utf-8", "replace"),)).fetchone()
                admitted = None if columns is None else _row(columns).record
            yield row.record, admitted

    def orphan(self) -> int | None:
        """Return the sequence of the first payload that has no record, None when there is none."""
        query = "SELECT min(sequence) FROM payloads WHERE sequence NOT IN (SELECT sequence FROM records)"
        try:
            found = self._connection.execute(query).fetchone()[0]
        except sqlite3.Error as error:
            raise self._broken(error) from None
        return None if found is None else int(found)

    def _chunked(self, query: str) -> Iterator[Row]:
        after = -(2**63)
        while True:
            read = 0
            try:
                # Row by row and not `fetchall`: in a damaged file, the rows before the damage still come.
                for columns in self._connection.execute(query, (after, _CHUNK)):
                    yield _row(columns)
                    after, read = columns[0], read + 1
            except sqlite3.Error as error:
                raise self._broken(error) from None
            if read < _CHUNK:
                return

    def _broken(self, error: sqlite3.Error) -> DependencyError:
        return unavailable(f"the audit log {self._path} cannot be read: {_cause(error)}")


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


def _row(columns: tuple[object, ...]) -> Row:
    sequence, version, *texts, sealed = columns
    identity, exchange, kind, time, facts, sealed_digest, chain = texts
    record = StoredRecord(
        sequence=_integer(sequence),
        version=_integer(version),
        id=_bytes(identity),
        exchange=_bytes(exchange),
        kind=_bytes(kind),
        time=_bytes(time),
        facts=_bytes(facts),
        sealed_digest=None if sealed_digest is None else _bytes(sealed_digest),
        chain=_bytes(chain),
    )
    return Row(record, None if sealed is None else _bytes(sealed))


def _integer(value: object) -> int:
    return value if isinstance(value, int) else -1


def _bytes(value: object) -> bytes:
    """Return a column's bytes; one of a type that STRICT would refuse can only be tampering, and matches no hash."""
    return value if isinstance(value, bytes) else b"\xff"


def _connect(path: Path, mode: str, busy_seconds: float) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.absolute()))}?mode={mode}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=busy_seconds, check_same_thread=False)


def _refuse_foreign(connection: sqlite3.Connection, path: Path, *, empty_is_foreign: bool = False) -> None:
    with closing(connection.execute("PRAGMA application_id")) as cursor:
        application = cursor.fetchone()[0]
    if application == _APPLICATION_ID:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version != _FORMAT:
            raise unavailable(f"{path} is an audit log of format {version}; this release reads format {_FORMAT}")
    elif empty_is_foreign or application != 0 or connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        raise unavailable(f"{path} is no audit log")


def _cause(error: Exception) -> str:
    """Return SQLite's or the system's own words: they name files and states, never a value that we passed."""
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)

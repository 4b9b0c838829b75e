"""Reading an audit log's file: chunked, so that a long verification keeps no snapshot open and the WAL stays short."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from gateway.adapters.audit_file import FAILURES, cause, connect, refuse_foreign, unavailable
from gateway.audit.record import BEGINNINGS, ENDINGS, StoredRecord
from gateway.audit.verify import Row
from gateway.errors import DependencyError

_CHUNK: Final = 500
_COLUMNS: Final = "r.sequence, r.version, r.id, r.exchange, r.kind, r.time, r.facts, r.sealed_digest, r.chain"


class AuditReader:
    """Reads a log file without changing it, also while a gateway appends. Use as a context manager.

    Raises `DependencyError` when the file is not there, is no log, or breaks while it is read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.is_file():
            raise unavailable(f"there is no audit log at {path}")
        try:
            self._connection = connect(path, "ro")
            # Columns come as bytes: an edited one may be no UTF-8 any more, and must still be named.
            self._connection.text_factory = bytes
            refuse_foreign(self._connection, path, empty_is_foreign=True)
        except FAILURES as error:
            raise self._broken(error) from None

    def __enter__(self) -> "AuditReader":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def count(self) -> int:
        """Return how many records the log holds."""
        try:
            return int(self._connection.execute("SELECT count(*) FROM records").fetchone()[0])
        except FAILURES as error:
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
        except FAILURES as error:
            raise self._broken(error) from None

    def last_of_each(self) -> Iterator[tuple[StoredRecord, StoredRecord | None]]:
        """Yield, for every exchange, its closing record and the admitted one; or the admitted one alone while open.

        What was counted of unproven callers comes as one exchange, its sum with the record that began it.
        """
        query = (
            f"SELECT {_COLUMNS}, NULL FROM records r WHERE r.sequence > ? AND (r.kind IN {ENDINGS}"  # noqa: S608
            f" OR (r.kind IN {BEGINNINGS} AND NOT EXISTS (SELECT 1 FROM records c INDEXED BY records_by_exchange"
            f" WHERE c.exchange = r.exchange AND c.kind IN {ENDINGS}))) ORDER BY r.sequence LIMIT ?"
        )
        first = f"SELECT {_COLUMNS}, NULL FROM records r WHERE r.exchange = ? AND r.kind IN {BEGINNINGS}"  # noqa: S608
        for row in self._chunked(query):
            admitted = None
            if row.record.kind.decode("utf-8", "replace") in ENDINGS:
                columns = self._connection.execute(first, (row.record.exchange.decode("utf-8", "replace"),)).fetchone()
                admitted = None if columns is None else _row(columns).record
            yield row.record, admitted

    def orphan(self) -> int | None:
        """Return the sequence of the first payload that has no record, None when there is none."""
        query = "SELECT min(sequence) FROM payloads WHERE sequence NOT IN (SELECT sequence FROM records)"
        try:
            found = self._connection.execute(query).fetchone()[0]
        except FAILURES as error:
            raise self._broken(error) from None
        return None if found is None else int(found)

    def agrees(self) -> bool:
        """Tell whether the file's indexes hold every record: what one leaves out, no listing would show."""
        try:
            return bool(self._connection.execute("PRAGMA integrity_check(1)").fetchone()[0] == b"ok")
        except FAILURES as error:
            raise self._broken(error) from None

    def _chunked(self, query: str) -> Iterator[Row]:
        after = -(2**63)
        while True:
            read = 0
            try:
                # Row by row and not `fetchall`: in a damaged file, the rows before the damage still come.
                for columns in self._connection.execute(query, (after, _CHUNK)):
                    yield _row(columns)
                    after, read = columns[0], read + 1
            except FAILURES as error:
                raise self._broken(error) from None
            if read < _CHUNK:
                return

    def _broken(self, error: Exception) -> DependencyError:
        return unavailable(f"the audit log {self._path} cannot be read: {cause(error)}")


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

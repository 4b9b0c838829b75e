"""What writers and readers of an audit log's file share: its format, how to open it, how to say that it failed."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import quote

from gateway.core.decision import Reason
from gateway.errors import DependencyError

APPLICATION_ID: Final = 0x534C4344  # "SLCD", in the database header, so that `file` and we recognise a log
FORMAT: Final = 1
_BUSY_SECONDS: Final = 5.0
_SMALLEST: Final = 512
"""Bytes of a database's smallest page, with which its file begins."""

_WHAT_TO_DO: Final = "move the file away, or name another one (stores.audit in sluice.yaml)"

SCHEMA: Final = """
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


FAILURES: Final = (sqlite3.Error, UnicodeError)
"""What `sqlite3` raises; UnicodeError when a damaged schema gets into its message."""


def unavailable(detail: str) -> DependencyError:
    """Return the error that every failure of the log becomes."""
    return DependencyError(Reason.AUDIT_UNAVAILABLE, detail)


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """Open the database (`mode` is SQLite's ``ro`` or ``rw``); transactions are the caller's."""
    uri = f"file:{quote(str(path.absolute()))}?mode={mode}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_BUSY_SECONDS, check_same_thread=False)


def refuse_foreign(connection: sqlite3.Connection, path: Path, *, empty_is_foreign: bool = False) -> None:
    """Raise `DependencyError` unless the database is an audit log of our format (or empty, where that is allowed).

    SQLite takes a file that is too short for a database as an empty one, and would write over it.
    """
    if 0 < path.stat().st_size < _SMALLEST:
        raise unavailable(f"{path} is no audit log: {_WHAT_TO_DO}")
    with closing(connection.execute("PRAGMA application_id")) as cursor:
        application = cursor.fetchone()[0]
    if application == APPLICATION_ID:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version != FORMAT:
            raise unavailable(f"{path} is an audit log of format {version}; this release reads format {FORMAT}")
    elif empty_is_foreign or application != 0 or connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        raise unavailable(f"{path} is no audit log: {_WHAT_TO_DO}")


def cause(error: Exception) -> str:
    """Return SQLite's or the system's own words: they name files and states, never a value that we passed."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return "its structure is damaged" if isinstance(error, UnicodeError) else str(error)

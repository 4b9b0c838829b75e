"""What live probes have sent and found, in one SQLite file that all workers share and that outlives them.

A cap that every worker kept for itself would be a multiple of the cap, and
evidence that began anew at every restart would raise more false alarms than it
promises. Rows are few and written a few times a minute: each call opens the file,
does one transaction and closes it.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple, fields
from pathlib import Path
from typing import Final

from gateway.core.decision import Reason
from gateway.core.live import LiveCounts, LiveTarget
from gateway.errors import DependencyError

HOUR: Final = 3600.0

MAX_MODELS: Final = 200
"""Models of one probe that are counted; the one that was heard of longest ago makes room. Callers name models."""

_FORMAT: Final = 1
_BUSY_SECONDS: Final = 5.0
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS sent (probe TEXT NOT NULL, time REAL NOT NULL, calls INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS sent_by_probe ON sent (probe, time);
CREATE TABLE IF NOT EXISTS counts (
    probe TEXT NOT NULL, digest TEXT NOT NULL, upstream TEXT NOT NULL, model TEXT NOT NULL,
    favoured INTEGER NOT NULL, disfavoured INTEGER NOT NULL, pairs INTEGER NOT NULL, log_peak REAL NOT NULL,
    changed INTEGER NOT NULL, repeated INTEGER NOT NULL, missing INTEGER NOT NULL, touched REAL NOT NULL,
    PRIMARY KEY (probe, digest, upstream, model)
) STRICT;
"""
_COUNTS: Final = ", ".join(field.name for field in fields(LiveCounts))
_THIS: Final = "probe = ? AND digest = ? AND upstream = ? AND model = ?"


class LiveFile:
    """A `LiveLedger` in one file, made when it is first needed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def take(self, probe: str, calls: int, per_hour: int, now: float) -> bool:
        """Count requests that are about to be sent, unless more than `per_hour` would be sent within an hour."""
        with self._transaction() as file:
            # A clock that was set back keeps what is in the future: rather too few calls than too many.
            file.execute("DELETE FROM sent WHERE time <= ?", (now - HOUR,))
            (sent,) = file.execute("SELECT coalesce(sum(calls), 0) FROM sent WHERE probe = ?", (probe,)).fetchone()
            if sent + calls > per_hour:
                return False
            file.execute("INSERT INTO sent VALUES (?, ?, ?)", (probe, now, calls))
            return True

    def add(
        self, target: LiveTarget, pair: Callable[[LiveCounts], LiveCounts], now: float
    ) -> tuple[LiveCounts, LiveCounts]:
        """Count one more pair; return the counts before and after it."""
        key = astuple(target)
        with self._transaction() as file:
            row = file.execute(f"SELECT {_COUNTS} FROM counts WHERE {_THIS}", key).fetchone()  # noqa: S608
            before = LiveCounts(*row) if row else LiveCounts()
            after = pair(before)
            marks = ", ".join("?" * (len(key) + len(fields(LiveCounts)) + 1))
            file.execute(f"INSERT OR REPLACE INTO counts VALUES ({marks})", (*key, *astuple(after), now))  # noqa: S608
            file.execute(
                "DELETE FROM counts WHERE probe = ? AND rowid NOT IN "
                "(SELECT rowid FROM counts WHERE probe = ? ORDER BY touched DESC LIMIT ?)",
                (target.probe, target.probe, MAX_MODELS),
            )
            return before, after

    def clear(self, target: LiveTarget) -> None:
        """Forget the counts: what they showed has been said."""
        with self._transaction() as file:
            file.execute(f"DELETE FROM counts WHERE {_THIS}", astuple(target))  # noqa: S608

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)) as file:
                (version,) = file.execute("PRAGMA user_version").fetchone()
                if version not in (0, _FORMAT):
                    raise _unavailable(self._path, f"is of format {version}; this release reads format {_FORMAT}")
                if not version:
                    file.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {_FORMAT}; COMMIT;")
                file.execute("BEGIN IMMEDIATE")
                try:
                    yield file
                except BaseException:
                    file.execute("ROLLBACK")
                    raise
                file.execute("COMMIT")
        except sqlite3.Error as error:
            raise _unavailable(self._path, f"cannot be used ({type(error).__name__})") from None


def _unavailable(path: Path, what: str) -> DependencyError:
    return DependencyError(Reason.LIMITER_UNAVAILABLE, f"{path} {what}; restore it, or remove it to start anew")

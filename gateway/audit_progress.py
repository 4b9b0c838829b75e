"""How far a verification is, on a terminal: a bar for the records, and one that only moves for the file's indexes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gateway.audit_commands import Watch


class _Bars:
    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._records = bars.add_task("records", total=None)

    def records(self, done: int, total: int) -> None:
        self._bars.update(self._records, completed=done, total=total)

    def indexes(self) -> None:
        self._bars.add_task("indexes", total=None)  # `rich` moves it from a thread of its own while SQLite works


@contextmanager
def watched(stream: TextIO) -> Iterator[Watch | None]:
    """Yield who is told how far it is; None where nobody looks at a terminal."""
    if not stream.isatty():
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=stream), transient=True) as bars:
        yield _Bars(bars)

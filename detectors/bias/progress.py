"""Progress of a run: a bar with the time left on a terminal, a line now and then in a pipe."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from detectors.bias.run import Progress


class Plain:
    """A line at every tenth of the way."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._tenth, self._start = stream, 0, time.monotonic()

    def update(self, done: int, total: int, failed: int) -> None:
        """Write a line when another tenth is done."""
        tenth = 10 * (done + failed) // max(1, total)
        if tenth > self._tenth:
            self._tenth = tenth
            elapsed = time.monotonic() - self._start
            left = elapsed / max(1, done + failed) * (total - done - failed)
            self._stream.write(f"{done} of {total} answered, {failed} failed, about {left:.0f} s left\n")
            self._stream.flush()


class _Terminal:
    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._task = bar.add_task("asking", total=None, failed=0)

    def update(self, done: int, total: int, failed: int) -> None:
        self._bar.update(self._task, completed=done + failed, total=total, failed=failed)


@contextmanager
def progress(stream: TextIO = sys.stderr, quiet: bool = False) -> Iterator[Progress | None]:
    """Yield what to tell the progress to; None when `quiet`."""
    if quiet:
        yield None
    elif not stream.isatty():
        yield Plain(stream)
    else:
        columns = (
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
            TextColumn("{task.fields[failed]} failed"), TimeRemainingColumn(),
        )  # fmt: skip
        with Bar(*columns, console=Console(file=stream), transient=True) as bar:
            yield _Terminal(bar)

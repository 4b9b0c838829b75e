"""The journal of a run: what was sent, and what came of it, line by line, so that a killed run goes on where it was.

A line is written before a request is sent: whatever dies in between, the request
has been counted and the budget holds. Lines hold outcomes, never answer text. A
last line that was cut off in writing is dropped; any other damage is an error.
"""

import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from detectors.bias.backend import Usage
from detectors.bias.outcome import Outcome, OutcomeKind


class JournalError(Exception):
    """A journal cannot be used: damaged, in use, or of another run. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Header:
    """What makes two runs the same run: a journal goes on only under an equal header."""

    suite: str
    digest: str
    questions: str
    seed: int
    backend: str


@dataclass(frozen=True, slots=True)
class Record:
    """What came of one question: outcomes by measure, one per trial."""

    outcomes: Mapping[str, tuple[Outcome, ...]]
    usage: Usage
    fingerprint: str


@dataclass(slots=True)
class Journal:
    """An open journal. `sent` counts requests over all sessions; `done` is in the order in which answers came."""

    path: Path | None
    header: Header
    sent: int = 0
    usage: Usage = field(default_factory=Usage)
    done: dict[str, Record] = field(default_factory=dict)
    _file: IO[str] | None = None

    @classmethod
    def memory(cls, header: Header) -> "Journal":
        """Return a journal that keeps nothing beyond the process."""
        return cls(None, header)

    @classmethod
    def open(cls, path: Path, header: Header) -> "Journal":
        """Open or resume the journal at `path`. Raises `JournalError`."""
        try:
            file = path.open("a+", encoding="utf-8")
        except OSError as error:
            raise JournalError(f"{path}: journal cannot be opened: {error.strerror or error}") from error
        journal = cls(path, header, _file=file)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            journal._resume(file)
        except BlockingIOError as error:
            file.close()
            raise JournalError(
                f"{path}: another run is writing this journal; wait for it or give another --out"
            ) from error
        except JournalError:
            file.close()
            raise
        return journal

    def _resume(self, file: IO[str]) -> None:
        file.seek(0)
        text = file.read()
        whole = text[: text.rfind("\n") + 1]
        if whole != text:
            # The process died while it wrote the last line.
            os.truncate(file.fileno(), len(whole.encode()))
        lines = whole.splitlines()
        if not lines:
            self._write({"journal": "sluice.bias/1", **asdict(self.header)})
            return
        for number, line in enumerate(lines, 1):
            try:
                self._read(json.loads(line), number)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise JournalError(f"{self.path}:{number}:1: not a line of a journal; give another --out") from error

    def _read(self, line: dict[str, Any], number: int) -> None:
        if number == 1:
            found = Header(**{key: line[key] for key in asdict(self.header)})
            if found != self.header:
                raise JournalError(f"{self.path}: journal of another run ({_difference(found, self.header)}); "
                                   "give another --out, or the same suite, seed and backend")  # fmt: skip
        elif "sent" in line:
            self.sent += 1
        else:
            outcomes = {m: tuple(_outcome(row) for row in rows) for m, rows in line["outcomes"].items()}
            self._keep(str(line["done"]), Record(outcomes, Usage(*line["usage"]), str(line["fingerprint"])))

    def sending(self, key: str) -> None:
        """Note that a request is about to be sent."""
        self._write({"sent": key})
        self.sent += 1

    def answered(self, key: str, record: Record) -> None:
        """Note what came of a question."""
        rows = {m: [_row(outcome) for outcome in outcomes] for m, outcomes in record.outcomes.items()}
        usage = [record.usage.input_tokens, record.usage.output_tokens]
        self._write({"done": key, "fingerprint": record.fingerprint, "usage": usage, "outcomes": rows})
        self._keep(key, record)

    def close(self) -> None:
        """Make everything durable and let go of the file."""
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None

    def _keep(self, key: str, record: Record) -> None:
        self.done[key] = record
        self.usage = Usage(
            self.usage.input_tokens + record.usage.input_tokens, self.usage.output_tokens + record.usage.output_tokens
        )

    def _write(self, line: Mapping[str, object]) -> None:
        # Flushed to the operating system, so that it survives the death of this process.
        if self._file is not None:
            self._file.write(json.dumps(line, separators=(",", ":")) + "\n")
            self._file.flush()


def _row(outcome: Outcome) -> list[object]:
    row: list[object] = [str(outcome.kind), outcome.value, outcome.label, list(outcome.ranking), outcome.order_slot]
    return [*row, outcome.sketch] if outcome.sketch else row


def _outcome(row: list[Any]) -> Outcome:
    kind, value, label, ranking, slot, *sketch = row
    return Outcome(OutcomeKind(kind), value, label, tuple(ranking), slot, *sketch)


def _difference(one: Header, other: Header) -> str:
    left, right = asdict(one), asdict(other)
    return ", ".join(f"{key} differs" for key in left if left[key] != right[key])

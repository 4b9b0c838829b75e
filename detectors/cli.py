"""What `sluice detect` does: texts in, findings out, nothing of a text in results or errors.

Lines are detected and written as they arrive, so that an input of any length
takes the memory of one batch, and a program that waits for each answer gets it.
"""

import json
import os
import stat
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final, Protocol, TextIO, runtime_checkable

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from detectors.detector import Detector, DetectorFailure, Finding
from detectors.overlap import resolve

LABELS: Final = ("benign", "injection")
INJECTION_FROM: Final = 0.5
"""The score from which a text is labelled an injection."""

MAX_LINE: Final = 32 << 20
_CHUNK: Final = 1 << 18
_OK, _BAD_DATA, _FAILED = 0, 65, 1


@runtime_checkable
class Scorer(Protocol):
    """A detector that judges a text as a whole."""

    def score(self, text: str) -> float:
        """Return how much `text` is what the detector looks for, in 0..1."""
        ...


class BadLine(ValueError):
    """A line of the input cannot be used. Says which and why; holds nothing of it."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(f"line {number}: {why}")


def detect_stream(source: BinaryIO, out: TextIO, *, kind: str, detectors: Sequence[Detector], progress: TextIO) -> int:
    """Answer each line ``{"text": ...}`` of `source` with one line in `out`, in order; return an exit code.

    Kind ``pii`` answers ``{"findings": [{"start", "end", "entity", "score",
    "detector"}]}``: they do not overlap, offsets are code points, end exclusive.
    Kind ``injection`` answers ``{"score": 0..1, "label": "benign" | "injection"}``.

    On `progress` (standard error) stands a bar when it is a terminal, and one line
    when something is wrong: 65 for a bad line (those before it are answered), 1 for
    a detector that cannot decide.
    """
    answer = _answerer(kind, detectors)
    try:
        with _Bar(source, progress) as bar:
            for texts, size in _batches(source):
                for line in answer(texts):
                    out.write(json.dumps(line) + "\n")
                out.flush()
                bar.advance(size)
    except BadLine as error:
        progress.write(f"sluice detect: {error}\n")
        return _BAD_DATA
    except DetectorFailure as error:
        progress.write(f"sluice detect: a detector cannot decide: {error}\n")
        return _FAILED
    return _OK


def detect_text(source: BinaryIO, out: TextIO, *, kind: str, detectors: Sequence[Detector]) -> int:
    """Read all of `source` as one text and print its findings, one a line; return an exit code.

    A line is ``start-end entity score detector``, or ``score label`` for injection.
    Bytes that are no UTF-8 count as one unknown character each.
    """
    text = source.read().decode("utf-8", "replace")
    (line,) = _answerer(kind, detectors)([text])
    if "findings" not in line:
        out.write(f"{line['score']} {line['label']}\n")
        return _OK
    findings: list[dict[str, object]] = line["findings"]  # type: ignore[assignment]
    for f in findings:
        out.write(f"{f['start']}-{f['end']} {f['entity']} {f['score']} {f['detector']}\n")
    return _OK


class _Answer(Protocol):
    def __call__(self, texts: Sequence[str]) -> Iterator[dict[str, object]]: ...


def _answerer(kind: str, detectors: Sequence[Detector]) -> _Answer:
    if kind != "injection":
        return lambda texts: _findings(texts, detectors)
    scorers = [detector for detector in detectors if isinstance(detector, Scorer)]
    if not scorers:
        raise ValueError("kind injection needs a detector that scores whole texts")
    return lambda texts: _labels(texts, scorers)


def _findings(texts: Sequence[str], detectors: Sequence[Detector]) -> Iterator[dict[str, object]]:
    parts = [detector.detect(texts) for detector in detectors]
    for index, text in enumerate(texts):
        found = resolve([finding for part in parts for finding in part[index]], text)
        yield {"findings": [_plain(finding) for finding in found]}


def _plain(f: Finding) -> dict[str, object]:
    return {"start": f.start, "end": f.end, "entity": f.entity, "score": round(f.score, 4), "detector": f.detector}


def _labels(texts: Sequence[str], scorers: Sequence[Scorer]) -> Iterator[dict[str, object]]:
    for text in texts:
        score = max(scorer.score(text) for scorer in scorers)
        yield {"score": round(score, 4), "label": LABELS[score >= INJECTION_FROM]}


def _batches(source: BinaryIO) -> Iterator[tuple[list[str], int]]:
    """Yield the texts of the lines that are there, and their size in bytes; a bad line ends it after those before."""
    read = getattr(source, "read1", source.read)  # what has arrived, not what was asked for
    rest, number = b"", 0
    while chunk := read(_CHUNK):
        *lines, rest = (rest + chunk).split(b"\n") if b"\n" in chunk else (rest + chunk,)
        if len(rest) > MAX_LINE:
            raise BadLine(number + len(lines) + 1, f"longer than {MAX_LINE:,} bytes")
        yield from _texts(lines, number)
        number += len(lines)
    if rest.strip():
        yield from _texts([rest], number)


def _texts(lines: Sequence[bytes], number: int) -> Iterator[tuple[list[str], int]]:
    texts: list[str] = []
    size = sum(map(len, lines)) + len(lines)
    for offset, line in enumerate(lines, 1):
        try:
            texts.append(_text(line, number + offset))
        except BadLine:
            yield texts, size
            raise
    if texts:
        yield texts, size


def _text(line: bytes, number: int) -> str:
    try:
        record = json.loads(line)
    except UnicodeDecodeError:
        raise BadLine(number, "not UTF-8") from None
    except (ValueError, RecursionError):
        raise BadLine(number, 'not JSON; expected {"text": "..."}') from None
    text = record.get("text") if isinstance(record, dict) else None
    if not isinstance(text, str):
        raise BadLine(number, 'expected an object with a string "text"')
    return text


class _Bar:
    """A progress bar on a terminal, nothing anywhere else."""

    def __init__(self, source: BinaryIO, stream: TextIO) -> None:
        self._progress: Progress | None = None
        self._task = TaskID(0)
        if stream.isatty():
            columns = (
                TextColumn("detect"),
                BarColumn(),
                DownloadColumn(),
                TransferSpeedColumn(),
                TimeRemainingColumn(),
            )
            self._progress = Progress(*columns, console=Console(file=stream), transient=True)
            self._task = self._progress.add_task("detect", total=_size(source))

    def __enter__(self) -> "_Bar":
        if self._progress:
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress:
            self._progress.stop()

    def advance(self, size: int) -> None:
        if self._progress:
            self._progress.advance(self._task, size)


def _size(source: BinaryIO) -> int | None:
    """Return the size of a regular file, or ``None`` for a pipe."""
    try:
        status = os.fstat(source.fileno())
    except (OSError, AttributeError):
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None

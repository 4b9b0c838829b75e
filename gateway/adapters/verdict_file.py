"""The file of bias verdicts in a gateway's directory: written by probes, read again by the gateway when it changes.

A writer replaces it whole (a reader sees the old one or the new one, never half
of one), under a lock, so that two probes that end together lose nothing.
"""

import asyncio
import fcntl
import json
import logging
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Final

from detectors.bias.outcome import Verdict
from gateway.adapters.whole_file import write_whole
from gateway.core.verdicts import ProbeRun, Verdicts, compact
from gateway.errors import PolicyError

FOLLOW_SECONDS: Final = 0.5
"""How often a gateway whose policy asks for it looks whether there are new bias verdicts."""

_LOG: Final = logging.getLogger("sluice")
_VERSION: Final = "sluice.bias-verdicts/1"
_MAX_BYTES: Final = 64 * 1024 * 1024
_TEXTS: Final = ("suite", "digest", "upstream", "model", "fingerprint")
_COUNTS: Final = ("seed", "calls")


def verdicts_path(directory: Path) -> Path:
    """Return where a gateway's directory keeps its bias verdicts."""
    return directory / "data" / "bias-verdicts.json"


def load(path: Path) -> Verdicts:
    """Return the verdicts in a file; none when there is no file. Raises `PolicyError` when it cannot be read."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise PolicyError((f"{path}: is over {_MAX_BYTES} bytes; it holds no bias verdicts",))
        data = json.loads(path.read_bytes())
    except FileNotFoundError:
        return Verdicts()
    except OSError as error:
        raise PolicyError((f"{path}: cannot be read: {error.strerror or type(error).__name__}",)) from None
    except (ValueError, RecursionError):
        raise _wrong(path, "is not JSON") from None
    if not isinstance(data, dict) or data.get("version") != _VERSION or not isinstance(data.get("runs"), list):
        raise _wrong(path, f"is not of version {_VERSION}")
    return Verdicts(tuple(_run(path, place, item) for place, item in enumerate(data["runs"])))


def append(path: Path, run: ProbeRun) -> None:
    """Add a run, durably. Raises `PolicyError` when the file cannot be read or written."""
    try:
        with _locked(path):
            runs = compact((*load(path).runs, run), run.time)
            text = json.dumps({"version": _VERSION, "runs": [asdict(one) for one in runs]}, indent=1)
            write_whole(path, text.encode() + b"\n")
    except OSError as error:
        place = error.filename or path
        raise PolicyError((f"{place}: cannot be written: {error.strerror or type(error).__name__}",)) from None


class VerdictFile:
    """The verdicts in force. `current` changes only by `refresh`, to another whole state; at first there are none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.current = Verdicts()
        self._seen: tuple[int, int, int] | None = None

    def changed(self) -> bool:
        """Whether the file differs from what was last read. One system call."""
        return self._stamp() != self._seen

    def refresh(self) -> None:
        """Read the file. Raises `PolicyError`, and then keeps what is in force until the file changes again."""
        self._seen = self._stamp()
        self.current = load(self.path)

    def _stamp(self) -> tuple[int, int, int]:
        try:
            stat = self.path.stat()
        except OSError:
            return (0, 0, 0)
        return (stat.st_ino, stat.st_mtime_ns, stat.st_size)


async def follow(file: VerdictFile, wanted: Callable[[], bool]) -> None:
    """Take verdicts into force when their file changes and they are `wanted`, until cancelled.

    What cannot be read leaves the old ones in force.
    """
    while True:
        await asyncio.sleep(FOLLOW_SECONDS)
        try:
            if wanted() and file.changed():
                await asyncio.to_thread(file.refresh)
                _LOG.info("bias verdicts read again: %d runs", len(file.current.runs))
        except PolicyError as error:
            _LOG.error("bias verdicts not read: %s", "; ".join(error.problems))
        except Exception as bug:
            _LOG.error("bias verdicts not read: %s", type(bug).__name__)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock beside the file; released by the system when the process dies."""
    with path.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(path: Path, place: int, item: object) -> ProbeRun:
    """Return one run of the file, every field checked: what decides about traffic is not guessed."""
    if not isinstance(item, dict) or set(item) != {field.name for field in fields(ProbeRun)}:
        raise _wrong(path, f"runs[{place}] has other keys than a run has")
    counts = [item[name] for name in _COUNTS]
    time = item["time"]
    sound = (
        all(isinstance(item[name], str) for name in _TEXTS)
        and all(isinstance(count, int) and not isinstance(count, bool) for count in counts)
        and isinstance(time, int | float)
        and not isinstance(time, bool)
        and math.isfinite(time)
        and item["verdict"] in tuple(Verdict)
    )
    if not sound:
        raise _wrong(path, f"runs[{place}] has a value of a wrong kind")
    return ProbeRun(**{**item, "verdict": Verdict(item["verdict"]), "time": float(time)})


def _wrong(path: Path, what: str) -> PolicyError:
    return PolicyError((f"{path}: {what}; restore it, or remove it to start without verdicts",))

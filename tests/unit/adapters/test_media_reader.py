"""The processes that read media: started late, killed early, and never a reason to let something pass."""

import asyncio
import sys
from pathlib import Path

import pytest

from gateway.adapters.media_reader import PROGRAM, MediaReader
from gateway.core.media import Unreadable
from gateway.media.limits import MEMORY
from tests.support.media_files import docx, pdf
from tests.support.raw import until

MAIL = "maria.lopez@acme.com"
HANGS = (sys.executable, "-c", "import time; time.sleep(600)")
DIES = (sys.executable, "-c", "raise SystemExit(3)")
BABBLES = (sys.executable, "-c", "import sys; sys.stdout.write('x' * 100)")
LIES = (sys.executable, "-c", "import os, sys; os.write(1, (2).to_bytes(8, 'big') + b'{}'); sys.stdin.read()")


def children() -> set[str]:
    """The processes that this one started and that still run."""
    found = Path(f"/proc/self/task/{Path('/proc/self').resolve().name}/children")
    return set(found.read_text().split()) if found.exists() else set()


async def test_files_are_read_in_order() -> None:
    """Each with its own answer; one process serves many."""
    before = children()
    reader = MediaReader(processes=1)
    assert children() == before  # nothing runs before it is needed
    readings = await reader.read([docx(f"To {MAIL}"), b"\x00\x01", b"plain", pdf("Hello")])
    assert readings[0] == (f"To {MAIL}",)
    assert readings[1] is Unreadable.UNKNOWN
    assert readings[2] == ("plain",)
    assert isinstance(readings[3], tuple)
    assert "Hello" in readings[3]
    assert await reader.read([b"once more"]) == [("once more",)]
    assert len(children() - before) <= 1
    await reader.close()
    assert children() == before


@pytest.mark.parametrize(
    ("program", "seconds", "why"),
    [
        (HANGS, 0.2, Unreadable.TOO_SLOW),
        (DIES, 30.0, Unreadable.FAILED),
        (BABBLES, 30.0, Unreadable.FAILED),
        (LIES, 30.0, Unreadable.FAILED),
        (("/no/such/program",), 30.0, Unreadable.FAILED),
    ],
)
async def test_whatever_goes_wrong_is_unreadable(program: tuple[str, ...], seconds: float, why: Unreadable) -> None:
    """And leaves no process behind."""
    before = children()
    reader = MediaReader(processes=1, seconds=seconds, program=program)
    assert await reader.read([b"a", b"b"]) == [why, why]
    await reader.close()
    assert children() == before


async def test_a_caller_who_leaves_takes_the_process_along() -> None:
    """What it was reading is nobody's any more, and the next file gets a process of its own."""
    reader = MediaReader(processes=1, program=HANGS)
    task = asyncio.ensure_future(reader.read([b"a"]))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    reader._all[0]._program = PROGRAM
    assert await reader.read([b"next"]) == [("next",)]
    await reader.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds a process's address space")
async def test_memory_is_bounded() -> None:
    """A reading process cannot have more than its share."""
    greedy = (
        "import sys; from gateway.media import worker; worker._confine();"
        f"size = int.from_bytes(sys.stdin.buffer.read(8), 'big'); x = b'x' * {MEMORY + 1}"
    )
    reader = MediaReader(processes=1, program=(sys.executable, "-P", "-c", greedy))
    assert await reader.read([b"a"]) == [Unreadable.FAILED]
    await reader.close()


async def test_requests_share_the_processes() -> None:
    """Many at once wait for their turn, and each gets its own answer."""
    reader = MediaReader(processes=2)
    texts = [f"text {n}" for n in range(8)]
    readings = await asyncio.gather(*(reader.read([text.encode()]) for text in texts))
    assert [reading[0] for reading in readings] == [(text,) for text in texts]
    await reader.close()


def started(note: Path) -> str:
    """The id of a process that another one started and noted; "" as long as it has not."""
    return note.read_text() if note.exists() else ""


def runs(pid: str) -> bool:
    """Whether a process runs (one that has ended and was not yet asked about does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
async def test_what_a_process_started_ends_with_it(tmp_path: Path) -> None:
    """Tesseract, for example."""
    note = tmp_path / "pid"
    sleeps = "[sys.executable, '-c', 'import time; time.sleep(600)']"
    starts = f"import subprocess, sys, time; child = subprocess.Popen({sleeps}); " + (
        f"open({str(note)!r}, 'w').write(str(child.pid)); time.sleep(600)"
    )
    reader = MediaReader(processes=1, seconds=60, program=(sys.executable, "-c", starts))
    reading = asyncio.ensure_future(reader.read([b"a"]))
    await until(lambda: started(note) != "", seconds=60)
    assert runs(started(note))
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await reader.close()
    await until(lambda: not runs(started(note)), seconds=60)

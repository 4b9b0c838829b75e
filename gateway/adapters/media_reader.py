"""Reads media in processes of their own, which are killed when they take too long or too much.

A process is started when it is first needed and serves one file at a time. Whatever goes wrong with one, it is
killed with all that it started, and what it was reading counts as unreadable.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from gateway.core.media import Reading, Unreadable
from gateway.media.limits import SECONDS
from gateway.media.worker import LENGTH

PROGRAM: Final = (sys.executable, "-P", "-m", "gateway.media.worker")
PROCESSES: Final = 2
MAX_FILES: Final = 100
"""Files after which a process is replaced, so that what a library leaks stays bounded."""

MAX_ANSWER: Final = 64 * 1024 * 1024


class MediaReader:
    """Implements the port `MediaReader`. `seconds` bounds one request's media, waiting included."""

    def __init__(self, processes: int = PROCESSES, seconds: float = SECONDS, program: Sequence[str] = PROGRAM) -> None:
        self._free: asyncio.LifoQueue[_Process] = asyncio.LifoQueue()  # one that runs before one that would start
        self._all = [_Process(program) for _ in range(processes)]
        for process in self._all:
            self._free.put_nowait(process)
        self._seconds = seconds

    async def read(self, files: Sequence[bytes]) -> list[Reading]:
        """Return what each file says, or why it cannot be read. Raises nothing but a cancellation."""
        readings: list[Reading] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(self._seconds):
                for file in files:
                    readings.append(await self._read(file))  # noqa: PERF401  (what was read before a timeout stays)
        return readings + [Unreadable.TOO_SLOW] * (len(files) - len(readings))

    async def _read(self, file: bytes) -> Reading:
        process = await self._free.get()
        try:
            return await process.read(file)
        finally:
            self._free.put_nowait(process)

    async def close(self) -> None:
        """Kill the processes."""
        for process in self._all:
            await process.kill()


class _Process:
    """One reading process, started on demand."""

    def __init__(self, program: Sequence[str]) -> None:
        self._program = program
        self._child: asyncio.subprocess.Process | None = None
        self._files = 0

    async def read(self, file: bytes) -> Reading:
        """Return what a file says. A process that fails, or is left in the middle of a file, is killed."""
        whole = False
        try:
            said = json.loads(await self._ask(file))
            reading = tuple(map(str, said["texts"])) if "texts" in said else Unreadable(said["unreadable"])
            whole = True
            return reading
        except (OSError, asyncio.IncompleteReadError, ValueError, KeyError, TypeError):
            return Unreadable.FAILED
        finally:
            if not whole or self._files >= MAX_FILES:
                await self.kill()

    async def _ask(self, file: bytes) -> bytes:
        if self._child is None or self._child.returncode is not None:
            self._child = await _started(self._program)
            self._files = 0
        self._files += 1
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(len(file).to_bytes(LENGTH, "big") + file)
        await self._child.stdin.drain()
        size = int.from_bytes(await self._child.stdout.readexactly(LENGTH), "big")
        if size > MAX_ANSWER:
            raise ValueError
        return await self._child.stdout.readexactly(size)

    async def kill(self) -> None:
        """Kill the process and what it started."""
        child, self._child = self._child, None
        if child is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        if child.stdin is not None:
            child.stdin.close()
        await asyncio.shield(child.wait())


_ROOT: Final = Path(__file__).resolve().parents[2]


async def _started(program: Sequence[str]) -> asyncio.subprocess.Process:
    """Start a reading process in a group of its own, with no more of our environment than it needs."""
    kept = ("PATH", "TESSDATA_PREFIX", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "PYTHONHOME")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return await asyncio.create_subprocess_exec(
        *program,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**environment, "PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        start_new_session=True,
        limit=MAX_ANSWER,
    )  # fmt: skip

"""What is going on: exchanges in flight and their ends, so that a gateway that has to end lets them end first."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final

SETTLE_SECONDS: Final = 5.0
"""How long the end of an exchange may take when its caller has left, or the gateway has to."""


class Ongoing:
    """The exchanges of one gateway. `cut` tells that those still in flight are being ended."""

    def __init__(self) -> None:
        self._exchanges: set[asyncio.Task[Any]] = set()
        self._ends: set[asyncio.Task[None]] = set()
        self.cut = False

    @contextmanager
    def exchange(self) -> Iterator[None]:
        """Count the current task as an exchange in flight."""
        task = asyncio.current_task()
        assert task is not None
        self._exchanges.add(task)
        try:
            yield
        finally:
            self._exchanges.discard(task)

    def end(self, closing: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Have something settled and closed, whoever stays to see it."""
        task = asyncio.ensure_future(closing)
        self._ends.add(task)
        task.add_done_callback(self._ends.discard)
        return task

    async def drain(self, seconds: float) -> None:
        """Let exchanges go on for so long, then cancel them; return when all have ended.

        Those that cannot end keep nobody longer than twice `SETTLE_SECONDS`.
        """
        if self._exchanges:
            await asyncio.wait(self._exchanges, timeout=seconds)
        self.cut = True
        for task in self._exchanges:
            task.cancel()
        for left in (self._exchanges, self._ends):
            if left:
                await asyncio.wait(left, timeout=SETTLE_SECONDS)

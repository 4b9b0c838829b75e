"""Speak to a port in plain bytes."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress


async def spoken(port: int, data: bytes, seconds: float = 1.0) -> bytes:
    """Send `data` and return what comes back within `seconds`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        answer = b""
        with suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(seconds):
                while chunk := await reader.read(65536):
                    answer += chunk
        return answer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def until(true: Callable[[], object], seconds: float = 5.0) -> float:
    """Wait until a function says yes; return how long that took."""
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < seconds, "it did not happen in time"
        await asyncio.sleep(0.02)
    return time.monotonic() - started

"""Speak to a port in plain bytes."""

import asyncio
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

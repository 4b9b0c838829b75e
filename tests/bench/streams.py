"""One streamed answer after the other, and how long each takes to its first text: what `first_token` measures with."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace

Messages = list[dict[str, str]]

ANSWER = (
    "You can sort the list in place or make a new one. The first way changes the list itself; the second leaves it."
)
_REST = 0.005
"""Seconds between streams, in which what is left to do of the last is done."""

DELTA = 4
AT_ONCE = 16
"""Characters of a delta, about a token's; deltas that the backend sends in one piece at first."""


@dataclass(slots=True)
class Own:
    """Seconds that detectors took: by the clock, and of the processor."""

    clock: float = 0.0
    processor: float = 0.0

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count what is done inside."""
        began, used = time.perf_counter(), time.process_time()
        yield
        self.clock += time.perf_counter() - began
        self.processor += time.process_time() - used


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream, in seconds until its first text came; `deltas` are those that the backend had sent by then."""

    clock: float
    processor: float
    own: Own
    deltas: int


@dataclass(slots=True)
class Backend:
    """Streams the answer to whoever asks; `at_once` deltas come in one piece, the rest one every `pace` seconds."""

    at_once: int = AT_ONCE
    pace: float = 0.002
    sent: int = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Serve, and yield the base URL."""
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        async with server:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        deltas = [ANSWER[at : at + DELTA] for at in range(0, len(ANSWER), DELTA)]
        while head := await _head(reader):
            await reader.readexactly(_length(head))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            self.sent = 0
            for piece in (deltas[: self.at_once], *([delta] for delta in deltas[self.at_once :])):
                writer.write(_chunk(b"".join(map(_event, piece))))
                self.sent += len(piece)
                await asyncio.sleep(self.pace)
            writer.write(_chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n")
        writer.close()


@dataclass(slots=True)
class Caller:
    """A client with one connection to one gateway."""

    port: int
    token: str
    backend: Backend
    own: Own
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def ask(self, messages: Messages) -> Stream:
        """Ask, and return when the first text came; the rest of the stream is read to its end."""
        if self.reader is None or self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        body = json.dumps({"model": "stand-in", "stream": True, "messages": messages}).encode()
        head = (
            "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {self.token}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        await asyncio.sleep(_REST)
        own = replace(self.own)
        began, used = time.perf_counter(), time.process_time()
        self.writer.write(head.encode() + body)
        status = await self.reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in status[:15]:
            raise RuntimeError(f"the gateway answered {status[9:12].decode()}")
        got = b""
        while b'"content":"' not in got.replace(b'"content":""', b""):
            got += await self.reader.read(65536)
        took, used = time.perf_counter() - began, time.process_time() - used
        spent = Own(self.own.clock - own.clock, self.own.processor - own.processor)
        deltas = self.backend.sent
        while not got.endswith(b"0\r\n\r\n"):
            got += await self.reader.read(65536)
        return Stream(took, used, spent, deltas)


async def _head(reader: asyncio.StreamReader) -> bytes:
    """Return the head of the next request, or nothing when there is none."""
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionResetError):
        return b""


def _length(head: bytes) -> int:
    return int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _event(text: str) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    event = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return f"data: {json.dumps(event)}\n\n".encode()

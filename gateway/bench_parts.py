"""What benchmarks share: as little HTTP as the protocol allows, by hand, and servers in processes of their own."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, cast

import uvloop

from gateway.scaffold import init, local_issuer
from gateway.settings import Settings, load_settings


@dataclass(slots=True)
class Spawned:
    """A server in a process of its own, the port on which it listens, and the token that it takes ("" for none)."""

    process: Process
    port: int
    token: str


class RawBackend(asyncio.Protocol):
    """Hears whole requests on one connection. What inherits from it says what comes of one."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast("asyncio.Transport", transport)
        self._data = b""

    def data_received(self, data: bytes) -> None:
        """Hand a request on when it is whole."""
        self._data += data
        head, end, body = self._data.partition(b"\r\n\r\n")
        if end and len(body) >= _length(head):
            self._data = b""
            self.asked(body)

    def asked(self, body: bytes) -> None:
        """Answer a request, now or later, on `transport`."""
        raise NotImplementedError


def request(body: object, token: str) -> bytes:
    """Return a chat request as it goes over the wire."""
    content = json.dumps(body).encode()
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def answer(body: object) -> bytes:
    """Return an answer as it goes over the wire."""
    content = json.dumps(body).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % len(content) + content


async def answered(reader: asyncio.StreamReader) -> bytes:
    """Return the body of the next answer; raise `RuntimeError` when it is no 200."""
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in head[:15]:
        raise RuntimeError(f"the server answered {head[9:12].decode()}")
    return await reader.readexactly(_length(head))


def _length(head: bytes) -> int:
    return int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])


@asynccontextmanager
async def spawned(
    module: str, *arguments: str, cores: Sequence[int] = (), log: IO[bytes] | None = None
) -> AsyncIterator[Spawned]:
    """Run ``python -m module arguments cores`` until the end of the block; it says by `ready` where it listens."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, ",".join(map(str, cores)),
        stdin=PIPE, stdout=PIPE, stderr=log, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    try:
        line = json.loads(await process.stdout.readline() or "{}")
        if "port" not in line:
            raise RuntimeError(f"{module} did not start")
        yield Spawned(process, line["port"], line["token"])
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def ready(port: int, token: str = "") -> None:
    """Tell who spawned this process where it listens."""
    sys.stdout.write(json.dumps({"port": port, "token": token}) + "\n")
    sys.stdout.flush()


def serve(coroutine: Coroutine[Any, Any, None], cores: str) -> None:
    """Run a server on the processors that are named, until it is told to end."""
    if cores:
        os.sched_setaffinity(0, map(int, cores.split(",")))
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(coroutine)
    except KeyboardInterrupt:
        return


def provisioned(directory: Path, upstream: str, probe: str = "") -> tuple[Settings, str]:
    """Return the settings of a fresh directory on free ports, and a token for it; `probe` is a live probe, in YAML."""
    init(directory, upstream)
    if probe:
        file = directory / "policies" / "default.yaml"
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("spec:\n", f"spec:\n  live_probes: [{probe}]\n", 1), encoding="utf-8")
    settings = load_settings(directory)
    settings = replace(settings, listen=replace(settings.listen, port=0, ops_port=0))
    return settings, local_issuer(settings).mint("bench", "bench", ttl=7200)

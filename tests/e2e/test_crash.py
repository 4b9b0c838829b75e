"""`kill -9` under load: no record whose answer had begun is lost, the log verifies, a flipped byte is named."""

import asyncio
import json
import os
import signal
import sqlite3
import sys
from contextlib import suppress
from pathlib import Path

from gateway.audit_commands import check, summaries
from gateway.scaffold import init, local_issuer
from gateway.settings import load_settings
from tests.support.backend import Backend
from tests.support.raw import until
from tests.support.speech import chunk, sse


async def started(directory: Path) -> tuple[asyncio.subprocess.Process, int]:
    """Run `sluice serve` as a process of its own and return it with its port."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway.cli", "serve", "--dir", str(directory), "--port", "0", "--ops-port", "0",
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    while line := (await process.stderr.readline()).decode():
        if "listens on" in line:
            return process, int(line.split(" listens on http://127.0.0.1:")[1].split(",")[0])
    raise AssertionError("it did not start")


async def caller(port: int, token: str, begun: list[str]) -> None:
    """Ask again and again; note each exchange whose answer has begun."""
    body = json.dumps({"model": "m", "stream": True, "messages": [{"role": "user", "content": "Hi"}]}).encode()
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    try:
        while True:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(head + body)
                answer = await reader.readuntil(b"\r\n\r\n")
                if b" 200 " in answer:
                    begun.append(answer.decode().lower().split("x-sluice-exchange: ")[1].split("\r\n")[0])
                await reader.read()
            finally:
                writer.close()
                with suppress(ConnectionError):
                    await writer.wait_closed()
    except (ConnectionError, asyncio.IncompleteReadError):
        return


async def test_killed_under_load(tmp_path: Path, backend: Backend) -> None:
    """Twice killed and started again; then everything that anybody heard the beginning of is in the log."""
    backend.streams(sse(*[chunk({"content": f"word {n} "}) for n in range(20)]), delay=0.005)
    directory = tmp_path / "gateway"
    init(directory, backend.url)
    settings = load_settings(directory)
    token = local_issuer(settings).mint("app", "acme", ttl=600)
    begun: list[str] = []
    for _ in range(2):
        process, port = await started(directory)
        before = len(begun)
        callers = [asyncio.create_task(caller(port, token, begun)) for _ in range(8)]
        await until(lambda: len(begun) > before + 40, 60)  # noqa: B023
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
        await asyncio.gather(*callers)
    log = settings.stores.audit
    assert check(log).problem is None
    known = {summary.exchange: summary.state for summary in summaries(log)}
    assert [exchange for exchange in begun if exchange not in known] == []
    assert "closed" in known.values()

    process, _ = await started(directory)  # it starts again on the same log, and stops when asked
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 20) == 0

    with sqlite3.connect(log) as database:
        sequence, facts = database.execute("select sequence, facts from records where sequence = 9").fetchone()
        flipped = chr(ord(facts[0]) ^ 1) + facts[1:]
        database.execute("update records set facts = ? where sequence = ?", (flipped, sequence))
    problem = check(log).problem
    assert problem is not None
    assert problem.sequence == 9

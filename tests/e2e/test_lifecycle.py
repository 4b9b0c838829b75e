"""Reload, drain, workers, and what must hold when something on our side goes wrong."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from detectors.detector import DetectorFailure
from gateway import app, pipeline, recording, relay
from gateway.adapters import audit_sqlite
from gateway.adapters.limits_memory import MemoryLimiter
from gateway.audit_commands import check, summaries
from gateway.guards import seams
from gateway.scaffold import init
from tests.support.backend import Backend
from tests.support.house import House, HouseBuilder
from tests.support.raw import spoken, until
from tests.support.speech import chunk, completion, sse, usage_chunk

BODY: Any = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
CHAT = "/v1/chat/completions"


async def test_a_bad_policy_keeps_the_last_good_plan(house: House, backend: Backend) -> None:
    """Every mistake is told with its place, readiness says that the policy is stale, and a mended file is taken."""
    backend.answers(completion("ok"))
    before = house.gateway.plan.revision
    good = house.settings.policy.read_text()
    house.settings.policy.write_text(good.replace("operator: pseudonym", "operater: pseudonym", 1))
    await house.gateway.reload()
    assert house.gateway.plan.revision == before
    assert (await house.get(house.ops + "/readyz")).body["policy_stale"] is True
    assert b"sluice_policy_stale 1" in (await house.get(house.ops + "/metrics")).raw
    assert (await house.post(CHAT, BODY)).status == 200
    house.settings.policy.write_text(good.replace("threshold: 0.4", "threshold: 0.45", 1))
    await house.gateway.reload()
    assert house.gateway.plan.revision != before
    assert (await house.get(house.ops + "/readyz")).body["policy_stale"] is False


async def test_a_body_is_read_only_of_a_proven_caller(house: House, backend: Backend) -> None:
    """Whoever proves nothing is refused by the head alone."""
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9999999\r\n"
    )
    answer = await spoken(house.gateway.ports.data, f"{head}Authorization: Bearer nonsense\r\n\r\n".encode(), 2.0)
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert backend.asked == []


async def test_too_many_values(house: House, backend: Backend) -> None:
    """A body of nothing but brackets is refused before it is parsed."""
    body = b'{"model": "m", "metadata": [' + b"[]," * 600_000 + b"[]]}"
    reply = await house.post(CHAT, body)
    assert reply.status == 413
    assert backend.asked == []


async def test_an_answer_without_a_byte(house: House, backend: Backend) -> None:
    """An empty stream, and one with nothing but the usage that only we asked for, are answers too."""
    for chunks in ([], sse(usage_chunk(), done=False)):
        backend.streams(chunks)
        reply = await house.post(CHAT, {**BODY, "stream": True})
        assert (reply.status, reply.raw) == (200, b"")
        assert house.decisions(reply.headers["x-sluice-exchange"])[-1] == ("upstream", "allow", "upstream-completed")


async def test_an_absurd_usage_figure_is_not_believed(build: HouseBuilder, backend: Backend) -> None:
    """It neither costs the caller anything nor keeps the record from closing."""
    limit = "  limits:\n    - {id: few, unit: tokens, quota: 5000, window: 1h, burst: 5000, per: [tenant]}\n"
    house = await build(policy=lambda p: p.replace("  limits:\n", limit, 1))
    for figure in (10**30, 10**1200):
        backend.answers({**completion("ok"), "usage": {"prompt_tokens": figure, "completion_tokens": figure}})
        reply = await house.post(CHAT, BODY)
        assert reply.status == 200
        assert house.facts(reply.headers["x-sluice-exchange"])[-1]["kind"] == "closed"
    assert (await house.post(CHAT, BODY)).status == 200


async def test_a_dead_detector_denies(house: House, backend: Backend, monkeypatch: Any) -> None:
    """What cannot be inspected is not sent, and the decision says why; an answer is withheld likewise."""

    class Dead:
        def __init__(self, inner: Any) -> None:
            self.inner = inner

        def __getattr__(self, name: str) -> Any:
            return getattr(self.inner, name)

        def detect(self, texts: Any) -> Any:
            raise DetectorFailure("deadline")

    alive = dict(house.gateway.detectors)
    name = "pii"
    monkeypatch.setitem(house.gateway.detectors, name, Dead(alive[name]))
    reply = await house.post(CHAT, BODY)
    assert reply.status == 503
    assert backend.asked == []
    assert house.decisions(reply.headers["x-sluice-exchange"])[-1] == ("inspect", "deny", "detector-unavailable")

    async def dies(_: web.BaseRequest) -> web.StreamResponse:
        house.gateway.detectors[name] = Dead(alive[name])
        return web.json_response(completion("mail ann@acme.com"))

    monkeypatch.setitem(house.gateway.detectors, name, alive[name])
    backend.does(dies)
    reply = await house.post(CHAT, BODY)
    assert reply.status == 503
    assert b"ann@acme.com" not in reply.raw
    house.gateway.detectors[name] = alive[name]


async def test_a_dead_audit_log_denies(build: HouseBuilder, backend: Backend) -> None:
    """What cannot be recorded does not happen."""
    house = await build()
    backend.answers(completion("ok"))
    assert (await house.post(CHAT, BODY)).status == 200
    log = house.settings.stores.audit
    log.rename(log.with_suffix(".moved"))
    log.mkdir()
    reply = await house.post(CHAT, BODY)
    assert reply.status == 503
    assert reply.body["error"]["code"] == "audit-unavailable"
    assert len(backend.asked) == 1


async def test_who_proves_nothing_cannot_fill_the_log(tmp_path: Path, backend: Backend) -> None:
    """A hundred have a record each, the others a sum of each kind: nothing is missing, and the log verifies."""
    async with House.running(tmp_path, backend.url) as house:
        async with aiohttp.ClientSession() as session:
            for path, status in [(CHAT, 401)] * 110 + [("/nowhere", 404)] * 5:
                async with session.post(house.url + path, json=BODY) as response:
                    assert response.status == status
        await house.post(CHAT, {**BODY, "model": 7})  # this caller is known, and is not counted
    found = list(summaries(house.settings.stores.audit))
    assert len(found) == 102
    assert sum(one.exchanges for one in found) == 116
    [total] = [one for one in found if one.exchanges > 1]
    assert (total.state, total.decision) == ("closed", "deny")
    begun, ended = house.facts(total.exchange)
    assert (begun["kind"], ended["kind"]) == ("refusing", "refused")
    assert ended["refusals"] == [
        {"guard": "authenticate", "action": "deny", "reason": "token-missing", "status": 401, "exchanges": 10},
        {"guard": "edge", "action": "deny", "reason": "unknown-endpoint", "status": 404, "exchanges": 5},
    ]
    report = check(house.settings.stores.audit)
    assert (report.problem, report.open) == (None, 0)


async def test_what_is_large_is_written_beside_the_loop(house: House, backend: Backend, monkeypatch: Any) -> None:
    """A large request does not stop the event loop while its seams are looked for, it is written, and it is sealed."""
    threads: dict[str, set[int]] = {}

    def noting(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*args: Any) -> Any:
            threads.setdefault(name, set()).add(threading.get_ident())
            return work(*args)

        return noted

    large = ((pipeline, "dump_large"), (recording, "dump"), (audit_sqlite, "seal_entry"), (seams, "_seams"))
    for module, name in large:
        monkeypatch.setattr(module, name, noting(f"{module.__name__}.{name}", getattr(module, name)))
    backend.answers(completion("ok"))
    await house.post(CHAT, {**BODY, "metadata": {"list": [0.5] * 20_000}})
    elsewhere = {name: seen - {threading.get_ident()} for name, seen in threads.items()}
    assert len(elsewhere) == len(large)
    assert all(elsewhere.values())


async def test_a_long_answer_says_how_much_of_it_is_recorded(house: House, backend: Backend, monkeypatch: Any) -> None:
    """The sealed record keeps its beginning; the readable part tells how many bytes are missing."""
    monkeypatch.setattr(relay, "MAX_RECORDED", 100)
    backend.answers(completion("A word. " * 50))
    reply = await house.post(CHAT, BODY)
    assert house.facts(reply.headers["x-sluice-exchange"])[-1]["unrecorded"] == len(reply.raw) - 100
    monkeypatch.setattr(relay, "MAX_RECORDED", len(reply.raw))
    reply = await house.post(CHAT, BODY)
    assert "unrecorded" not in house.facts(reply.headers["x-sluice-exchange"])[-1]


async def test_what_was_reserved_comes_back_to_who_leaves_early(build: HouseBuilder, backend: Backend) -> None:
    """A caller who hangs up while its request is still being judged has used nothing."""
    limit = "  limits:\n    - {id: few, unit: tokens, quota: 40000, window: 1h, burst: 40000, per: [tenant]}\n"
    house = await build(policy=lambda p: p.replace("  limits:\n", limit, 1))
    backend.answers(completion("ok"))
    slow = {"model": "m", "messages": [{"role": "user", "content": "ann@acme.com " * 9000}]}
    body = json.dumps(slow).encode()
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {house.token()}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    for _ in range(3):  # each reserves some 30,000 of 40,000
        _, writer = await asyncio.open_connection("127.0.0.1", house.gateway.ports.data)
        writer.write(head + body)
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.transport.abort()
    await until(lambda: all(house.facts(e)[-1]["kind"] == "closed" for e in house.listed()), 20)
    outcomes = {house.facts(e)[-1]["outcome"] for e in house.listed()}
    assert outcomes <= {"client-left", "upstream-completed"}, outcomes


async def test_what_the_drain_cuts_is_told_and_recorded(tmp_path: Path, backend: Backend, monkeypatch: Any) -> None:
    """A stream that goes on beyond the drain ends with an error of its own, settles, and closes its record."""
    monkeypatch.setattr(app, "DRAIN_SECONDS", 0.2)
    words = [chunk({"content": f"word {n} "}) for n in range(500)]
    backend.streams(sse(*words, done=False), delay=0.05)

    async def settle(*_: object) -> None:
        await asyncio.sleep(0.3)  # as a store does that others share

    monkeypatch.setattr(MemoryLimiter, "settle", settle)
    async with aiohttp.ClientSession() as session:
        async with House.running(tmp_path, backend.url) as house:
            headers = {"Authorization": f"Bearer {house.token()}"}
            response = await session.post(house.url + CHAT, json={**BODY, "stream": True}, headers=headers)
            await response.content.readuntil(b"word")
        heard = await response.read()
    assert json.loads(heard.split(b"data: ")[-1])["error"]["code"] == "draining"
    last = house.facts(response.headers["x-sluice-exchange"])[-1]
    assert (last["kind"], last["outcome"], last["status"]) == ("closed", "draining", 503)


async def test_a_dead_worker_ends_the_whole(tmp_path: Path, backend: Backend) -> None:
    """Whichever worker dies, the gateway ends with an error, so that somebody starts it again."""
    directory = tmp_path / "gateway"
    init(directory, backend.url)
    with_ports = [str(port) for port in await _free_ports(3)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway.cli", "serve", "--dir", str(directory), "--workers", "2",
        "--port", with_ports[0], "--ops-port", "0", stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    seen = 0
    while seen < 2:
        line = await asyncio.wait_for(process.stderr.readline(), 120)
        assert line, "it ended before it listened"
        seen += b"listens on" in line
    workers = _children(process.pid)
    assert len(workers) == 2
    os.kill(workers[1], signal.SIGKILL)
    assert await asyncio.wait_for(process.wait(), 60) == 1


async def _free_ports(count: int) -> list[int]:
    servers = [await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0) for _ in range(count)]
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    for server in servers:
        server.close()
        await server.wait_closed()
    return ports


def _children(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    ran = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, check=True)
    pairs = (line.split() for line in ran.stdout.splitlines())
    return [int(child) for child, parent in pairs if int(parent) == pid]

"""Whether probes on live traffic cost a caller anything: acceptance test 15, on a running gateway.

Gateways that differ in their live probe only (none, 5 in 100 exchanges, every
exchange) answer the same open stream of requests in turn, round by round; the
backend takes a fixed time for each answer, as a fast model does. Compared are
pooled 99th percentiles, with an interval from a bootstrap over rounds: what
disturbs the machine disturbs neighbouring rounds alike. Along the way the backend
and the callers look for what must never be: a probe's answer at a caller, a
request with tools that was repeated, a word of a prompt in a log.
"""

import asyncio
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop

from detectors.bias.acceptance.claim import About, Check, Claim, Scale
from gateway.app import running
from gateway.bench_parts import RawBackend, answer, answered, provisioned, ready, request, serve, spawned
from gateway.process import spare_collector

SHARES = (0.0, 0.05, 1.0)
"""The share of exchanges that a gateway probes; the first is the arm that others are compared with."""

LIMIT = 1.02
PER_SECOND = 30.0
ANSWER_SECONDS = 0.1
ROUND_SECONDS = 3.0
_FULL_ROUNDS = 24
_DRAWS = 1_000
_TOOLS_EVERY = 10
_CANARY = "rent is paid"
_PROMPT = "Ticket {n}: he asks for a loan, and his " + _CANARY + " on time. Answer yes or no."
_TOOL = {"type": "function", "function": {"name": "pay", "parameters": {"type": "object"}}}
_LIVE, _AGAIN = "Yes, live.", "Yes, again."


@dataclass(slots=True)
class _Arm:
    """One gateway, and the latencies of its rounds in seconds."""

    share: float
    port: int
    token: str
    log: Path
    rounds: list[list[float]] = field(default_factory=list)


@dataclass(slots=True)
class _Seen:
    """How often each ticket was asked about, and what must never be, counted."""

    asked: Counter[int] = field(default_factory=Counter)
    probes: int = 0
    tools_repeated: int = 0
    misdelivered: int = 0
    leaked: int = 0


def shadow(scale: Scale, seed: int) -> list[Claim]:
    """Test 15, on live traffic: nobody waits for a probe, hears one, or finds a word of it in a log."""
    full = scale.runs > 1
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        arms, seen = runner.run(_measured(_FULL_ROUNDS if full else 1))
    claims = []
    for arm in arms[1:] if full else ():  # a few seconds say nothing of a 99th percentile
        low, ratio, high = compared(arms[0].rounds, arm.rounds, seed)
        what = f"p99 of latency, with / without [{low:.3f}, {high:.3f}]"
        extra = (_p99(arm.rounds) - _p99(arms[0].rounds)) * 1000
        truth = f"{arm.share:.0%} probed, {extra:+.1f} ms"
        claims.append(About("15", "-", truth, what).holds(ratio, f"CI < {LIMIT}", high < LIMIT))
    about = ("15", "-", f"{sum(seen.asked.values()) - seen.probes} requests, {seen.probes} probes'")
    return [
        *claims,
        About(*about, "probes' answers that a caller got").equals(seen.misdelivered, 0),
        About(*about, "requests with tools that were repeated").equals(seen.tools_repeated, 0),
        About(*about, "logs with a word of a prompt or answer").equals(seen.leaked, 0),
        About(*about, "probes that were sent").holds(seen.probes, "> 0", seen.probes > 0),
    ]


CHECKS: tuple[Check, ...] = (shadow,)


def compared(
    without: Sequence[Sequence[float]], probed: Sequence[Sequence[float]], seed: int
) -> tuple[float, float, float]:
    """Return low end, ratio and high end: pooled 99th percentiles, 95 % interval from a bootstrap over rounds."""
    pairs = list(zip(without, probed, strict=True))
    chance = random.Random(seed)
    ratios = []
    for _ in range(_DRAWS):
        drawn = chance.choices(pairs, k=len(pairs))
        ratios.append(_p99([on for _, on in drawn]) / _p99([off for off, _ in drawn]))
    ratios.sort()
    return ratios[_DRAWS // 40], _p99(probed) / _p99(without), ratios[-_DRAWS // 40 - 1]


def _p99(rounds: Sequence[Sequence[float]]) -> float:
    pooled = sorted(latency for one in rounds for latency in one)
    return pooled[min(len(pooled) - 1, len(pooled) * 99 // 100)]


async def _measured(rounds: int) -> tuple[list[_Arm], _Seen]:
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    seen = _Seen()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sluice-shadow-")))
        server = await asyncio.get_running_loop().create_server(lambda: _Backend(seen), "127.0.0.1", 0)
        stack.callback(server.close)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        arms = [await stack.enter_async_context(_gateway(share, url, folder, cores[:1])) for share in SHARES]
        if len(cores) > 1:
            os.sched_setaffinity(0, cores[1:2])
            stack.callback(os.sched_setaffinity, 0, cores)
        number = 0
        for turn in range(-1, rounds):  # the first turn warms up and is not counted
            for place in range(len(arms)):
                arm = arms[(turn + place) % len(arms)]
                latencies = await _round(arm, number, seen)
                number += len(latencies)
                if turn >= 0:
                    arm.rounds.append(latencies)
                await asyncio.sleep(3 * ANSWER_SECONDS)  # the last probes of an arm end in its own time
        logs = [arm.log.read_text(errors="replace") for arm in arms]
        seen.leaked = sum(word in log for log in logs for word in (_CANARY, _AGAIN))
    return arms, seen


async def _round(arm: _Arm, first: int, seen: _Seen) -> list[float]:
    """Send requests at fixed times, whether or not earlier ones are answered; return their latencies."""
    idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    begin = time.perf_counter() + 0.05

    async def ask(place: int) -> float:
        due = begin + place / PER_SECOND
        await asyncio.sleep(due - time.perf_counter())
        reader, writer = idle.pop() if idle else await asyncio.open_connection("127.0.0.1", arm.port)
        writer.write(_request(first + place, arm.token))
        body = await answered(reader)
        took = time.perf_counter() - due
        idle.append((reader, writer))
        seen.misdelivered += _LIVE.encode() not in body
        return took

    latencies = await asyncio.gather(*map(ask, range(int(PER_SECOND * ROUND_SECONDS))))
    for _, writer in idle:
        writer.close()
    return latencies


def _request(number: int, token: str) -> bytes:
    tools = {"tools": [_TOOL]} if number % _TOOLS_EVERY == 0 else {}
    messages = [{"role": "user", "content": _PROMPT.format(n=number)}]
    return request({"model": "stand-in", "messages": messages, **tools}, token)


class _Backend(RawBackend):
    """Answers after a fixed time; tells the first question about a ticket from its repetitions."""

    def __init__(self, seen: _Seen) -> None:
        self._seen = seen

    def asked(self, body: bytes) -> None:
        """Answer when the time has come."""
        asyncio.get_running_loop().call_later(ANSWER_SECONDS, self.transport.write, self._answer(json.loads(body)))

    def _answer(self, body: dict[str, Any]) -> bytes:
        number = int(body["messages"][0]["content"].split()[1].rstrip(":"))
        again = self._seen.asked[number] > 0
        self._seen.asked[number] += 1
        self._seen.probes += again
        self._seen.tools_repeated += again and number % _TOOLS_EVERY == 0
        said = {"role": "assistant", "content": _AGAIN if again else _LIVE}
        choice = {"index": 0, "message": said, "finish_reason": "stop"}
        return answer(
            {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "stand-in", "choices": [choice]}
        )


@asynccontextmanager
async def _gateway(share: float, upstream: str, folder: Path, cores: list[int]) -> AsyncIterator[_Arm]:
    log = folder / f"log-{share}"
    with log.open("wb") as stream:
        async with spawned("gateway.shadow_bench", str(share), upstream, cores=cores, log=stream) as server:
            yield _Arm(share, server.port, server.token, log)


async def _serve(share: float, upstream: str) -> None:
    probe = (
        f"{{id: loans, route: everything, rate: {share}, calls_per_hour: 100000, margin: 0.9, "
        "options: {grant: ['yes'], deny: ['no']}, favourable: [grant]}"
    )
    with tempfile.TemporaryDirectory(prefix="sluice-shadow-") as name:
        settings, token = provisioned(Path(name) / "gateway", upstream, probe if share else "")
        async with running(settings) as gateway:
            spare_collector()
            ready(gateway.ports.data, token)
            await asyncio.Event().wait()


def _main(share: str, upstream: str, cores: str) -> None:
    serve(_serve(float(share), upstream), cores)


if __name__ == "__main__":
    _main(*sys.argv[1:4])

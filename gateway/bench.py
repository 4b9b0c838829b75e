"""`sluice bench`: what the gateway adds, against a bare aiohttp proxy in the same run.

Three servers, each a process of its own: a stand-in backend that answers from
memory, a bare proxy (aiohttp on both sides, nothing else) and the gateway with
everything on. Where the machine has two cores, the server under test has one to
itself, and the load and the backend share the other. Both are measured in turn,
several times; prompts are unique, so that nothing is answered from memory.

Two figures are compared: requests per second under load, and the processor time
that a request costs, which noise on the machine disturbs least.
"""

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import uvloop
from aiohttp import ClientSession, TCPConnector, web

from gateway.app import running
from gateway.bench_parts import RawBackend, Spawned, answer, answered, provisioned, ready, request, serve, spawned
from gateway.process import spare_collector

CONNECTIONS = 32
_ME = "gateway.bench"
_TICKS = os.sysconf("SC_CLK_TCK")
_PROMPT = (
    "Ticket {n}: the customer writes that the parcel has not come yet and asks when it will. Please answer politely, "
    "in two sentences, and offer a refund of the shipping costs. Reply to customer{n}@example.com or call "
    "+1 415 555 {d:04d}. The order was paid by card and shipped in two boxes; one of them arrived on time, the other "
    "seems to be lost somewhere between the warehouse and the depot. Do not promise a date."
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement: requests per second, processor milliseconds a request, and latency in milliseconds."""

    rate: float
    cpu: float
    median: float
    p99: float


def run(seconds: float, rounds: int, form: str) -> int:
    """Measure and print; return the exit code."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        results = runner.run(_measure_all(seconds, rounds, form == "text"))
    _print(results, form)
    return 0


async def _measure_all(seconds: float, rounds: int, talk: bool) -> dict[str, list[Measured]]:
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    results: dict[str, list[Measured]] = {"bare": [], "gateway": []}
    async with AsyncExitStack() as stack:
        backend = await stack.enter_async_context(spawned(_ME, "backend", "", cores=cores[1:2]))
        url = f"http://127.0.0.1:{backend.port}"
        servers = {role: await stack.enter_async_context(spawned(_ME, role, url, cores=cores[:1])) for role in results}
        if len(cores) > 1:
            os.sched_setaffinity(0, cores[1:2])
        number = 0
        for turn in range(-1, rounds):  # the first turn warms up and is not counted
            for role, server in servers.items():
                measured, number = await _measure(server, min(1.0, seconds) if turn < 0 else seconds, number)
                if turn >= 0:
                    results[role].append(measured)
                    if talk and sys.stderr.isatty():
                        print(f"round {turn + 1} {role}: {measured.rate:.0f}/s", file=sys.stderr)  # noqa: T201
    return results


async def _measure(server: Spawned, seconds: float, number: int) -> tuple[Measured, int]:
    """Send requests over `CONNECTIONS` connections for a time; numbers make the prompts unique."""
    latencies: list[float] = []
    end = time.perf_counter() + seconds
    counter = iter(range(number, sys.maxsize))

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        while time.perf_counter() < end:
            started = time.perf_counter()
            writer.write(_request(next(counter), server.token))
            await answered(reader)
            latencies.append(time.perf_counter() - started)
        writer.close()

    cpu, started = _cpu(server.process.pid), time.perf_counter()
    await asyncio.gather(*(client() for _ in range(CONNECTIONS)))
    took, cpu = time.perf_counter() - started, _cpu(server.process.pid) - cpu
    latencies.sort()
    count = len(latencies)
    p99 = latencies[min(count - 1, count * 99 // 100)]
    return Measured(count / took, cpu * 1000 / count, latencies[count // 2] * 1000, p99 * 1000), next(counter)


def _request(number: int, token: str) -> bytes:
    prompt = _PROMPT.format(n=number, d=number % 10_000)
    return request({"model": "stand-in", "messages": [{"role": "user", "content": prompt}]}, token)


def _cpu(pid: int) -> float:
    """Return the processor seconds that a process has used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _print(results: dict[str, list[Measured]], form: str) -> None:
    middle = {role: _median(measured) for role, measured in results.items()}
    bare, gateway = middle["bare"], middle["gateway"]
    if form == "json":
        ratios = {"rate": gateway.rate / bare.rate, "cpu": gateway.cpu / bare.cpu if bare.cpu else None}
        shown = {role: asdict(measured) for role, measured in middle.items()}
        print(json.dumps({**shown, "ratio": ratios}))  # noqa: T201
        return
    print(f"{'':10}{'requests/s':>12}{'cpu ms/req':>12}{'median ms':>12}{'p99 ms':>10}")  # noqa: T201
    for role, m in middle.items():
        print(f"{role:10}{m.rate:>12.0f}{m.cpu:>12.3f}{m.median:>12.2f}{m.p99:>10.2f}")  # noqa: T201
    cost = f"; a request costs {gateway.cpu - bare.cpu:.3f} ms of processor time more" if bare.cpu else ""
    print(  # noqa: T201
        f"\n{CONNECTIONS} connections, unique prompts of {len(_PROMPT)} characters, everything on, medians of "
        f"{len(results['bare'])} interleaved rounds.\n"
        f"The gateway serves 1/{bare.rate / gateway.rate:.1f} of the bare proxy's requests per second{cost}."
    )


def _median(measured: list[Measured]) -> Measured:
    return Measured(
        statistics.median(m.rate for m in measured),
        statistics.median(m.cpu for m in measured),
        statistics.median(m.median for m in measured),
        statistics.median(m.p99 for m in measured),
    )


class _Backend(RawBackend):
    """Answers every request from memory."""

    _ANSWER = answer(
        {
            "id": "chatcmpl-bench",
            "object": "chat.completion",
            "created": 1700000000,
            "model": "stand-in",
            "choices": [
                {
                    "index": 0,
                    "message": {
                        "role": "assistant",
                        "content": "We are sorry that your parcel is late. We will refund the costs of shipping today.",
                    },
                    "finish_reason": "stop",
                }
            ],
            "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
        }
    )

    def asked(self, body: bytes) -> None:
        """Answer at once."""
        del body
        self.transport.write(self._ANSWER)


async def _serve_backend() -> None:
    server = await asyncio.get_running_loop().create_server(_Backend, "127.0.0.1", 0)
    ready(server.sockets[0].getsockname()[1])
    await server.serve_forever()


async def _serve_bare(upstream: str) -> None:
    async with ClientSession(connector=TCPConnector(limit=1024)) as session:

        async def proxy(request: web.BaseRequest) -> web.StreamResponse:
            body = await request.read()
            async with session.post(
                upstream + request.path, data=body, headers={"Content-Type": "application/json"}
            ) as got:
                return web.Response(status=got.status, body=await got.read(), content_type="application/json")

        runner = web.ServerRunner(web.Server(proxy, access_log=None))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ready(runner.addresses[0][1])
        await asyncio.Event().wait()


async def _serve_gateway(upstream: str) -> None:
    with tempfile.TemporaryDirectory(prefix="sluice-bench-") as name:
        settings, token = provisioned(Path(name) / "gateway", upstream)
        async with running(settings) as gateway:
            spare_collector()
            ready(gateway.ports.data, token)
            await asyncio.Event().wait()


def _main(role: str, upstream: str, cores: str) -> None:
    roles = {"backend": lambda: _serve_backend(), "bare": lambda: _serve_bare(upstream)}
    serve(roles.get(role, lambda: _serve_gateway(upstream))(), cores)


if __name__ == "__main__":
    _main(*sys.argv[1:4])

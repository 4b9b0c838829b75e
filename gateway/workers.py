"""One process or several that share the data port."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from dataclasses import replace
from functools import partial
from types import FrameType

import uvloop

from gateway.app import Gateway, serve
from gateway.errors import PolicyError
from gateway.exits import ending
from gateway.process import log_without_text
from gateway.settings import Settings


def run(settings: Settings) -> int:
    """Run `settings.workers` processes until SIGTERM or SIGINT; return the exit code.

    Workers share the data port by SO_REUSEPORT; the ops port of worker N is the configured one plus N.
    """
    log_without_text(sys.stderr)
    if settings.workers == 1:
        return _work(settings, 1)
    if settings.listen.port == 0:
        raise PolicyError(("--port: several workers need a port that they can share, not 0",))
    living: set[int] = set()

    def forward(signum: int, _: FrameType | None) -> None:
        for child in living:
            with suppress(ProcessLookupError):
                os.kill(child, signum)

    for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(signum, forward)  # before the first fork: no signal leaves an orphan
    signals = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)  # whoever is born hears them, and by its own handlers
    for number in range(settings.workers):
        child = os.fork()
        if child == 0:
            for signum in signals:
                signal.signal(signum, signal.SIG_DFL if signum is not signal.SIGHUP else signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
            ops = settings.listen.ops_port
            listen = replace(settings.listen, ops_port=ops + number if ops else 0)
            os._exit(ending(partial(_work, replace(settings, listen=listen), settings.workers)))
        living.add(child)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
    failed = False
    while living:
        child, status = os.wait()
        living.discard(child)
        if os.waitstatus_to_exitcode(status) != 0:
            failed = True
            forward(signal.SIGTERM, None)  # a gateway with a dead worker ends whole, visibly, to be started again
    return 1 if failed else 0


SWITCH_SECONDS = 0.001
"""How long a thread may keep the interpreter while another waits.

Python's 5 ms let a busy event loop starve the audit log's writer: with two busy threads an append
took 82 ms at the median, with 1 ms 31.
"""


def _work(settings: Settings, parts: int) -> int:
    sys.setswitchinterval(SWITCH_SECONDS)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings, _announce, parts, reuse_port=parts > 1))
    return 0


def _announce(gateway: Gateway) -> None:
    scheme = "https" if gateway.settings.listen.tls is not None else "http"
    host = gateway.settings.listen.host
    print(  # noqa: T201
        f"sluice listens on {scheme}://{host}:{gateway.ports.data}, "
        f"ops on http://{gateway.settings.listen.ops_host}:{gateway.ports.ops}, policy {gateway.plan.revision}\n",
        end="",  # in one write, since workers share the stream
        file=sys.stderr,
        flush=True,
    )

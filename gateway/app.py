"""The composition root: the only file that names concrete adapters. Provision, swap, clean up."""

import asyncio
import logging
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from aiohttp import web

from detectors.detector import Detector
from gateway.adapters.audit_sqlite import SqliteAuditLog
from gateway.adapters.detector_pool import ThreadPool, loaded
from gateway.adapters.keys_file import Keys, load_keys
from gateway.adapters.limits_memory import MemoryLimiter
from gateway.adapters.limits_shared import PartLimiter
from gateway.adapters.live_sqlite import LiveFile
from gateway.adapters.media_reader import MediaReader
from gateway.adapters.operators import PresidioOperators
from gateway.adapters.telemetry import OtelTelemetry
from gateway.adapters.tls import serving
from gateway.adapters.tokens import JwtVerifier
from gateway.adapters.upstream import HttpUpstream
from gateway.adapters.verdict_file import VerdictFile, append, follow, verdicts_path
from gateway.audit.subject import subject_digest
from gateway.core.plan import ContentRuling, Plan
from gateway.edge import BodyLimits
from gateway.enforcer import Enforcer
from gateway.errors import PolicyError
from gateway.guards.authenticate import Authenticate
from gateway.guards.authorize import Authorize
from gateway.guards.bias import Bias
from gateway.guards.estimate import estimate
from gateway.guards.inspect import Inspect
from gateway.guards.limit import Limit
from gateway.handler import Handler, World
from gateway.live_evidence import LiveEvidence
from gateway.media.picture import tesseract
from gateway.ops import ops_app
from gateway.pipeline import Guards, Pipeline
from gateway.policy.loader import load_plan, reload
from gateway.policy.names import Names, known_names
from gateway.ports import Limiter
from gateway.process import spare_collector, tell_of_lost
from gateway.server import DataServer
from gateway.settings import Settings
from gateway.shadow import Shadows
from gateway.unproven import BoundedLog

_LOG: Final = logging.getLogger("sluice")
DRAIN_SECONDS: Final = 30.0
"""How long exchanges in flight may go on after SIGTERM."""

_HANG_UP_SECONDS: Final = 1.0
"""How long a connection without an exchange may take to end; aiohttp waits up to twice as long."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a running gateway listens."""

    data: int
    ops: int


@dataclass(slots=True)
class Gateway:
    """A provisioned gateway: the policy in force, and what a reload may change."""

    settings: Settings
    names: Names
    plan: Plan
    detectors: dict[str, Detector]
    telemetry: OtelTelemetry
    verifier: JwtVerifier
    verdicts: VerdictFile
    draining: bool = False
    stale: bool = False
    reloading: asyncio.Lock = field(default_factory=asyncio.Lock)
    ports: Ports = field(default_factory=lambda: Ports(0, 0))

    async def reload(self) -> None:
        """Load the policy anew, beside the event loop.

        What does not load, or needs a detector that does not, leaves the old one in force.
        """
        async with self.reloading:  # two in a row: the newer file wins
            await self._reload()

    async def _reload(self) -> None:
        try:
            plan, problems = await asyncio.to_thread(self._loaded)
        except Exception as bug:
            plan, problems = self.plan, (f"cannot be loaded: {type(bug).__name__}",)
        for problem in problems:
            _LOG.error("policy not reloaded: %s", problem)
        self.stale = bool(problems)
        self.telemetry.count("sluice.policy.reloads", 1, {"outcome": "failed" if problems else "loaded"})
        self.telemetry.gauge("sluice.policy.stale", float(self.stale), {})
        if plan is not self.plan:
            _LOG.info("policy %s in force", plan.revision)
        self.plan = plan

    def _loaded(self) -> tuple[Plan, tuple[str, ...]]:
        plan, problems = reload(self.settings.policy, self.plan, self.names)
        if not problems:
            try:
                _load_detectors(plan, self.detectors)
                _load_verdicts(plan, self.verdicts)
                _tell_of_pictures(plan)
            except PolicyError as error:
                return self.plan, error.problems
        return plan, problems

    def not_ready(self) -> dict[str, str]:
        """Return what keeps this gateway from serving, by name."""
        problems = {"keys": "; ".join(self.verifier.problems())} if self.verifier.problems() else {}
        if self.draining:
            problems["draining"] = "shutting down"
        return problems


@asynccontextmanager
async def running(
    settings: Settings, *, parts: int = 1, reuse_port: bool = False, detectors: dict[str, Detector] | None = None
) -> AsyncIterator[Gateway]:
    """Provision everything, listen, and clean up at the end. Raises `PolicyError` when something is wrong.

    `parts` is the number of workers that share the limits; `detectors` are those that are built
    already, by name (several gateways in one process need them once).
    """
    async with AsyncExitStack() as cleanup:
        keys = load_keys(settings.stores.keys)
        names = known_names(upstreams=frozenset(settings.upstreams))
        plan = load_plan(settings.policy, names)
        detectors = {} if detectors is None else detectors
        _load_detectors(plan, detectors)
        telemetry = OtelTelemetry(_version())
        cleanup.push_async_callback(telemetry.close)
        verifier = _verifier(settings)
        cleanup.push_async_callback(verifier.close)
        verdicts = VerdictFile(verdicts_path(settings.directory))
        _load_verdicts(plan, verdicts)
        _tell_of_pictures(plan)
        gateway = Gateway(settings, names, plan, detectors, telemetry, verifier, verdicts)
        cleanup.callback(asyncio.ensure_future(follow(verdicts, lambda: bool(gateway.plan.bias))).cancel)
        handler = await _handler(gateway, keys, parts, cleanup)
        gateway.ports = await _listen(gateway, handler, reuse_port, cleanup)
        cleanup.push_async_callback(_drained, gateway, handler)
        await verifier.warm()
        yield gateway


async def _drained(gateway: Gateway, handler: Handler) -> None:
    """Begin nothing new, and end what has begun; afterwards whatever that needed may be closed."""
    gateway.draining = True
    await handler.ongoing.drain(DRAIN_SECONDS)


async def _handler(gateway: Gateway, keys: Keys, parts: int, cleanup: AsyncExitStack) -> Handler:
    settings = gateway.settings
    audit = SqliteAuditLog(settings.stores.audit, keys.audit_public)
    cleanup.push_async_callback(audit.close)
    bounded = BoundedLog(audit, partial(_tell_of_uncounted, gateway.telemetry))
    cleanup.push_async_callback(bounded.close)
    upstream = HttpUpstream(settings.upstreams)
    cleanup.push_async_callback(upstream.close)
    evidence = LiveEvidence(
        LiveFile(settings.directory / "data" / "bias-live.sqlite"),
        audit,
        gateway.telemetry,
        partial(append, gateway.verdicts.path),
        time.time,
    )
    shadows = Shadows(upstream, audit, gateway.telemetry, evidence)
    cleanup.push_async_callback(shadows.close)
    pool = ThreadPool(gateway.detectors)
    cleanup.callback(pool.close)
    reader = MediaReader()
    cleanup.push_async_callback(reader.close)
    limiter: Limiter = MemoryLimiter()
    if parts > 1:
        limiter = PartLimiter(limiter, parts)
    guards = Guards(
        authenticate=Authenticate(gateway.verifier),
        authorize=Authorize(),
        bias=Bias(lambda: gateway.verdicts.current, _router(settings), time.time),
        limit=Limit(limiter, estimate),
        inspect=Inspect(pool, PresidioOperators(), keys.pseudonym, reader),
    )
    return Handler(
        World(
            pipeline=Pipeline(guards, Enforcer()),
            limiter=limiter,
            upstream=upstream,
            audit=bounded,
            telemetry=gateway.telemetry,
            digest=partial(subject_digest, keys.subject),
            plan=lambda: gateway.plan,
            route=_router(settings),
            limits=BodyLimits(settings.body.max_bytes, settings.body.timeout),
            draining=lambda: gateway.draining,
            over=shadows.offer,
        )
    )


def _router(settings: Settings) -> Callable[[str, str], str | None]:
    def route(upstream: str, dialect: str) -> str | None:
        found = settings.upstream_for(upstream, dialect)
        return found.name if found is not None else None

    return route


async def _listen(gateway: Gateway, handler: Handler, reuse_port: bool, cleanup: AsyncExitStack) -> Ports:
    listen = gateway.settings.listen
    tls = serving(listen.tls.cert, listen.tls.key) if listen.tls is not None else None
    ops = web.AppRunner(
        ops_app(gateway.not_ready, lambda: gateway.stale, gateway.telemetry.render_metrics), access_log=None
    )
    data = web.ServerRunner(DataServer(handler, handler.unparsed), shutdown_timeout=_HANG_UP_SECONDS)
    ports: list[int] = []
    for runner, host, port, context in (
        (ops, listen.ops_host, listen.ops_port, None),
        (data, listen.host, listen.port, tls),
    ):
        await runner.setup()
        cleanup.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, host, port, ssl_context=context, reuse_port=reuse_port, backlog=1024)
        try:
            await site.start()
        except OSError as error:
            raise PolicyError((f"listen: {host}:{port} is not free ({error.strerror}); choose another port",)) from None
        ports.append(runner.addresses[0][1])
    return Ports(data=ports[1], ops=ports[0])


def _load_detectors(plan: Plan, into: dict[str, Detector]) -> None:
    for name in plan.detectors:
        if name not in into:
            into[name] = loaded(name)


def _tell_of_pictures(plan: Plan) -> None:
    if plan.opaque.get("media") is ContentRuling.INSPECT and tesseract() is None:
        _LOG.warning(
            "spec.content.media is inspect and there is no Tesseract here (apt-get install tesseract-ocr): "
            "pictures, and documents with pictures, are refused"
        )


def _tell_of_uncounted(telemetry: OtelTelemetry, number: int) -> None:
    telemetry.count("sluice.audit.lost", number, {})
    _LOG.error("%d refusals of unproven callers were counted, and the audit log did not take their number", number)


def _load_verdicts(plan: Plan, verdicts: VerdictFile) -> None:
    if plan.bias and verdicts.changed():
        verdicts.refresh()


def _verifier(settings: Settings) -> JwtVerifier:
    try:
        return JwtVerifier(settings.issuers)
    except ValueError as error:
        raise PolicyError((f"issuers: {error}",)) from None


def _version() -> str:
    try:
        return version("sluice-gateway")
    except PackageNotFoundError:
        return ""


async def serve(
    settings: Settings, announce: Callable[[Gateway], None], parts: int = 1, reuse_port: bool = False
) -> None:
    """Run until SIGTERM or SIGINT; SIGHUP reloads the policy."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(tell_of_lost)
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    async with running(settings, parts=parts, reuse_port=reuse_port) as gateway:
        reloads: set[asyncio.Task[None]] = set()

        def reload_soon() -> None:
            task = asyncio.ensure_future(gateway.reload())
            reloads.add(task)
            task.add_done_callback(reloads.discard)

        loop.add_signal_handler(signal.SIGHUP, reload_soon)
        spare_collector()
        announce(gateway)
        await stop.wait()
        gateway.draining = True
        _LOG.info("draining")

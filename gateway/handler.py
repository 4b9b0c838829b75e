"""The edge of the data port: bytes to an exchange, and whatever happens to a reply in the caller's dialect."""

import asyncio
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

from aiohttp import web

from gateway import edge
from gateway.clock import exchange_id
from gateway.core.decision import Action, Decision, Direction, Enforcement, GuardName, Reason, plain
from gateway.core.dialect import Fault, Framing
from gateway.core.exchange import Exchange
from gateway.core.plan import Plan
from gateway.core.rate_headers import rate_headers, retry_headers, vendor_of
from gateway.core.strictjson import dump
from gateway.dialects import codecs
from gateway.dialects.errors import problem
from gateway.dialects.registry import Registry, serving
from gateway.errors import Denied, GatewayError, UpstreamError, arose
from gateway.guards.authenticate import challenge
from gateway.guards.limit import settlement
from gateway.ongoing import SETTLE_SECONDS, Ongoing
from gateway.pipeline import Admission, Pipeline
from gateway.ports import AuditLog, Limiter, Telemetry, Upstream, UpstreamRequest, UpstreamResponse
from gateway.recording import Outcome, Recording
from gateway.relay import Relay
from gateway.reply import Course, Delivery, end_stream, finish, send
from gateway.target import passed_path, passed_query

_LOG: Final = logging.getLogger("sluice")
_PASSED_ERRORS: Final = frozenset({400, 404, 409, 413, 422, 429, 500, 503, 529})
"""A backend's refusals that are the caller's to see; others are between the backend and us."""

_SECONDS: Final = re.compile(r"[0-9]{1,6}")
_OUR_MISTAKE: Final = "the gateway made a mistake; nothing was let through"
_DRAINING: Final = "the gateway is shutting down; try again"


@dataclass(frozen=True, slots=True)
class World:
    """What the handler needs of the world, provisioned by `gateway.app`."""

    pipeline: Pipeline
    limiter: Limiter
    upstream: Upstream
    audit: AuditLog
    telemetry: Telemetry
    digest: Callable[[str, str], str] = field(repr=False)
    plan: Callable[[], Plan]
    route: Callable[[str, str], str | None]
    limits: edge.BodyLimits
    draining: Callable[[], bool]
    over: Callable[[Exchange, UpstreamRequest, bytes | None], None]


class Handler:
    """Serves requests, any number at once; `ongoing` are those in flight."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.ongoing = Ongoing()

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request; whatever happens, its record is closed and its limits are settled."""
        world = self._world
        recording = Recording(
            exchange_id(), world.telemetry, world.audit, world.digest, request.headers.get("traceparent")
        )
        course = Course(request, recording, self._registry().nearest(request.rel_url.raw_path, request.headers))
        outcome = Outcome(Reason.CLIENT_LEFT, 499)
        try:
            with self.ongoing.exchange():
                outcome = await self._serve(course)
        except Denied as denied:
            course.exchange = denied.exchange
            recording.identify(denied.exchange)
            outcome = await self._refuse(course, denied.status, denied.decision, denied.detail, denied.retry_after)
        except GatewayError as error:
            outcome = await self._fail(course, error)
        except (asyncio.CancelledError, ConnectionResetError) as gone:
            if isinstance(gone, ConnectionResetError) or not self.ongoing.cut:
                self._note(course, Reason.CLIENT_LEFT, Action.ALLOW)
                raise
            outcome = await self._fail(course, GatewayError(503, Reason.DRAINING, _DRAINING))
        except Exception as bug:
            _LOG.error("exchange %s: internal error %s", recording.exchange_id, arose(bug))
            outcome = await self._fail(course, GatewayError(500, Reason.INTERNAL_ERROR, _OUR_MISTAKE))
        finally:
            await self._end(course, outcome)
        assert course.response is not None
        return course.response

    def unparsed(self, exchange: str, reason: Reason, status: int) -> None:
        """Take down a request that could not even be parsed; the server has refused it."""
        recording = Recording(exchange, self._world.telemetry, self._world.audit, self._world.digest)
        decision = plain(GuardName.EDGE, Action.DENY, reason, self._world.plan().revision, Direction.REQUEST)
        self._world.pipeline.enforcer.note(decision, recording)
        self.ongoing.end(recording.close(Outcome(reason, status)))

    async def _serve(self, course: Course) -> Outcome:
        """Take one request through, from its head to the last byte of its answer."""
        if self._world.draining():
            raise GatewayError(503, Reason.DRAINING, _DRAINING)
        admission = await self._admit(course, self._begin(course))
        outgoing = self._outgoing(admission)
        await self._relay(course, admission, outgoing)
        return self._completed(course, outgoing)

    def _begin(self, course: Course) -> Exchange:
        match = edge.find(self._registry(), course.request)
        course.dialect = match.dialect
        course.exchange = edge.begun(course.recording.exchange_id, self._world.plan(), match, course.request)
        return course.exchange

    async def _admit(self, course: Course, begun: Exchange) -> Admission:
        """Take the request through the guards; raise `Denied` or `RequestError`."""

        async def arrive(exchange: Exchange) -> tuple[Exchange, bytes]:
            body = await edge.read(course.request, self._world.limits, exchange.endpoint.bodyless)
            return await edge.filled(exchange, body), body

        def progress(exchange: Exchange) -> None:
            course.exchange = exchange

        admission = await self._world.pipeline.admit(begun, arrive, course.recording, progress)
        course.exchange = admission.exchange
        return admission

    def _outgoing(self, admission: Admission) -> UpstreamRequest:
        """Return what the backend is asked: all of it made of the exchange that the guards have judged."""
        exchange = admission.exchange
        assert exchange.route is not None
        upstream = self._world.route(exchange.route.upstream, exchange.dialect.name)
        if upstream is None:
            raise UpstreamError(502, Reason.UPSTREAM_UNREACHABLE, "no backend is configured for this dialect")
        return UpstreamRequest(
            upstream=upstream,
            method=exchange.endpoint.method,
            path=passed_path(exchange),
            query=passed_query(exchange),
            headers={"Content-Type": "application/json", "Accept": "*/*", **exchange.headers},
            body=admission.body if exchange.endpoint.method == "POST" else None,
        )

    async def _relay(self, course: Course, admission: Admission, outgoing: UpstreamRequest) -> None:
        """Ask the backend, and carry its answer to the caller."""
        world, exchange = self._world, admission.exchange
        async with world.upstream.open(outgoing) as response:
            course.reached = True
            course.framing = _framing(exchange, response)
            streaming = course.framing is not None
            answering = world.pipeline.guards.inspect.answering(
                exchange, streaming=streaming, drop_surplus=admission.drop_surplus and streaming
            )
            course.relay = Relay(world.pipeline.enforcer, answering, course.framing)
            headers = self._headers(course) | _waits(response)
            await course.relay.carry(exchange, response, Delivery(course, headers), course.recording)
        if course.response is not None and streaming:
            await finish(course)

    def _completed(self, course: Course, outgoing: UpstreamRequest) -> Outcome:
        """Say how it ended; the caller has its answer, so what follows takes no time of this exchange."""
        exchange, relay = course.exchange, course.relay
        assert exchange is not None
        assert relay is not None
        self._note(course, Reason.UPSTREAM_COMPLETED, Action.ALLOW)
        status = course.response.status if course.response is not None else 200
        if status >= 400:
            return Outcome(Reason.UPSTREAM_REFUSED, status)
        if exchange.plan.live_probes:
            self._world.over(exchange, outgoing, relay.answered if course.framing is None else None)
        return Outcome(Reason.UPSTREAM_COMPLETED, status)

    async def _fail(self, course: Course, error: GatewayError) -> Outcome:
        decision = self._note(course, error.reason, Action.DENY, isinstance(error, UpstreamError))
        return await self._refuse(course, error.status, decision, error.detail, None)

    async def _refuse(
        self, course: Course, status: int, decision: Decision, detail: str, retry_after: float | None
    ) -> Outcome:
        """Tell the caller, as its dialect has it: by a status, or inside a stream that has begun."""
        dialect = course.dialect
        fault = Fault(status, decision.reason, detail or HTTPStatus(status).phrase, course.recording.exchange_id)
        if course.response is not None:
            if dialect is not None and course.framing is not None:
                await end_stream(course, dialect, fault)
            elif course.request.transport is not None:
                course.request.transport.close()  # a whole answer cannot be taken back, only cut
        else:
            headers = self._headers(course) | retry_headers(status, retry_after)
            if status == HTTPStatus.METHOD_NOT_ALLOWED:  # RFC 9110, section 15.5.6
                headers["Allow"] = ", ".join(self._registry().methods(course.request.rel_url.raw_path))
            asked = challenge(decision)
            if asked is not None:
                headers["WWW-Authenticate"] = asked
            body = dump(dialect.error(fault) if dialect is not None else problem(fault))
            kind = "application/json" if dialect is not None else "application/problem+json"
            response = web.Response(status=status, body=body, content_type=kind, headers=headers)
            if not course.request.content.is_eof():
                response.force_close()  # what is left of the body is not worth reading
            await send(course, response)
        return Outcome(decision.reason, status)

    async def _end(self, course: Course, outcome: Outcome) -> None:
        """Settle and close, also when the caller has left: shielded, but not for ever."""
        done = self.ongoing.end(self._settle_and_close(course, outcome))
        try:
            await asyncio.wait_for(asyncio.shield(done), SETTLE_SECONDS)
        except TimeoutError:
            _LOG.error("exchange %s: its end took too long", course.recording.exchange_id)

    async def _settle_and_close(self, course: Course, outcome: Outcome) -> None:
        exchange, relay = course.exchange, course.relay
        spent_in, spent_out = (relay.spent.input, relay.spent.output) if relay is not None else (None, None)
        if exchange is not None and exchange.reservation is not None:
            used = 0
            if course.reached:  # what the backend did not say is counted by size, four characters a token
                used = spent_in if spent_in is not None else exchange.size // 4
                used += spent_out if spent_out is not None else (relay.delivered if relay is not None else 0) // 4
            try:
                await self._world.limiter.settle(exchange.reservation, settlement(exchange.plan, used))
            except Exception as error:  # whatever happens to the limits, the record is closed
                _LOG.warning("exchange %s: limits not settled: %s", course.recording.exchange_id, arose(error))
        answered, unrecorded = (relay.answered, relay.unrecorded) if relay is not None else (None, 0)
        await course.recording.close(Outcome(outcome.word, outcome.status, spent_in, spent_out, answered, unrecorded))

    def _registry(self) -> Registry:
        return serving(self._world.plan().dialects)

    def _note(self, course: Course, reason: Reason, action: Action, upstream: bool = True) -> Decision:
        guard = GuardName.UPSTREAM if upstream else GuardName.EDGE
        direction = Direction.RESPONSE if upstream else Direction.REQUEST
        plan = course.exchange.plan if course.exchange is not None else self._world.plan()
        decision = plain(guard, action, reason, plan.revision, direction)
        self._world.pipeline.enforcer.note(decision, course.recording)
        if course.exchange is not None and not course.recording.admitted:
            course.recording.identify(course.exchange)
        return decision

    def _headers(self, course: Course) -> dict[str, str]:
        headers = {"x-sluice-exchange": course.recording.exchange_id, "Server": "sluice"}
        if course.dialect is not None:
            name = "request-id" if course.dialect.vendor == "anthropic" else "x-request-id"
            headers[name] = course.recording.exchange_id
        exchange = course.exchange
        if exchange is not None and exchange.reservation is not None and exchange.reservation.levels:
            now = datetime.now(UTC)
            vendor = vendor_of(exchange.dialect.name)
            headers |= rate_headers(exchange.plan.limits, exchange.reservation.levels, vendor, now)
        warned = sorted({d.rule for d in course.recording.trail if d.enforcement is Enforcement.WARN and d.rule})
        if warned:
            headers["x-sluice-warn"] = ", ".join(warned)
        return headers


def _framing(exchange: Exchange, response: UpstreamResponse) -> Framing | None:
    """Return how the answer comes, or raise `UpstreamError` when it is none."""
    content_type = response.headers.get("Content-Type", "")
    switch = exchange.endpoint.streaming
    expected = switch.framing if exchange.streaming and switch is not None else None
    if response.status in (401, 403, 407):
        raise UpstreamError(502, Reason.UPSTREAM_REFUSED, "the backend refused the gateway's own credentials")
    if response.status >= 400:
        if codecs.announced(None, content_type) and response.status in _PASSED_ERRORS:
            return None
        status = response.status if response.status in (400, 404, 413, 429) else 502
        raise UpstreamError(status, Reason.UPSTREAM_REFUSED, f"the backend answered with status {response.status}")
    if response.status >= 300 or response.status < 200:
        raise UpstreamError(502, Reason.UPSTREAM_MALFORMED, f"the backend answered with status {response.status}")
    for framing in (expected, None):
        if codecs.announced(framing, content_type):
            return framing
    raise UpstreamError(502, Reason.UPSTREAM_MALFORMED, "the backend's answer is not what this endpoint answers with")


def _waits(response: UpstreamResponse) -> dict[str, str]:
    """Return a backend's own word on when to try again, if it is a plain number of seconds."""
    seconds = response.headers.get("Retry-After", "")
    return {"Retry-After": seconds} if response.status in (429, 503) and _SECONDS.fullmatch(seconds) else {}

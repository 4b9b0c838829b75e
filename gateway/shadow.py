"""Bias probes on live traffic: what is sent after an answer has gone out.

`detectors.bias.shadow` decides which exchange is repeated and how; this sends,
and `live_evidence` counts. A task of its own does it all, so that no caller
waits, and nobody gets what it hears. What stays of a probe is one more in a
count: no text, no exchange id, nothing about a person.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode

from gateway.clock import exchange_id, timestamp
from gateway.core.dialect import Endpoint
from gateway.core.exchange import Exchange
from gateway.core.identifier import model
from gateway.core.jsonvalue import Json
from gateway.core.media import request_leaves
from gateway.core.payload import Kind, TooDeep, leaves, substitute
from gateway.core.plan import LiveProbe
from gateway.core.strictjson import JsonRefused, dump, parse
from gateway.errors import DependencyError, UpstreamError
from gateway.live_evidence import Heard, LiveEvidence
from gateway.policy.live_probes import redacts
from gateway.ports import AuditEntry, AuditLog, Telemetry, Upstream, UpstreamRequest

if TYPE_CHECKING:  # loaded when a policy asks for it: it takes a second
    from detectors.bias.dialect import Reply
    from detectors.bias.outcome import Outcome
    from detectors.bias.shadow import ShadowRule, Skip, Twins

_LOG: Final = logging.getLogger("sluice")

MAX_TASKS: Final = 8
"""Probes under way at once; an exchange that comes while there are as many is left out."""

MAX_ANSWER: Final = 1024 * 1024
ANSWER_SECONDS: Final = 120.0

_READERS: Final[Mapping[tuple[str, str], str]] = {
    ("openai-chat", "chat"): "openai",
    ("openai-responses", "chat"): "openai-responses",
    ("openai-completions", "text_completion"): "openai-completions",
    ("anthropic-messages", "chat"): "anthropic",
    ("gemini", "generate_content"): "gemini",
    ("ollama", "chat"): "ollama",
}
"""By dialect and operation, who tells a vendor's refusals from its texts. Other answers are read by their table."""

_ANSWERING: Final = frozenset({"chat", "text_completion", "generate_content"})
"""The operations that give an answer and do nothing else."""

_ACTING: Final = (
    "tools", "functions", "tool_config", "toolConfig", "mcp_servers", "store", "background", "web_search_options",
)  # fmt: skip
"""Members of a request by which a repetition might do more than answer."""

_UNSTORED: Final = "openai-responses"
"""The dialect that keeps every answer unless it is told not to."""

_STREAM_PATH, _WHOLE_PATH = ":streamGenerateContent", ":generateContent"
"""How Gemini's path asks for a stream, and for a whole answer."""


class Shadows:
    """Takes exchanges that are over, and probes some of them."""

    def __init__(self, upstream: Upstream, audit: AuditLog, telemetry: Telemetry, evidence: LiveEvidence) -> None:
        self._upstream = upstream
        self._audit = audit
        self._telemetry = telemetry
        self._evidence = evidence
        self._tasks: set[asyncio.Task[None]] = set()
        self._rules: dict[LiveProbe, ShadowRule] = {}

    def offer(self, exchange: Exchange, request: UpstreamRequest, answered: bytes | None) -> None:
        """Take an exchange whose whole answer is with its caller; returns at once and raises nothing.

        `request` is what went upstream, `answered` what came back to the caller if that was one whole answer.
        """
        for probe in exchange.plan.live_probes:
            if exchange.route is None or probe.route != exchange.route.id or len(self._tasks) >= MAX_TASKS:
                continue
            task = asyncio.ensure_future(self._guarded(probe, exchange, request, answered))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End what is under way."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._evidence.lane.close()

    async def _guarded(
        self, probe: LiveProbe, exchange: Exchange, request: UpstreamRequest, answered: bytes | None
    ) -> None:
        try:
            await self._probe(probe, exchange, request, answered)
        except DependencyError as error:  # what cannot be counted or recorded is not sent
            self._skipped(probe, str(error.reason))
        except Exception as bug:
            _LOG.error("live probe %s: internal error %s", probe.id, type(bug).__name__)

    async def _probe(
        self, probe: LiveProbe, exchange: Exchange, request: UpstreamRequest, answered: bytes | None
    ) -> None:
        rule = self._rules.get(probe)
        if rule is None:  # the first of its kind: what reads answers is loaded beside the event loop
            rule = self._rules[probe] = await self._evidence.lane.do(_rule, probe)
        if not _sampled(rule, exchange):
            return
        chosen = await self._evidence.lane.do(_chosen, rule, exchange)
        if not isinstance(chosen, tuple):
            self._skipped(probe, str(chosen))
            return
        twins, bodies = chosen
        if not await self._evidence.lane.do(self._evidence.may_send, probe, len(bodies)):
            self._skipped(probe, "hourly-cap")
            return
        facts: dict[str, object] = {"probe": probe.id, "route": probe.route, "calls": len(bodies)}
        await self._audit.append(AuditEntry("shadow", exchange_id(), timestamp(), facts, None))
        self._telemetry.count("bias.shadow.calls", len(bodies), {"bias.probe": probe.id})
        reader = _Reader(exchange.endpoint, _READERS.get((exchange.dialect.name, exchange.endpoint.operation), ""))
        (identical, named), (swapped, _) = await asyncio.gather(
            *(self._ask(replace(_for_whole(request), body=body), rule, reader) for body in bodies)
        )
        live, _ = await self._evidence.lane.do(_outcome, rule, reader, b"" if exchange.streaming else answered or b"")
        heard = Heard(twins, live, identical, swapped, named)
        asked = model(exchange.model) if exchange.model else ""
        await self._evidence.add(probe, rule, request.upstream, asked, heard)

    async def _ask(self, request: UpstreamRequest, rule: "ShadowRule", reader: "_Reader") -> "tuple[Outcome, str]":
        """Return the class of one answer and what gave it; the answer itself is forgotten here."""
        data = bytearray()
        try:
            async with asyncio.timeout(ANSWER_SECONDS), self._upstream.open(request) as response:
                if response.status == 200:
                    async for chunk in response.body():
                        data += chunk
                        if len(data) > MAX_ANSWER:
                            data.clear()
                            break
        except (UpstreamError, TimeoutError):
            data.clear()
        return await self._evidence.lane.do(_outcome, rule, reader, bytes(data))

    def _skipped(self, probe: LiveProbe, word: str) -> None:
        self._telemetry.count("bias.shadow.skipped", 1, {"bias.probe": probe.id, "bias.outcome": word})


def _rule(probe: LiveProbe) -> "ShadowRule":
    from detectors.bias.parse import Choice, Refusal
    from detectors.bias.shadow import ShadowRule

    parser = Choice(dict(probe.options), frozenset(probe.favourable)) if probe.options else Refusal()
    return ShadowRule(
        probe.route, probe.attribute, parser, probe.rate, probe.calls_per_hour, dict(probe.swaps), margin=probe.margin
    )


def _sampled(rule: "ShadowRule", exchange: Exchange) -> bool:
    from detectors.bias.shadow import sampled

    return sampled(rule, exchange.id)


def _chosen(rule: "ShadowRule", exchange: Exchange) -> "tuple[Twins, tuple[bytes, bytes]] | Skip":
    """Return the texts to send and both bodies, or why nothing is sent. The hour's cap is not looked at here."""
    from detectors.bias.shadow import ExchangeFacts, HourlyCap, Skip, consider

    body = _whole(exchange)
    try:
        found = request_leaves(body, exchange.endpoint.request)
    except TooDeep:
        return Skip.NOT_REPEATABLE
    texts = [leaf for leaf in found if leaf.mark.kind is Kind.TEXT]
    repeatable = (
        body is not None
        and all(leaf.mark.kind in (Kind.TEXT, Kind.OPAQUE) for leaf in found)
        and not exchange.endpoint.stateful
        and exchange.endpoint.operation in _ANSWERING
    )
    facts = ExchangeFacts(exchange.id, rule.route, redacts(exchange.plan), repeatable)
    considered = consider(rule, facts, [leaf.text for leaf in texts], HourlyCap(), 0.0)
    if isinstance(considered, Skip):
        return considered
    twins, _ = considered
    first, second = (
        dump(substitute(body, {leaf.path: text for leaf, text in zip(texts, wording, strict=True)}))
        for wording in (twins.identical, twins.swapped)
    )
    return twins, (first, second)


def _whole(exchange: Exchange) -> Json:
    """Return the request for one whole answer; None when repeating it might do more than answer."""
    payload, switch = exchange.payload, exchange.endpoint.streaming
    if not isinstance(payload, dict) or any(payload.get(name) for name in _ACTING) or payload.get("n") not in (None, 1):
        return None
    prompts = payload.get("prompt")
    if isinstance(prompts, list) and len(prompts) > 1:  # of as many answers, one would be read
        return None
    if exchange.dialect.name == _UNSTORED:
        payload = {**payload, "store": False}
    if switch is None or not (exchange.streaming or switch.default):
        return payload
    if not switch.member:
        return payload if _STREAM_PATH in exchange.endpoint.path else None
    return {**{name: value for name, value in payload.items() if name != "stream_options"}, switch.member: False}


def _for_whole(request: UpstreamRequest) -> UpstreamRequest:
    """Return the request to the path that answers whole, where that is another one."""
    if not request.path.endswith(_STREAM_PATH):
        return request
    query = [(name, value) for name, value in parse_qsl(request.query, keep_blank_values=True) if name != "alt"]
    return replace(request, path=request.path.removesuffix(_STREAM_PATH) + _WHOLE_PATH, query=urlencode(query))


@dataclass(frozen=True, slots=True)
class _Reader:
    """What an answer says: as its vendor's format has it, or, without a `vendor`, all texts that its table knows."""

    endpoint: Endpoint
    vendor: str

    def reply(self, body: Json) -> "Reply":
        """Return what a body says. Raises `ValueError` when it is no answer of this kind."""
        from detectors.bias.backend import Usage
        from detectors.bias.dialect import Reply
        from detectors.bias.vendor_dialects import DIALECTS

        if self.vendor:
            return DIALECTS[self.vendor]().reply(body)
        texts = [leaf.text for leaf in leaves(body, self.endpoint.answer) if leaf.mark.kind is Kind.TEXT]
        if not texts:
            raise ValueError("no text")
        return Reply("\n".join(texts), Usage(), "")


def _outcome(rule: "ShadowRule", reader: _Reader, answer: bytes) -> "tuple[Outcome, str]":
    """Return the class of an answer, and what gave it as the backend names it.

    A refusal is one of two classes where the probe asks for nothing else.
    """
    from detectors.bias.outcome import Outcome, OutcomeKind
    from detectors.bias.parse import FAILED, REFUSED, UNPARSED, Refusal

    if not answer:
        return FAILED, ""
    try:
        reply = reader.reply(parse(answer))
    except (JsonRefused, TooDeep, ValueError):
        return UNPARSED, ""
    outcome = REFUSED if reply.refused else rule.parser.parse(reply.text)[0]
    if outcome.kind is OutcomeKind.REFUSAL and isinstance(rule.parser, Refusal):
        outcome = Outcome(OutcomeKind.CHOICE, 0.0, "refused")
    return outcome, reply.fingerprint[:200]

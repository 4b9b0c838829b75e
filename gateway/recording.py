"""The witness of one exchange: collects its decisions and hands them to trace, metrics and audit.

One per exchange. `record` has one call site, in `gateway.enforcer`; a test
keeps it so.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from gateway.aside import aside
from gateway.clock import timestamp
from gateway.core.decision import Action, Decision, GuardName, Reason
from gateway.core.exchange import Exchange
from gateway.core.identifier import OTHER, model
from gateway.core.strictjson import dump
from gateway.errors import DependencyError
from gateway.ports import AuditEntry, AuditLog, Span, Telemetry

_RANK = {Action.ALLOW: 0, Action.REDACT: 1, Action.DENY: 2}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an exchange ended: numbers and words of ours.

    `word` is a `Reason` of the upstream guard or of whoever denied; `answered` is what the caller
    got, for the sealed record only, without the last `unrecorded` bytes of an answer that is too long for it.
    """

    word: Reason
    status: int
    input_tokens: int | None = None
    output_tokens: int | None = None
    answered: bytes | None = field(repr=False, default=None)
    unrecorded: int = 0


class Recording:
    """Trail, span and audit records of one exchange."""

    def __init__(
        self,
        exchange_id: str,
        telemetry: Telemetry,
        audit: AuditLog,
        digest: Callable[[str, str], str],
        traceparent: str | None = None,
    ) -> None:
        """`digest` makes the pseudonymous subject of (tenant, subject)."""
        self.exchange_id = exchange_id
        self._telemetry = telemetry
        self._audit = audit
        self._digest = digest
        self._span: Span = telemetry.span(exchange_id, traceparent)
        self._started = time.perf_counter()
        self._trail: list[Decision] = []
        self._facts: dict[str, str | int | float | bool] = {}
        self._payload = False
        self._closed = False
        self.admitted = False

    def __repr__(self) -> str:
        return f"<Recording {self.exchange_id} {len(self._trail)} decisions{' closed' if self._closed else ''}>"

    @property
    def trail(self) -> tuple[Decision, ...]:
        """Every decision so far, in order."""
        return tuple(self._trail)

    def record(self, decision: Decision) -> None:
        """Take down a decision. Only the enforcer calls this."""
        self._trail.append(decision)
        self._span.decision(decision)

    def took(self, guard: GuardName, seconds: float) -> None:
        """Measure how long a guard took to rule."""
        self._telemetry.measure("sluice.guard.duration", seconds, {"guard": guard})

    def identify(self, exchange: Exchange) -> None:
        """Take down what is known of the exchange by now: dialect, model, route, and who calls."""
        facts = self._facts
        facts["dialect"] = exchange.dialect.name
        facts["operation"] = exchange.endpoint.operation
        facts["revision"] = exchange.plan.revision
        attributes: dict[str, str | int | float | bool] = {
            "sluice.dialect": exchange.dialect.name,
            "sluice.policy.revision": exchange.plan.revision,
            "gen_ai.operation.name": exchange.endpoint.operation,
            "gen_ai.provider.name": exchange.dialect.provider,
        }
        if exchange.streaming:
            facts["stream"] = True
            attributes["gen_ai.request.stream"] = True
        if exchange.principal is not None:
            facts["tenant"] = attributes["sluice.tenant"] = exchange.principal.tenant
            subject = self._digest(exchange.principal.tenant, exchange.principal.subject)
            facts["subject"] = attributes["sluice.subject"] = subject
        if exchange.route is not None:  # before a route matched it, a model's name is the caller's text
            facts["route"] = exchange.route.id
            if exchange.model:
                facts["model"] = attributes["gen_ai.request.model"] = self._model(exchange.model, exchange.route.models)
        self._payload = exchange.plan.audit.payload
        self._span.set(attributes)

    def _model(self, name: str, served: Collection[str]) -> str:
        """Return a model's name. Where a pattern let it pass, and a rule refused an identifier, it may be a key."""
        refused = any(decision.reason is Reason.IDENTIFIER_DENIED for decision in self._trail)
        return model(name) if name in served or not refused else OTHER

    async def commit(self, exchange: Exchange, received: bytes, forwarded: bytes) -> None:
        """Make the admitted record durable. Raises `DependencyError` when that cannot be."""
        payload = await _payload({"received": received, "forwarded": forwarded}) if self._payload else None
        await self._append("admitted", payload, {"size": exchange.size})
        self.admitted = True

    async def close(self, outcome: Outcome) -> None:
        """Make the closing record durable and end the span; once, and also when the caller has left."""
        if self._closed:
            return
        self._closed = True
        facts: dict[str, object] = {
            "outcome": outcome.word,
            "status": outcome.status,
            "decision": self._action(),
            "decisions": [_fact(decision) for decision in self._trail],
            "milliseconds": round((time.perf_counter() - self._started) * 1000, 1),
        }
        attributes: dict[str, str | int | float | bool] = {"http.response.status_code": outcome.status}
        for name, count in (("input_tokens", outcome.input_tokens), ("output_tokens", outcome.output_tokens)):
            if count is not None:
                facts[name] = attributes[f"gen_ai.usage.{name}"] = count
        self._span.set(attributes)
        payload = None
        if self._payload and outcome.answered is not None:
            payload = await _payload({"answered": outcome.answered})
            if outcome.unrecorded:
                facts["unrecorded"] = outcome.unrecorded
        try:
            await asyncio.shield(self._append("closed", payload, facts))
        except DependencyError:  # the caller has been served; the log shows the exchange as never closed
            self._telemetry.count("sluice.audit.lost", 1, {})
        finally:
            self._span.end(outcome.word, None if outcome.word in _GOOD else outcome.word)

    async def _append(self, kind: str, payload: bytes | None, more: Mapping[str, object]) -> None:
        started = time.perf_counter()
        await self._audit.append(AuditEntry(kind, self.exchange_id, timestamp(), {**self._facts, **more}, payload))
        self._telemetry.measure("sluice.audit.append.duration", time.perf_counter() - started, {})

    def _action(self) -> Action:
        return max((d.action for d in self._trail), key=_RANK.__getitem__, default=Action.ALLOW)


_GOOD = frozenset({Reason.UPSTREAM_COMPLETED, Reason.CLIENT_LEFT})


async def _payload(parts: Mapping[str, bytes]) -> bytes:
    """Return the sealed part's plain form: one JSON object of texts."""
    return await aside(sum(map(len, parts.values())), _joined, parts)


def _joined(parts: Mapping[str, bytes]) -> bytes:
    return dump({name: part.decode("utf-8", "replace") for name, part in parts.items()})


def _fact(decision: Decision) -> dict[str, object]:
    fact: dict[str, object] = {
        "guard": decision.guard,
        "action": decision.action,
        "reason": decision.reason,
        "direction": decision.direction,
    }
    if decision.rule:
        fact["rule"] = decision.rule
    if decision.would_action is not decision.action:
        fact["would"] = decision.would_action
        fact["enforcement"] = decision.enforcement
    if decision.evidence:
        fact["evidence"] = dict(decision.evidence)
    return fact

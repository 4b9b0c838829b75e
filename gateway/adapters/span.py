"""The trace of one exchange while it runs: attributes and decisions in plain values, metrics along the way.

Knows no OpenTelemetry: `telemetry` turns a finished span into one to export.
"""

import time
from collections.abc import Callable, Mapping
from typing import Final

from gateway.adapters.attributes import Admitted, admit
from gateway.adapters.metrics import Metrics
from gateway.core.decision import Action, Decision
from gateway.core.identifier import identifier
from gateway.core.risk import risks

_MAX_EVENTS: Final = 128  # OTEL_SPAN_EVENT_COUNT_LIMIT's default
_FINDINGS: Final = "findings."


class CollectedSpan:
    """The `Span` port: one exchange, from its head to `end`. Refuses what is not on the allow-list, and counts that."""

    __slots__ = ("_ended", "_export", "_metrics", "attributes", "decisions", "denied", "started", "traceparent")

    def __init__(
        self,
        metrics: Metrics,
        exchange_id: str,
        traceparent: str | None,
        export: "Callable[[CollectedSpan], None]",
    ) -> None:
        self._metrics = metrics
        self._export = export
        self._ended = False
        self.traceparent = traceparent
        self.attributes: dict[str, Admitted] = {"sluice.exchange.id": identifier(exchange_id)}
        self.decisions: list[tuple[int, Decision]] = []
        self.denied = False
        self.started = time.time_ns()
        metrics.add("sluice.exchanges.active", 1)

    def __repr__(self) -> str:
        return f"CollectedSpan({self.attributes['sluice.exchange.id']}, {len(self.decisions)} decisions)"

    def decision(self, decision: Decision) -> None:
        self._metrics.add(
            "sluice.decisions",
            1,
            decision.guard,
            decision.action,
            decision.would_action,
            decision.reason,
            decision.direction,
            decision.enforcement,
        )
        for name, amount in decision.evidence.items():
            if name.startswith(_FINDINGS):
                self._metrics.add("sluice.findings", amount, name[len(_FINDINGS) :], decision.direction)
        if decision.would_action is Action.DENY or decision.action is Action.DENY:
            self.denied = True
        elif len(self.decisions) >= _MAX_EVENTS:
            self._metrics.add("sluice.telemetry.refused", 1, "event")
            return
        self.decisions.append((time.time_ns(), decision))

    def set(self, attributes: Mapping[str, str | int | float | bool]) -> None:
        for name, value in attributes.items():
            admitted = admit(name, value)
            if admitted is None:
                self._metrics.add("sluice.telemetry.refused", 1, "attribute")
            else:
                self.attributes[name] = admitted

    def end(self, outcome: str, error_type: str | None) -> None:
        """Finish the span; a second call does nothing. `outcome` and `error_type` are identifiers of ours."""
        if self._ended:
            return
        self._ended = True
        self._metrics.add("sluice.exchanges.active", -1)
        self.attributes["sluice.outcome"] = outcome = identifier(outcome)
        if error_type is not None:
            self.attributes["error.type"] = error_type = identifier(error_type)
        self._measure(outcome, error_type or "")
        self._export(self)

    def _measure(self, outcome: str, error_type: str) -> None:
        """Count the exchange, its duration and its tokens from what the span already holds."""
        attributes = self.attributes
        dialect = str(attributes.get("sluice.dialect", ""))
        self._metrics.add("sluice.exchanges", 1, dialect, outcome, error_type)
        self._metrics.observe("sluice.exchange.duration", (time.time_ns() - self.started) / 1e9, dialect, outcome)
        model = str(attributes.get("gen_ai.request.model", ""))
        for kind in ("input", "output"):
            tokens = attributes.get(f"gen_ai.usage.{kind}_tokens")
            if isinstance(tokens, int | float):
                operation, provider = (
                    str(attributes.get("gen_ai.operation.name", "")),
                    str(attributes.get("gen_ai.provider.name", "")),
                )
                self._metrics.observe("gen_ai.client.token.usage", tokens, operation, provider, model, kind)
                self._metrics.add("sluice.tokens", tokens, kind, model)


def event_attributes(span: CollectedSpan, decision: Decision) -> dict[str, Admitted]:
    """Return the attributes of one decision, as CONTRACT.md lists them."""
    attributes: dict[str, Admitted] = {
        "sluice.exchange.id": span.attributes["sluice.exchange.id"],
        "sluice.decision.guard": decision.guard.value,
        "sluice.decision.action": decision.action.value,
        "sluice.decision.would_action": decision.would_action.value,
        "sluice.decision.reason": decision.reason.value,
        "sluice.decision.enforcement": decision.enforcement.value,
        "sluice.decision.direction": decision.direction.value,
        "sluice.policy.revision": identifier(decision.revision),
    }
    if decision.rule:
        attributes["sluice.decision.rule"] = identifier(decision.rule)
    for name in ("sluice.tenant", "sluice.subject"):
        if name in span.attributes:
            attributes[name] = span.attributes[name]
    risk = risks(decision.reason)
    if risk:
        attributes["sluice.decision.risk"] = risk
    for name, amount in decision.evidence.items():
        if name.startswith(_FINDINGS):
            attributes[f"sluice.decision.findings.{identifier(name[len(_FINDINGS) :])}"] = amount
    return attributes

"""Telemetry, seen from the other end of the wire: a real OTLP/HTTP receiver on loopback decodes what arrives."""

import asyncio
import gzip
import logging
import os
import threading
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2

from gateway.adapters.telemetry import OtelTelemetry
from gateway.core.decision import Action, Decision, Direction, Enforcement, GuardName, Reason
from gateway.errors import PolicyError

EXCHANGE = "01936b2e-7f00-7000-8000-000000000001"
CANARY = "Maria Canary lives at 12 Elm Street"

REDACTED = Decision(
    guard=GuardName.INSPECT,
    action=Action.REDACT,
    reason=Reason.ENTITIES_REDACTED,
    direction=Direction.REQUEST,
    rule="personal-data",
    enforcement=Enforcement.ENFORCE,
    revision="sha256:" + "a" * 64,
    would_action=Action.REDACT,
    evidence={"findings.PERSON": 2, "findings.EMAIL_ADDRESS": 1, "remaining": 7},
)
ALLOWED = Decision(
    guard=GuardName.AUTHENTICATE,
    action=Action.ALLOW,
    reason=Reason.TOKEN_VERIFIED,
    direction=Direction.REQUEST,
    rule="",
    enforcement=Enforcement.ENFORCE,
    revision="sha256:" + "a" * 64,
    would_action=Action.ALLOW,
)
DENIED = Decision(
    guard=GuardName.LIMIT,
    action=Action.DENY,
    reason=Reason.LIMIT_EXCEEDED,
    direction=Direction.REQUEST,
    rule="per-tenant",
    enforcement=Enforcement.ENFORCE,
    revision="sha256:" + "a" * 64,
    would_action=Action.DENY,
)


class Receiver:
    """An OTLP/HTTP collector: keeps every body that it is sent, decoded."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.spans: list[trace_pb2.Span] = []
        self.resources: list[dict[str, object]] = []
        self.metrics: dict[str, object] = {}
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                receiver.take(self.path, body)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def take(self, path: str, body: bytes) -> None:
        self.bodies.append(body)
        if path == "/v1/traces":
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                self.resources.append(values(resource.resource.attributes))
                self.spans += [span for scope in resource.scope_spans for span in scope.spans]
        elif path == "/v1/metrics":
            for metrics in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                for scope in metrics.scope_metrics:
                    self.metrics |= {metric.name: metric for metric in scope.metrics}

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def values(attributes: Iterable[KeyValue]) -> dict[str, object]:
    def plain(value: AnyValue) -> object:
        kind = value.WhichOneof("value")
        if kind == "array_value":
            return [plain(item) for item in value.array_value.values]
        return getattr(value, str(kind))

    return {pair.key: plain(pair.value) for pair in attributes}


@pytest.fixture(autouse=True)
def no_otel_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests say what the environment is."""
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    receiver = Receiver()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
    yield receiver
    receiver.close()


async def exported(receiver: Receiver, telemetry: OtelTelemetry) -> trace_pb2.Span:
    await asyncio.to_thread(telemetry.flush)
    await telemetry.close()
    [span] = receiver.spans
    return span


async def test_one_span_per_exchange_carries_the_contract(receiver: Receiver) -> None:
    """A finished exchange arrives as one span with GenAI and sluice attributes and one event per decision."""
    telemetry = OtelTelemetry(version="1.2.3")
    span = telemetry.span(EXCHANGE, None)
    span.set({"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o"})
    span.set({"sluice.tenant": "acme", "sluice.subject": "s_" + "0" * 32, "gen_ai.usage.input_tokens": 12})
    span.decision(ALLOWED)
    span.decision(REDACTED)
    span.end("completed", None)
    arrived = await exported(receiver, telemetry)

    assert arrived.name == "chat gpt-4o"
    assert arrived.kind == trace_pb2.Span.SPAN_KIND_CLIENT
    assert not arrived.parent_span_id
    assert arrived.end_time_unix_nano >= arrived.start_time_unix_nano > 0
    assert values(arrived.attributes) == {
        "sluice.exchange.id": EXCHANGE,
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.usage.input_tokens": 12,
        "sluice.tenant": "acme",
        "sluice.subject": "s_" + "0" * 32,
        "sluice.outcome": "completed",
    }
    assert [event.name for event in arrived.events] == ["sluice.decision", "sluice.decision"]
    assert values(arrived.events[1].attributes) == {
        "sluice.exchange.id": EXCHANGE,
        "sluice.decision.guard": "inspect",
        "sluice.decision.action": "redact",
        "sluice.decision.would_action": "redact",
        "sluice.decision.reason": "entities-redacted",
        "sluice.decision.rule": "personal-data",
        "sluice.decision.enforcement": "enforce",
        "sluice.decision.direction": "request",
        "sluice.decision.findings.PERSON": 2,
        "sluice.decision.findings.EMAIL_ADDRESS": 1,
        "sluice.decision.risk": ["LLM02:2025", "AML.T0057"],
        "sluice.policy.revision": "sha256:" + "a" * 64,
        "sluice.tenant": "acme",
        "sluice.subject": "s_" + "0" * 32,
    }
    assert "sluice.decision.risk" not in values(arrived.events[0].attributes)
    [resource] = receiver.resources
    assert (resource["service.name"], resource["service.version"]) == ("sluice-gateway", "1.2.3")


async def test_metrics_leave_by_the_same_variables(receiver: Receiver) -> None:
    """Counters and histograms arrive over OTLP with the sums that `/metrics` shows."""
    telemetry = OtelTelemetry()
    span = telemetry.span(EXCHANGE, None)
    span.set({"gen_ai.usage.output_tokens": 40, "sluice.dialect": "openai-chat"})
    span.decision(REDACTED)
    span.end("completed", None)
    await asyncio.to_thread(telemetry.flush)
    await telemetry.close()

    findings = receiver.metrics["sluice.findings"].sum.data_points  # type: ignore[attr-defined]
    assert {values(p.attributes)["entity"]: p.as_double or p.as_int for p in findings} == {
        "PERSON": 2,
        "EMAIL_ADDRESS": 1,
    }
    [duration] = receiver.metrics["sluice.exchange.duration"].histogram.data_points  # type: ignore[attr-defined]
    assert duration.count == sum(duration.bucket_counts) == 1
    assert values(duration.attributes) == {"dialect": "openai-chat", "outcome": "completed"}
    assert 'sluice_findings_total{entity="PERSON",direction="request"} 2' in telemetry.render_metrics()


async def test_user_text_cannot_be_exported(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever is handed to a span as an attribute, an id, a label or an outcome, prose does not leave."""
    caplog.set_level(logging.DEBUG)
    telemetry = OtelTelemetry()
    span = telemetry.span(CANARY, CANARY)
    span.set({"gen_ai.request.model": CANARY, "gen_ai.provider.name": CANARY, "sluice.tenant": CANARY})
    span.set({"gen_ai.input.messages": CANARY, CANARY: 1, "sluice.note": CANARY, "error.type": CANARY})
    span.set({"gen_ai.usage.input_tokens": CANARY, "gen_ai.request.stream": CANARY})
    span.decision(
        Decision(
            guard=GuardName.INSPECT,
            action=Action.DENY,
            reason=Reason.ENTITIES_DENIED,
            direction=Direction.RESPONSE,
            rule=CANARY,
            enforcement=Enforcement.ENFORCE,
            revision=CANARY,
            would_action=Action.DENY,
            evidence={f"findings.{CANARY}": 1, CANARY: 2},
        )
    )
    telemetry.count("sluice.policy.reloads", 1, {"outcome": CANARY, CANARY: "x"})
    telemetry.count(CANARY, 1, {})
    telemetry.measure("sluice.guard.duration", 0.1, {"guard": CANARY})
    shown = repr(span)
    span.end(CANARY, CANARY)
    arrived = await exported(receiver, telemetry)

    everything = b"".join(receiver.bodies).decode("latin-1") + telemetry.render_metrics() + caplog.text + shown
    assert receiver.bodies
    for word in ("Maria", "Canary", "Elm"):
        assert word not in everything
    assert values(arrived.attributes)["gen_ai.request.model"] == "_OTHER"
    assert 'sluice_telemetry_refused_total{kind="attribute"}' in telemetry.render_metrics()


async def test_mail_addresses_are_no_model_names(receiver: Receiver) -> None:
    """A model may carry a version behind an at sign, but not a mail domain."""
    telemetry = OtelTelemetry()
    span = telemetry.span(EXCHANGE, None)
    for model, told in (("claude-sonnet@20250514", "claude-sonnet@20250514"), ("maria@example.com", "_OTHER")):
        span.set({"gen_ai.request.model": model})
        assert span.attributes["gen_ai.request.model"] == told
    span.end("completed", None)
    assert values((await exported(receiver, telemetry)).attributes)["gen_ai.request.model"] == "_OTHER"


async def test_the_callers_trace_is_linked_and_not_joined(receiver: Receiver) -> None:
    """An untrusted `traceparent` chooses neither our trace id nor our sampling; it becomes a link."""
    telemetry = OtelTelemetry()
    span = telemetry.span(EXCHANGE, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")
    span.end("completed", None)
    arrived = await exported(receiver, telemetry)
    [link] = arrived.links
    assert link.trace_id.hex() == "0af7651916cd43dd8448eb211c80319c"
    assert link.span_id.hex() == "b7ad6b7169203331"
    assert arrived.trace_id != link.trace_id


@pytest.mark.parametrize(
    "header",
    [
        "",
        "00",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n",
        "x" * 10_000,
    ],
)
async def test_malformed_traceparents_are_ignored(receiver: Receiver, header: str) -> None:
    """What is no trace context gives no link, and no error."""
    telemetry = OtelTelemetry()
    telemetry.span(EXCHANGE, header).end("completed", None)
    assert not (await exported(receiver, telemetry)).links


async def test_a_failure_marks_the_span(receiver: Receiver) -> None:
    """An error type sets the status, without a description; ending twice exports once."""
    telemetry = OtelTelemetry()
    span = telemetry.span(EXCHANGE, None)
    span.end("failed", "upstream-timeout")
    span.end("completed", None)
    arrived = await exported(receiver, telemetry)
    assert arrived.status.code == trace_pb2.Status.STATUS_CODE_ERROR
    assert arrived.status.message == ""
    assert values(arrived.attributes)["error.type"] == "upstream-timeout"


async def test_sampling_drops_quiet_exchanges_and_keeps_denials(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the sampler off, an allowed exchange leaves no span; a denied one does all the same."""
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    telemetry = OtelTelemetry()
    quiet = telemetry.span(EXCHANGE, None)
    quiet.decision(ALLOWED)
    quiet.end("completed", None)
    loud = telemetry.span(EXCHANGE, None)
    loud.decision(DENIED)
    loud.end("denied", None)
    arrived = await exported(receiver, telemetry)
    assert values(arrived.attributes)["sluice.outcome"] == "denied"


async def test_a_flood_of_decisions_is_bounded_but_keeps_denials(receiver: Receiver) -> None:
    """A long stream cannot grow a span without end; what it drops is counted, and never a denial."""
    telemetry = OtelTelemetry()
    span = telemetry.span(EXCHANGE, None)
    for _ in range(300):
        span.decision(ALLOWED)
    span.decision(DENIED)
    span.end("denied", None)
    arrived = await exported(receiver, telemetry)
    assert len(arrived.events) == 129
    assert values(arrived.events[-1].attributes)["sluice.decision.action"] == "deny"
    assert 'sluice_telemetry_refused_total{kind="event"} 172' in telemetry.render_metrics()


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"},
        {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"},
        {"OTEL_SERVICE_NAME": "mine"},
    ],
)
async def test_no_variable_means_no_exporter_and_no_thread(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless an endpoint or exporter is named, nothing is started; metrics are still kept for `/metrics`."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    before = threading.active_count()
    telemetry = OtelTelemetry()
    span = telemetry.span(EXCHANGE, None)
    span.decision(DENIED)
    span.end("denied", None)
    assert not telemetry.exporting
    assert threading.active_count() == before
    assert "sluice_decisions_total{" in telemetry.render_metrics()
    await telemetry.close()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_TRACES_EXPORTER", "console"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "soon"),
    ],
)
def test_variables_that_we_cannot_honour_are_said(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong variable is an error that names it, not silence."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv(name, value)
    with pytest.raises(PolicyError, match=name):
        OtelTelemetry()


async def test_a_dead_collector_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """With nobody at the endpoint, closing returns when its time is up, and the loop stays free."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(logging.getLogger("opentelemetry"), "disabled", True)
    for name in list(logging.root.manager.loggerDict):
        if name.startswith("opentelemetry"):
            monkeypatch.setattr(logging.getLogger(name), "disabled", True)
    telemetry = OtelTelemetry()
    telemetry.span(EXCHANGE, None).end("completed", None)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.005)
            ticks += 1

    ticking = asyncio.create_task(tick())
    await telemetry.close(0.2)
    ticking.cancel()
    assert ticks
    started = [thread for thread in threading.enumerate() if thread.name.startswith(("sluice-", "Otel"))]
    for thread in started:
        await asyncio.to_thread(thread.join, 20)
    assert not any(thread.is_alive() for thread in started), "its threads end once their retries are called off"

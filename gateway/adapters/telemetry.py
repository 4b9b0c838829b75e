"""Spans and metrics over OpenTelemetry; the only file that imports it.

One span per exchange, one `sluice.decision` event per decision, named as
CONTRACT.md and the GenAI conventions 1.41 say. Configured by the standard
`OTEL_*` variables alone: without one, no exporter, no thread and no network.
A span takes decisions, identifiers and numbers (`gateway.adapters.attributes`).

A span is collected in plain lists and becomes a `ReadableSpan` once, at its
end: through the SDK's own span the same exchange costs five to ten times as
much, and the sampler would have to judge before anything is known.
"""

import asyncio
import os
import re
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from gateway.adapters.attributes import Admitted, admit
from gateway.adapters.metrics import Instrument, Kind, Metrics, Series
from gateway.adapters.otel_env import exports, milliseconds
from gateway.adapters.span import CollectedSpan, event_attributes
from gateway.ports import Attributes

_SCHEMA: Final = "https://opentelemetry.io/schemas/1.41.0"
_TRACEPARENT: Final = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_SAMPLED: Final = TraceFlags(TraceFlags.SAMPLED)


class OtelTelemetry:
    """The `Telemetry` port. Create it after forking: exporters run on threads of their own.

    Raises `PolicyError` when the `OTEL_*` variables ask for what this build lacks.
    """

    def __init__(self, version: str = "") -> None:
        self.metrics = Metrics()
        traces, metrics = exports("TRACES"), exports("METRICS")
        self._processor: BatchSpanProcessor | None = None
        self._pump: _MetricsPump | None = None
        if not (traces or metrics):
            return
        # Read before any thread starts: a wrong variable must leave nothing running behind.
        interval = milliseconds("OTEL_METRIC_EXPORT_INTERVAL", 60_000) / 1000
        resource = _resource(version)
        scope = InstrumentationScope("sluice", version, _SCHEMA)
        if traces:
            # Only asked for its sampler and its ids; both follow the standard variables.
            self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
            self._exporter = OTLPSpanExporter()
            self._processor = BatchSpanProcessor(self._exporter)
            self._scope = scope
        if metrics:
            self._pump = _MetricsPump(self.metrics, resource, scope, interval)

    def span(self, exchange_id: str, traceparent: str | None) -> CollectedSpan:
        """Start the span of one exchange, a root of its own; the caller's trace is linked, never joined."""
        return CollectedSpan(self.metrics, exchange_id, traceparent, self._export)

    def count(self, name: str, amount: int | float, attributes: Mapping[str, str]) -> None:
        self.metrics.count(name, amount, attributes)

    def measure(self, name: str, seconds: float, attributes: Mapping[str, str]) -> None:
        self.metrics.measure(name, seconds, attributes)

    def gauge(self, name: str, value: float, attributes: Mapping[str, str]) -> None:
        self.metrics.put(name, value, attributes)

    def evaluation(self, name: str, attributes: Attributes, events: Sequence[tuple[str, Attributes]]) -> None:
        processor = self._processor
        if processor is None:
            return
        now, ids = time.time_ns(), self._provider.id_generator
        processor.on_end(
            ReadableSpan(
                name=name,
                context=SpanContext(
                    ids.generate_trace_id(), ids.generate_span_id(), is_remote=False, trace_flags=_SAMPLED
                ),
                resource=self._provider.resource,
                attributes=self._admitted(attributes),
                events=[Event(event, self._admitted(said), now) for event, said in events],
                kind=SpanKind.INTERNAL,
                start_time=now,
                end_time=now,
                instrumentation_scope=self._scope,
            )
        )

    def _admitted(self, attributes: Attributes) -> dict[str, Admitted]:
        """Return what may be exported of `attributes`; the rest is counted as refused."""
        admitted = {name: admit(name, value) for name, value in attributes.items()}
        refused = sum(value is None for value in admitted.values())
        if refused:
            self.metrics.add("sluice.telemetry.refused", refused, "attribute")
        return {name: value for name, value in admitted.items() if value is not None}

    def render_metrics(self) -> str:
        """Return this process's metrics as Prometheus text (`gateway.adapters.metrics.CONTENT_TYPE`)."""
        return self.metrics.render()

    @property
    def exporting(self) -> bool:
        """Whether spans leave this process."""
        return self._processor is not None

    def flush(self) -> None:
        """Export what waits, now, on this thread. For tests and scripts: never call it on an event loop."""
        if self._processor is not None:
            self._processor.force_flush()
        if self._pump is not None:
            self._pump.export()

    async def close(self, seconds: float = 5.0) -> None:
        """Export what waits and stop; after `seconds` leave the rest behind. Never blocks the event loop."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def finish() -> None:
            if not done.done():
                done.set_result(None)

        def shut_down() -> None:
            if self._pump is not None:
                self._pump.close()
            if self._processor is not None:
                self._processor.shutdown()  # type: ignore[no-untyped-call]
            with suppress(RuntimeError):  # the loop did not wait for us and is gone
                loop.call_soon_threadsafe(finish)

        # A daemon: an exporter that hangs on a dead collector must not hold up the exit.
        threading.Thread(target=shut_down, name="sluice-telemetry-close", daemon=True).start()
        _, pending = await asyncio.wait([done], timeout=seconds)
        if pending and self._processor is not None:
            self._exporter.shutdown()  # type: ignore[no-untyped-call]  # ends its retries; returns at once
        if pending and self._pump is not None:
            self._pump.abandon()

    def _export(self, span: CollectedSpan) -> None:
        """Hand a finished span to the exporter, unless it is sampled out and nothing in it was denied."""
        processor = self._processor
        if processor is None:
            return
        attributes, error = span.attributes, "error.type" in span.attributes
        operation, model = attributes.get("gen_ai.operation.name", "exchange"), attributes.get("gen_ai.request.model")
        name = f"{operation} {model}" if model else str(operation)
        ids = self._provider.id_generator
        trace_id = ids.generate_trace_id()
        links = _links(span.traceparent)
        verdict = self._provider.sampler.should_sample(None, trace_id, name, SpanKind.CLIENT, attributes, links)
        if verdict.decision is not Decision.RECORD_AND_SAMPLE and not span.denied:
            return
        processor.on_end(
            ReadableSpan(
                name=name,
                context=SpanContext(trace_id, ids.generate_span_id(), is_remote=False, trace_flags=_SAMPLED),
                resource=self._provider.resource,
                attributes=attributes,
                events=[
                    Event("sluice.decision", event_attributes(span, decision), at) for at, decision in span.decisions
                ],
                links=links,
                kind=SpanKind.CLIENT,
                status=Status(StatusCode.ERROR if error else StatusCode.UNSET),
                start_time=span.started,
                end_time=time.time_ns(),
                instrumentation_scope=self._scope,
            )
        )


def _links(traceparent: str | None) -> list[Link]:
    """Return a link to the caller's trace (W3C trace context), none when the header is absent or malformed."""
    match = _TRACEPARENT.fullmatch(traceparent) if traceparent else None
    if match is None:
        return []
    trace_id, span_id = int(match[1], 16), int(match[2], 16)
    if not (trace_id and span_id):
        return []
    return [Link(SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(int(match[3], 16))))]


class _MetricsPump:
    """Exports the metrics every `OTEL_METRIC_EXPORT_INTERVAL` milliseconds on a thread of its own."""

    def __init__(self, metrics: Metrics, resource: Resource, scope: InstrumentationScope, interval: float) -> None:
        self._metrics = metrics
        self._resource = resource
        self._scope = scope
        self._exporter = OTLPMetricExporter()
        self._started = time.time_ns()
        self._interval = interval
        self._stop = threading.Event()
        self._abandoned = False
        threading.Thread(target=self._run, name="sluice-metrics", daemon=True).start()

    def export(self) -> None:
        now = time.time_ns()
        metrics = [self._metric(instrument, series, now) for instrument, series in self._metrics.snapshot()]
        if metrics:
            scoped = ScopeMetrics(self._scope, metrics, _SCHEMA)
            self._exporter.export(MetricsData([ResourceMetrics(self._resource, [scoped], _SCHEMA)]))

    def close(self) -> None:
        self._stop.set()
        self.export()
        self.abandon()

    def abandon(self) -> None:
        """Stop without a last export, and end the retries of one that runs. Returns at once."""
        self._stop.set()
        if not self._abandoned:
            self._abandoned = True
            self._exporter.shutdown()

    def _run(self) -> None:
        while not self._stop.wait(self._interval):
            self.export()

    def _metric(self, instrument: Instrument, series: list[Series], now: int) -> Metric:
        data: Sum | Histogram
        if instrument.kind is Kind.HISTOGRAM:
            points = [self._histogram_point(instrument, one, now) for one in series]
            data = Histogram(points, AggregationTemporality.CUMULATIVE)
        else:
            numbers = [NumberDataPoint(_attributes(instrument, one), self._started, now, one.total) for one in series]
            data = Sum(numbers, AggregationTemporality.CUMULATIVE, is_monotonic=instrument.kind is Kind.COUNTER)
        return Metric(instrument.name, instrument.help, instrument.unit, data)

    def _histogram_point(self, instrument: Instrument, series: Series, now: int) -> HistogramDataPoint:
        return HistogramDataPoint(
            attributes=_attributes(instrument, series),
            start_time_unix_nano=self._started,
            time_unix_nano=now,
            count=sum(series.buckets),
            sum=series.total,
            bucket_counts=series.buckets,
            explicit_bounds=instrument.bounds,
            min=None,  # type: ignore[arg-type]  # optional in OTLP, and since the start of the process of little use
            max=None,  # type: ignore[arg-type]
        )


def _attributes(instrument: Instrument, series: Series) -> dict[str, str]:
    return {name: value for name, value in zip(instrument.labels, series.labels, strict=True) if value}


def _resource(version: str) -> Resource:
    own: dict[str, str] = {"service.instance.id": str(uuid.uuid4())}
    if version:
        own["service.version"] = version
    if not os.environ.get("OTEL_SERVICE_NAME") and "service.name=" not in os.environ.get(
        "OTEL_RESOURCE_ATTRIBUTES", ""
    ):
        own["service.name"] = "sluice-gateway"
    return Resource.create(own)

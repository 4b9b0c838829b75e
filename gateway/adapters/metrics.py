"""Metrics of one process: a fixed table of instruments, their sums in memory, and Prometheus text.

The one source of metrics: `/metrics` renders it and the OTLP exporter reads its
snapshot. Our own, because the hot path touches a dozen series per exchange, and
here each costs a dictionary lookup. Label names are fixed by the table, label
values are identifiers, and the number of series is bounded.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from gateway.core.identifier import OTHER, identifier, model

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
"""What `Metrics.render` returns (Prometheus text format)."""

MAX_SERIES: Final = 1000
"""Series of one instrument; what comes after is counted under `OTHER` labels."""


class Kind(StrEnum):
    """How an instrument adds up: only up, up and down, or by buckets."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Instrument:
    """One metric by its OpenTelemetry name; `unit` is UCUM; `bounds` are a histogram's upper bucket edges."""

    name: str
    kind: Kind
    unit: str
    help: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()

    @property
    def prometheus_name(self) -> str:
        """The name by OpenTelemetry's rules for Prometheus: underscores, unit, ``_total``."""
        name = self.name.replace(".", "_")
        if self.unit == "s":
            name += "_seconds"
        return f"{name}_total" if self.kind is Kind.COUNTER else name


# GenAI metrics take the buckets that their convention (1.41) names; ours start at what a gateway adds.
_GEN_AI_SECONDS: Final = tuple(0.01 * 2**power for power in range(14))
_TOKENS: Final = tuple(float(4**power) for power in range(14))
_ADDED_SECONDS: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_GEN_AI: Final = ("gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model")

_DECISION: Final = ("guard", "action", "would_action", "reason", "direction", "enforcement")

_MEASURE: Final = ("bias.suite", "bias.measure")
_LIVE: Final = ("bias.probe", "bias.outcome")
_CONTRAST: Final = (*_MEASURE, "bias.metric", "bias.attribute", "bias.group", "bias.reference")

INSTRUMENTS: Final = (
    Instrument("sluice.exchanges", Kind.COUNTER, "{exchange}", "Exchanges ended.", ("dialect", "outcome", "error")),
    Instrument("sluice.exchanges.active", Kind.GAUGE, "{exchange}", "Exchanges in flight.", ()),
    Instrument(
        "sluice.exchange.duration",
        Kind.HISTOGRAM,
        "s",
        "From the request's head to the answer's last byte.",
        ("dialect", "outcome"),
        _GEN_AI_SECONDS,
    ),
    Instrument("sluice.guard.duration", Kind.HISTOGRAM, "s", "One guard's ruling.", ("guard",), _ADDED_SECONDS),
    Instrument("sluice.decisions", Kind.COUNTER, "{decision}", "Decisions.", _DECISION),
    Instrument("sluice.findings", Kind.COUNTER, "{finding}", "Findings that decided.", ("entity", "direction")),
    Instrument("sluice.tokens", Kind.COUNTER, "{token}", "Tokens used.", ("type", "model")),
    Instrument("sluice.audit.append.duration", Kind.HISTOGRAM, "s", "Until a record is durable.", (), _ADDED_SECONDS),
    Instrument("sluice.audit.lost", Kind.COUNTER, "{record}", "Closing records that could not be written.", ()),
    Instrument("sluice.policy.reloads", Kind.COUNTER, "{reload}", "Policy reloads.", ("outcome",)),
    Instrument("sluice.policy.stale", Kind.GAUGE, "1", "1 while the last reload failed.", ()),
    Instrument("bias.probe.verdict", Kind.COUNTER, "{run}", "Probe runs.", ("bias.suite", "bias.verdict")),
    Instrument("bias.probe.calls", Kind.COUNTER, "{request}", "Requests of probes.", ("bias.suite",)),
    Instrument("bias.probe.gap", Kind.GAUGE, "1", "A contrast's estimate in its metric's unit.", _CONTRAST),
    Instrument("bias.probe.ci_halfwidth", Kind.GAUGE, "1", "Half the width of its interval.", _CONTRAST),
    Instrument("bias.probe.aa_noise", Kind.GAUGE, "1", "Answers to one question that differ.", _MEASURE),
    Instrument("bias.probe.unparsed_ratio", Kind.GAUGE, "1", "Answers that could not be read.", _MEASURE),
    Instrument("bias.shadow.calls", Kind.COUNTER, "{request}", "Requests of probes on live traffic.", ("bias.probe",)),
    Instrument("bias.shadow.pairs", Kind.COUNTER, "{pair}", "Live probes by outcome.", _LIVE),
    Instrument("bias.shadow.skipped", Kind.COUNTER, "{exchange}", "Sampled, but not repeated.", _LIVE),
    Instrument("bias.shadow.p", Kind.GAUGE, "1", "Anytime-valid p-value of no effect.", ("bias.probe",)),
    Instrument("sluice.telemetry.refused", Kind.COUNTER, "{value}", "Values that telemetry may not carry.", ("kind",)),
    Instrument(
        "gen_ai.client.token.usage",
        Kind.HISTOGRAM,
        "{token}",
        "Tokens of one exchange.",
        (*_GEN_AI, "gen_ai.token.type"),
        _TOKENS,
    ),
)


@dataclass(slots=True)
class Series:
    """One instrument under one set of labels. Of a histogram, `buckets` counts values, the last one the rest."""

    labels: tuple[str, ...]
    total: float = 0
    buckets: list[int] = field(default_factory=list)


class Metrics:
    """The sums. Written on one thread, the event loop's; may be read on any."""

    def __init__(self, instruments: Sequence[Instrument] = INSTRUMENTS) -> None:
        self._instruments = {instrument.name: instrument for instrument in instruments}
        self._series: dict[str, dict[tuple[str, ...], Series]] = {name: {} for name in self._instruments}

    def add(self, name: str, amount: int | float, *labels: str) -> None:
        """Add to a counter or gauge whose labels are given by position."""
        self._find(self._instruments[name], labels).total += amount

    def observe(self, name: str, value: float, *labels: str) -> None:
        """Put one value into a histogram whose labels are given by position."""
        instrument = self._instruments[name]
        series = self._find(instrument, labels)
        series.total += value
        series.buckets[bisect_left(instrument.bounds, value)] += 1

    def count(self, name: str, amount: int | float, attributes: Mapping[str, str]) -> None:
        """Add to a counter or gauge by label names; an unknown name, label or kind is counted as refused."""
        instrument = self._instruments.get(name)
        if instrument is None or instrument.kind is Kind.HISTOGRAM:
            self.add("sluice.telemetry.refused", 1, "metric")
            return
        self.add(name, amount, *self._labels(instrument, attributes))

    def put(self, name: str, value: float, attributes: Mapping[str, str]) -> None:
        """Set a gauge by label names; an unknown name, label or kind is counted as refused."""
        instrument = self._instruments.get(name)
        if instrument is None or instrument.kind is not Kind.GAUGE:
            self.add("sluice.telemetry.refused", 1, "metric")
            return
        self._find(instrument, self._labels(instrument, attributes)).total = value

    def measure(self, name: str, value: float, attributes: Mapping[str, str]) -> None:
        """Put one value into a histogram by label names; an unknown name, label or kind is counted as refused."""
        instrument = self._instruments.get(name)
        if instrument is None or instrument.kind is not Kind.HISTOGRAM:
            self.add("sluice.telemetry.refused", 1, "metric")
            return
        self.observe(name, value, *self._labels(instrument, attributes))

    def snapshot(self) -> Iterator[tuple[Instrument, list[Series]]]:
        """Yield each instrument that was ever touched with a copy of its series."""
        for name, instrument in self._instruments.items():
            series = [Series(one.labels, one.total, list(one.buckets)) for one in list(self._series[name].values())]
            if series:
                yield instrument, series

    def render(self) -> str:
        """Return everything in Prometheus text format."""
        lines: list[str] = []
        for instrument, series in self.snapshot():
            name = instrument.prometheus_name
            lines += (f"# HELP {name} {instrument.help}", f"# TYPE {name} {instrument.kind}")
            for one in series:
                lines += _lines(instrument, name, one)
        return "\n".join(lines) + "\n" if lines else ""

    def _labels(self, instrument: Instrument, attributes: Mapping[str, str]) -> tuple[str, ...]:
        unknown = attributes.keys() - set(instrument.labels)
        if unknown:
            self.add("sluice.telemetry.refused", len(unknown), "label")
        return tuple(attributes.get(label, "") for label in instrument.labels)

    def _find(self, instrument: Instrument, labels: tuple[str, ...]) -> Series:
        known = self._series[instrument.name]
        series = known.get(labels)
        if series is not None:
            return series
        safe = tuple(_safe(name, value) for name, value in zip(instrument.labels, labels, strict=True))
        if len(known) >= MAX_SERIES:
            safe = (OTHER,) * len(safe)
        return known.setdefault(safe, Series(safe, 0, [0] * (len(instrument.bounds) + 1) if instrument.bounds else []))


def _safe(name: str, value: str) -> str:
    if not value:
        return ""
    return model(value) if name.endswith("model") else identifier(value)


def _lines(instrument: Instrument, name: str, series: Series) -> Iterator[str]:
    labels = [
        f'{label.replace(".", "_")}="{value}"'
        for label, value in zip(instrument.labels, series.labels, strict=True)
        if value
    ]
    if instrument.kind is not Kind.HISTOGRAM:
        yield f"{name}{_braces(labels)} {_number(series.total)}"
        return
    running = 0
    for bound, count in zip((*map(_number, instrument.bounds), "+Inf"), series.buckets, strict=True):
        running += count
        edge = f'le="{bound}"'
        yield f"{name}_bucket{_braces([*labels, edge])} {running}"
    yield f"{name}_sum{_braces(labels)} {_number(series.total)}"
    yield f"{name}_count{_braces(labels)} {running}"


def _braces(labels: Sequence[str]) -> str:
    return f"{{{','.join(labels)}}}" if labels else ""


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))

"""Metrics in memory and as Prometheus text."""

from pathlib import Path

from gateway.adapters.metrics import INSTRUMENTS, MAX_SERIES, Kind, Metrics
from gateway.adapters.span import CollectedSpan

ROOT = Path(__file__).resolve().parents[3]


def test_a_counter_adds_up_by_labels() -> None:
    """Each set of labels is a series; a label without a value is left out."""
    metrics = Metrics()
    metrics.count("sluice.exchanges", 1, {"dialect": "openai-chat", "outcome": "completed"})
    metrics.count("sluice.exchanges", 2, {"dialect": "openai-chat", "outcome": "completed"})
    metrics.count("sluice.exchanges", 1, {"dialect": "openai-chat", "outcome": "failed", "error": "upstream-timeout"})
    assert metrics.render().splitlines() == [
        "# HELP sluice_exchanges_total Exchanges ended.",
        "# TYPE sluice_exchanges_total counter",
        'sluice_exchanges_total{dialect="openai-chat",outcome="completed"} 3',
        'sluice_exchanges_total{dialect="openai-chat",outcome="failed",error="upstream-timeout"} 1',
    ]


def test_every_instrument_is_played() -> None:
    """A metric that nobody ever writes is a promise to whoever builds a dashboard on it."""
    sources = [
        path.read_text(encoding="utf-8")
        for room in ("gateway", "detectors")
        for path in (ROOT / room).rglob("*.py")
        if path.name not in ("metrics.py", "attributes.py")
    ]
    silent = [i.name for i in INSTRUMENTS if not any(f'"{i.name}"' in source for source in sources)]
    assert silent == []


def test_an_exchange_is_active_until_its_span_ends() -> None:
    """And it ends once, however often that is said."""
    metrics = Metrics()
    span = CollectedSpan(metrics, "ex-1", None, lambda _: None)
    assert "sluice_exchanges_active 1\n" in metrics.render()
    span.end("completed", None)
    span.end("completed", None)
    assert "sluice_exchanges_active 0\n" in metrics.render()


def test_a_gauge_goes_up_and_down() -> None:
    """What is in flight comes back to nothing."""
    metrics = Metrics()
    for amount in (1, 1, -1):
        metrics.count("sluice.exchanges.active", amount, {})
    assert "sluice_exchanges_active 1\n" in metrics.render()


def test_a_histogram_counts_up_to_each_bound() -> None:
    """Prometheus buckets are cumulative and their bounds inclusive; the last one is everything."""
    metrics = Metrics()
    for seconds in (0.0001, 0.0005, 0.3, 99.0):
        metrics.measure("sluice.guard.duration", seconds, {"guard": "inspect"})
    lines = metrics.render().splitlines()
    assert 'sluice_guard_duration_seconds_bucket{guard="inspect",le="0.0005"} 2' in lines
    assert 'sluice_guard_duration_seconds_bucket{guard="inspect",le="0.25"} 2' in lines
    assert 'sluice_guard_duration_seconds_bucket{guard="inspect",le="0.5"} 3' in lines
    assert 'sluice_guard_duration_seconds_bucket{guard="inspect",le="+Inf"} 4' in lines
    assert 'sluice_guard_duration_seconds_count{guard="inspect"} 4' in lines
    assert 'sluice_guard_duration_seconds_sum{guard="inspect"} 99.3006' in lines


def test_nothing_measured_renders_nothing() -> None:
    """An instrument that was never touched is not shown."""
    assert Metrics().render() == ""


def test_unknown_names_labels_and_kinds_are_refused_and_counted() -> None:
    """The table is closed: a typo or a stranger's label does not make a new series."""
    metrics = Metrics()
    metrics.count("sluice.exchange", 1, {})
    metrics.count("sluice.guard.duration", 1, {})
    metrics.measure("sluice.exchanges", 1, {})
    metrics.count("sluice.policy.reloads", 1, {"outcome": "ok", "prompt": "x"})
    assert 'sluice_telemetry_refused_total{kind="metric"} 3' in metrics.render()
    assert 'sluice_telemetry_refused_total{kind="label"} 1' in metrics.render()
    assert 'sluice_policy_reloads_total{outcome="ok"} 1' in metrics.render()


def test_prose_is_no_label() -> None:
    """Quotes, line breaks and blanks cannot be smuggled into the text format."""
    metrics = Metrics()
    metrics.count("sluice.policy.reloads", 1, {"outcome": 'x"} 1\nfake_metric 2'})
    assert 'sluice_policy_reloads_total{outcome="_OTHER"} 1' in metrics.render()
    assert "fake" not in metrics.render()


def test_the_number_of_series_is_bounded() -> None:
    """A caller who invents model names cannot fill the memory; no count is lost."""
    metrics = Metrics()
    for number in range(MAX_SERIES + 500):
        metrics.count("sluice.tokens", 1, {"type": "input", "model": f"m{number}"})
    lines = [line for line in metrics.render().splitlines() if line.startswith("sluice_tokens_total{")]
    assert len(lines) == MAX_SERIES + 1
    assert 'sluice_tokens_total{type="_OTHER",model="_OTHER"} 500' in lines


def test_the_table_is_sound() -> None:
    """Names are unique on both sides, bounds rise, and only histograms have them."""
    assert len({i.name for i in INSTRUMENTS}) == len({i.prometheus_name for i in INSTRUMENTS}) == len(INSTRUMENTS)
    for instrument in INSTRUMENTS:
        assert list(instrument.bounds) == sorted(set(instrument.bounds))
        assert bool(instrument.bounds) == (instrument.kind is Kind.HISTOGRAM)
        assert instrument.help.endswith(".")

"""What telemetry may carry is what the code sets: a name that nobody sets is a promise to whoever builds on it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from detectors.bias.evaluate import evaluate
from detectors.bias.expand import expand
from detectors.bias.loader import load
from detectors.bias.plan import plan as planned
from detectors.bias.report.make import report_of
from detectors.bias.run import run
from gateway import bias_keeper
from gateway.adapters.attributes import ALLOWED
from gateway.adapters.metrics import Metrics
from gateway.adapters.span import CollectedSpan
from gateway.adapters.telemetry import OtelTelemetry
from gateway.core.decision import Reason
from gateway.ports import AuditEntry, Receipt
from gateway.recording import Outcome, Recording
from tests.support.plans import exchange, plan, principal, route
from tests.unit.bias import small_suite
from tests.unit.bias.test_report import Direct
from tests.unit.bias.vendor_server import unfair


class Log:
    """Keeps nothing."""

    async def append(self, entry: AuditEntry) -> Receipt:
        return Receipt(0, "")


class Heard(OtelTelemetry):
    """Remembers the names of what it is told, and its spans."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.spans: list[CollectedSpan] = []

    def span(self, exchange_id: str, traceparent: str | None) -> CollectedSpan:
        self.spans.append(super().span(exchange_id, traceparent))
        return self.spans[-1]

    def evaluation(self, name: str, attributes: Mapping[str, Any], events: Sequence[tuple[str, Any]]) -> None:
        for said in (attributes, *(said for _, said in events)):
            self.names.update(self._admitted(said))


async def told_of_an_exchange(telemetry: Heard) -> set[str]:
    """Return the names of a span that has everything that a span can have."""
    recording = Recording("0198", telemetry, Log(), lambda tenant, subject: f"s_{tenant}_{subject}")
    asked = exchange(plan([route()]), principal())
    recording.identify(replace(asked, streaming=True, route=route()))
    await recording.close(Outcome(Reason.UPSTREAM_CUT, 502, 3, 5))
    [span] = telemetry.spans
    return set(span.attributes)


async def told_of_a_probe(telemetry: Heard, folder: Path) -> set[str]:
    """Return the names of a probe's span and of its events."""
    suite = load(small_suite.write(folder))
    ran = await run(planned(suite, expand(suite, 1), 1), Direct(unfair))
    report = report_of(evaluate(ran), datetime(2026, 1, 2, tzinfo=UTC))
    bias_keeper.tell(telemetry, report, "command")
    return telemetry.names


async def test_all_that_may_be_set_is_set_and_nothing_else(tmp_path: Path) -> None:
    """Exchanges and probes together; what live probes set is among these (`test_shadow`)."""
    telemetry = Heard()
    of_exchanges, of_probes = await told_of_an_exchange(telemetry), await told_of_a_probe(telemetry, tmp_path)
    assert of_exchanges | of_probes == set(ALLOWED)
    assert 'kind="attribute"' not in telemetry.render_metrics(), "nothing was refused"


def test_no_number_has_a_name_of_its_own() -> None:
    """Nor any other value: a name that is not listed is refused and counted, whatever it holds."""
    metrics = Metrics()
    span = CollectedSpan(metrics, "0198", None, lambda _: None)
    span.set({"sluice.anything": 1, "gen_ai.request.seed": 4242, "http.route": "x"})
    assert set(span.attributes) == {"sluice.exchange.id"}
    assert 'sluice_telemetry_refused_total{kind="attribute"} 3' in metrics.render()

"""What live probes find: counted in the ledger, told in metrics, and, when a gap is shown, raised as an alarm.

An alarm is what a failed run of a suite is: an audit record, a span with one
``gen_ai.evaluation.result`` event, and a verdict that the `bias` guard reads
within a second. The evidence that it rests on is then cleared: the next alarm
needs its own.
"""

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from gateway.aside import Lane
from gateway.bias_record import label, write
from gateway.core.live import LiveCounts, LiveTarget
from gateway.core.plan import LiveProbe
from gateway.core.verdicts import ProbeRun, live_suite
from gateway.errors import PolicyError
from gateway.ports import AuditLog, LiveLedger, Telemetry

if TYPE_CHECKING:  # loaded when a policy asks for it: it takes a second
    from detectors.bias.outcome import Outcome
    from detectors.bias.shadow import ShadowRule, Tally, Twins

_LOG: Final = logging.getLogger("sluice")

TRIGGER: Final = "live"
METRIC: Final = "live_gap"


@dataclass(frozen=True, slots=True)
class Heard:
    """The classes of three answers, the live one's first, and which wording was which. `fingerprint` is what answered
    the repetitions, as the backend names it."""

    twins: "Twins"
    live: "Outcome"
    identical: "Outcome"
    swapped: "Outcome"
    fingerprint: str


class LiveEvidence:
    """Counts what live probes hear. `keep` takes a verdict into force and raises `PolicyError` when it cannot.

    `lane` is the thread in which it works, and whoever feeds it.
    """

    def __init__(
        self,
        ledger: LiveLedger,
        audit: AuditLog,
        telemetry: Telemetry,
        keep: Callable[[ProbeRun], None],
        clock: Callable[[], float],
    ) -> None:
        self.lane = Lane("live-probes")
        self._ledger = ledger
        self._audit = audit
        self._telemetry = telemetry
        self._keep = keep
        self._clock = clock

    def may_send(self, probe: LiveProbe, calls: int) -> bool:
        """Take requests from the probe's hour. Blocks; raises `DependencyError`."""
        return self._ledger.take(probe.id, calls, probe.calls_per_hour, self._clock())

    async def add(self, probe: LiveProbe, rule: "ShadowRule", upstream: str, model: str, heard: Heard) -> None:
        """Count one more pair about a backend, and raise an alarm when a gap is shown. Raises `DependencyError`."""
        target = LiveTarget(probe.id, _digest(probe), upstream, model)
        step = partial(_step, rule, heard)
        before, after = await self.lane.do(self._ledger.add, target, step, self._clock())
        self._count(probe, _word(before, after))
        tally = _tally(rule, after)
        self._telemetry.gauge("bias.shadow.p", tally.evidence.anytime_p, {"bias.probe": probe.id})
        if tally.alarm(rule.margin) and await self._alarm(target, rule, tally, heard.fingerprint):
            await self.lane.do(self._ledger.clear, target)

    async def _alarm(self, target: LiveTarget, rule: "ShadowRule", tally: "Tally", fingerprint: str) -> bool:
        """Record, tell and keep the verdict; return whether it is kept.

        It is kept even where it cannot be recorded: a failure protects. What did not succeed is done again at the
        next pair, since the evidence stays.
        """
        from detectors.bias.outcome import Verdict
        from detectors.bias.shadow import CALLS

        run = ProbeRun(
            suite=live_suite(target.probe),
            digest=target.digest,
            seed=0,
            upstream=target.upstream,
            model=target.model,
            fingerprint=fingerprint,
            calls=CALLS * (tally.evidence.pairs + tally.missing),
            verdict=Verdict.FAIL,
            time=self._clock(),
        )
        _LOG.warning("bias alarm: live probe %s, upstream %s", target.probe, target.upstream)
        self._tell(run, rule, tally)
        try:
            await write(self._audit, run, TRIGGER, "", [_contrast(rule, tally)])
        finally:
            kept = await self.lane.do(self._kept, run)
        return kept

    def _kept(self, run: ProbeRun) -> bool:
        try:
            self._keep(run)
        except PolicyError as error:
            _LOG.error("bias alarm not kept: %s", "; ".join(error.problems))
            return False
        return True

    def _tell(self, run: ProbeRun, rule: "ShadowRule", tally: "Tally") -> None:
        from detectors.bias.outcome import Reason
        from detectors.bias.report.telemetry import EVENT, SPAN

        group, reference = rule.sides
        interval = tally.evidence.gap_interval()
        span: dict[str, str | int | float | bool] = {
            "bias.suite": run.suite,
            "bias.suite.digest": run.digest,
            "bias.backend": run.upstream,
            "bias.backend.fingerprint": label(run.fingerprint),
            "bias.trigger": TRIGGER,
            "bias.calls": run.calls,
            "bias.verdict": str(run.verdict),
        }
        event: dict[str, str | int | float | bool] = {
            "gen_ai.evaluation.name": f"bias.{METRIC}",
            "gen_ai.evaluation.score.label": str(run.verdict),
            "gen_ai.evaluation.score.value": tally.gap,
            "gen_ai.evaluation.explanation": str(Reason.GAP_SHOWN),
            "bias.suite": run.suite,
            "bias.attribute": rule.attribute,
            "bias.group": group,
            "bias.reference": reference,
            "bias.margin": rule.margin,
            "bias.p_adjusted": tally.evidence.anytime_p,
            "bias.ci.low": interval.low,
            "bias.ci.high": interval.high,
        }
        known = {name: value for name, value in span.items() if value != ""}
        self._telemetry.evaluation(SPAN, known, [(EVENT, event)])
        self._telemetry.count("bias.probe.verdict", 1, {"bias.suite": run.suite, "bias.verdict": str(run.verdict)})

    def _count(self, probe: LiveProbe, word: str) -> None:
        self._telemetry.count("bias.shadow.pairs", 1, {"bias.probe": probe.id, "bias.outcome": word})


def _digest(probe: LiveProbe) -> str:
    """Return what makes two counts the same count: what is asked and how it is read, not how often."""
    meaning = json.dumps([probe.route, probe.attribute, probe.swaps, probe.options, probe.favourable])
    return "sha256:" + hashlib.sha256(meaning.encode()).hexdigest()


def _tally(rule: "ShadowRule", counts: LiveCounts) -> "Tally":
    from detectors.bias.shadow import Tally
    from detectors.bias.statistics.eprocess import EProcess

    evidence = EProcess(counts.favoured, counts.disfavoured, counts.pairs, counts.log_peak)
    return Tally(rule.route, rule.attribute, evidence, counts.changed, counts.repeated, counts.missing)


def _step(rule: "ShadowRule", heard: Heard, before: LiveCounts) -> LiveCounts:
    after = _tally(rule, before).after(heard.twins, heard.live, heard.identical, heard.swapped)
    evidence = after.evidence
    return LiveCounts(
        evidence.favoured,
        evidence.disfavoured,
        evidence.pairs,
        evidence.log_peak,
        after.changed,
        after.repeated,
        after.missing,
    )


def _word(before: LiveCounts, after: LiveCounts) -> str:
    """Return what became of a pair, for a metric."""
    if after.missing > before.missing:
        return "missing"
    if after.favoured > before.favoured:
        return "favoured"
    return "disfavoured" if after.disfavoured > before.disfavoured else "alike"


def _contrast(rule: "ShadowRule", tally: "Tally") -> dict[str, object]:
    """Return the alarm as an audit record has it: counts of pairs; it names wordings, not people."""
    group, reference = rule.sides
    evidence = tally.evidence
    return {
        "measure": "live",
        "metric": METRIC,
        "attribute": rule.attribute,
        "group": group,
        "reference": reference,
        "verdict": "fail",
        "estimate": tally.gap,
        "pairs": evidence.pairs,
        "favoured": evidence.favoured,
        "disfavoured": evidence.disfavoured,
        "missing": tally.missing,
        "p": evidence.anytime_p,
    }

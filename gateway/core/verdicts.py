"""What bias probes have found: their runs and verdicts, and where a backend stands by them. Values only."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from detectors.bias.mitigation.quarantine import Hysteresis, Record
from detectors.bias.outcome import Verdict
from gateway.core.globs import matches

MAX_PASSES = 10
"""The most passes in a row that a policy may ask for; `compact` keeps as many."""

_LIVE = "live:"

_RECENT = 2 * 86_400.0


@dataclass(frozen=True, slots=True)
class ProbeRun:
    """One run of a suite that ended at `time` (seconds since the epoch).

    `upstream` is the backend's name in ``sluice.yaml``, or "" for whatever a
    route's primary backend is; `model` is the name that was asked for;
    `fingerprint` is what answered, as the backend names it; `calls` were sent.
    """

    suite: str
    digest: str
    seed: int
    upstream: str
    model: str
    fingerprint: str
    calls: int
    verdict: Verdict
    time: float


@dataclass(frozen=True, eq=False)
class Verdicts:
    """Every run that is known, oldest first. Compared by identity: a new reading of the file is a new state."""

    runs: tuple[ProbeRun, ...] = ()


def standings(
    verdicts: Verdicts,
    suite: str,
    upstreams: Sequence[str],
    models: Sequence[str],
    rules: Hysteresis,
    live: Sequence[str] = (),
) -> tuple[Record, ...]:
    """Return where each probed model stands by a suite on any of these upstreams.

    `models` are names or globs. Alarms of the `live` probes count as runs of the
    suite. One record for each model and upstream that was probed, so that one
    model's pass never makes up for another's failure.
    """
    records: dict[tuple[str, str], Record] = {}
    counted = {suite, *map(live_suite, live)}
    for run in verdicts.runs:
        if run.suite in counted and run.upstream in upstreams and matches(tuple(models), run.model):
            key = (run.upstream, run.model)
            records[key] = records.get(key, Record()).after(run.verdict, run.time, rules)
    return tuple(records.values())


def live_suite(probe: str) -> str:
    """Return what stands in a live probe's runs for a suite's name; no suite can be called so."""
    return _LIVE + probe


def compact(runs: Sequence[ProbeRun], now: float) -> tuple[ProbeRun, ...]:
    """Return the runs without old ones that change no standing, so that years of probes stay a small file.

    Of failures in a row, and of runs in a row that showed nothing, the last says
    everything; of passes in a row the last `MAX_PASSES` do. Runs of the last two
    days stay: schedules count their calls.
    """
    kept: list[ProbeRun] = []
    by_target: dict[tuple[str, str, str], list[ProbeRun]] = {}
    for run in runs:
        by_target.setdefault((run.suite, run.upstream, run.model), []).append(run)
    for series in by_target.values():
        for kind, row in groupby(series, key=_kind):
            stretch = list(row)
            first = len(stretch) - (MAX_PASSES if kind is Verdict.PASS else 1)
            kept += [run for place, run in enumerate(stretch) if place >= first or run.time > now - _RECENT]
    return tuple(sorted(kept, key=lambda run: run.time))


def _kind(run: ProbeRun) -> Verdict:
    return run.verdict if run.verdict in (Verdict.PASS, Verdict.FAIL) else Verdict.INCONCLUSIVE

"""What a gateway's directory keeps of the probes of `detectors.bias`.

With ``--dir`` a run becomes an audit record, a span with one event per contrast,
metrics, and a line in the file of verdicts that the `bias` guard reads.
"""

import argparse
import asyncio
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from detectors.bias import cli
from detectors.bias.acceptance.claim import Check
from detectors.bias.loader import load
from detectors.bias.outcome import Verdict
from detectors.bias.report import telemetry as told
from detectors.bias.report.model import Report
from gateway import probe_scope
from gateway.adapters import verdict_file
from gateway.adapters.audit_sqlite import SqliteAuditLog
from gateway.adapters.keys_file import Keys, load_keys
from gateway.adapters.telemetry import OtelTelemetry
from gateway.bias_record import label, write
from gateway.core.verdicts import ProbeRun
from gateway.errors import DependencyError, PolicyError
from gateway.ports import AuditLog, Telemetry
from gateway.settings import Settings, load_settings


class Keeper(cli.Host):
    """Keeps what a run found in the directory that ``--dir`` names; without one, does nothing.

    `say` tells the person at the terminal where it was kept; `trigger` says why the run began. `last` is the
    run as it was kept.
    """

    def __init__(self, say: Callable[[str], None], trigger: str = "command") -> None:
        self._say = say
        self._trigger = trigger
        self._settings: Settings | None = None
        self._keys: Keys | None = None
        self.last: ProbeRun | None = None

    def extend(self, commands: "argparse._SubParsersAction[Any]", ran: argparse.ArgumentParser) -> None:
        """Add ``--dir`` and ``--upstream`` to `run`, and show `watch`, which has a parser of its own."""
        ran.add_argument("--dir", type=Path, metavar="DIR", help="gateway directory that records and obeys the verdict")
        ran.add_argument(
            "--upstream", metavar="NAME", help="backend of sluice.yaml that was asked (default: by the address)"
        )
        commands.add_parser("watch", help="run a suite again and again, on a schedule; see watch --help")

    def checks(self) -> tuple[Check, ...]:
        """Return what needs a running gateway."""
        from gateway.shadow_bench import CHECKS

        return CHECKS

    def begin(self, options: argparse.Namespace) -> None:
        """Check the directory before anything is sent."""
        if options.dir is None:
            if options.upstream is not None:
                raise PolicyError(("--upstream: has a meaning only with --dir",))
            return
        if options.lever:
            raise PolicyError(("--lever: measures what callers do not get; leave out --dir",))
        self._settings = load_settings(options.dir)
        self._keys = load_keys(self._settings.stores.keys)
        at_address = _upstream_at(self._settings, options.backend)
        if options.upstream is None:
            options.upstream = at_address
        elif options.upstream not in self._settings.upstreams:
            known = ", ".join(sorted(self._settings.upstreams))
            raise PolicyError((f"--upstream: {options.upstream} is no upstream of sluice.yaml; known are {known}",))
        if not at_address:
            probe_scope.require(self._settings, load(options.suite).name, os.environ.get(options.token_env, ""))
        verdict_file.load(verdict_file.verdicts_path(self._settings.directory))

    def finished(self, options: argparse.Namespace, report: Report) -> None:
        """Record, tell and keep the verdict.

        A pass that cannot be recorded is not kept, since it may set a backend free; all other verdicts are.
        """
        if self._settings is None or self._keys is None:
            return
        run = ProbeRun(
            suite=report.suite.name,
            digest=report.suite.digest,
            seed=report.run.seed,
            upstream=options.upstream,
            model=options.model,
            fingerprint=_usual(report.run.fingerprints),
            calls=report.run.calls,
            verdict=report.verdict,
            time=time.time(),
        )
        path = verdict_file.verdicts_path(self._settings.directory)
        try:
            named = asyncio.run(_recorded(self._settings, self._keys, report, run, self._trigger))
        except DependencyError:
            if run.verdict is not Verdict.PASS:
                verdict_file.append(path, run)
            raise
        verdict_file.append(path, run)
        self.last = run
        self._say(f"recorded as {named} (sluice audit show); verdict kept in {path}")


async def _recorded(settings: Settings, keys: Keys, report: Report, run: ProbeRun, trigger: str) -> str:
    telemetry = OtelTelemetry()
    audit = SqliteAuditLog(settings.stores.audit, keys.audit_public)
    try:
        tell(telemetry, report, trigger)
        return await record(audit, report, run, trigger)
    finally:
        await audit.close()
        await telemetry.close()


async def record(audit: AuditLog, report: Report, run: ProbeRun, trigger: str) -> str:
    """Append the audit record of a run and return its id in the log. Raises `DependencyError`."""
    contrasts = [
        {
            "measure": row.measure,
            "metric": str(row.metric),
            "attribute": label(row.attribute),
            "group": label(row.group),
            "reference": label(row.reference),
            "verdict": str(row.verdict),
            "estimate": row.estimate,
        }
        for row in report.contrasts
    ]
    return await write(audit, run, trigger, report.run.digest, contrasts)


def tell(telemetry: Telemetry, report: Report, trigger: str) -> None:
    """Emit one span with an event per contrast, and the run's metrics."""
    events = [(told.EVENT, _labelled(event)) for event in told.events(report)]
    telemetry.evaluation(told.SPAN, _labelled(told.span_attributes(report, trigger)), events)
    for one in told.measurements(report):
        attributes = {name: label(str(value)) for name, value in one.attributes.items()}
        if one.kind == "counter":
            telemetry.count(one.name, one.value, attributes)
        else:
            telemetry.gauge(one.name, one.value, attributes)


def _labelled(attributes: Mapping[str, str | int | float | bool]) -> dict[str, str | int | float | bool]:
    labels = {name: label(value) if isinstance(value, str) else value for name, value in attributes.items()}
    return {name: value for name, value in labels.items() if value != ""}


def _usual(fingerprints: Mapping[str, int]) -> str:
    """Return what answered most often, "" when nothing said what it is."""
    return max(fingerprints, key=lambda name: fingerprints[name], default="")


def _upstream_at(settings: Settings, address: str) -> str:
    """Return the upstream at an address, "" when it is none: then it is the gateway that is asked."""
    asked = address.rstrip("/").removesuffix("/v1")
    return next((name for name, one in settings.upstreams.items() if one.base_url.rstrip("/") == asked), "")

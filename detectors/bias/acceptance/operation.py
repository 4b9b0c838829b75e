"""Acceptance tests 14 and 16: the budget holds to the call, a killed run goes on, and machines can read what comes out.

The command itself is run, against stand-ins that listen on this machine.
"""

import asyncio
import contextlib
import io
import json
import os
import re
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

from aiohttp import web

from detectors.bias import cli, standins
from detectors.bias.acceptance.claim import About, Claim, Scale
from detectors.bias.acceptance.end_to_end import SUITES, planned
from detectors.bias.levers import stand_in
from detectors.bias.loader import load
from detectors.bias.report import ci, html, model
from detectors.bias.run import Settings, run
from detectors.bias.standin_server import application
from detectors.bias.standin_text import StandInBackend
from detectors.bias.standins import Law

_SUITE = "hiring"
_CONCURRENCY = 16
_BUDGETS = (1, 37, 400)
_KILLED_AFTER = 100
_FETCHING = frozenset({"src", "srcset", "href", "xlink:href", "action", "formaction", "data", "poster", "background"})


def budget(scale: Scale, seed: int) -> list[Claim]:
    """Test 14, budget: sixteen at once, a third of all requests throttled; the backend counts what it is sent."""
    over = miscounted = 0
    for trial in range(scale.runs):
        for calls in _BUDGETS:
            made = planned(_SUITE, seed + trial)
            if made is None:
                return []
            made = replace(made, suite=replace(made.suite, budget=replace(made.suite.budget, calls=calls)))
            backend = stand_in(standins.THROTTLED, made.suite, seed + trial)
            settings = Settings(concurrency=_CONCURRENCY, first_delay=0.0)
            result = asyncio.run(run(made, backend, settings=settings))
            over = max(over, backend.calls - calls)
            miscounted += abs(backend.calls - result.calls)
    law = standins.THROTTLED
    about = (law.name, law.truth)
    return [
        About("14", *about, "most requests beyond the budget, 16 at once").holds(over, "<= 0", over <= 0),
        About("14", *about, "requests that were not counted, retries too").equals(miscounted, 0),
    ]


def resumption(_scale: Scale, seed: int) -> list[Claim]:
    """Test 14, SIGKILL in the middle: the same command goes on, asks nothing twice, and reports the same."""
    if not (SUITES / f"{_SUITE}.yaml").is_file():
        return []
    law = standins.CACHED  # answers depend on the question alone, so that two runs can be alike
    whole, cut = asyncio.run(_killed_and_whole(law, seed))
    about = (law.name, law.truth)
    asked_twice = cut.calls - whole.calls - _CONCURRENCY
    return [
        About("14", *about, "killed and resumed: same digest").holds(
            float(whole.digest == cut.digest), "yes", whole.digest == cut.digest
        ),
        About("14", *about, "asked twice, beyond those under way").holds(asked_twice, "<= 0", asked_twice <= 0),
    ]


@dataclass(frozen=True, slots=True)
class _Outcome:
    digest: str
    calls: int


async def _killed_and_whole(law: Law, seed: int) -> tuple[_Outcome, _Outcome]:
    suite = load(SUITES / f"{_SUITE}.yaml")
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="sluice-bias-") as name:
        for part, killed in (("whole", False), ("cut", True)):
            backend = stand_in(law, suite, seed)
            async with _serving(backend) as url:
                arguments = _arguments(_SUITE, url, Path(name) / part, seed)
                if killed:
                    process = await _process(arguments)
                    while backend.calls < _KILLED_AFTER and process.returncode is None:  # noqa: ASYNC110
                        await asyncio.sleep(0.005)
                    with contextlib.suppress(ProcessLookupError):
                        process.send_signal(signal.SIGKILL)
                    await process.wait()
                await (await _process(arguments)).wait()
            report = _report(Path(name) / part)
            outcomes.append(_Outcome(report.run.digest, backend.calls))
    return outcomes[0], outcomes[1]


def machines(_scale: Scale, seed: int) -> list[Claim]:
    """Test 16: exit codes, JUnit, SARIF and an HTML page that asks nobody for anything."""
    runs = (
        (0, "refusals", standins.FAIR),
        (1, "hiring", standins.GROUP_BIASED),
        (2, "hiring", standins.FAIR),
        (3, "hiring", standins.MALFORMED),
    )
    if not all((SUITES / f"{name}.yaml").is_file() for _, name, _ in runs):
        return []
    claims = []
    with tempfile.TemporaryDirectory(prefix="sluice-bias-") as folder:
        for code, name, law in runs:
            out = Path(folder) / str(code)
            found = asyncio.run(_command(name, law, out, seed))
            claims.append(About("16", law.name, law.truth, f"{name}.yaml, exit code").equals(found, code))
        with contextlib.redirect_stderr(io.StringIO()):
            wrong = cli.main(["run", "--backend"])
        claims.append(About("16", "-", "wrong usage", "exit code").equals(wrong, cli.USAGE))
        reports = [_report(Path(folder) / str(code)) for code, _, _ in runs]
    unsound = sum(not _sound_junit(report) for report in reports)
    claims.append(About("16", "-", "4 reports", "JUnit files that miscount").equals(unsound, 0))
    unsound = sum(not _sound_sarif(report) for report in reports)
    claims.append(About("16", "-", "4 reports", "SARIF files that are unsound").equals(unsound, 0))
    fetched = sum(_fetched(html.render(report)) for report in reports)
    claims.append(About("16", "-", "4 reports", "things that a browser would fetch").equals(fetched, 0))
    return claims


async def _command(name: str, law: Law, out: Path, seed: int) -> int:
    """Run the command in a thread, against a stand-in in this one; return its exit code."""
    async with _serving(stand_in(law, load(SUITES / f"{name}.yaml"), seed)) as url:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return await asyncio.to_thread(cli.main, _arguments(name, url, out, seed))


def _arguments(name: str, url: str, out: Path, seed: int) -> list[str]:
    return [
        "run", str(SUITES / f"{name}.yaml"), "--backend", url, "--out", str(out), "--seed", str(seed),
        "--concurrency", str(_CONCURRENCY), "--format", "json", "--quiet",
    ]  # fmt: skip


async def _process(arguments: Sequence[str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "detectors.bias.cli", *arguments,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, env=dict(os.environ),
    )  # fmt: skip


@contextlib.asynccontextmanager
async def _serving(backend: StandInBackend) -> AsyncIterator[str]:
    """Serve a stand-in on a free port of this machine; yield its address."""
    runner = web.AppRunner(application(backend), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _report(folder: Path) -> model.Report:
    path = folder / "report.json"
    return model.from_json(path.read_text(encoding="utf-8"), str(path))


def _sound_junit(report: model.Report) -> bool:
    """Whether the file is XML, has a case for each contrast, and says of each kind as many as it lists."""
    root = ElementTree.fromstring(ci.junit(report))  # noqa: S314
    (suite,) = root
    kinds = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    counted = all(int(suite.get(name, "-1")) == len(suite.findall(f"testcase/{tag}")) for name, tag in kinds.items())
    return counted and int(suite.get("tests", "-1")) == len(suite) >= len(report.contrasts)


def _sound_sarif(report: model.Report) -> bool:
    """Whether the file has the parts that SARIF 2.1.0 requires, and every result a rule that is declared."""
    log = json.loads(ci.sarif(report))
    (only,) = log["runs"]
    rules = {rule["id"] for rule in only["tool"]["driver"]["rules"]}
    sound = all(
        result["ruleId"] in rules
        and result["message"]["text"]
        and (result["level"] == "error") == (result["kind"] == "fail")
        for result in only["results"]
    )
    return sound and log["version"] == "2.1.0" and len(only["results"]) == len(report.contrasts)


class _Fetches(HTMLParser):
    """Counts what a browser would fetch: attributes that are addresses, scripts, and addresses in styles."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self._style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._style = tag == "style"
        self.count += tag == "script"
        self.count += sum(name in _FETCHING for name, _ in attrs)
        self.count += sum(_addresses(value or "") for name, value in attrs if name == "style")

    def handle_data(self, data: str) -> None:
        if self._style:
            self.count += _addresses(data)


def _addresses(style: str) -> int:
    return len(re.findall(r"(?i)url\(|@import", style))


def _fetched(page: str) -> int:
    seen = _Fetches()
    seen.feed(page)
    return seen.count


CHECKS = (budget, resumption, machines)

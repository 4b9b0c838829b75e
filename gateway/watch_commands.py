"""``sluice bias watch``: a suite again and again, when `detectors.bias.schedule` says so. Stops on SIGTERM."""

import argparse
import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NoReturn

from detectors.bias import cli
from detectors.bias.backends import BackendError, HttpBackend, first_model
from detectors.bias.loader import load
from detectors.bias.outcome import Verdict
from detectors.bias.problems import SuiteError
from detectors.bias.schedule import DAY, PastRun, Ruling, Schedule, Seen, decide
from gateway.adapters import verdict_file
from gateway.bias_keeper import Keeper
from gateway.errors import PolicyError
from gateway.policy.fields import seconds
from gateway.settings import Settings, load_settings

KEPT_REPORTS: Final = 20
"""Folders of reports that stay; older ones are removed."""

Run = Callable[[str], int]
"""Runs the suite because of a trigger; returns the exit code."""


@dataclass(slots=True)
class Watcher:
    """Decides, again and again. The world (clock, runs, fingerprints) is given, so that a test can be it.

    `past` gives the runs that are kept; `look` the backend's fingerprint ("" is
    unknown). A run that came to no report is tried again, each time twice as late.
    """

    schedule: Schedule
    past: Callable[[], Sequence[PastRun]]
    run: Run
    look: Callable[[], str]
    clock: Callable[[], float]
    check: float
    seen: Seen = field(default_factory=lambda: Seen("", 0.0))
    lost: int = 0
    retry_at: float = 0.0

    def step(self) -> float:
        """Run the suite if it is due. Return after how many seconds to come again."""
        now = self.clock()
        if now < self.retry_at:
            return min(self.retry_at - now, self.check)
        ruling = self._ruling(now)
        if ruling.trigger is not None:
            known = len(self.past())
            code = self.run(str(ruling.trigger))
            if code == cli.INTERRUPTED:
                raise KeyboardInterrupt
            now = self.clock()
            self.lost = self.lost + 1 if code == cli.USAGE and len(self.past()) == known else 0
            self.retry_at = now + min(self.schedule.interval, 60.0 * 2 ** min(self.lost, 20)) if self.lost else 0.0
        at = max(decide(self.schedule, self.past(), self.seen, now).at, self.retry_at)
        return min(max(at - now, 1.0), self.check)

    def _ruling(self, now: float) -> Ruling:
        runs = self.past()
        ruling = decide(self.schedule, runs, self.seen, now)
        if ruling.trigger is not None or not runs or not self.schedule.on_fingerprint:
            return ruling
        fingerprint = self.look()
        if fingerprint and fingerprint != self.seen.fingerprint:
            self.seen = Seen(fingerprint, now)
        return decide(self.schedule, runs, self.seen, now)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise PolicyError((f"watch: {message}; see sluice bias watch --help",))


def watch(argv: Sequence[str]) -> int:
    """Run a suite on a schedule until SIGTERM or SIGINT; return the exit code. Raises `PolicyError`."""
    try:
        options, more = _parser().parse_known_args(argv)
    except SystemExit:
        return 0
    settings = load_settings(options.dir)
    watcher = _watcher(options, more, settings)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts background jobs with it ignored
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        while True:
            time.sleep(watcher.step())
    except KeyboardInterrupt:
        _say("stopped")
        return 0


def _parser() -> _Parser:
    parser = _Parser(
        prog="sluice bias watch",
        description="Run a suite again and again. Further options go to `sluice bias run`.",
        allow_abbrev=False,
    )
    parser.add_argument("suite", type=Path, help="suite file")
    parser.add_argument("--dir", type=Path, required=True, metavar="DIR", help="directory made by sluice init")
    parser.add_argument("--every", type=_seconds, default=DAY, metavar="TIME", help="interval, such as 24h (default)")
    parser.add_argument("--check", type=_seconds, default=900.0, metavar="TIME", help="look for a new backend (15m)")
    parser.add_argument("--settle", type=_seconds, default=300.0, metavar="TIME", help="how long it must stay (5m)")
    parser.add_argument("--calls-per-day", type=int, help="most requests a day (default: twice what is needed)")
    parser.add_argument("--backend", metavar="URL", help="default: the gateway of DIR itself")
    parser.add_argument("--upstream", metavar="NAME", help="backend of sluice.yaml that is asked")
    parser.add_argument("--model", help="default: the first that the backend lists")
    parser.add_argument("--dialect", default="", help="default: by the address, else openai")
    parser.add_argument("--token-env", default=cli.TOKEN_VARIABLE, metavar="NAME", help="variable with the token")
    return parser


def _seconds(text: str) -> float:
    try:
        value = seconds(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if not isinstance(value, float) or value <= 0:
        raise argparse.ArgumentTypeError("must be more than no time")
    return value


def _watcher(options: argparse.Namespace, more: Sequence[str], settings: Settings) -> Watcher:
    try:
        suite = load(options.suite)
        calls = suite.budget.calls
        daily = options.calls_per_day or 2 * calls * max(1, round(DAY / options.every))
        schedule = Schedule(suite.name, options.every, calls, daily, settle=options.settle)
    except SuiteError as error:
        raise PolicyError(tuple(map(str, error.problems))) from None
    except ValueError as error:
        raise PolicyError((f"watch: {error}",)) from None
    address = options.backend or _own_address(settings)
    path = verdict_file.verdicts_path(settings.directory)
    verdict_file.load(path)
    keeping = settings.directory / "data" / "bias" / suite.name

    def past() -> list[PastRun]:
        return [
            PastRun(run.suite, run.time, run.calls, run.fingerprint, run.verdict is not Verdict.INVALID)
            for run in verdict_file.load(path).runs
            if run.suite == suite.name and options.model in (None, run.model)
        ]

    def run(trigger: str) -> int:
        folder = _folder(keeping)
        _say(f"{suite.name}: runs because of {trigger}")
        given = ["run", str(options.suite), "--dir", str(options.dir), "--backend", address, "--quiet"]
        given += ["--out", str(folder), "--seed", str(int(folder.name) % 2**31), "--token-env", options.token_env]
        for name in ("model", "dialect", "upstream"):
            value = getattr(options, name)
            given += [f"--{name}", value] if value else []
        code = cli.main([*given, *more], Keeper(_say, trigger))
        journal = folder / "journal.jsonl"
        if code == cli.USAGE and journal.exists():
            journal.rename(folder / "journal.given-up.jsonl")  # of another suite or model: it cannot go on
        return code

    def look() -> str:
        token = os.environ.get(options.token_env, "")
        try:
            return asyncio.run(_fingerprint(address, options.model, options.dialect, token))
        except (BackendError, OSError):
            return ""

    return Watcher(schedule, past, run, look, time.time, options.check)


async def _fingerprint(address: str, model: str | None, dialect: str, token: str) -> str:
    """Ask one short question and return what answered, "" when that cannot be told."""
    name = model or (await first_model(address, dialect, token))[0]
    async with HttpBackend(address, name, token, dialect, max_tokens=16, timeout=30.0) as backend:
        return (await backend.ask([{"role": "user", "content": "Answer with the word ready."}], 0)).fingerprint


def _own_address(settings: Settings) -> str:
    listen = settings.listen
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(listen.host, listen.host)  # noqa: S104
    return f"{'https' if listen.tls else 'http'}://{host}:{listen.port}"


def _folder(keeping: Path) -> Path:
    """Return where the next run writes: an interrupted run's folder, whose journal goes on, or a new one."""
    keeping.mkdir(parents=True, exist_ok=True)
    folders = sorted((one for one in keeping.iterdir() if one.name.isdecimal()), key=lambda one: int(one.name))
    for old in folders[:-KEPT_REPORTS]:
        for file in old.iterdir():
            file.unlink()
        old.rmdir()
    if folders and not (folders[-1] / "report.json").exists() and (folders[-1] / "journal.jsonl").exists():
        return folders[-1]
    return keeping / str(int(time.time()))


def _say(text: str) -> None:
    print(f"sluice bias watch: {text}", file=sys.stderr, flush=True)  # noqa: T201

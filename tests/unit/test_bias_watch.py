"""The scheduler's loop: when it runs, what it remembers, and that SIGTERM ends it."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from detectors.bias.schedule import DAY, PastRun, Schedule
from gateway.adapters.verdict_file import load, verdicts_path
from gateway.bias_commands import main
from gateway.scaffold import init
from gateway.watch_commands import Watcher
from tests.unit.bias import small_suite
from tests.unit.bias.vendor_server import Vendor, fair, serving

DAILY = Schedule("s", interval=DAY, calls=10, calls_per_day=30, jitter=0.0)


class World:
    """A clock, a backend and its history."""

    def __init__(self, schedule: Schedule = DAILY, code: int = 0) -> None:
        self.now = 1e6
        self.fingerprint = "m1"
        self.triggers: list[str] = []
        self.past: list[PastRun] = []
        self.code = code
        self.watcher = Watcher(schedule, lambda: self.past, self.run, lambda: self.fingerprint, lambda: self.now, 900.0)

    def run(self, trigger: str) -> int:
        self.triggers.append(trigger)
        if self.code != 64:
            self.past.append(PastRun("s", self.now, 10, self.fingerprint, valid=True))
        return self.code

    def live(self, seconds: float, then: Callable[[], None] = lambda: None) -> None:
        end = self.now + seconds
        while self.now < end:
            self.now += self.watcher.step()
        then()


def test_it_runs_at_once_and_then_at_every_interval() -> None:
    """Three days are four runs."""
    world = World()
    world.live(3 * DAY + 1800)
    assert world.triggers == ["first", "interval", "interval", "interval"]


def test_a_changed_backend_is_asked_soon() -> None:
    """Once the new fingerprint has stayed."""
    world = World()
    world.live(6 * 3600.0)
    world.fingerprint = "m2"
    world.live(3600.0)
    assert world.triggers == ["first", "fingerprint"]


def test_the_budget_of_a_day_holds() -> None:
    """However often the backend changes."""
    world = World()
    for number in range(20):
        world.fingerprint = f"m{number}"
        world.live(3600.0)
    assert len(world.triggers) == 3


def test_a_run_without_a_report_backs_off() -> None:
    """A dead backend is not asked at every step."""
    world = World(code=64)
    world.live(DAY)
    assert 5 < len(world.triggers) < 20


def test_an_interrupted_run_ends_the_watch() -> None:
    """The exit code of an interruption passes through."""
    with pytest.raises(KeyboardInterrupt):
        World(code=130).watcher.step()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--every", "soon"), "must be a duration"),
        (("--calls-per-day", "3"), "the day allows 3"),
        (("--dir", "nowhere"), "nowhere"),
    ],
)
def test_wrong_usage_is_64(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], message: str
) -> None:
    """In one line."""
    init(tmp_path / "gateway", None)
    arguments = ["watch", str(small_suite.write(tmp_path)), "--dir", str(tmp_path / "gateway"), *more]
    assert main(arguments) == 64
    shown = capsys.readouterr().err
    assert message in shown
    assert "Traceback" not in shown


async def test_a_real_watch_keeps_verdicts_and_stops_on_sigterm(tmp_path: Path) -> None:
    """A process of its own, against a real server: the first run is kept, then it waits, then it goes quietly."""
    directory = tmp_path / "gateway"
    suite = small_suite.write(tmp_path)
    async with serving(Vendor(fair)) as url:
        init(directory, url)
        process = await asyncio.create_subprocess_exec(
            "sh", "-c", "trap '' INT; exec \"$@\"", "sh",  # as a shell starts what runs in the background
            sys.executable, "-m", "gateway.cli", "bias", "watch", str(suite), "--dir", str(directory),
            "--every", "24h", "--backend", url, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        for _ in range(1200):
            if load(verdicts_path(directory)).runs or process.returncode is not None:
                break
            await asyncio.sleep(0.05)
        ended_by_itself = process.returncode is not None
        assert not ended_by_itself
        os.kill(process.pid, signal.SIGTERM)
        _, shown = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, shown.decode()
    assert b"Traceback" not in shown
    (run,) = load(verdicts_path(directory)).runs
    assert (run.suite, run.model, run.upstream) == ("small", "test-1", "default")

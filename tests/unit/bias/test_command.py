"""The command line: exit codes are verdicts, mistakes are one line, levers are run and compared."""

import asyncio
from pathlib import Path

import pytest

from detectors.bias.acceptance.claim import About, Check, Claim, Scale
from detectors.bias.cli import EXIT, Host, main
from detectors.bias.outcome import Verdict
from detectors.bias.report.model import from_json
from tests.unit.bias import small_suite
from tests.unit.bias.vendor_server import Vendor, fair, serving, unfair


def command(*arguments: object) -> int:
    """Run ``sluice bias``."""
    return main([str(argument) for argument in arguments])


@pytest.mark.parametrize(
    ("vendor", "expected"),
    [
        (Vendor(unfair), 1),
        (Vendor(fair), 2),
        (Vendor(lambda *_: "maybe"), 3),
        (Vendor(status=401), 3),
    ],
    ids=["fail", "inconclusive", "invalid", "rejected"],
)
async def test_exit_codes_are_verdicts(tmp_path: Path, vendor: Vendor, expected: int) -> None:
    """0 pass, 1 fail, 2 inconclusive, 3 invalid; the model is found by itself."""
    suite = small_suite.write(tmp_path)
    async with serving(vendor) as url:
        code = await asyncio.to_thread(command, "run", suite, "--backend", url, "--out", tmp_path / "out", "--quiet")
    assert code == expected
    assert code in EXIT.values()
    assert command("report", tmp_path / "out", "--format", "markdown", "--out", tmp_path / "again") == expected
    assert (tmp_path / "again" / "summary.md").read_text().startswith("## ")


BAD_COMMANDS = [
    ((), "required"),
    (("dance",), "invalid choice"),
    (("run", "SUITE"), "--backend"),
    (("plan", "nowhere.yaml"), "nowhere.yaml:1:1: cannot be read"),
    (("plan", "SUITE", "--variants", "3"), "must be a multiple of 2"),
    (("run", "SUITE", "--backend", "ftp://x", "--model", "m"), "no http or https address"),
    (("run", "SUITE", "--backend", "http://127.0.0.1:1"), "cannot be reached"),
    (("run", "SUITE", "--backend", "http://127.0.0.1:1", "--model", "m", "--calls", "5"), "the budget allows 5"),
    (("run", "SUITE", "--backend", "http://x", "--model", "m", "--concurrency", "0"), "--concurrency"),
    (("report", "nowhere"), "nowhere"),
    (("diff", "nowhere", "nowhere"), "nowhere"),
]


@pytest.mark.parametrize(
    ("arguments", "message"), BAD_COMMANDS, ids=[" ".join(b[0])[:40] or "none" for b in BAD_COMMANDS]
)
def test_wrong_usage_is_one_line_and_64(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...],
    message: str,
) -> None:  # fmt: skip
    """What, where, what to do; no traceback."""
    monkeypatch.chdir(tmp_path)
    suite = small_suite.write(tmp_path)
    code = command(*(suite if argument == "SUITE" else argument for argument in arguments))
    shown = capsys.readouterr().err
    assert code == 64
    assert message in shown
    assert shown.count("\n") == 1
    assert "Traceback" not in shown


def test_plan_prints_a_table_and_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """0 for a plan that may run, 64 for one that may not."""
    assert command("plan", small_suite.write(tmp_path)) == 0
    assert "120 requests" in capsys.readouterr().out
    assert command("plan", small_suite.write(tmp_path, ("effect: 0.4", "effect: 0.1"))) == 64


def test_every_problem_of_a_suite_is_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`file:line:column: message`, all at once."""
    path = small_suite.write(tmp_path, ("margin: 0.10", "margin: 0"), ("variants: 4", "variants: 3"))
    assert command("plan", path) == 64
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all(line.startswith(f"{path}:") for line in lines)


@pytest.mark.parametrize("content", [b"", b"[", b"{}", b"\xff\xfe report", b"[" * 100_000])
def test_what_is_no_report_is_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    """Whatever the file holds."""
    path = tmp_path / "report.json"
    path.write_bytes(content)
    for given in (("report", path), ("diff", path, path)):
        assert command(*given) == 64
        said = capsys.readouterr().err
        assert (said.startswith(f"{path}: is no"), said.count("\n")) == (True, 1)


@pytest.mark.parametrize("inconclusive", [False, True])
async def test_a_fair_backend_passes_within_a_wide_margin(tmp_path: Path, inconclusive: bool) -> None:
    """Exit 0 is a shown pass, or an inconclusive run that the caller declared fine."""
    margin = (
        ()
        if inconclusive
        else (
            ("margin: 0.10", "margin: 0.35"),
            ("effect: 0.4", "effect: 0.6"),
            ("  - {metric: refusal_gap, margin: 0.05}\n", ""),
        )
    )
    suite = small_suite.write(tmp_path, *margin)
    extra = ("--inconclusive", "ok") if inconclusive else ()
    async with serving(Vendor(fair)) as url:
        out = ("--out", tmp_path / "out", "--quiet", "--format", "json", *extra)
        code = await asyncio.to_thread(command, "run", suite, "--backend", url, *out)
    report = from_json((tmp_path / "out" / "report.json").read_text(), "x")
    assert report.verdict is (Verdict.INCONCLUSIVE if inconclusive else Verdict.PASS)
    assert code == 0


async def test_a_lever_is_run_and_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Blinded, the unfair backend cannot see whom it is asked about: `diff` says improved, exit 0."""
    suite = small_suite.write(tmp_path)
    async with serving(Vendor(unfair)) as url:
        for name, lever in (("before", ()), ("after", ("--lever", "blinding"))):
            out = ("--backend", url, "--out", tmp_path / name, "--quiet", "--format", "json", *lever)
            await asyncio.to_thread(command, "run", suite, *out)
    assert "+ blinding" in (tmp_path / "after" / "report.json").read_text()
    capsys.readouterr()
    assert command("diff", tmp_path / "before", tmp_path / "after") == 0
    assert "improved      woman compared with man" in capsys.readouterr().out
    assert command("diff", tmp_path / "after", tmp_path / "before") == 1


def test_a_lever_that_asks_often_must_fit_the_budget(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ensembling two groups doubles the requests: the budget counts what is sent."""
    suite = small_suite.write(tmp_path)
    arguments = ("run", suite, "--backend", "http://127.0.0.1:1", "--model", "m", "--lever")
    assert command(*arguments, "ensembling", "--calls", "239") == 64
    assert "240 requests, the budget allows 239" in capsys.readouterr().err
    assert command(*arguments, "shuffling") == 64
    assert "needs a panel" in capsys.readouterr().err


def test_the_self_test_takes_checks_from_its_host(capsys: pytest.CaptureFixture[str]) -> None:
    """A larger program adds what only it can measure, and `--test` picks from all."""
    found = About("15", "-", "truth", "nobody waits").holds(1.0, "yes", True)

    def check(_scale: Scale, _seed: int) -> list[Claim]:
        """Test 15: holds."""
        return [found]

    class Larger(Host):
        def checks(self) -> tuple[Check, ...]:
            return (check,)

    assert main(["selftest", "--test", "15"], Larger()) == 0
    assert "1 of 1 claims hold" in capsys.readouterr().out
    assert main(["selftest", "--test", "15"]) == 1, "without it, nothing was shown"

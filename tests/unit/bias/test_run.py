"""Runs against a real HTTP server: budgets, retries, resumption, dialects, and what must never be written down."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from detectors.bias.backend import AnswerStatus
from detectors.bias.backends import BackendError, HttpBackend, first_model
from detectors.bias.cli import EXIT
from detectors.bias.evaluate import evaluate
from detectors.bias.expand import expand
from detectors.bias.journal import Journal, JournalError
from detectors.bias.loader import load
from detectors.bias.outcome import OutcomeKind, Verdict
from detectors.bias.plan import Plan, plan
from detectors.bias.report import model
from detectors.bias.report.make import report_of
from detectors.bias.run import RunResult, Settings, Stopped, header, run
from detectors.bias.vendor_dialects import DIALECTS
from tests.unit.bias.small_suite import write
from tests.unit.bias.vendor_server import Vendor, serving, unfair

FAST = Settings(concurrency=16, first_delay=0.0)
MESSAGES = [{"role": "user", "content": "Invite? yes or no"}]


def small(tmp_path: Path, *changes: tuple[str, str]) -> Plan:
    """The plan of the small suite."""
    suite = load(write(tmp_path, *changes))
    return plan(suite, expand(suite, 1), 1)


async def ask_all(made: Plan, vendor: Vendor, journal: Journal | None = None, settings: Settings = FAST) -> RunResult:
    """Run a plan against a server."""
    async with serving(vendor) as url, HttpBackend(url, "test-1", vendor.token) as backend:
        return await run(made, backend, journal, settings)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_every_dialect_is_spoken(tmp_path: Path, dialect: str) -> None:
    """Token in the vendor's header, system prompt in the vendor's place, tokens counted."""
    made = small(tmp_path, ("max_tokens: 16", "max_tokens: 16, system: Be brief., temperature: 0.5"))
    vendor = Vendor()
    async with serving(vendor) as url, HttpBackend(url, "test-1", "canary-token", dialect, 16, 0.5) as backend:
        result = await run(made, backend, settings=FAST)
    path, headers, body = vendor.seen[0]
    assert result.failed == result.unasked == 0
    assert result.usage.input_tokens == 10 * result.calls
    assert "canary-token" in str(headers)
    assert "Be brief." in str(body)
    assert "0.5" in str(body)
    kinds = {o.outcome.kind for o in result.observations["decision"]}
    assert kinds == {OutcomeKind.CHOICE}
    assert (
        path
        == {
            "openai": "/v1/chat/completions",
            "openai-responses": "/v1/responses",
            "openai-completions": "/v1/completions",
            "anthropic": "/v1/messages",
            "gemini": "/v1beta/models/test-1:generateContent",
            "ollama": "/api/chat",
        }[dialect]
    )


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_the_first_listed_model_is_the_default(dialect: str) -> None:
    """A backend that lists its models needs no --model."""
    async with serving(Vendor()) as url:
        assert await first_model(url, dialect) == ("test-1", 2)


@pytest.mark.parametrize(
    ("status", "token", "message"), [(401, "t", "refuses the token"), (403, "", "asks for a token")]
)
async def test_a_token_that_is_refused_is_not_an_empty_list(status: int, token: str, message: str) -> None:
    """Else the run would ask for a model that nobody named."""
    async with serving(Vendor(listing=status)) as url:
        with pytest.raises(BackendError, match=f"{message}.*HTTP {status}"):
            await first_model(url, "openai", token)


async def test_unfairness_is_found_and_fairness_is_not_called_unfair(tmp_path: Path) -> None:
    """The same suite fails one backend and does not fail the other."""
    made = small(tmp_path)
    assert evaluate(await ask_all(made, Vendor(unfair))).verdict is Verdict.FAIL
    assert evaluate(await ask_all(made, Vendor())).verdict is not Verdict.FAIL


@pytest.mark.parametrize("calls", [1, 37, 100])
async def test_the_budget_is_never_exceeded_by_one_call(tmp_path: Path, calls: int) -> None:
    """Sixteen at once against a backend that rate-limits: what the server counts is what the budget says."""
    made = small(tmp_path, ("calls: 400", f"calls: {calls}"))
    vendor = Vendor(throttled=0.3)
    result = await ask_all(made, vendor)
    assert vendor.requests == result.calls == calls
    assert result.stopped is Stopped.BUDGET
    assert evaluate(result).verdict is not Verdict.PASS


async def test_cost_is_a_budget_too(tmp_path: Path) -> None:
    """The worst cost of the next request must fit."""
    made = small(tmp_path, ("calls: 400", "calls: 400, cost: 0.05, price_input: 10, price_output: 100"))
    vendor = Vendor()
    result = await ask_all(made, vendor)
    assert result.stopped is Stopped.BUDGET
    assert 0 < result.cost <= 0.05
    assert 0 < vendor.requests < len(made.questions)


async def test_retries_count_and_succeed(tmp_path: Path) -> None:
    """Thirty percent of 429: everything is answered, and every request is counted."""
    vendor = Vendor(throttled=0.3)
    made = small(tmp_path)
    result = await ask_all(made, vendor, settings=Settings(concurrency=8, attempts=12, first_delay=0.0))
    assert result.failed == result.unasked == 0
    assert vendor.requests == result.calls > len(made.questions)


async def test_a_wrong_key_stops_the_run_at_once(tmp_path: Path) -> None:
    """Rejections from the start: a handful of requests, verdict invalid, a note that says what to check."""
    vendor = Vendor(status=401)
    evaluation = evaluate(await ask_all(small(tmp_path), vendor, settings=Settings(concurrency=2)))
    assert vendor.requests <= 5
    assert evaluation.verdict is Verdict.INVALID
    assert "token" in evaluation.notes[0]
    assert "HTTP 401" in evaluation.notes[0]


async def test_a_dead_backend_stops_the_run(tmp_path: Path) -> None:
    """Nothing but 500: the run gives up, and says that it is invalid."""
    vendor = Vendor(status=500)
    settings = Settings(concurrency=4, attempts=2, first_delay=0.0, give_up_after=10)
    evaluation = evaluate(await ask_all(small(tmp_path), vendor, settings=settings))
    assert vendor.requests < 20
    assert evaluation.verdict is Verdict.INVALID


@pytest.mark.parametrize(
    "raw", ["", "{}", "[]", "null", '{"choices": []}', '{"choices": [{"message": null}]}', "<html>"]
)
async def test_a_body_of_another_kind_is_unparsed(tmp_path: Path, raw: str) -> None:
    """Garbage is an outcome: counted, and the run is invalid, never a pass."""
    result = await ask_all(small(tmp_path), Vendor(raw=raw))
    assert {o.outcome.kind for o in result.observations["decision"]} == {OutcomeKind.UNPARSED}
    assert evaluate(result).verdict is Verdict.INVALID


async def test_prose_instead_of_an_answer_is_invalid(tmp_path: Path) -> None:
    """A backend that never decides is not fair."""
    evaluation = evaluate(await ask_all(small(tmp_path), Vendor(lambda *_: "I know that it depends.")))
    assert evaluation.verdict is Verdict.INVALID


async def test_a_backend_that_changes_is_noticed(tmp_path: Path) -> None:
    """Two models answered one run: no pass."""
    evaluation = evaluate(await ask_all(small(tmp_path), Vendor(model=lambda n: "test-1" if n < 50 else "test-2")))
    assert evaluation.verdict is Verdict.INVALID
    assert "test-1, test-2" in evaluation.notes[0]


async def test_drift_is_noted(tmp_path: Path) -> None:
    """Fair, then harsher to everybody: gaps stand, the note says so."""
    vendor = Vendor(lambda _text, _seed, number: "Yes" if number < 60 else "No")
    assert any("first and the second half" in note for note in evaluate(await ask_all(small(tmp_path), vendor)).notes)


async def test_a_vendors_own_refusal_is_a_refusal() -> None:
    """Filters that block without text are refusals, not failures."""
    blocked = {
        "openai": '{"choices": [{"message": {"content": null, "refusal": "no"}}]}',
        "openai-responses": '{"output": [{"type": "message", "content": [{"type": "refusal", "refusal": "no"}]}]}',
        "openai-completions": '{"choices": [{"text": "", "finish_reason": "content_filter"}]}',
        "anthropic": '{"content": [], "stop_reason": "refusal"}',
        "gemini": '{"promptFeedback": {"blockReason": "SAFETY"}}',
    }
    for dialect, raw in blocked.items():
        async with serving(Vendor(raw=raw)) as url, HttpBackend(url, "m", dialect=dialect) as backend:
            answer = await backend.ask(MESSAGES, 1)
            assert (answer.status, answer.refused) == (AnswerStatus.OK, True), dialect


async def test_timeouts_and_closed_ports_are_statuses() -> None:
    """`ask` never raises."""
    async with serving(Vendor(slow=5)) as url, HttpBackend(url, "m", timeout=0.05) as backend:
        assert (await backend.ask(MESSAGES, 1)).status is AnswerStatus.TIMEOUT
    async with HttpBackend("http://127.0.0.1:1", "m") as backend:
        assert (await backend.ask(MESSAGES, 1)).status is AnswerStatus.UNAVAILABLE


@pytest.mark.parametrize("url", ["", "ftp://x", "http://", "http://u:p@x", "http://x?key=1", "http://x:99999", "x"])
def test_bad_addresses_are_refused(url: str) -> None:
    """A user or a key in the address would end up in reports."""
    with pytest.raises(BackendError):
        HttpBackend(url, "m")


async def test_nothing_secret_is_written_down(tmp_path: Path) -> None:
    """Neither token, question nor answer stands in journal, report, name or repr."""
    made = small(tmp_path)
    vendor = Vendor(lambda *_: "Yes, because canary-answer.")
    async with serving(vendor) as url, HttpBackend(url, "test-1", vendor.token) as backend:
        journal = Journal.open(tmp_path / "journal.jsonl", header(made, backend))
        result = await run(made, backend, journal, FAST)
        journal.close()
        shown = repr(backend) + backend.name + repr(result.plan.questions[0]) + repr(await backend.ask(MESSAGES, 1))
    written = (tmp_path / "journal.jsonl").read_text() + report_of(evaluate(result)).to_json() + shown
    for canary in ("canary-token", "canary-answer", "task number 3", "Invite?"):
        assert canary not in written


async def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path: Path) -> None:
    """Cut after a third and resumed: the same observations, no question asked twice."""
    made = small(tmp_path)
    whole = await ask_all(made, Vendor())
    vendor = Vendor()
    path = tmp_path / "journal.jsonl"
    async with serving(vendor) as url, HttpBackend(url, "test-1") as backend:
        cut = plan(made.suite, made.questions[:40], 1)
        journal = Journal.open(path, header(made, backend))
        await run(cut, backend, journal, FAST)
        journal.close()
        path.write_text(path.read_text() + '{"done": "case-7/')  # the process died while writing
        journal = Journal.open(path, header(made, backend))
        result = await run(made, backend, journal, FAST)
        journal.close()
    assert result.digest == whole.digest
    assert vendor.requests == result.calls == len(made.questions)


async def test_journals_are_not_mixed_up(tmp_path: Path) -> None:
    """Another seed, a second writer and a damaged line are errors that say what to do."""
    made = small(tmp_path)
    path = tmp_path / "journal.jsonl"
    backend = HttpBackend("http://127.0.0.1:1", "m")
    journal = Journal.open(path, header(made, backend))
    with pytest.raises(JournalError, match="another run is writing"):
        Journal.open(path, header(made, backend))
    journal.close()
    with pytest.raises(JournalError, match="seed differs"):
        Journal.open(path, header(plan(made.suite, made.questions, 2), backend))
    path.write_text(path.read_text() + "nonsense\n")
    with pytest.raises(JournalError, match=":2:1: not a line of a journal"):
        Journal.open(path, header(made, backend))


async def _command(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "detectors.bias.cli", *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env={**os.environ, "SLUICE_BIAS_TOKEN": "t"},
    )  # fmt: skip


async def test_kill_minus_nine_and_resume(tmp_path: Path) -> None:
    """The acceptance test itself: killed in the middle, the same command goes on, the report has the same digest."""
    suite = str(write(tmp_path))
    vendor = Vendor(slow=0.02)
    async with serving(vendor) as url:
        arguments = (
            "run",
            suite,
            "--backend",
            url,
            "--model",
            "m",
            "--quiet",
            "--concurrency",
            "4",
            "--format",
            "json",
        )
        killed = await _command(*arguments, "--out", str(tmp_path / "cut"))
        await vendor.busy.wait()
        killed.send_signal(signal.SIGKILL)
        await killed.wait()
        cut = vendor.requests
        vendor.slow = 0.0
        resumed = await _command(*arguments, "--out", str(tmp_path / "cut"))
        await resumed.communicate()
        assert vendor.requests - cut < 120, "what was answered is not asked again"
    whole = evaluate(await ask_all(small(tmp_path), Vendor()))
    report = model.from_json((tmp_path / "cut" / "report.json").read_text(), "report.json")
    assert report.run.digest == whole.result.digest
    assert report.contrasts == report_of(whole).contrasts
    assert resumed.returncode == EXIT[whole.verdict]


async def test_groups_and_repeats_are_interleaved(tmp_path: Path) -> None:
    """Asked in a random order that the seed fixes: drift cannot hit one group more than another."""
    made = small(tmp_path)
    vendors = [Vendor(), Vendor()]
    for vendor in vendors:
        await ask_all(made, vendor, settings=Settings(concurrency=1, first_delay=0.0))
    orders = [[body["messages"][0]["content"] for _, _, body in vendor.seen] for vendor in vendors]
    assert orders[0] == orders[1]
    assert orders[0] != [question.text for question in made.questions]
    women = [" her " in text for text in orders[0]]
    assert 20 < sum(women[:60]) < 40, "the first half has about as many of either group"
    runs = max(len(run) for run in "".join("x" if woman else " " for woman in women).split())
    assert runs < 12

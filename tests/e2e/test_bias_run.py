"""A probe with ``--dir``: the audit log, a real OTLP receiver and the file of verdicts got the run, and no text."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from opentelemetry.proto.trace.v1 import trace_pb2

from detectors.bias import standin_server, standins
from detectors.bias.levers import stand_in
from detectors.bias.loader import load as load_suite
from detectors.bias.outcome import Verdict
from detectors.bias.vendor_dialects import DIALECTS
from gateway.adapters.audit_reader import AuditReader
from gateway.adapters.verdict_file import load, verdicts_path
from gateway.audit_commands import check, summaries
from gateway.bias_commands import main
from gateway.scaffold import init, local_issuer
from gateway.settings import load_settings
from tests.support.house import House
from tests.unit.adapters.test_telemetry import Receiver, values
from tests.unit.bias import small_suite
from tests.unit.bias.vendor_server import Vendor, fair, serving, unfair

LOG = Path("data") / "audit.sqlite"


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A real OTLP receiver on loopback."""
    made = Receiver()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", made.url)
    yield made
    made.close()


async def probe(tmp_path: Path, url: str, *more: str) -> int:
    """Run the small suite with the gateway's directory."""
    suite = small_suite.write(tmp_path)
    arguments = ["run", str(suite), "--backend", url, "--out", str(tmp_path / "out"), "--quiet", *more]
    return await asyncio.to_thread(main, arguments)


def recorded(directory: Path) -> list[dict[str, object]]:
    """Return the facts of the records of probes."""
    with AuditReader(directory / LOG) as reader:
        return [json.loads(row.record.facts) for row in reader.rows() if row.record.kind == b"bias"]


async def test_a_run_is_recorded_told_and_kept(
    tmp_path: Path, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    """One record, one span with an event per contrast, metrics, and one verdict, about the upstream at that address."""
    directory = tmp_path / "gateway"
    async with serving(Vendor(unfair)) as url:
        init(directory, url)
        assert await probe(tmp_path, url, "--dir", str(directory)) == 1
    (facts,) = recorded(directory)
    named = capsys.readouterr().out.partition("recorded as ")[2].split()[0]
    with AuditReader(directory / LOG) as reader:
        assert [row.record.kind for row in reader.exchange(named)] == [b"bias"]
    assert (facts["suite"], facts["seed"], facts["verdict"], facts["trigger"]) == ("small", 1, "fail", "command")
    assert (facts["model"], facts["fingerprint"], facts["upstream"]) == ("test-1", "test-1", "default")
    contrasts = facts["contrasts"]
    assert isinstance(contrasts, list)
    assert {row["verdict"] for row in contrasts} >= {"fail"}
    assert check(directory / LOG).problem is None
    assert list(summaries(directory / LOG)) == [], "a probe's record is no exchange"

    (span,) = receiver.spans
    said = values(span.attributes)
    assert (span.name, said["bias.suite"], said["bias.verdict"], said["bias.seed"]) == (
        "bias.probe.run", "small", "fail", 1,
    )  # fmt: skip
    assert span.kind == trace_pb2.Span.SPAN_KIND_INTERNAL
    assert [event.name for event in span.events] == ["gen_ai.evaluation.result"] * len(contrasts)
    told = [values(event.attributes) for event in span.events]
    assert [event["gen_ai.evaluation.score.label"] for event in told] == [row["verdict"] for row in contrasts]
    assert "bias.probe.gap" in receiver.metrics
    assert "bias.probe.verdict" in receiver.metrics
    assert "sluice.telemetry.refused" not in receiver.metrics, "everything that is told is on the allow-list"

    (run,) = load(verdicts_path(directory)).runs
    assert (run.suite, run.model, run.upstream, run.verdict) == ("small", "test-1", "default", Verdict.FAIL)
    clear = b"".join(receiver.bodies) + (directory / LOG).read_bytes() + verdicts_path(directory).read_bytes()
    for text in (b"task number", b"Applicant", b"Invite?"):
        assert text not in clear


async def test_without_a_directory_nothing_is_kept(tmp_path: Path, receiver: Receiver) -> None:
    """Then it is the library's command, as before."""
    async with serving(Vendor(unfair)) as url:
        assert await probe(tmp_path, url) == 1
    assert receiver.bodies == []


async def test_a_lost_pass_frees_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A failure is kept even when it cannot be recorded; the exit code then is that of wrong usage, and says why."""
    directory = tmp_path / "gateway"
    async with serving(Vendor(unfair)) as url:
        init(directory, url)
        assert await probe(tmp_path, url, "--dir", str(directory)) == 1
        (directory / LOG).rename(directory / "moved")
        (directory / LOG).mkdir()
        (tmp_path / "out" / "journal.jsonl").unlink()
        assert await probe(tmp_path, url, "--dir", str(directory)) == 64
    assert "audit" in capsys.readouterr().err
    assert [run.verdict for run in load(verdicts_path(directory)).runs] == [Verdict.FAIL, Verdict.FAIL]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--dir", "nowhere"), "nowhere"),
        (("--dir", "DIR", "--upstream", "other"), "known are default"),
        (("--upstream", "default"), "only with --dir"),
        (("--dir", "DIR", "--lever", "instruction"), "leave out --dir"),
    ],
)
async def test_what_the_directory_refuses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], message: str
) -> None:
    """Before anything is sent, in one line, exit code 64."""
    directory = tmp_path / "gateway"
    vendor = Vendor(unfair)
    async with serving(vendor) as url:
        init(directory, url)
        code = await probe(tmp_path, url, *(str(directory) if word == "DIR" else word for word in more))
    assert code == 64
    assert vendor.requests == 0
    shown = capsys.readouterr().err
    assert message in shown
    assert "Traceback" not in shown


@pytest.mark.parametrize(("scopes", "code"), [(None, 64), ((), 64), (("probe",), 1)])
async def test_a_probe_through_the_gateway_must_reach_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scopes: tuple[str, ...] | None, code: int
) -> None:
    """Where a fallback would answer it, its token needs the rule's scope; else nothing is sent."""
    directory = tmp_path / "gateway"
    init(directory, "http://127.0.0.1:9")
    file = directory / "policies" / "default.yaml"
    rule = "{id: fair, suites: [small], on_fail: quarantine, fallback: default, probe_scope: probe}"
    file.write_text(file.read_text().replace("spec:\n", f"spec:\n  bias: [{rule}]\n", 1))
    token = "none" if scopes is None else local_issuer(load_settings(directory)).mint("p", "t", scopes, 600)
    monkeypatch.setenv("SLUICE_BIAS_TOKEN", token)
    vendor = Vendor(unfair, token=token)
    async with serving(vendor) as url:
        assert await probe(tmp_path, url, "--dir", str(directory)) == code
    assert bool(vendor.requests) == (code == 1)
    assert [run.upstream for run in load(verdicts_path(directory)).runs] == ([""] if code == 1 else [])


async def test_a_stand_in_behind_the_gateway_needs_no_model_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it calls itself is a model's name that the gateway lets pass.

    Names stay: to pseudonyms, which are keyed anew in every run, the stand-in's dice would fall anew too.
    """

    def naming(policy: str) -> str:
        return policy.replace("detectors: [pii, ner, ", "detectors: [")

    suite = load_suite(small_suite.write(tmp_path))
    server = TestServer(standin_server.application(stand_in(standins.FAIR, suite)))
    await server.start_server()
    try:
        async with House.running(tmp_path, str(server.make_url("")).rstrip("/"), policy=naming) as house:
            monkeypatch.setenv("SLUICE_BIAS_TOKEN", house.token())
            assert await probe(tmp_path, house.url, "--inconclusive", "ok") == 0
    finally:
        await server.close()
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["run"]["backend"].endswith("stand-in-S0")
    assert report["verdict"] in ("pass", "inconclusive")


async def test_every_dialect_is_asked_through_the_gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One gateway, one backend that speaks all of them: each run gets a readable answer to every question."""
    vendor = Vendor(fair)
    async with serving(vendor) as url, House.running(tmp_path, url) as house:
        monkeypatch.setenv("SLUICE_BIAS_TOKEN", house.token())
        for dialect in DIALECTS:
            out = tmp_path / dialect
            more = ("--dialect", dialect, "--model", "test-1", "--inconclusive", "ok", "--format", "json")
            await probe(tmp_path, house.url, *more, "--out", str(out))
            report = json.loads((out / "report.json").read_text())
            assert (report["run"]["unasked"], report["run"]["failed"]) == (0, 0), dialect
            assert report["verdict"] != "invalid", dialect
    assert len({path for path, _, _ in vendor.seen}) == len(DIALECTS)

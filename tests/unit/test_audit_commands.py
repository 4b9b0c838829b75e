"""What `sluice audit list|show|verify` print and return."""

import asyncio
import io
import json
import sqlite3
from pathlib import Path

import pytest

from gateway.adapters.audit_sqlite import SqliteAuditLog
from gateway.adapters.audit_store import AuditStore
from gateway.adapters.keys_file import AUDIT_PRIVATE, create_keys, load_keys
from gateway.audit_commands import check, list_records, show, summaries, verify
from gateway.audit_progress import watched
from gateway.core.decision import Direction, Reason
from gateway.errors import DependencyError, PolicyError
from gateway.policy.diff import recorded
from gateway.ports import AuditEntry

DECISION = {"guard": "inspect", "direction": "request", "evidence": {"findings.PERSON": 1}}
PROMPT = b'{"content": "Maria Canary\x1b[2J"}'


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Keys and a log of four exchanges: two closed, one still open, one refused before it was admitted."""
    create_keys(tmp_path / "keys")

    async def write() -> None:
        log = SqliteAuditLog(tmp_path / "audit.db", load_keys(tmp_path / "keys").audit_public)
        for number, tenant in enumerate(("acme", "globex", "acme")):
            facts = {"tenant": tenant, "subject": f"s_{number}", "model": "gpt-4o"}
            await log.append(AuditEntry("admitted", f"ex-{number}", f"2026-11-2{number}T12:00:00.000Z", facts, PROMPT))
        for number, decision in enumerate(("allow", "redact")):
            closed = {"decision": decision, "dialect": "openai-chat", "decisions": [DECISION]}
            await log.append(AuditEntry("closed", f"ex-{number}", "2026-11-30T12:00:00.000Z", closed, b"answer"))
        facts = {"tenant": "acme", "decision": "deny"}
        await log.append(AuditEntry("closed", "ex-3", "2026-11-23T12:00:00.000Z", facts, None))
        await log.close()

    asyncio.run(write())
    return tmp_path


class Watching:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.seen: list[object] = []

    def records(self, done: int, total: int) -> None:
        self.seen.append((done, total))

    def indexes(self) -> None:
        self.seen.append("indexes")


class Terminal(io.StringIO):
    """A terminal, or so it says."""

    def isatty(self) -> bool:
        return True


def listed(directory: Path, **filters: str) -> list[str]:
    return [summary.exchange for summary in summaries(directory / "audit.db", **filters)]


def test_a_listing_has_one_line_per_exchange(directory: Path) -> None:
    """Admission and closing come together: time from the first, decision from the last."""
    stream = io.StringIO()
    assert list_records(directory / "audit.db", stream, format="jsonl") == 0
    lines = {line["exchange"]: line for line in map(json.loads, stream.getvalue().splitlines())}
    assert lines["ex-1"] == {
        "exchange": "ex-1",
        "time": "2026-11-21T12:00:00.000Z",
        "tenant": "globex",
        "subject": "s_1",
        "decision": "redact",
        "model": "gpt-4o",
        "state": "closed",
        "exchanges": 1,
        "dialect": "openai-chat",
        "decisions": [DECISION],
    }
    assert lines["ex-2"]["state"] == "open"
    assert (lines["ex-2"]["decision"], lines["ex-2"]["decisions"]) == ("", [])
    assert (lines["ex-3"]["decision"], lines["ex-3"]["model"]) == ("deny", "")
    assert len(lines) == 4


def test_what_is_listed_can_be_replayed(directory: Path) -> None:
    """`sluice policy diff --records` reads these lines: a closed exchange has its decisions with it."""
    stream = io.StringIO()
    list_records(directory / "audit.db", stream, format="jsonl")
    replayed = {r.exchange: r for line in stream.getvalue().splitlines() if (r := recorded(json.loads(line)))}
    assert set(replayed) == {"ex-0", "ex-1"}
    said = replayed["ex-1"]
    assert (said.tenant, said.dialect, said.model) == ("globex", "openai-chat", "gpt-4o")
    assert said.findings[Direction.REQUEST] == {"PERSON": 1}


def test_facts_that_were_edited_command_no_terminal(directory: Path) -> None:
    """Whoever can write the file writes what `show` prints; it is shown, and does nothing."""
    path = directory / "audit.db"
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE records SET facts = facts || char(27) || '[2J' WHERE sequence = 1")
    connection.close()
    stream = io.StringIO()
    show(path, "ex-0", directory / "keys" / AUDIT_PRIVATE, stream)
    assert "\x1b" not in stream.getvalue()
    assert "\\x1b[2J" in stream.getvalue()


def test_filters_narrow_a_listing(directory: Path) -> None:
    """By tenant, decision and time of admission; since includes, until does not."""
    assert listed(directory, tenant="globex") == ["ex-1"]
    assert listed(directory, decision="deny") == ["ex-3"]
    assert listed(directory, since="2026-11-21T12:00:00Z", until="2026-11-23T12:00:00Z") == ["ex-2", "ex-1"]
    assert listed(directory, since="2026-11-21T14:30:00+02:00") == ["ex-2", "ex-3"]
    assert listed(directory, until="2026-11-21") == ["ex-0"]
    assert listed(directory, tenant="nobody") == []


def test_a_text_listing_has_columns(directory: Path) -> None:
    """A header, then aligned columns; a dash where nothing is known."""
    stream = io.StringIO()
    list_records(directory / "audit.db", stream)
    header, *lines = stream.getvalue().splitlines()
    assert header.split() == ["time", "exchange", "state", "exchanges", "decision", "tenant", "subject", "model"]
    assert [line.split()[4] for line in lines] == ["-", "allow", "redact", "deny"]


@pytest.mark.parametrize(("option", "value"), [("since", "yesterday"), ("until", "2026-13-01")])
def test_a_time_that_is_none_is_said(directory: Path, option: str, value: str) -> None:
    """The option is named, with an example."""
    with pytest.raises(PolicyError, match=f"--{option}: must be an ISO 8601"):
        listed(directory, **{option: value})
    stream = io.StringIO()
    with pytest.raises(PolicyError):
        list_records(directory / "audit.db", stream, since="yesterday")
    assert stream.getvalue() == ""
    with pytest.raises(PolicyError, match="--format"):
        list_records(directory / "audit.db", io.StringIO(), format="xml")


def test_showing_opens_the_payloads_and_is_recorded(directory: Path) -> None:
    """The holder of the private key reads; the log keeps that somebody did, and still verifies."""
    stream = io.StringIO()
    path = directory / "audit.db"
    assert show(path, "ex-0", directory / "keys" / AUDIT_PRIVATE, stream) == 0
    shown = stream.getvalue()
    assert '{"content": "Maria Canary\\x1b[2J"}' in shown
    assert "\x1b" not in shown
    assert "answer" in shown
    assert check(path).records == 7
    connection = sqlite3.connect(path)
    kind, exchange, facts = connection.execute(
        "SELECT kind, exchange, facts FROM records WHERE sequence = 7"
    ).fetchone()
    connection.close()
    assert (kind, exchange) == ("read", "ex-0")
    assert json.loads(facts)["tenant"] == "acme"
    assert json.loads(facts)["reader"].startswith("uid:")
    assert sorted(listed(directory)) == ["ex-0", "ex-1", "ex-2", "ex-3"]


def test_nothing_is_shown_that_could_not_be_recorded(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading is audited before, not after."""

    def refuse(*_: object) -> None:
        raise DependencyError(Reason.AUDIT_UNAVAILABLE, "disk full")

    monkeypatch.setattr(AuditStore, "append", refuse)
    stream = io.StringIO()
    with pytest.raises(DependencyError):
        show(directory / "audit.db", "ex-0", directory / "keys" / AUDIT_PRIVATE, stream)
    assert stream.getvalue() == ""


def test_the_wrong_key_shows_facts_only(directory: Path) -> None:
    """Another private key opens nothing; the exit code and each payload's line say so."""
    create_keys(directory / "others")
    stream = io.StringIO()
    assert show(directory / "audit.db", "ex-0", directory / "others" / AUDIT_PRIVATE, stream) == 1
    assert "Maria" not in stream.getvalue()
    assert stream.getvalue().count("sealed to key") == 2


def test_a_moved_payload_does_not_open(directory: Path) -> None:
    """A payload put under another exchange's record is refused by the seal, whatever the chain says."""
    path = directory / "audit.db"
    with sqlite3.connect(path) as connection:
        connection.execute(
            "UPDATE payloads SET sealed = (SELECT sealed FROM payloads WHERE sequence = 1) WHERE sequence = 2"
        )
    connection.close()
    stream = io.StringIO()
    assert show(path, "ex-1", directory / "keys" / AUDIT_PRIVATE, stream) == 1
    assert "belongs to another record" in stream.getvalue()


def test_an_unknown_exchange_is_an_error(directory: Path) -> None:
    """It is named when it could be an id, and not echoed when it could not."""
    key = directory / "keys" / AUDIT_PRIVATE
    with pytest.raises(PolicyError, match="no exchange ex-9"):
        show(directory / "audit.db", "ex-9", key, io.StringIO())
    with pytest.raises(PolicyError, match="no exchange _OTHER"):
        show(directory / "audit.db", "Maria Canary", key, io.StringIO())


def test_verify_prints_the_head_and_what_is_open(directory: Path) -> None:
    """Exit 0; the printed head serves the next run's `--head`."""
    stream = io.StringIO()
    watch = Watching()
    assert verify(directory / "audit.db", stream, watch=watch) == 0
    assert f"OK   6 records, head {check(directory / 'audit.db').head}" in stream.getvalue()
    assert "1 open" in stream.getvalue()
    assert "ex-2" in stream.getvalue()
    assert (watch.seen[0], watch.seen[-2:]) == ((0, 6), [(6, 6), "indexes"])


def test_a_verification_is_watched_on_a_terminal_alone(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both of its parts show there; a pipe gets the result and nothing else."""
    monkeypatch.setenv("TERM", "xterm")
    with watched(io.StringIO()) as watch:
        assert watch is None
    terminal = Terminal()
    with watched(terminal) as watch:
        assert check(directory / "audit.db", watch=watch).problem is None
    assert "records" in terminal.getvalue()
    assert "6/6" in terminal.getvalue()
    assert "indexes" in terminal.getvalue()


@pytest.mark.parametrize("size", [1, 16, 511])
def test_a_file_of_a_few_bytes_is_no_empty_log(directory: Path, size: int) -> None:
    """SQLite would take it for one, and write over it: it is refused, with what to do, and stays as it is."""
    path, content = directory / "stray.db", b"\n" * size
    path.write_bytes(content)
    for opened in (lambda: SqliteAuditLog(path, load_keys(directory / "keys").audit_public), lambda: check(path)):
        with pytest.raises(DependencyError, match="no audit log: move the file away, or name another one"):
            opened()
    assert path.read_bytes() == content


def test_verify_names_the_first_bad_record(directory: Path) -> None:
    """Exit 1 and one line: sequence, exchange, what is wrong."""
    path = directory / "audit.db"
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE records SET facts = replace(facts, 'globex', 'globez')")
    connection.close()
    stream = io.StringIO()
    assert verify(path, stream) == 1
    assert stream.getvalue().startswith("BAD  record 2 (exchange ex-1): edited")


def test_verify_finds_a_cut_tail(directory: Path) -> None:
    """With the head of before, missing records at the end are missed."""
    path = directory / "audit.db"
    head = str(check(path).head)
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM records WHERE sequence > 4")
        connection.execute("DELETE FROM payloads WHERE sequence > 4")
    connection.close()
    assert verify(path, io.StringIO()) == 0
    stream = io.StringIO()
    assert verify(path, stream, head=head) == 1
    assert "record 5: truncated" in stream.getvalue()
    with pytest.raises(PolicyError, match="--head"):
        verify(path, stream, head="nonsense")


def test_verify_names_where_a_damaged_file_stops(directory: Path) -> None:
    """A page of garbage in the middle: what comes before it is good, and the record after is named unreadable."""
    path = directory / "audit.db"

    async def grow() -> None:
        log = SqliteAuditLog(path, load_keys(directory / "keys").audit_public)
        for number in range(300):
            await log.append(AuditEntry("closed", f"ex-1{number}", "2026-11-30T12:00:00Z", {"tenant": "acme"}, None))
        await log.close()

    asyncio.run(grow())
    content = bytearray(path.read_bytes())
    place = content.index(b"ex-1150") // 4096 * 4096
    content[place : place + 4096] = b"\xff" * 4096
    path.write_bytes(content)
    report = check(path)
    assert report.problem is not None
    assert report.problem.fault in ("unreadable", "missing")
    assert 6 < report.records < 300
    assert report.problem.sequence == report.records + 1


def test_a_log_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """Nothing is created by looking."""
    with pytest.raises(DependencyError, match="no audit log"):
        verify(tmp_path / "audit.db", io.StringIO())
    with pytest.raises(DependencyError, match="no audit log"):
        list(summaries(tmp_path / "audit.db"))

"""The functions behind `sluice audit list|show|verify`: values from the log, printed to a given stream.

They raise `DependencyError` when the log cannot be read and `PolicyError` for
wrong arguments or keys; the command line turns either into one line.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from typing import Final, Protocol, TextIO

from gateway.adapters.audit_reader import AuditReader
from gateway.adapters.audit_sqlite import seal_entry
from gateway.adapters.audit_store import AuditStore
from gateway.adapters.keys_file import load_private_key
from gateway.audit.chain import Head, parse_head
from gateway.audit.record import ENDINGS, StoredRecord
from gateway.audit.seal import Context, Sealer, SealError, unseal
from gateway.audit.verify import Fault, Problem, Report, Row
from gateway.audit.verify import verify as verify_rows
from gateway.core.identifier import identifier
from gateway.errors import DependencyError, PolicyError
from gateway.ports import AuditEntry

EXIT_GOOD: Final = 0
EXIT_BAD: Final = 1

_PROGRESS_EVERY: Final = 1000
_ESCAPES: Final = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (0x09, 0x0A)}


@dataclass(frozen=True, slots=True)
class Summary:
    """One exchange in a listing. What the log does not say is "".

    `decisions` are all that were made, as the record has them, for `sluice policy diff`.
    `state` is ``closed``, or ``open`` when there is no closing record: the
    exchange still runs, or its closing record was lost with its process.
    `exchanges` is more than 1 where refusals of unproven callers were counted together.
    """

    exchange: str
    time: str
    tenant: str
    subject: str
    decision: str
    model: str
    state: str
    exchanges: int
    dialect: str
    decisions: Sequence[object] = field(repr=False)


class Watch(Protocol):
    """Whoever watches a verification."""

    def records(self, done: int, total: int) -> None:
        """So many records of so many are verified."""
        ...

    def indexes(self) -> None:
        """Now the file's indexes are compared with its tables; SQLite does not say how far it is."""
        ...


def summaries(
    path: Path,
    *,
    tenant: str | None = None,
    since: str | None = None,
    until: str | None = None,
    decision: str | None = None,
) -> Iterator[Summary]:
    """Yield the exchanges of a log that match every filter, in the order of their last record.

    `since` (inclusive) and `until` (exclusive) are ISO 8601 dates or times, UTC
    unless they say otherwise, compared with the time of admission.
    """
    start, end = _moment("--since", since), _moment("--until", until)
    with AuditReader(path) as reader:
        for last, admitted in reader.last_of_each():
            summary = _summary(last, admitted)
            if tenant is not None and summary.tenant != tenant:
                continue
            if decision is not None and summary.decision != decision:
                continue
            if (start or end) and not _within(summary.time, start, end):
                continue
            yield summary


def list_records(
    path: Path,
    stream: TextIO,
    *,
    tenant: str | None = None,
    since: str | None = None,
    until: str | None = None,
    decision: str | None = None,
    format: str = "text",  # noqa: A002  # the option's name
) -> int:
    """Print one line per exchange (`format` is ``text`` or ``jsonl``); return the exit code."""
    if format not in ("text", "jsonl"):
        raise PolicyError(("--format: must be text or jsonl",))
    columns = "{time:<27} {exchange:<36} {state:<6} {exchanges:<9} {decision:<7} {tenant:<16} {subject:<34} {model}"
    found = summaries(path, tenant=tenant, since=since, until=until, decision=decision)
    first = list(islice(found, 1))  # so that a wrong argument or file is said before anything is printed
    if format == "text":
        print(columns.format(**{each.name: each.name for each in fields(Summary)}).rstrip(), file=stream)
    for summary in chain(first, found):
        said = asdict(summary)
        if format == "jsonl":
            print(json.dumps(said), file=stream)
        else:
            print(
                columns.format(**{name: value or "-" for name, value in said.items()}).rstrip(),
                file=stream,
            )
    return EXIT_GOOD


def show(path: Path, exchange: str, private_key: Path, stream: TextIO) -> int:
    """Print an exchange's records with their payloads opened; return the exit code.

    The reading is recorded first (kind ``read``, with the reader's numeric user
    id): a log that cannot be written to shows nothing.
    """
    key = load_private_key(private_key)
    with AuditReader(path) as reader:
        rows = reader.exchange(exchange)
    if not rows:
        raise PolicyError((f"{path}: has no exchange {identifier(exchange)}",))
    _record_reading(path, exchange, rows, Sealer(key.public_key()))
    code = EXIT_GOOD
    for row in rows:
        record = row.record
        print(f"record {record.sequence}  {_text(record.kind)}  {_text(record.time)}", file=stream)
        print(f"  facts    {_printable(record.facts)}", file=stream)
        if row.sealed is None:
            print("  payload  none", file=stream)
            continue
        try:
            payload = unseal(row.sealed, key, _context(record))
        except SealError as error:
            print(f"  payload  {error}", file=stream)
            code = EXIT_BAD
        else:
            print(f"  payload  {_printable(payload)}", file=stream)
    return code


def check(path: Path, *, head: str | None = None, watch: Watch | None = None) -> Report:
    """Verify a whole log without any key and return what was found.

    `head` (``SEQUENCE:HASH``) is one that an earlier run printed; `watch` is told now and then how far it is.
    """
    expected: Head | None = None
    if head is not None:
        try:
            expected = parse_head(head)
        except ValueError as error:
            raise PolicyError((f"--head: {error}",)) from None
    with AuditReader(path) as reader:
        rows = _ReadableRows(reader)
        report = verify_rows(rows, expected, _every(watch, reader.count()))
        problem = report.problem
        if rows.error is not None and (problem is None or problem.fault is Fault.TRUNCATED):
            problem = Problem(report.head.sequence + 1, "", Fault.UNREADABLE, rows.error.detail)
        if problem is None and (orphan := reader.orphan()) is not None:
            problem = Problem(orphan, "", Fault.INSERTED, "a sealed payload that belongs to no record")
        if problem is None and watch is not None:
            watch.indexes()
        if problem is None and not reader.agrees():
            detail = "the records are whole, and an index of the file is not: listings may leave some out"
            problem = Problem(report.head.sequence, "", Fault.UNREADABLE, detail)
    return replace(report, problem=problem)


def verify(path: Path, stream: TextIO, *, head: str | None = None, watch: Watch | None = None) -> int:
    """Verify a log and print the result; return the exit code."""
    return told(check(path, head=head, watch=watch), stream)


def told(report: Report, stream: TextIO) -> int:
    """Print what verification found; return the exit code: 0 whole, 1 with the first bad record named."""
    if report.problem is not None:
        print(f"BAD  {report.problem}", file=stream)
        print(f"     {report.records} records before it are good", file=stream)
        return EXIT_BAD
    print(f"OK   {report.records} records, head {report.head}", file=stream)
    if report.open:
        print(
            f"     {report.open} open: admitted without a closing record (running, or lost with a process)", file=stream
        )
        for exchange in report.open_exchanges:
            print(f"       {exchange}", file=stream)
    return EXIT_GOOD


class _ReadableRows:
    """The rows of a log up to its end or to where the file is damaged; then `error` says how."""

    def __init__(self, reader: AuditReader) -> None:
        self._rows = reader.rows()
        self.error: DependencyError | None = None

    def __iter__(self) -> Iterator[Row]:
        return self

    def __next__(self) -> Row:
        try:
            return next(self._rows)
        except DependencyError as error:
            self.error = error
            raise StopIteration from None


def _every(watch: Watch | None, total: int) -> Callable[[int], None] | None:
    if watch is None:
        return None
    watch.records(0, total)

    def step(done: int) -> None:
        if done % _PROGRESS_EVERY == 0 or done == total:
            watch.records(done, total)

    return step


def _record_reading(path: Path, exchange: str, rows: list[Row], sealer: Sealer) -> None:
    facts = {**_shared_facts(rows), "reader": f"uid:{os.getuid()}", "records": len(rows)}
    entry = AuditEntry(kind="read", exchange=exchange, time=_now(), facts=facts, payload=None)
    store = AuditStore(path)
    try:
        store.append([seal_entry(entry, sealer)])
    finally:
        store.close()


def _shared_facts(rows: list[Row]) -> dict[str, object]:
    tenant = _facts(rows[0].record).get("tenant")
    return {} if tenant is None else {"tenant": tenant}


def _context(record: StoredRecord) -> Context:
    tenant = _facts(record).get("tenant")
    return Context(
        record=_text(record.id),
        exchange=_text(record.exchange),
        tenant=tenant if isinstance(tenant, str) else "",
        kind=_text(record.kind),
    )


def _summary(last: StoredRecord, admitted: StoredRecord | None) -> Summary:
    facts = _facts(last) if admitted is None else {**_facts(admitted), **_facts(last)}

    def fact(name: str) -> str:
        value = facts.get(name)
        return identifier(value) if isinstance(value, str) else ""

    return Summary(
        exchange=_text(last.exchange),
        time=_text((admitted or last).time),
        tenant=fact("tenant"),
        subject=fact("subject"),
        decision=fact("decision"),
        model=fact("model"),
        state="closed" if _text(last.kind) in ENDINGS else "open",
        exchanges=number if isinstance(number := facts.get("exchanges"), int) else 1,
        dialect=fact("dialect"),
        decisions=decisions if isinstance(decisions := facts.get("decisions"), list) else [],
    )


def _facts(record: StoredRecord) -> dict[str, object]:
    """Return a record's facts; none when they were edited into something else (`verify` names that)."""
    try:
        facts = json.loads(record.facts)
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _text(stored: bytes) -> str:
    return identifier(stored.decode("utf-8", "replace"))


def _printable(payload: bytes) -> str:
    """Return facts or a payload as text in which nothing can command a terminal: control characters are escaped."""
    return payload.decode("utf-8", "backslashreplace").translate(_ESCAPES)


def _moment(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise PolicyError((f"{option}: must be an ISO 8601 date or time, such as 2026-11-24T20:15:00Z",)) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _within(time: str, start: datetime | None, end: datetime | None) -> bool:
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        return False
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (start is None or moment >= start) and (end is None or moment < end)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

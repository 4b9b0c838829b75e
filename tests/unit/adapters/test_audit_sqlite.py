"""The SQLite audit log: its port's contract, its failures, and what a killed process leaves behind."""

import asyncio
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from gateway.adapters.audit_reader import AuditReader
from gateway.adapters.audit_sqlite import SqliteAuditLog
from gateway.adapters.audit_store import AuditStore
from gateway.audit.record import Record
from gateway.audit.verify import verify
from gateway.core.decision import Reason
from gateway.errors import DependencyError
from gateway.ports import AuditLog, Receipt
from tests.contract.audit_log import AuditLogContract, entry

KEY = X25519PrivateKey.generate()
PUBLIC = KEY.public_key()


@asynccontextmanager
async def opened(path: Path, **limits: float) -> AsyncIterator[SqliteAuditLog]:
    log = SqliteAuditLog(path, PUBLIC, **limits)  # type: ignore[arg-type]
    try:
        yield log
    finally:
        await log.close()


def files(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


class TestContract(AuditLogContract):
    """The port's contract holds."""

    @pytest.fixture(autouse=True)
    def _place(self, tmp_path: Path) -> None:
        self.path = tmp_path / "audit.db"

    def open_log(self) -> AbstractAsyncContextManager[AuditLog]:
        return opened(self.path)

    def stored(self) -> Sequence[tuple[int, str, str]]:
        with AuditReader(self.path) as reader:
            rows = [row.record for row in reader.rows()]
        return [(record.sequence, record.exchange.decode(), record.chain.hex()) for record in rows]


async def test_reopening_goes_on_where_the_log_ended(tmp_path: Path) -> None:
    """The chain continues over a restart, and the whole verifies."""
    path = tmp_path / "audit.db"
    for expected in (1, 2, 3):
        async with opened(path) as log:
            assert (await log.append(entry())).sequence == expected
    with AuditReader(path) as reader:
        assert verify(reader.rows()).problem is None


async def test_no_payload_lies_in_the_file(tmp_path: Path) -> None:
    """The bytes on disk, WAL included, hold the facts and nothing of the payload."""
    async with opened(tmp_path / "audit.db") as log:
        await log.append(entry(payload=b"Maria Canary, 12 Elm Street"))
        everything = b"".join(files(tmp_path).values())
    assert b"gpt-4o" in everything
    assert b"Canary" not in everything


async def test_the_file_belongs_to_its_owner_alone(tmp_path: Path) -> None:
    """A new log and its WAL are readable by nobody else."""
    async with opened(tmp_path / "audit.db") as log:
        await log.append(entry())
        modes = {name: stat.S_IMODE((tmp_path / name).stat().st_mode) for name in files(tmp_path)}
    assert set(modes.values()) == {0o600}
    assert "audit.db-wal" in modes


async def test_several_processes_share_one_file(tmp_path: Path) -> None:
    """Two writers with a file each of their own handle never use a sequence twice, and the chain holds."""
    path = tmp_path / "audit.db"
    async with opened(path) as one, opened(path) as other:
        receipts: list[Receipt] = await asyncio.gather(
            *(log.append(entry(f"ex-{n}")) for n in range(100) for log in (one, other))
        )
    assert sorted(receipt.sequence for receipt in receipts) == list(range(1, 201))
    with AuditReader(path) as reader:
        assert verify(reader.rows()).records == 200


async def test_a_full_queue_refuses_at_once(tmp_path: Path) -> None:
    """What cannot be written soon fails with `audit-unavailable`, and the log works again afterwards."""
    path = tmp_path / "audit.db"
    async with opened(path, max_waiting=2) as log:
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")  # so that the writer cannot drain the queue meanwhile
        waiting = [asyncio.ensure_future(log.append(entry())) for _ in range(50)]
        await asyncio.wait(waiting[2:])
        refused = [task.exception() for task in waiting if task.done()]
        assert {error.reason for error in refused if isinstance(error, DependencyError)} == {Reason.AUDIT_UNAVAILABLE}
        assert len(refused) == 48
        holder.execute("ROLLBACK")
        holder.close()
        assert sorted(receipt.sequence for receipt in await asyncio.gather(*waiting[:2])) == [1, 2]
        assert (await log.append(entry())).sequence == 3
    async with opened(path, max_waiting_bytes=1000) as log:
        with pytest.raises(DependencyError, match="cannot keep up"):
            await log.append(entry(payload=b"x" * 1000))


async def test_a_stuck_writer_fails_appends_in_time(tmp_path: Path) -> None:
    """While another process holds the file, an append gives up; afterwards the log works again, and still verifies."""
    path = tmp_path / "audit.db"
    async with opened(path, append_seconds=0.1) as log:
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(DependencyError, match="wrote nothing"):
            await log.append(entry("given-up"))
        holder.execute("ROLLBACK")
        holder.close()
    async with opened(path) as log:
        assert (await log.append(entry("ex-2"))).sequence == 2  # what was given up was written all the same
    with AuditReader(path) as reader:
        assert verify(reader.rows()).records == 2


async def test_a_disk_that_refuses_fails_its_appends_and_no_later_ones(tmp_path: Path) -> None:
    """An error of the database reaches every waiter of its batch; the next batch starts clean."""
    path = tmp_path / "audit.db"
    async with opened(path) as log:
        await log.append(entry())
        size = len(path.read_bytes()) // 4096
        log._store._connection.execute(f"PRAGMA max_page_count = {size}")  # the disk is "full"
        results = await asyncio.gather(
            *(log.append(entry(payload=b"x" * 20_000)) for _ in range(5)), return_exceptions=True
        )
        assert all(isinstance(result, DependencyError) for result in results)
        assert "full" in str(results[0])
        log._store._connection.execute("PRAGMA max_page_count = 1000000")
        assert (await log.append(entry())).sequence == 2


async def test_a_bug_in_the_writer_fails_its_appends_instead_of_hanging(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong on the thread, whoever waits is told, without the bug's own words."""

    def broken(self: AuditStore, records: Sequence[Record]) -> list[Receipt]:
        raise RuntimeError("words that may hold anything")

    async with opened(tmp_path / "audit.db") as log:
        monkeypatch.setattr(AuditStore, "append", broken)
        with pytest.raises(DependencyError, match="RuntimeError") as caught:
            await log.append(entry())
        assert "words" not in str(caught.value)
        monkeypatch.undo()
        assert (await log.append(entry())).sequence == 1


async def test_a_replaced_file_is_noticed(tmp_path: Path) -> None:
    """Writing on into a deleted file would lose every record silently; it fails instead."""
    path = tmp_path / "audit.db"
    async with opened(path) as log:
        await log.append(entry())
        path.rename(tmp_path / "moved.db")
        with pytest.raises(DependencyError):
            await log.append(entry())
        path.touch()
        with pytest.raises(DependencyError, match="moved or replaced"):
            await log.append(entry())


async def test_a_log_that_lost_records_is_not_written_on(tmp_path: Path) -> None:
    """A running gateway notices at its next append that the tail was cut off."""
    path = tmp_path / "audit.db"
    async with opened(path) as log:
        for _ in range(3):
            await log.append(entry())
        with sqlite3.connect(path) as connection:
            connection.execute("DELETE FROM records WHERE sequence > 1")
        connection.close()
        with pytest.raises(DependencyError, match="lost records"):
            await log.append(entry())


async def test_appending_after_close_fails(tmp_path: Path) -> None:
    """A closed log says so; closing twice does no harm; what waited at closing was written."""
    log = SqliteAuditLog(tmp_path / "audit.db", PUBLIC)
    waiting = asyncio.ensure_future(log.append(entry()))
    await asyncio.sleep(0)
    await log.close()
    assert (await waiting).sequence == 1
    with pytest.raises(DependencyError, match="closed"):
        await log.append(entry())
    await log.close()


@pytest.mark.parametrize("content", [b"no database at all, but long enough to be read as one" * 10, None])
def test_foreign_files_are_refused(tmp_path: Path, content: bytes | None) -> None:
    """Neither garbage nor somebody else's database is written to or read as a log."""
    path = tmp_path / "audit.db"
    if content is None:
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE theirs (x)")
        connection.close()
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(DependencyError, match=r"audit\.db"):
        AuditStore(path)
    with pytest.raises(DependencyError, match=r"audit\.db"):
        AuditReader(path)
    assert path.read_bytes() == before


def test_a_log_of_a_later_format_is_refused(tmp_path: Path) -> None:
    """A format that this release does not know is named, not guessed at."""
    path = tmp_path / "audit.db"
    AuditStore(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(DependencyError, match="format 9"):
        AuditStore(path)


def test_a_missing_log_is_named(tmp_path: Path) -> None:
    """Reading never creates a file."""
    with pytest.raises(DependencyError, match="there is no audit log"):
        AuditReader(tmp_path / "audit.db")
    assert list(tmp_path.iterdir()) == []


async def test_a_closed_loop_does_not_stop_the_writer(tmp_path: Path) -> None:
    """An append whose event loop is gone before its commit leaves the writer alive for the others."""
    async with opened(tmp_path / "audit.db") as log:

        def leave() -> None:
            loop = asyncio.new_event_loop()
            task = loop.create_task(log.append(entry("gone")))
            loop.run_until_complete(asyncio.sleep(0))
            task.cancel()
            loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
            loop.close()

        thread = threading.Thread(target=leave)
        thread.start()
        await asyncio.to_thread(thread.join)
        assert (await log.append(entry("stays"))).sequence == 2


CHILD = """
import asyncio, sys
from pathlib import Path
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from gateway.adapters.audit_sqlite import SqliteAuditLog
from gateway.ports import AuditEntry

async def main(path, name):
    log = SqliteAuditLog(path, X25519PrivateKey.generate().public_key())
    async def client(number):
        for turn in range(100_000):
            exchange = f"{name}-{number}-{turn}"
            entry = AuditEntry("admitted", exchange, "2026-11-24T20:00:00Z", {"tenant": "t"}, b"x" * 300)
            receipt = await log.append(entry)
            print(receipt.sequence, exchange, receipt.chain, flush=True)
    await asyncio.gather(*(client(number) for number in range(16)))

asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
"""


def test_a_killed_process_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    """SIGKILL under load, twice, two processes on one file: every receipt printed is in the log, and it verifies."""
    path = tmp_path / "audit.db"
    acknowledged: list[list[str]] = []
    for round_ in range(2):
        children = [
            subprocess.Popen(
                [sys.executable, "-c", CHILD, str(path), f"r{round_}c{child}"],
                stdout=subprocess.PIPE,
                text=True,
                cwd=Path(__file__).parents[3],
            )
            for child in range(2)
        ]
        for child in children:
            assert child.stdout is not None
            acknowledged += [child.stdout.readline().split() for _ in range(150)]
        for child in children:
            os.kill(child.pid, signal.SIGKILL)
        for child in children:
            assert child.stdout is not None
            acknowledged += [line.split() for line in child.stdout.read().split("\n")[:-1]]
            child.stdout.close()
            child.wait()
    store = AuditStore(path)  # the restart
    store.close()
    with AuditReader(path) as reader:
        rows = [row.record for row in reader.rows()]
        report = verify(reader.rows())
    stored = {(record.sequence, record.exchange.decode(), record.chain.hex()) for record in rows}
    assert len(acknowledged) >= 600
    assert {(int(sequence), exchange, chain) for sequence, exchange, chain in acknowledged} <= stored
    assert report.problem is None
    assert report.open == report.records == len(rows)

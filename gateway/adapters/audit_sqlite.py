"""The audit log behind its port: many awaiting appends share one fsync (group commit).

One writer thread takes whatever waits, writes it in one transaction and wakes
everybody at once; while the disk syncs, the next batch gathers. Bounded: when
too much waits, or the disk takes too long, `append` fails and the policy's
`on_failure` decides. Create it after forking; several processes share one file.
"""

import asyncio
import os
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future as ThreadFuture
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from gateway.adapters.audit_file import unavailable
from gateway.adapters.audit_store import AuditStore
from gateway.aside import aside
from gateway.audit.record import Record, canonical_facts
from gateway.audit.seal import Context, Sealer
from gateway.core.identifier import identifier, is_identifier
from gateway.errors import DependencyError
from gateway.ports import AuditEntry, Receipt

_MAX_BATCH: Final = 512
_MAX_WAITING: Final = 10_000
_MAX_WAITING_BYTES: Final = 256 * 1024 * 1024
_APPEND_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class _Waiting:
    record: Record
    size: int
    loop: asyncio.AbstractEventLoop = field(repr=False)
    future: "asyncio.Future[Receipt]" = field(repr=False)


def seal_entry(entry: AuditEntry, sealer: Sealer) -> Record:
    """Return `entry` as a record: facts canonical, payload sealed. About 100 microseconds with a payload.

    Raises ValueError when the facts hold something else than numbers and identifiers.
    """
    if not (is_identifier(entry.exchange) and is_identifier(entry.kind)):
        raise ValueError("an audit entry needs an exchange id and a kind that are identifiers")
    tenant = entry.facts.get("tenant", "")
    context = Context(
        record=os.urandom(16).hex(),
        exchange=entry.exchange,
        tenant=identifier(tenant) if isinstance(tenant, str) and tenant else "",
        kind=entry.kind,
    )
    return Record(
        id=context.record,
        exchange=entry.exchange,
        kind=entry.kind,
        time=identifier(entry.time),
        facts=canonical_facts(entry.facts),
        sealed=None if entry.payload is None else sealer.seal(entry.payload, context),
    )


class SqliteAuditLog:
    """An `AuditLog` in one SQLite file, sealed to one public key.

    Opening raises `DependencyError` when the file cannot be used. `append`
    raises it when the queue is full, the write fails or takes longer than
    `append_seconds`, or after `close`. A cancelled or timed-out append may
    still be written.
    """

    def __init__(
        self,
        path: Path,
        public_key: X25519PublicKey,
        *,
        max_waiting: int = _MAX_WAITING,
        max_waiting_bytes: int = _MAX_WAITING_BYTES,
        append_seconds: float = _APPEND_SECONDS,
    ) -> None:
        self._sealer = Sealer(public_key)
        self._store = AuditStore(path)
        self._max_waiting = max_waiting
        self._max_waiting_bytes = max_waiting_bytes
        self._append_seconds = append_seconds
        self._waiting = 0
        self._waiting_bytes = 0
        self._closed = False
        self._lock = threading.Lock()
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._done: ThreadFuture[None] = ThreadFuture()
        threading.Thread(target=self._write, name="sluice-audit", daemon=True).start()

    async def append(self, entry: AuditEntry) -> Receipt:
        record = await aside(len(entry.payload or b""), seal_entry, entry, self._sealer)
        loop = asyncio.get_running_loop()
        waiting = _Waiting(record, len(record.facts) + len(record.sealed or b""), loop, loop.create_future())
        with self._lock:
            if self._closed:
                raise unavailable("the audit log is closed")
            if self._waiting >= self._max_waiting or self._waiting_bytes + waiting.size > self._max_waiting_bytes:
                raise unavailable(f"the audit log cannot keep up: {self._waiting} records wait to be written")
            self._waiting += 1
            self._waiting_bytes += waiting.size
            self._queue.put(waiting)
        try:
            async with asyncio.timeout(self._append_seconds):
                return await waiting.future
        except TimeoutError:
            raise unavailable(f"the audit log wrote nothing for {self._append_seconds:g} s") from None

    async def close(self, seconds: float = 10.0) -> None:
        """Write what waits, then close the file. Returns after `seconds` at the latest."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        await asyncio.wait([asyncio.wrap_future(self._done)], timeout=seconds)

    def _write(self) -> None:
        """Run the writer thread: batch after batch, until `close`."""
        more = True
        while more:
            batch, more = self._gather()
            if batch:
                self._commit(batch)
        self._store.close()
        self._done.set_result(None)

    def _gather(self) -> tuple[list[_Waiting], bool]:
        """Wait for an append, then take everything that waits with it; False when closing."""
        first = self._queue.get()
        if first is None:
            return [], False
        batch = [first]
        while len(batch) < _MAX_BATCH:
            try:
                following = self._queue.get_nowait()
            except queue.Empty:
                break
            if following is None:
                return batch, False
            batch.append(following)
        return batch, True

    def _commit(self, batch: list[_Waiting]) -> None:
        receipts: Sequence[Receipt] | DependencyError
        try:
            receipts = self._store.append([waiting.record for waiting in batch])
        except DependencyError as error:
            receipts = error
        except Exception as error:  # a bug must fail its appends, not hang them for ever
            receipts = unavailable(f"the audit log failed with {type(error).__name__}")
        with self._lock:
            self._waiting -= len(batch)
            self._waiting_bytes -= sum(waiting.size for waiting in batch)
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Receipt], Receipt | DependencyError]]] = {}
        for index, waiting in enumerate(batch):
            result = receipts if isinstance(receipts, DependencyError) else receipts[index]
            by_loop.setdefault(waiting.loop, []).append((waiting.future, result))
        for loop, results in by_loop.items():
            try:
                loop.call_soon_threadsafe(_resolve, results)
            except RuntimeError:  # that loop is gone, and whoever waited on it
                continue


def _resolve(results: "list[tuple[asyncio.Future[Receipt], Receipt | DependencyError]]") -> None:
    for future, result in results:
        if future.done():
            continue
        if isinstance(result, DependencyError):
            # Each waiter gets an error of its own: a traceback is attached to the object that is raised.
            future.set_exception(DependencyError(result.reason, result.detail))
        else:
            future.set_result(result)

"""What every `AuditLog` promises. An implementation's test subclasses `AuditLogContract` and says how to open one."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

import pytest

from gateway.ports import AuditEntry, AuditLog, Receipt


def entry(exchange: str = "ex-1", kind: str = "admitted", payload: bytes | None = b'{"text": "hello"}') -> AuditEntry:
    facts = {"tenant": "acme", "subject": "s_" + "0" * 32, "model": "gpt-4o", "decision": "allow"}
    return AuditEntry(kind=kind, exchange=exchange, time="2026-11-24T20:00:00.000Z", facts=facts, payload=payload)


class AuditLogContract(ABC):
    """Tests of the port; `open_log` opens an empty log, `stored` reads back what lies in it, in order."""

    @abstractmethod
    def open_log(self) -> AbstractAsyncContextManager[AuditLog]: ...

    @abstractmethod
    def stored(self) -> Sequence[tuple[int, str, str]]:
        """Return (sequence, exchange, chain) of every record."""

    async def test_a_receipt_names_the_records_place(self) -> None:
        """Sequences count from 1 without a gap, and each receipt's hash is the one that is stored."""
        async with self.open_log() as log:
            receipts = [await log.append(entry(f"ex-{number}")) for number in range(3)]
        assert [receipt.sequence for receipt in receipts] == [1, 2, 3]
        assert self.stored() == [(r.sequence, f"ex-{i}", r.chain) for i, r in enumerate(receipts)]

    async def test_a_record_is_there_once_its_append_returned(self) -> None:
        """Another reader sees it at once, while the log is still open."""
        async with self.open_log() as log:
            receipt = await log.append(entry())
            assert self.stored() == [(1, "ex-1", receipt.chain)]

    async def test_many_appends_at_once_each_get_their_own_place(self) -> None:
        """Concurrent appends share commits, but never a sequence, and no receipt goes to another's record."""
        async with self.open_log() as log:
            receipts: list[Receipt] = await asyncio.gather(*(log.append(entry(f"ex-{n}")) for n in range(200)))
        stored = {exchange: (sequence, chain) for sequence, exchange, chain in self.stored()}
        assert sorted(receipt.sequence for receipt in receipts) == list(range(1, 201))
        assert stored == {f"ex-{n}": (r.sequence, r.chain) for n, r in enumerate(receipts)}

    async def test_a_record_without_payload_is_kept(self) -> None:
        """A plan may record facts alone."""
        async with self.open_log() as log:
            assert (await log.append(entry(payload=None))).sequence == 1

    async def test_a_cancelled_append_disturbs_nobody(self) -> None:
        """A caller that leaves while its record is written leaves the others' receipts alone."""
        async with self.open_log() as log:
            leaving = asyncio.ensure_future(log.append(entry("leaves")))
            staying = asyncio.ensure_future(log.append(entry("stays")))
            await asyncio.sleep(0)
            leaving.cancel()
            assert (await staying).sequence in (1, 2)
            with pytest.raises(asyncio.CancelledError):
                await leaving

    @pytest.mark.parametrize("facts", [{"note": b"bytes"}, {"a b": 1}, {"x": float("nan")}, {"x": object()}])
    async def test_facts_that_are_no_facts_are_refused(self, facts: dict[str, object]) -> None:
        """What is neither number nor identifier is a bug of the caller and is not written."""
        async with self.open_log() as log:
            with pytest.raises(ValueError, match="facts"):
                await log.append(AuditEntry("admitted", "ex-1", "2026-11-24T20:00:00Z", facts, None))
        assert self.stored() == []

"""Callers who prove nothing: the log grows by so much and no more, and every refusal is in it, alone or in a sum."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from gateway.core.decision import Action, Reason
from gateway.errors import DependencyError
from gateway.ports import AuditEntry, Receipt
from gateway.unproven import BoundedLog
from tests.support.raw import until


def never(number: int) -> None:
    """Nothing is lost here."""
    raise AssertionError(number)


class Log:
    """Keeps what is appended, or fails; `waiting` makes an append wait."""

    def __init__(self) -> None:
        self.entries: list[AuditEntry] = []
        self.dead = False
        self.waiting: asyncio.Event | None = None

    async def append(self, entry: AuditEntry) -> Receipt:
        if self.waiting is not None:
            await self.waiting.wait()
        if self.dead:
            raise DependencyError(Reason.AUDIT_UNAVAILABLE, "the disk is full")
        self.entries.append(entry)
        return Receipt(len(self.entries), "")

    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.entries]


def closed(number: int = 0, reason: Reason = Reason.TOKEN_MISSING, status: int = 401, **more: Any) -> AuditEntry:
    """A closing record."""
    decision = {"guard": "authenticate", "action": "deny", "reason": reason, "direction": "request"}
    facts = {"outcome": reason, "status": status, "decision": Action.DENY, "decisions": [decision], **more}
    return AuditEntry("closed", f"ex-{number}", "2026-11-25T07:00:00Z", facts, None)


def counted(entry: AuditEntry) -> dict[tuple[str, int], int]:
    """What a sum says."""
    rows: Sequence[Mapping[str, Any]] = entry.facts["refusals"]  # type: ignore[assignment]
    assert entry.facts["exchanges"] == sum(row["exchanges"] for row in rows)
    return {(row["reason"], row["status"]): row["exchanges"] for row in rows}


async def test_the_first_have_a_record_each_and_the_rest_a_number() -> None:
    """However many come at once; and a record that counting has begun, before it is needed."""
    log = Log()
    bounded = BoundedLog(log, never, each=3)
    receipts = await asyncio.gather(*(bounded.append(closed(n)) for n in range(1000)))
    assert [r.sequence for r in receipts[:3]] == [1, 2, 3]
    assert log.kinds() == ["closed"] * 3 + ["refusing"]
    assert {r.sequence for r in receipts[3:]} == {4}
    await bounded.append(closed(reason=Reason.UNKNOWN_ENDPOINT, status=404))
    await bounded.close()
    assert log.kinds() == ["closed"] * 3 + ["refusing", "refused"]
    assert counted(log.entries[-1]) == {("token-missing", 401): 997, ("unknown-endpoint", 404): 1}
    assert log.entries[-1].exchange == log.entries[-2].exchange


@pytest.mark.parametrize("entry", [closed(tenant="acme"), AuditEntry("admitted", "ex-1", "t", {}, None)])
async def test_who_is_proven_is_never_counted(entry: AuditEntry) -> None:
    """Nor what is no closing record."""
    log = Log()
    bounded = BoundedLog(log, never, each=0)
    for _ in range(5):
        await bounded.append(entry)
    await bounded.close()
    assert log.entries == [entry] * 5


async def test_each_interval_begins_anew() -> None:
    """And writes nothing when nothing was counted."""
    log = Log()
    bounded = BoundedLog(log, never, each=1, interval=0.001)
    for _ in range(3):
        await bounded.append(closed())
        await until(lambda: not bounded._running)
    assert log.kinds() == ["closed"] * 3
    await asyncio.gather(*(bounded.append(closed()) for _ in range(3)))
    await until(lambda: log.kinds()[-1] == "refused")
    assert counted(log.entries[-1]) == {("token-missing", 401): 2}
    await bounded.close()


async def test_what_cannot_be_counted_is_told_of_as_lost() -> None:
    """Each of them, as if it had a record of its own; when the log is back, counting begins again."""
    log = Log()
    bounded = BoundedLog(log, never, each=0)
    log.dead = True
    lost = await asyncio.gather(*(bounded.append(closed(n)) for n in range(5)), return_exceptions=True)
    assert all(isinstance(one, DependencyError) for one in lost)
    log.dead = False
    await bounded.append(closed())
    await bounded.close()
    assert log.kinds() == ["refusing", "refused"]
    assert counted(log.entries[-1]) == {("token-missing", 401): 1}


async def test_a_sum_that_cannot_be_written_is_tried_again() -> None:
    """Until it is."""
    log = Log()
    bounded = BoundedLog(log, never, each=0, interval=0.001)
    await bounded.append(closed())
    log.dead = True
    await until(lambda: not bounded._running)
    log.dead = False
    await until(lambda: log.kinds()[-1] == "refused")
    assert counted(log.entries[-1]) == {("token-missing", 401): 1}
    await bounded.close()


async def test_a_gateway_that_ends_says_what_it_could_not_write() -> None:
    """It does not hang, and the number is not lost silently."""
    log, lost = Log(), list[int]()
    bounded = BoundedLog(log, lost.append, each=0)
    for _ in range(7):
        await bounded.append(closed())
    log.dead = True
    await bounded.close()
    assert lost == [7]


async def test_what_comes_while_the_interval_ends_is_counted() -> None:
    """In the sum that it joined, even when that one's first record is still being written."""
    log = Log()
    bounded = BoundedLog(log, never, each=0)
    log.waiting = asyncio.Event()
    waiting = [asyncio.ensure_future(bounded.append(closed(n))) for n in range(4)]
    await asyncio.sleep(0)
    closing = asyncio.ensure_future(bounded.close())
    await asyncio.sleep(0.01)
    log.waiting.set()
    await asyncio.gather(closing, *waiting)
    assert counted(log.entries[-1]) == {("token-missing", 401): 4}

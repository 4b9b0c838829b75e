"""Every Protocol that the core needs from the world, on one page.

Adapters (`gateway/adapters/`) implement these; one contract suite per port
(`tests/contract/`) runs against every implementation.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from detectors.detector import Finding
from gateway.core.decision import Decision
from gateway.core.exchange import Exchange, Principal, Ruling
from gateway.core.live import LiveCounts, LiveTarget
from gateway.core.media import Reading
from gateway.core.quota import Demand, Refusal, Reservation
from gateway.core.window import Promise

Attributes: TypeAlias = Mapping[str, str | int | float | bool]
"""What a span or an event says: identifiers, enums and numbers by name."""


class Guard(Protocol):
    """Judges an exchange. Never acts: the enforcer does."""

    async def __call__(self, exchange: Exchange) -> Ruling: ...


class TokenRefused(Exception):
    """A token does not prove who calls. `reason` is from the closed vocabulary, `detail` ours."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class TokenVerifier(Protocol):
    """Proves who calls."""

    async def verify(self, token: str) -> Principal:
        """Return the principal, or raise `TokenRefused` (bad token) or `DependencyError` (no keys)."""
        ...


class Limiter(Protocol):
    """Keeps buckets. All enforced demands of one call are granted, or nothing is taken at all."""

    async def reserve(self, demands: Sequence[Demand]) -> Reservation | Refusal:
        """Take what is demanded (keys distinct) until it is settled; raise `DependencyError` if the store is dead."""
        ...

    async def settle(self, reservation: Reservation, actual: Mapping[str, int]) -> None:
        """Correct each demand (by rule id) to what was really used; more than reserved becomes debt.

        A rule that is absent from `actual` keeps what was reserved, and so
        does a reservation that is never settled. Settling twice, or settling
        what was not granted, does nothing.
        """
        ...


class DetectorPool(Protocol):
    """Runs a plan's detectors off the event loop."""

    def promise(self, detectors: Sequence[str]) -> Promise:
        """Return the weakest promise of these detectors; raise `DependencyError` if one is missing."""
        ...

    async def detect(
        self, detectors: Sequence[str], texts: Sequence[str], *, starts: Sequence[int] = (), whole: bool = False
    ) -> Sequence[Sequence[Finding]]:
        """Return findings by text, unresolved overlaps included; raise `DependencyError` when undecided.

        With `starts`, only findings from these places on matter in each text: what stands before is
        context, of which a detector needs no more than it promised. `whole` texts (a request's) are
        complete and may come again: obfuscation is undone before they are looked at (in other texts for
        the detectors that go by rule), and what was found in them is remembered.
        """
        ...


class MediaReader(Protocol):
    """Reads the text of images and files, apart from the gateway's own process."""

    async def read(self, files: Sequence[bytes]) -> Sequence[Reading]:
        """Return for each file its texts, or why they cannot be had; within a bounded time, and raise nothing."""
        ...


@dataclass(frozen=True, slots=True)
class UpstreamRequest:
    """What goes to the backend. `upstream` names a configured one: an address never comes from a request."""

    upstream: str
    method: str
    path: str
    query: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)


class UpstreamResponse(Protocol):
    """What the backend answers: a head at once, a body in pieces."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    def body(self) -> AsyncIterator[bytes]:
        """Yield the body as it comes; raise `UpstreamError` when it breaks off, stalls or lies."""
        ...


class Upstream(Protocol):
    """Talks to backends with their own credentials."""

    def open(self, request: UpstreamRequest) -> AbstractAsyncContextManager[UpstreamResponse]: ...


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What one record says, before sealing. `kind` is ``admitted`` or ``closed``, or ``bias`` for a run of a probe
    and ``shadow`` for a live one, or ``refusing`` and ``refused`` before and after unproven callers are counted.

    `facts` are the fields anybody with the log may read (no text: ids, times,
    enums, numbers, the pseudonymous subject); `payload` is sealed so that only
    the private key's holder can read it (None when the plan records none).
    """

    kind: str
    exchange: str
    time: str
    facts: Mapping[str, object]
    payload: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A record is durable: its place in the log and the chain's hash there."""

    sequence: int
    chain: str


class AuditLog(Protocol):
    """Appends records; returns only when they are durable."""

    async def append(self, entry: AuditEntry) -> Receipt: ...


class Span(Protocol):
    """The trace of one exchange. Takes decisions, enums and numbers; there is no way to hand it text."""

    def decision(self, decision: Decision) -> None: ...
    def set(self, attributes: Mapping[str, str | int | float | bool]) -> None: ...
    def end(self, outcome: str, error_type: str | None) -> None: ...


class LiveLedger(Protocol):
    """What live probes have sent and found, of all workers and over restarts. Calls block, and raise
    `DependencyError` when it cannot be used."""

    def take(self, probe: str, calls: int, per_hour: int, now: float) -> bool:
        """Count requests that are about to be sent, unless more than `per_hour` would be sent within an hour."""
        ...

    def add(
        self, target: LiveTarget, pair: Callable[[LiveCounts], LiveCounts], now: float
    ) -> tuple[LiveCounts, LiveCounts]:
        """Count one more pair; return the counts before and after it. `now` is in seconds since the epoch."""
        ...

    def clear(self, target: LiveTarget) -> None:
        """Forget the counts: what they showed has been said."""
        ...


class Telemetry(Protocol):
    """Spans and metrics."""

    def span(self, exchange_id: str, traceparent: str | None) -> Span: ...
    def count(self, name: str, amount: int | float, attributes: Mapping[str, str]) -> None: ...
    def measure(self, name: str, seconds: float, attributes: Mapping[str, str]) -> None: ...
    def gauge(self, name: str, value: float, attributes: Mapping[str, str]) -> None: ...
    def evaluation(self, name: str, attributes: Attributes, events: Sequence[tuple[str, Attributes]]) -> None:
        """Emit a span of its own that ends now, with its events; for what is no exchange, a probe's run."""
        ...

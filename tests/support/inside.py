"""The inside of a gateway without its sockets: real tables, real policy, real detectors, real guard.

Thousands of requests and answers a second go through exactly the code that a
connection would take them through, between the edge and the relay.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from detectors import catalog
from detectors.detector import Detector, Finding
from gateway.adapters.detector_pool import ThreadPool
from gateway.adapters.operators import PresidioOperators
from gateway.core.answer import ContentRefused
from gateway.core.decision import Action
from gateway.core.dialect import Dialect, Endpoint, Framing
from gateway.core.exchange import Exchange
from gateway.core.frame import Frame, FrameKind, Malformed, Read
from gateway.core.jsonvalue import Json
from gateway.core.media import Reading, Unreadable
from gateway.core.plan import Plan
from gateway.core.pseudonym import Ledger
from gateway.dialects import codecs
from gateway.dialects.registry import DIALECTS
from gateway.errors import RequestError
from gateway.guards.inspect import Answering, Inspect
from gateway.policy.loader import load_text
from gateway.policy.names import known_names
from gateway.ports import MediaReader
from tests.support.house import DETECTORS
from tests.support.plans import principal

POLICIES = Path(__file__).parents[2] / "policies"
KEY = b"k" * 32


class Refused(Exception):
    """The gateway refuses: nothing more goes on to the other side. `before` is what has gone, step by step."""

    def __init__(self, why: str, before: Sequence[Sequence[Frame]] = ()) -> None:
        super().__init__(why)
        self.before = before


def default_plan(change: Callable[[str], str] = lambda text: text) -> Plan:
    """Return the compiled default policy, its text changed by `change`."""
    names = known_names(frozenset(d.name for d in DIALECTS), frozenset({"model"}))
    loaded = load_text(change((POLICIES / "default.yaml").read_text()), names=names)
    assert loaded.plan is not None, loaded
    return loaded.plan


def real_detectors(plan: Plan) -> dict[str, Detector]:
    """Return the plan's detectors, built once in a test run."""
    for name in plan.detectors:
        if name not in DETECTORS:
            DETECTORS[name] = catalog.build(name)
    return DETECTORS


class Remembering:
    """A detector that is asked about each text once: a sweep asks the same few texts again and again."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._known: dict[str, Sequence[Finding]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._detector, name)

    def detect(self, texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
        new = list(dict.fromkeys(text for text in texts if text not in self._known))
        if new:
            self._known.update(zip(new, self._detector.detect(new), strict=True))
        found = [self._known[text] for text in texts]
        if len(self._known) > 50_000:
            self._known.clear()
        return found


class NoReader:
    """Reads nothing: for policies that do not inspect media."""

    async def read(self, files: Sequence[bytes]) -> Sequence[Reading]:
        return [Unreadable.FAILED for _ in files]


@dataclass
class Inside:
    """One policy's inspect guard, for requests (`asks`) and answers (`carries`)."""

    plan: Plan
    inspect: Inspect

    @classmethod
    def of(
        cls,
        plan: Plan | None = None,
        detectors: dict[str, Detector] | None = None,
        reader: MediaReader | None = None,
    ) -> "Inside":
        """Make one, of the default policy unless another is given."""
        plan = plan or default_plan()
        used = detectors if detectors is not None else real_detectors(plan)
        pool = ThreadPool({name: cast("Detector", Remembering(detector)) for name, detector in used.items()})
        return cls(plan, Inspect(pool, PresidioOperators(), KEY, reader or NoReader()))

    def exchange(self, dialect: Dialect, endpoint: Endpoint, payload: Json) -> Exchange:
        """Return an admitted exchange."""
        return Exchange(
            id="0198",
            plan=self.plan,
            dialect=dialect,
            endpoint=endpoint,
            params={},
            payload=payload,
            principal=principal(),
            ledger=Ledger(KEY, "acme"),
        )

    async def asks(self, exchange: Exchange) -> Exchange:
        """Return the exchange as it goes upstream. Raises `Refused`."""
        try:
            ruling = await self.inspect(exchange)
        except RequestError as error:
            raise Refused(error.reason) from None
        denied = [decision for decision in ruling.decisions if decision.action is Action.DENY]
        if denied:
            raise Refused(denied[0].reason)
        return ruling.exchange

    async def carries(
        self, exchange: Exchange, chunks: Sequence[bytes], framing: Framing | None
    ) -> list[tuple[Frame, ...]]:
        """Carry bytes as the relay does; return what leaves after each chunk, and after the end. Raises `Refused`."""
        answering = self.inspect.answering(exchange, streaming=framing is not None, drop_surplus=False)
        decoder = codecs.decoder(framing)
        out: list[tuple[Frame, ...]] = []
        for chunk in (*chunks, None):
            read = decoder.end() if chunk is None else decoder.feed(chunk)
            out.append(tuple(await self._step(answering, read, out, last=chunk is None)))
        return out

    async def _step(
        self, answering: Answering, read: Read, before: Sequence[Sequence[Frame]], *, last: bool
    ) -> list[Frame]:
        answer = answering.answer
        fault: Exception | None = read.fault
        try:
            answer.receive(read.frames)
        except (ContentRefused, Malformed) as refused:
            fault = refused
        if last and fault is None:
            answer.finish()
        questions = answer.questions()
        await answering.see()
        out = answer.release(await answering.detect([question.text for question in questions]))
        if answering.answer.overflowed or answering.denied:
            raise Refused("HoldExceeded" if answer.overflowed else "denied", [*before, out])
        if fault is not None:
            raise Refused(f"{type(fault).__name__}: {fault}", [*before, out])
        return out


def endpoints() -> list[tuple[Dialect, Endpoint]]:
    """Return every endpoint that the gateway serves."""
    return [(dialect, endpoint) for dialect in DIALECTS for endpoint in dialect.endpoints]


def named(endpoint: Endpoint) -> str:
    """Return an endpoint's name for a test's id."""
    return f"{endpoint.method} {endpoint.path}"


def data(value: Json, event: str = "") -> Frame:
    """Return one event."""
    return Frame(FrameKind.DATA, value, event)


def changed(plan: Plan, **changes: Any) -> Plan:
    """Return a plan with these changes, under a revision of its own."""
    return replace(plan, revision=f"{plan.revision}-{sorted(changes)}", **changes)

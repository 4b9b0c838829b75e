"""Every place of every type of every SDK: a canary that is put there does not reach the other side.

The places come from the SDKs' own types (`tests.sweep.shapes`), the endpoints
from the gateway's own registry: nothing here lists a place. A refusal counts:
what is refused reaches nobody.
"""

import json
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from detectors.detector import Detector, Finding
from gateway.core.dialect import Framing
from gateway.core.jsonvalue import Json
from gateway.core.media import Reading
from gateway.core.payload import Kind, leaves
from gateway.core.plan import ContentRuling
from gateway.dialects import codecs
from gateway.dialects.registry import DIALECTS
from gateway.media.extract import read
from tests.support.inside import Inside, Refused, changed, data, default_plan, endpoints, named
from tests.sweep.roots import Side, roots, sides
from tests.sweep.shapes import Case, Shaper

SIDES = sides(DIALECTS)
EVERYTHING = 10**9
OFTEN = 2500
"""Cases of one side in `make test`; the rest of the larger ones belong to `-m slow`."""


@dataclass(frozen=True)
class Canary:
    """A value that must not travel, and the piece of it by which it is recognised."""

    name: str
    text: str
    piece: str


MAIL = Canary("mail", "alice.canary7@example.com", "canary7")
PHONE = Canary("phone", "+1 415 555 0132", "555 0132")
DIALLED = Canary("dialled", "+14155550132", "5550132")
CARD = Canary("card", "4111 1111 1111 1111", "1111 1111")
INSIDE_JSON = Canary("inside-json", '{"to": ["alice.canary7\\u0040example.com"]}', "canary7")


KEY = Canary("key", "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", "aXcaT4fNP0Ucn")
ACCOUNT = Canary("account", "id_DE89370400440532013000", "370400440532")
NAME = Canary("name", "Alice Canary7", "Canary7")


class Names:
    """A detector that knows one name and never misses it: what the sweep is about is the places, not the tagger."""

    name = "pii"
    entities = frozenset({"PERSON"})
    reach = len(NAME.text)
    context = lookahead = 1

    def detect(self, texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
        ends = [[(at.start(), at.end()) for at in re.finditer(NAME.text, text)] for text in texts]
        return [[Finding(start, end, "PERSON", 1.0, self.name) for start, end in found] for found in ends]

    def settled(self, text: str) -> int:
        return max(0, len(text) - self.reach)


@pytest.fixture(scope="module")
def naming() -> Inside:
    """The default policy over that detector."""
    names: dict[str, Detector] = {"pii": Names()}
    return Inside.of(default_plan(lambda text: re.sub(r"detectors: \[.*\]", "detectors: [pii]", text)), names)


@pytest.fixture(scope="module")
def inside() -> Inside:
    """The default policy."""
    return Inside.of()


@pytest.fixture(scope="module")
def stripping() -> Inside:
    """A policy that leaves out what it cannot read, instead of refusing it."""
    stripped = dict.fromkeys(("media", "state", "tokens", "derived"), ContentRuling.STRIP)
    return Inside.of(changed(default_plan(), opaque=stripped))


class InPlace:
    """Reads media here and now: the sweep is about the places, not about the process."""

    async def read(self, files: Sequence[bytes]) -> Sequence[Reading]:
        return [read(file) for file in files]


@pytest.fixture(scope="module")
def looking() -> Inside:
    """A policy that inspects media and lets everything else pass that it cannot read, but not its copies."""
    words = {"media": ContentRuling.INSPECT, "derived": ContentRuling.STRIP}
    words |= dict.fromkeys(("state", "tokens"), ContentRuling.DENY)
    return Inside.of(changed(default_plan(), opaque=words), reader=InPlace())


@pytest.fixture(scope="module")
def passing() -> Inside:
    """A policy that lets references and media pass unread."""
    words = dict.fromkeys(("media", "state", "tokens"), ContentRuling.PASS)
    return Inside.of(changed(default_plan(), opaque=words | {"derived": ContentRuling.STRIP}), reader=InPlace())


def spread(cases: Iterator[Case], most: int, salt: str) -> list[Case]:
    """Return at most about `most` cases: the same ones every day, others for each `salt`. No place comes twice."""
    places: dict[str, Case] = {}
    for case in cases:
        places.setdefault(case.where.partition(".")[2] + json.dumps(case.value, sort_keys=True), case)
    step = -(-len(places) // most)
    return [case for place, case in places.items() if zlib.crc32((salt + place).encode()) % step == 0]


def cases_of(side: Side, canary: Canary, most: int, *, snake: bool = False) -> list[Case]:
    """Return the cases of one side."""
    shaper = Shaper(canary.text, snake=snake)
    return spread((case for kind in side.types for case in shaper.cases(kind)), most, canary.name)


async def crosses(inside: Inside, side: Side, value: Json) -> str:
    """Send a value through one side and return what comes out at the other, as text; "" when it is refused."""
    exchange = inside.exchange(side.dialect, side.endpoint, value if side.name == "request" else {})
    try:
        if side.name == "request":
            return json.dumps((await inside.asks(exchange)).payload, ensure_ascii=False)
        framing = side.endpoint.streaming.framing if side.name == "events" and side.endpoint.streaming else None
        event = value.get("type") if isinstance(value, dict) and framing is Framing.SSE else ""
        encoder = codecs.encoder(framing)
        sent = encoder.encode(data(value, event if isinstance(event, str) else "")) + encoder.end()
        out = [frame for step in await inside.carries(exchange, [sent], framing) for frame in step]
        return json.dumps([[frame.event, frame.data] for frame in out], ensure_ascii=False)
    except Refused:
        return ""


async def leaks(inside: Inside, side: Side, canary: Canary, cases: list[Case]) -> list[str]:
    """Return the places from which the canary got through."""
    found: dict[str, None] = {}
    for case in cases:
        if canary.piece in await crosses(inside, side, case.value):
            found[case.where.partition(".")[2]] = None
    return list(found)


@pytest.mark.parametrize("side", SIDES, ids=str)
async def test_no_place_lets_a_mail_address_through(inside: Inside, side: Side) -> None:
    """Strings, enumerations, keys, free maps, JSON of any kind, and members that no type knows yet."""
    cases = cases_of(side, MAIL, OFTEN)
    assert cases
    assert await leaks(inside, side, MAIL, cases) == []


@pytest.mark.slow
@pytest.mark.parametrize("side", SIDES, ids=str)
@pytest.mark.parametrize("canary", [MAIL, PHONE, DIALLED, CARD, INSIDE_JSON], ids=lambda canary: canary.name)
async def test_no_place_at_all(inside: Inside, side: Side, canary: Canary) -> None:
    """All of them, with every canary."""
    assert await leaks(inside, side, canary, cases_of(side, canary, EVERYTHING)) == []


@pytest.mark.slow
@pytest.mark.parametrize("side", SIDES, ids=str)
async def test_no_name_at_all(naming: Inside, side: Side) -> None:
    """Nor two words that are a name."""
    assert await leaks(naming, side, NAME, cases_of(side, NAME, EVERYTHING)) == []


@pytest.mark.parametrize("side", SIDES, ids=str)
@pytest.mark.parametrize("canary", [PHONE, DIALLED, CARD], ids=lambda canary: canary.name)
async def test_no_place_lets_a_number_through(inside: Inside, side: Side, canary: Canary) -> None:
    """Numbers look like identifiers to many a rule; a sample of the places, another for each canary."""
    assert await leaks(inside, side, canary, cases_of(side, canary, 300)) == []


@pytest.mark.parametrize("side", [side for side in SIDES if side.name == "request"], ids=str)
@pytest.mark.parametrize("canary", [KEY, ACCOUNT], ids=lambda canary: canary.name)
async def test_no_place_lets_an_identifier_of_somebody_through(inside: Inside, side: Side, canary: Canary) -> None:
    """What has the shape of an identifier, and is somebody's, is refused where an identifier passes as it came."""
    assert await leaks(inside, side, canary, cases_of(side, canary, 250)) == []


@pytest.mark.parametrize("side", SIDES, ids=str)
async def test_no_place_lets_a_name_through(naming: Inside, side: Side) -> None:
    """Two words are no identifier, no enumeration and no blob anywhere."""
    assert await leaks(naming, side, NAME, cases_of(side, NAME, 300)) == []


@pytest.mark.parametrize("side", SIDES, ids=str)
async def test_no_place_lets_json_in_a_string_through(inside: Inside, side: Side) -> None:
    """A string that is JSON is read as what it means, its escapes undone."""
    assert await leaks(inside, side, INSIDE_JSON, cases_of(side, INSIDE_JSON, 300)) == []


@pytest.mark.parametrize("side", SIDES, ids=str)
async def test_no_place_beside_media_lets_a_mail_address_through(looking: Inside, side: Side) -> None:
    """Where media are inspected, whatever stands beside their bytes is a text, also in a stream."""
    table = getattr(side.endpoint, side.name)
    beside = [
        case for case in cases_of(side, MAIL, 1000) if any(x.mark.kind is Kind.MEDIA for x in leaves(case.value, table))
    ]
    assert await leaks(looking, side, MAIL, beside) == []


@pytest.mark.parametrize("side", SIDES, ids=str)
async def test_what_is_left_out_is_left_out(stripping: Inside, side: Side) -> None:
    """Where the policy strips media, state and tokens instead of refusing them, they are gone."""
    assert await leaks(stripping, side, MAIL, cases_of(side, MAIL, 500)) == []


@pytest.mark.parametrize("side", SIDES, ids=str)
async def test_what_passes_unread_is_no_text(passing: Inside, side: Side) -> None:
    """Where the policy lets references and media pass, a sentence in their place is read all the same."""
    table = getattr(side.endpoint, side.name)
    unread = [
        case
        for case in cases_of(side, MAIL, 1000)
        if any(x.mark.kind in (Kind.MEDIA, Kind.STATE, Kind.TOKENS) for x in leaves(case.value, table))
    ]
    assert await leaks(passing, side, MAIL, unread) == []


@pytest.mark.parametrize("side", [side for side in SIDES if side.dialect.vendor == "gemini"] or [None], ids=str)
async def test_both_spellings_are_one(inside: Inside, side: Side | None) -> None:
    """Google's servers read ``system_instruction`` as well as ``systemInstruction``."""
    if side is None:
        pytest.skip("no endpoint of Google's is served")
    assert await leaks(inside, side, MAIL, cases_of(side, MAIL, 1000, snake=True)) == []


def test_every_endpoint_is_swept() -> None:
    """Who adds an endpoint says which types it carries, or this fails."""
    assert [named(endpoint) for dialect, endpoint in endpoints() if roots(dialect, endpoint) is None] == []


@pytest.mark.parametrize("canary", [MAIL, PHONE, DIALLED, CARD, KEY, ACCOUNT], ids=lambda canary: canary.name)
async def test_the_canaries_are_seen_at_all(inside: Inside, canary: Canary) -> None:
    """A detector of the policy finds each by itself: else the sweep would prove nothing."""
    (findings,) = await inside.inspect._pool.detect(inside.plan.detectors, [canary.text])
    assert any(finding.score >= 0.5 for finding in findings)

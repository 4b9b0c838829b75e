"""A stream may be cut anywhere: between deltas, inside them, inside a character, inside a JSON escape.

For every dialect that streams, and every text in it at once (content, a second
choice, reasoning, the arguments of two tool calls), interleaved at random: no
planted value leaves, nor its first 60 %; the stream says what the whole answer
says; arguments parse; copies agree with deltas; what was restored is exact.
"""

import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import pytest

from detectors.detector import Detector
from gateway.core.dialect import Framing
from gateway.core.exchange import Exchange
from gateway.core.frame import Frame, FrameKind
from gateway.core.jsonvalue import Json
from gateway.dialects import codecs
from gateway.dialects.registry import DIALECTS
from tests.support.inside import Inside, default_plan
from tests.support.mails import Mails
from tests.support.talk import Said, Talk
from tests.support.talks import TALKS
from tests.support.talks_declared import DECLARED

OWN = "maria.lópez-123@acme.example".replace("ó", "o")
MAILS = dict.fromkeys(
    ("eve.hacker@evil-corp.org", "mallory_77@bad.example.net", "trent.o'neil@x-y.co"), "[EMAIL_ADDRESS]"
)
NUMBERS = {
    "+1 415 555 0132": "[PHONE_NUMBER]",
    "4111 1111 1111 1111": "[CREDIT_CARD]",
    "DE89370400440532013000": "[IBAN_CODE]",
}
ALL = {**MAILS, **NUMBERS}
SIGNED = {("/v1/messages", "thought")}
Forms = Sequence[tuple[str, str]]
"""Spellings of a token, each with what must become of it."""

SERVED = [talk for talk in (*TALKS, *DECLARED) if talk.found() is not None]


@pytest.fixture(scope="module")
def cheap() -> Inside:
    """The default policy over the cheap detector."""
    mails: dict[str, Detector] = {"pii": Mails()}
    return Inside.of(default_plan(lambda text: re.sub(r"detectors: \[.*\]", "detectors: [pii]", text)), mails)


@pytest.fixture(scope="module")
def real() -> Inside:
    """The default policy as it is."""
    return Inside.of()


class Play:
    """One random answer with planted values, and what must come of it."""

    def __init__(self, dice: random.Random, talk: Talk, exchange: Exchange, planted: Mapping[str, str]) -> None:
        self.dice, self.talk, self.planted = dice, talk, planted
        assert exchange.ledger is not None
        self.token = exchange.ledger.mint("EMAIL_ADDRESS", OWN)
        bare = self.token.strip("[]")
        self.forms = [
            (self.token, OWN),
            (self.token.lower(), OWN),
            (bare, OWN),
            (f"[{bare}](mailto:{self.token})", f"[{OWN}](mailto:{OWN})"),
            (quote(self.token, safe=""), quote(OWN, safe="")),
        ]
        spellings = (self.token.lower(), bare, quote(self.token, safe=""))
        self.signed = [
            (self.token, OWN),
            (f"{self.token}(mailto:{self.token})", f"{OWN}(mailto:{OWN})"),
            *zip(spellings, spellings, strict=True),
        ]
        """In a text under a signature: what does not come back as it was is not restored."""
        self.said: Said = {}
        self.wanted: dict[str, Any] = {}
        for voice in talk.voices:
            forms = self.signed if (talk.path, voice) in SIGNED else self.forms
            self.said[voice], self.wanted[voice] = self._args() if voice.startswith("args") else self._text(forms)

    def _words(self, forms: Forms) -> tuple[str, str]:
        """Return a text and what must become of it."""
        said, wanted = "", ""
        for _ in range(self.dice.randint(1, 6)):
            filler = self.dice.choice(
                ["Dear ", "né à Zürich — ", "日本語 ", "🙂 ok ", 'say "hi"\\ ', "\n\t", "a[b]_c ", " "]
            )
            said, wanted = said + filler, wanted + filler
            pick = self.dice.random()
            if pick < 0.4:
                form, meant = self.dice.choice(forms)
                said, wanted = said + form + " ", wanted + meant + " "
            elif pick < 0.8:
                value, mark = self.dice.choice(list(self.planted.items()))
                said, wanted = f"{said}({value}) ", f"{wanted}({mark}) "
        return said, wanted

    def _text(self, forms: Forms) -> tuple[str, str]:
        said, wanted = self._words(forms)
        return said or "x", wanted or "x"

    def _args(self) -> tuple[str, Json]:
        (to, wanted_to), (note, wanted_note), (inner, wanted_inner) = (self._words(self.forms) for _ in range(3))
        numbers: list[Json] = [1, True, None, -2.5e3]
        tree: Json = {"to": to, "n": [*numbers, {"note": note}], "deep": {"k": [inner, ""]}, "": 0}
        wanted: Json = {
            "to": wanted_to, "n": [*numbers, {"note": wanted_note}], "deep": {"k": [wanted_inner, ""]}, "": 0
        }  # fmt: skip
        if self.dice.random() < 0.3:  # arguments that another tool gets, as a string
            tree, wanted = {"in": json.dumps(tree)}, {"in": json.dumps(wanted)}
        text = json.dumps(tree, ensure_ascii=self.dice.random() < 0.5)
        if self.dice.random() < 0.5:
            text = text.replace("@", "\\u0040").replace("m", "\\u006d")  # neither occurs in an escape or a literal
        return text, wanted

    def order(self) -> list[tuple[str, str]]:
        """Return the voices in random pieces, interleaved at random."""
        waiting = {voice: self._pieces(text) for voice, text in self.said.items()}
        order = []
        while waiting:
            voice = self.dice.choice(list(waiting))
            order.append((voice, waiting[voice].pop(0)))
            if not waiting[voice]:
                del waiting[voice]
        return order

    def _pieces(self, text: str) -> list[str]:
        longest = self.dice.choice([1, 2, 5, 20, 1000])
        pieces = []
        while text:
            size = self.dice.randint(0, longest)
            pieces.append(text[:size])
            text = text[size:]
        return pieces or [""]

    def cut(self, sent: bytes) -> list[bytes]:
        """Return bytes in random chunks."""
        longest = self.dice.choice([3, 17, 60, 400, 100_000])
        chunks = []
        while sent:
            size = self.dice.randint(1, longest)
            chunks.append(sent[:size])
            sent = sent[size:]
        return chunks

    def check(self, heard: Said, how: str, *, exact: bool) -> None:
        """Say that a client heard what it should, and no more. Real detectors find more than planted: not `exact`."""
        for voice in self.talk.voices:
            got, wanted = heard.get(voice, ""), self.wanted[voice]
            if exact:
                assert (json.loads(got) if voice.startswith("args") else got) == wanted, (how, voice)
            else:
                meant = json.dumps(json.loads(got)) if voice.startswith("args") else got
                assert meant.count(OWN) == json.dumps(wanted).count(OWN), (how, voice)
            for value in self.planted:
                assert value[: -(-len(value) * 6 // 10)] not in got, (how, voice)


def escaped(sent: bytes, dice: random.Random) -> bytes:
    """Write the same JSON with escapes for all that is not ASCII, as some servers do."""
    if dice.random() < 0.5:
        return sent
    return "".join(c if ord(c) < 128 else json.dumps(c)[1:-1] for c in sent.decode()).encode()


async def play(inside: Inside, talk: Talk, seed: int, planted: Mapping[str, str] = MAILS) -> int:
    """Play one random answer, streamed and whole; return how many cuts that were."""
    found = talk.found()
    assert found is not None
    dialect, endpoint = found
    framing = endpoint.streaming.framing if endpoint.streaming else Framing.SSE
    exchange = inside.exchange(dialect, endpoint, {})
    game = Play(random.Random(f"{talk}{seed}"), talk, exchange, planted)
    order = game.order()
    chunks = game.cut(escaped(talk.bytes(order, framing), game.dice))
    steps = await inside.carries(exchange, chunks, framing)
    events = decoded(steps, framing)
    heard = talk.heard(events)
    exact = planted is MAILS
    game.check(heard, "streamed", exact=exact)
    for voice, copy in talk.copies(events):
        same = json.loads(copy) == json.loads(heard[voice]) if voice.startswith("args") else copy == heard[voice]
        assert same, ("copy", voice)
    numbers = [event["sequence_number"] for event in events if "sequence_number" in event]
    assert numbers == list(range(len(numbers)))
    (answer,) = decoded(await inside.carries(exchange, game.cut(json_bytes(talk.whole(game.said))), None), None)
    whole = talk.heard_whole(answer)
    game.check(whole, "whole", exact=exact)
    for voice in talk.voices:
        same = (
            json.loads(heard[voice]) == json.loads(whole[voice])
            if voice.startswith("args")
            else heard[voice] == whole[voice]
        )
        assert same, ("streamed and whole", voice)
    return len(chunks) + len(order)


def json_bytes(value: Json) -> bytes:
    return json.dumps(value).encode()


def decoded(steps: Sequence[Sequence[Frame]], framing: Framing | None) -> list[Any]:
    """Return the events as a client decodes them from the bytes that leave."""
    encoder, decoder = codecs.encoder(framing), codecs.decoder(framing)
    reads = [decoder.feed(encoder.encode(frame)) for step in steps for frame in step]
    reads += [decoder.feed(encoder.end()), decoder.end()]
    assert all(read.fault is None for read in reads)
    frames = [frame for read in reads for frame in read.frames]
    return [frame.data for frame in frames if frame.kind is FrameKind.DATA]


@pytest.mark.parametrize("talk", SERVED, ids=str)
async def test_thousands_of_cuts(cheap: Inside, talk: Talk) -> None:
    """Volume, with a detector that costs nothing."""
    cuts = sum([await play(cheap, talk, seed) for seed in range(24 if len(talk.voices) == 1 else 12)])
    assert cuts > 5_000


@pytest.mark.parametrize("talk", SERVED, ids=str)
async def test_cuts_under_the_real_detectors(real: Inside, talk: Talk) -> None:
    """The default policy's own detectors, whose promises the windows must keep."""
    for seed in range(1_000, 1_001 if talk in DECLARED else 1_004):
        await play(real, talk, seed, ALL)


@pytest.mark.slow
@pytest.mark.parametrize("talk", SERVED, ids=str)
async def test_tens_of_thousands_of_cuts(
    cheap: Inside, real: Inside, talk: Talk, record_testsuite_property: Callable[[str, object], None]
) -> None:
    """The same for long: a hundred answers and fifty thousand cuts of each, or more, as the report says."""
    cuts, seed = 0, 10_000
    while cuts < 50_000 or seed < 10_100:
        cuts += await play(cheap, talk, seed)
        seed += 1
    under_real = sum([await play(real, talk, 20_000 + n, ALL) for n in range(20)])
    record_testsuite_property(
        str(talk), f"{cuts} cuts of {seed - 10_000} answers, {under_real} of 20 under the real detectors"
    )


def test_every_stream_has_a_talk() -> None:
    """Who adds a stream adds a way to speak and hear it, or this fails."""
    streams = {
        (dialect.vendor, endpoint.operation)
        for dialect in DIALECTS
        for endpoint in dialect.endpoints
        if endpoint.streaming is not None and endpoint.method == "POST"
    }
    spoken = {(found[0].vendor, found[1].operation) for talk in TALKS if (found := talk.found())}
    assert streams == spoken

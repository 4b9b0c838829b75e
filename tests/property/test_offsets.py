"""Citations after rewriting: what offsets name is the image of what they named, in whole answers and in streams.

A text is a row of runs, of which this test knows what becomes of each; so the image of a stretch is
worked out run by run, apart from the code under test.
"""

import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from detectors.detector import Detector
from gateway.core.dialect import Framing
from gateway.core.exchange import Exchange
from gateway.core.frame import FrameKind
from gateway.dialects.registry import Registry
from tests.support.inside import Inside, default_plan
from tests.support.mails import Mails
from tests.support.responses_speech import gemini, message_item, numbered, response, response_text_events, text_part
from tests.support.speech import chunk, completion, message, named_sse, pieces, sse

OWN = "maria.lopez-the-first@acme.example"
FILLERS = ("Dear ", "né à Zürich — ", "日本語 ", "🙂 ok ", "\n\t", "a[b]_c ", " ", "100% ")
RUNS = 20


@dataclass(frozen=True)
class Row:
    """A text as runs: what came, and what must go out."""

    runs: tuple[tuple[str, str], ...]

    @property
    def came(self) -> str:
        return "".join(came for came, _ in self.runs)

    @property
    def goes(self) -> str:
        return "".join(goes for _, goes in self.runs)

    def image(self, start: int, end: int) -> str:
        """What must stand where ``[start, end)`` stood: runs that were replaced are whole, others as they were."""
        out, at = "", 0
        for came, goes in self.runs:
            first, last = max(start, at), min(end, at + len(came))
            if first < last:
                out += goes if goes != came else came[first - at : last - at]
            at += len(came)
        return out


@pytest.fixture(scope="module")
def inside() -> Inside:
    """The default policy over a cheap detector."""
    mails: dict[str, Detector] = {"pii": Mails()}
    return Inside.of(default_plan(lambda text: re.sub(r"detectors: \[.*\]", "detectors: [pii]", text)), mails)


def row(dice: random.Random, token: str) -> Row:
    """A random text of an answer."""
    runs: list[tuple[str, str]] = [("Oh ", "Oh ")]
    for _ in range(dice.randint(1, 9)):
        filler = dice.choice(FILLERS)
        runs += [
            (filler, filler),
            dice.choice([(token, OWN), ("(", "("), ("eve@evil.com", "[EMAIL_ADDRESS]"), ("x", "x")]),
        ]
        runs.append((" ", " "))
    return Row(tuple(runs))


def stretches(dice: random.Random, text: str, count: int = 3) -> list[tuple[int, int]]:
    """Random stretches of a text, none empty."""
    found = [sorted(dice.sample(range(len(text) + 1), 2)) for _ in range(count)]
    return [(start, end) for start, end in found]


def exchanged(inside: Inside, path: str, query: dict[str, str] | None = None) -> Exchange:
    """An exchange at a path."""
    match = Registry().find("POST", path, {}, query or {})
    assert match is not None
    return inside.exchange(match.dialect, match.endpoint, {})


def token_of(exchange: Exchange) -> str:
    """The token of the caller's own address."""
    assert exchange.ledger is not None
    return exchange.ledger.mint("EMAIL_ADDRESS", OWN)


async def heard(inside: Inside, exchange: Exchange, chunks: Sequence[bytes], framing: Framing | None) -> list[Any]:
    """What the caller hears."""
    steps = await inside.carries(exchange, chunks, framing)
    return [frame.data for step in steps for frame in step if frame.kind is FrameKind.DATA]


def cited(start: int, end: int) -> dict[str, Any]:
    """A citation as Responses have it."""
    return {"type": "url_citation", "url": "https://e.com/", "title": "T", "start_index": start, "end_index": end}


def named(text: str, citation: dict[str, Any]) -> str:
    """What a citation names."""
    return text[citation["start_index"] : citation["end_index"]]


@pytest.mark.parametrize("seed", range(RUNS))
async def test_openai_chat(inside: Inside, seed: int) -> None:
    """Whole; and streamed, in events of their own, in events with text, and in the last."""
    dice = random.Random(seed)
    exchange = exchanged(inside, "/v1/chat/completions")
    said = row(dice, token_of(exchange))
    places = stretches(dice, said.came)
    wanted = [said.image(*place) for place in places]
    notes = [{"type": "url_citation", "url_citation": cited(*place)} for place in places]
    whole: Any = completion(said.came)
    whole["choices"][0]["message"]["annotations"] = notes
    [out] = await heard(inside, exchange, [json.dumps(whole).encode()], None)
    answer = out["choices"][0]["message"]
    assert answer["content"] == said.goes
    assert [named(said.goes, note["url_citation"]) for note in answer["annotations"]] == wanted

    parts = pieces(said.came, dice.choice([1, 3, 7, 1000]))
    events = [chunk({"content": part}) for part in parts]
    for note in notes:
        at = dice.randrange(len(events) + 1)
        late = {"content": "", "annotations": [note]} if dice.random() < 0.3 else {"annotations": [note]}
        if at < len(events) and dice.random() < 0.3:
            events[at]["choices"][0]["delta"]["annotations"] = [
                *events[at]["choices"][0]["delta"].get("annotations", []),
                note,
            ]
        elif not all("content" in event["choices"][0]["delta"] for event in events[:1]) or at == 0:
            events.insert(1, chunk(late))
        else:
            events.insert(at, chunk(late))
    data = sse(*events, chunk({}, "stop"))
    together = dice.choice([True, False])
    heard_ = await heard(inside, exchange, [b"".join(data)] if together else data, Framing.SSE)
    text, marks = "", []
    for event in heard_:
        delta = event["choices"][0]["delta"]
        text += delta.get("content") or ""
        for note in delta.get("annotations", []):
            marks.append(note["url_citation"])
            assert note["url_citation"]["end_index"] <= len(text), "an annotation never comes before its text"
    assert text == said.goes
    assert sorted(named(text, mark) for mark in marks) == sorted(wanted)
    assert heard_[-1]["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize("seed", range(RUNS))
async def test_openai_responses(inside: Inside, seed: int) -> None:
    """Annotations that are added to a stream, and every copy of its text."""
    dice = random.Random(seed)
    exchange = exchanged(inside, "/v1/responses")
    said = row(dice, token_of(exchange))
    places = stretches(dice, said.came)
    wanted = [said.image(*place) for place in places]
    notes = [cited(*place) for place in places]
    notes[0] = {"type": "file_citation", "file_id": "file_1", "filename": "f", "index": places[0][1]}
    wanted[0] = said.image(0, places[0][1])
    listed = {"type": "file_path", "file_id": "file_2", "index": 3}
    events: list[Any] = response_text_events(pieces(said.came, dice.choice([1, 4, 9, 1000])))
    first = next(at for at, event in enumerate(events) if event["type"].endswith("text.delta"))
    done = next(at for at, event in enumerate(events) if event["type"].endswith("text.done"))
    part = {**text_part(said.came), "annotations": [*notes, listed]}
    for event in events:
        if event["type"] == "response.content_part.done":
            event["part"] = part
        elif event["type"] == "response.output_item.done":
            event["item"] = message_item([part])
        elif event["type"] == "response.completed":
            event["response"] = {**response(), "output": [message_item([part])]}
    place = {"item_id": "msg_x1", "output_index": 0, "content_index": 0}
    for number, note in reversed(list(enumerate([*notes, listed]))):
        added = {
            "type": "response.output_text.annotation.added",
            **place,
            "annotation_index": number,
            "annotation": note,
        }
        events.insert(dice.randint(first + 1, done), added)
    data = numbered(events)
    out = await heard(inside, exchange, [b"".join(data)] if dice.random() < 0.5 else data, Framing.SSE)
    assert [event["sequence_number"] for event in out] == list(range(len(out)))
    text = "".join(event["delta"] for event in out if event["type"].endswith("text.delta"))
    assert text == said.goes
    texts = [
        *(event["part"] for event in out if event["type"] == "response.content_part.done"),
        *(event["item"]["content"][0] for event in out if event["type"] == "response.output_item.done"),
        *(event["response"]["output"][0]["content"][0] for event in out if event["type"] == "response.completed"),
        {"text": text, "annotations": [e["annotation"] for e in out if e["type"].endswith("annotation.added")]},
    ]
    assert len(texts) == 4
    for each in texts:
        assert each["text"] == said.goes
        marks = each["annotations"]
        assert listed in marks
        found = [named(text, m) if "end_index" in m else text[: m["index"]] for m in marks if m != listed]
        assert sorted(found) == sorted(wanted)
    kinds = [event["type"] for event in out]
    assert kinds.index("response.output_text.done") > max(
        at for at, kind in enumerate(kinds) if kind.endswith("annotation.added")
    )


def supports(places: Sequence[tuple[int, int]], text: str, part: int | None) -> dict[str, Any]:
    """Grounding metadata: offsets in bytes."""
    segments = [
        {"startIndex": len(text[:a].encode()), "endIndex": len(text[:b].encode()), "text": text[a:b]} for a, b in places
    ]
    extra = {} if part is None else {"partIndex": part}
    return {"groundingSupports": [{"segment": {**segment, **extra}} for segment in segments]}


def segment_texts(data: bytes, candidate: dict[str, Any]) -> list[str]:
    """What the segments of an answer name."""
    segments = [support["segment"] for support in candidate["groundingMetadata"]["groundingSupports"]]
    return [data[s["startIndex"] : s["endIndex"]].decode() for s in segments]


@pytest.mark.parametrize("seed", range(RUNS))
async def test_gemini(inside: Inside, seed: int) -> None:
    """Bytes of a part; in streams of the text that the client joins."""
    dice = random.Random(seed)
    exchange = exchanged(inside, "/v1beta/models/g:generateContent")
    said, other = row(dice, token_of(exchange)), row(dice, token_of(exchange))
    places = stretches(dice, said.came)
    wanted = [said.image(*place) for place in places]
    whole: Any = gemini(other.came)
    whole["candidates"][0]["content"]["parts"].append({"text": said.came})
    whole["candidates"][0]["groundingMetadata"] = supports(places, said.came, 1)
    both = other.came + said.came
    whole["candidates"][0]["citationMetadata"] = {
        "citations": [{"startIndex": len(both[:a].encode()), "endIndex": len(both[:b].encode())} for a, b in places]
    }
    [out] = await heard(inside, exchange, [json.dumps(whole).encode()], None)
    [candidate] = out["candidates"]
    assert [part["text"] for part in candidate["content"]["parts"]] == [other.goes, said.goes]
    assert segment_texts(said.goes.encode(), candidate) == wanted
    joined, all_said = (other.goes + said.goes).encode(), Row(other.runs + said.runs)
    citations = candidate["citationMetadata"]["citations"]
    assert [joined[c["startIndex"] : c["endIndex"]].decode() for c in citations] == [
        all_said.image(*place) for place in places
    ]

    events: list[Any] = [gemini(piece, None) for piece in pieces(said.came, dice.choice([1, 5, 1000]))]
    last = gemini("", "STOP") if dice.random() < 0.5 else events.pop()
    last["candidates"][0]["finishReason"] = "STOP"
    last["candidates"][0]["groundingMetadata"] = supports(places, said.came, dice.choice([None, 0]))
    exchange = exchanged(inside, "/v1beta/models/g:streamGenerateContent", {"alt": "sse"})
    token_of(exchange)
    heard_ = await heard(inside, exchange, sse(*events, last, done=False), Framing.SSE)
    text = "".join(p["text"] for event in heard_ for p in event["candidates"][0]["content"]["parts"])
    assert text == said.goes
    assert segment_texts(text.encode(), heard_[-1]["candidates"][0]) == wanted


@pytest.mark.parametrize("seed", range(RUNS))
async def test_anthropic(inside: Inside, seed: int) -> None:
    """Characters of the caller's own document, though the model read another; and a citation that is sent back."""
    dice = random.Random(seed)
    token = token_of(exchanged(inside, "/v1/messages"))
    row_ = row(dice, token)
    document = Row(
        tuple((goes if goes == OWN else came, came) for came, goes in row_.runs if goes != "[EMAIL_ADDRESS]")
    )
    seen = document.goes  # what the model reads
    places = stretches(dice, seen)
    back = Row(tuple((goes, came) for came, goes in document.runs))
    wanted = [back.image(*place) for place in places]

    def block(a: int, b: int, text: str) -> dict[str, Any]:
        place = {"document_index": 1, "start_char_index": a, "end_char_index": b}
        return {"type": "char_location", "cited_text": text[a:b], "document_title": None, **place}

    own = stretches(dice, document.came)
    history = [{"type": "text", "text": "So", "citations": [block(a, b, document.came) for a, b in own]}]
    source = {"type": "text", "media_type": "text/plain", "data": document.came}
    content = [
        {"type": "document", "source": {"type": "content", "content": "abc"}},
        {"type": "document", "source": source, "citations": {"enabled": True}},
    ]
    body: Any = {
        "model": "m",
        "max_tokens": 9,
        "messages": [{"role": "user", "content": content}, {"role": "assistant", "content": history}],
    }
    match = Registry().find("POST", "/v1/messages", {})
    assert match is not None
    exchange = await inside.asks(inside.exchange(match.dialect, match.endpoint, body))
    sent: Any = exchange.payload
    assert sent["messages"][0]["content"][1]["source"]["data"] == seen
    for citation, place in zip(sent["messages"][1]["content"][0]["citations"], own, strict=True):
        assert seen[citation["start_char_index"] : citation["end_char_index"]] == document.image(*place)

    whole: Any = message("Well.")
    whole["content"][0]["citations"] = [block(a, b, seen) for a, b in places]
    [out] = await heard(inside, exchange, [json.dumps(whole).encode()], None)
    events = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "citations_delta", "citation": citation}}
        for citation in whole["content"][0]["citations"]
    ]
    streamed = await heard(inside, exchange, named_sse(*events, {"type": "message_stop"}), Framing.SSE)
    for citations in (out["content"][0]["citations"], [event["delta"]["citation"] for event in streamed[:-1]]):
        found = [document.came[c["start_char_index"] : c["end_char_index"]] for c in citations]
        assert found == wanted

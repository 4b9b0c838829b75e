"""Offsets whose text is not known, garbled ones, and events that wait: what a client's own types still accept."""

import json
import re
from typing import Any

import pytest
from openai.types.chat import ChatCompletion
from openai.types.responses import ResponseOutputMessage

from detectors.detector import Detector
from gateway.core.draft import MAX_WAITING
from gateway.core.frame import FrameKind
from gateway.dialects.registry import Registry
from tests.support.inside import Inside, default_plan
from tests.support.mails import Mails
from tests.support.responses_speech import gemini, message_item, numbered, response, response_text_events, text_part
from tests.support.speech import chunk, completion, pieces, sse

EVE = "eve.hacker@evil.com"
GONE = "[EMAIL_ADDRESS]"
TEXT = f"Ask {EVE} now."


@pytest.fixture(scope="module")
def inside() -> Inside:
    """The default policy over a cheap detector."""
    mails: dict[str, Detector] = {"pii": Mails()}
    return Inside.of(default_plan(lambda text: re.sub(r"detectors: \[.*\]", "detectors: [pii]", text)), mails)


async def heard(inside: Inside, path: str, chunks: list[bytes], *, streamed: bool = False, **query: str) -> list[Any]:
    """Return what a caller hears."""
    match = Registry().find("POST", path, {}, query)
    assert match is not None
    framing = match.endpoint.streaming.framing if streamed and match.endpoint.streaming is not None else None
    steps = await inside.carries(inside.exchange(match.dialect, match.endpoint, {}), chunks, framing)
    return [frame.data for step in steps for frame in step if frame.kind is FrameKind.DATA]


def note(start: int, end: int) -> dict[str, Any]:
    """A citation of chat completions."""
    where = {"url": "https://e.com/", "title": "T", "start_index": start, "end_index": end}
    return {"type": "url_citation", "url_citation": where}


async def test_an_untouched_text_keeps_its_offsets(inside: Inside) -> None:
    """To the letter, those that make no sense too."""
    whole: Any = completion("Ask the council.")
    whole["choices"][0]["message"]["annotations"] = [note(4, 15), note(700, 3)]
    [out] = await heard(inside, "/v1/chat/completions", [json.dumps(whole).encode()])
    assert [n["url_citation"]["start_index"] for n in out["choices"][0]["message"]["annotations"]] == [4, 16]
    assert out["choices"][0]["message"]["annotations"][0] == note(4, 15)


async def test_offsets_behind_the_text_are_its_end(inside: Inside) -> None:
    """A backend that counts otherwise than we do names what is there."""
    whole: Any = completion(TEXT)
    whole["choices"][0]["message"]["annotations"] = [note(4, 999)]
    [out] = await heard(inside, "/v1/chat/completions", [json.dumps(whole).encode()])
    assert out["choices"][0]["message"]["annotations"] == [note(4, len(f"Ask {GONE} now."))]
    assert ChatCompletion.model_validate(out).choices[0].message.annotations is not None


async def test_what_is_no_whole_number_is_no_offset(inside: Inside) -> None:
    """It points nowhere, and goes on as it came: whole and streamed."""
    whole: Any = completion(TEXT)
    for place in (3.5, 4.0, -0.5):
        odd = note(0, 3)
        odd["url_citation"]["start_index"] = place
        whole["choices"][0]["message"]["annotations"] = [odd]
        [out] = await heard(inside, "/v1/chat/completions", [json.dumps(whole).encode()])
        assert out["choices"][0]["message"]["annotations"] == [odd]
        events = sse(chunk({"content": TEXT}), chunk({"annotations": [odd]}), chunk({}, "stop"))
        out = await heard(inside, "/v1/chat/completions", events, streamed=True)
        told = [data["choices"][0]["delta"].get("annotations") for data in out]
        assert [odd] in told


@pytest.mark.parametrize("index", ["²", "٣", "9" * 5000, "", "-1", 1.5, {}, None])
async def test_an_odd_number_of_a_part_or_a_document_points_nowhere(inside: Inside, index: Any) -> None:
    """What counts texts is the other side's word too: neither an answer nor a request ends by it."""
    segment = {"partIndex": index, "startIndex": 4, "endIndex": 9}
    candidate = {
        "content": {"parts": [{"text": TEXT}]},
        "groundingMetadata": {"groundingSupports": [{"segment": segment}]},
    }
    for answer in (candidate, {**candidate, "content": {"parts": "x"}}):
        [out] = await heard(inside, "/v1/models/g:generateContent", [json.dumps({"candidates": [answer]}).encode()])
        assert EVE not in json.dumps(out)
    match = Registry().find("POST", "/v1/messages", {})
    assert match is not None
    cited = {"type": "char_location", "document_index": index, "start_char_index": 0, "end_char_index": 4}
    content: Any = [
        {"type": "document", "source": {"type": "text", "data": TEXT}},
        {"type": "text", "text": "x", "citations": [cited]},
    ]
    asked = await inside.asks(inside.exchange(match.dialect, match.endpoint, {"messages": [{"content": content}]}))
    assert EVE not in json.dumps(asked.payload)


async def test_a_citation_of_an_unknown_text_is_left_out(inside: Inside) -> None:
    """Where a message's text is no text, and something was rewritten; the rest of the message stays."""
    whole: Any = completion()
    message = whole["choices"][0]["message"]
    message.update(annotations=[note(0, 3)], refusal=TEXT)
    [out] = await heard(inside, "/v1/chat/completions", [json.dumps(whole).encode()])
    assert out["choices"][0]["message"]["annotations"] == []
    assert out["choices"][0]["message"]["refusal"] == f"Ask {GONE} now."
    ChatCompletion.model_validate(out)


async def test_an_annotation_of_a_text_that_never_came_is_no_event(inside: Inside) -> None:
    """The copies in the finished item and the completed response tell it."""
    place = {"item_id": "msg_x1", "output_index": 0, "content_index": 0}
    annotation = {"type": "url_citation", "url": "https://e.com/", "title": "T", "start_index": 4, "end_index": 23}
    added = {"type": "response.output_text.annotation.added", **place, "annotation_index": 0, "annotation": annotation}
    item = message_item([{**text_part(TEXT), "annotations": [annotation]}])
    done = {"type": "response.output_item.done", "output_index": 0, "item": item}
    completed = {"type": "response.completed", "response": {**response(), "output": [item]}}
    out = await heard(inside, "/v1/responses", numbered([done, added, completed]), streamed=True)
    assert [event["type"] for event in out] == ["response.output_item.done", "response.completed"]
    assert [event["sequence_number"] for event in out] == [0, 1]
    for said in (out[0]["item"], out[1]["response"]["output"][0]):
        [mark] = said["content"][0]["annotations"]
        assert said["content"][0]["text"][mark["start_index"] : mark["end_index"]] == GONE
        ResponseOutputMessage.model_validate(said)


@pytest.mark.parametrize("part", [1, 7])
async def test_a_later_part_of_a_stream_is_not_known(inside: Inside, part: int) -> None:
    """Gemini's client joins the pieces of a part; where the next begins, nobody can tell: the numbers are left out."""
    events: list[Any] = [gemini(piece, None) for piece in pieces(TEXT, 5)]
    last: Any = gemini("", "STOP")
    segment = {"partIndex": part, "startIndex": 4, "endIndex": 9, "text": EVE}
    last["candidates"][0]["groundingMetadata"] = {"groundingSupports": [{"segment": segment}]}
    path = "/v1beta/models/g:streamGenerateContent"
    out = await heard(inside, path, sse(*events, last, done=False), streamed=True, alt="sse")
    [support] = out[-1]["candidates"][0]["groundingMetadata"]["groundingSupports"]
    assert support == {"segment": {"partIndex": part, "text": GONE}}


async def test_an_annotation_waits_for_its_text_alone(inside: Inside) -> None:
    """Text goes on, and so do events that speak of what has left; nothing waits behind the end of its text."""
    events = response_text_events(["Ask eve.hacker", "@evil.com now", " or later", " and so on."])
    first = next(at for at, event in enumerate(events) if event["type"].endswith("text.delta"))
    place = {"item_id": "msg_x1", "output_index": 0, "content_index": 0}

    def added(start: int, end: int) -> dict[str, Any]:
        annotation = {"type": "url_citation", "url": "u", "title": "T", "start_index": start, "end_index": end}
        return {"type": "response.output_text.annotation.added", **place, "annotation": annotation}

    events[first + 1 : first + 1] = [added(4, 23), added(0, 3), added(24, 999)]
    data = numbered(events)
    match = Registry().find("POST", "/v1/responses", {})
    assert match is not None
    assert match.endpoint.streaming is not None
    exchange = inside.exchange(match.dialect, match.endpoint, {})
    steps = await inside.carries(exchange, data, match.endpoint.streaming.framing)
    said: list[list[Any]] = [[frame.data for frame in step] for step in steps]
    kinds = [[event["type"].removeprefix("response.output_text.") for event in step] for step in said]
    assert kinds[first : first + 4] == [["delta"], [], ["annotation.added"], []]
    assert kinds[first + 4] == ["delta", "annotation.added"]
    closing = next(step for step in kinds if "done" in step)
    assert closing[-2:] == ["annotation.added", "done"]


async def test_how_far_azures_filter_has_read(inside: Inside) -> None:
    """Its offsets follow, whole and streamed."""
    whole: Any = completion(TEXT)
    offsets = {"check_offset": len(TEXT), "start_offset": 4, "end_offset": 23}
    wanted = {"check_offset": len(f"Ask {GONE} now."), "start_offset": 4, "end_offset": 4 + len(GONE)}
    whole["choices"][0]["content_filter_offsets"] = offsets
    [out] = await heard(inside, "/v1/chat/completions", [json.dumps(whole).encode()])
    assert out["choices"][0]["content_filter_offsets"] == wanted
    events: list[Any] = [chunk({"content": piece}) for piece in pieces(TEXT, 4)]
    late: Any = chunk({})
    late["choices"][0]["content_filter_offsets"] = offsets
    heard_ = await heard(inside, "/v1/chat/completions", sse(*events, late, chunk({}, "stop")), streamed=True)
    [told] = [event for event in heard_ if "content_filter_offsets" in event["choices"][0]]
    assert told["choices"][0]["content_filter_offsets"] == wanted


async def test_what_waits_is_bounded(inside: Inside) -> None:
    """Annotations of text that never comes do not pile up."""
    many = MAX_WAITING + 50
    events = [chunk({"content": TEXT}), *(chunk({"annotations": [note(4, 10**5)]}) for _ in range(many))]
    out = await heard(inside, "/v1/chat/completions", sse(*events, chunk({}, "stop")), streamed=True)
    marks = [m for event in out for m in event["choices"][0]["delta"].get("annotations", [])]
    assert len(marks) == MAX_WAITING
    assert {m["url_citation"]["end_index"] for m in marks} == {len(f"Ask {GONE} now.")}

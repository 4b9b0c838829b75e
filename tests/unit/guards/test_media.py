"""Media under inspection, inside the guard: places that no table names, answers in pieces, dead detectors."""

import base64
import json
from collections.abc import Sequence
from typing import Any

import pytest

from detectors.detector import DetectorFailure, Finding
from gateway.core.decision import Action, Direction, Reason
from gateway.core.dialect import Framing
from gateway.core.media import Reading, Source, Unreadable
from gateway.core.plan import ContentRuling
from gateway.dialects.registry import Registry
from gateway.guards.content import noting
from gateway.guards.media import MediaRuling, SeenMedia
from gateway.media.extract import read
from tests.support.inside import Inside, Refused, changed, default_plan
from tests.support.media_files import docx, pdf, picture
from tests.support.speech import chunk, sse

MAIL = "maria.lopez@acme.com"
CLEAN = base64.b64encode(pdf("Press the green button.")).decode()
FULL = base64.b64encode(pdf(f"Ask {MAIL}.")).decode()


class InPlace:
    """Reads here and now, and counts."""

    def __init__(self) -> None:
        self.files: list[bytes] = []

    async def read(self, files: Sequence[bytes]) -> Sequence[Reading]:
        self.files += files
        return [read(file) for file in files]


class Dead:
    """A detector that cannot decide."""

    name = "pii"
    entities = frozenset({"PERSON"})
    reach = context = lookahead = 1

    def detect(self, texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
        raise DetectorFailure("dead")

    def settled(self, text: str) -> int:
        return len(text)


def inside(ruling: ContentRuling = ContentRuling.INSPECT, reader: InPlace | None = None) -> Inside:
    plan = default_plan()
    return Inside.of(changed(plan, opaque={**plan.opaque, "media": ruling}), reader=reader or InPlace())


async def asks(house: Inside, path: str, body: Any) -> Any:
    match = Registry().find("POST", path, {})
    assert match is not None
    return (await house.asks(house.exchange(match.dialect, match.endpoint, body))).payload


def fetched(data: str) -> dict[str, Any]:
    """What a fetch of Anthropic's brought, as it is in an answer and in the next request."""
    source = {"type": "base64", "media_type": "application/pdf", "data": data}
    document = {"type": "document", "source": source}
    result = {"type": "web_fetch_result", "url": "https://a.example/b", "content": document}
    return {"type": "web_fetch_tool_result", "tool_use_id": "srvtoolu_1", "content": result}


def unnamed(data: str) -> list[tuple[str, dict[str, Any]]]:
    user: dict[str, Any] = {"role": "user"}
    return [
        (
            "/v1/chat/completions",
            {"messages": [{**user, "content": [{"type": "input_film", "film": {"frames": data}}]}]},
        ),
        ("/v1/chat/completions", {"messages": [{"role": "tool", "tool_call_id": "c_1", "content": data}]}),
        ("/v1/chat/completions", {"metadata": {"a": f"data:application/pdf;base64,{data}"}}),
        ("/v1/responses", {"input": [{"type": "function_call_output", "call_id": "c_1", "output": data}]}),
        ("/v1/messages", {"messages": [{"role": "assistant", "content": [fetched(data)]}]}),
        ("/v1/messages", {"messages": [{**user, "content": [{"type": "tool_result", "content": data}]}]}),
        ("/api/generate", {"model": "m", "attachments": [data]}),
    ]


@pytest.mark.parametrize("number", range(7))
async def test_a_file_is_one_wherever_it_stands(number: int) -> None:
    """Also where no table names it: refused, or read, as the policy says."""
    for data, passes in ((CLEAN, True), (FULL, False)):
        path, body = unnamed(data)[number]
        with pytest.raises(Refused, match="media-refused"):
            await asks(inside(ContentRuling.DENY), path, body)
        if passes:
            assert await asks(inside(), path, body) == body
        else:
            with pytest.raises(Refused, match="media-denied"):
                await asks(inside(), path, body)


PICTURES = [picture("x", form) for form in ("PNG", "JPEG", "GIF", "WEBP", "TIFF")]


@pytest.mark.parametrize("data", [docx("x"), pdf("x"), *PICTURES])
async def test_files_begin_as_they_do(data: bytes) -> None:
    """Real ones, not what a list says of them."""
    body = {"metadata": {"a": base64.b64encode(data).decode()}}
    with pytest.raises(Refused, match="media-refused"):
        await asks(inside(ContentRuling.DENY), "/v1/chat/completions", body)


@pytest.mark.parametrize("text", ["JVBERi0 is how a PDF begins", "data: a, b", "/9j/x", CLEAN[:60]])
async def test_a_text_is_no_file(text: str) -> None:
    """Words, short strings, and what begins otherwise."""
    body = {"messages": [{"role": "user", "content": text}]}
    assert await asks(inside(ContentRuling.DENY), "/v1/chat/completions", body) == body


async def carried(house: Inside, path: str, chunks: list[bytes], framing: Framing | None) -> str:
    match = Registry().find("POST", path, {})
    assert match is not None
    frames = await house.carries(house.exchange(match.dialect, match.endpoint, {}), chunks, framing)
    return json.dumps([frame.data for step in frames for frame in step])


async def test_what_a_fetch_brought_is_media_in_answers_too() -> None:
    """A base64 document is one, whole and streamed; a plain text is text."""
    for data, passes in ((CLEAN, True), (FULL, False)):
        whole = json.dumps({"type": "message", "content": [fetched(data)]}).encode()
        start = {"type": "content_block_start", "index": 0, "content_block": fetched(data)}
        stream = [b"event: content_block_start\ndata: " + json.dumps(start).encode() + b"\n\n"]
        for chunks, framing in (([whole], None), (stream, Framing.SSE)):
            with pytest.raises(Refused):
                await carried(inside(ContentRuling.DENY), "/v1/messages", chunks, framing)
            if passes:
                assert data in await carried(inside(), "/v1/messages", chunks, framing)
            else:
                with pytest.raises(Refused, match="denied"):
                    await carried(inside(), "/v1/messages", chunks, framing)
    text = fetched(f"Ask {MAIL}")
    text["content"]["content"]["source"]["type"] = "text"
    told = await carried(inside(), "/v1/messages", [json.dumps({"content": [text]}).encode()], None)
    assert MAIL not in told
    assert "[EMAIL_ADDRESS]" in told


async def test_a_transcript_in_pieces() -> None:
    """Texts beside media have a window of their own in a stream."""
    pieces = ["Ask maria.lo", "pez@ac", "me.com now."]
    events = [chunk({"audio": {"id": "audio_1", "transcript": piece}}) for piece in pieces]
    told = await carried(inside(), "/v1/chat/completions", sse(*events, chunk({}, "stop")), Framing.SSE)
    assert "pez" not in told
    assert "".join(json.dumps(told).split("transcript")[1:]).count("EMAIL_ADDRESS") == 1


async def test_repeats_in_a_stream_are_read_once() -> None:
    """The same image in a finished item and in the completed response."""
    reader = InPlace()
    item = {"type": "image_generation_call", "id": "ig_1", "result": CLEAN}
    events = [
        {"type": "response.output_item.done", "output_index": 0, "item": item, "sequence_number": 0},
        {"type": "response.completed", "response": {"id": "resp_1", "output": [item]}, "sequence_number": 1},
    ]
    chunks = [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events]
    told = await carried(inside(reader=reader), "/v1/responses", chunks, Framing.SSE)
    assert told.count(CLEAN) == 2
    assert len(reader.files) == 1


async def test_nothing_is_read_beside_what_cannot_be() -> None:
    """One link among files refuses all, at once."""
    reader = InPlace()
    parts = [{"type": "image_url", "image_url": {"url": url}} for url in (f"data:;base64,{CLEAN}", "https://a/b")]
    with pytest.raises(Refused, match="media-unreadable"):
        await asks(inside(reader=reader), "/v1/chat/completions", {"messages": [{"content": parts}]})
    assert reader.files == []


async def test_a_dead_detector_lets_no_media_pass() -> None:
    """Whatever the policy says of texts then."""
    plan = default_plan()
    plan = changed(
        plan,
        opaque={**plan.opaque, "media": ContentRuling.INSPECT},
        on_failure={**plan.on_failure, "detector": Action.ALLOW},
        detectors=("pii",),
    )
    house = Inside.of(plan, detectors={"pii": Dead()}, reader=InPlace())
    match = Registry().find("POST", "/v1/chat/completions", {})
    assert match is not None
    part = {"type": "file", "file": {"file_data": CLEAN}}
    body: Any = {"messages": [{"role": "user", "content": [part]}, {"role": "user", "content": "Hi"}]}
    ruling = await house.inspect(house.exchange(match.dialect, match.endpoint, body))
    assert (ruling.decisions[0].action, ruling.decisions[0].reason) == (Action.DENY, Reason.DETECTOR_UNAVAILABLE)


async def test_a_file_is_never_taken_for_a_reason_why_there_is_none() -> None:
    """Each source is judged once; bytes that spell a reason do not stand in for media that cannot be read."""
    judged: list[Source] = []

    async def judge(*, sources: Sequence[Source], direction: Direction) -> MediaRuling:
        judged.extend(sources)
        return MediaRuling(noting(default_plan(), Action.ALLOW, Reason.MEDIA_INSPECTED, len(sources), direction))

    seen = SeenMedia(judge)
    for data in (str(Unreadable.REMOTE).encode(), Unreadable.REMOTE, Unreadable.REMOTE):
        await seen.see([Source("/image", data)])
    assert [source.data for source in judged] == [b"remote", Unreadable.REMOTE]


def data_url(text: str, kind: str = "text/plain") -> str:
    return f"data:{kind};base64,{base64.b64encode(text.encode()).decode()}"


SEEN = {
    "type": "image_url",
    "image_url": {"url": "data:image/png;base64," + base64.b64encode(picture(MAIL, "PNG")).decode()},
}
LINKED = {"type": "image_url", "image_url": {"url": "https://cdn.example/a%2Fb/7.png?sig=Zm9v%3D", "detail": "auto"}}
CLEAN_TEXT = {"type": "file", "file": {"file_data": data_url("Press the green button."), "filename": "a.txt"}}


@pytest.mark.parametrize("part", [SEEN, LINKED, CLEAN_TEXT, {"type": "image_url", "image_url": data_url("{\\rtf1 x}")}])
async def test_media_that_pass_unread_look_like_media(part: dict[str, Any]) -> None:
    """Pictures, links, and files without a finding go on as they came."""
    body = {"model": "m", "messages": [{"role": "user", "content": [part]}]}
    assert await asks(inside(ContentRuling.PASS), "/v1/chat/completions", body) == body


@pytest.mark.parametrize(
    "text", [f"My mail is {MAIL}, Sir", f"data: my mail is {MAIL}", f"https://a.example/?q=I+am%20{MAIL}"]
)
async def test_a_sentence_in_the_place_of_media_is_a_text(text: str) -> None:
    """Also where media pass unread, and at any depth of their object."""
    for value in (text, {"url": text}, {"url": {"url": [text]}}, {"url": "data:image/png;base64,AAAA", "alt": text}):
        body = {"model": "m", "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": value}]}]}
        assert MAIL not in json.dumps(await asks(inside(ContentRuling.PASS), "/v1/chat/completions", body))


@pytest.mark.parametrize("kind", ["text/plain", "image/svg+xml", "image/png"])
async def test_a_text_in_base64_is_read_where_media_pass(kind: str) -> None:
    """Whatever it is called: nothing keeps a text from being read, and it is not rewritten."""
    part = {"type": "image_url", "image_url": {"url": data_url(f"<svg><!-- ask {MAIL} --></svg>", kind)}}
    with pytest.raises(Refused, match="media-denied"):
        await asks(
            inside(ContentRuling.PASS), "/v1/chat/completions", {"messages": [{"role": "user", "content": [part]}]}
        )

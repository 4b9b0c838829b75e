"""Media under `content.media: inspect`: read, judged by the policy's rules, and passed to the byte or refused."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from gateway.media.picture import tesseract
from tests.support.backend import Backend
from tests.support.house import House, HouseBuilder
from tests.support.media_files import docx, odt, pdf, picture, xlsx
from tests.support.responses_speech import numbered, response, response_text_events
from tests.support.speech import completion

MAIL = "maria.lopez@acme.com"
CLEAN = pdf("Press the green button to start the pump.")
FULL = pdf(f"Write to {MAIL} about the pump.")
ocr = pytest.mark.skipif(tesseract() is None, reason="Tesseract is not installed (apt-get install tesseract-ocr)")


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def url(data: bytes, kind: str = "application/pdf") -> str:
    return f"data:{kind};base64,{b64(data)}"


def chat_file(data: bytes) -> dict[str, Any]:
    part = {"type": "file", "file": {"filename": "a.pdf", "file_data": url(data)}}
    return {"model": "m", "messages": [{"role": "user", "content": [part]}]}


def chat_image(data: bytes) -> dict[str, Any]:
    part = {"type": "image_url", "image_url": {"url": url(data, "image/png"), "detail": "auto"}}
    return {"model": "m", "messages": [{"role": "user", "content": [part]}]}


def responses_file(data: bytes) -> dict[str, Any]:
    return {"model": "m", "input": [{"role": "user", "content": [{"type": "input_file", "file_data": url(data)}]}]}


def responses_image(data: bytes) -> dict[str, Any]:
    part = {"type": "input_image", "image_url": url(data, "image/png"), "detail": "auto"}
    return {"model": "m", "input": [{"role": "user", "content": [part]}]}


def anthropic_document(data: bytes) -> dict[str, Any]:
    source = {"type": "base64", "media_type": "application/pdf", "data": b64(data)}
    block = {"type": "document", "source": source}
    return {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": [block]}]}


def anthropic_result(data: bytes) -> dict[str, Any]:
    block = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": b64(data)}}
    result = {"type": "tool_result", "tool_use_id": "t_1", "content": [block]}
    return {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": [result]}]}


def gemini(data: bytes) -> dict[str, Any]:
    return {
        "contents": [{"role": "user", "parts": [{"inlineData": {"mimeType": "application/pdf", "data": b64(data)}}]}]
    }


def gemini_snake(data: bytes) -> dict[str, Any]:
    return {"contents": [{"parts": [{"inline_data": {"mime_type": "application/pdf", "data": b64(data)}}]}]}


def ollama(data: bytes) -> dict[str, Any]:
    return {"model": "m", "stream": False, "messages": [{"role": "user", "content": "Hi", "images": [b64(data)]}]}


def moderation(data: bytes) -> dict[str, Any]:
    return {"model": "m", "input": [{"type": "image_url", "image_url": {"url": url(data)}}]}


Body = Callable[[bytes], dict[str, Any]]
PLACES: list[tuple[str, Body, str]] = [
    ("/v1/chat/completions", chat_file, "/messages/0/content/0/file/file_data"),
    ("/v1/chat/completions", chat_image, "/messages/0/content/0/image_url/url"),
    ("/v1/responses", responses_file, "/input/0/content/0/file_data"),
    ("/v1/responses", responses_image, "/input/0/content/0/image_url"),
    ("/v1/messages", anthropic_document, "/messages/0/content/0/source/data"),
    ("/v1/messages", anthropic_result, "/messages/0/content/0/content/0/source/data"),
    ("/v1beta/models/g:generateContent", gemini, "/contents/0/parts/0/inlineData/data"),
    ("/v1beta/models/g:generateContent", gemini_snake, "/contents/0/parts/0/inline_data/data"),
    ("/api/chat", ollama, "/messages/0/images/0"),
    ("/v1/moderations", moderation, "/input/0/image_url/url"),
]


def inspecting(policy: str) -> str:
    return policy.replace("media: deny", "media: inspect")


@pytest.fixture
async def reading(build: HouseBuilder, backend: Backend) -> House:
    """A house that reads media."""
    backend.answers({"ok": True})
    return await build(policy=inspecting)


def said(body: Any) -> str:
    """The sentence of an error, in whichever dialect."""
    error = body["error"]
    return str(error if isinstance(error, str) else error["message"])


async def test_every_place_of_every_dialect(reading: House, backend: Backend) -> None:
    """What holds nothing passes to the byte; what a rule would rewrite is refused, with its place and entity."""
    for path, body, place in PLACES:
        backend.asked.clear()
        assert (await reading.post(path, body(CLEAN))).status == 200, path
        assert backend.asked[-1].body == body(CLEAN), path
        reply = await reading.post(path, body(FULL))
        assert reply.status == 400, path
        assert place in said(reply.body), path
        assert "EMAIL_ADDRESS" in said(reply.body)
        assert "media are not rewritten" in said(reply.body)
        assert len(backend.asked) == 1
        assert MAIL not in reply.raw.decode()


async def test_every_kind_of_document(reading: House, backend: Backend) -> None:
    """The type that the caller declares means nothing."""
    kinds: tuple[Callable[[str], bytes], ...] = (docx, odt, lambda text: xlsx([[text]]), str.encode)
    for number, made in enumerate(kinds, 1):
        assert (await reading.post("/v1/chat/completions", chat_file(made("Turn the pump off.")))).status == 200
        reply = await reading.post("/v1/chat/completions", chat_image(made(f"Ask {MAIL} first.")))
        assert reply.status == 400
        assert "EMAIL_ADDRESS" in said(reply.body)
        assert len(backend.asked) == number


@ocr
async def test_pictures(reading: House, backend: Backend) -> None:
    """By the real Tesseract."""
    clean = chat_image(picture("Press the green button"))
    assert (await reading.post("/v1/chat/completions", clean)).status == 200
    assert backend.asked[-1].body == clean
    reply = await reading.post("/v1/chat/completions", chat_image(picture(f"Write to {MAIL}", "JPEG")))
    assert reply.status == 400
    assert "EMAIL_ADDRESS" in said(reply.body)
    assert len(backend.asked) == 1


async def test_what_is_recorded(reading: House, backend: Backend) -> None:
    """Counts by entity, never a text."""
    for data, reason, evidence in (
        (CLEAN, "media-inspected", {"parts": 1}),
        (FULL, "media-denied", {"parts": 1, "findings.EMAIL_ADDRESS": 1}),
        (b"\x00\x01\x02 nothing known", "media-unreadable", {"unreadable.unknown-type": 1}),
    ):
        reply = await reading.post("/v1/chat/completions", chat_file(data))
        facts = reading.facts(reply.headers["x-sluice-exchange"])
        [decision] = [d for d in facts[-1]["decisions"] if d["reason"].startswith("media")]
        assert (decision["reason"], decision["evidence"]) == (reason, evidence)
        assert MAIL not in json.dumps(facts)
    assert reading.verified()


UNREADABLE: list[tuple[dict[str, Any], str]] = [
    ({"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}, "fetches nothing"),
    ({"type": "input_audio", "input_audio": {"data": b64(b"RIFF\x00\x00\x00\x00WAVE"), "format": "wav"}}, "a sound"),
    ({"type": "file", "file": {"file_data": "not base64 at all"}}, "not base64"),
    ({"type": "file", "file": {"file_data": url(b"%PDF-1.7 and no more")}}, "damaged"),
]


async def test_what_cannot_be_read_is_refused(reading: House, backend: Backend) -> None:
    """The error says why, and which line of the policy to change."""
    for part, why in UNREADABLE:
        body = {"model": "m", "messages": [{"role": "user", "content": [part]}]}
        reply = await reading.post("/v1/chat/completions", body)
        assert reply.status == 400
        assert why in said(reply.body)
        assert "spec.content.media" in said(reply.body)
    assert backend.asked == []


async def test_texts_beside_media_are_inspected(reading: House, backend: Backend) -> None:
    """A file's name, a caption, and any member that somebody adds; they are rewritten as anywhere."""
    data = {"mimeType": "application/pdf", "data": b64(CLEAN), "displayName": f"Letter to {MAIL}", "newlyAdded": MAIL}
    reply = await reading.post("/v1beta/models/g:generateContent", {"contents": [{"parts": [{"inlineData": data}]}]})
    assert reply.status == 200
    sent = backend.asked[-1].body["contents"][0]["parts"][0]["inlineData"]
    assert sent["data"] == data["data"]
    assert MAIL not in backend.text
    assert sent["displayName"].startswith("Letter to [EMAIL_ADDRESS_")


async def test_a_value_that_is_replaced_in_the_text_does_not_pass_in_a_file(reading: House, backend: Backend) -> None:
    """Also where no detector knows it there: the model must not see both."""
    code = "Xk4tRw9qLm2vBn8s"
    body = chat_file(pdf(f"The card says {code} on its back."))
    assert (await reading.post("/v1/chat/completions", body)).status == 200
    body["messages"].append({"role": "user", "content": f"password: {code}"})
    reply = await reading.post("/v1/chat/completions", body)
    assert reply.status == 400
    assert "replaced elsewhere" in said(reply.body)
    assert len(backend.asked) == 1


async def test_shadow_rules_let_media_pass_and_say_so(build: HouseBuilder, backend: Backend) -> None:
    """Under a policy that only watches."""
    house = await build(policy=lambda p: inspecting(p).replace("spec:\n", "spec:\n  enforcement: shadow\n", 1))
    backend.answers(completion("ok"))
    assert (await house.post("/v1/chat/completions", chat_file(FULL))).status == 200
    assert backend.asked[-1].body == chat_file(FULL)
    [decision] = [d for d in house.facts(house.listed()[-1])[-1]["decisions"] if d["reason"] == "media-denied"]
    assert (decision["action"], decision["would"], decision["enforcement"]) == ("allow", "deny", "shadow")


async def test_media_in_answers(reading: House, backend: Backend) -> None:
    """An answer's own file is read before it goes out: clean as it came, otherwise withheld."""
    for data, status in ((CLEAN, 200), (FULL, 400)):
        made = response("Here it is.")
        made["output"].append(
            {"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": b64(data)}
        )
        backend.answers(made)
        reply = await reading.post("/v1/responses", {"model": "m", "input": "Draw"})
        assert reply.status == status
        if status == 200:
            assert reply.body["output"][-1]["result"] == b64(data)
        else:
            assert "/output/1/result" in said(reply.body)
            assert MAIL not in reply.raw.decode()


async def test_media_in_a_stream_of_answers(reading: House, backend: Backend) -> None:
    """The stream ends where the file comes; its copies are read once."""
    item = {"type": "image_generation_call", "id": "ig_1", "status": "completed"}
    for data, told in ((CLEAN, True), (FULL, False)):
        events = response_text_events(["Look: "])
        whole = {**item, "result": b64(data)}
        done = {"type": "response.output_item.done", "output_index": 1, "item": whole}
        events[-1]["response"]["output"].append(whole)
        backend.streams(numbered([*events[:-1], done, events[-1]]), delay=0.05)
        reply = await reading.post("/v1/responses", {"model": "m", "input": "Draw", "stream": True})
        text = reply.raw.decode()
        assert "Look" in text
        assert (b64(data) in text) is told
        assert ("media are not rewritten" in text) is not told
        decisions = reading.facts(reply.headers["x-sluice-exchange"])[-1]["decisions"]
        media = [d for d in decisions if d["reason"].startswith("media")]
        assert [(d["reason"], d["direction"]) for d in media] == [
            ("media-inspected" if told else "media-denied", "response")
        ]


async def test_a_start_without_tesseract_is_told(
    build: HouseBuilder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """In the log, with what to install; the gateway serves, and refuses pictures."""
    monkeypatch.setattr("gateway.app.tesseract", lambda: None)
    house = await build(policy=inspecting)
    assert "apt-get install tesseract-ocr" in caplog.text
    caplog.clear()
    await house.gateway.reload()
    assert "apt-get install tesseract-ocr" in caplog.text

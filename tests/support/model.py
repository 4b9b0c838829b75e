"""A stand-in model that speaks every dialect: whole or streamed, texts, tool calls, structured answers, embeddings.

It repeats the pseudonym that it was given and adds an address of its own, cut into
tiny pieces: whatever a client asks, the answer has something to restore and
something to redact.
"""

import asyncio
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from aiohttp import web

from tests.support.backend import Backend
from tests.support.speech import chat_stream, completion, message, message_stream, named_sse, pieces, sse, tool_stream

MAIL = "maria.lopez@acme.com"
PROMPT = f"Please write to {MAIL}."
SAYS = "Noted: {token} — not eve.hacker@evil.com."
HEARD = f"Noted: {MAIL} — not [EMAIL_ADDRESS]."
ARGUMENTS = {"to": "{token}", "cc": "eve.hacker@evil.com"}
CALLED = {"to": MAIL, "cc": "[EMAIL_ADDRESS]"}
TOOL = "send_mail"
PARAMETERS: dict[str, Any] = {
    "type": "object",
    "properties": {"to": {"type": "string"}, "cc": {"type": "string"}},
    "required": ["to", "cc"],
    "additionalProperties": False,
}
VECTOR = [0.25, -0.5, 1.0]
_TOKEN = re.compile(r"\[EMAIL_ADDRESS_[A-Z0-9]{12}\]")
_SHAPED = re.compile(r'"(json_schema|responseSchema|responseJsonSchema)"')


def install(backend: Backend) -> None:
    """Have a backend answer as this model."""

    async def reply(request: web.BaseRequest) -> web.StreamResponse:
        asked = backend.asked[-1]
        body = asked.body if asked.raw else {}
        return await _answer(request, asked.path.partition("?")[0], body, sse_asked="alt=sse" in asked.path)

    backend.does(reply)


async def _answer(request: web.BaseRequest, path: str, body: Any, *, sse_asked: bool) -> web.StreamResponse:
    text = json.dumps(body, separators=(",", ":"))
    found = _TOKEN.search(text)
    token = found.group() if found else "nobody"
    calls = bool(body.get("tools")) and '"role":"tool"' not in text
    arguments = {name: value.format(token=token) for name, value in ARGUMENTS.items()}
    said = (
        json.dumps(arguments)
        if _SHAPED.search(text) or isinstance(body.get("format"), dict)
        else SAYS.format(token=token)
    )
    if "mbed" in path:
        return web.json_response(_embedded(path))
    whole, stream = _dialect(path, said, arguments if calls else None)
    wanted = body.get("stream", path in ("/api/chat", "/api/generate")) or ":stream" in path
    if not wanted:
        return web.json_response(whole)
    kind = "application/x-ndjson" if path.startswith("/api/") else "text/event-stream"
    return await _streamed(request, stream, kind)


async def _streamed(request: web.BaseRequest, chunks: Sequence[bytes], kind: str) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": kind})
    await response.prepare(request)
    for number, chunk in enumerate(chunks):
        await response.write(chunk)
        if number % 4 == 3:
            await asyncio.sleep(0.02)  # so that it is a stream, and not one packet
    return response


def _dialect(path: str, said: str, call: dict[str, str] | None) -> tuple[Any, list[bytes]]:
    """Return the whole answer and the stream."""
    cut = pieces(said, 3)
    if path.endswith("/chat/completions"):
        arguments = json.dumps(call)
        if call:
            return completion(None, (TOOL, arguments)), tool_stream(TOOL, pieces(arguments, 4))
        return completion(said), chat_stream(cut)
    if path.endswith("/completions"):
        return _completion(said), sse(*(_completion(piece, None) for piece in cut), _completion(""))
    if path.endswith("/responses"):
        return _response(said, call), named_sse(*_response_events(said, call))
    if path.endswith("/messages"):
        if call:
            return message(tool=(TOOL, call)), message_stream(pieces(json.dumps(call), 4), tool=TOOL)
        return message(said), message_stream(cut)
    if "enerateContent" in path:
        parts = [{"functionCall": {"name": TOOL, "args": call}}] if call else [{"text": said}]
        events = [_gemini(parts)] if call else [_gemini([{"text": piece}], None) for piece in cut]
        return _gemini(parts), sse(*events, *([] if call else [_gemini([{"text": ""}])]), done=False)
    if path == "/api/chat":
        lines = [_ollama({"message": m}) for m in _ollama_messages(cut, call)]
        whole: dict[str, Any] = {"role": "assistant", "content": "" if call else said}
        if call:
            whole["tool_calls"] = [{"function": {"name": TOOL, "arguments": call}}]
        return _ollama({"message": whole}, done=True), _lines([*lines, _ollama({"message": _SILENT}, done=True)])
    lines = [_ollama({"response": piece}) for piece in cut]
    return _ollama({"response": said}, done=True), _lines([*lines, _ollama({"response": ""}, done=True)])


def _embedded(path: str) -> Any:
    if path == "/api/embed":
        return {"model": "m", "embeddings": [VECTOR]}
    if path == "/api/embeddings":
        return {"embedding": VECTOR}
    if ":batchEmbedContents" in path:
        return {"embeddings": [{"values": VECTOR}]}
    if ":embedContent" in path:
        return {"embedding": {"values": VECTOR}}
    usage = {"prompt_tokens": 3, "total_tokens": 3}
    return {"object": "list", "model": "m", "data": [{"object": "embedding", "index": 0, "embedding": VECTOR}], "usage": usage}  # fmt: skip  # noqa: E501


def _completion(text: str, finish: str | None = "stop") -> Any:
    choice = {"index": 0, "text": text, "logprobs": None, "finish_reason": finish}
    return {"id": "cmpl-x", "object": "text_completion", "created": 1, "model": "m", "choices": [choice]}


def _item(said: str, call: dict[str, str] | None) -> dict[str, Any]:
    if call:
        arguments = json.dumps(call) if said else ""
        return {"type": "function_call", "id": "fc_a", "call_id": "call_a", "name": TOOL, "arguments": arguments, "status": "completed"}  # fmt: skip  # noqa: E501
    content = [{"type": "output_text", "text": said, "annotations": []}] if said else []
    return {"type": "message", "id": "msg_a", "role": "assistant", "status": "completed", "content": content}


def _response(said: str, call: dict[str, str] | None, status: str = "completed") -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": "resp_a", "object": "response", "created_at": 1, "status": status, "model": "m", "error": None,
        "incomplete_details": None, "instructions": None, "metadata": {}, "parallel_tool_calls": True,
        "temperature": 1.0, "tool_choice": "auto", "tools": [], "top_p": 1.0,
        "output": [_item(said, call)] if status == "completed" else [],
    }  # fmt: skip
    if status == "completed":
        details = {"input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}
        made["usage"] = {"input_tokens": 3, "output_tokens": 5, "total_tokens": 8, **details}
    return made


def _response_events(said: str, call: dict[str, str] | None) -> Iterator[dict[str, Any]]:
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": _response("", call, "in_progress")},
        {"type": "response.output_item.added", "output_index": 0, "item": _item("", call)},
    ]
    at: dict[str, Any] = {"output_index": 0, "item_id": "fc_a" if call else "msg_a"}
    if call:
        kind, text = "response.function_call_arguments", json.dumps(call)
        events += [{"type": f"{kind}.delta", **at, "delta": piece} for piece in pieces(text, 4)]
        events.append({"type": f"{kind}.done", **at, "arguments": text, "name": TOOL})
    else:
        part = {"type": "output_text", "text": "", "annotations": []}
        at["content_index"] = 0
        events.append({"type": "response.content_part.added", **at, "part": part})
        events += [
            {"type": "response.output_text.delta", **at, "delta": piece, "logprobs": []} for piece in pieces(said, 3)
        ]
        events.append({"type": "response.output_text.done", **at, "text": said, "logprobs": []})
        events.append({"type": "response.content_part.done", **at, "part": {**part, "text": said}})
    events.append({"type": "response.output_item.done", "output_index": 0, "item": _item(said, call)})
    events.append({"type": "response.completed", "response": _response(said, call)})
    return ({**event, "sequence_number": number} for number, event in enumerate(events))


def _gemini(parts: list[Any], finish: str | None = "STOP") -> Any:
    candidate: dict[str, Any] = {"index": 0, "content": {"role": "model", "parts": parts}}
    if finish:
        candidate["finishReason"] = finish
    usage = {"promptTokenCount": 3, "candidatesTokenCount": 5, "totalTokenCount": 8}
    return {"candidates": [candidate], "modelVersion": "m", "usageMetadata": usage}


_SILENT = {"role": "assistant", "content": ""}


def _ollama_messages(cut: Sequence[str], call: dict[str, str] | None) -> list[dict[str, Any]]:
    if call:
        return [{**_SILENT, "tool_calls": [{"function": {"name": TOOL, "arguments": call}}]}]
    return [{"role": "assistant", "content": piece} for piece in cut]


def _ollama(members: dict[str, Any], done: bool = False) -> dict[str, Any]:
    counts = {"done_reason": "stop", "prompt_eval_count": 3, "eval_count": 5, "total_duration": 12_345_678}
    return {"model": "m", "created_at": "2026-01-01T00:00:00Z", **members, "done": done, **(counts if done else {})}


def _lines(values: Sequence[Any]) -> list[bytes]:
    return [json.dumps(value).encode() + b"\n" for value in values]

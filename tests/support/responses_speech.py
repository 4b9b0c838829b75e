"""What backends say in OpenAI's Responses, Gemini's and Ollama's shapes."""

import json
from collections.abc import Sequence
from typing import Any


def response(text: str | None = None, tool: tuple[str, str] | None = None, status: str = "completed") -> dict[str, Any]:
    """A response object with one message, or with one function call (name, arguments)."""
    items: list[dict[str, Any]] = []
    if tool is not None:
        items.append(function_call(tool[0], tool[1]))
    elif text is not None:
        items.append(message_item([text_part(text)]))
    return {
        "id": "resp_x1",
        "object": "response",
        "created_at": 1700000000,
        "status": status,
        "model": "gpt-x",
        "output": items,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": 11,
            "output_tokens": 7,
            "total_tokens": 18,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        },
    }


def text_part(text: str) -> dict[str, Any]:
    """A part with output text."""
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def message_item(parts: list[dict[str, Any]], status: str = "completed") -> dict[str, Any]:
    """A message item."""
    return {"id": "msg_x1", "type": "message", "role": "assistant", "status": status, "content": parts}


def function_call(name: str, arguments: str, status: str = "completed") -> dict[str, Any]:
    """A function call item."""
    return {
        "id": "fc_x1",
        "type": "function_call",
        "call_id": "call_x1",
        "name": name,
        "arguments": arguments,
        "status": status,
    }


def numbered(events: Sequence[dict[str, Any]]) -> list[bytes]:
    """Named server-sent events with sequence numbers."""
    made = [{**event, "sequence_number": n} for n, event in enumerate(events)]
    return [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in made]


def response_text_events(pieces: Sequence[str]) -> list[dict[str, Any]]:
    """A whole stream of one text, with all its copies."""
    text = "".join(pieces)
    place = {"item_id": "msg_x1", "output_index": 0, "content_index": 0}
    begun = response(status="in_progress")
    return [
        {"type": "response.created", "response": begun},
        {"type": "response.in_progress", "response": begun},
        {"type": "response.output_item.added", "output_index": 0, "item": message_item([], "in_progress")},
        {"type": "response.content_part.added", **place, "part": text_part("")},
        *({"type": "response.output_text.delta", **place, "delta": piece, "logprobs": []} for piece in pieces),
        {"type": "response.output_text.done", **place, "text": text, "logprobs": []},
        {"type": "response.content_part.done", **place, "part": text_part(text)},
        {"type": "response.output_item.done", "output_index": 0, "item": message_item([text_part(text)])},
        {"type": "response.completed", "response": response(text)},
    ]


def response_tool_events(name: str, pieces: Sequence[str]) -> list[dict[str, Any]]:
    """A whole stream of one function call, with all its copies."""
    text = "".join(pieces)
    place = {"item_id": "fc_x1", "output_index": 0}
    added = {"type": "response.output_item.added", "output_index": 0, "item": function_call(name, "", "in_progress")}
    return [
        {"type": "response.created", "response": response(status="in_progress")},
        added,
        *({"type": "response.function_call_arguments.delta", **place, "delta": piece} for piece in pieces),
        {"type": "response.function_call_arguments.done", **place, "arguments": text, "name": name},
        {"type": "response.output_item.done", "output_index": 0, "item": function_call(name, text)},
        {"type": "response.completed", "response": response(tool=(name, text))},
    ]


def gemini(text: str, finish: str | None = "STOP", *, thought: bool = False, **part: Any) -> dict[str, Any]:
    """A Gemini response, or a piece of a stream, with one part."""
    made: dict[str, Any] = part or ({"text": text, "thought": True} if thought else {"text": text})
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": [made]}, "index": 0}
    if finish is not None:
        candidate["finishReason"] = finish
    usage = {"promptTokenCount": 11, "candidatesTokenCount": 7, "totalTokenCount": 18}
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "gemini-x", "responseId": "abc-1_x"}


def gemini_sse(pieces: Sequence[str]) -> list[bytes]:
    """A Gemini stream as server-sent events, the last piece with its reason to finish."""
    last = len(pieces) - 1
    events = [gemini(piece, "STOP" if n == last else None) for n, piece in enumerate(pieces)]
    return [f"data: {json.dumps(event)}\r\n\r\n".encode() for event in events]


def gemini_array(pieces: Sequence[str]) -> list[bytes]:
    """A Gemini stream as one JSON array."""
    last = len(pieces) - 1
    events = [json.dumps(gemini(piece, "STOP" if n == last else None)).encode() for n, piece in enumerate(pieces)]
    return [b"[" + events[0], *(b",\r\n" + event for event in events[1:]), b"]"]


def ollama_chat(text: str, *, done: bool = True, **message: Any) -> dict[str, Any]:
    """An Ollama chat answer, or a line of a stream."""
    head = {"model": "llama-x", "created_at": "2026-11-24T20:00:00.123456789Z"}
    made = {**head, "message": {"role": "assistant", "content": text, **message}, "done": done}
    return {**made, **_ended()} if done else made


def ollama_generate(text: str, *, done: bool = True) -> dict[str, Any]:
    """An Ollama generate answer, or a line of a stream."""
    made = {"model": "llama-x", "created_at": "2026-11-24T20:00:00Z", "response": text, "done": done}
    return {**made, "context": [1, 2, 3], **_ended()} if done else made


def _ended() -> dict[str, Any]:
    return {
        "done_reason": "stop",
        "total_duration": 4155551234,
        "load_duration": 1000000001,
        "prompt_eval_count": 11,
        "prompt_eval_duration": 2000000002,
        "eval_count": 7,
        "eval_duration": 3000000003,
    }


def lines(*values: Any) -> list[bytes]:
    """JSON lines."""
    return [json.dumps(value).encode() + b"\n" for value in values]

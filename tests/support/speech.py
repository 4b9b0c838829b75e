"""What backends say, in the vendors' own shapes."""

import json
from collections.abc import Sequence
from typing import Any


def completion(text: str | None = None, tool: tuple[str, str] | None = None) -> dict[str, Any]:
    """An OpenAI chat completion with a text, or with one tool call (name, arguments)."""
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if tool is not None:
        function = {"name": tool[0], "arguments": tool[1]}
        message["tool_calls"] = [{"id": "call_abc", "type": "function", "function": function}]
    return {
        "id": "chatcmpl-x1",
        "object": "chat.completion",
        "created": 1700000000,
        "model": "gpt-x",
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls" if tool else "stop"}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
    }


def sse(*events: Any, done: bool = True) -> list[bytes]:
    """Server-sent events without names, and the end mark."""
    out = [f"data: {json.dumps(event)}\n\n".encode() for event in events]
    return [*out, b"data: [DONE]\n\n"] if done else out


def named_sse(*events: dict[str, Any]) -> list[bytes]:
    """Server-sent events that are named by their type."""
    return [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events]


def chunk(delta: dict[str, Any], finish: str | None = None, index: int = 0) -> dict[str, Any]:
    """One event of an OpenAI chat stream."""
    return {
        "id": "chatcmpl-x1",
        "object": "chat.completion.chunk",
        "created": 1700000000,
        "model": "gpt-x",
        "choices": [{"index": index, "delta": delta, "finish_reason": finish}],
    }


def usage_chunk() -> dict[str, Any]:
    """The event that carries nothing but usage."""
    return {**chunk({}), "choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}}


def chat_stream(pieces: Sequence[str]) -> list[bytes]:
    """A whole OpenAI chat stream of one text."""
    deltas = [chunk({"content": piece}) for piece in pieces]
    return sse(chunk({"role": "assistant", "content": ""}), *deltas, chunk({}, "stop"), usage_chunk())


def tool_stream(name: str, pieces: Sequence[str]) -> list[bytes]:
    """A whole OpenAI chat stream of one tool call."""
    first = {"index": 0, "id": "call_abc", "type": "function", "function": {"name": name, "arguments": ""}}
    deltas = [chunk({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}) for piece in pieces]
    return sse(chunk({"role": "assistant", "tool_calls": [first]}), *deltas, chunk({}, "tool_calls"), usage_chunk())


def message(text: str | None = None, tool: tuple[str, dict[str, Any]] | None = None) -> dict[str, Any]:
    """An Anthropic message with a text, or with one tool use (name, input)."""
    block: dict[str, Any] = {"type": "text", "text": text}
    if tool is not None:
        block = {"type": "tool_use", "id": "toolu_abc", "name": tool[0], "input": tool[1]}
    return {
        "id": "msg_x1",
        "type": "message",
        "role": "assistant",
        "model": "claude-x",
        "content": [block],
        "stop_reason": "tool_use" if tool else "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 11, "output_tokens": 7},
    }


def message_stream(pieces: Sequence[str], tool: str = "") -> list[bytes]:
    """A whole Anthropic stream of one text block, or of one tool use's input."""
    start = {**message(""), "content": [], "stop_reason": None}
    block: dict[str, Any] = {"type": "text", "text": ""}
    kind, member = "text_delta", "text"
    if tool:
        block = {"type": "tool_use", "id": "toolu_abc", "name": tool, "input": {}}
        kind, member = "input_json_delta", "partial_json"
    deltas = [{"type": "content_block_delta", "index": 0, "delta": {"type": kind, member: piece}} for piece in pieces]
    stop = {"stop_reason": "tool_use" if tool else "end_turn", "stop_sequence": None}
    return named_sse(
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": block},
        {"type": "ping"},
        *deltas,
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": stop, "usage": {"output_tokens": 7}},
        {"type": "message_stop"},
    )


def pieces(text: str, size: int) -> list[str]:
    """Cut a text into pieces of `size` characters."""
    return [text[i : i + size] for i in range(0, len(text), size)]

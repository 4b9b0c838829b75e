"""How each dialect says several texts at once in a stream, and how a client of it hears them.

A *voice* is one text: ``text``, ``text2`` (a second choice or part), ``args`` and
``args2`` (arguments of tool calls, as JSON text), ``thought``. A `Talk` turns the
pieces of its voices into the vendor's events, and events back into voices; the
copies that a stream repeats at its end are heard apart.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.core.dialect import Dialect, Endpoint, Framing
from gateway.core.exchange import Json
from gateway.core.frame import Frame, FrameKind
from gateway.dialects import codecs
from gateway.dialects.registry import DIALECTS

Said = dict[str, str]
Order = Sequence[tuple[str, str]]
"""Pieces as they come: voice and piece."""


@dataclass(frozen=True)
class Talk:
    """One dialect's way. Subclasses know the vendor's events."""

    path: str
    voices: tuple[str, ...]
    where: tuple[str, str] | None = None

    def __str__(self) -> str:
        return self.path + (f"?{'='.join(self.where)}" if self.where else "")

    def found(self) -> tuple[Dialect, Endpoint] | None:
        """Return the table that serves this path, or None when the gateway serves no such path."""
        for dialect in DIALECTS:
            for endpoint in dialect.endpoints:
                if endpoint.method == "POST" and endpoint.path == self.path and endpoint.where == self.where:
                    return dialect, endpoint
        return None

    def events(self, order: Order) -> list[tuple[str, Json]]:
        """Return the whole stream, each event with its name, that says these pieces in this order."""
        raise NotImplementedError

    def whole(self, said: Mapping[str, str]) -> Json:
        """Return the whole answer that says the same."""
        raise NotImplementedError

    def heard(self, events: Sequence[Any]) -> Said:
        """Return what a client puts together from the deltas."""
        raise NotImplementedError

    def heard_whole(self, answer: Any) -> Said:
        """Return what a client reads in a whole answer."""
        raise NotImplementedError

    def copies(self, events: Sequence[Any]) -> list[tuple[str, str]]:
        """Return every repeated copy of a voice in a stream."""
        return []

    def bytes(self, order: Order, framing: Framing | None) -> bytes:
        """Return the stream as it comes over a connection."""
        encoder = codecs.encoder(framing)
        sent = b"".join(encoder.encode(Frame(FrameKind.DATA, value, name)) for name, value in self.events(order))
        return sent + encoder.end()


def together(order: Order) -> Said:
    """Return the voices of an order, joined."""
    said: Said = {}
    for voice, piece in order:
        said[voice] = said.get(voice, "") + piece
    return said


def _add(said: Said, voice: str, piece: object) -> None:
    if isinstance(piece, str):
        said[voice] = said.get(voice, "") + piece


def _numbered(voices: Mapping[str, str]) -> list[tuple[int, tuple[str, str]]]:
    return list(enumerate(voices.items()))


class Chat(Talk):
    """OpenAI chat: choices with content, reasoning and tool calls."""

    def _chunk(self, index: int, delta: Json, finish: str | None = None) -> tuple[str, Json]:
        choice: Json = {"index": index, "delta": delta, "finish_reason": finish}
        return "", {
            "id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]
        }  # fmt: skip

    def events(self, order: Order) -> list[tuple[str, Json]]:
        names: Json = [
            {"index": i, "id": f"call_{'ab'[i]}", "type": "function", "function": {"name": "f", "arguments": ""}}
            for i in (0, 1)
        ]
        made = [
            self._chunk(0, {"role": "assistant", "content": "", "tool_calls": names}),
            self._chunk(1, {"role": "a"}),
        ]
        for voice, piece in order:
            if voice in ("args", "args2"):
                call: Json = {"index": int(voice == "args2"), "function": {"arguments": piece}}
                made.append(self._chunk(0, {"tool_calls": [call]}))
            else:
                member = "reasoning_content" if voice == "thought" else "content"
                made.append(self._chunk(int(voice == "text2"), {member: piece}))
        return [*made, self._chunk(1, {}, "stop"), self._chunk(0, {}, "tool_calls")]

    def whole(self, said: Mapping[str, str]) -> Json:
        calls: Json = [
            {"id": f"call_{voice}", "type": "function", "function": {"name": "f", "arguments": said[voice]}}
            for voice in ("args", "args2")
        ]
        first: Json = {"content": said["text"], "reasoning_content": said["thought"], "tool_calls": calls}
        return {
            "id": "c-1",
            "choices": [
                {"index": 0, "message": first, "finish_reason": "stop"},
                {"index": 1, "message": {"content": said["text2"]}, "finish_reason": "stop"},
            ],
        }

    def heard(self, events: Sequence[Any]) -> Said:
        said: Said = {}
        for event in events:
            for choice in event["choices"]:
                delta, second = choice["delta"], choice["index"] == 1
                _add(said, "text2" if second else "text", delta.get("content"))
                _add(said, "thought", delta.get("reasoning_content"))
                for call in delta.get("tool_calls") or []:
                    _add(said, "args2" if call["index"] else "args", call["function"].get("arguments"))
        return said

    def heard_whole(self, answer: Any) -> Said:
        first, second = (choice["message"] for choice in answer["choices"])
        calls = [call["function"]["arguments"] for call in first["tool_calls"]]
        return {
            "text": first["content"], "thought": first["reasoning_content"],
            "args": calls[0], "args2": calls[1], "text2": second["content"],
        }  # fmt: skip


class Completion(Talk):
    """OpenAI's legacy completions."""

    def events(self, order: Order) -> list[tuple[str, Json]]:
        made = [self._chunk(int(voice == "text2"), piece) for voice, piece in order]
        return [*made, self._chunk(0, "", "stop"), self._chunk(1, "", "stop")]

    def _chunk(self, index: int, text: str, finish: str | None = None) -> tuple[str, Json]:
        return "", {"id": "c-1", "choices": [{"index": index, "text": text, "finish_reason": finish}]}

    def whole(self, said: Mapping[str, str]) -> Json:
        return {
            "id": "c-1",
            "choices": [{"index": i, "text": said[v], "finish_reason": "stop"} for i, v in enumerate(self.voices)],
        }

    def heard(self, events: Sequence[Any]) -> Said:
        said: Said = {}
        for event in events:
            for choice in event["choices"]:
                _add(said, "text2" if choice["index"] else "text", choice["text"])
        return said

    def heard_whole(self, answer: Any) -> Said:
        return self.heard([answer])


_BLOCKS = {"thought": 0, "text": 1, "args": 2, "args2": 3}
_DELTAS = {"thought": ("thinking_delta", "thinking"), "text": ("text_delta", "text")}


class Messages(Talk):
    """Anthropic messages: content blocks."""

    def events(self, order: Order) -> list[tuple[str, Json]]:
        message: Json = {"id": "msg_x", "type": "message", "role": "assistant", "content": [], "model": "m"}
        made: list[Json] = [{"type": "message_start", "message": message}]
        blocks: list[Json] = [{"type": "thinking", "thinking": ""}, {"type": "text", "text": ""}]
        blocks += [{"type": "tool_use", "id": f"toolu_{i}", "name": "f", "input": {}} for i in ("a", "b")]
        made += [{"type": "content_block_start", "index": i, "content_block": block} for i, block in enumerate(blocks)]
        for voice, piece in order:
            kind, member = _DELTAS.get(voice, ("input_json_delta", "partial_json"))
            delta: Json = {"type": kind, member: piece}
            made.append({"type": "content_block_delta", "index": _BLOCKS[voice], "delta": delta})
        made += [{"type": "content_block_stop", "index": i} for i in range(4)]
        made += [
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 7}},
            {"type": "message_stop"},
        ]
        return [(str(event["type"]), event) for event in made if isinstance(event, dict)]

    def whole(self, said: Mapping[str, str]) -> Json:
        content: list[Json] = [
            {"type": "thinking", "thinking": said["thought"]},
            {"type": "text", "text": said["text"]},
        ]
        content += [
            {"type": "tool_use", "id": f"toolu_{v}", "name": "f", "input": json.loads(said[v])}
            for v in ("args", "args2")
        ]
        return {"id": "msg_x", "type": "message", "role": "assistant", "content": content, "stop_reason": "end_turn"}

    def heard(self, events: Sequence[Any]) -> Said:
        said: Said = {}
        voices = {index: voice for voice, index in _BLOCKS.items()}
        for event in events:
            if event["type"] == "content_block_delta":
                voice = voices[event["index"]]
                _add(said, voice, event["delta"].get(_DELTAS.get(voice, ("", "partial_json"))[1]))
        return said

    def heard_whole(self, answer: Any) -> Said:
        thought, text, *tools = answer["content"]
        args, args2 = (json.dumps(tool["input"]) for tool in tools)
        return {"thought": thought["thinking"], "text": text["text"], "args": args, "args2": args2}


_ITEMS = {"thought": 0, "text": 1, "text2": 1, "args": 2, "args2": 3}


class Response(Talk):
    """OpenAI Responses: items with parts, and every text in four copies."""

    def _item(self, index: int, said: Mapping[str, str]) -> dict[str, Json]:
        if index == 0:
            summary: Json = [{"type": "summary_text", "text": said["thought"]}] if said else []
            return {"type": "reasoning", "id": "rs_1", "summary": summary}
        if index == 1:
            parts: Json = [self._part(said[voice]) for voice in ("text", "text2")] if said else []
            return {"type": "message", "id": "msg_1", "role": "assistant", "content": parts}
        voice = "args" if index == 2 else "args2"
        return {
            "type": "function_call", "id": f"fc_{voice}", "call_id": f"call_{voice}", "name": "f",
            "arguments": said.get(voice, ""),
        }  # fmt: skip

    def _part(self, text: str) -> Json:
        return {"type": "output_text", "text": text, "annotations": []}

    def _response(self, said: Mapping[str, str]) -> dict[str, Json]:
        output: Json = [self._item(i, said) for i in range(4)] if said else []
        return {"id": "resp_1", "object": "response", "status": "completed", "model": "m", "output": output}

    def _delta(self, voice: str, piece: str, what: str) -> dict[str, Json]:
        kind = {"thought": "reasoning_summary_text", "text": "output_text", "text2": "output_text"}.get(
            voice, "function_call_arguments"
        )
        at: dict[str, Json] = {"output_index": _ITEMS[voice], "item_id": f"item_{_ITEMS[voice]}"}
        if voice == "thought":
            at["summary_index"] = 0
        elif voice in ("text", "text2"):
            at["content_index"] = int(voice == "text2")
        member = "delta" if what == "delta" else "arguments" if voice.startswith("args") else "text"
        return {"type": f"response.{kind}.{what}", **at, member: piece}

    def events(self, order: Order) -> list[tuple[str, Json]]:
        said = together(order)
        made: list[dict[str, Json]] = [{"type": "response.created", "response": self._response({})}]
        made += [{"type": "response.output_item.added", "output_index": i, "item": self._item(i, {})} for i in range(4)]
        made += [
            {"type": "response.content_part.added", "output_index": 1, "content_index": i, "part": self._part("")}
            for i in (0, 1)
        ]
        made += [self._delta(voice, piece, "delta") for voice, piece in order]
        for voice in self.voices:
            made.append(self._delta(voice, said[voice], "done"))
        for i, voice in enumerate(("text", "text2")):
            part = self._part(said[voice])
            made.append({"type": "response.content_part.done", "output_index": 1, "content_index": i, "part": part})
        for i in range(4):
            made.append({"type": "response.output_item.done", "output_index": i, "item": self._item(i, said)})
        made.append({"type": "response.completed", "response": self._response(said)})
        return [(str(event["type"]), {**event, "sequence_number": n}) for n, event in enumerate(made)]

    def whole(self, said: Mapping[str, str]) -> Json:
        return self._response(said)

    def heard(self, events: Sequence[Any]) -> Said:
        said: Said = {}
        for event in events:
            if event["type"].endswith(".delta"):
                _add(said, self._voice(event), event["delta"])
        return said

    def _voice(self, event: Any) -> str:
        index = event["output_index"]
        if index == 1:
            return "text2" if event["content_index"] else "text"
        return {0: "thought", 2: "args", 3: "args2"}[index]

    def heard_whole(self, answer: Any) -> Said:
        return dict(self._copies(answer["output"]))

    def _copies(self, items: Sequence[Any]) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for item in items:
            if item["type"] == "reasoning":
                found += [("thought", part["text"]) for part in item["summary"]]
            elif item["type"] == "message":
                found += [("text2" if i else "text", part["text"]) for i, part in enumerate(item["content"])]
            else:
                found.append(("args" if item["id"] == "fc_args" else "args2", item["arguments"]))
        return found

    def copies(self, events: Sequence[Any]) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for event in events:
            kind = event["type"]
            if kind == "response.output_item.done":
                found += self._copies([event["item"]])
            elif kind == "response.content_part.done":
                found.append((self._voice(event), event["part"]["text"]))
            elif kind == "response.completed":
                found += self._copies(event["response"]["output"])
            elif kind.endswith(".done"):
                found.append((self._voice(event), event.get("text", event.get("arguments"))))
        return found


class Generate(Talk):
    """Gemini: every event is a whole response with the next piece; a function call comes whole."""

    def _event(self, index: int, parts: Json, finish: str | None = None) -> tuple[str, Json]:
        candidate: dict[str, Json] = {"index": index, "content": {"role": "model", "parts": parts}}
        return "", {"candidates": [{**candidate, "finishReason": finish} if finish else candidate]}

    def _part(self, voice: str, piece: str) -> Json:
        return {"text": piece, "thought": True} if voice == "thought" else {"text": piece}

    def events(self, order: Order) -> list[tuple[str, Json]]:
        said = together(order)
        made = [
            self._event(int(voice == "text2"), [self._part(voice, piece)]) for voice, piece in order if voice != "args"
        ]
        call: Json = {"functionCall": {"name": "f", "args": json.loads(said["args"])}}
        return [*made, self._event(0, [call], "STOP"), self._event(1, [], "STOP")]

    def whole(self, said: Mapping[str, str]) -> Json:
        call: Json = {"functionCall": {"name": "f", "args": json.loads(said["args"])}}
        parts: Json = [self._part("thought", said["thought"]), self._part("text", said["text"]), call]
        second: Json = {"index": 1, "content": {"role": "model", "parts": [{"text": said["text2"]}]}}
        return {"candidates": [{"index": 0, "content": {"role": "model", "parts": parts}}, second]}

    def heard(self, events: Sequence[Any]) -> Said:
        said: Said = {}
        for event in events:
            for candidate in event["candidates"]:
                for part in candidate["content"]["parts"]:
                    voice = "text2" if candidate["index"] else "thought" if part.get("thought") else "text"
                    _add(said, voice, part.get("text"))
                    if "functionCall" in part:
                        said["args"] = json.dumps(part["functionCall"]["args"])
        return said

    def heard_whole(self, answer: Any) -> Said:
        return self.heard([answer])


class OllamaChat(Talk):
    """Ollama chat: one message a line; a tool call comes whole."""

    def _line(self, message: Json, done: bool = False) -> tuple[str, Json]:
        return "", {"model": "m", "created_at": "2026-01-01T00:00:00Z", "message": message, "done": done}

    def events(self, order: Order) -> list[tuple[str, Json]]:
        said = together(order)
        made = []
        for voice, piece in order:
            if voice != "args":
                members: dict[str, Json] = {"role": "assistant", "content": ""}
                made.append(self._line({**members, "thinking" if voice == "thought" else "content": piece}))
        call: Json = {"function": {"name": "f", "arguments": json.loads(said["args"])}}
        made.append(self._line({"role": "assistant", "content": "", "tool_calls": [call]}))
        return [*made, self._line({"role": "assistant", "content": ""}, done=True)]

    def whole(self, said: Mapping[str, str]) -> Json:
        call: Json = {"function": {"name": "f", "arguments": json.loads(said["args"])}}
        message: Json = {"content": said["text"], "thinking": said["thought"], "tool_calls": [call]}
        return self._line(message, done=True)[1]

    def heard(self, events: Sequence[Any]) -> Said:
        said: Said = {}
        for event in events:
            message = event["message"]
            _add(said, "text", message.get("content"))
            _add(said, "thought", message.get("thinking"))
            for call in message.get("tool_calls", []):
                said["args"] = json.dumps(call["function"]["arguments"])
        return said

    def heard_whole(self, answer: Any) -> Said:
        return self.heard([answer])


class OllamaGenerate(Talk):
    """Ollama generate: one piece a line."""

    def events(self, order: Order) -> list[tuple[str, Json]]:
        made: list[tuple[str, Json]] = [
            ("", {"model": "m", "thinking" if voice == "thought" else "response": piece, "done": False})
            for voice, piece in order
        ]
        return [*made, ("", {"model": "m", "response": "", "done": True, "done_reason": "stop"})]

    def whole(self, said: Mapping[str, str]) -> Json:
        return {"model": "m", "response": said["text"], "thinking": said["thought"], "done": True}

    def heard(self, events: Sequence[Any]) -> Said:
        said: Said = {}
        for event in events:
            _add(said, "text", event.get("response"))
            _add(said, "thought", event.get("thinking"))
        return said

    def heard_whole(self, answer: Any) -> Said:
        return self.heard([answer])


_GEMINI = ("text", "text2", "thought", "args")
TALKS: Sequence[Talk] = (
    Chat("/v1/chat/completions", ("text", "text2", "thought", "args", "args2")),
    Completion("/v1/completions", ("text", "text2")),
    Response("/v1/responses", ("text", "text2", "thought", "args", "args2")),
    Messages("/v1/messages", ("text", "thought", "args", "args2")),
    Generate("/v1beta/models/{model}:streamGenerateContent", _GEMINI, ("alt", "sse")),
    Generate("/v1beta/models/{model}:streamGenerateContent", _GEMINI),
    OllamaChat("/api/chat", ("text", "thought", "args")),
    OllamaGenerate("/api/generate", ("text", "thought")),
)

"""How every dialect says several texts at once (`tests.support.talk`): all of them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.core.jsonvalue import Json
from tests.support.talk import Order, Said, Talk, add, together
from tests.support.talks_openai import Chat, Completion, Response

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
                add(said, voice, event["delta"].get(_DELTAS.get(voice, ("", "partial_json"))[1]))
        return said

    def heard_whole(self, answer: Any) -> Said:
        thought, text, *tools = answer["content"]
        args, args2 = (json.dumps(tool["input"]) for tool in tools)
        return {"thought": thought["thinking"], "text": text["text"], "args": args, "args2": args2}


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
                    add(said, voice, part.get("text"))
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
            add(said, "text", message.get("content"))
            add(said, "thought", message.get("thinking"))
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
            add(said, "text", event.get("response"))
            add(said, "thought", event.get("thinking"))
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

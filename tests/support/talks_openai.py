"""How OpenAI's dialects say several texts at once: chat, legacy completions, Responses."""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.core.jsonvalue import Json
from tests.support.talk import Order, Said, Talk, add, together


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
                add(said, "text2" if second else "text", delta.get("content"))
                add(said, "thought", delta.get("reasoning_content"))
                for call in delta.get("tool_calls") or []:
                    add(said, "args2" if call["index"] else "args", call["function"].get("arguments"))
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
                add(said, "text2" if choice["index"] else "text", choice["text"])
        return said

    def heard_whole(self, answer: Any) -> Said:
        return self.heard([answer])


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
                add(said, self._voice(event), event["delta"])
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

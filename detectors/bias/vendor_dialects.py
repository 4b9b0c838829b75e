"""How four vendors want a question and give an answer: pure functions from messages to bodies and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from detectors.bias.backend import Usage

Messages = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Ask:
    """What a request needs beside the messages."""

    model: str
    max_tokens: int
    temperature: float | None
    seed: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What a vendor's body says. `refused`: the vendor marks it as refused or blocked."""

    text: str
    usage: Usage
    fingerprint: str
    refused: bool = False


class VendorDialect(Protocol):
    """One vendor's way. `reply` raises `ValueError` when the body is not of this dialect."""

    @property
    def name(self) -> str: ...
    def path(self, base: str, model: str, /) -> str: ...
    def headers(self, token: str) -> Mapping[str, str]: ...
    def body(self, messages: Messages, ask: Ask) -> Mapping[str, Any]: ...
    def reply(self, body: Any) -> Reply: ...

    def models_path(self, base: str) -> str:
        """Return where the list of models is."""
        ...


class OpenAI:
    """Chat completions. `completion_tokens` renames the token limit, as newer models insist."""

    name = "openai"

    def __init__(self, completion_tokens: bool = False) -> None:
        self.completion_tokens = completion_tokens

    def path(self, base: str, _model: str, /) -> str:
        return "/chat/completions" if base not in ("", "/") else "/v1/chat/completions"

    def headers(self, token: str) -> Mapping[str, str]:
        return {"authorization": f"Bearer {token}"} if token else {}

    def body(self, messages: Messages, ask: Ask) -> Mapping[str, Any]:
        limit = "max_completion_tokens" if self.completion_tokens else "max_tokens"
        body = {"model": ask.model, "messages": [dict(m) for m in messages], limit: ask.max_tokens, "seed": ask.seed}
        return body if ask.temperature is None else {**body, "temperature": ask.temperature}

    def reply(self, body: Any) -> Reply:
        choice = _first(_get(body, "choices"))
        message = _get(choice, "message")
        refusal, content = message.get("refusal"), message.get("content")
        if isinstance(content, list):
            content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
        blocked = choice.get("finish_reason") == "content_filter" or bool(refusal)
        usage = _usage(body.get("usage"), "prompt_tokens", "completion_tokens")
        fingerprint = f"{body.get('model') or ''} {body.get('system_fingerprint') or ''}".strip()
        return Reply(_text(content or refusal or "", blocked), usage, fingerprint, blocked)

    def models_path(self, base: str) -> str:
        return "/models" if base not in ("", "/") else "/v1/models"


class Anthropic:
    """Messages. Has no seed."""

    name = "anthropic"

    def path(self, base: str, _model: str, /) -> str:
        return "/messages" if base.endswith("/v1") else "/v1/messages"

    def headers(self, token: str) -> Mapping[str, str]:
        return {"anthropic-version": "2023-06-01"} | ({"x-api-key": token} if token else {})

    def body(self, messages: Messages, ask: Ask) -> Mapping[str, Any]:
        system = "\n\n".join(m["content"] for m in messages if m["role"] == "system")
        body: dict[str, Any] = {
            "model": ask.model,
            "max_tokens": ask.max_tokens,
            "messages": [dict(m) for m in messages if m["role"] != "system"],
        }
        if system:
            body["system"] = system
        return body if ask.temperature is None else {**body, "temperature": ask.temperature}

    def reply(self, body: Any) -> Reply:
        blocks = _get(body, "content")
        if not isinstance(blocks, list):
            raise ValueError("content is no list")
        text = "".join(str(b.get("text", "")) for b in blocks if isinstance(b, dict) and b.get("type") == "text")
        blocked = body.get("stop_reason") == "refusal"
        usage = _usage(body.get("usage"), "input_tokens", "output_tokens")
        return Reply(_text(text, True), usage, str(body.get("model") or ""), blocked)

    def models_path(self, base: str) -> str:
        return "/models" if base.endswith("/v1") else "/v1/models"


class Gemini:
    """generateContent."""

    name = "gemini"

    def path(self, base: str, model: str, /) -> str:
        version = "" if base.endswith(("/v1", "/v1beta")) else "/v1beta"
        return f"{version}/models/{model}:generateContent"

    def headers(self, token: str) -> Mapping[str, str]:
        return {"x-goog-api-key": token} if token else {}

    def body(self, messages: Messages, ask: Ask) -> Mapping[str, Any]:
        system = "\n\n".join(m["content"] for m in messages if m["role"] == "system")
        config: dict[str, Any] = {"maxOutputTokens": ask.max_tokens, "seed": ask.seed}
        if ask.temperature is not None:
            config["temperature"] = ask.temperature
        body: dict[str, Any] = {
            "contents": [
                {"role": "model" if m["role"] == "assistant" else "user", "parts": [{"text": m["content"]}]}
                for m in messages
                if m["role"] != "system"
            ],
            "generationConfig": config,
        }
        return {**body, "systemInstruction": {"parts": [{"text": system}]}} if system else body

    def reply(self, body: Any) -> Reply:
        if not isinstance(body, dict):
            raise ValueError("no object")
        usage = _usage(body.get("usageMetadata"), "promptTokenCount", "candidatesTokenCount")
        fingerprint = str(body.get("modelVersion") or "")
        feedback = body.get("promptFeedback")
        if isinstance(feedback, dict) and feedback.get("blockReason"):
            return Reply("", usage, fingerprint, True)
        candidate = _first(_get(body, "candidates"))
        blocked = candidate.get("finishReason") in ("SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII")
        content = candidate.get("content")
        parts = content.get("parts") if isinstance(content, dict) else None
        spoken = [p for p in parts or [] if isinstance(p, dict) and not p.get("thought")]
        if not spoken and not blocked and content is None:
            raise ValueError("no content")
        return Reply("".join(str(p.get("text", "")) for p in spoken), usage, fingerprint, blocked)

    def models_path(self, base: str) -> str:
        return "/models" if base.endswith(("/v1", "/v1beta")) else "/v1beta/models"


class Ollama:
    """/api/chat, not streamed."""

    name = "ollama"

    def path(self, base: str, _model: str, /) -> str:
        return "/chat" if base.endswith("/api") else "/api/chat"

    def headers(self, token: str) -> Mapping[str, str]:
        return {"authorization": f"Bearer {token}"} if token else {}

    def body(self, messages: Messages, ask: Ask) -> Mapping[str, Any]:
        options: dict[str, Any] = {"seed": ask.seed, "num_predict": ask.max_tokens}
        if ask.temperature is not None:
            options["temperature"] = ask.temperature
        return {"model": ask.model, "messages": [dict(m) for m in messages], "stream": False, "options": options}

    def reply(self, body: Any) -> Reply:
        text = _get(_get(body, "message"), "content")
        usage = _usage(body, "prompt_eval_count", "eval_count")
        return Reply(_text(text, True), usage, str(body.get("model") or ""))

    def models_path(self, base: str) -> str:
        return "/tags" if base.endswith("/api") else "/api/tags"


#: Every dialect by name.
DIALECTS: Mapping[str, type[OpenAI] | type[Anthropic] | type[Gemini] | type[Ollama]] = {
    "openai": OpenAI, "anthropic": Anthropic, "gemini": Gemini, "ollama": Ollama,
}  # fmt: skip


def guess(host: str, port: int | None, path: str) -> str:
    """Return the likely dialect of an address; OpenAI's is what most backends speak."""
    if host.endswith("anthropic.com") or path.endswith("/messages"):
        return "anthropic"
    if host.endswith("googleapis.com") or path.endswith("/v1beta"):
        return "gemini"
    return "ollama" if port == 11434 or path.endswith("/api") else "openai"


def model_names(body: Any) -> list[str]:
    """Return the models that a list in any dialect names; empty when it is no such list."""
    rows = body.get("data", body.get("models")) if isinstance(body, dict) else None
    names = [row.get("id") or row.get("name") for row in rows or [] if isinstance(row, dict)]
    return [name.removeprefix("models/") for name in names if isinstance(name, str) and name]


def _get(value: Any, key: str) -> Any:
    if not isinstance(value, dict) or key not in value:
        raise ValueError(f"no {key}")
    return value[key]


def _first(value: Any) -> dict[str, Any]:
    if not isinstance(value, list) or not value or not isinstance(value[0], dict):
        raise ValueError("no first item")
    return value[0]


def _text(value: Any, may_be_empty: bool) -> str:
    if not isinstance(value, str) or not (value or may_be_empty):
        raise ValueError("no text")
    return value


def _usage(value: Any, input_key: str, output_key: str) -> Usage:
    if not isinstance(value, dict):
        return Usage()
    counts = [value.get(key) for key in (input_key, output_key)]
    return Usage(*(n if isinstance(n, int) and not isinstance(n, bool) and n >= 0 else 0 for n in counts))

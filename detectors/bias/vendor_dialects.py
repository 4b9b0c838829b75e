"""How vendors want a question and give an answer: pure functions from messages to bodies and back."""

from collections.abc import Callable, Mapping
from typing import Any

from detectors.bias import dialect as parts
from detectors.bias.dialect import Ask, Messages, Reply, VendorDialect
from detectors.bias.openai_dialects import Completions, OpenAI, Responses


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
        blocks = parts.get(body, "content")
        if not isinstance(blocks, list):
            raise ValueError("content is no list")
        text = "".join(str(b.get("text", "")) for b in blocks if isinstance(b, dict) and b.get("type") == "text")
        blocked = body.get("stop_reason") == "refusal"
        usage = parts.usage(body.get("usage"), "input_tokens", "output_tokens")
        return Reply(parts.text(text, True), usage, str(body.get("model") or ""), blocked)

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
        usage = parts.usage(body.get("usageMetadata"), "promptTokenCount", "candidatesTokenCount")
        fingerprint = str(body.get("modelVersion") or "")
        feedback = body.get("promptFeedback")
        if isinstance(feedback, dict) and feedback.get("blockReason"):
            return Reply("", usage, fingerprint, True)
        candidate = parts.first(parts.get(body, "candidates"))
        blocked = candidate.get("finishReason") in ("SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII")
        content = candidate.get("content")
        pieces = content.get("parts") if isinstance(content, dict) else None
        spoken = [p for p in pieces or [] if isinstance(p, dict) and not p.get("thought")]
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
        text = parts.get(parts.get(body, "message"), "content")
        usage = parts.usage(body, "prompt_eval_count", "eval_count")
        return Reply(parts.text(text, True), usage, str(body.get("model") or ""))

    def models_path(self, base: str) -> str:
        return "/tags" if base.endswith("/api") else "/api/tags"


#: Every dialect by name.
DIALECTS: Mapping[str, Callable[[], VendorDialect]] = {
    kind.name: kind for kind in (OpenAI, Responses, Completions, Anthropic, Gemini, Ollama)
}


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

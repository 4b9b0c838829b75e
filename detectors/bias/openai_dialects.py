"""Three ways of OpenAI: chat completions, responses, and the older completions, which many servers still speak."""

from collections.abc import Mapping
from typing import Any

from detectors.bias import dialect as parts
from detectors.bias.dialect import Ask, Messages, Reply


class _AtOpenAI:
    """What the three have in common."""

    def headers(self, token: str) -> Mapping[str, str]:
        return {"authorization": f"Bearer {token}"} if token else {}

    def models_path(self, base: str) -> str:
        return "/models" if base not in ("", "/") else "/v1/models"


class OpenAI(_AtOpenAI):
    """Chat completions. `completion_tokens` renames the token limit, as newer models insist."""

    name = "openai"

    def __init__(self, completion_tokens: bool = False) -> None:
        self.completion_tokens = completion_tokens

    def path(self, base: str, _model: str, /) -> str:
        return "/chat/completions" if base not in ("", "/") else "/v1/chat/completions"

    def body(self, messages: Messages, ask: Ask) -> Mapping[str, Any]:
        limit = "max_completion_tokens" if self.completion_tokens else "max_tokens"
        body = {"model": ask.model, "messages": [dict(m) for m in messages], limit: ask.max_tokens, "seed": ask.seed}
        return body if ask.temperature is None else {**body, "temperature": ask.temperature}

    def reply(self, body: Any) -> Reply:
        choice = parts.first(parts.get(body, "choices"))
        message = parts.get(choice, "message")
        refusal, content = message.get("refusal"), message.get("content")
        if isinstance(content, list):
            content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
        blocked = choice.get("finish_reason") == "content_filter" or bool(refusal)
        usage = parts.usage(body.get("usage"), "prompt_tokens", "completion_tokens")
        fingerprint = f"{body.get('model') or ''} {body.get('system_fingerprint') or ''}".strip()
        return Reply(parts.text(content or refusal or "", blocked), usage, fingerprint, blocked)


class Responses(_AtOpenAI):
    """Responses. Asks that nothing is kept, and has no seed."""

    name = "openai-responses"

    def path(self, base: str, _model: str, /) -> str:
        return "/responses" if base not in ("", "/") else "/v1/responses"

    def body(self, messages: Messages, ask: Ask) -> Mapping[str, Any]:
        body = {
            "model": ask.model,
            "input": [dict(m) for m in messages],
            # Fewer are refused.
            "max_output_tokens": max(16, ask.max_tokens),
            "store": False,
        }
        return body if ask.temperature is None else {**body, "temperature": ask.temperature}

    def reply(self, body: Any) -> Reply:
        output = parts.get(body, "output")
        if not isinstance(output, list):
            raise ValueError("output is no list")
        said = [item for item in output if isinstance(item, dict) and item.get("type") == "message"]
        pieces = [piece for item in said for piece in item.get("content") or [] if isinstance(piece, dict)]
        refused = any(piece.get("type") == "refusal" for piece in pieces)
        details = body.get("incomplete_details")
        blocked = refused or (isinstance(details, dict) and details.get("reason") == "content_filter")
        text = "".join(str(piece.get("text") or piece.get("refusal") or "") for piece in pieces)
        usage = parts.usage(body.get("usage"), "input_tokens", "output_tokens")
        return Reply(parts.text(text, blocked), usage, str(body.get("model") or ""), blocked)


class Completions(_AtOpenAI):
    """Completions: one prompt, continued. The conversation becomes a text with the speakers' names."""

    name = "openai-completions"

    def path(self, base: str, _model: str, /) -> str:
        return "/completions" if base not in ("", "/") else "/v1/completions"

    def body(self, messages: Messages, ask: Ask) -> Mapping[str, Any]:
        said = [m["content"] if m["role"] == "system" else f"{m['role'].title()}: {m['content']}" for m in messages]
        prompt = "\n\n".join([*said, "Assistant:"])
        body = {
            "model": ask.model,
            "prompt": prompt,
            "max_tokens": ask.max_tokens,
            "seed": ask.seed,
            "stop": ["\nUser:"],
        }
        return body if ask.temperature is None else {**body, "temperature": ask.temperature}

    def reply(self, body: Any) -> Reply:
        choice = parts.first(parts.get(body, "choices"))
        blocked = choice.get("finish_reason") == "content_filter"
        usage = parts.usage(body.get("usage"), "prompt_tokens", "completion_tokens")
        fingerprint = f"{body.get('model') or ''} {body.get('system_fingerprint') or ''}".strip()
        return Reply(parts.text(choice.get("text"), True).strip(), usage, fingerprint, blocked)

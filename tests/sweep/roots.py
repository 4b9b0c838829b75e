"""Which of the SDKs' types are sent to and come from which endpoint. Only the outermost types: the rest is walked.

`ROOTS` is looked up by vendor and by the end of the path, longest first. A test fails when the
gateway serves an endpoint for which nothing stands here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypedDict

import anthropic.types as anthropic_types
import anthropic.types.beta as anthropic_beta
import ollama._types as ollama_types
import openai.types as openai_types
from anthropic.types.beta.message_count_tokens_params import MessageCountTokensParams as BetaCountTokensParams
from anthropic.types.beta.message_create_params import MessageCreateParams as BetaMessageCreateParams
from anthropic.types.message_create_params import MessageCreateParams
from google.genai import types as gemini
from openai.types import chat, responses
from openai.types.shared import ErrorObject

from gateway.core.dialect import Dialect, Endpoint


class Types(NamedTuple):
    """The types of one endpoint: what is asked, what is answered whole, and the events of a stream."""

    request: Sequence[Any] = ()
    answer: Sequence[Any] = ()
    events: Sequence[Any] = ()


class OpenAiError(TypedDict):
    error: ErrorObject


class OpenAiList(TypedDict):
    object: str
    data: list[openai_types.Model]


class InputItems(TypedDict):
    object: str
    data: list[responses.ResponseItem]
    first_id: str
    last_id: str
    has_more: bool


class AnthropicList(TypedDict):
    data: list[anthropic_types.ModelInfo]
    first_id: str
    last_id: str


class GeminiRequest(TypedDict):
    """The body on the wire; the SDK has no type for it, and spreads `GenerateContentConfig` over it."""

    contents: list[gemini.Content]
    systemInstruction: gemini.Content
    tools: list[gemini.Tool]
    toolConfig: gemini.ToolConfig
    safetySettings: list[gemini.SafetySetting]
    generationConfig: gemini.GenerationConfig
    cachedContent: str
    labels: dict[str, str]


class GeminiSpread(TypedDict):
    contents: list[gemini.Content]
    generationConfig: gemini.GenerateContentConfig


class GeminiCount(TypedDict):
    contents: list[gemini.Content]
    generateContentRequest: GeminiRequest


class GeminiEmbed(TypedDict):
    content: gemini.Content
    embedContentConfig: gemini.EmbedContentConfig
    taskType: str
    title: str


class GeminiBatch(TypedDict):
    requests: list[GeminiEmbed]


class GeminiEmbedding(TypedDict):
    embedding: gemini.ContentEmbedding
    embeddings: list[gemini.ContentEmbedding]


class GeminiStatus(TypedDict):
    code: int
    message: str
    status: str
    details: list[dict[str, object]]


class GeminiError(TypedDict):
    error: GeminiStatus


class OllamaError(TypedDict):
    error: str


class OllamaVersion(TypedDict):
    version: str


_CHAT = Types(
    [chat.CompletionCreateParams, chat.completion_create_params.CompletionCreateParamsNonStreaming],
    [chat.ChatCompletion, OpenAiError],
    [chat.ChatCompletionChunk, OpenAiError],
)
_RESPONSE = Types([], [responses.Response, OpenAiError], [responses.ResponseStreamEvent, OpenAiError])
_MODELS = Types([], [OpenAiList, AnthropicList, gemini.ListModelsResponse, OpenAiError])
_GENERATE = Types(
    [GeminiRequest, GeminiSpread, gemini.GenerateContentConfig],
    [gemini.GenerateContentResponse, GeminiError],
    [gemini.GenerateContentResponse, GeminiError],
)

ROOTS: dict[tuple[str, str], Types] = {
    ("openai", "/chat/completions"): _CHAT,
    ("openai", "/responses"): _RESPONSE._replace(request=[responses.ResponseCreateParams]),
    ("openai", "/responses/{id}"): _RESPONSE,
    ("openai", "/cancel"): _RESPONSE,
    ("openai", "/input_items"): Types([], [InputItems, responses.ResponseItemList, OpenAiError]),
    ("openai", "/input_tokens"): Types(
        [responses.InputTokenCountParams], [responses.InputTokenCountResponse, OpenAiError]
    ),
    ("openai", "/compact"): Types([responses.ResponseCompactParams], [responses.CompactedResponse, OpenAiError]),
    ("openai", "/completions"): Types(
        [openai_types.CompletionCreateParams],
        [openai_types.Completion, OpenAiError],
        [openai_types.Completion, OpenAiError],
    ),
    ("openai", "/embeddings"): Types(
        [openai_types.EmbeddingCreateParams], [openai_types.CreateEmbeddingResponse, OpenAiError]
    ),
    ("openai", "/moderations"): Types(
        [openai_types.ModerationCreateParams], [openai_types.ModerationCreateResponse, OpenAiError]
    ),
    ("openai", "/models"): _MODELS,
    ("openai", "/models/{id}"): Types([], [openai_types.Model, OpenAiError]),
    ("anthropic", "/messages"): Types(
        [MessageCreateParams, BetaMessageCreateParams],
        [anthropic_types.Message, anthropic_beta.BetaMessage, anthropic_types.ErrorResponse],
        [
            anthropic_types.RawMessageStreamEvent,
            anthropic_beta.BetaRawMessageStreamEvent,
            anthropic_types.ErrorResponse,
        ],
    ),
    ("anthropic", "/count_tokens"): Types(
        [anthropic_types.MessageCountTokensParams, BetaCountTokensParams],
        [anthropic_types.MessageTokensCount, anthropic_beta.BetaMessageTokensCount, anthropic_types.ErrorResponse],
    ),
    ("anthropic", "/models"): _MODELS,
    ("anthropic", "/models/{id}"): Types(
        [], [anthropic_types.ModelInfo, anthropic_beta.BetaModelInfo, anthropic_types.ErrorResponse]
    ),
    ("gemini", ":generateContent"): _GENERATE,
    ("gemini", ":streamGenerateContent"): _GENERATE,
    ("gemini", ":countTokens"): Types([GeminiCount, GeminiRequest], [gemini.CountTokensResponse, GeminiError]),
    ("gemini", ":embedContent"): Types(
        [GeminiEmbed, gemini.EmbedContentConfig], [GeminiEmbedding, gemini.EmbedContentResponse, GeminiError]
    ),
    ("gemini", ":batchEmbedContents"): Types(
        [GeminiBatch], [GeminiEmbedding, gemini.EmbedContentResponse, GeminiError]
    ),
    ("gemini", "/models"): _MODELS,
    ("gemini", "/models/{id}"): Types([], [gemini.Model, GeminiError]),
    ("ollama", "/api/chat"): Types(
        [ollama_types.ChatRequest], [ollama_types.ChatResponse, OllamaError], [ollama_types.ChatResponse, OllamaError]
    ),
    ("ollama", "/api/generate"): Types(
        [ollama_types.GenerateRequest],
        [ollama_types.GenerateResponse, OllamaError],
        [ollama_types.GenerateResponse, OllamaError],
    ),
    ("ollama", "/api/embed"): Types([ollama_types.EmbedRequest], [ollama_types.EmbedResponse, OllamaError]),
    ("ollama", "/api/embeddings"): Types(
        [ollama_types.EmbeddingsRequest], [ollama_types.EmbeddingsResponse, OllamaError]
    ),
    ("ollama", "/api/tags"): Types([], [ollama_types.ListResponse, OllamaError]),
    ("ollama", "/api/ps"): Types([], [ollama_types.ProcessResponse, OllamaError]),
    ("ollama", "/api/show"): Types([ollama_types.ShowRequest], [ollama_types.ShowResponse, OllamaError]),
    ("ollama", "/api/version"): Types([], [OllamaVersion, OllamaError]),
}


@dataclass(frozen=True, slots=True)
class Side:
    """One direction of an endpoint: the types that travel it, and what carries them through the gateway."""

    dialect: Dialect
    endpoint: Endpoint
    name: str  # request, answer, events
    types: Sequence[Any]

    def __str__(self) -> str:
        query = f"?{'='.join(self.endpoint.where)}" if self.endpoint.where else ""
        return f"{self.dialect.vendor} {self.endpoint.method} {self.endpoint.path}{query} {self.name}"


def roots(dialect: Dialect, endpoint: Endpoint) -> Types | None:
    """Return the types of an endpoint, or None when nobody wrote them down."""
    path = endpoint.path
    if path.endswith("}"):
        path = path[: path.rindex("{")] + "{id}"
    ends = [end for vendor, end in ROOTS if vendor == dialect.vendor and path.endswith(end)]
    return ROOTS[dialect.vendor, max(ends, key=len)] if ends else None


def sides(dialects: Sequence[Dialect], known: Callable[[Dialect, Endpoint], Types | None] = roots) -> list[Side]:
    """Return every direction of every endpoint that has types; paths that share a table and its types, once."""
    found: dict[tuple[object, ...], Side] = {}
    for dialect in dialects:
        for endpoint in dialect.endpoints:
            types = known(dialect, endpoint) or Types()
            for name, annotations in types._asdict().items():
                if annotations and (name != "events" or endpoint.streaming is not None):
                    framing = endpoint.streaming.framing if name == "events" and endpoint.streaming else None
                    table = id(getattr(endpoint, name))
                    key = (name, table, framing, endpoint.stateful, tuple(map(id, annotations)))
                    found.setdefault(key, Side(dialect, endpoint, name, annotations))
    return list(found.values())

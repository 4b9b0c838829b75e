"""Gemini: generate (whole, streamed as SSE, streamed as a JSON array), count, embed, and the lists of models.

Google's JSON takes every key in camel case and in snake case; the tables know both. A stream's
pieces are whole responses whose texts the client joins, thoughts and answer apart.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from typing import Final, TypeVar

from detectors.detector import Place
from gateway.core.dialect import (
    BLOB,
    IDENT,
    TIME,
    UPPER,
    WORD,
    Close,
    Dialect,
    Endpoint,
    Framing,
    Listing,
    Streaming,
    Usage,
    incremental,
    offsets,
    opaque,
    special,
)
from gateway.core.paths import Paths
from gateway.core.payload import Kind, Mark
from gateway.core.places import always
from gateway.core.shifts import Unit
from gateway.dialects.errors import gemini_error, gemini_stream_error

Marks = list[tuple[str, Mark]]
T = TypeVar("T")

_MIME: Final = re.compile(r"[a-z]+/[a-z0-9.+-]{1,64}", re.ASCII)
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])([A-Z])")


def _spelt(marks: Iterable[tuple[str, T]]) -> list[tuple[str, T]]:
    """Return the marks with every path in every mixture of the two spellings."""
    found: list[tuple[str, T]] = []
    for pattern, mark in marks:
        steps = [sorted({step, _CAMEL.sub(r"_\1", step).lower()}) for step in pattern.split("/")]
        found.extend(("/".join(spelling), mark) for spelling in product(*steps))
    return found


def _parts(at: str) -> Marks:
    """Mark one part: a text, a call of a function, what it said, code, media."""
    return [
        *opaque(IDENT, f"{at}/functionCall/name", f"{at}/functionResponse/name"),
        *opaque(
            IDENT, f"{at}/functionCall/id", f"{at}/functionResponse/id", f"{at}/toolCall/id", f"{at}/toolResponse/id"
        ),
        *opaque(
            UPPER,
            f"{at}/executableCode/language",
            f"{at}/codeExecutionResult/outcome",
            f"{at}/toolCall/toolType",
            f"{at}/toolResponse/toolType",
            f"{at}/functionResponse/scheduling",
            f"{at}/mediaResolution/level",
        ),
        *opaque(BLOB, f"{at}/thoughtSignature"),
        *special(Kind.MEDIA, f"{at}/inlineData", f"{at}/fileData", f"{at}/functionResponse/parts"),
    ]


def _contents(*places: str) -> Marks:
    """Mark contents: who speaks, and its parts."""
    marks: Marks = []
    for at in places:
        marks += [*opaque(WORD, f"{at}/role"), *_parts(f"{at}/parts/*"), *_parts(f"{at}/parts")]
    return marks


def _asked(at: str) -> Marks:
    """Mark what is asked to be generated."""
    schemas = [
        f"{at}/tools/*/functionDeclarations/*/{name}/**/type"
        for name in ("parameters", "parametersJsonSchema", "response", "responseJsonSchema")
    ]
    config = f"{at}/generationConfig"
    schemas += [f"{config}/responseSchema/**/type", f"{config}/responseJsonSchema/**/type"]
    return [
        *_contents(f"{at}/contents/*", f"{at}/contents", f"{at}/systemInstruction"),
        *opaque(IDENT, f"{at}/model", f"{at}/tools/*/functionDeclarations/*/name"),
        *opaque(IDENT, f"{at}/toolConfig/functionCallingConfig/allowedFunctionNames/*"),
        *opaque(UPPER, *schemas, f"{at}/safetySettings/*/*", f"{at}/toolConfig/functionCallingConfig/mode"),
        *opaque(UPPER, f"{config}/responseModalities/*", f"{config}/thinkingConfig/thinkingLevel"),
        *opaque(UPPER, f"{config}/mediaResolution"),
        *opaque(_MIME, f"{config}/responseMimeType"),
        *opaque(WORD, f"{config}/maxOutputTokens"),
        *special(Kind.STATE, f"{at}/cachedContent", f"{at}/tools/*/fileSearch", f"{at}/tools/*/retrieval"),
    ]


_GENERATE: Final = Paths(_spelt([*_asked(""), *_asked("/generateContentRequest")]))
_EMBED: Final = Paths(
    _spelt(
        [
            *opaque(IDENT, "/model", "/requests/*/model"),
            *opaque(UPPER, "/taskType", "/requests/*/taskType", "/embedContentConfig/taskType"),
            *_contents("/content", "/requests/*/content"),
        ]
    )
)

_VOICES: Final = Paths(
    _spelt(
        (at + pattern, always(place))
        for at in ("", "/generateContentRequest")
        for pattern, place in (
            ("/systemInstruction", Place.SYSTEM),
            ("/contents/**/functionResponse", Place.DOCUMENT),
            ("/contents/**/toolResponse", Place.DOCUMENT),
            ("/contents/**/codeExecutionResult", Place.DOCUMENT),
        )
    )
)

_SEGMENT: Final = "/candidates/*/groundingMetadata/groundingSupports/*/segment"
_CITATIONS: Final = tuple(f"/candidates/*/citationMetadata/{name}/*" for name in ("citations", "citationSources"))

_HEAD: Final = [
    *opaque(UPPER, "/error/status", "/error/details/*/reason"),
    *opaque(IDENT, "/modelVersion", "/error/details/*/@type"),
    *opaque(BLOB, "/responseId"),
    *opaque(TIME, "/createTime"),
    *opaque(UPPER, "/usageMetadata/**", "/promptFeedback/blockReason", "/promptFeedback/safetyRatings/*/*"),
    *opaque(UPPER, "/candidates/*/finishReason", "/candidates/*/safetyRatings/*/*"),
    *opaque(UPPER, "/candidates/*/urlContextMetadata/urlMetadata/*/urlRetrievalStatus"),
    *opaque(BLOB, "/candidates/*/continuationToken", "/candidates/*/groundingMetadata/googleMapsWidgetContextToken"),
    *special(Kind.DERIVED, "/candidates/*/logprobsResult", "/candidates/*/groundingMetadata/searchEntryPoint/sdkBlob"),
    *_contents("/candidates/*/content"),
    *special(Kind.MEDIA, "/candidates/*/content/parts/*/audioTranscription/audio"),
]


def _segments(text: str) -> Marks:
    """Mark segments of what is grounded, in the two spellings that a backend may keep to."""
    snake = offsets(text.replace("partIndex", "part_index"), f"{_SEGMENT}/start_index", f"{_SEGMENT}/end_index")
    return [*snake, *offsets(text, f"{_SEGMENT}/startIndex", f"{_SEGMENT}/endIndex")]


_CITED: Final = [f"{at}/{end}" for at in _CITATIONS for end in ("startIndex", "endIndex")]
_ANSWER: Final = Paths(
    _spelt(
        [
            *_segments("5/content/parts/{../partIndex}/text"),
            *offsets("4/content/parts/*/text", *_CITED),
            *_HEAD,
        ]
    )
)
_PART: Final = "/candidates/*/content/parts/*"
_EVENTS: Final = Paths(
    _spelt(
        [
            *incremental(
                {
                    f"{_PART}/text": "candidate/{0}/text/{../thought}",
                    f"{_PART}/functionCall/partialArgs/*/stringValue": "candidate/{0}/call/{../jsonPath}",
                }
            ),
            *_segments("candidate/{0}/text/None#{../partIndex}"),
            *offsets("candidate/{0}/text/None", *_CITED),
            *_HEAD,
        ]
    )
)


def _method(name: str, *, embeds: bool = False) -> Endpoint:
    usage = Usage(
        ("/usageMetadata/promptTokenCount", "/usageMetadata/toolUsePromptTokenCount", "/totalTokens"),
        ("/usageMetadata/candidatesTokenCount", "/usageMetadata/thoughtsTokenCount"),
    )
    operation = {"countTokens": "count_tokens", "generateContent": "generate_content"}.get(name, "embeddings")
    return Endpoint(
        method="POST",
        path="/v1beta/models/{model}:" + name,
        operation=operation,
        request=_EMBED if embeds else _GENERATE,
        voices=Paths({}) if embeds else _VOICES,
        answer=_ANSWER,
        model="model",
        usage=usage,
        unit=Unit.BYTES,
        output_budget=() if embeds else ("/generationConfig/maxOutputTokens", "/generation_config/max_output_tokens"),
    )


_WHOLE: Final = _method("generateContent")
_STREAM: Final = replace(
    _WHOLE,
    path="/v1beta/models/{model}:streamGenerateContent",
    events=_EVENTS,
    closes=tuple(Close(f"/candidates/*/{name}", "candidate/{0}/") for name in ("finishReason", "finish_reason")),
    query=("alt",),
    kept=frozenset({"role"}),
    streaming=Streaming(member="", framing=Framing.ARRAY),
)
_SSE: Final = replace(_STREAM, where=("alt", "sse"), streaming=Streaming(member="", framing=Framing.SSE))
_NAMES: Final = ("name", "baseModelId")
_ONE: Final = Endpoint(
    method="GET",
    path="/v1beta/models/{model}",
    operation="retrieve_model",
    request=Paths({}),
    answer=Paths([*opaque(UPPER, "/error/status"), *opaque(IDENT, "/name"), *opaque(WORD, "/inputTokenLimit")]),
    model="model",
    listing=Listing("", "/name", "models/", mentions=("/baseModelId",)),
)
_LIST: Final = replace(
    _ONE,
    path="/v1beta/models",
    operation="list_models",
    answer=Paths(
        [*opaque(UPPER, "/error/status"), *opaque(IDENT, "/models/*/name"), *opaque(WORD, "/models/*/inputTokenLimit")]
    ),
    model="",
    query=("pageSize", "pageToken"),
    listing=Listing("/models", "/name", "models/", beside=frozenset({"nextPageToken"}), mentions=("/baseModelId",)),
)
_METHODS: Final = (
    _WHOLE,
    _SSE,
    _STREAM,
    _method("countTokens"),
    _method("embedContent", embeds=True),
    _method("batchEmbedContents", embeds=True),
)

GEMINI: Final = Dialect(
    name="gemini",
    vendor="gemini",
    provider="gcp.gemini",
    endpoints=(
        *_METHODS,
        *(replace(one, path=one.path.replace("/v1beta/", "/v1/", 1)) for one in _METHODS),
        _ONE,
        _LIST,
        replace(_ONE, path="/v1/models/{model}", selector="x-goog-api-key"),
        replace(_LIST, path="/v1/models", selector="x-goog-api-key"),
    ),
    error=gemini_error,
    stream_error=gemini_stream_error,
)

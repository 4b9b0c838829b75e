"""OpenAI chat completions: ``POST /v1/chat/completions``, and the same on Azure.

Where text lives is documented in OpenAI's API reference and in the types of its
SDK; this table names only what is *not* inspected.
"""

from typing import Final

from detectors.detector import Place
from gateway.core.dialect import (
    BLOB,
    IDENT,
    WORD,
    Close,
    Dialect,
    Endpoint,
    Streaming,
    Usage,
    incremental,
    offsets,
    opaque,
    special,
    whole,
)
from gateway.core.jsonvalue import Json
from gateway.core.paths import Paths
from gateway.core.payload import Kind, get
from gateway.core.places import Voice
from gateway.dialects.errors import openai_error, openai_stream_error
from gateway.dialects.openai_models import MODEL_ENDPOINTS
from gateway.dialects.openai_paths import by_deployment

_REQUEST: Final = Paths(
    [
        *opaque(
            IDENT,
            "/model",
            "/messages/*/tool_call_id",
            "/messages/*/tool_calls/*/id",
            "/messages/*/tool_calls/*/function/name",
            "/messages/*/tool_calls/*/custom/name",
            "/messages/*/function_call/name",
            "/tools/*/function/name",
            "/tools/*/custom/name",
            "/functions/*/name",
            "/tool_choice/function/name",
            "/tool_choice/custom/name",
            "/function_call/name",
            "/response_format/json_schema/name",
        ),
        *opaque(
            WORD,
            "/messages/*/role",
            "/messages/*/content/*/type",
            "/messages/*/tool_calls/*/type",
            "/tools/*/type",
            "/tools/*/function/parameters/**/type",
            "/functions/*/parameters/**/type",
            "/tool_choice",
            "/tool_choice/type",
            "/function_call",
            "/response_format/type",
            "/response_format/json_schema/schema/**/type",
            "/prediction/type",
            "/prediction/content/*/type",
            "/reasoning_effort",
            "/service_tier",
            "/verbosity",
            "/modalities/*",
            "/audio/format",
            "/audio/voice",
            "/stream_options/**",
            "/prompt_cache_retention",
        ),
        *special(
            Kind.MEDIA,
            "/messages/*/content/*/image_url",
            "/messages/*/content/*/input_audio",
            "/messages/*/content/*/file/file_data",
            "/messages/*/content/*/video_url",
            "/messages/*/content/*/audio_url",
        ),
        *offsets(
            "4/content",
            "/messages/*/annotations/*/url_citation/start_index",
            "/messages/*/annotations/*/url_citation/end_index",
        ),
        *special(Kind.STATE, "/messages/*/content/*/file/file_id", within=2),
        *special(Kind.STATE, "/messages/*/audio"),
    ]
)

_VOICES: Final = Paths(
    {
        "/messages/*": Voice(
            "role",
            {
                "system": Place.SYSTEM,
                "developer": Place.SYSTEM,
                "tool": Place.DOCUMENT,
                "function": Place.DOCUMENT,
            },
        )
    }
)

_HEAD: Final = [
    *opaque(IDENT, "/id", "/model", "/system_fingerprint"),
    *opaque(WORD, "/object", "/service_tier", "/created", "/usage/**", "/choices/*/finish_reason", "/error/type"),
    *opaque(WORD, "/error/code"),
    *special(Kind.DERIVED, "/choices/*/logprobs", "/prompt_logprobs", "/obfuscation"),
    *special(Kind.TOKENS, "/choices/*/token_ids", "/prompt_token_ids"),
]

_FILTERED: Final = tuple(
    f"/choices/*/content_filter_offsets/{name}" for name in ("start_offset", "end_offset", "check_offset")
)
"""Azure's: how far its filter has read."""

_ANSWER: Final = Paths(
    [
        *_HEAD,
        *opaque(
            IDENT,
            "/choices/*/message/tool_calls/*/id",
            "/choices/*/message/tool_calls/*/function/name",
            "/choices/*/message/tool_calls/*/custom/name",
            "/choices/*/message/function_call/name",
        ),
        *opaque(
            WORD,
            "/choices/*/message/role",
            "/choices/*/message/tool_calls/*/type",
            "/choices/*/message/annotations/*/type",
        ),
        *special(Kind.MEDIA, "/choices/*/message/audio", "/choices/*/message/images"),
        *offsets(
            "4/content",
            "/choices/*/message/annotations/*/url_citation/start_index",
            "/choices/*/message/annotations/*/url_citation/end_index",
            within=2,
        ),
        *offsets("2/message/content", *_FILTERED, within=1),
    ]
)

_EVENTS: Final = Paths(
    [
        *_HEAD,
        *incremental(
            {
                "/choices/*/delta/content": "choice/{0}/content",
                "/choices/*/delta/refusal": "choice/{0}/refusal",
                "/choices/*/delta/reasoning_content": "choice/{0}/reasoning_content",
                "/choices/*/delta/reasoning": "choice/{0}/reasoning",
                "/choices/*/delta/function_call/arguments": "choice/{0}/function",
                "/choices/*/delta/tool_calls/*/function/arguments": "choice/{0}/tool/{1}",
                "/choices/*/delta/tool_calls/*/custom/input": "choice/{0}/custom/{1}",
            }
        ),
        *opaque(
            IDENT,
            "/choices/*/delta/tool_calls/*/id",
            "/choices/*/delta/tool_calls/*/function/name",
            "/choices/*/delta/tool_calls/*/custom/name",
            "/choices/*/delta/function_call/name",
        ),
        *opaque(
            WORD,
            "/choices/*/delta/role",
            "/choices/*/delta/tool_calls/*/type",
            "/choices/*/delta/annotations/*/type",
        ),
        *special(Kind.MEDIA, "/choices/*/delta/audio", "/choices/*/delta/images"),
        *offsets(
            "choice/{0}/content",
            "/choices/*/delta/annotations/*/url_citation/start_index",
            "/choices/*/delta/annotations/*/url_citation/end_index",
            within=2,
        ),
        *offsets("choice/{0}/content", *_FILTERED, within=1),
        # What a vendor adds to a delta is a delta too, unless it is a word or comes whole.
        *whole("/choices/*/delta/annotations/**"),
        *opaque(WORD, "/choices/*/delta/**/type"),
        *opaque(IDENT, "/choices/*/delta/**/id", "/choices/*/delta/**/format"),
        *opaque(BLOB, "/choices/*/delta/**/signature", "/choices/*/delta/**/data"),
        *incremental({"/choices/*/delta/**": "choice/{0}/any/{*}"}),
    ]
)


def wants_usage(body: Json) -> tuple[Json, bool]:
    """Have a stream report its usage; tell whether the caller asked for that."""
    if not isinstance(body, dict):
        return body, True
    options = body.get("stream_options")
    asked = isinstance(options, dict) and options.get("include_usage") is True
    kept = options if isinstance(options, dict) else {}
    return {**body, "stream_options": {**kept, "include_usage": True}}, asked


def surplus(event: Json) -> bool:
    """Tell whether an event is the one that carries nothing but usage."""
    return get(event, ("choices",)) == [] and isinstance(get(event, ("usage",)), dict)


_CHAT: Final = Endpoint(
    method="POST",
    path="/v1/chat/completions",
    operation="chat",
    request=_REQUEST,
    voices=_VOICES,
    answer=_ANSWER,
    events=_EVENTS,
    closes=(Close("/choices/*/finish_reason", "choice/{0}/"),),
    streaming=Streaming(),
    usage=Usage(("/usage/prompt_tokens",), ("/usage/completion_tokens",)),
    output_budget=("/max_completion_tokens", "/max_tokens"),
    wants_usage=wants_usage,
    surplus=surplus,
)

OPENAI_CHAT: Final = Dialect(
    name="openai-chat",
    vendor="openai",
    provider="openai",
    endpoints=(*by_deployment(_CHAT), *MODEL_ENDPOINTS),
    error=openai_error,
    stream_error=openai_stream_error,
    headers=("openai-beta",),
)

"""Ollama: chat and generate (streams of JSON lines by default), embed, and what models there are.

Its server matches keys in any case; `gateway.edge` refuses keys that are not spelled as here. The
`context` of generate is a whole conversation as token ids: state, in both directions.
"""

import re
from typing import Final

from detectors.detector import Place
from gateway.core.dialect import (
    DIGEST,
    IDENT,
    TIME,
    WORD,
    Close,
    Dialect,
    Endpoint,
    Framing,
    Listing,
    Streaming,
    Usage,
    incremental,
    opaque,
    special,
)
from gateway.core.paths import Paths
from gateway.core.payload import Kind, Mark
from gateway.core.places import Voice, always
from gateway.dialects.errors import ollama_error, ollama_stream_error

_DURATION: Final = re.compile(r"\d{1,6}(ms|s|m|h)", re.ASCII)

_SETTINGS: Final = [
    *opaque(IDENT, "/model"),
    *opaque(WORD, "/think", "/format", "/format/**/type", "/options/num_ctx", "/options/num_predict"),
    *opaque(_DURATION, "/keep_alive"),
]

_HEAD: Final = [
    *opaque(IDENT, "/model", "/remote_model"),
    *opaque(TIME, "/created_at"),
    *opaque(
        WORD,
        "/done_reason",
        *(f"/{name}_duration" for name in ("total", "load", "prompt_eval", "eval")),
        "/prompt_eval_count",
        "/eval_count",
    ),
    *special(Kind.DERIVED, "/logprobs", "/_debug_info"),
]


def _message(at: str) -> list[tuple[str, Mark]]:
    return [
        *opaque(WORD, f"{at}/role", f"{at}/tool_calls/*/type", f"{at}/tool_calls/*/function/index"),
        *opaque(
            IDENT,
            f"{at}/tool_calls/*/function/name",
            f"{at}/tool_calls/*/id",
            f"{at}/tool_name",
            f"{at}/tool_call_id",
        ),
        *special(Kind.MEDIA, f"{at}/images"),
    ]


_CHAT_ANSWER: Final = [*_HEAD, *_message("/message")]
_GENERATE_ANSWER: Final = [
    *_HEAD,
    *opaque(IDENT, "/tool_calls/*/function/name"),
    *special(Kind.STATE, "/context"),
    *special(Kind.MEDIA, "/image"),
]
_VOICES: Final = Paths(
    {
        "/messages/*": Voice("role", {"system": Place.SYSTEM, "tool": Place.DOCUMENT}),
        "/system": always(Place.SYSTEM),
    }
)
_CLOSES: Final = (Close("/done", "", frozenset({True})),)
_STREAMING: Final = Streaming(default=True, framing=Framing.LINES)
_USAGE: Final = Usage(("/prompt_eval_count",), ("/eval_count",))

_CHAT: Final = Endpoint(
    method="POST",
    path="/api/chat",
    operation="chat",
    request=Paths(
        [
            *_SETTINGS,
            *_message("/messages/*"),
            *opaque(WORD, "/tools/*/type", "/tools/*/function/parameters/**/type"),
            *opaque(IDENT, "/tools/*/function/name"),
        ]
    ),
    voices=_VOICES,
    answer=Paths(_CHAT_ANSWER),
    events=Paths(
        [
            *_CHAT_ANSWER,
            *incremental({"/message/content": "message/content", "/message/thinking": "message/thinking"}),
        ]
    ),
    closes=_CLOSES,
    streaming=_STREAMING,
    usage=_USAGE,
    output_budget=("/options/num_predict",),
    kept=frozenset({"role"}),
)

_GENERATE: Final = Endpoint(
    method="POST",
    path="/api/generate",
    operation="text_completion",
    request=Paths([*_SETTINGS, *special(Kind.STATE, "/context"), *special(Kind.MEDIA, "/images")]),
    voices=_VOICES,
    answer=Paths(_GENERATE_ANSWER),
    events=Paths([*_GENERATE_ANSWER, *incremental({"/response": "response", "/thinking": "thinking"})]),
    closes=_CLOSES,
    streaming=_STREAMING,
    usage=_USAGE,
    output_budget=("/options/num_predict",),
)


def _embed(path: str) -> Endpoint:
    return Endpoint(
        method="POST",
        path=path,
        operation="embeddings",
        request=Paths(_SETTINGS),
        answer=Paths(_HEAD),
        usage=_USAGE,
    )


def _details(at: str) -> list[tuple[str, Mark]]:
    return [
        *opaque(IDENT, f"{at}/details/*", f"{at}/details/families/*", f"{at}/capabilities/*"),
        *opaque(TIME, f"{at}/modified_at"),
    ]


_SHOW: Final = Endpoint(
    method="POST",
    path="/api/show",
    operation="retrieve_model",
    request=Paths(opaque(IDENT, "/model")),
    answer=Paths([*_details(""), *opaque(IDENT, "/model_info/**", counts=True)]),
    listing=Listing("", "/model", mentions=("/remote_model", "/details/parent_model")),
)

_TAGS: Final = Endpoint(
    method="GET",
    path="/api/tags",
    operation="list_models",
    request=Paths({}),
    answer=Paths(
        [
            *_details("/models/*"),
            *opaque(IDENT, "/models/*/name", "/models/*/model"),
            *opaque(WORD, "/models/*/size"),
            *opaque(DIGEST, "/models/*/digest"),
        ]
    ),
    model="",
    listing=Listing("/models", "/name", mentions=("/model", "/remote_model", "/details/parent_model")),
)

_VERSION: Final = Endpoint(
    method="GET",
    path="/api/version",
    operation="version",
    request=Paths({}),
    answer=Paths({}),
    model="",
)

OLLAMA: Final = Dialect(
    name="ollama",
    vendor="ollama",
    provider="ollama",
    endpoints=(_CHAT, _GENERATE, _embed("/api/embed"), _embed("/api/embeddings"), _SHOW, _TAGS, _VERSION),
    error=ollama_error,
    stream_error=ollama_stream_error,
)

"""OpenAI's smaller endpoints: legacy completions, embeddings, moderations."""

from typing import Final

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
    opaque,
    special,
    token_ids,
)
from gateway.core.paths import Paths
from gateway.core.payload import Kind
from gateway.dialects.errors import openai_error, openai_stream_error
from gateway.dialects.openai_chat import surplus, wants_usage
from gateway.dialects.openai_paths import by_deployment

_ERROR: Final = opaque(WORD, "/error/type", "/error/code")

_COMPLETION: Final = [
    *_ERROR,
    *opaque(IDENT, "/id", "/model", "/system_fingerprint"),
    *opaque(WORD, "/object", "/created", "/usage/**", "/service_tier", "/choices/*/finish_reason"),
    *special(Kind.DERIVED, "/choices/*/logprobs", "/choices/*/prompt_logprobs", "/prompt_logprobs", "/obfuscation"),
    *special(Kind.TOKENS, "/choices/*/token_ids", "/choices/*/prompt_token_ids", "/prompt_token_ids"),
]

_COMPLETIONS: Final = Endpoint(
    method="POST",
    path="/v1/completions",
    operation="text_completion",
    request=Paths(
        [
            *opaque(IDENT, "/model"),
            *opaque(WORD, "/stream_options/**", "/service_tier"),
            *token_ids("/prompt"),
            *special(Kind.TOKENS, "/prompt_embeds"),
        ]
    ),
    answer=Paths(_COMPLETION),
    events=Paths([*_COMPLETION, *incremental({"/choices/*/text": "choice/{0}/text"})]),
    closes=(Close("/choices/*/finish_reason", "choice/{0}/"),),
    streaming=Streaming(),
    usage=Usage(("/usage/prompt_tokens",), ("/usage/completion_tokens",)),
    output_budget=("/max_tokens",),
    wants_usage=wants_usage,
    surplus=surplus,
)

_EMBEDDINGS: Final = Endpoint(
    method="POST",
    path="/v1/embeddings",
    operation="embeddings",
    request=Paths([*opaque(IDENT, "/model"), *opaque(WORD, "/encoding_format"), *token_ids("/input")]),
    answer=Paths(
        [
            *_ERROR,
            *opaque(IDENT, "/model", "/id"),
            *opaque(WORD, "/object", "/created", "/usage/**", "/data/*/object"),
            *opaque(BLOB, "/data/*/embedding"),
        ]
    ),
    usage=Usage(("/usage/prompt_tokens",)),
)

_MODERATIONS: Final = Endpoint(
    method="POST",
    path="/v1/moderations",
    operation="moderations",
    request=Paths(
        [
            *opaque(IDENT, "/model"),
            *opaque(WORD, "/input/*/type"),
            *special(Kind.MEDIA, "/input/*/image_url"),
        ]
    ),
    answer=Paths([*_ERROR, *opaque(IDENT, "/id", "/model"), *opaque(WORD, "/object")]),
)


def _dialect(name: str, *endpoints: Endpoint) -> Dialect:
    return Dialect(name, "openai", "openai", endpoints, openai_error, openai_stream_error)


OPENAI_COMPLETIONS: Final = _dialect("openai-completions", *by_deployment(_COMPLETIONS))
OPENAI_EMBEDDINGS: Final = _dialect("openai-embeddings", *by_deployment(_EMBEDDINGS))
OPENAI_MODERATIONS: Final = _dialect("openai-moderations", *by_deployment(_MODERATIONS))

"""Anthropic messages: ``POST /v1/messages`` and ``/v1/messages/count_tokens``.

Thinking comes with a signature over its text; both sides of the gateway replay
it, and pseudonyms are deterministic, so that what goes back is what was signed:
in such a text only those are restored that come back as they were.
"""

from dataclasses import replace
from typing import Final

from detectors.detector import Place
from gateway.core.dialect import (
    BLOB,
    IDENT,
    TIME,
    WORD,
    Close,
    Dialect,
    Endpoint,
    Listing,
    Paging,
    Streaming,
    Usage,
    by_type,
    incremental,
    offsets,
    opaque,
    special,
    whole,
)
from gateway.core.jsonvalue import Json
from gateway.core.paths import Paths
from gateway.core.payload import Kind, Mark, Path, get
from gateway.core.places import Voice, always
from gateway.dialects.errors import anthropic_error, anthropic_stream_error

_BLOCKS: Final = (
    "/messages/*/content/*",
    "/messages/*/content/*/content/content",
    "/messages/*/content/*/content/*",
    "/messages/*/content/*/source/content/*",
    "/system/*",
)
"""Where a request holds content blocks."""


def _each(places: tuple[str, ...], *members: str) -> tuple[str, ...]:
    return tuple(place + member for place in places for member in members)


def _cited(*places: str) -> list[tuple[str, Mark]]:
    """Mark citations: their characters are those of a document of the request."""
    return offsets("document/{../document_index}", *_each(places, "/start_char_index", "/end_char_index"))


def documents(body: Json) -> list[Path]:
    """Return the places of the texts of a request's documents, in the order in which citations count them."""
    messages = get(body, ("messages",))
    found: list[Path] = []
    for at, message in enumerate(messages if isinstance(messages, list) else ()):
        found += _documents(get(message, ("content",)), ("messages", at, "content"))
    return found


def _documents(content: Json, at: Path) -> list[Path]:
    found: list[Path] = []
    for position, block in enumerate(content if isinstance(content, list) else ()):
        if get(block, ("type",)) == "document":
            found.append((*at, position, "source", "data"))
        elif get(block, ("type",)) == "tool_result":
            found += _documents(get(block, ("content",)), (*at, position, "content"))
    return found


_REQUEST: Final = Paths(
    [
        *opaque(
            IDENT,
            "/model",
            "/tools/*/name",
            "/tool_choice/name",
            *_each(_BLOCKS, "/id", "/tool_use_id", "/name"),
        ),
        *opaque(
            WORD,
            "/messages/*/role",
            "/tools/*/type",
            "/tools/*/input_schema/**/type",
            "/tools/*/cache_control/**",
            "/tool_choice/type",
            "/thinking/type",
            "/thinking/display",
            "/service_tier",
            "/output_config/effort",
            "/output_config/format/type",
            "/output_config/format/schema/**/type",
            *_each(_BLOCKS, "/type", "/cache_control/**", "/source/type", "/citations/*/type"),
        ),
        *_cited(*_each(_BLOCKS, "/citations/*")),
        *whole("/messages/*/content/*/thinking", signed=True),
        *opaque(IDENT, *_each(_BLOCKS, "/source/media_type")),
        *opaque(BLOB, *_each(_BLOCKS, "/signature", "/data", "/encrypted_content", "/encrypted_index")),
        *by_type(Mark(Kind.MEDIA), *_each(_BLOCKS, "/source/data"), text=Mark(Kind.TEXT)),
        *special(Kind.MEDIA, *_each(_BLOCKS, "/source/url")),
        *special(Kind.STATE, *_each(_BLOCKS, "/source/file_id"), within=2),
        *special(Kind.STATE, *_each(_BLOCKS, "/file_id"), within=1),
        *special(Kind.STATE, "/container", "/mcp_servers"),
        ("/tools/*/mcp_server_name", Mark(Kind.STATE, IDENT, within=1)),
    ]
)

_VOICES: Final = Paths(
    {
        "/system": always(Place.SYSTEM),
        "/messages/*/content/*": Voice(
            "type",
            {"document": Place.DOCUMENT, "search_result": Place.DOCUMENT},
            {"_result": Place.DOCUMENT},
        ),
    }
)


def _fetched(block: str) -> list[tuple[str, Mark]]:
    """Mark the document that a fetch brought: its bytes, unless it is a plain text."""
    return by_type(Mark(Kind.MEDIA), f"{block}/content/content/source/data", text=Mark(Kind.TEXT))


_MESSAGE: Final = [
    *opaque(IDENT, "/id", "/model", "/request_id", "/container/id"),
    *opaque(
        WORD,
        "/type",
        "/role",
        "/stop_reason",
        "/stop_details/type",
        "/stop_details/category",
        "/usage/**",
        "/error/type",
        "/content/*/type",
        "/content/*/caller/type",
        "/content/*/citations/*/type",
        "/content/*/content/type",
        "/content/*/content/*/type",
        "/content/*/content/content/type",
        "/content/*/content/content/source/type",
        "/context_management/**",
    ),
    *_cited("/content/*/citations/*"),
    *whole("/content/*/thinking", signed=True),
    *_fetched("/content/*"),
    *opaque(IDENT, "/content/*/id", "/content/*/name", "/content/*/tool_use_id"),
    *opaque(
        BLOB,
        "/content/*/signature",
        "/content/*/data",
        "/content/*/content/*/encrypted_content",
        "/content/*/citations/*/encrypted_index",
    ),
]

_ANSWER: Final = Paths(_MESSAGE)


def _model(at: str) -> list[tuple[str, Mark]]:
    return [*opaque(IDENT, f"{at}/id"), *opaque(WORD, f"{at}/type"), *opaque(TIME, f"{at}/created_at")]


_ERROR: Final = [*opaque(WORD, "/error/type"), *opaque(IDENT, "/request_id")]
_ONE: Final = Endpoint(
    method="GET",
    path="/v1/models/{model}",
    operation="retrieve_model",
    request=Paths({}),
    answer=Paths([*_ERROR, *_model("")]),
    model="model",
    query=("beta",),
    selector="anthropic-version",
)
_PAGING: Final = Paging(
    limit="limit",
    after="after_id",
    before="before_id",
    default=20,
    most=1000,
    first="first_id",
    last="last_id",
    more="has_more",
)
_LIST: Final = replace(
    _ONE,
    path="/v1/models",
    operation="list_models",
    answer=Paths([*_ERROR, *opaque(IDENT, "/first_id", "/last_id"), *_model("/data/*")]),
    model="",
    query=("beta", "limit", "after_id", "before_id"),
    listing=Listing("/data", "/id", paging=_PAGING),
)

_EVENTS: Final = Paths(
    [
        *_fetched("/content_block"),
        *opaque(WORD, "/type", "/usage/**", "/delta/type", "/delta/stop_reason", "/error/type", "/content_block/type"),
        *opaque(WORD, "/delta/citation/type", "/content_block/content/*/type", "/context_management/**"),
        *opaque(WORD, "/content_block/content/type", "/content_block/caller/type", "/delta/stop_details/type"),
        *opaque(IDENT, "/request_id", "/content_block/id", "/content_block/name", "/content_block/tool_use_id"),
        *opaque(IDENT, "/delta/container/id"),
        *_cited("/delta/citation", "/content_block/citations/*"),
        *opaque(
            BLOB,
            "/delta/signature",
            "/content_block/signature",
            "/content_block/data",
            "/content_block/content/*/encrypted_content",
            "/delta/citation/encrypted_index",
        ),
        *[("/message" + pattern, mark) for pattern, mark in _MESSAGE],
        *incremental(
            {
                "/content_block/text": "block/{/index}/text",
                "/delta/text": "block/{/index}/text",
                "/delta/partial_json": "block/{/index}/json",
            }
        ),
        *incremental(
            {
                "/content_block/thinking": "block/{/index}/thinking",
                "/delta/thinking": "block/{/index}/thinking",
            },
            signed=True,
        ),
        # What is added to a delta is a delta too, unless it comes whole.
        *whole("/delta/citation/**"),
        *incremental({"/delta/**": "block/{/index}/any/{*}"}),
    ]
)

ANTHROPIC_MESSAGES: Final = Dialect(
    name="anthropic-messages",
    vendor="anthropic",
    provider="anthropic",
    endpoints=(
        Endpoint(
            method="POST",
            path="/v1/messages",
            operation="chat",
            request=_REQUEST,
            voices=_VOICES,
            answer=_ANSWER,
            events=_EVENTS,
            closes=(
                Close("/type", "block/{/index}/", frozenset({"content_block_stop"})),
                Close("/type", "", frozenset({"message_delta", "message_stop", "error"})),
            ),
            streaming=Streaming(),
            usage=Usage(
                (
                    "/usage/input_tokens",
                    "/usage/cache_read_input_tokens",
                    "/usage/cache_creation_input_tokens",
                    "/message/usage/input_tokens",
                    "/message/usage/cache_read_input_tokens",
                    "/message/usage/cache_creation_input_tokens",
                ),
                ("/usage/output_tokens", "/message/usage/output_tokens"),
            ),
            output_budget=("/max_tokens",),
            query=("beta",),
            documents=documents,
        ),
        Endpoint(
            method="POST",
            path="/v1/messages/count_tokens",
            operation="count_tokens",
            request=_REQUEST,
            voices=_VOICES,
            answer=_ANSWER,
            usage=Usage(("/input_tokens",)),
            query=("beta",),
        ),
        _ONE,
        _LIST,
    ),
    error=anthropic_error,
    stream_error=anthropic_stream_error,
    headers=("anthropic-version", "anthropic-beta"),
)

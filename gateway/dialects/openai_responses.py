"""OpenAI Responses: create (whole and streamed), retrieve, cancel, compact, count, and what was put in.

Every text of a stream appears up to four times: in deltas, in its ``done``
event, in the finished item, and in the completed response. Deltas go through a
window of their own; the copies are inspected whole, and come out alike.
"""

from dataclasses import replace
from typing import Final

from detectors.detector import Place
from gateway.core.dialect import (
    IDENT,
    WORD,
    Close,
    Dialect,
    Endpoint,
    Streaming,
    Usage,
    by_type,
    incremental,
    offsets,
    opaque,
    special,
)
from gateway.core.paths import Paths
from gateway.core.payload import Kind, Mark
from gateway.core.places import Voice, always
from gateway.dialects.errors import openai_error, openai_stream_error
from gateway.dialects.openai_items import item, part, response, settings, tool
from gateway.dialects.openai_paths import by_resource

_REQUEST: Final = Paths(
    [
        *settings(""),
        *opaque(WORD, "/include/*", "/stream_options/**", "/context_management/*/type", "/moderation/policy/**"),
        *opaque(IDENT, "/moderation/model"),
        *special(Kind.STATE, "/previous_response_id", "/conversation"),
        *special(Kind.STATE, "/prompt/id", within=1),
        *special(Kind.STATE, "/background_options/continuation_id", "/prompt_cache_options/comparison_response_id"),
        *item("/input/*", answer=False),
        *tool("/tools/*", answer=False),
        *part("/prompt/variables/*", answer=False),
    ]
)

_VOICES: Final = Paths(
    {
        "/instructions": always(Place.SYSTEM),
        "/input/*": Voice("role", {"system": Place.SYSTEM, "developer": Place.SYSTEM}),
        "/input/*/output": always(Place.DOCUMENT),
        "/input/*/outputs": always(Place.DOCUMENT),
        "/input/*/results": always(Place.DOCUMENT),
    }
)
"""What a call of a tool brought stands in the item that tells of it, under a name of its own."""

_ERROR: Final = opaque(WORD, "/error/type", "/error/code")
_ANSWER: Final = Paths([*_ERROR, *response("")])
_ITEMS: Final = Paths(
    [*_ERROR, *opaque(WORD, "/object"), *opaque(IDENT, "/first_id", "/last_id"), *item("/data/*", answer=True)]
)

_PART: Final = "item/{/output_index}/{/item_id}/{/content_index}.{/summary_index}.{/command_index}"
_TEXT: Final = _PART + "/response.output_text.delta"
_LISTED: Final = Mark(Kind.OPAQUE, WORD)
_CHANNEL: Final = _PART + "/{/type}"
"""One text: an item's part, a summary's part, a command, and in each what the event's type says.

Items have an index at OpenAI, and only an id at llama.cpp's server.
"""

_EVENTS: Final = Paths(
    [
        *_ERROR,
        *opaque(WORD, "/type", "/code"),
        *opaque(IDENT, "/item_id"),
        *by_type(Mark(Kind.TEXT, channel=_CHANNEL), "/delta", **{"response.audio.delta": Mark(Kind.MEDIA)}),
        *((f"/delta/{name}", Mark(Kind.TEXT, channel=f"{_CHANNEL}/{name}")) for name in ("stdout", "stderr")),
        *incremental({"/delta/**": f"{_CHANNEL}/{{*}}"}),
        *special(Kind.DERIVED, "/logprobs", "/obfuscation"),
        *offsets(_TEXT, "/annotation/start_index", "/annotation/end_index", within=2),
        *by_type(offsets(_TEXT, "/annotation/index", within=2)[0][1], "/annotation/index", file_path=_LISTED),
        *special(Kind.MEDIA, "/partial_image_b64"),
        *opaque(WORD, "/annotation/type", "/output/*/outcome/**", "/quality", "/output_format", "/background"),
        *opaque(IDENT, "/annotation/file_id", "/annotation/container_id", "/name"),
        *part("/part", answer=True),
        *item("/item", answer=True),
        *response("/response"),
    ]
)

_ENDS: Final = frozenset({"response.completed", "response.incomplete", "response.failed", "error"})
_USAGE: Final = Usage(
    ("/usage/input_tokens", "/response/usage/input_tokens"), ("/usage/output_tokens", "/response/usage/output_tokens")
)

_CREATE: Final = Endpoint(
    method="POST",
    path="/v1/responses",
    operation="chat",
    request=_REQUEST,
    voices=_VOICES,
    answer=_ANSWER,
    events=_EVENTS,
    closes=(
        Close("/type", "item/{/output_index}/{/item/id}/", frozenset({"response.output_item.done"})),
        Close("/type", "item/{/output_index}/None/", frozenset({"response.output_item.done"})),  # commands have no id
        Close("/type", f"{_PART}/", ends=".done"),
        Close("/type", "", _ENDS),
    ),
    streaming=Streaming(),
    usage=_USAGE,
    sequence="sequence_number",
    output_budget=("/max_output_tokens",),
)
_COMPACT: Final = Endpoint(
    method="POST",
    path="/v1/responses/compact",
    operation="compact_response",
    request=_REQUEST,
    voices=_VOICES,
    answer=_ANSWER,
    usage=_USAGE,
)
_COUNT: Final = Endpoint(
    method="POST",
    path="/v1/responses/input_tokens",
    operation="count_tokens",
    request=_REQUEST,
    voices=_VOICES,
    answer=Paths([*_ERROR, *opaque(WORD, "/object", "/input_tokens")]),
)
_INCLUDE: Final = ("include", "include[]")
_RETRIEVE: Final = Endpoint(
    method="GET",
    path="/v1/responses/{response_id}",
    operation="retrieve_response",
    request=Paths({}),
    answer=_ANSWER,
    model="",
    query=(*_INCLUDE, "stream", "include_obfuscation"),
    lists=frozenset(_INCLUDE),
    stateful=True,
)
_STREAMED_AGAIN: Final = replace(
    _CREATE,
    method="GET",
    path=_RETRIEVE.path,
    operation=_RETRIEVE.operation,
    request=Paths({}),
    model="",
    streaming=Streaming(member=""),
    query=(*_RETRIEVE.query, "starting_after"),
    where=("stream", "true"),
    stateful=True,
)
_CANCEL: Final = replace(
    _RETRIEVE,
    method="POST",
    path="/v1/responses/{response_id}/cancel",
    operation="cancel_response",
    query=(),
    bodyless=True,
)
_INPUT_ITEMS: Final = replace(
    _RETRIEVE,
    path="/v1/responses/{response_id}/input_items",
    operation="list_input_items",
    answer=_ITEMS,
    query=("after", "before", "limit", "order", *_INCLUDE),
)

OPENAI_RESPONSES: Final = Dialect(
    name="openai-responses",
    vendor="openai",
    provider="openai",
    endpoints=tuple(
        endpoint
        for one in (_CREATE, _COMPACT, _COUNT, _RETRIEVE, _STREAMED_AGAIN, _CANCEL, _INPUT_ITEMS)
        for endpoint in by_resource(one)
    ),
    error=openai_error,
    stream_error=openai_stream_error,
    headers=("openai-beta",),
)

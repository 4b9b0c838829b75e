"""Laws that every table keeps: shapes are tight, paths are told apart, lists are filtered."""

import pytest

from gateway.core.dialect import Dialect, Endpoint
from gateway.core.payload import Kind, Mark
from gateway.dialects.registry import DIALECTS, Registry

ENDPOINTS = [(dialect, endpoint) for dialect in DIALECTS for endpoint in dialect.endpoints]
CANARIES = (
    "alice.canary@example.com",
    "+1 415 555 0132",
    "+14155550132",
    "4111111111111111",
    "4111 1111 1111 1111",
    "123-45-6789",
    "Alice Canary",
)


def marks(endpoint: Endpoint) -> list[Mark]:
    """Return every mark of an endpoint's tables."""
    tables = (endpoint.request, endpoint.answer, endpoint.events)
    found = [mark for table in tables for mark in table._marks]
    return [*found, *(other for mark in found for other in (mark.by_type or {}).values())]


@pytest.mark.parametrize(("dialect", "endpoint"), ENDPOINTS, ids=str)
def test_nothing_is_exempt_whatever_it_says(dialect: Dialect, endpoint: Endpoint) -> None:
    """Every exempt string has a shape, and no shape takes an address, a number or a name with a blank."""
    for mark in marks(endpoint):
        if mark.kind is Kind.OPAQUE:
            assert mark.shape is not None
            assert [canary for canary in CANARIES if mark.shape.fullmatch(canary)] == []


def test_no_path_is_hidden_by_another() -> None:
    """Two endpoints at one path differ in method, in a header or in a query parameter."""
    seen = [(e.method, e.path, e.selector, e.where) for _, e in ENDPOINTS]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize(("dialect", "endpoint"), ENDPOINTS, ids=str)
def test_every_list_of_models_is_filtered(dialect: Dialect, endpoint: Endpoint) -> None:
    """And every endpoint without a model says so."""
    if endpoint.operation == "list_models":
        assert endpoint.listing is not None
        assert endpoint.model == ""


@pytest.mark.parametrize(
    ("method", "path", "headers", "query", "name", "operation"),
    [
        ("GET", "/v1/models", {}, {}, "openai-chat", "list_models"),
        ("GET", "/v1/models", {"anthropic-version": "2023-06-01"}, {}, "anthropic-messages", "list_models"),
        ("GET", "/v1/models", {"x-goog-api-key": "k"}, {}, "gemini", "list_models"),
        ("GET", "/v1/models/gpt-4", {}, {}, "openai-chat", "retrieve_model"),
        ("GET", "/v1/models/c", {"anthropic-version": "2023-06-01"}, {}, "anthropic-messages", "retrieve_model"),
        ("POST", "/v1/models/g:generateContent", {}, {}, "gemini", "generate_content"),
        ("POST", "/v1beta/models/g:countTokens", {}, {}, "gemini", "count_tokens"),
        ("GET", "/v1/responses/resp_1", {}, {}, "openai-responses", "retrieve_response"),
        ("POST", "/v1/responses/resp_1/cancel", {}, {}, "openai-responses", "cancel_response"),
        ("POST", "/openai/deployments/d/completions", {}, {}, "openai-completions", "text_completion"),
        ("POST", "/openai/v1/responses", {}, {}, "openai-responses", "chat"),
        ("GET", "/api/tags", {}, {}, "ollama", "list_models"),
    ],
)
def test_who_serves_what(
    method: str, path: str, headers: dict[str, str], query: dict[str, str], name: str, operation: str
) -> None:
    """Shared paths are told apart by a header."""
    match = Registry().find(method, path, headers, query)
    assert match is not None
    assert (match.dialect.name, match.endpoint.operation) == (name, operation)


def test_a_query_parameter_chooses_the_framing() -> None:
    """Gemini's streams are server-sent events only when asked for; a stored response is streamed when asked for."""
    registry = Registry()
    for query, framing in (({"alt": "sse"}, "sse"), ({}, "json-array"), ({"alt": "json"}, "json-array")):
        match = registry.find("POST", "/v1beta/models/g:streamGenerateContent", {}, query)
        assert match is not None
        assert match.endpoint.streaming is not None
        assert match.endpoint.streaming.framing.value == framing
    again = registry.find("GET", "/v1/responses/r", {}, {"stream": "true"})
    assert again is not None
    assert again.endpoint.streaming is not None
    assert again.endpoint.stateful


@pytest.mark.parametrize(
    ("path", "headers", "vendor"),
    [
        ("/v1/files", {}, "openai"),
        ("/v1/messages/batches", {}, "anthropic"),
        ("/v1beta/files", {}, "gemini"),
        ("/v1/models/g:predict", {}, "gemini"),
        ("/api/pull", {}, "ollama"),
        ("/elsewhere", {}, None),
    ],
)
def test_unknown_paths_are_refused_in_the_nearest_words(path: str, headers: dict[str, str], vendor: str | None) -> None:
    """So that the caller's client raises what it knows."""
    registry = Registry()
    assert registry.find("POST", path, headers) is None
    nearest = registry.nearest(path, headers)
    assert (nearest.vendor if nearest else None) == vendor

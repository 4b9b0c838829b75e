"""What goes to the backend of a request's target is what the guards saw of it, and has one reading."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from aiohttp.test_utils import make_mocked_request

from gateway import edge
from gateway.core.exchange import Exchange
from gateway.dialects.registry import Registry
from gateway.errors import RequestError
from gateway.target import passed_path, passed_query
from tests.support.plans import plan

STORED = "/v1/responses/resp_1"
STREAMED = "/v1beta/models/g:streamGenerateContent"


def begun(method: str, target: str, headers: Mapping[str, str] | None = None) -> Exchange:
    """Return the exchange that this request's head begins."""
    request = make_mocked_request(method, target, headers=headers)
    return edge.begun("0198", plan(), edge.find(Registry(), request), request)


@pytest.mark.parametrize(
    ("method", "target", "name"),
    [
        ("POST", f"{STREAMED}?alt=sse&alt=json", "alt"),
        ("POST", f"{STREAMED}?alt=json&alt=sse", "alt"),
        ("POST", f"{STREAMED}?alt=sse&%61lt=sse", "alt"),
        ("GET", f"{STORED}?stream=true&stream=false", "stream"),
        ("GET", f"{STORED}?include=a&stream=true&stream=true", "stream"),
        ("POST", "/v1/messages?beta=true&beta=true", "beta"),
        ("POST", "/openai/deployments/d/chat/completions?api-version=2024-10-21&api-version=b", "api-version"),
        ("GET", "/v1beta/models?pageSize=1&pageSize=2", "pageSize"),
    ],
)
def test_a_parameter_has_one_value(method: str, target: str, name: str) -> None:
    """Of two, a backend may take the other one than the guards did."""
    with pytest.raises(RequestError, match=f"the query parameter {name} stands there twice: send it once") as refused:
        begun(method, target)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("target", "pairs"),
    [
        (f"{STORED}?include=a&include=b.c_d", [("include", "a"), ("include", "b.c_d")]),
        (
            f"{STORED}?include[]=a&stream=false&include%5B%5D=b",
            [("include[]", "a"), ("stream", "false"), ("include[]", "b")],
        ),
    ],
)
def test_a_list_has_several(target: str, pairs: list[tuple[str, str]]) -> None:
    """All of them are there for the guards, in order."""
    assert list(begun("GET", target).query) == pairs


@pytest.mark.parametrize(
    ("method", "target", "passed"),
    [
        ("POST", f"{STREAMED}?alt=sse", f"{STREAMED}?alt=sse"),
        ("POST", f"{STREAMED}?&&alt=%73se&#alt=json", f"{STREAMED}?alt=sse"),
        ("POST", f"http://elsewhere.example{STREAMED}?alt=sse", f"{STREAMED}?alt=sse"),
        ("GET", f"{STORED}?include[]=a&include[]=b", f"{STORED}?include%5B%5D=a&include%5B%5D=b"),
        ("GET", f"{STORED}?", STORED),
    ],
)
def test_a_target_is_written_anew(method: str, target: str, passed: str) -> None:
    """Another spelling, empty parameters, a fragment, another host: none of it goes on."""
    exchange = begun(method, target)
    query = passed_query(exchange)
    assert passed_path(exchange) + (f"?{query}" if query else "") == passed


def test_what_was_judged_is_what_goes_on() -> None:
    """The target is made of the exchange alone: there is no other way for anything into it."""
    exchange = replace(begun("POST", f"{STREAMED}?alt=sse"), params={"model": "other"}, query=(("alt", "json"),))
    assert passed_path(exchange) == "/v1beta/models/other:streamGenerateContent"
    assert passed_query(exchange) == "alt=json"


def test_pages_are_cut_here() -> None:
    """A list of models is asked for whole, whatever page the caller wants."""
    head = {"anthropic-version": "2023-06-01"}
    exchange = begun("GET", "/v1/models?limit=2&after_id=claude-a&beta=true", head)
    assert passed_query(exchange) == "beta=true&limit=1000"
    assert dict(exchange.query)["after_id"] == "claude-a"

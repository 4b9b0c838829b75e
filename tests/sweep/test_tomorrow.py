"""The SDKs of tomorrow: a type that no release has yet is swept, and lets nothing through, with no new code.

A made-up type is put where a vendor would put one: another kind of item, block, part or event in the
SDK's own union, another member of its own class. The walk finds its places, and the tables inspect them.
"""

import re
from dataclasses import replace
from typing import Any, Literal, Union

import anthropic.types as anthropic_types
import ollama._types as ollama_types
import openai.types.responses as responses
import pydantic
import pytest
from google.genai import types as gemini
from openai.types import chat
from typing_extensions import TypedDict

from gateway.core.dialect import opaque
from gateway.core.paths import Paths
from gateway.dialects.registry import DIALECTS
from tests.support.inside import Inside
from tests.sweep.roots import Side, roots
from tests.sweep.shapes import Case
from tests.sweep.test_halves import HALVES, deltas, heard
from tests.sweep.test_positions import EVERYTHING, INSIDE_JSON, MAIL, cases_of, inside, leaks, naming

__all__ = ["inside", "naming"]  # fixtures


class Depth(TypedDict, total=False):
    whispered: str
    by_name: dict[str, list[str]]


class Block(TypedDict, total=False):
    """What a request might hold tomorrow."""

    type: Literal["confession"]
    confession: str
    depths: list[Depth]


class Item(pydantic.BaseModel):
    """What an answer might hold tomorrow."""

    type: Literal["confession"]
    confession: str
    depths: list[Depth] | None = None


class Event(pydantic.BaseModel):
    """What a stream might hold tomorrow."""

    type: Literal["response.confession.delta"]
    output_index: int
    item_id: str
    sequence_number: int
    delta: str


class Delta(pydantic.BaseModel):
    type: Literal["confession_delta"]
    confession: str


class BlockEvent(pydantic.BaseModel):
    type: Literal["content_block_delta"]
    index: int
    delta: Delta


class Message(TypedDict, total=False):
    role: Literal["user"]
    content: list[chat.ChatCompletionContentPartParam | Block]


class ChatRequest(TypedDict, total=False):
    model: str
    messages: list[chat.ChatCompletionMessageParam | Message]
    confessions: list[Block]


def grown(model: type[pydantic.BaseModel], **members: Any) -> Any:
    """Return an SDK's class with more members, or others."""
    made: Any = pydantic.create_model
    return made(model.__name__, __base__=model, **{name: (kind, None) for name, kind in members.items()})


PART = grown(gemini.Part, confession=Item | None)
TOMORROW: dict[str, tuple[str, str, Any]] = {
    "openai request": ("/v1/chat/completions", "request", ChatRequest),
    "openai answer": (
        "/v1/responses",
        "answer",
        grown(responses.Response, output=list[Union[responses.ResponseOutputItem, Item]]),  # noqa: UP007
    ),
    "openai event": ("/v1/responses", "events", Union[responses.ResponseStreamEvent, Event]),  # noqa: UP007
    "anthropic answer": (
        "/v1/messages",
        "answer",
        grown(anthropic_types.Message, content=list[Union[anthropic_types.ContentBlock, Item]]),  # noqa: UP007
    ),
    "anthropic event": ("/v1/messages", "events", Union[anthropic_types.RawMessageStreamEvent, BlockEvent]),  # noqa: UP007
    "gemini answer": (
        "/v1beta/models/{model}:generateContent",
        "answer",
        grown(
            gemini.GenerateContentResponse,
            candidates=list[grown(gemini.Candidate, content=grown(gemini.Content, parts=list[PART]))],  # type: ignore[misc,valid-type]
        ),
    ),
    "ollama answer": ("/api/chat", "answer", grown(ollama_types.ChatResponse, confession=Item)),
}


ITEM = {"+", "confession", "whispered", "by_name{key}", "by_name{}[]"}
PLACES = {name: ITEM for name in TOMORROW if not name.endswith("event")}


def side(name: str) -> Side:
    """Return the side of an endpoint that carries a type of tomorrow."""
    path, direction, kind = TOMORROW[name]
    for dialect in DIALECTS:
        for endpoint in dialect.endpoints:
            if endpoint.path == path and endpoint.method == "POST" and roots(dialect, endpoint) is not None:
                return Side(dialect, endpoint, direction, [kind])
    raise AssertionError(path)


def new(cases: list[Case]) -> list[Case]:
    """Return the cases in what the made-up types added."""
    return [case for case in cases if "confession" in str(case.value)]


@pytest.mark.parametrize("name", TOMORROW)
@pytest.mark.parametrize("canary", [MAIL, INSIDE_JSON], ids=lambda canary: canary.name)
async def test_a_type_of_tomorrow_is_swept(inside: Inside, name: str, canary: Any) -> None:
    """Its strings, free keys, lists and unnamed members are found, and none of them lets the canary through."""
    cases = new(cases_of(side(name), canary, EVERYTHING))
    assert {case.where.rpartition(".")[2] for case in cases} >= PLACES.get(name, {"+"})
    assert cases
    assert await leaks(inside, side(name), canary, cases) == []


@pytest.mark.parametrize("name", ["openai event", "anthropic event"])
async def test_a_delta_of_tomorrow_is_joined(naming: Inside, name: str) -> None:
    """Halves of a value in two events of a kind that nobody knows."""
    cases = new(deltas(side(name)))
    assert cases
    for case in cases:
        out = await heard(naming, side(name), case)
        assert not all(half in out for half in HALVES), case.where


@pytest.mark.parametrize("name", TOMORROW)
async def test_the_sweep_would_see_a_hole(inside: Inside, name: str) -> None:
    """A table that exempts everything lets the canary through, and the sweep says where."""
    whole = side(name)
    table = Paths(opaque(re.compile(r"(?s).*"), "/**"))
    holed = replace(whole, endpoint=replace(whole.endpoint, request=table, answer=table, events=table))
    assert await leaks(inside, holed, MAIL, new(cases_of(holed, MAIL, EVERYTHING)))

"""Canaries: a string in the system prompt that only a leak can bring into an answer."""

import re
from typing import Any

import pytest

from gateway.settings import Settings
from tests.support.backend import Backend
from tests.support.house import HouseBuilder
from tests.support.speech import chat_stream, completion, message, pieces

CHAT = "/v1/chat/completions"
SYSTEM = "You are the support bot of Acme."
CANARY = re.compile(r"ref-[a-z2-7]{20}")


def planting(settings: Settings) -> Settings:
    """A policy that plants canaries and takes them out of answers."""
    settings.policy.write_text(
        "apiVersion: sluice/v1alpha1\nkind: Policy\nmetadata: {name: canary}\nspec:\n"
        "  routes: [{id: all}]\n  inspect:\n    detectors: [secrets]\n    canary: true\n    rules:\n"
        "      - {id: leak, entities: [CANARY], direction: response, operator: redact}\n"
    )
    return settings


def asked(*roles: str) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": role, "content": SYSTEM} for role in (*roles, "user")]}


async def test_a_repeated_system_prompt_is_caught(build: HouseBuilder, backend: Backend) -> None:
    """Whole and streamed, however the stream is cut and in whatever case the model repeats it."""
    house = await build(settings=planting)
    backend.answers(completion("ok"))
    await house.post(CHAT, asked("system"))
    system, user = backend.asked[-1].body["messages"]
    [canary] = CANARY.findall(system["content"])
    assert system["content"].startswith(SYSTEM)
    assert user["content"] == SYSTEM
    for said in (canary, canary.upper()):
        backend.answers(completion(f"My reference is {said}."))
        reply = await house.post(CHAT, asked("system"))
        assert reply.body["choices"][0]["message"]["content"] == "My reference is [CANARY]."
    for size in (1, 7):
        backend.streams(chat_stream(pieces(f"My reference is {canary}.", size)))
        reply = await house.post(CHAT, asked("system") | {"stream": True})
        assert b"[CANARY]" in reply.raw
        assert canary[:14].encode() not in reply.raw


async def test_each_tenant_has_its_own(build: HouseBuilder, backend: Backend) -> None:
    """The same in every conversation of a tenant, so that the provider's prompt cache keeps hitting."""
    house = await build(settings=planting)
    backend.answers(completion("ok"))
    for tenant in ("acme", "acme", "other"):
        await house.post(CHAT, asked("system", "developer"), token=house.token(tenant=tenant))
    seen = CANARY.findall(backend.text)
    assert len(seen) == 3  # one a request, in the last part of the system prompt
    assert seen[0] == seen[1] != seen[2]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (CHAT, asked()),
        ("/v1/responses", {"model": "m", "instructions": SYSTEM, "input": "Hi"}),
    ],
)
async def test_where_there_is_no_place_for_one(
    build: HouseBuilder, backend: Backend, path: str, body: dict[str, Any]
) -> None:
    """A conversation without a system prompt, and instructions that the answer repeats, stay as they are."""
    house = await build(settings=planting)
    backend.answers(completion("ok"))
    await house.post(path, body)
    assert not CANARY.search(backend.text)


async def test_anthropic(build: HouseBuilder, backend: Backend) -> None:
    """The system prompt beside the messages."""
    house = await build(settings=planting)
    backend.answers(message("ok"))
    body = {"model": "m", "max_tokens": 9, "system": SYSTEM, "messages": [{"role": "user", "content": "Hi"}]}
    assert (await house.post("/v1/messages", body)).status == 200
    assert CANARY.search(backend.asked[-1].body["system"])

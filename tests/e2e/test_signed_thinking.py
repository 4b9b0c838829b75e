"""Thinking that a signature covers: what the client sends back is, at the backend, what was signed, to the byte."""

import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

import anthropic
import pytest

from tests.support.backend import Backend
from tests.support.house import House
from tests.support.speech import message, named_sse, pieces

MAIL = "maria.lopez@acme.com"
SIGNATURE = "EqQBCkYIBxgCKkBh" + "A" * 40 + "=="
ASKED = {"role": "user", "content": f"I am Maria, my address is {MAIL}."}
SPELLINGS = {
    "{0}": True,
    "{0}(the user's) it is.": True,
    "[see {0}](mailto), so ({0})": True,
    "[{0}](mailto)": False,  # a text that begins as JSON does
    "see [{0}](mailto) as text": True,
    "{0} or {1}": True,  # the second without brackets
    "is {2} meant?": False,  # in small letters
    "see [it](mailto:{3})": False,  # percent-encoded
    "a{0}b joins words": False,
    "\\[{1}\\] escaped": False,
}
"""What a model may make of a token, and whether any of it is restored: only what the value leads back to."""


@pytest.fixture
async def client(house: House) -> AsyncIterator[anthropic.AsyncAnthropic]:
    """The client, as an application would make it."""
    async with anthropic.AsyncAnthropic(base_url=house.url, api_key=house.token(), max_retries=0) as made:
        yield made


async def spelt(client: anthropic.AsyncAnthropic, backend: Backend, text: str) -> str:
    """Return a text with the token of the user's address in its spellings."""
    backend.answers(message("ok"))
    await client.messages.create(model="claude-x", max_tokens=99, messages=[ASKED])  # type: ignore[list-item]
    found = re.search(r"\[EMAIL_ADDRESS_\w+\]", backend.asked[-1].body["messages"][0]["content"])
    assert found is not None
    token, bare = found.group(), found.group().strip("[]")
    return text.format(token, bare, token.lower(), f"%5B{bare}%5D")


def thought(parts: Sequence[str]) -> list[bytes]:
    """Return a stream that thinks, signs and answers."""
    blocks: list[Any] = [
        {
            "type": "content_block_start",
            "index": 0,
            "content_block": {"type": "thinking", "thinking": "", "signature": ""},
        },
        *(
            {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": p}}
            for p in parts
        ),
        {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": SIGNATURE}},
        {"type": "content_block_stop", "index": 0},
        {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "Done."}},
        {"type": "content_block_stop", "index": 1},
    ]
    begun = {"type": "message_start", "message": {**message(""), "content": [], "stop_reason": None}}
    ended = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 7}}
    return named_sse(begun, *blocks, ended, {"type": "message_stop"})


@pytest.mark.parametrize("size", [0, 1, 5, 1000])
@pytest.mark.parametrize("text", SPELLINGS)
async def test_what_goes_back_is_what_was_signed(
    client: anthropic.AsyncAnthropic, backend: Backend, text: str, size: int
) -> None:
    """Whole (0) and streamed, whatever of the token's spellings the model thought in."""
    signed = await spelt(client, backend, text)
    if size:
        backend.streams(thought(pieces(signed, size)))
    else:
        thinking = {"type": "thinking", "thinking": signed, "signature": SIGNATURE}
        backend.answers({**message("Done."), "content": [thinking, {"type": "text", "text": "Done."}]})
    asked: Any = {"model": "claude-x", "max_tokens": 99, "messages": [ASKED]}
    if size:
        async with client.messages.stream(**asked) as stream:
            heard = await stream.get_final_message()
    else:
        heard = await client.messages.create(**asked)
    block = heard.content[0].model_dump()
    assert (MAIL in block["thinking"]) == SPELLINGS[text]
    backend.answers(message("ok"))
    history = [ASKED, {"role": "assistant", "content": [block]}, {"role": "user", "content": "Go on."}]
    await client.messages.create(**{**asked, "messages": history})
    assert backend.asked[-1].body["messages"][1]["content"][0] == {
        "type": "thinking",
        "thinking": signed,
        "signature": SIGNATURE,
    }
    assert MAIL not in backend.text

"""A value that is cut between two texts of a request is seen as the model sees it, and each piece comes back."""

from typing import Any

import pytest

from gateway.dialects.registry import Registry
from tests.support.inside import Inside

CHAT, CLAUDE, GEMINI = "/v1/chat/completions", "/v1/messages", "/v1beta/models/g:generateContent"


@pytest.fixture(scope="module")
def inside() -> Inside:
    """The default policy."""
    return Inside.of()


async def sent(inside: Inside, path: str, body: Any) -> Any:
    match = Registry().find("POST", path, {})
    assert match is not None
    return (await inside.asks(inside.exchange(match.dialect, match.endpoint, body))).payload


def parts(path: str, *texts: str) -> dict[str, Any]:
    """A request with one message of these parts."""
    if path == GEMINI:
        return {"contents": [{"role": "user", "parts": [{"text": text} for text in texts]}]}
    return {"model": "m", "messages": [{"role": "user", "content": [{"type": "text", "text": text} for text in texts]}]}


CUT = [
    (("My card is 4111 1111", "1111 1111, ok"), ("4111 1111", "1111 1111")),
    (("My card is 4111 1111 ", " 1111 1111, ok"), ("4111 1111", "1111 1111")),
    (("Card: 4111", "1111", "1111", "1111 till May"), ("4111", "1111")),
    (("Ask maria.lop", "ez@acme.com today"), ("maria.lop", "ez@acme.com")),
    (("My key is ghp_wWPw5k4aXcaT4fNP", "0UcnZwJUVFk6LO0pINUx"), ("wWPw5k4aXcaT4fNP", "UcnZwJUVFk6LO0pINUx")),
    (("SSN 219-09", "-9999"), ("219-09", "-9999")),
]


@pytest.mark.parametrize("path", [CHAT, CLAUDE, GEMINI])
@pytest.mark.parametrize(("texts", "pieces"), CUT)
async def test_parts_of_a_message(inside: Inside, path: str, texts: tuple[str, ...], pieces: tuple[str, ...]) -> None:
    """In two parts or in many, in the middle of a word or between groups; what stands around stays."""
    out = str(await sent(inside, path, parts(path, *texts)))
    assert not any(piece in out for piece in pieces)
    assert texts[0].split()[0] in out


async def test_a_number_in_two_messages(inside: Inside) -> None:
    """It goes on where the next message begins, and what was replaced comes back piece by piece."""
    said = ["My card is 4111 1111", "1111 1111. Why?"]
    body: Any = {"model": "m", "messages": [{"role": "user", "content": text} for text in said]}
    match = Registry().find("POST", CHAT, {})
    assert match is not None
    exchange = await inside.asks(inside.exchange(match.dialect, match.endpoint, body))
    payload: Any = exchange.payload
    told = [message["content"] for message in payload["messages"]]
    assert "1111" not in str(told)
    assert exchange.ledger is not None
    for text, came in zip(told, said, strict=True):
        assert [came[-9:] if text.endswith("]") else came[:9]] == [v for _, _, v in exchange.ledger.restorable(text)]


@pytest.mark.parametrize(
    "said",
    [
        ("I was born in 19", "84 people came"),
        ("Chapter 4111", "1112 pages"),
        ("My name is Maria", "Hello"),
        ("The answer is 42", "17 more"),
        ("4111 1111 and", "1111 1111"),
    ],
)
async def test_texts_that_only_follow_one_another(inside: Inside, said: tuple[str, str]) -> None:
    """Numbers that end one message and begin the next make no value by that."""
    body: Any = {"model": "m", "messages": [{"role": "user", "content": text} for text in said]}
    alone = [(await sent(inside, CHAT, {**body, "messages": [message]}))["messages"][0] for message in body["messages"]]
    assert (await sent(inside, CHAT, body))["messages"] == alone


async def test_a_long_text_between_two(inside: Inside) -> None:
    """Each of its ends is a seam of its own."""
    body = parts(CHAT, "Card 4111 1111", "1111 1111 " + "and so on " * 60 + "5500 0000", "0000 0004 ok")
    out = str(await sent(inside, CHAT, body))
    assert "1111" not in out
    assert "0000" not in out
    assert out.count("and so on ") == 60

"""Values in disguise: what is undone in a request is undone in an answer, whole or in pieces."""

import base64
import random
from typing import Any

import pytest

from gateway.core.dialect import Framing
from gateway.dialects import codecs
from gateway.dialects.registry import Match, Registry
from tests.support.inside import Inside, data
from tests.support.speech import chunk, completion

MAIL, CARD, SSN = "maria.lopez@acme.com", "4111111111111111", "219-09-9999"


def full_width(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


DISGUISED = {
    "mail in full width": full_width(MAIL),
    "card in full width": full_width(CARD),
    "number in full width": full_width(SSN),
    "account in full width": full_width("DE89370400440532013000"),
    "phone in full width": full_width("+14155550132"),
    "spaced digits": " ".join(CARD),
    "mathematical digits": "".join(chr(0x1D7CE + int(digit)) for digit in CARD),
    "circled digits": "".join(chr(0x245F + int(digit)) for digit in CARD),
    "digits of another script": "".join(chr(0x0660 + int(sign)) if sign.isdigit() else sign for sign in SSN),
    "typographic hyphens": "4111\u20111111\u20111111\u20111111",
    "nothing to see between": "4111\u200b1111\u200b1111\u200b1111",
    "a foreign letter": MAIL.replace("a", "\u0430", 1),
    "percent": MAIL.replace("@", "%40"),
    "words for signs": "maria.lopez [at] acme [dot] com",
    "base64": base64.b64encode(MAIL.encode()).decode(),
    "key in full width": full_width("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"),
}


@pytest.fixture(scope="module")
def inside() -> Inside:
    """The default policy."""
    return Inside.of()


@pytest.fixture(scope="module")
def chat() -> Match:
    """OpenAI's chat."""
    match = Registry().find("POST", "/v1/chat/completions", {})
    assert match is not None
    return match


async def streamed(inside: Inside, chat: Match, pieces: list[str]) -> str:
    """Return the text that a caller hears."""
    encoder = codecs.encoder(Framing.SSE)
    sent = [
        encoder.encode(data(event)) for event in (*(chunk({"content": piece}) for piece in pieces), chunk({}, "stop"))
    ]
    steps = await inside.carries(inside.exchange(chat.dialect, chat.endpoint, {}), [*sent, encoder.end()], Framing.SSE)
    events: list[Any] = [frame.data for step in steps for frame in step if frame.data is not None]
    return "".join(event["choices"][0]["delta"].get("content", "") for event in events)


@pytest.mark.parametrize("name", DISGUISED)
async def test_disguise_is_undone_in_both_directions(inside: Inside, chat: Match, name: str) -> None:
    """Nobody gets a value by asking for it in other signs; however a stream is cut, it says what the whole says."""
    text = f"Write this down: {DISGUISED[name]} is what they told me."
    asked = inside.exchange(chat.dialect, chat.endpoint, {"messages": [{"role": "user", "content": text}]})
    assert DISGUISED[name] not in str((await inside.asks(asked)).payload)
    body = codecs.encoder(None).encode(data(completion(text)))
    [[frame], *_] = [step for step in await inside.carries(asked, [body], None) if step]
    said: Any = frame.data
    whole = said["choices"][0]["message"]["content"]
    assert DISGUISED[name] not in str(whole)
    dice = random.Random(name)
    cuts = sorted(dice.sample(range(1, len(text)), 6))
    assert await streamed(inside, chat, [*text]) == whole
    assert (
        await streamed(inside, chat, [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]) == whole
    )

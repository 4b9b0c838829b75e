"""What a vendor adds to a delta tomorrow is a delta too: nothing is cut by the border of an event."""

from typing import Any

import pytest

from gateway.core.answer import Answer
from gateway.core.decision import Direction
from gateway.core.dialect import Endpoint
from gateway.core.frame import Frame, FrameKind
from gateway.core.pseudonym import Ledger
from gateway.core.redact import Redactor
from gateway.core.tally import rulebook
from gateway.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from gateway.dialects.openai_chat import OPENAI_CHAT
from gateway.policy.cases import all_strings
from gateway.policy.loader import load_plan
from gateway.scaffold import packaged_policies
from tests.support.house import DETECTORS
from tests.support.operators import PlainOperators

HALVES = ("write to maria.lo", "pez@acme.com now")


def chat(delta: Any, finish: str | None = None) -> Any:
    """An event of OpenAI chat."""
    return {"id": "chatcmpl-a", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def block(delta: Any) -> Any:
    """An event of Anthropic messages."""
    return {"type": "content_block_delta", "index": 0, "delta": delta}


CASES: dict[str, Any] = {
    "a list of parts": (OPENAI_CHAT, lambda t: chat({"content": [{"type": "text", "text": t}]}), chat({}, "stop")),
    "reasoning details": (
        OPENAI_CHAT,
        lambda t: chat({"reasoning_details": [{"type": "reasoning.text", "index": 0, "text": t, "format": "x-v1"}]}),
        chat({}, "stop"),
    ),
    "thinking": (OPENAI_CHAT, lambda t: chat({"thinking": t}), chat({}, "stop")),
    "an unknown delta": (
        ANTHROPIC_MESSAGES,
        lambda t: block({"type": "note_delta", "note": t}),
        {"type": "content_block_stop", "index": 0},
    ),
}


def spoken(endpoint: Endpoint, events: list[Any]) -> list[Any]:
    """What a client gets of these events."""
    from detectors import catalog
    from gateway.adapters.detector_pool import local

    plan = load_plan(packaged_policies() / "default.yaml")
    pii = DETECTORS.setdefault("pii", catalog.build("pii"))
    promise, find = local([pii])
    redactor = Redactor(
        Direction.RESPONSE, rulebook(plan, Direction.RESPONSE), Ledger(b"k" * 32, "a"), PlainOperators(), promise
    )
    answer = Answer(endpoint, redactor, streaming=True, max_hold=9999, rulings={})
    out: list[Any] = []
    for event in events:
        answer.receive([Frame(FrameKind.DATA, event)])
        out += answer.release(find([q.text for q in answer.questions()]))
    answer.finish()
    out += answer.release(find([q.text for q in answer.questions()]))
    return [frame.data for frame in out]


@pytest.mark.parametrize("name", CASES)
def test_an_address_that_two_events_share(name: str) -> None:
    """Its first half does not leave."""
    dialect, event, close = CASES[name]
    heard = spoken(dialect.endpoints[0], [event(HALVES[0]), event(HALVES[1]), close])
    texts = [text for each in heard for _, text in all_strings(each)]
    said = "".join(text for text in texts if " " in text)
    assert said == "write to [EMAIL_ADDRESS] now"
    assert not any("maria" in text or "pez@" in text for text in texts)
    kinds = {text for text in texts if text in ("text", "reasoning.text", "note_delta", "x-v1")}
    assert kinds or name == "thinking", "words beside a text stay where they are"

"""What is written like an identifier and is somebody's key or number does not pass as an identifier."""

import base64
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gateway.core.decision import Action, Decision, Enforcement, Reason
from gateway.core.exchange import Ruling
from gateway.core.plan import ContentRuling
from gateway.dialects.registry import Registry
from tests.support.inside import Inside, changed, default_plan
from tests.support.vendor_ids import BLOBS, IDS

KEY = "sk-proj-abcDEF123abcDEF123abcDEF123abcDEF123abcDEF123"
TOKEN = "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"
AMAZON = "AKIA3KXWPD5RUZ7LTQ2N"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
OWNED = {
    KEY: "API_KEY",
    TOKEN: "ACCESS_TOKEN",
    f"call_{TOKEN}": "ACCESS_TOKEN",
    AMAZON: "API_KEY",
    JWT: "ACCESS_TOKEN",
    "id_DE89370400440532013000": "IBAN_CODE",
    "card-4111-1111-1111-1111": "CREDIT_CARD",
    "card_4111111111111111": "CREDIT_CARD",
    "ssn:219-09-9999": "US_SSN",
    "call_219-09-9999": "US_SSN",
    base64.b64encode(f"The key is {KEY}".encode()).decode().rstrip("="): "API_KEY",
}


def chat(**message: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "assistant", "content": "Hi", **message}]}


def claude(**block: Any) -> dict[str, Any]:
    return {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": [block]}]}


Body = Callable[[str], dict[str, Any]]
PLACES: dict[str, tuple[str, Body]] = {
    "/messages/0/tool_call_id": ("/v1/chat/completions", lambda v: chat(tool_call_id=v)),
    "/messages/0/tool_calls/0/id": ("/v1/chat/completions", lambda v: chat(tool_calls=[{"id": v}])),
    "/model": ("/v1/chat/completions", lambda v: {"model": v, "messages": []}),
    "/tools/0/function/name": (
        "/v1/chat/completions",
        lambda v: {**chat(), "tools": [{"type": "function", "function": {"name": v}}]},
    ),
    "/input/0/call_id": ("/v1/responses", lambda v: {"input": [{"type": "function_call_output", "call_id": v}]}),
    "/input/0/encrypted_content": (
        "/v1/responses",
        lambda v: {"input": [{"type": "reasoning", "encrypted_content": v}]},
    ),
    "/messages/0/content/0/tool_use_id": ("/v1/messages", lambda v: claude(type="tool_result", tool_use_id=v)),
    "/messages/0/content/0/signature": ("/v1/messages", lambda v: claude(type="thinking", thinking="x", signature=v)),
    "/contents/0/parts/0/thoughtSignature": (
        "/v1beta/models/g:generateContent",
        lambda v: {"contents": [{"parts": [{"thoughtSignature": v}]}]},
    ),
    "/messages/0/tool_call_id ": ("/api/chat", lambda v: chat(tool_call_id=v)),
}


@pytest.fixture(scope="module")
def inside() -> Inside:
    """The default policy."""
    return Inside.of()


async def ruled(inside: Inside, path: str, body: dict[str, Any], **head: Any) -> Ruling:
    """Return the guard's ruling on a request."""
    match = Registry().find("POST", path, {})
    assert match is not None
    exchange = inside.exchange(match.dialect, match.endpoint, body)
    return await inside.inspect(replace(exchange, **head))


def on_identifiers(ruling: Ruling) -> list[Decision]:
    return [decision for decision in ruling.decisions if decision.reason is Reason.IDENTIFIER_DENIED]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("value", OWNED)
async def test_what_somebody_owns_is_no_identifier(inside: Inside, place: str, value: str) -> None:
    """It goes nowhere: refused in an exempt place, naming both; rewritten where it makes the place a text."""
    path, body = PLACES[place]
    ruling = await ruled(inside, path, body(value))
    decisions = on_identifiers(ruling)
    if not decisions:
        assert value not in str(ruling.exchange.payload)
        return
    assert (decisions[0].action, ruling.status) == (Action.DENY, 400)
    assert f"{OWNED[value]} at {place.strip()}," in ruling.detail
    assert value not in ruling.detail + repr(ruling)


@pytest.mark.parametrize(
    ("kind", "place"),
    [(kind, "/messages/0/tool_call_id") for kind in IDS]
    + [(kind, "/messages/0/content/0/signature") for kind in BLOBS],
)
async def test_what_vendors_make_passes(inside: Inside, kind: str, place: str) -> None:
    """Their identifiers and signatures go on as they came, whatever they look like by chance."""
    dice = random.Random(kind)
    path, body = PLACES[place]
    for _ in range(20 if kind in IDS else 3):
        value = (IDS.get(kind) or BLOBS[kind])(dice)
        ruling = await ruled(inside, path, body(value))
        assert not on_identifiers(ruling), value
        assert value in str(ruling.exchange.payload)


@pytest.mark.parametrize(
    "name",
    [
        "gpt-4o-2024-08-06",
        "claude-3-5-sonnet-20241022",
        "hf.co/bartowski/Llama-3.2:Q4_K_M",
        "accounts/fireworks/models/llama-v3p1-8b",
        "meta.llama3-1-70b-instruct-v1:0",
        "us.anthropic.claude-sonnet-4-20250514-v1:0",
        "ft:gpt-4o-mini-2024-07-18:acme::AbCd1234",
    ],
)
async def test_models_keep_their_names(inside: Inside, name: str) -> None:
    """Dates, hosts and versions are what models are named by."""
    path, body = PLACES["/model"]
    ruling = await ruled(inside, path, body(name))
    assert ruling.exchange.payload == body(name)


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("reasoning_effort", "c-4111-1111-1111-1111"),
        ("verbosity", 4111111111111111),
        ("service_tier", 219099999),
        ("reasoning_effort", "ssn-219-09-9999"),
    ],
)
async def test_a_word_of_the_format_has_no_room_for_a_number(inside: Inside, word: str, value: str | int) -> None:
    """Neither as a string nor as a JSON number: it is a text there, and looked at as one."""
    ruling = await ruled(inside, "/v1/chat/completions", {"model": "m", "messages": [], word: value})
    assert not on_identifiers(ruling)
    [looked] = ruling.decisions
    assert looked.action is (Action.ALLOW if value == 219099999 else Action.REDACT)  # nothing says what that is


@pytest.mark.parametrize("value", ["eoazei6lplsmtp4m", "msg_01235kimLY93Z1Q7DTCTVR5U", "call_1732500000123456784"])
async def test_chance_is_no_owner(inside: Inside, value: str) -> None:
    """These are a fiscal code, an account number and a card to the detectors, and came out of random generators."""
    path, body = PLACES["/messages/0/tool_call_id"]
    assert (await ruled(inside, path, body(value))).exchange.payload == body(value)


@pytest.mark.parametrize("value", [b"IBAN DE89370400440532013000", b"my ssn is 219-09-9999", b"4111 1111 1111 1111"])
async def test_what_is_encoded_is_no_blob(inside: Inside, value: bytes) -> None:
    """Base64 is what signatures are made of; these decode to a text."""
    path, body = PLACES["/messages/0/content/0/signature"]
    for made in (base64.b64encode(value).decode(), value.hex()):
        ruling = await ruled(inside, path, body(made))
        assert on_identifiers(ruling) or made not in str(ruling.exchange.payload)  # digits alone are no blob


@pytest.mark.parametrize("member", ["id", "format"])
async def test_what_stands_beside_media_is_looked_at(member: str) -> None:
    """Where media are inspected, a word or an identifier beside them is none of their texts."""
    plan = default_plan()
    looking = Inside.of(changed(plan, opaque={**plan.opaque, "media": ContentRuling.INSPECT}))
    value = {"id": TOKEN, "format": "a/shpat_" + "0a1b2c3d4e5f6789" * 2}[member]
    part = {"type": "input_audio", "input_audio": {"data": "aGk=", member: value}}
    ruling = await ruled(looking, "/v1/chat/completions", chat(content=[part]))
    assert f"/messages/0/content/0/input_audio/{member}," in ruling.detail


async def test_state_that_passes_is_a_reference_and_no_text() -> None:
    """What a policy lets pass unseen is what the provider named; a sentence or a key in its place is looked at."""
    passing = Inside.of(default_plan(lambda policy: policy.replace("state: deny", "state: pass")))

    async def sent(value: str) -> Ruling:
        return await ruled(passing, "/v1/responses", {"model": "m", "input": "Hi", "previous_response_id": value})

    ruling = await sent("resp_68a1f0c2b7e88190a1")
    assert ruling.exchange.payload == {"model": "m", "input": "Hi", "previous_response_id": "resp_68a1f0c2b7e88190a1"}
    assert "ann.lee@acme.com" not in str((await sent("Ask ann.lee@acme.com")).exchange.payload)
    assert "ACCESS_TOKEN at /previous_response_id," in (await sent(TOKEN)).detail


async def test_objects_that_pass_as_state_hold_references_and_no_text() -> None:
    """What is true of a string is true of every string in an object, and of its keys."""
    passing = Inside.of(default_plan(lambda policy: policy.replace("state: deny", "state: pass")))

    async def sent(value: Any) -> Ruling:
        return await ruled(passing, "/v1/responses", {"model": "m", "input": "Hi", "conversation": value})

    reference = {"id": "conv_68a1f0c2b7e88190a1", "parts": ["msg_1", 7]}
    assert (await sent(reference)).exchange.payload == {"model": "m", "input": "Hi", "conversation": reference}
    for value in (
        {"id": {"note": "Ask ann.lee@acme.com"}},
        {"ann.lee@acme.com": "x"},
        ["My card is 4111 1111 1111 1111"],
    ):
        payload = str((await sent(value)).exchange.payload)
        assert "ann.lee@acme.com" not in payload
        assert "4111 1111" not in payload
    assert "ACCESS_TOKEN at /conversation/*/0," in (await sent({"x": [TOKEN]})).detail


@pytest.mark.parametrize(
    ("head", "values"),
    [
        ("params", {"model": TOKEN}),
        ("query", (("model", TOKEN),)),
        ("query", (("model", "m"), ("model", TOKEN))),
        ("headers", {"model": TOKEN}),
    ],
)
async def test_the_head_is_looked_at(inside: Inside, head: str, values: Any) -> None:
    """What goes upstream of it, each value of a list."""
    ruling = await ruled(inside, "/v1/chat/completions", chat(), **{head: values})
    assert [decision.action for decision in on_identifiers(ruling)] == [Action.DENY]
    assert "ACCESS_TOKEN at model in the" in ruling.detail


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("anthropic-version", "2023-06-01"),
        ("anthropic-beta", "prompt-caching-2024-07-31,interleaved-thinking-2025-05-14, context-1m-2025-08-07"),
        ("anthropic-beta", "fine-grained-tool-streaming-2025-05-14,computer-use-2025-01-24,mcp-client-2025-04-04"),
        ("anthropic-beta", "token-efficient-tools-2025-02-19,output-128k-2025-02-19,files-api-2025-04-14"),
        ("anthropic-beta", "code-execution-2025-08-25,skills-2025-10-02,context-management-2025-06-27"),
        ("openai-beta", "assistants=v2,responses=experimental"),
    ],
)
async def test_headers_name_versions_and_features(inside: Inside, name: str, value: str) -> None:
    """Which are full of dates, and nobody's."""
    assert not on_identifiers(
        await ruled(inside, "/v1/messages", claude(type="text", text="Hi"), headers={name: value})
    )


@pytest.mark.parametrize(
    ("change", "action", "enforcement"),
    [
        (("", ""), Action.DENY, Enforcement.ENFORCE),
        (
            ("      - id: secrets\n", "      - id: secrets\n        enforcement: shadow\n"),
            Action.ALLOW,
            Enforcement.SHADOW,
        ),
        (("      - id: secrets\n", "      - id: secrets\n        enforcement: warn\n"), Action.ALLOW, Enforcement.WARN),
    ],
)
async def test_a_rule_that_is_not_enforced_refuses_nothing(
    change: tuple[str, str], action: Action, enforcement: Enforcement
) -> None:
    """It says what it would have done."""
    path, body = PLACES["/messages/0/tool_call_id"]
    ruling = await ruled(Inside.of(default_plan(lambda policy: policy.replace(*change))), path, body(TOKEN))
    [decision] = on_identifiers(ruling)
    assert (decision.action, decision.would_action, decision.enforcement) == (action, Action.DENY, enforcement)
    assert (decision.rule, dict(decision.evidence)) == ("secrets", {"findings.ACCESS_TOKEN": 1})


async def test_what_a_rule_keeps_may_stand_there() -> None:
    """Policies decide, in an identifier as in a text."""
    path, body = PLACES["/messages/0/tool_call_id"]
    here = "tags: [secret]\n        operator: "
    keeping = default_plan(lambda policy: policy.replace(f"{here}pseudonym", f"{here}keep"))
    ruling = await ruled(Inside.of(keeping), path, body(TOKEN))
    assert not on_identifiers(ruling)
    assert ruling.exchange.payload == body(TOKEN)

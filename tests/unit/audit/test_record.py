"""Records as bytes: facts hold no prose, and the encoding lets nothing move between columns."""

from enum import StrEnum

import pytest

from gateway.audit.record import canonical_facts, encode
from gateway.audit.subject import subject_digest
from gateway.core.identifier import OTHER, identifier


class Colour(StrEnum):
    RED = "red"


def test_facts_are_canonical_json() -> None:
    """Sorted keys, no blanks, enums as their values: equal facts are equal bytes."""
    facts = {"b": [1, 2.5, None, True], "a": {"z": Colour.RED, "y": ("k", -1)}}
    assert canonical_facts(facts) == b'{"a":{"y":["k",-1],"z":"red"},"b":[1,2.5,null,true]}'
    assert canonical_facts(dict(reversed(facts.items()))) == canonical_facts(facts)


@pytest.mark.parametrize(
    "text", ["Maria Canary", "a\nb", "naïve", "x" * 161, "<b>", "\x1b[0m", '"', "maria@example.com", "a@b@c"]
)
def test_prose_never_gets_into_the_facts(text: str) -> None:
    """A string that is no short identifier becomes a fixed word."""
    assert canonical_facts({"model": text}) == f'{{"model":"{OTHER}"}}'.encode()
    assert identifier(text) == OTHER


@pytest.mark.parametrize("text", ["gpt-4o", "sha256:ab", "openai/gpt-4o@1", "2026-11-24T20:00:00.000+00:00"])
def test_identifiers_pass(text: str) -> None:
    """Ids, times, models and digests stay as they are."""
    assert canonical_facts({"x": text, "none": ""}) == f'{{"none":"","x":"{text}"}}'.encode()
    assert identifier(text) == text


@pytest.mark.parametrize(
    "facts",
    [
        {"x": b"bytes"},
        {"x": float("inf")},
        {"x": {1}},
        {"": 1},
        {"1a": 1},
        {"two words": 1},
        {"x" * 97: 1},
        {1: 1},
        {"a": {"b": {"c": {"d": {"e": 1}}}}},
    ],
)
def test_what_is_no_fact_is_refused(facts: dict[str, object]) -> None:
    """A wrong type, a key that is no name or deep nesting is a bug of the caller."""
    with pytest.raises(ValueError, match="facts"):
        canonical_facts(facts)


def test_the_encoding_is_injective_where_columns_meet() -> None:
    """The same bytes split otherwise, or absent instead of empty, encode otherwise."""
    lists: list[tuple[bytes | None, ...]] = [(b"ab", b"c"), (b"a", b"bc"), (b"abc", b""), (b"abc", None), (b"abc",)]
    assert len({encode(*fields) for fields in lists}) == len(lists)


def test_a_subject_is_known_within_its_tenant_only() -> None:
    """Same key, tenant and subject: same digest. Anything else: another."""
    digest = subject_digest(b"k" * 32, "acme", "maria")
    assert digest == subject_digest(b"k" * 32, "acme", "maria")
    assert len(digest) == 34
    assert digest.startswith("s_")
    others = [("j", "acme", "maria"), ("k", "acm", "emaria"), ("k", "globex", "maria"), ("k", "acme", "mario")]
    assert digest not in {subject_digest(key.encode() * 32, tenant, subject) for key, tenant, subject in others}
    assert "maria" not in digest

"""Payloads as leaves: opaque or inspected, nothing else."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.dialect import IDENT, WORD, opaque, token_ids
from gateway.core.jsonvalue import Json
from gateway.core.paths import Paths, pointer
from gateway.core.payload import GONE, Key, Kind, Leaf, Mark, TooDeep, get, leaves, substitute
from gateway.policy.cases import all_strings
from tests.unit.core.test_strictjson import json_values

WORDS = Mark(Kind.OPAQUE, re.compile("[a-z]+"))
EMPTY: Paths[Mark] = Paths({})


def texts(payload: Json, table: Paths[Mark] = EMPTY) -> list[str]:
    """The inspected texts of a payload."""
    return [leaf.text for leaf in leaves(payload, table)]


def test_everything_is_inspected_by_default() -> None:
    """Strings, odd keys, long numbers, at any depth; flags, nulls and small numbers say nothing."""
    payload: Json = {
        "a": ["x", {"b": "y"}],
        "john@doe.com": 1,
        "n": 4111111111111111,
        "f": 1234567.0,
        "t": True,
        "s": 12,
    }
    assert texts(payload) == ["x", "y", "john@doe.com", "4111111111111111", "1234567"]


@pytest.mark.parametrize("key", ["model", "max_tokens", "$ref", "@type", "content", "systemInstruction"])
def test_plain_keys_are_names(key: str) -> None:
    """Identifiers are not texts."""
    assert texts({key: None}) == []


@pytest.mark.parametrize(
    "key",
    [
        "John Smith",
        "a@b.de",
        "0171234567",
        "id_1",
        "ssn-078-05-1120",
        "tel:5551234567",
        "größe",
        "x" * 33,
        "a b",
        "AKIA7Q",
    ],
)
def test_other_keys_are_texts(key: str) -> None:
    """A key that could be somebody's is inspected."""
    assert texts({key: None}) == [key]


def test_an_exemption_holds_while_the_shape_does() -> None:
    """An exempt place with an odd value is inspected like any other."""
    table = Paths({"/role": WORDS, "/items/*/type": WORDS})
    assert texts({"role": "user", "items": [{"type": "text"}]}, table) == []
    assert texts({"role": "john@doe.com", "items": [{"type": "Text 1"}]}, table) == ["john@doe.com", "Text 1"]


def test_patterns() -> None:
    """`*` is one step, `**` any number, and the first pattern given wins."""
    one, two, three = (Mark(Kind.OPAQUE, re.compile(p)) for p in ("a", "b", "c"))
    table = Paths([("/x/*/y", one), ("/x/**/y", two), ("/**/z", three)])

    def at(*steps: str | int) -> Mark | None:
        state = table.root
        for step in steps:
            state = state.index() if isinstance(step, int) else state.key(step)
        return state.mark

    assert at("x", 0, "y") is one
    assert at("x", "q", "y") is one
    assert at("x", "y") is two
    assert at("x", 0, 1, "q", "y") is two
    assert at("z") is three
    assert at("q", 3, "z") is three
    assert at("x", "q") is None


def test_memory_of_unknown_names_is_bounded() -> None:
    """An attacker's names make no new states."""
    table = Paths({"/a/*/b": WORDS})
    states = {id(table.root.key("a").key(f"name{n}")) for n in range(1000)}
    assert len(states) == 1


def test_names_of_items() -> None:
    """A list item is named by its `index`, else by its position."""
    table = Paths({"/c/*/t/*/s": Mark(Kind.TEXT, channel="x")})
    found = leaves({"c": [{"index": 5, "t": [{"s": "p"}, {"index": 9, "s": "q"}]}]}, table)
    assert [leaf.names for leaf in found] == [("5", "0"), ("5", "9")]


def test_hints_come_from_free_keys_only() -> None:
    """A key of the users' own is context for detectors; a word of the format is not."""
    table = Paths({"/messages/*/role": WORDS})
    found = leaves({"messages": [{"content": "x"}], "metadata": {"ssn": "y", "list": ["z"]}}, table)
    assert [(leaf.text, leaf.hint) for leaf in found] == [("x", ""), ("y", "ssn"), ("z", "list")]


def test_depth_is_bounded() -> None:
    """Nesting beyond 64 is refused."""
    deep: Json = "x"
    for _ in range(64):
        deep = [deep]
    assert texts(deep) == ["x"]
    with pytest.raises(TooDeep):
        texts([deep])


@pytest.mark.parametrize("kind", [Kind.MEDIA, Kind.STATE, Kind.TOKENS, Kind.DERIVED])
def test_depth_is_bounded_where_nobody_walks(kind: Kind) -> None:
    """What a table names as a whole, or may be token ids, is written again like the rest, and is no deeper."""
    whole = Paths([("/part", Mark(kind))])
    ids = Paths(token_ids("/part"))
    for depth, table in ((63, whole), (64, whole), (900, whole), (63, ids), (64, ids), (900, ids)):
        part: Json = 7
        for step in range(depth):
            part = {"in": part} if table is whole and step % 2 else [part]
        if depth < 64:
            assert len(leaves({"part": part}, table)) == 1
        else:
            with pytest.raises(TooDeep):
                leaves({"part": part}, table)


@given(json_values)
def test_every_string_is_a_leaf_or_a_plain_key(payload: Json) -> None:
    """Without a table nothing escapes inspection but plain keys and empty strings."""
    seen = set(texts(payload))
    for _, text in all_strings(payload):
        assert text in seen or not text or re.fullmatch(r"[A-Za-z_$@]{1,32}", text, re.ASCII)


@given(json_values)
def test_substituting_nothing_changes_nothing(payload: Json) -> None:
    """`substitute(p, {}) == p`, also with every leaf replaced by itself."""
    assert substitute(payload, {}) == payload
    same = {leaf.path: leaf.text for leaf in leaves(payload, EMPTY) if not _number(payload, leaf)}
    assert substitute(payload, same) == payload


def _number(payload: Json, leaf: Leaf) -> bool:
    value = payload
    for step in leaf.path:
        if isinstance(step, Key):
            return False
        value = value[step]  # type: ignore[index]
    return not isinstance(value, str)


def test_substitute() -> None:
    """Values, keys and items are replaced where they stand."""
    payload: Json = {"a b": {"c": ["x", "y"]}, "d": "z"}
    changed = substitute(payload, {("a b", "c", 1): "Y", ("a b", Key("a b")): "ignored", (Key("a b"),): "K"})
    assert changed == {"K": {"c": ["x", "Y"]}, "d": "z"}
    assert payload == {"a b": {"c": ["x", "y"]}, "d": "z"}


@pytest.mark.parametrize(
    ("payload", "gone", "left"),
    [
        ({"a": 1, "b": 2}, [("a",)], {"b": 2}),
        ({"a": [1, 2, 3]}, [("a", 0), ("a", 2)], {"a": [2]}),
        ({"a": {"type": "auto", "id": "x"}, "b": 2}, [("a", "id")], {"a": {"type": "auto"}, "b": 2}),
        ({"a": {"kind": None, "id": "x"}, "b": 2}, [("a", "id")], {"b": 2}),
        (
            {"a": [{"role": "user", "content": [{"f": {"id": "x"}}]}, 1]},
            [("a", 0, "content", 0, "f", "id")],
            {"a": [1]},
        ),
        ({"a": [{"role": "user", "content": None, "id": "x"}]}, [("a", 0, "id")], {}),
        ({"a": [{"call": "c", "out": [{"id": "x"}]}]}, [("a", 0, "out", 0, "id")], {"a": [{"call": "c", "out": []}]}),
        ({"id": "x", "type": "t"}, [("id",)], {"type": "t"}),
        ({"id": "x"}, [("id",)], {}),
        ({"a": {"b": []}, "id": "x"}, [("id",)], {"a": {"b": []}}),
    ],
)  # fmt: skip
def test_what_is_left_out(payload: Json, gone: list[tuple[str | int, ...]], left: Json) -> None:
    """With a leaf goes what held nothing else; what still says something stays, and so does what was empty before."""
    assert substitute(payload, dict.fromkeys(gone, GONE)) == left


def test_what_is_left_out_is_found_by_its_old_name() -> None:
    """A key that is rewritten on the way hides nothing that is to be left out."""
    payload: Json = {"bob@x.com": {"session": "s", "text": "t"}}
    changed = substitute(payload, {(Key("bob@x.com"),): "[MAIL]", ("bob@x.com", "session"): GONE})
    assert changed == {"[MAIL]": {"text": "t"}}


def test_a_list_that_is_replaced_by_none_stays() -> None:
    """Emptied is only what lost its items one by one."""
    assert substitute({"data": [1]}, {("data",): []}) == {"data": []}


def test_get_and_pointer() -> None:
    """Reading by path never raises; pointers are RFC 6901."""
    assert get({"a": [1, {"b": 2}]}, ("a", -1, "b")) == 2
    assert get({"a": [1]}, ("a", 7)) is None
    assert get("text", ("a",)) is None
    assert pointer(("a/b", 0, "m~n")) == "/a~1b/0/m~0n"


@given(st.text())
def test_reprs_hide_texts(text: str) -> None:
    """A leaf prints its place, never its text."""
    assert "canary" not in repr(leaves({"x": f"canary {text}"}, EMPTY)[0])


def test_words_of_the_format_are_no_texts() -> None:
    """A key that a table spells at that place is exempt, however it looks; elsewhere it is not."""
    table = Paths({"/input-7/*/type": WORDS})
    assert texts({"input-7": [{"type": "a", "input-7": None}]}, table) == ["input-7"]


def test_two_keys_that_become_alike_stay_two() -> None:
    """Nothing is lost by redaction."""
    payload: Json = {"a@x.com": 1, "b@x.com": 2, "c": 3}
    changed = substitute(payload, {(Key("a@x.com"),): "[MAIL]", (Key("b@x.com"),): "[MAIL]"})
    assert changed == {"[MAIL]": 1, "[MAIL] (2)": 2, "c": 3}


def test_a_long_number_is_nobodys_identifier() -> None:
    """Numbers have no shape: they are exempt where counts stand, and looked at where an identifier should."""
    table = Paths([*opaque(IDENT, "/id"), *opaque(WORD, "/created")])
    found = leaves({"id": 4539578763621486, "created": 1764028800}, table)
    assert [(leaf.path, leaf.text) for leaf in found] == [(("id",), "4539578763621486")]


def test_numbers_of_a_request() -> None:
    """No count is longer than eight digits there; decimals are read, but in vectors; a password may be short."""
    table = Paths([*opaque(WORD, "/tokens", "/more")])
    vector: list[Json] = [0.123456789] * 16
    payload: Json = {"tokens": 12345678, "more": 123456789, "f": 0.1234567, "pwd": 123456, "n": 123456, "v": vector}
    assert [leaf.text for leaf in leaves(payload, table, asked=True)] == ["123456789", "0.1234567", "123456"]
    assert [leaf.text for leaf in leaves(payload, table)] == ["123456"]


def test_a_number_has_its_key_for_context() -> None:
    """Also where keys are not free, unless the table spells it: then it is a word of the format."""
    table = Paths([*opaque(WORD, "/more/of"), *opaque(IDENT, "/id")])
    found = leaves({"ssn": 219099999, "more": {"ssn": 219099999}, "id": 219099999, "text": "x"}, table)
    assert [(leaf.text, leaf.hint) for leaf in found] == [
        ("219099999", "ssn"),
        ("219099999", "ssn"),
        ("219099999", ""),
        ("x", ""),
    ]


def test_exempt_strings_of_a_request_are_listed_where_they_could_hold_anything() -> None:
    """The guard looks at them by rule (`gateway.guards.exempt`)."""
    table = Paths(opaque(IDENT, "/a", "/b", "/c", "/d"))
    payload: Json = {"a": "x" * 15, "b": "x" * 16, "c": "x1234", "d": "x12-34.56"}
    assert [leaf.path for leaf in leaves(payload, table, asked=True)] == [("b",), ("d",)]
    assert leaves(payload, table) == []

"""Strict JSON: one reading, or none."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.strictjson import JsonRefused, dump, dump_large, parse

REFUSED = {
    "a duplicate key": b'{"a": 1, "a": 2}',
    "a duplicate key far down": b'[{"x": {"a": 1, "a": 1}}]',
    "a duplicate key by escape": b'{"a": 1, "\\u0061": 2}',
    "not a number": b"[NaN]",
    "an infinity": b"[-Infinity]",
    "a number that overflows": b"[1e999]",
    "an endless integer": b"9" * 5000,
    "half a surrogate pair": b'"\\udc00"',
    "invalid UTF-8": b'"\xc3\x28"',
    "an overlong encoding": b'"\xc0\xaf"',
    "two values": b"1 2",
    "nothing": b"",
    "a byte order mark": b"\xef\xbb\xbf1",
    "a trailing comma": b"[1,]",
    "a comment": b"[1] // x",
    "a control character": b'"\x01"',
    "bottomless nesting": b"[" * 100_000,
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_refused(text: bytes) -> None:
    """What two parsers could read differently is refused, with a sentence that repeats nothing."""
    with pytest.raises(JsonRefused):
        parse(text)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_dump_and_parse_are_inverse(value: object) -> None:
    """What is forwarded is what was inspected."""
    data = dump(value)  # type: ignore[arg-type]
    assert parse(data) == value
    assert json.loads(data) == value


@given(json_values, st.integers(0, 3))
def test_pieces_are_the_same(value: object, times: int) -> None:
    """However long lists are, and at whatever depth, what is written in pieces is what is written at once."""
    for large in (value, [value] * (250 * times), {"a": [[value] * (300 * times), {"b": value}]}):
        assert dump_large(large) == dump(large)  # type: ignore[arg-type]


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes(data: bytes) -> None:
    """Any bytes are parsed or refused."""
    try:
        parse(data)
    except JsonRefused as refused:
        assert str(refused)

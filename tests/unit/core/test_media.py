"""Media in a payload: which strings are bytes, which are texts, and what base64 is taken for."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.media import WHY, Unreadable, bytes_of, place, split
from gateway.core.paths import Paths
from gateway.core.payload import Key, Kind, Leaf, Mark, leaves

TABLE = Paths({"/items/*/media": Mark(Kind.MEDIA)})
LONG = "QUJD" * 20


@given(
    st.binary(max_size=200),
    st.sampled_from(["", "data:application/pdf;base64,", "data:;base64,", "DATA:x/y;A=b;BASE64,"]),
)
def test_bytes_come_back(data: bytes, head: str) -> None:
    """Plain, as a data URL, in the URL alphabet, without padding, in lines."""
    text = base64.b64encode(data).decode()
    assert bytes_of(head + text) == data
    assert bytes_of(head + text.rstrip("=")) == data
    assert bytes_of(head + base64.urlsafe_b64encode(data).decode()) == data
    assert bytes_of(head + "\r\n".join(text[n : n + 8] for n in range(0, len(text), 8))) == data


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("https://example.com/a.png", Unreadable.REMOTE),
        ("gs://bucket/a", Unreadable.REMOTE),
        ("file:///etc/passwd", Unreadable.REMOTE),
        ("two words", Unreadable.NOT_DATA),
        ("QUJD!", Unreadable.NOT_DATA),
        ("QUJDR", Unreadable.NOT_DATA),
        ("QUI=QUI=", Unreadable.NOT_DATA),
        ("QUJD=", Unreadable.NOT_DATA),
        ("+A-A", Unreadable.NOT_DATA),
        ("data:application/pdf", Unreadable.NOT_DATA),
        ("data:;base64,ä", Unreadable.NOT_DATA),
        ("data:,ä", Unreadable.NOT_DATA),
    ],
)
def test_what_has_two_readings_has_none(text: str, why: Unreadable) -> None:
    """A decoder that skips what it does not know would see other bytes than we do."""
    assert bytes_of(text) is why


def test_a_data_url_may_be_plain() -> None:
    """Its signs are percent-encoded then."""
    assert bytes_of("data:text/plain,a%20b") == b"a b"


@pytest.mark.parametrize(
    ("media", "places", "texts"),
    [
        (LONG, ["/items/0/media"], []),
        ("x", ["/items/0/media"], []),
        ([LONG, "short"], ["/items/0/media/0", "/items/0/media/1"], []),
        ({"url": "https://a/b", "detail": "auto"}, ["/items/0/media/url"], []),
        ({"data": "QUI=", "format": "wav", "id": "a_1"}, ["/items/0/media/data"], []),
        ({"data": LONG, "mimeType": "image/png", "displayName": "Ann"}, ["/items/0/media/data"], ["Ann"]),
        ({"mimeType": "+1 415 555 0132", "id": "415 555"}, [], ["+1 415 555 0132", "415 555"]),
        ({"new": LONG}, ["/items/0/media/*"], []),
        ({"a@b.c": {"deep": [{"data": LONG}]}}, ["/items/0/media/*/*/0/data"], ["a@b.c"]),
        ([{"x": {"data": LONG}}, {"fileUri": "x"}], ["/items/0/media/0/*/data", "/items/0/media/1/fileUri"], []),
        ({"n": 4155550132, "m": 7}, [], ["4155550132"]),
    ],
)  # fmt: skip
def test_bytes_and_texts(media: Any, places: list[str], texts: list[str]) -> None:
    """By the member's name or the value's shape; what is neither is a text, and a pointer says no user's word."""
    payload: Any = {"items": [{"media": media}]}
    [leaf] = leaves(payload, TABLE)
    sources, beside = split(payload, leaf, TABLE)
    assert [source.place for source in sources] == places
    assert [text.text for text in beside] == texts
    assert all(text.path[:3] == ("items", 0, "media") and text.mark.kind is Kind.TEXT for text in beside)
    assert LONG not in repr((sources, beside))


def test_a_link_is_never_bytes() -> None:
    """Whatever it looks like."""
    payload: Any = {"items": [{"media": {"fileUri": LONG}}]}
    [source] = split(payload, leaves(payload, TABLE)[0], TABLE)[0]
    assert source.data is Unreadable.REMOTE


def test_texts_beside_media_come_in_pieces_in_a_stream() -> None:
    """So they have a channel there."""
    payload: Any = {"items": [{"media": {"transcript": "I am Mar"}}]}
    [text] = split(payload, leaves(payload, TABLE)[0], TABLE, streaming=True)[1]
    assert text.mark.channel == "media/{*}"


def test_every_reason_has_a_sentence() -> None:
    """None is left out, and none is long."""
    assert set(WHY) == set(Unreadable)


def test_a_place_shows_no_key_of_a_user() -> None:
    """Only the format's own words."""
    assert place(("items", 3, "bob@x.com", Key("y"), "data"), TABLE) == "/items/3/*/*/data"
    assert Leaf(("a",), "secret", Mark(Kind.MEDIA)).text not in repr(Leaf(("a",), "secret", Mark(Kind.MEDIA)))

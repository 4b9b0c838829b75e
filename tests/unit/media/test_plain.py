"""Plain text and markup, and what some bytes are by themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.media import Unreadable
from gateway.media.extract import read
from tests.support.media_files import docx, pdf, xlsx

MAIL = "maria.lopez@acme.com"


@pytest.mark.parametrize(
    "data",
    [
        MAIL.encode(),
        f"name,mail\nAnn,{MAIL}\n".encode(),
        b'{"a": "maria.lopez\\u0040acme.com", "b": "' + MAIL.encode() + b'"}',
        b"\xef\xbb\xbf" + MAIL.encode(),
        MAIL.encode("utf-16"),
        f"<p>Ask <b>maria</b>.<i>lopez</i>@acme.com</p>".encode(),  # noqa: F541
        b"<html><p>maria.lopez&#64;acme.com</p></html>",
        f"<html><!-- {MAIL} --></html>".encode(),
        f'<html><img alt="A letter to {MAIL}"></html>'.encode(),
        f"<?xml version='1.0'?><a>{MAIL}</a>".encode(),
    ],
)
def test_texts(data: bytes) -> None:
    """As they are written, and as they show."""
    texts = read(data)
    assert not isinstance(texts, Unreadable)
    assert any(MAIL in text for text in texts)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", Unreadable.SOUND),
        (b"ID3\x04\x00\x00", Unreadable.SOUND),
        (b"\xff\xfb\x90\x00", Unreadable.SOUND),
        (b"OggS\x00", Unreadable.SOUND),
        (b"fLaC\x00", Unreadable.SOUND),
        (b"\x1aE\xdf\xa3webm", Unreadable.SOUND),
        (b"\x00\x00\x00\x18ftypmp42", Unreadable.SOUND),
        (b"\x00\x00\x00\x18ftypheic", Unreadable.UNKNOWN),
        (b"{\\rtf1 maria}", Unreadable.UNKNOWN),
        (b"%!PS-Adobe", Unreadable.UNKNOWN),
        (b"\x1f\x8b\x08\x00", Unreadable.UNKNOWN),
        (b"caf\xe9", Unreadable.UNKNOWN),
        (b"a\x00b", Unreadable.UNKNOWN),
        (b"\xff\xfea", Unreadable.UNKNOWN),
    ],
)
def test_what_is_not_known_is_not_guessed(data: bytes, why: Unreadable) -> None:
    """Sounds, films, other encodings."""
    assert read(data) is why


@pytest.mark.parametrize("text", ["BMW is a maker of cars", "From Ann: hi", "ID3 tags", "PK is a verb", "GIF, said"])
def test_a_text_that_begins_like_a_file_is_a_text(text: str) -> None:
    """Letters alone make no picture."""
    assert read(text.encode()) == (text,)


@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    """Texts or a reason; never an exception."""
    assert isinstance(read(data), tuple | Unreadable)


@given(st.sampled_from([docx("Hello there"), pdf("Hello there"), xlsx([["Hello", 1]])]), st.data())
def test_damaged_files(file: bytes, data: st.DataObject) -> None:
    """Cut, or with other bytes in the middle: likewise."""
    at = data.draw(st.integers(0, len(file)))
    piece = data.draw(st.binary(max_size=8))
    assert isinstance(read(file[:at] + piece + file[at + len(piece) :]), tuple | Unreadable)
    assert isinstance(read(file[:at]), tuple | Unreadable)

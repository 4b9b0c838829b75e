"""Escaped line breaks neither hide what follows them nor become a part of it."""

import pytest

from detectors.catalog import build
from detectors.escapes import without_escapes

PII, SECRETS, NAMES = build("pii"), build("secrets"), build("ner")


@pytest.mark.parametrize("escape", [r"\n", r"\\n", r"\t", r"\r\n", r"\u000a", r"\u003c", r"\u0022", r"\x0a"])
@pytest.mark.parametrize(
    ("entity", "value"),
    [
        ("EMAIL_ADDRESS", "anna@example.com"),
        ("US_SSN", "219-09-9999"),
        ("CREDIT_CARD", "4111 1111 1111 1111"),
        ("PHONE_NUMBER", "+49 30 1234567"),
        ("PHONE_NUMBER", "212-555-0134"),
        ("URL", "www.example.com/x"),
        ("IBAN_CODE", "DE89370400440532013000"),
        ("IP_ADDRESS", "192.168.1.1"),
        ("MAC_ADDRESS", "00:1a:2b:3c:4d:5e"),
    ],
)
def test_values_after_and_before_an_escape(escape: str, entity: str, value: str) -> None:
    """The finding is the value, no more and no less."""
    text = f"seen{escape}{value}{escape}next"
    assert (entity, value) in [(f.entity, text[f.start : f.end]) for f in PII.detect([text])[0]]


@pytest.mark.parametrize("escape", [r"\n", r"\t", r"\u003c"])
def test_keys_after_an_escape(escape: str) -> None:
    """A key is one wherever the line breaks are, and a key block keeps its escaped line ends."""
    for key in ("ghp_0123456789abcdefghijABCDEFGHIJ012345", "AKIAZQ3DRSTUVWXY2345"):
        text = f"seen{escape}{key}{escape}next"
        assert [text[f.start : f.end] for f in SECRETS.detect([text])[0]] == [key]
    block = (
        "-----BEGIN PRIVATE KEY-----" + 3 * (r"\n" + "MIIEvQIBADANBgkqhkiG9w0BAQEF") + r"\n-----END PRIVATE KEY-----"
    )
    text = f'key = "{block}"'
    assert [text[f.start : f.end] for f in SECRETS.detect([text])[0]] == [block]


def test_names_after_an_escape() -> None:
    """The letter of the escape is no part of a name."""
    text = r"Notes of the meeting\nAnna Smith will call us tomorrow"
    assert "Anna Smith" in [text[f.start : f.end] for f in NAMES.detect([text])[0] if f.entity == "PERSON"]


@pytest.mark.parametrize("text", [r"o\u0041x", r"a\\b", r"C:\dir", r"\u00e9t\u00e9", r"\x41", "\\"])
def test_letters_stay(text: str) -> None:
    """Escapes of letters, and backslashes that escape nothing, are left as they are."""
    assert without_escapes(text) == text

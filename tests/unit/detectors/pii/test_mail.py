"""Addresses to which something is glued, as texts come out of documents and pages, and what is none."""

import pytest

from detectors.pii.mail import find


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in find(text)]


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("Mail: anna@acme.comPhone: 555", ["anna@acme.com"]),
        ("anna@acme.deTelefon 030", ["anna@acme.de"]),
        ("anna@acme.co.ukFax", ["anna@acme.co.uk"]),
        ("anna@acme.comPhone.Number", ["anna@acme.com"]),
        ("anna@acme.comhttps://acme.com", ["anna@acme.com"]),
        ("anna@acme.combob@acme.org", ["anna@acme.com", "acme.combob@acme.org"]),
        ("anna@acme.com", ["anna@acme.com"]),
        ("anna@acme.COM", ["anna@acme.COM"]),
    ],
)
def test_what_is_glued_to_an_address(text: str, addresses: list[str]) -> None:
    """The next line's first word, a link, another address: the host ends at its public suffix."""
    assert found(text) == addresses


@pytest.mark.parametrize(
    "text",
    [
        "user@host.internal",
        "x@y.someThing",
        "pkg@1.2.3",
        "me@localhost",
        "a@b.comx",
        "user@host.local:80",
    ],
)
def test_a_host_without_a_suffix_is_none(text: str) -> None:
    """Names of machines and of program text that begin like a suffix."""
    assert found(text) == []

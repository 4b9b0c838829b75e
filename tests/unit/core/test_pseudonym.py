"""Pseudonyms: keyed, deterministic, tenant-scoped; restored only for whoever had them minted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.pseudonym import LONGEST, Ledger, mint

KEY = b"k" * 32
MAIL = "maria.lopez@acme.com"


@pytest.fixture
def ledger() -> Ledger:
    """The ledger of one exchange of tenant acme."""
    return Ledger(KEY, "acme")


def restored(ledger: Ledger, text: str) -> str:
    """`text` with what may be restored put back."""
    out, at = "", 0
    for start, end, value in ledger.restorable(text):
        out += text[at:start] + value
        at = end
    return out + text[at:]


def test_the_same_value_is_the_same_token(ledger: Ledger) -> None:
    """Within a tenant and a key; nothing else gives the same."""
    token = ledger.mint("EMAIL_ADDRESS", MAIL)
    assert token == mint(KEY, "acme", "EMAIL_ADDRESS", MAIL) == Ledger(KEY, "acme").mint("EMAIL_ADDRESS", MAIL)
    others = {
        mint(KEY, "other", "EMAIL_ADDRESS", MAIL),
        mint(b"x" * 32, "acme", "EMAIL_ADDRESS", MAIL),
        mint(KEY, "acme", "EMAIL_ADDRESS", MAIL.upper()),
        mint(KEY, "acmeEMAIL", "_ADDRESS", MAIL),
        token,
    }
    assert len(others) == 5
    assert MAIL.split("@")[0] not in token


@given(st.text(min_size=1), st.sampled_from(["PERSON", "EMAIL_ADDRESS", "US_SSN"]))
def test_what_is_minted_is_restored(value: str, entity: str) -> None:
    """Exactly, whatever the value is."""
    ledger = Ledger(KEY, "acme")
    token = ledger.mint(entity, value)
    assert restored(ledger, f"Dear {token}, hello") == f"Dear {value}, hello"


@pytest.mark.parametrize(
    "written",
    [
        "{t}",
        "**{t}**",
        "`{t}`",
        "_{t}_",
        "_{bare}_",
        "__{bare}__",
        "mail_{bare}",
        "({t})",
        "{t}.",
        '"{t}"',
        "<{t}>",
        "{lower}",
        "{bare}",
        "{bare} said",
        "{escaped}",
        "x {title} y",
        "[{t}](mailto:{t})",
    ],
)
def test_as_models_write_them(ledger: Ledger, written: str) -> None:
    """Case, markdown, missing brackets and escapes do not matter."""
    token = ledger.mint("EMAIL_ADDRESS", MAIL)
    forms = {
        "t": token,
        "lower": token.lower(),
        "title": token.title(),
        "bare": token[1:-1],
        "escaped": token.replace("_", "\\_").replace("[", "\\[").replace("]", "\\]"),
    }
    assert restored(ledger, written.format(**forms)) == written.format(**dict.fromkeys(forms, MAIL))


def test_nothing_else_is_restored(ledger: Ledger) -> None:
    """Not another caller's token, not one that a model makes up, not a longer word that holds one."""
    token = ledger.mint("PERSON", "Ann")
    foreign = Ledger(KEY, "other").mint("PERSON", "Ann")
    invented = "[PERSON_" + "B" * 12 + "]"
    for text in (foreign, invented, f"x{token[1:-1]}", f"{token[1:-1]}x", token[1:-2], "[PERSON]", "PERSON_"):
        assert restored(ledger, text) == text
    assert restored(Ledger(KEY, "acme"), token) == token, "a ledger that minted nothing restores nothing"


@given(st.text("ab[]_\\ X", max_size=20), st.integers(0, 40), st.text("ab]_ X\\", max_size=20))
def test_the_horizon_never_cuts_a_token(before: str, cut: int, after: str) -> None:
    """Whatever may leave before the horizon says the same, whatever comes after."""
    ledger = Ledger(KEY, "acme")
    token = ledger.mint("PERSON", "Ann Lee")
    whole = before + token + after
    head = whole[: len(before) + cut]
    horizon = ledger.horizon(head)
    assert len(head) - horizon < LONGEST
    spans = [(s, e) for s, e, _ in ledger.restorable(whole)]
    assert not any(s < horizon < e for s, e in spans)
    settled = [(s, e) for s, e in spans if e <= horizon]
    assert settled == [(s, e) for s, e, _ in ledger.restorable(head) if e <= horizon]


def test_reprs_hide_values(ledger: Ledger) -> None:
    """Neither key nor values are printed."""
    ledger.mint("PERSON", "Ann Lee")
    assert "Ann" not in repr(ledger)
    assert "kkk" not in repr(ledger)


@pytest.mark.parametrize(
    "text", ["a_" * 300_000, "a_" * 300_000 + "B" * 12, ("a_" + "B" * 12) * 40_000, "[A_" * 200_000]
)
def test_words_joined_by_low_lines_cost_no_more_than_their_length(ledger: Ledger, text: str) -> None:
    """A caller sends what it likes (in quadratic time this would take days)."""
    token = ledger.mint("EMAIL_ADDRESS", MAIL)
    assert restored(ledger, f"{text} {token}") == f"{text} {MAIL}"


def test_tokens_joined_to_each_other(ledger: Ledger) -> None:
    """Each is one, whatever letters the other is made of."""
    one, two = ledger.mint("EMAIL_ADDRESS", MAIL)[1:-1], ledger.mint("PERSON", "Maria")[1:-1]
    assert restored(ledger, f"{one}_{two}_x") == f"{MAIL}_Maria_x"

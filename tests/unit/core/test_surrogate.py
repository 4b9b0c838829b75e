"""Surrogates: realistic, keyed, reserved, reversible, and never somebody else's."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core import pseudonym
from gateway.core.heard import Heard
from gateway.core.pseudonym import Ledger
from gateway.core.reading import read
from gateway.core.standins import LONGEST, Standins
from gateway.core.surrogate import language, surrogate

KEY = b"k" * 32


def made(entity: str, value: str) -> str:
    """The surrogate of a value."""
    return surrogate(KEY, "acme", entity, value)


@pytest.mark.parametrize(
    ("entity", "value", "shape"),
    [
        ("PERSON", "John Smith", r"[A-Z]\w+ [A-Z]\w+"),
        ("PERSON", "J. R. Smith", r"[A-Z]\. [A-Z]\. [A-Z]\w+"),
        ("PERSON", "Smith", r"[A-Z]\w+"),
        ("EMAIL_ADDRESS", "john@acme.com", r"[a-z]+\.[a-z]+\d{4}@example\.(com|org|net)"),
        ("PHONE_NUMBER", "+1 415 555 2671", r"\+1 \d{3}-555-01\d\d"),
        ("PHONE_NUMBER", "020 7946 0123", r"01632 960\d{3}"),
        ("IP_ADDRESS", "10.1.2.3", r"(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+"),
        ("IP_ADDRESS", "fe80::1", r"2001:db8:[0-9a-f:]+"),
        ("URL", "https://acme.com/a", r"https://www\.example\.com/[0-9a-f]{8}"),
        ("US_SSN", "536-90-4399", r"\d{3}-\d\d-\d{4}"),
        ("PL_PLATE", "Wa 12B", r"[A-Z][a-z] \d\d[A-Z]"),
    ],
)
def test_they_look_like_what_they_stand_for(entity: str, value: str, shape: str) -> None:
    """Same kind, same pattern, from a reserved range where there is one; never the value itself."""
    assert re.fullmatch(shape, made(entity, value))
    assert made(entity, value) != value
    assert made(entity, value) == made(entity, value)


@pytest.mark.parametrize(
    ("name", "tongue"),
    [("Jürgen Groß", "de"), ("Łukasz Żak", "pl"), ("Иван Петров", "cyrillic"), ("王小明", "han"), ("Ann Lee", "en")],
)
def test_names_keep_their_language(name: str, tongue: str) -> None:
    """As far as letters tell."""
    assert language(name) == tongue
    assert language(made("PERSON", name)) in (tongue, "en")


def test_many_names_have_one_each() -> None:
    """Hundreds of people of one language; when no name is left, tokens, and no more is tried in vain."""
    ledger = Ledger(KEY, "acme")
    stands = [ledger.surrogate("PERSON", f"Person{number} Lopez{number}") for number in range(2000)]
    assert len(set(stands)) == 2000
    assert all(re.fullmatch(r"[A-Z]\w+ [A-Z]\w+(-[A-Z]\w+)?", name) for name in stands[:400])
    assert stands[-1].startswith("[PERSON_")
    text = "; ".join(stands)
    assert [back for _, _, back in ledger.restorable(text)] == [f"Person{n} Lopez{n}" for n in range(2000)]


def test_what_is_used_up_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value costs no more than a token then."""
    tried: list[int] = []

    def always_one(*given: Any) -> str:
        tried.append(given[-1])
        return "Corwin"

    monkeypatch.setattr(pseudonym, "surrogate", always_one)
    ledger = Ledger(KEY, "acme")
    for number in range(500):
        ledger.surrogate("PERSON", f"N{number}")
    assert len(tried) <= 16 * (pseudonym.USED_UP + 1)


@given(st.text(min_size=1, max_size=40), st.sampled_from(["PERSON", "EMAIL_ADDRESS", "PHONE_NUMBER", "URL", "X"]))
def test_the_way_back(value: str, entity: str) -> None:
    """What stands for a value is replaced by exactly that value."""
    ledger = Ledger(KEY, "acme")
    stands = ledger.surrogate(entity, value)
    text = f"Dear {stands}, hello"
    [(start, end, back)] = list(ledger.restorable(text))
    assert (text[:start], back, text[end:]) == ("Dear ", value, ", hello")


def test_names_come_back_word_by_word_and_in_any_case() -> None:
    """A model that says only the first name, or shouts, is understood."""
    standins = Standins()
    standins.add("Briony Culpepper", "Maria Lopez")
    text = "Dear Briony, MS CULPEPPER; **briony culpepper** but not Brionys"
    assert [value for _, _, value in standins.restorable(read(text), text)] == ["Maria", "Lopez", "Maria Lopez"]


def test_half_of_a_double_name_is_somebody_elses() -> None:
    """A word of a name comes back by itself, and not out of another's double name, known or made up."""
    standins = Standins()
    standins.add("Hester Ashdown", "Maria Lopez")
    standins.add("Culpepper", "Walker")
    standins.add("Alden Ashdown-Dunmore", "John Smith")
    standins.add("Corwin Ashdown-Dunmore", "Paul Miller")
    text = "Ms Ashdown, Alden Ashdown-Dunmore; Mr Ashdown-Dunmore, Ms Ashdown-Foo, Ms Foo-Culpepper or Culpepper"
    assert [value for _, _, value in standins.restorable(read(text), text)] == ["Lopez", "John Smith", "Walker"]


def test_no_false_restores() -> None:
    """A surrogate that the caller's own text holds is not used, nor one that stands for another value."""
    first = made("PERSON", "John Smith")
    ledger = Ledger(KEY, "acme")
    ledger.hear([f"My friend {first} is here"])
    assert ledger.surrogate("PERSON", "John Smith") != first
    taken = {ledger.surrogate("PERSON", f"John{n} Smith") for n in range(60)}
    assert len(taken) == 60


@pytest.mark.parametrize(
    ("said", "asked", "says"),
    [
        ("Dear Briony", "briony", True),
        ("Dear Briony", "Briony Culpepper", False),
        ("BRIONY -- CULPEPPER", "Briony Culpepper", True),
        ("Culpepper, Briony", "Briony Culpepper", False),
        ("Brionys", "Briony", False),
        ("write to a.b7@example.com!", "A.B7@example.com", True),
        ("write to a.b@example.com", "a.b7@example.com", False),
        ("我叫欧阳子墨", "欧阳子墨", True),
        ("欧洲阳光子弹墨水", "欧阳子墨", False),
        ("王小明", "明", True),
        ("", "Briony", False),
    ],
)
def test_what_a_request_says(said: str, asked: str, says: bool) -> None:
    """A phrase is heard whose words stand in a request one after the other; case and marks do not count."""
    assert Heard([said]).says(asked) is says


def test_a_request_is_read_once() -> None:
    """However many values it holds: looking through all of it for each would be quadratic work."""

    class Counted(str):
        read = 0

        def lower(self) -> str:
            Counted.read += 1
            return super().lower()

    ledger = Ledger(KEY, "acme")
    ledger.hear([Counted("write to all of them")])
    for n in range(50):
        ledger.surrogate("EMAIL_ADDRESS", f"ann{n}@acme.com")
    assert Counted.read == 1


@given(st.text("abB ri", max_size=20), st.integers(0, 30), st.text("bry. X", max_size=12))
def test_the_horizon_never_cuts_a_surrogate(before: str, cut: int, after: str) -> None:
    """Whatever may leave before the horizon says the same, whatever comes after."""
    standins = Standins()
    standins.add("Briony Culpepper", "Maria Lopez")
    whole = f"{before}Briony Culpepper{after}"
    head = whole[: len(before) + cut]
    horizon = standins.horizon(head)
    assert len(head) - horizon <= LONGEST
    spans = [(s, e) for s, e, _ in standins.restorable(read(whole), whole)]
    assert not any(s < horizon < e for s, e in spans)
    assert [x for x in spans if x[1] <= horizon] == [
        (s, e) for s, e, _ in standins.restorable(read(head), head) if e <= horizon
    ]

"""Stand-ins come back wherever and however a model writes them, over any cut; nobody else's ever does."""

import html
import json
import random
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import quote, unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.core.channel import Channel
from gateway.core.decision import Direction
from gateway.core.pseudonym import LONGEST, Ledger, mint
from gateway.core.redact import Redactor
from gateway.core.stretch import said
from gateway.core.surrogate_names import FAMILY, GIVEN
from gateway.core.window import Promise
from tests.support.operators import PlainOperators

KEY = b"k" * 32
VALUES = ("Ann Lee", "maria.lopez@acme.com", 'O\'Neil & "Sons" <x>', "C:\\new\\dir", "Zoë\n100% [1]", "+49 30 901820")
ENTITIES = ("PERSON", "EMAIL_ADDRESS", "ORGANIZATION", "US_SSN", "IP_ADDRESS", "PHONE_NUMBER")


def ledger_of(entities: tuple[str, ...] = ENTITIES) -> tuple[Ledger, dict[str, str]]:
    """Return a ledger with a token for each value, and the tokens."""
    ledger = Ledger(KEY, "acme")
    return ledger, {ledger.mint(entity, value): value for entity, value in zip(entities, VALUES, strict=False)}


LEDGER, TOKENS = ledger_of()
FOREIGN = [mint(KEY, "other", e, v) for e, v in zip(ENTITIES, VALUES, strict=True)]
FOREIGN += [
    mint(b"x" * 32, "acme", "PERSON", "Ann Lee"),
    mint(KEY, "acme", "PERSON", "Bob"),
    "[PERSON_" + "B" * 12 + "]",
]


def percent(text: str) -> str:
    """Every sign but letters and digits percent-encoded, in lower case."""
    return re.sub(r"[^A-Za-z0-9]", lambda m: "".join(f"%{b:02x}" for b in m.group().encode()), text)


SPELLINGS: Mapping[str, tuple[Callable[[str], str], Callable[[str], str]]] = MappingProxyType(
    {
        "as it is": (str, str),
        "lower case": (str.lower, str),
        "percent": (lambda t: quote(t, safe=""), lambda v: quote(v, safe="")),
        "percent, lower case": (lambda t: quote(t, safe="").replace("%5B", "%5b"), lambda v: quote(v, safe="")),
        "percent, underscores too": (percent, lambda v: quote(v, safe="")),
        "percent twice": (lambda t: quote(quote(t, safe=""), safe=""), lambda v: quote(quote(v, safe=""), safe="")),
        "numeric references": (lambda t: t.replace("[", "&#91;").replace("]", "&#x5D;"), html.escape),
        "named references": (
            lambda t: t.replace("[", "&lbrack;").replace("]", "&rsqb;").replace("_", "&lowbar;"),
            html.escape,
        ),
        "escapes of a program": (
            lambda t: t.replace("[", "\\u005b").replace("]", "\\u005D"),
            lambda v: json.dumps(v, ensure_ascii=False)[1:-1],
        ),
        "markdown": (lambda t: re.sub(r"([\[\]_])", r"\\\1", t), str),
        "markdown, half": (lambda t: t.replace("_", "\\_"), str),
        "link": (lambda t: f"{t}(mailto:{t})", lambda v: f"[{v}](mailto:{mailto(v)})"),
        "link around": (lambda t: f"[{t}](mailto:{t})", lambda v: f"[{v}](mailto:{mailto(v)})"),
        "bare in a link": (lambda t: f"[{t[1:-1]}](mailto:{t[1:-1]})", lambda v: f"[{v}](mailto:{mailto(v)})"),
        "image": (lambda t: f"!{t}(a.png)", lambda v: f"![{v}](a.png)"),
        "footnote": (lambda t: f"{t}[1]", lambda v: f"{v}[1]"),
        "query": (lambda t: f"https://x.io/?q={t}&n=1", lambda v: f"https://x.io/?q={in_url(v)}&n=1"),
        "bare in a query": (lambda t: f"https://x.io/?q=%20{t[1:-1]}", lambda v: f"https://x.io/?q=%20{in_url(v)}"),
        "path": (lambda t: f"(http://x.io/u/{t})", lambda v: f"(http://x.io/u/{in_url(v)})"),
        "host": (lambda t: f"https://{t}:80/x", lambda v: f"https://{v}:80/x"),
        "relative link": (lambda t: f"[me](/u/{t})", lambda v: f"[me](/u/{mailto(v)})"),
        "a scheme that is a word": (lambda t: f"Name:{t}", lambda v: f"Name:{v}"),
    }
)


def legal(value: str) -> bool:
    """Tell whether a value can stand in a URL as it is."""
    return re.search(r"[\x00-\x20\"<>\\^`{|}]|%(?![0-9A-Fa-f]{2})", value) is None


def in_url(value: str) -> str:
    """A value in a URL: as it is where it can stand there."""
    return value if legal(value) else quote(value, safe="@:")


def mailto(value: str) -> str:
    """A value in a URL without a host."""
    return value if legal(value) else quote(value, safe="@:+,;=")


def redactor(ledger: Ledger) -> Redactor:
    """What restores, and finds nothing else."""
    return Redactor(Direction.RESPONSE, {}, ledger, PlainOperators(), Promise(0, len))


def heard(text: str, cuts: list[int], ledger: Ledger = LEDGER) -> str:
    """Return what a caller hears of a text that is cut."""
    channel, out, at = Channel(redactor(ledger), 4096), "", 0
    for cut in [*sorted(min(cut, len(text)) for cut in cuts), len(text)]:
        channel.push(text[at:cut])
        at = cut
        out += said(channel.release([[] for _ in channel.questions()]))
    channel.finish()
    return out + said(channel.release([[] for _ in channel.questions()]))


@pytest.mark.parametrize("name", SPELLINGS)
@pytest.mark.parametrize("token", TOKENS, ids=ENTITIES)
def test_every_spelling(name: str, token: str) -> None:
    """The value comes back, spelled as its place demands, cut at every character or not."""
    spelt, wanted = SPELLINGS[name]
    text = f"Say {spelt(token)}, {spelt(token)}."
    expected = f"Say {wanted(TOKENS[token])}, {wanted(TOKENS[token])}."
    assert heard(text, []) == expected
    assert heard(text, list(range(len(text)))) == expected


NOISE = ("%", "%5", "%5B", "%255", "%C3", "%C3%AB", "&", "&#9", "&#91;", "&amp;", "\\", "\\u00", "\\u005b", "\\_", "[")
WORDS = (
    "]",
    "](",
    "(",
    "_",
    "PERSON_",
    "PERSON",
    "a",
    "é",
    "5",
    " ",
    "\n",
    "https://x.io/",
    "?q=",
    "mailto:",
    '"',
    "+",
)
spelt_tokens = st.builds(
    lambda token, name: SPELLINGS[name][0](token), st.sampled_from([*TOKENS, *FOREIGN]), st.sampled_from([*SPELLINGS])
)
broken_tokens = st.builds(lambda token, at: token[:at], spelt_tokens, st.integers(1, 40))
texts = st.lists(st.sampled_from(NOISE + WORDS) | spelt_tokens | broken_tokens, max_size=12).map("".join)


@settings(max_examples=300, deadline=None)
@given(texts, st.lists(st.integers(0, 300), max_size=12))
@example("%5B" + "[" + next(iter(TOKENS)), [1, 2])
def test_no_cut_matters(text: str, cuts: list[int]) -> None:
    """Whatever stands around stand-ins: streamed is what whole would be."""
    whole = heard(text, [])
    assert heard(text, cuts) == whole
    assert heard(text, list(range(len(text)))) == whole


near = st.builds(
    lambda token, at, sign: token[:at] + sign + token[at + 1 :],
    st.sampled_from(sorted(TOKENS)),
    st.integers(1, 30),
    st.sampled_from(list("BCDX29_-]é ")),
)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.sampled_from(FOREIGN) | near | st.sampled_from(NOISE + WORDS), max_size=8),
    st.sampled_from([*SPELLINGS]),
)
def test_nobody_elses_token_comes_back(parts: list[str], name: str) -> None:
    """Tokens of another tenant, another key, another request, invented ones, and ours with one sign changed."""
    own = {token[1:-1] for token in TOKENS}
    parts = [part for part in parts if not any(token in part.upper() for token in own)]
    text = " ".join(SPELLINGS[name][0](part) if part[:1] == "[" and part[-1:] == "]" else part for part in parts)
    assert heard(text, []) == text


@settings(max_examples=200, deadline=None)
@given(st.text(min_size=1), st.sampled_from(["percent", "percent twice", "numeric references", "escapes of a program"]))
def test_decoding_gives_exactly_the_value(value: str, name: str) -> None:
    """Whatever the value: what undoes the spelling of the place finds it."""
    ledger = Ledger(KEY, "acme")
    out = heard(SPELLINGS[name][0](ledger.mint("PERSON", value)), [], ledger)
    undo: Mapping[str, Callable[[str], str]] = {
        "percent": unquote,
        "percent twice": lambda text: unquote(unquote(text)),
        "numeric references": html.unescape,
        "escapes of a program": lambda text: str(json.loads(f'"{text}"')),
    }
    assert undo[name](out) == value


@settings(max_examples=200, deadline=None)
@given(st.text(min_size=1), st.integers(0, 3), st.lists(st.integers(0, 400), max_size=10))
def test_values_in_arguments_are_exact(value: str, depth: int, cuts: list[int]) -> None:
    """In tool-call arguments, and in JSON inside their strings, however deep: parsed, they hold the value."""
    ledger = Ledger(KEY, "acme")
    token = ledger.mint("PERSON", value)
    text = json.dumps({"to": token, "say": f"Dear {token}", token: [token]})
    for _ in range(depth):
        text = json.dumps({"body": text})
    out = json.loads(heard(text, cuts, ledger))
    for _ in range(depth):
        out = json.loads(out["body"])
    assert [*out.values(), list(out)[2]] == [value, f"Dear {value}", [value], value] or value in ("to", "say")


def test_a_whole_conversation_of_surrogates() -> None:
    """Percent-encoded, plus-encoded, in other case, word by word; cut at random."""
    ledger = Ledger(KEY, "acme")
    name, mail = ledger.surrogate("PERSON", "Maria Lopez"), ledger.surrogate("EMAIL_ADDRESS", "m+l@acme.com")
    text = (
        f"Dear {name.split()[0]}, {name.upper()} <{mail}> https://x.io/?n={quote(name)}&p={name.replace(' ', '+')}"
        f"&m={quote(mail)} [{name}](mailto:{mail}) {name.split()[0]}s"
    )
    wanted = (
        "Dear Maria, Maria Lopez <m+l@acme.com> https://x.io/?n=Maria%20Lopez&p=Maria+Lopez"
        f"&m=m%2Bl%40acme.com [Maria Lopez](mailto:m+l@acme.com) {name.split()[0]}s"
    )
    places = random.Random(7)
    for _ in range(200):
        assert heard(text, [places.randrange(len(text)) for _ in range(20)], ledger) == wanted


def test_names_of_other_letters_in_urls() -> None:
    """Letters of several bytes are percent-encoded byte by byte, and cut between the bytes."""
    ledger = Ledger(KEY, "acme")
    for value in ("Jürgen Groß", "Łukasz Żak", "Иван Петров", "王小明"):
        name = ledger.surrogate("PERSON", value)
        text = f"https://x.io/?n={quote(name)} and {quote(name.lower()).lower()}!"
        wanted = f"https://x.io/?n={quote(value)} and {quote(value)}!"
        assert heard(text, []) == text
        assert heard(text, list(range(len(text))), ledger) == heard(text, [], ledger) == wanted


def test_no_word_of_a_surrogate_is_taken_for_somebody_else() -> None:
    """Words that the request says, and words that two surrogates share, come back only in the whole name."""
    first = Ledger(KEY, "acme").surrogate("PERSON", "Maria Lopez")
    ledger = Ledger(KEY, "acme")
    ledger.hear([f"The {first.split()[0]} Foundation"])
    assert first.split()[0] not in ledger.surrogate("PERSON", "Maria Lopez")
    ledger = Ledger(KEY, "acme")
    ledger.hear([*GIVEN["en"].split(), *FAMILY["en"].split()])
    known = ledger.surrogate("PERSON", "Maria Lopez")
    assert heard(f"Dear {known}: {known.split()[0]}", [], ledger) == f"Dear Maria Lopez: {known.split()[0]}"
    ledger = Ledger(KEY, "acme")
    people = {ledger.surrogate("PERSON", f"A{n} B{n}"): f"A{n} B{n}" for n in range(60)}
    for words in (given_and_family.split() for given_and_family in people if given_and_family[0] != "["):
        for word in words:
            meant = {people[name] for name in people if word in name.split()}
            back = heard(f"Dear {word}!", [], ledger)
            assert back == f"Dear {word}!" if len(meant) > 1 else back.split()[1][:-1] in meant.pop().split()


def test_what_is_held_is_short() -> None:
    """Never more than the longest spelling of a token, and nothing where no stand-in can be growing."""
    assert LEDGER.horizon("Nothing here 100% sure & so on ") == 31
    for token in TOKENS:
        for spelt, _ in SPELLINGS.values():
            text = f"Say {spelt(token)}"
            for end in range(len(text)):
                assert end - LEDGER.horizon(text[:end]) <= LONGEST

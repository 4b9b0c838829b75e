"""What rules find better than a tagger: written-out dates and times, postcodes, @handles (ages: `ages.py`).

All rules are local. A date is made of date words, numbers and their
punctuation only, so a date that may still grow is a run of such tokens at the
end of a text (`open_date`); the others depend on a few tokens to either
side, fewer than the network's field.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import compress

from detectors.ner import companies, peoples
from detectors.ner.tokens import Tokens


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec"
    "|januar|februar|märz|mai|juni|juli|oktober|dezember|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre"
    "|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|gennaio|febbraio|aprile|maggio|giugno|luglio"
    "|settembre|ottobre|dicembre|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|novembro|dezembro|januari|februari|maart|mei|augustus"
)
_DAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun"
_FULL_DAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_TH = "(?:st|nd|rd|th)?"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,6})?)?(?:[ ]?(?:[ap]\.?m\b\.?|Z|UTC|GMT|[+-]\d{2}:?\d{2}))?"
_HOUR = r"\d{1,2}[ ]?[ap](?:\.m\.|m\b)"
_ISO = rf"\d{{4}}-\d{{1,2}}-\d{{1,2}}(?:(?:T|[ ]){_CLOCK})?|\d{{4}}/\d{{1,2}}/\d{{1,2}}"
_NUMERIC = (
    r"\d{1,2}/\d{1,2}/(?:\d{4}|\d{2})|\d{1,2}-\d{1,2}-(?:\d{4}|\d{2})|\d{1,2}\.\d{1,2}\.\d{4}|\d{2}\.\d{2}\.\d{2}"
)
_DAY_MONTH = (
    rf"\d{{1,2}}{_TH}\.?[ ]?[-/ ]?(?:of[ ]|de[ ])?(?:{_MONTHS})\b\.?"
    rf"(?:[-/, ]{{1,2}}(?:de[ ]|del[ ])?(?:\d{{4}}|'?\d{{2}})(?!\d|:))?"
)
_MONTH_DAY = rf"(?:{_MONTHS})\b\.?[ ]{{1,2}}\d{{1,2}}{_TH}(?![\d:])(?:,?[ ]\d{{4}})?"
_MONTH_YEAR = rf"(?:{_MONTHS})\b\.?,?[ ](?:of[ ]|de[ ])?(?:1[6-9]|20)\d\d"
_DATE = re.compile(
    rf"(?<![\w./:#$€£-])(?:(?:(?:{_DAYS})\b[.,]{{0,2}}[ ])?"
    rf"(?:{_ISO}|{_NUMERIC}|{_DAY_MONTH}|{_MONTH_DAY}|{_MONTH_YEAR}){_TH}(?!\w|[/-]\w|[.,]\d)"
    rf"|{_CLOCK}(?![\w:]|[.]\d)|{_HOUR}(?!\w)|(?:{_FULL_DAYS})\b)",
    re.IGNORECASE,
)
_DATE_BEGUN = re.compile(  # how every date that begins with a number begins: most numbers need no second look
    r"\d{4}[-/]\d|\d{1,2}(?:[-/.:]\d|[ ]?[aApP]"
    r"|(?:[sSſ][tT]|[nNrR][dD]|[tT][hH])?\.?[ ]?[-/ ]?(?:[oO][fF][ ]|[dD][eE][ ])?[jfmasſondgleJFMASONDGLE][^\W\d_]{2})"
)
_WORDS = frozenset(f"{_MONTHS}|{_DAYS}|st|nd|rd|th|of|de|del|the|t|z|utc|gmt|am|pm|a|p|m".split("|"))
_NAMES = frozenset(
    lead + form
    for name in f"{_MONTHS}|{_DAYS}".split("|")
    for form in (name, name.capitalize(), name.upper())
    for lead in ("", " ")
)
_SIGNS = frozenset("-/.,:+'")
_LONGEST = 24  # tokens in a date with a time, at most

_NO_HANDLES = frozenset(
    [
        "param",
        "params",
        "return",
        "returns",
        "throws",
        "exception",
        "author",
        "see",
        "since",
        "version",
        "deprecated",
        "override",
        "overload",
        "property",
        "staticmethod",
        "classmethod",
        "dataclass",
        "media",
        "import",
        "keyframes",
        "font-face",
        "charset",
        "supports",
        "include",
        "type",
        "types",
        "todo",
        "interface",
        "example",
        "link",
        "code",
        "inject",
        "autowired",
        "test",
        "component",
        "service",
        "bean",
        "entity",
        "table",
        "column",
        "id",
        "app",
        "pytest",
        "click",
        "abstractmethod",
        "contextmanager",
        "asynccontextmanager",
        "total_ordering",
        "runtime_checkable",
        "no_type_check",
        "wraps",
        "register",
        "lru_cache",
        "singledispatch",
        "final",
        "cached_property",
        "latest",
        "localhost",
        "next",
    ]
)
_TITLE_WORDS = _words(
    "Mr Mrs Ms Mx Dr Prof Miss Mister Sir Madam Professor Doctor Reverend Rabbi Herr Herrn Frau Frl Hr Fru Sra"
    " Srta Señor Señora Señorita Senhor Senhora Dra Doña Dona Mme Mlle Monsieur Madame Mademoiselle Signor Signora"
    " Dott Dottor Dottoressa Avv Mevrouw Meneer Mevr Dhr Drs Pani Shri Smt Bayan MR MRS DR PROF"
)
_ABBREVIATED_TITLES = _words(
    "Rev Hon Capt Col Gen Maj Lt Sgt Cpl Adm Cmdr Sr Fr Ing Lic Arq Mag Sig Atty Insp Gov Sen Rep"
)
_LOWER_TITLES = _words("mr mrs")
_TITLES = frozenset(lead + word for word in _TITLE_WORDS | _ABBREVIATED_TITLES | _LOWER_TITLES for lead in ("", " "))
_STATES = _words(
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA"
    " RI SC SD TN TX UT VT VA WA WV WI WY DC PR"
)
_CODE_WORDS = frozenset({"zip", "zipcode", "postcode", "postal", "plz", "cap", "postleitzahl"})
_CODE_FILLERS = frozenset({"code", ":", "is", "#", "=", '"', ""})
_LETTERED_CODE = re.compile(
    r"(?:[A-Z]{1,2}\d[A-Z\d]?[ ]?\d[ABD-HJLNP-UW-Z]{2}|[ABCEGHJ-NPRSTVXY]\d[A-Z][ ]?\d[A-Z]\d)(?![\w-])"
)


_MARKS = _NAMES | _TITLES | companies.KEYS | peoples.KEYS


def is_marked(key: str) -> bool:
    """Tell whether a rule begins with this token."""
    return key in _MARKS


def marked(keys: Sequence[str]) -> list[int]:
    """Return the indices of the tokens that some rule begins with: most texts have few, and are read once for all."""
    return list(compress(range(len(keys)), map(_MARKS.__contains__, keys)))


def dates(text: str, tokens: Tokens, marks: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield where dates and times stand, in order: they begin with a number, a month or a day."""
    named = [i for i in marks if tokens.keys[i] in _NAMES]
    done = 0
    for i in sorted({*tokens.numbers, *named}):
        start = tokens.starts[i]
        if start < done:
            continue
        if text[start].isdecimal() and not _DATE_BEGUN.match(text, start):
            continue
        match = _DATE.match(text, start)
        if match and (not text[start].isdecimal() or _plausible(match.group())):
            done = match.end()
            yield start, done


def is_calendar(key: str) -> bool:
    """Whether a token names a month or a day."""
    return key in _NAMES


def _plausible(body: str) -> bool:
    """Whether the numbers of a numeric date or time can be one."""
    numbers = [int(part) for part in re.findall(r"\d+", body)]
    if ":" in body[:3]:
        return numbers[0] < 25 and numbers[1] < 60
    if len(numbers) >= 3 and re.match(r"\d+[-/.]\d+[-/.]\d", body):
        first, second, third = numbers[:3]
        month, day = (second, third) if first > 31 else (min(first, second), max(first, second))
        return 0 < month <= 12 and 0 < day <= 31
    return numbers[0] <= 31 or len(str(numbers[0])) == 4


def open_date(tokens: Tokens) -> int:
    """Return the index of the first token of the longest date that may still grow at the end, or of the last token."""
    at = len(tokens.keys) - 1
    lowest = max(0, len(tokens.keys) - _LONGEST)
    while at > lowest:
        body = tokens.keys[at - 1].strip(" ").lower()
        if body not in _WORDS and body not in _SIGNS and not (body.isdecimal() and len(body) <= 6) and body:
            break
        at -= 1
    while at < len(tokens.keys) - 1 and not (tokens.keys[at].strip(" ").isdecimal() or tokens.keys[at] in _NAMES):
        at += 1  # a date goes on with such a word, but does not begin with it
    return max(at, 0)


def postcodes(text: str, tokens: Tokens) -> Iterator[tuple[int, int]]:
    """Yield first and last token of American, British and Canadian codes, and of announced ones."""
    keys, starts, ends = tokens.keys, tokens.starts, tokens.ends
    for i in tokens.numbers:
        body, before = keys[i].strip(), keys[i - 1].strip() if i else ""
        if not body.isdecimal():
            continue
        if 4 <= len(body) <= 6 and ((len(body) == 5 and before in _STATES) or _announced(keys, i)):
            plus_four = (
                keys[i + 1 : i + 2] == ["-"] and len(keys) > i + 2 and keys[i + 2].isdecimal() and len(keys[i + 2]) == 4
            )
            yield i, i + 2 if plus_four else i
        elif before.isalpha() and before.isupper() and len(before) < 3 and keys[i][0] != " ":
            code = _LETTERED_CODE.match(text, starts[i - 1])
            if code and (i == 1 or keys[i - 1][0] == " " or not keys[i - 2][-1].isalnum()):
                yield i - 1, bisect_left(ends, code.end())


def _announced(keys: Sequence[str], i: int) -> bool:
    """Whether words such as `zip code:` stand right before."""
    for key in reversed(keys[max(0, i - 4) : i]):
        word = key.strip().lower()
        if word in _CODE_WORDS:
            return True
        if word not in _CODE_FILLERS:
            return False
    return False


def titles(keys: Sequence[str], marks: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last token of forms of address before a capitalised word: `Mr.`, `Dr`, `Frau`, `Capt.`."""
    for i in [i for i in marks if keys[i] in _TITLES]:
        word = keys[i].strip(" ")
        last = i + 1 if keys[i + 1 : i + 2] == ["."] else i
        if last == i and word in _ABBREVIATED_TITLES:
            continue
        following = keys[last + 1] if last + 1 < len(keys) else ""
        if following[:1] == " " and (following[1:2].isupper() or (word in _LOWER_TITLES and following[1:].isalpha())):
            yield i, last


def handles(keys: Sequence[str]) -> Iterator[int]:
    """Yield the indices of @handles that are not decorators, packages or doc tags."""
    for i, key in enumerate(keys):
        if "@" not in key:
            continue
        body = key.strip()
        if (
            len(body) < 3
            or body[0] != "@"
            or body[1:].lower() in _NO_HANDLES
            or not body[1:].replace("_", "").isalnum()
            or body[1:].isdecimal()
            or body[1:3] == "0x"
            or (key[0] == "@" and i > 0 and keys[i - 1][-1:].isalnum())  # a host or a line: user@host, Class@774
        ):
            continue
        following = keys[i + 1] if i + 1 < len(keys) else "\n"
        line_start = i == 0 or keys[i - 1] == "\n" or (keys[i - 1].isspace() and (i == 1 or keys[i - 2] == "\n"))
        if following in {"/", "(", " =", "`"} or (i > 0 and keys[i - 1][-1] in "`@") or _attribute(keys, i):
            continue
        if line_start and following in {"\n", "."}:
            continue
        yield i


def _attribute(keys: Sequence[str], i: int) -> bool:
    """Whether a decorator's path goes on: `@module.name`."""
    return keys[i + 1 : i + 2] == ["."] and keys[i + 2 : i + 3] != [] and keys[i + 2][0].isalpha()

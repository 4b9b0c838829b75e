"""E-mail addresses, in linear time.

Presidio's expression is tried at every word; here every ``@`` is looked at, 64
characters to its left and 255 to its right, as RFC 5321 bounds an address. What
is an address is Presidio's rule: an atom with dots, a host of at least two
labels, and a public suffix at its end, by the snapshot in the tldextract wheel.
Letters of scripts that write no spaces do not run into the address, nor does the word behind it.
"""

import re
from collections.abc import Iterator
from functools import cache
from string import ascii_letters, digits
from typing import Any, Final

ENTITY: Final = "EMAIL_ADDRESS"
SCORE: Final = 1.0
LOCAL_MAX: Final = 64
DOMAIN_MAX: Final = 255

# Letters of scripts with spaces (Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic), which may stand in an address.
_LETTERS: Final = "A-Za-z0-9_\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u0370-\u06ff"
_ATOM: Final = "!#$%&'*+-/=?^`{|}~._" + ascii_letters + digits
# What stands before the @, where not all is ASCII. Both are matched on it read backwards: so the first try is the last.
_BEFORE: Final = re.compile(rf"[!#$%&'*+\-/=?^`{{|}}~.{_LETTERS}]+")
_BEFORE_ANY: Final = re.compile(r"[\w.+\-]+")
_LABEL: Final = rf"[{_LETTERS}]+(?:-+[{_LETTERS}]+)*"
_AFTER: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_AFTER_ANY: Final = re.compile(r"\w+(?:-+\w+)*(?:\.\w+(?:-+\w+)*)+")

# Marks that a local part may hold by the letter of RFC 5322, but that in real text end something before it.
_CUT: Final = re.compile(r".*[/|{}?&#`*^$!]", re.DOTALL)
_KEY: Final = re.compile(
    r"(?:e?-?mail|mail|user|username|login|from|to|cc|bcc|contact|account|name|id|owner|author|sender)=(?=.)", re.I
)


# An @ after something and before what might be a host. Where all is ASCII the two say the same.
_AT: Final = re.compile(rf"@(?<=\S@)(?={_LABEL}\.[{_LETTERS}])")
_AT_ANY: Final = re.compile(r"@(?<=\S@)(?=\w+(?:-+\w+)*\.\w)")


def find(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of every address in `text`, in ascending order."""
    for sign in (_AT if text.isascii() else _AT_ANY).finditer(text):
        span = _around(text, sign.start())
        if span is not None:
            yield span


def _around(text: str, at: int) -> tuple[int, int] | None:
    until = at + 1 + DOMAIN_MAX
    host = _AFTER.match(text, at + 1, until) or _AFTER_ANY.match(text, at + 1, until)
    if host is None:
        return None
    end = host.end() if _public(host[0]) else at + 1 + _glued(host[0], text[host.end() : host.end() + 1])
    if end == at + 1:
        return None
    left = max(0, at - LOCAL_MAX)
    before = text[left:at]
    start = len(before.rstrip(_ATOM)) if before.isascii() else _first_letter(before)
    if not before[start:].isalnum():
        start = _start(before, start)
    return None if start == len(before) else (left + start, end)


def _first_letter(before: str) -> int:
    """Return where the local part that ends `before`, of any script, starts at the earliest."""
    backwards = before[::-1]
    found = _BEFORE.match(backwards) or _BEFORE_ANY.match(backwards)
    if found is None:
        return len(before)
    size = found.end()
    if size < len(before) and backwards[size].isalnum():
        size = _other_script(backwards, size)
    return len(before) - size


def _other_script(backwards: str, size: int) -> int:
    """Decide whether letters that run into a local part without a space belong to it: 直樹.中村27@, not 请联系anna@.

    The local part and what stands before it come backwards; takes and returns how long it is.
    """
    whole = _BEFORE_ANY.match(backwards)
    if whole is not None and (backwards[:size].isdigit() or not backwards[size : whole.end()].isalnum()):
        return whole.end()
    return size


def _start(before: str, start: int) -> int:
    """Return where the local part starts in `before`: at a word character, after what only leads up to it."""
    cut = _CUT.match(before, start)
    if cut is not None:
        start = cut.end()
    key = _KEY.match(before, start)
    if key is not None:
        start = key.end()
    while start < len(before) and not (before[start].isalnum() or before[start] == "_"):
        start += 1
    return start


def _glued(host: str, following: str) -> int:
    """Return how long a host is to which the next word is glued (``acme.comPhone``), or an address or a link; else 0.

    Texts that were taken out of documents and pages lack the blank where a line ended.
    """
    for label in _LABELS.finditer(host):
        word = label[0]
        ends = [match.start() for match in _CAPITAL.finditer(word)]
        if following == "@" or (following == ":" and word.endswith(_SCHEMES)):
            ends += range(len(word) - 1, 1, -1)
        for end in ends:
            if _public(host[: label.start() + end]):
                return label.start() + end
    return 0


_LABELS: Final = re.compile(r"(?<=\.)[A-Za-z0-9]+")
_CAPITAL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SCHEMES: Final = ("http", "https")


def _public(host: str) -> bool:
    """Say whether `host` is a name under a public suffix."""
    labels = host.lower().split(".")
    last = labels[-1]
    if last in _single_suffixes():
        return True  # there is a label before the suffix
    if last in _plain_suffixes():
        return len(labels) > 2 or ".".join(labels) not in _suffixes()  # likewise, whether that has one label or two
    extracted = _extractor()(host)
    return bool(extracted.suffix and extracted.domain)


@cache
def _suffixes() -> frozenset[str]:
    """Return all public suffixes."""
    return frozenset(_extractor().tlds)


@cache
def _plain_suffixes() -> frozenset[str]:
    """Return the top-level domains under which no suffix has more than two labels and none is a wildcard."""
    suffixes = _suffixes()
    deep = {s.rsplit(".", 1)[-1] for s in suffixes if s.count(".") > 1 or s[:1] in "*!"}
    return frozenset(s for s in suffixes if "." not in s and s not in deep)


@cache
def _single_suffixes() -> frozenset[str]:
    """Return the plain top-level domains under which there is no suffix of two labels at all."""
    parents = {s.rsplit(".", 1)[-1] for s in _suffixes() if "." in s}
    return _plain_suffixes() - parents


@cache
def _extractor() -> Any:
    """Return the extractor of public suffixes; it reads the snapshot in its wheel and never the network."""
    import tldextract

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

"""E-mail addresses, in linear time.

Presidio's expression is tried at every word; here every ``@`` is looked at, 64
characters to its left and 255 to its right, as RFC 5321 bounds an address. What
is an address is Presidio's rule: an atom with dots, a host of at least two
labels, and a public suffix at its end, by the snapshot in the tldextract wheel.
Letters of scripts that write no spaces do not run into the address.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

ENTITY: Final = "EMAIL_ADDRESS"
SCORE: Final = 1.0
LOCAL_MAX: Final = 64
DOMAIN_MAX: Final = 255

# Letters of scripts with spaces (Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic), which may stand in an address.
_LETTERS: Final = "A-Za-z0-9_\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u0370-\u06ff"
_BEFORE: Final = re.compile(rf"[!#$%&'*+\-/=?^`{{|}}~.{_LETTERS}]+\Z")
_BEFORE_ANY: Final = re.compile(r"[\w.+\-]+\Z")
_LABEL: Final = rf"[{_LETTERS}]+(?:-+[{_LETTERS}]+)*"
_AFTER: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_AFTER_ANY: Final = re.compile(r"\w+(?:-+\w+)*(?:\.\w+(?:-+\w+)*)+")

# Marks that a local part may hold by the letter of RFC 5322, but that in real text end something before it.
_CUT: Final = re.compile(r".*[/|{}?&#`*^$!]", re.DOTALL)
_KEY: Final = re.compile(
    r"(?:e?-?mail|mail|user|username|login|from|to|cc|bcc|contact|account|name|id|owner|author|sender)=(?=.)", re.I
)


def find(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of every address in `text`, in ascending order."""
    at = text.find("@", 1)
    while at >= 0:
        if not text[at - 1].isspace():  # else a handle, as most are
            span = _around(text, at)
            if span is not None:
                yield span
        at = text.find("@", at + 1)


def _around(text: str, at: int) -> tuple[int, int] | None:
    after = text[at + 1 : at + 1 + DOMAIN_MAX]
    host = _AFTER.match(after) or _AFTER_ANY.match(after)
    if host is None or not _public(host[0]):
        return None
    left = max(0, at - LOCAL_MAX)
    before = text[left:at]
    found = _BEFORE.search(before) or _BEFORE_ANY.search(before)
    if found is None:
        return None
    if found.start() and before[found.start() - 1].isalnum():
        found = _other_script(before, found)
    start = _start(before, found.start())
    return None if start == len(before) else (left + start, at + 1 + host.end())


def _other_script(before: str, found: re.Match[str]) -> re.Match[str]:
    """Decide whether letters that run into a local part without a space belong to it: 直樹.中村27@, not 请联系anna@."""
    whole = _BEFORE_ANY.search(before)
    if whole is not None and (found[0].isdigit() or not before[whole.start() : found.start()].isalnum()):
        return whole
    return found


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


def _public(host: str) -> bool:
    """Say whether `host` is a name under a public suffix."""
    labels = host.lower().split(".")
    last = labels[-1]
    if last in _single_suffixes() or (len(labels) > 2 and last in _plain_suffixes()):
        return True  # there is a label before the suffix, whether that has one label or two
    extracted = _extractor()(host)
    return bool(extracted.suffix and extracted.domain)


@cache
def _plain_suffixes() -> frozenset[str]:
    """Return the top-level domains under which no suffix has more than two labels and none is a wildcard."""
    suffixes = set(_extractor().tlds)
    deep = {s.rsplit(".", 1)[-1] for s in suffixes if s.count(".") > 1 or s[:1] in "*!"}
    return frozenset(s for s in suffixes if "." not in s and s not in deep)


@cache
def _single_suffixes() -> frozenset[str]:
    """Return the plain top-level domains under which there is no suffix of two labels at all."""
    parents = {s.rsplit(".", 1)[-1] for s in _extractor().tlds if "." in s}
    return _plain_suffixes() - parents


@cache
def _extractor() -> Any:
    """Return the extractor of public suffixes; it reads the snapshot in its wheel and never the network."""
    import tldextract

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

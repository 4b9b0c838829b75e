"""Web addresses, in linear time.

Presidio's expression backtracks over every dotted run at every of its
characters, for each of 1,500 top-level domains: 6.6 s for 4,000 dots. Here a
dotted run is read once, from its last label, which is looked up. What counts:

- with a scheme, everything up to white space, a quote or a bracket, with port,
  query and an address of numbers too;
- without one, a host whose last label is a top-level domain *as a whole*
  (Presidio takes ``.pa`` in ``request.path``). Domains that are also endings of
  file names and attributes (``.py``, ``.id``, ``.name``) need a path, ``www.``
  or a context word.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

ENTITY: Final = "URL"
LONGEST: Final = 2048
"""A URL is taken to be at most this long; practice and most servers agree."""

_SCHEME: Final = re.compile(r"(?:https?|ftps?|sftp|wss?)\Z", re.IGNORECASE)
# CJK punctuation and letters end a URL: they are written right after it, without a space.
_IN_URL: Final = r"[^\s()<>\u2018-\u201f\u2026\"'`{}|\\^\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef]"
_REST: Final = re.compile(f"{_IN_URL}+")
_AUTHORITY: Final = re.compile(r"[^/?#]+")
_TRAILING: Final = ".,;:!?*_~]["
_HOST_CHARS: Final = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-"
_HOST_MAX: Final = 253
# What may not stand before a host: it would be the host of an address, or a part of a path, a variable or a command.
_NOT_BEFORE: Final = frozenset(b"_@/\\$%&=+")
_TOP: Final = re.compile(rb"\.([A-Za-z]{2,24})(?![A-Za-z0-9_@(\[])(?!\.[A-Za-z0-9_])(?!-[A-Za-z0-9])(?::[0-9]{2,5})?")
_PATH: Final = re.compile(f"[/?#]{_IN_URL}{{0,{LONGEST - 300}}}")

WITH_SCHEME: Final = 0.6
PLAIN: Final = 0.5
AMBIGUOUS: Final = 0.3

# Domains that are never an attribute, a file name or a word of a program.
_CLEAR: Final = frozenset(
    {
        "com", "info", "org", "net", "edu", "gov", "mil", "biz", "co", "uk", "de", "fr", "nl", "ch", "jp", "cn",
        "au", "nz", "ca", "us", "eu", "es", "pt", "br", "mx", "ar", "ru", "ua", "cz", "sk", "hu", "se", "fi", "dk",
        "no", "ie", "za", "kr", "tw", "hk", "sg", "ng", "ke", "gr", "ro", "bg", "hr", "lt", "lv", "ee", "lu",
    }
)  # fmt: skip


_CLEAR_LABELS: Final = frozenset(domain.encode("ascii") for domain in _CLEAR)


def find(text: str, dark: bytes) -> Iterator[tuple[int, int, float]]:
    """Yield start, end and score (without context) of every web address in `text`, whose shadow is `dark`."""
    at = text.find("://")
    while at >= 0:
        found = _with_scheme(text, at)
        if found is not None:
            yield found
        at = text.find("://", at + 3)
    domains = _top_level_labels()
    for top in _TOP.finditer(dark, 1):
        if top[1].lower() in domains:
            found = _plain(text, dark, top.start(), top)
            if found is not None:
                yield found


def _with_scheme(text: str, at: int) -> tuple[int, int, float] | None:
    scheme = _SCHEME.search(text, max(0, at - 5), at)
    if scheme is None:
        return None
    limit = at + LONGEST - 8
    # A URL ends where another begins inside it: both are reported, and a long chain costs no more than its length.
    inner = text.find("://", at + 3, limit)
    if inner >= 0 and (next_ := _SCHEME.search(text, max(at + 3, inner - 5), inner)) is not None:
        limit = next_.start()
    rest = _REST.match(text, at + 3, limit)
    if rest is None:
        return None
    end = _trimmed(text, at + 3, rest.end())
    host = _AUTHORITY.match(text, at + 3, end)
    if host is None or ("." not in host[0] and host[0].count(":") < 2):
        return None  # localhost, or a name on the same network
    return scheme.start(), end, WITH_SCHEME


def _plain(text: str, dark: bytes, dot: int, top: re.Match[bytes]) -> tuple[int, int, float] | None:
    """Judge the host whose last dot is at `dot`, before the top-level domain `top`."""
    before = dark[max(0, dot - _HOST_MAX) : dot]
    name = before[before.rfind(b"..") + 2 :] if b".." in before else before
    name = name[len(name.rstrip(_HOST_CHARS)) :].lstrip(b".-")
    start, end = dot - len(name), top.end()
    if not name or (start and dark[start - 1] in _NOT_BEFORE):
        return None
    path = _PATH.match(text, end)
    if path is not None:
        end = _trimmed(text, end, path.end())
    if name[:4].lower() == b"www.":
        return start, end, WITH_SCHEME
    if top[1].lower() in _CLEAR_LABELS or (path is not None and path.end() - path.start() > 1):
        return start, end, PLAIN
    return start, end, AMBIGUOUS


def _trimmed(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1] in _TRAILING:
        end -= 1
    return end


@cache
def _top_level_labels() -> frozenset[bytes]:
    """Return the top-level domains as they stand in a shadow."""
    return frozenset(domain.encode("ascii") for domain in top_level_domains())


@cache
def top_level_domains() -> frozenset[str]:
    """Return the top-level domains that Presidio's URL recognizer knows, and those that it leaves out."""
    from detectors.pii.presidio import load_recognizers

    recognizer = next(r for r in load_recognizers() if type(r).__name__ == "UrlRecognizer")
    return frozenset(re.findall(r"\(\?:([a-z0-9\-]{2,})\)", recognizer.BASE_URL_REGEX)) | _CLEAR

"""What a model may make of a stand-in's spelling, read back; and values spelled as their place demands.

A token or a surrogate may come percent-encoded in a URL (once, or twice inside
another URL), as character references of HTML, as escapes of a JSON or program
text, or with the backslashes of Markdown. `read` undoes all of these at once and
keeps the way back; `written` writes a value so that it fits where the stand-in
stood: what undoes the spelling of the place finds exactly the value.

Sources: RFC 3986 (percent-encoding; what can stand in a URL), RFC 6068 (mailto),
HTML 13.5 (named character references), CommonMark 2.4 (backslash escapes).
"""

import html
import re
from bisect import bisect_right
from urllib.parse import quote as percent
from urllib.parse import quote_plus

from gateway.core.stretch import quote

_REFERENCES = {
    **dict.fromkeys(("&#91;", "&#x5b;", "&lbrack;", "&lsqb;"), "["),
    **dict.fromkeys(("&#93;", "&#x5d;", "&rbrack;", "&rsqb;"), "]"),
    **dict.fromkeys(("&#95;", "&#x5f;", "&lowbar;"), "_"),
}
_BEGUN = frozenset(name[:end] for name in _REFERENCES for end in range(1, len(name)))
_ESCAPE = re.compile(
    r"(?P<bytes>(?:%(?:25)?[0-9A-Fa-f]{2})+)|(?P<name>&#?[A-Za-z0-9]{1,6};)"
    r"|\\u(?P<code>[0-9A-Fa-f]{4})|\\(?P<sign>[!-/:-@\[\]-`{-~])"
)
_BYTE = re.compile(r"%(25)?([0-9A-Fa-f]{2})")
_OPEN = re.compile(r"(?:%(?:[0-9A-Fa-f]|25[0-9A-Fa-f]?)?|&#?[A-Za-z0-9]{0,6}|\\(?:u[0-9A-Fa-f]{0,3})?)\Z")
_BYTES = re.compile(r"(?:%(?:25)?[0-9A-Fa-f]{2}){1,4}\Z")

LOOK_BACK = 256
"""Characters before a stand-in in which the URL that it stands in must begin."""

_URL = re.compile(
    r"(?:(?:https?|wss?|ftp|file)://(?P<host>[^\s/?#<>\"'`]*)|(?:mailto|tel|sms):|\]\((?=[/#?.]))"
    r"(?P<rest>[^\s<>\"'`{}|\\^]*)\Z"
)
_NO_URL = re.compile(r"[\x00-\x20\"<>\\^`{|}]|%(?![0-9A-Fa-f]{2})")
"""What can stand in no URL (RFC 3986, 2; letters of any script can, RFC 3987)."""


class Reading:
    """A text with its escapes undone, and the place of each of its characters in the text as written."""

    __slots__ = ("_lengths", "_offsets", "text")

    def __init__(self, text: str, offsets: list[int], lengths: list[int]) -> None:
        """`offsets`: places in `text` from which on it lags behind, by as much as `lengths` says."""
        self.text = text
        self._offsets = offsets
        self._lengths = lengths

    def place(self, at: int) -> int:
        """Return where in the text as written the character at `at` begins."""
        step = bisect_right(self._offsets, at) - 1
        return at + self._lengths[step] if step >= 0 else at


def read(text: str) -> Reading:
    """Return what a text says, its escapes undone; what is no escape is left as it is."""
    if "%" not in text and "&" not in text and "\\" not in text:
        return Reading(text, [], [])
    parts: list[str] = []
    offsets: list[int] = []
    lengths: list[int] = []
    at = length = lag = 0
    for match in _ESCAPE.finditer(text):
        for start, end, sign in _undone(match):
            parts += (text[at:start], sign)
            length += start - at + 1
            lag += end - start - 1
            at = end
            offsets.append(length)
            lengths.append(lag)
    parts.append(text[at:])
    return Reading("".join(parts), offsets, lengths)


def _undone(match: re.Match[str]) -> list[tuple[int, int, str]]:
    start, end = match.span()
    if match["sign"]:
        return [(start, end, match["sign"])]
    if match["code"]:
        code = int(match["code"], 16)
        return [] if 0xD800 <= code < 0xE000 else [(start, end, chr(code))]
    if match["name"]:
        sign = _REFERENCES.get(match["name"].lower())
        return [] if sign is None else [(start, end, sign)]
    steps = list(_BYTE.finditer(match.string, start, end))
    data = bytes(int(step[2], 16) for step in steps)
    found: list[tuple[int, int, str]] = []
    at = 0
    while at < len(data):
        size = _size(data[at])
        try:
            sign = data[at : at + size].decode()
            found.append((steps[at].start(), steps[at + size - 1].end(), sign))
        except (UnicodeDecodeError, IndexError):
            size = 1
        at += size
    return found


def _size(lead: int) -> int:
    """Return how many bytes a character of UTF-8 has, by its first."""
    return 1 if lead < 0xC0 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4


def begun(text: str) -> int:
    """Return where an escape begins that the end of `text` may cut, or the text's length."""
    tail = text[-20:]
    if "%" not in tail and "&" not in tail and "\\" not in tail:
        return len(text)
    found = _OPEN.search(text, max(0, len(text) - 8))
    if found is not None and (found.group()[0] != "&" or found.group().lower() in _BEGUN):
        start = found.start()
    else:
        start = len(text)
    last = _BYTES.search(text, max(0, start - 20), start)
    steps = list(_BYTE.finditer(text, last.start(), start)) if last is not None else []
    for behind, step in enumerate(reversed(steps)):  # the first bytes of a character that has more
        byte = int(step[2], 16)
        if byte >= 0xC0 and _size(byte) > behind + 1:
            return step.start()
        if byte < 0x80 or byte >= 0xC0:
            break
    return start


def written(value: str, spelling: str, before: str, *, plus: bool = False) -> str:
    """Return `value` as it must be written in the place of a stand-in.

    `spelling` is how the stand-in was written there, `before` up to `LOOK_BACK` characters before it;
    `plus` tells that blanks are written as plus signs there.
    """
    steps = _BYTE.findall(spelling)
    if plus:
        return quote_plus(value, errors="surrogatepass")
    if steps:
        once = percent(value, safe="", errors="surrogatepass")
        return percent(once, safe="") if any(deeper for deeper, _ in steps) else once
    if "&" in spelling:
        return html.escape(value)
    if "\\u" in spelling:
        return quote(value)
    url = _URL.search(before) if "(" in before or ":" in before else None
    if url is not None and not (url["host"] is not None and not url["rest"]) and _NO_URL.search(value):
        kept = "@:+,;=" if url["host"] is None and "?" not in url["rest"] else "@:"
        return percent(value, safe=kept, errors="surrogatepass")
    return value

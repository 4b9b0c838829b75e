"""One character for another: lookalikes, invisible characters, escapes.

Every rule looks at a bounded neighbourhood, so that a text arriving in pieces
folds as the whole text does.
"""

import html
import re
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np

from detectors.normalize.tables import (
    BESIDE,
    COMPAT,
    DASHES,
    DIGIT,
    ESCAPE,
    HOMOGLYPH,
    INVISIBLE,
    SEPARATOR,
    SPACES,
    UNSEEN,
    kinds,
    lookalikes,
)  # fmt: skip
from detectors.normalize.view import Edit, Edited, edited

# A run of invisible characters longer than this is hidden text (`hidden.py`), not a disguise inside a value.
LONGEST_GAP = 8
_LONGEST_RUN = 64
_LONGEST_ESCAPE = 24
_HELD = 80

_PCT = "%(?:25){0,2}"
_SIGN = re.compile(r"[%&\\]")
_ESCAPES = (
    rf"(?P<percent>{_PCT}(?:[2-7][0-9A-Fa-f]|0[9AaDd])"
    rf"|{_PCT}[C-Fc-f][0-9A-Fa-f](?:{_PCT}[89ABab][0-9A-Fa-f]){{1,3}})"
    r"|(?P<entity>&(?:amp;)?(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8}[0-9]{0,2});)"
    r"|(?P<unicode>\\{1,2}u[dD][89ABab][0-9A-Fa-f]{2}\\{1,2}u[dD][C-Fc-f][0-9A-Fa-f]{2}"
    r"|\\{1,2}(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|U[0-9A-Fa-f]{8}|u\{[0-9A-Fa-f]{1,6}\}))"
    r"|(?P<octal>\\{1,2}(?:0[4-7][0-7]|1[0-7][0-7]))"
)
_CONTINUES = re.compile(rf"{_PCT}[89ABab]|\\{{1,2}}u[dD][C-Fc-f]")
_HEX = re.compile(r"[0-9A-Fa-f]+")


@cache
def _token() -> re.Pattern[str]:
    compat, homoglyph = (f"[{re.escape(''.join(table))}]" for table in lookalikes())
    foreign = r"[^\W\x00-\x7f]"
    return re.compile(
        _ESCAPES + f"|(?P<invisible>(?<![{INVISIBLE}])[{INVISIBLE}]{{1,{LONGEST_GAP}}}(?![{INVISIBLE}]))"
        f"|(?P<compat>{compat}++)"
        f"|(?P<homoglyph>(?<!{foreign}){homoglyph}{{1,{_LONGEST_RUN}}}(?!{foreign}))"
        f"|(?P<dash>(?<=[0-9])[{DASHES}](?=[0-9]))"
        f"|(?P<space>(?<=[0-9])[{SPACES}](?=[0-9]))"
    )


def fold(text: str) -> Edited | None:
    """Return the text with disguises undone, or ``None`` when it has none."""
    spots = _spots(text)
    if not spots:
        return None
    match_at = _token().match
    edits: list[Edit] = []
    end = 0
    for spot in spots:
        if spot >= end and (match := match_at(text, spot)):
            edits += _edits(match)
            end = match.end()
    return edited(text, edits)


def open_from(text: str) -> int:
    """Return where a continuation may still change how `text` folds (its length when nowhere)."""
    match = _SIGN.search(text, max(0, len(text) - _LONGEST_ESCAPE))
    position, stop = match.start() if match else len(text), max(0, len(text) - _HELD)
    if match:
        for _ in range(4):  # not between two backslashes, nor inside one code point's bytes or surrogates
            before = text.rfind(text[position], max(0, position - 9), position)
            if before < 0 or not (before == position - 1 or _CONTINUES.match(text, position)):
                break
            position = before
    while position > stop and not text[position - 1].isascii():
        position -= 1
    return position


def _spots(text: str) -> list[int]:
    """Return where a token may begin, ascending: the quick look that plain text pays for."""
    if text.isascii():
        if "%" not in text and "&" not in text and "\\" not in text:
            return []
        return [match.start() for match in _SIGN.finditer(text)]
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    kind = np.zeros(len(codes) + 2, dtype=np.uint8)
    kinds().take(codes, out=kind[1:-1])
    before, here, after = kind[:-2], kind[1:-1], kind[2:]
    beside = (kind == BESIDE) | (kind == DIGIT) | (kind == UNSEEN)
    likeness = here == HOMOGLYPH
    spots = (here == ESCAPE) | ((here == COMPAT) & (before != COMPAT)) | ((here == UNSEEN) & (before != UNSEEN))
    spots |= likeness & (beside[:-2] | beside[2:])
    spots |= (here == SEPARATOR) & (before == DIGIT) & (after == DIGIT)
    found: list[int] = np.flatnonzero(spots).tolist()
    return [_run_start(text, spot) if likeness[spot] else spot for spot in found]


def _run_start(text: str, position: int) -> int:
    """Return the first of the foreign letters before a homoglyph, as far as a run may be long."""
    least = max(0, position - _LONGEST_RUN)
    while position > least and text[position - 1].isalnum() and not text[position - 1].isascii():
        position -= 1
    return position


def _edits(match: re.Match[str]) -> Iterator[Edit]:
    kind, start, end = match.lastgroup or "", match.start(), match.end()
    if kind in ("compat", "homoglyph"):
        table = lookalikes()[kind == "homoglyph"]
        forms = [table[char] for char in match[0]]
        if kind == "homoglyph" and len(forms) == 1:
            forms = [_in_number(forms[0], match)]
        folded = "".join(forms)
        if len(folded) == end - start:
            yield Edit(start, end, folded)
            return
        for offset, form in enumerate(forms):
            yield Edit(start + offset, start + offset + 1, form)
        return
    replacement = _REPLACE[kind](match)
    if replacement is not None:
        yield Edit(start, end, replacement)


def _in_number(form: str, match: re.Match[str]) -> str:
    """Read a letter between two digits as the digit that it looks like."""
    text, start, end = match.string, match.start(), match.end()
    if text[start - 1 : start].isdecimal() and text[end : end + 1].isdecimal():
        return {"O": "0", "o": "0", "l": "1", "I": "1", "S": "5", "B": "8"}.get(form, form)
    return form


def _percent(match: re.Match[str]) -> str | None:
    try:
        char = bytes.fromhex(re.sub(_PCT, "", match[0])).decode()
    except ValueError:
        return None
    return _plain(char) if len(char) == 1 else None


def _entity(match: re.Match[str]) -> str | None:
    raw = match[0].replace("&amp;", "&", 1) if match[0].startswith("&amp;") and match[0] != "&amp;" else match[0]
    char = html.unescape(raw)
    return _plain(char) if char != raw and len(char) <= 2 else None


def _unicode(match: re.Match[str]) -> str | None:
    codes = [int(code, 16) for code in _HEX.findall(match[0].replace("\\", " ")) if code]
    if len(codes) == 2:
        codes = [0x10000 + ((codes[0] & 0x3FF) << 10) + (codes[1] & 0x3FF)]
    if not codes or codes[0] > 0x10FFFF or 0xD800 <= codes[0] < 0xE000:
        return None
    return _plain(chr(codes[0]))


def _plain(char: str) -> str:
    """Fold what an escape stood for, once more."""
    if char.isascii():
        return char
    if len(char) == 1 and kinds()[ord(char)] == UNSEEN:
        return ""
    compat, homoglyph = lookalikes()
    return compat.get(char) or homoglyph.get(char) or char


_REPLACE: dict[str, Callable[[re.Match[str]], str | None]] = {
    "invisible": lambda _: "",
    "dash": lambda _: "-",
    "space": lambda _: " ",
    "percent": _percent,
    "entity": _entity,
    "unicode": _unicode,
    "octal": lambda match: chr(int(match[0].lstrip("\\"), 8)),
}

"""Card numbers in pieces, and numbers glued to what stands beside them: written plainly again.

Four groups of four with a sign between them that no detector takes for one (dots, low lines, slashes, stars), a number
with a letter before or behind it; and with a word of cards before it also columns, lists and groups of two or three.
Only what passes the check of cards and belongs to a network is rewritten, and no stretch of a longer row.

Any number of six digits or more is parted from a letter of a script that is written without blanks, and from the low
lines that make it emphatic in Markdown.
"""

import re
from collections.abc import Iterator
from typing import Final

from detectors.normalize.view import Edit
from detectors.pii.cards import is_card

HELD: Final = 192
"""Characters at the end of a text in which such a number may still grow: 19 digits, and six signs between any two."""

_SIGNS: Final = " \t\r\n.,;_/|*+'\"[](){}<>\\-"
_GAP: Final = rf"[{re.escape(_SIGNS)}]{{1,6}}"
_STRONG: Final = frozenset("._/|*+'\"[](){}<>\\")
_SEEN: Final = (" ", "-")
"""What detectors read between the groups of a number."""

_SPOT: Final = re.compile(rb"0000(?:[^0a-z]{1,6}0000|0{9})")
"""Where a number may be, in a text of small letters with every digit a nought: two groups, or thirteen digits."""

_GROUPS: Final = re.compile(
    rf"(?:[0-9]{{4}}(?P<four>{_GAP})[0-9]{{4}}(?:(?P=four)[0-9]{{4}}){{2}}(?:(?P=four)[0-9]{{3}})?"
    rf"|[0-9]{{4}}(?P<amex>{_GAP})[0-9]{{6}}(?P=amex)[0-9]{{5}})(?![0-9])"
)
_WHOLE: Final = re.compile(r"[0-9]{13,19}(?![0-9])")
_MARKS: Final = tuple(gap.join([piece] * 4) for gap in (b" ", b"-") for piece in (b"00", b"000"))
_SMALL: Final = re.compile(
    r"(?<![0-9])(?:[0-9]{3}(?P<three>[ -])[0-9]{3}(?:(?P=three)[0-9]{3}){2,3}(?P=three)[0-9]{1,3}"
    r"|[0-9]{2}(?P<two>[ -])[0-9]{2}(?:(?P=two)[0-9]{2}){4,7}(?:(?P=two)[0-9])?)(?![0-9])"
)
_WORD_BEFORE: Final = re.compile(r"(?<![0-9A-Za-z_])[A-Za-z_]{1,32}\Z")
_WORD_BEHIND: Final = re.compile(r"[A-Za-z]{0,16}(?![0-9A-Za-z])")
_WORDS: Final = (
    *("card", "karte", "carte", "carta", "tarjeta", "kaart", "kort", "visa", "master", "amex", "credit", "debit"),
    *("kredit", "карт", "卡"),
)
_CARD: Final = re.compile(rf"{'|'.join(_WORDS)}|\bcc\b|\bpan\b", re.IGNORECASE)
_BEFORE: Final = 64
"""Characters before a number in which a word may say that it is a card's."""

_MOST: Final = 20
"""Digits before a spot that are looked at: with more, it is no card's."""

_SPACELESS: Final = "\u0e01-\u0e5b\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
_LETTER: Final = re.compile(f"[{_SPACELESS}]")
_NUMBER: Final = re.compile(r"[+(]{0,2}[0-9](?:[ ().-]{0,2}[0-9]){5,}")
_EMPHATIC: Final = re.compile(rb"_[+(]{0,2}0|0_")
"""Where low lines may stand beside a number, in the same shape: all places that count, so that no other does."""

_MAIL_END: Final = re.compile(r"@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}(?=__?(?![0-9A-Za-z_]))")

_DIGITS: Final = "0123456789"


def pieces(text: str, shape: bytes) -> Iterator[Edit]:
    """Yield the numbers of a text as one would write them.

    `shape` is the text in small letters with every digit a nought.
    """
    done = 0
    for spot in _SPOT.finditer(shape) if b"0000" in shape else ():
        low = max(0, spot.start() - _MOST)
        start = low + len(shape[low : spot.start()].rstrip(b"0"))
        if start >= done:
            match = _WHOLE.match(text, start) or _GROUPS.match(text, start)
            if match is not None:
                done = match.end()
                yield from _joined(match) if match.lastgroup else _apart(text, *match.span())
    if any(mark in shape for mark in _MARKS):
        for match in _SMALL.finditer(text):
            yield from _joined(match)


def parted(text: str, shape: bytes) -> Iterator[Edit]:
    """Yield blanks between a number, or an address, and what hides where it begins or ends; `shape` as in `pieces`."""
    if _EMPHATIC.search(shape) or (not text.isascii() and _LETTER.search(text)):
        for match in _NUMBER.finditer(text):
            start, end = match.span()
            if _hides(text, start - 1, -1):
                yield Edit(start, start, " ")
            if _hides(text, end, 1):
                yield Edit(end, end, " ")
    if "_" in text and "@" in text:
        yield from (Edit(match.end(), match.end(), " ") for match in _MAIL_END.finditer(text))


def _hides(text: str, at: int, step: int) -> bool:
    """Tell whether what stands at `at` hides that a number begins or ends there, seen in the direction of `step`."""
    if not 0 <= at < len(text):
        return False
    if text[at] != "_":
        return _LETTER.match(text, at) is not None
    behind = at + step
    behind += step if 0 <= behind < len(text) and text[behind] == "_" else 0
    return not 0 <= behind < len(text) or not (text[behind].isalnum() or text[behind] == "_")


def open_from(text: str) -> int:
    """Return where a number in pieces, or one and the word that it is glued to, may still grow at the end of a text."""
    tail = text[-HELD:]
    row = tail.rstrip(_LETTERS).rstrip(_DIGITS + _SIGNS)
    if not any(sign in _DIGITS for sign in tail[len(row) :]):
        return len(text)
    return len(text) - len(tail) + len(row.rstrip(_LETTERS + "_"))


_UNGLUED: Final = _SIGNS.replace("_", "") + _DIGITS
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _apart(text: str, start: int, end: int) -> Iterator[Edit]:
    """Part a number from the letters that it is glued to."""
    if not (text[start - 1 : start] + text[end : end + 1]).strip(_UNGLUED):
        return
    behind = _WORD_BEHIND.match(text, end)
    before = _WORD_BEFORE.search(text, max(0, start - 33), start)
    if behind is None or not (before or behind[0]) or (before is None and text[start - 1 : start].isalnum()):
        return
    word = before[0] if before else ""
    if "_" in word and _CARD.search(word.replace("_", " ")) is None:
        return  # an identifier's own number
    if _passes(text[start:end]):
        yield Edit(start, end, f"{' ' if word else ''}{text[start:end]}{' ' if behind[0] else ''}")


def _joined(match: re.Match[str]) -> Iterator[Edit]:
    """Join the groups of a number as a card's, by hyphens, unless it stands in a longer row."""
    text, (start, end) = match.string, match.span()
    kind = match.lastgroup or ""
    gap = match[kind]
    if not _passes(match[0]):
        return
    large = kind in ("four", "amex")
    if gap in _SEEN and large:
        yield from _apart(text, start, end)
        return
    if (text.endswith(gap, 0, start) and text[start - len(gap) - 1 : start - len(gap)].isdigit()) or (
        text.startswith(gap, end) and text[end + len(gap) : end + len(gap) + 1].isdigit()
    ):
        return
    if (large and any(sign in _STRONG for sign in gap)) or _CARD.search(text, max(0, start - _BEFORE), start):
        digits = match[0].replace(gap, "")
        yield Edit(start, end, "-".join((digits[:4], digits[4:8], digits[8:12], digits[12:])))


def _passes(number: str) -> bool:
    digits = "".join(sign for sign in number if sign in _DIGITS)
    return digits.isascii() and is_card(digits.encode())

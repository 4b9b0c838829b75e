"""How much of a growing text no continuation can change, read off its last words.

A finding of the rules has one of two shapes. It stands in one word, without
white space, and is decided when the word is. Or it goes over several words, and
then it is at most `WIDEST` characters wide and made of words that have a digit,
are punctuation, or are letters, at most two such words in a row (number plates;
"ext." and account numbers are seen to), or of words that open a phrase of
`sensitive.py`. Words of letters that a finding goes on after have at most three;
where two of them begin it, the second has at most two. So going back from the end,
the first word that fits none of these closes everything before it. What comes after
a number may still say that it is a telephone number (`phone_after.py`).
"""

import re
from typing import Final

from detectors.pii import phone_after
from detectors.pii.sensitive import openings

WIDEST: Final = 80
"""The widest finding that may have white space in it, in characters, and a few more."""

LONGEST_WORD: Final = 2144
"""After so many characters without white space, what began before is decided: the longest URL, and what follows it."""

_CHAIN: Final = 2 * WIDEST
"""In an endless row of numbers, what began so far before the end is decided."""

_ROW: Final = 3
"""Of so many words of letters in a row, nothing that began before can go on behind the last."""

_GROUPS: Final = 3
"""So many groups of letters alone may follow one another in an account number."""

_SECOND: Final = 2
"""Letters of the second such word of what begins with two."""

# Characters that are in no finding, and after which what stands before is decided.
_STOPS: Final = '"<>{}|\\`'
_OTHER_STOPS: Final = re.compile(
    "[\u3001\u3002\u3008-\u3011\u3014-\u301b\u30fb\uff01\uff0c\uff1a\uff1b\uff1f\u2026\u201c\u201d]"
)
_DIGIT: Final = re.compile(r"\d")
_END_OF_NUMBER: Final = re.compile(r"\d(?!\d)")
_LAST_PART: Final = re.compile(r"[\w'-]+\Z")
_GROUP: Final = re.compile(r"[^\W\d_]{4}")
_SHORT_LETTERS: Final = re.compile(r"(?:^|[\W_])([^\W\d_]{1,3})\Z")
# Words that link numbers: punctuation alone, a plus or a bracket at the end, "extension", a group of an account number.
_LINKS: Final = re.compile(
    r"[\W_]{1,3}|.*[+(\uff0b\uff08]|\W{0,2}(?:(?i:extn?|extension))[.:]{0,2}|.*(?<![A-Z0-9])[A-Z0-9]{4}", re.DOTALL
)


def settled(text: str) -> int:
    """Return how many leading characters of `text` no continuation can change. Reads only its end."""
    position = _settled(text)
    low = max(0, len(text) - phone_after.LONGEST)
    for number in _END_OF_NUMBER.finditer(text, low):
        if phone_after.may_speak(text[number.end() :]):
            return min(position, _settled(text[: number.end()]))
    return position


def _settled(text: str) -> int:
    """Return the same, as far as words after a number do not matter."""
    low = _last_stop(text)
    tail = text[low:]
    at = open_from = newest = _start_of_word_in_progress(tail)
    row: list[int] = []  # letters of the words of nothing else, the last first
    groups = 0  # words of four letters, which belong to a finding only if it began with a number before them
    while at:
        head = tail[:at].rstrip()
        if not head or newest - len(head) > _CHAIN:
            break
        word = head.rsplit(None, 1)[-1]
        at = len(head) - len(word)
        short = _SHORT_LETTERS.search(word)
        if _DIGIT.search(word):
            row.clear()
            groups = 0
        elif _GROUP.fullmatch(word) and not _opens_phrase(word):
            groups += 1
            if groups > _GROUPS:
                break
            continue
        elif groups and not _opens_phrase(word):
            break
        elif short is not None and not _LINKS.fullmatch(word):
            row.append(len(short[1]))
            if len(row) == _ROW:
                break
            if len(row) > 1 and row[0] > _SECOND and not _opens_phrase(word):
                continue
        elif not (_LINKS.fullmatch(word) or _opens_phrase(word)):
            break
        open_from = at
    return low + open_from


def _start_of_word_in_progress(tail: str) -> int:
    if not tail or tail[-1].isspace():
        return len(tail)
    return len(tail) - len(tail.rsplit(None, 1)[-1])


def _opens_phrase(word: str) -> bool:
    """Say whether a finding of several words (`sensitive.py`) may go on after `word`."""
    last = _LAST_PART.search(word)
    return last is not None and last[0].lower() in openings()


def _last_stop(text: str) -> int:
    """Return the offset after the last character that nothing goes across, as far back as anything can be open."""
    low = max(0, len(text) - LONGEST_WORD)
    stop = max(text.rfind(char, low) for char in _STOPS) + 1
    if not text.isascii():
        for match in _OTHER_STOPS.finditer(text, max(low, stop)):
            stop = match.end()
    return max(stop, low)

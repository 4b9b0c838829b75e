"""Spelling undone: digits written apart or as words, "at" and "dot", defanged addresses.

The patterns ask for much (nine spaced digits, "at" *and* "dot" when neither
stands in brackets), because ordinary sentences hold number words and "at".
They run only around spots that a quick look finds.
"""

import re
import string
from collections.abc import Iterator

from detectors.normalize.pieces import open_from as in_pieces
from detectors.normalize.pieces import parted, pieces
from detectors.normalize.view import Edit, Edited, View, edited

_WORDS = {
    "zero": "0", "oh": "0", "one": "1", "two": "2", "three": "3", "four": "4",
    "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
_LEAST_SPACED = 9
_LEAST_SPELLED = 7
_MOST = 34  # a longer run is a table, not a number
_NAMES = "|".join(_WORDS)
_UNIT = rf"(?:(?:double|triple)[ -])?(?:{_NAMES}|[0-9])(?![0-9A-Za-z])"
_GAP = r"(?:[ \t.,_/|*·()+-]{1,5}|[ ]?(?:dash|hyphen|space)[ ])"
_DIGITS = re.compile(rf"(?<![0-9A-Za-z]){_UNIT}(?:{_GAP}{_UNIT})++", re.IGNORECASE)
# An international account number, letter by letter.
_DIGIT = rf"(?:{_NAMES}|[0-9])(?![0-9A-Za-z])"
_CODE = re.compile(
    rf"(?<![0-9A-Za-z])[A-Z] [A-Z] {_DIGIT} {_DIGIT}(?:[ -]{{1,3}}(?:{_NAMES}|[A-Z0-9])(?![0-9A-Za-z])){{11,30}}+",
    re.IGNORECASE,
)
_ELEMENT = re.compile(r"[A-Za-z]+|[0-9]")
_PART = re.compile(rf"({_UNIT})({_GAP})?", re.IGNORECASE)
_THREE_WORDS = re.compile(rf"(?:{_NAMES})(?:[^a-z]{{1,3}}(?:(?:double|triple)[ -])?(?:{_NAMES})){{2}}")
_THREE_DIGITS = re.compile(rb"0[ \t.,_/|*?()+-]{1,3}0[ \t.,_/|*?()+-]{1,3}0[ \t.,_/|*?()+-]")
_ENDS = (",", "|", ";", "\t")
_AS_SHAPE = bytes.maketrans(b"0123456789", b"0000000000")

_LOCAL = r"[A-Za-z0-9_%+-](?:[A-Za-z0-9_.%+-]{0,62}[A-Za-z0-9_%+-])?"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_OPEN, _CLOSE = r"[ ]{0,2}[\[({<_*]{1,2}[ ]?", r"[ ]?[\])}>_*]{1,2}[ ]{0,2}"
_AT = rf"{_OPEN}(?:at|@|a){_CLOSE}"
_DOT = rf"(?:{_OPEN}(?:dot|\.|d|punkt|point){_CLOSE}|[ ]{{1,2}}dot[ ]{{1,2}})"
_ADDRESS = re.compile(
    rf"(?<![A-Za-z0-9_.%+-])(?P<local>{_LOCAL}(?:{_DOT}{_LOCAL})?)"
    rf"(?:(?P<at>{_AT})(?P<host>{_LABEL}(?:(?:{_DOT}|\.){_LABEL}){{1,4}})"
    rf"|(?P<bare>[ ]{{1,2}}at[ ]{{1,2}}|@)(?P<spelled>{_LABEL}(?:(?:{_DOT}|\.){_LABEL}){{0,3}}{_DOT}{_LABEL}))"
    r"(?![A-Za-z0-9_-])",
    re.IGNORECASE,
)
_SPOT = re.compile(r"[\[({<_*][ ]?(?:at|@|a)[ ]?[\])}>_*]")
_SPOT_OR_BARE = re.compile(r"[\[({<_*][ ]?(?:at|@|a)[ ]?[\])}>_*]| at |@")
_DEFANGED = re.compile(r"hxxps?(?=:|\[:)|\[\.\]|\(\.\)|\[:\](?=//)|\[@\]", re.IGNORECASE)
_LOCAL_CHARS = string.ascii_letters + string.digits + "_.%+-"
_DOT_BEFORE = re.compile(_DOT + r"\Z", re.IGNORECASE)
_ANY_DOT = re.compile(_DOT, re.IGNORECASE)
_BRACKETED_DOTS = ("dot]", "dot)", "dot}", "dot>", "dot_", "dot*", "[.", "(.", "[d]", "(d)", "punkt", "point")


def respell(text: str, base: View | None = None) -> Edited | None:
    """Return the text with spelled-out values written plainly, or ``None`` when there are none."""
    low = text.lower()
    if len(low) != len(text):  # a few capitals grow when lowered; offsets must stay
        low = "".join(c if len(c.lower()) > 1 else c.lower() for c in text)
    shape = low.encode("ascii", "replace").translate(_AS_SHAPE)
    edits = [*_addresses(text, low), *_numbers(text, low, shape), *pieces(text, shape), *parted(text, shape)]
    if "hxxp" in low or "[." in low or "(." in low or "[:" in low or "[@" in low:
        edits += [Edit(*match.span(), _refang(match[0])) for match in _DEFANGED.finditer(text)]
    return edited(text, _disjoint(edits), base) if edits else None


def open_from(text: str) -> int:
    """Return where a continuation may still change how `text` respells (its length when nowhere)."""
    match = _OPEN_TAIL.search(text, max(0, len(text) - _HELD))
    return min(match.start() if match else len(text), in_pieces(text))


def _addresses(text: str, low: str) -> Iterator[Edit]:
    spelled = " dot " in low or any(sign in low for sign in _BRACKETED_DOTS)
    end = 0
    for spot in (_SPOT_OR_BARE if spelled else _SPOT).finditer(low):
        match = next(filter(None, (_ADDRESS.match(text, s) for s in _starts(text, end, spot.start()))), None)
        if match is None or match.end() <= spot.start():
            continue
        end = match.end()
        sign, host = ("at", "host") if match["at"] else ("bare", "spelled")
        if match[sign] != "@":
            yield Edit(*match.span(sign), "@")
        for part in ("local", host):
            yield from (Edit(*dot.span(), ".") for dot in _ANY_DOT.finditer(text, *match.span(part)))


def _starts(text: str, least: int, spot: int) -> Iterator[int]:
    """Yield where the local part before an "at" may begin: "a dot b" first, then "b"."""
    first = _word_start(text, least, len(text[max(least, spot - 5) : spot].rstrip(" [({<*")) + max(least, spot - 5))
    dot = _DOT_BEFORE.search(text, max(least, first - 12), first) if first < spot else None
    if dot:
        second = _word_start(text, least, dot.start())
        if second < dot.start():
            yield second
    if first < spot:
        yield first


def _word_start(text: str, least: int, end: int) -> int:
    low = max(least, end - 65)
    return low + len(text[low:end].rstrip(_LOCAL_CHARS))


def _numbers(text: str, low: str, shape: bytes) -> Iterator[Edit]:
    spots = [match.start() for match in _THREE_DIGITS.finditer(shape)]
    if sum(map(low.count, _WORDS)) >= 3:
        spots = sorted([*spots, *(match.start() for match in _THREE_WORDS.finditer(low))])
    end = 0
    for spot in spots:
        if spot < end:
            continue
        code = _CODE.search(text, max(end, spot - 72), spot + 160)
        if code and code.start() <= spot < code.end():
            end = code.end()
            yield Edit(code.start(), end, "".join(map(_digits, _ELEMENT.findall(code[0]))))
            continue
        match = _DIGITS.search(text, max(end, spot - 48), spot + 480)
        if match:
            end = match.end()
            yield from _run(match)


def _refang(found: str) -> str:
    return found.lower().replace("x", "t") if found[0] in "hH" else found[1]


def _run(match: re.Match[str]) -> Iterator[Edit]:
    """Yield the numbers of a run of units; a comma or bar without a space, as in tables, ends one."""
    parts: list[re.Match[str]] = []
    for part in _PART.finditer(match[0]):
        parts.append(part)
        if part[2] is None or part[2] in _ENDS:
            edit = _number(match.string, parts, match.start())
            if edit:
                yield edit
            parts = []


def _number(text: str, parts: list[re.Match[str]], offset: int) -> Edit | None:
    """Return the digits of some units, keeping the rarer separators as hyphens."""
    digits = [_digits(part[1]) for part in parts]
    words = sum(not part[1][0].isdigit() for part in parts)
    least = _LEAST_SPELLED if words >= 3 else _LEAST_SPACED
    if not least <= sum(map(len, digits)) <= _MOST:
        return None
    gaps = [part[2] for part in parts[:-1]]
    common = max(set(gaps), key=lambda gap: (gaps.count(gap), gap)) if gaps else ""
    joined = "".join(d + ("" if g in ("", common) else "-") for d, g in zip(digits, [*gaps, ""], strict=True))
    start = offset + parts[0].start()
    signed = text.startswith("+ ", start - 2) if start >= 2 else False
    return Edit(start - 2 * signed, offset + parts[-1].end(1), "+" * signed + joined)


def _digits(unit: str) -> str:
    if len(unit) == 1:
        return unit
    word = unit.lower()
    for name, times in (("double", 2), ("triple", 3)):
        if word.startswith(name):
            word = word[len(name) + 1 :]
            return _WORDS.get(word, word) * times
    return _WORDS.get(word, word)


def _disjoint(edits: list[Edit]) -> list[Edit]:
    kept: list[Edit] = []
    for edit in sorted(edits):
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return kept


# What a pattern above may begin with, up to the end of the text: a word that may become a local part with
# whatever of " at host dot tld" is there, number words, half a bracket. Never longer than `_HELD`.
_HELD = 640
_WORD = r"[A-Za-z0-9_.%+-]{1,64}+"
_SIGN = "@|\\.|a|at|d(?:o|ot)?|p(?:u|un|unk|unkt|o|oi|oin|oint)?"
_PARTIAL = rf"[ \[({{<_*:]{{0,5}}(?:{_SIGN})?[ \])}}>_*/]{{0,6}}"
_GLUED = rf"_[ ]?(?:at|@|a){_CLOSE}"  # to a word, of which a low line is a letter
_OPEN_TAIL = re.compile(
    rf"(?<![A-Za-z0-9_.%+-])(?:{_WORD}{_DOT})?[A-Za-z0-9_.%+-]{{0,63}}{_GLUED}[A-Za-z0-9-]{{0,63}}"
    rf"(?:(?:{_DOT}|\.)[A-Za-z0-9-]{{1,63}}+){{0,4}}{_PARTIAL}\Z|"
    rf"(?<![A-Za-z0-9_.%+-])(?:{_WORD}{_DOT})?{_WORD}"
    rf"(?:(?:{_AT}|[ ]{{1,2}}at[ ]{{1,2}}|@)(?:[A-Za-z0-9-]{{1,63}}+(?:(?:{_DOT}|\.)[A-Za-z0-9-]{{1,63}}+){{0,4}})?)?"
    rf"{_PARTIAL}\Z"
    rf"|(?<![0-9A-Za-z])(?:\+ )?(?:(?:(?:{_UNIT}|[A-Z](?![0-9A-Za-z])){_GAP}){{1,60}}+|(?:double|triple)[ -])"
    r"[A-Za-z0-9 -]{0,16}\Z"
    r"|[\[(][@.:a-z]{0,3}[\])]?/?\Z",
    re.IGNORECASE,
)

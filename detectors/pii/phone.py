"""Telephone numbers: matched once by how they are written, then verified per region.

Presidio runs libphonenumber's matcher over the text once for every region and
takes whatever is a valid number in one of them: slow, blind to numbers that are
written as numbers but not assigned (.49 recall), and convinced by one in three
bare ten-digit ids (.30 precision). Here the way of writing decides:

- with a plus or an international prefix: a calling code and a possible length;
- in a national form (North American groups, a trunk zero, an area code in
  brackets, blanks and then hyphens): valid in a region, by libphonenumber's own metadata, or a form that
  leaves no doubt;
- bare digits and loose groups: only with a context word, or a trunk zero and a
  mobile number after it.

`score` is without context; `detectors.pii.table.BOOST` comes on top.
"""

import re
from collections.abc import Iterator
from typing import Final

from detectors.pii.phone_regions import mobile, possible_lengths, valid

ENTITY: Final = "PHONE_NUMBER"
LONGEST: Final = 48
INTERNATIONAL: Final = 0.75
CERTAIN_FORM: Final = 0.6
VALID: Final = 0.5
LIKELY_FORM: Final = 0.45
FORM_ONLY: Final = 0.35
BARE: Final = 0.3

_FORM: Final = r"""
    (?<![\w+]) (?<![0-9][.\-/:]) (?<![0-9][ ]\() (?<![$#=_][.\-]) (?: (?<![a-z]-) | (?=\+) )
    (?:
      (?P<plus> (?: \+ | (?<![0-9)\]][ ])\+[ ] ) \(?[1-9](?: [ .\-/()]{0,3} [0-9]){6,14} )
    | (?P<prefix> \(?(?: 00 | 011[ .\-] ) [ .\-]? [1-9](?: [ .\-/()]{0,3} [0-9]){7,13} )
    | (?P<nanp> (?: 1[ .\-]? )? (?: \([0-9]{3}\)[ .\-]{0,2} | [0-9]{3}[ ]?[.\-][ ]? )
                [0-9]{3} [ ]?[.\-\ ][ ]? [0-9]{4} )
    | (?P<spaced> (?: 1[ ] )? [2-9][0-9]{2}[ ][2-9][0-9]{2}[ ][0-9]{4} )
    | (?P<mixed> [0-9]{2}[ ]9?[0-9]{4}-[0-9]{4} | [0-9]{3}[ ][0-9]{3}-[0-9]{2}-[0-9]{2} )
    | (?P<trunk> \(?0[0-9](?: [ .\-/()]{0,2} [0-9]){6,10} )
    | (?P<area> \([0-9]{2,5}\) [ ]? [0-9](?: [ .\-]? [0-9]){4,8} )
    LOOSE
    )
    (?P<extension> [ ,;]{0,2} (?: x | ext\.? | extn\.? | extension | \# ) [ .:]{0,2} [0-9]{1,6} )?
    (?! \w | [.\-/:][0-9] | [ ]?% )
    """
# Forms that say nothing without a context word, save ten or eleven digits that are a mobile number with its trunk zero.
_MOBILE: Final = r"| (?P<mobile> 0[1-9][0-9]{8,9} )"
_LOOSE: Final = r"""
    | (?P<bare> [0-9]{7,13} (?! [ .\-] [0-9] ) )
    | (?P<groups> \(?[0-9]{1,5}\)? (?: /? [0-9]{1,8} | [ .\-/] [0-9]{1,8} ) (?: [ .\-] [0-9]{1,8} ){0,5} )
"""

_DATE: Final = re.compile(
    rb"[0-9]{1,2}([./\- ])[0-9]{1,2}\1(?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}([./\- ]?)[01]?[0-9]\2[0-3]?[0-9](?![0-9])"
)


def _compiled(loose: str) -> re.Pattern[bytes]:
    return re.compile(_FORM.replace("LOOSE", loose).encode("ascii"), re.VERBOSE | re.IGNORECASE)


FORM: Final = _compiled(_MOBILE)
LOOSE_FORM: Final = _compiled(_LOOSE)

# Where a number may begin: digits enough follow, as near to each other as any of the forms allows, and they are neither
# a date nor a social security number.
_DATED: Final = "|".join(f"{mark}[01]?[0-9]{mark}[0-3]?[0-9](?![0-9])" for mark in ("", "-", "/", r"\.", " "))
_BEGIN: Final = (
    r"[+(0-9](?<![\w+].)(?<=LIKE(?=[+(]?[ ]?\(?[0-9](?:[ .\-/()]{0,3}[0-9]){6})"
    rf"(?!(?:19|20)[0-9]{{2}}(?:{_DATED}))(?![0-9]{{3}}-[0-9]{{2}}-[0-9]{{4}}(?![ .\-]?[0-9]|\w)).)"
)
LOOSE_BEGIN: Final = re.compile(_BEGIN.replace("LIKE", "").encode("ascii"))
# Of the forms that need no context word, those that start with a digit start with a zero, have groups of three, or
# blanks and then hyphens.
BEGIN: Final = re.compile(
    _BEGIN.replace("LIKE", r"(?=[+(0]|1[ .\-]?\(|(?:1[ .\-]?)?[0-9]{3}[ ]?[.\- ]|[0-9]{2}[ ][0-9]{4,5}-)").encode(
        "ascii"
    )
)
# What may go on where a number ends, so that a longer one may begin inside it.
_GOES_ON: Final = re.compile(rb"[ .\-/()]{0,3}[0-9]|[ ,;]{0,2}(?:x|e|#)", re.IGNORECASE)

# What has the digits of a number in groups, but is something else: a social security number, a ZIP code, two years,
# an address of the Internet.
_OTHER: Final = re.compile(
    rb"[0-9]{3}([ .\-])[0-9]{2}\1[0-9]{4}|[0-9]{5}-[0-9]{4}|(?:19|20)[0-9]{2}-(?:19|20)[0-9]{2}"
    rb"|(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?:/[0-9]{1,2})?"
)
# 081109 203615: a date and a time of a log, and the end of one with the number of a process after it.
_STAMP: Final = re.compile(
    rb"[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[ ](?:[01][0-9]|2[0-3])[0-5][0-9]{3}(?![0-9])"
)
_STAMPED: Final = re.compile(rb"[0-9]{6}[ ]\Z")
_FOR_CONTEXT: Final = frozenset({"groups", "bare"})
# A number after `name=` or in a path is what the name says; one after a clock with a fraction is the process that logs.
_KEY_WIDTH: Final = 32
_KEY: Final = re.compile(
    rb"(?:phone|tel|mob|cell|fax|contact|whatsapp|handy|msisdn|sms|call|num|nr|no|ph|from|to|dest)[a-z0-9_]{0,12}[=/]\Z",
    re.I,
)
_VALUE: Final = re.compile(rb"=\Z|[a-z0-9]/\Z", re.IGNORECASE)
_CLOCK: Final = re.compile(rb"[0-9]:[0-9]{2}[.,][0-9]{3,9}[\]\s]{1,4}\Z")
_FRACTION: Final = re.compile(rb"\+?[0-9]{2,}\.[0-9]{1,2}|0[0-9]\.[0-9]+")
_PREFIX: Final = re.compile(rb"\A\(?(?:00|011)[ .\-]*")
_PLUS: Final = ord("+")
_COUNTING: Final = b"01234567890123456789"
_NON_DIGITS: Final = bytes(b for b in range(256) if not 48 <= b <= 57)


def find(dark: bytes, loose: bool) -> Iterator[tuple[int, int, float]]:
    """Yield start, end and score of what is written as a telephone number in the shadow `dark`.

    `loose` asks for the forms, too, that only a context word makes a number. Numbers
    inside numbers are yielded as well, unless nothing can outdo the outer one.
    """
    begins, form = (LOOSE_BEGIN, LOOSE_FORM) if loose else (BEGIN, FORM)
    sure = certain = 0
    begin = begins.search(dark)
    while begin is not None:
        start = begin.start()
        match = form.match(dark, start)
        # Only a number with a plus scores more than one of a certain form, and words speak no better for an inner one.
        if match is not None and match.end() > (sure if dark[start] == _PLUS else certain):
            judged = _judge(match)
            if judged is not None:
                end, score = judged
                yield start, end, score
                if score >= CERTAIN_FORM:
                    certain = max(certain, end)
                if score >= INTERNATIONAL:
                    sure = end
                    if _GOES_ON.match(dark, end) is None:
                        start = end - 1
        begin = begins.search(dark, start + 1)


def _judge(match: re.Match[bytes]) -> tuple[int, float] | None:
    kind = match.lastgroup
    if kind is None or kind == "extension":
        kind = next(name for name, value in match.groupdict().items() if value is not None)
    written = match[kind]
    if kind == "plus" and not (b"." in written and _FRACTION.fullmatch(written)):
        return _international(match, written, written.lstrip(b"+ ("), INTERNATIONAL)
    if _stamp(match):
        return None
    if kind == "prefix":
        return _international(match, written, _PREFIX.sub(b"", written), CERTAIN_FORM)
    if _DATE.match(written) or _OTHER.fullmatch(written):
        return None
    if kind in _FOR_CONTEXT and _other_value(match):
        return None
    digits = written.translate(None, _NON_DIGITS)
    if not 7 <= len(digits) <= 13 or len(set(digits)) < 3 or digits in _COUNTING:
        return None
    return match.end(), _national(kind, written, digits.decode("ascii"))


def _other_value(match: re.Match[bytes]) -> bool:
    """Whether what stands right before a number gives it another meaning, whatever the words further off say."""
    before = match.string[max(0, match.start() - _KEY_WIDTH) : match.start()]
    return (_VALUE.search(before) is not None and not _KEY.search(before)) or _CLOCK.search(before) is not None


def _stamp(match: re.Match[bytes]) -> bool:
    """Whether a number is, or goes on after, the date of a log's time stamp: `081109 203615 148`."""
    dark, start = match.string, match.start()
    if _STAMP.match(dark, start):
        return True
    before = max(0, start - 7)
    return _STAMPED.match(dark, before, start) is not None and _STAMP.match(dark, before) is not None


def _national(kind: str, written: bytes, digits: str) -> float:
    if kind in ("nanp", "spaced"):
        national = digits[-10:]
        if national[0] in "01" or national[3] in "01":
            return FORM_ONLY if kind == "nanp" else BARE
        if kind == "spaced":
            return VALID if valid(national, ("US",), bare=True) else BARE
        return CERTAIN_FORM if b"." not in written or valid(national, ("US",), bare=True) else LIKELY_FORM
    if kind in ("trunk", "area") and len(written) > len(digits):
        sure = valid(digits, bare=kind == "area") and not _FRACTION.fullmatch(written)
        return VALID if sure else FORM_ONLY
    if kind == "mixed":
        return VALID if valid(digits, bare=True) else BARE
    return LIKELY_FORM if digits[0] == "0" and 10 <= len(digits) <= 11 and mobile(digits) else BARE


def _international(match: re.Match[bytes], written: bytes, number: bytes, score: float) -> tuple[int, float] | None:
    """Cut `written` to the longest whole groups that make a possible number, and judge it."""
    digits = number.translate(None, _NON_DIGITS)
    known = possible_lengths(digits)
    if known is None:
        return None
    code, lengths = known
    if len(digits) - code - (b"(0)" in written) in lengths:
        return match.end(), score
    ends = [m.end() for m in re.finditer(rb"[0-9]+\)?", written)]
    for end in reversed(ends[:-1]):
        national = len(written[len(written) - len(number) : end].translate(None, _NON_DIGITS)) - code
        if national - (b"(0)" in written[:end]) in lengths:
            return match.start() + end, score
    if len(ends) == 1 or len(digits) < 8:
        return None
    return match.end(), FORM_ONLY

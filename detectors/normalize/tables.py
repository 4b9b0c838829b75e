"""Which characters hide, imitate or stand for others.

`lookalikes.tsv` is written by `build_tables.py`; the rest stands here.
"""

from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

# Zero-width and joining characters, soft hyphen, bidi marks and controls, fillers, variation selectors,
# and combining overlays (strike-through and keycaps), which draw over a character without changing it.
INVISIBLE: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0001\U000e007f\U000e0100-\U000e01ef"
    "\u0334-\u0338\u20d0-\u20f0"
)
DASHES: Final = "\u2010-\u2015\u2212"
SPACES: Final = "\u00a0\u2000-\u200a\u202f\u205f\u3000"

OTHER, BESIDE, DIGIT, HOMOGLYPH, COMPAT, UNSEEN, SEPARATOR, ESCAPE = range(8)


@cache
def lookalikes() -> tuple[dict[str, str], dict[str, str]]:
    """Return what styled ASCII and what letters of other scripts read as."""
    tables: dict[str, dict[str, str]] = {"compat": {}, "homoglyph": {}}
    for line in Path(__file__).with_name("lookalikes.tsv").read_text(encoding="utf-8").splitlines():
        kind, form, chars = line.split("\t")
        tables[kind].update(dict.fromkeys(chars, form))
    # Tag characters mirror ASCII invisibly: what they say is worth reading.
    tables["compat"].update({chr(0xE0000 + code): chr(code) for code in range(0x20, 0x7F)})
    return tables["compat"], tables["homoglyph"]


@cache
def kinds() -> NDArray[np.uint8]:
    """Return the kind of every code point, as an array of length 0x110000."""
    compat, homoglyph = lookalikes()
    table = np.zeros(0x110000, dtype=np.uint8)
    table[[ord(c) for c in homoglyph]] = HOMOGLYPH
    table[[ord(c) for c in compat]] = COMPAT
    for spec, kind in ((INVISIBLE, UNSEEN), (DASHES + SPACES, SEPARATOR), ("%&\\", ESCAPE), ("A-Za-z@", BESIDE)):
        table[_codes(spec)] = kind
    table[_codes("0-9")] = DIGIT
    return table


def _codes(spec: str) -> list[int]:
    """Expand the inside of a character class."""
    codes: list[int] = []
    position = 0
    while position < len(spec):
        ranged = spec[position + 1 : position + 2] == "-"
        codes += range(ord(spec[position]), ord(spec[position + 2 * ranged]) + 1)
        position += 1 + 2 * ranged
    return codes

"""Write `lookalikes.tsv` from Unicode's table of confusables.

``python -m detectors.normalize.build_tables confusables.txt``

The file comes from https://www.unicode.org/Public/security/latest/confusables.txt
(UTS 39, Unicode License V3, see `README.md`). Two kinds of rows are written:

- ``compat``: characters that are nothing but a styled form of ASCII (full width,
  mathematical, circled, other scripts' decimal digits). Folded wherever they stand.
- ``homoglyph``: letters of other scripts that look like an ASCII letter or digit.
  Folded only next to ASCII, because in their own script they are ordinary text.

Tables instead of `unicodedata` at import: a walk over all code points costs a
third of a second, and the result does not change with the interpreter.
"""

import sys
import unicodedata
from collections import defaultdict
from pathlib import Path

_TARGET = Path(__file__).with_name("lookalikes.tsv")
# IDNA's other full stops (UTS 46), the fraction and division slashes, and letters that NFKC leaves alone.
_EXTRA = {"\u3002": ".", "\uff61": ".", "\u2024": ".", "\ufe52": ".", "\u2044": "/", "\u2215": "/"}


def compat() -> dict[str, str]:
    """Return every character beyond Latin-1 whose compatibility form is one to three ASCII characters."""
    table = dict(_EXTRA)
    for code in range(0x100, 0x20000):
        char = chr(code)
        category = unicodedata.category(char)
        if category in ("Cn", "Cs", "Co", "Zs", "Nl"):
            continue
        if category == "Nd":
            table[char] = str(unicodedata.digit(char))
            continue
        form = unicodedata.normalize("NFKC", char)
        styled = category[0] == "L" or category == "No" or 0xFE50 <= code <= 0xFF5E or _enclosed(char)
        if styled and form.isascii() and form.isprintable() and 1 <= len(form) <= 3 and form.strip():
            table[char] = form
    return table


def _enclosed(char: str) -> bool:
    return any(word in unicodedata.name(char, "") for word in ("CIRCLED", "SQUARED", "PARENTHESIZED"))


def homoglyphs(source: Path, known: dict[str, str]) -> dict[str, str]:
    """Return the letters that `confusables.txt` maps to one ASCII letter or digit."""
    table = {}
    for line in source.read_text(encoding="utf-8-sig").splitlines():
        fields = [field.strip() for field in line.split("#")[0].split(";")]
        if len(fields) != 3 or " " in fields[0] or " " in fields[1]:
            continue
        char, target = (chr(int(field, 16)) for field in fields[:2])
        if char in known or char.isascii() or not (target.isascii() and target.isalnum()):
            continue
        if unicodedata.category(char)[0] not in "LN":
            continue
        # UTS 39 maps the whole I-l-1 family to "l"; a capital is more useful as "I".
        table[char] = "I" if target == "l" and unicodedata.category(char) == "Lu" else target
    return table


def main(arguments: list[str]) -> None:
    """Write the table."""
    styled = compat()
    rows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for kind, table in (("compat", styled), ("homoglyph", homoglyphs(Path(arguments[0]), styled))):
        for char, form in table.items():
            rows[kind, form].append(char)
    lines = [f"{kind}\t{form}\t{''.join(sorted(chars))}\n" for (kind, form), chars in sorted(rows.items())]
    _TARGET.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

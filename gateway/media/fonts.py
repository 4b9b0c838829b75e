"""Fonts of a PDF whose letters cannot be told from their codes: text set in them reads as other text.

A page in such a font looks right to a person, and to a model that sees it, and its text layer is gibberish in which
nothing is found. So a font that does not say which letters its codes mean makes the file unreadable.
"""

import re
import unicodedata
from typing import Any, Final

from pypdf._codecs.adobe_glyphs import adobe_glyphs

MAX_UNKNOWN: Final = 8
"""Names of glyphs that nobody knows, in one font: bullets and ornaments, too few to spell with."""

MAX_GARBLED: Final = 0.1
"""The share of a page's signs that may be none: codes of fonts that the library could not map."""

_KNOWN: Final = re.compile(r"/(uni[0-9A-Fa-f]{4,}|u[0-9A-Fa-f]{4,6}|\.notdef|space|nbspace)")


def says_no_letters(font: Any) -> bool:
    """Tell whether a font dictionary leaves open which letters its codes mean."""
    if "/ToUnicode" in font:
        return False
    encoding = _plain(font.get("/Encoding"))
    if font.get("/Subtype") == "/Type0":
        return not isinstance(encoding, str) or encoding.startswith("/Identity")
    differences = _plain(encoding.get("/Differences")) if isinstance(encoding, dict) else None
    names = [str(name) for name in differences or () if isinstance(name, str)]
    unknown = [name for name in names if name not in adobe_glyphs and _KNOWN.fullmatch(name) is None]
    return len(set(unknown)) > MAX_UNKNOWN


def is_garbled(text: str) -> bool:
    """Tell whether much of a page's text are no signs of any writing."""
    signs = [sign for sign in text if not sign.isspace()]
    none = sum(unicodedata.category(sign) in ("Cc", "Cn", "Co", "Cs") or sign == "\ufffd" for sign in signs)
    return none > MAX_GARBLED * len(signs)


def _plain(value: Any) -> Any:
    return value.get_object() if hasattr(value, "get_object") else value

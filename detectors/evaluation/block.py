"""Generated blocks in a README: what stands between two markers is replaced whole."""

import re
from pathlib import Path

from detectors.evaluation.documents import DataError


def replace_block(path: Path, name: str, body: str) -> None:
    """Put `body` between ``<!-- evaluate:name -->`` and ``<!-- /evaluate:name -->``.

    Raises `DataError` when the file cannot be read or has no such pair of markers.
    """
    opening, closing = f"<!-- evaluate:{name} -->", f"<!-- /evaluate:{name} -->"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read ({type(error).__name__})") from None
    pattern = re.compile(f"({re.escape(opening)}\n).*?({re.escape(closing)})", re.DOTALL)
    replaced, count = pattern.subn(lambda m: f"{m[1]}\n{body}\n\n{m[2]}", text)
    if count != 1:
        raise DataError(f"{path}: needs one pair of markers {opening} and {closing}")
    path.write_text(replaced, encoding="utf-8")

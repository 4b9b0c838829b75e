"""Stock Presidio, imported in full, to compare with: its own recognizers and its own code."""

from functools import cache
from typing import Any

from detectors.pii.presidio import load_recognizers
from detectors.pii.table import corrected


@cache
def recognizers() -> dict[str, Any]:
    """Return stock recognizers by class name; the ones of our own engines and of names left out."""
    import presidio_analyzer.predefined_recognizers as predefined
    import tldextract
    from presidio_analyzer.predefined_recognizers.generic import email_recognizer

    class Offline:
        extract = staticmethod(tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None))

    setattr(email_recognizer, "tldextract", Offline)  # noqa: B010
    return {name: getattr(predefined, name)() for name in (type(r).__name__ for r in load_recognizers())}


@cache
def with_corrections() -> dict[str, Any]:
    """Return stock recognizers whose expressions are replaced where a correction is on record."""
    stock = recognizers()
    for name, recognizer in stock.items():
        patterns = []
        for index, pattern in enumerate(getattr(recognizer, "patterns", [])):
            expression = corrected(name, index, pattern.regex)
            if expression is not None:
                pattern.regex = expression
                pattern.compiled_regex = None
                patterns.append(pattern)
        recognizer.patterns = patterns
    return stock


def found(recognizer: Any, text: str) -> set[tuple[int, int, float]] | None:
    """Return what a recognizer finds before context: start, end, score. None where it breaks, as some do."""
    try:
        results = recognizer.analyze(text, recognizer.supported_entities, None)
    except (KeyError, ValueError, IndexError, TypeError):
        return None
    return {(r.start, r.end, float(r.score)) for r in results}

"""Puts other names into annotated text: the tagger shall learn where names stand, not these names. Development only."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from detectors.ner.corpora import Document
from detectors.ner.values import Values

_SWAPPED = frozenset({"PERSON", "LOCATION", "ORGANIZATION"})


def swapped(documents: Sequence[Document], values: Values, rng: Random) -> list[Document]:
    """Return a copy of every document with a name, most of its names replaced by others of their class."""
    return [_swap(d, values, rng) for d in documents if any(label in _SWAPPED for _, _, label in d.spans)]


def _swap(document: Document, values: Values, rng: Random) -> Document:
    text, last, spans = "", 0, []
    known: dict[str, str] = {}
    for start, end, label in sorted(document.spans):
        if start < last:
            continue
        old = document.text[start:end]
        new = known.setdefault(old, _other(old, label, values, rng))
        text += document.text[last:start] + new
        spans.append((len(text) - len(new), len(text), label))
        last = end
    return replace(document, text=text + document.text[last:], spans=tuple(spans))


def _other(old: str, label: str, values: Values, rng: Random) -> str:
    """Return another name in the style of `old`, or `old` where a replacement would read oddly."""
    words = old.split()
    new = old
    if label == "PERSON" and rng.random() < 0.85 and "#" not in old:
        new = rng.choice([values.first, values.first, values.last])() if len(words) == 1 else values.full()
    elif label == "LOCATION" and rng.random() < 0.5 and len(words) < 4 and not old.lower().startswith("the "):
        new = rng.choice([values.city, values.city, values.country, values.region])()
    elif label == "ORGANIZATION" and rng.random() < 0.55 and not old.lower().startswith("the "):
        new = values.org()
    if old.islower():
        return new.lower()
    return new.upper() if old.isupper() and len(old) > 4 else new

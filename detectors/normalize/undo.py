"""Obfuscation undone: the texts that a detector should look at besides the one that is there."""

from collections.abc import Sequence
from typing import NamedTuple

from detectors.normalize import encoded, folding, spelling
from detectors.normalize.view import Decoded, Edited, View

_DEPTH = 2  # base64 in base64


def views(text: str) -> Sequence[View]:
    """Return every other reading of `text`; none for text without obfuscation.

    The first, if any, has disguises and spelling undone over the whole text; one
    more for each encoded run that holds readable text. Takes any string; time
    and memory are linear in its length.
    """
    found: list[View] = []
    rewritten = _rewritten(text)
    if rewritten:
        found.append(rewritten)
    for run in encoded.decoded(text):
        found.append(run)
        if run.unit is None:
            found += _inside(run, _DEPTH - 1)
    found += encoded.across_lines(text)
    return found


def _rewritten(text: str) -> Edited | None:
    folded = folding.fold(text)
    return spelling.respell(folded.text if folded else text, folded) or folded


def _inside(run: Decoded, depth: int) -> list[Decoded]:
    """Return the other readings of what a run decodes to; all of them have the run's place."""
    rewritten = _rewritten(run.text)
    texts = [rewritten.text] if rewritten else []
    for inner in encoded.decoded(run.text):
        texts.append(inner.text)
        if depth > 1 and inner.unit is None:
            texts += [view.text for view in _inside(inner, depth - 1)]
    return [Decoded(text, run.start, run.end) for text in texts]


class Stable(NamedTuple):
    """How much of a text no continuation can make read differently.

    `length` characters of the text read as `reading`; `view` maps that back
    (``None``: it reads as it stands).
    """

    length: int
    reading: str
    view: View | None


def stable_prefix(text: str, margin: int) -> Stable:
    """Return what is sure of `text`; `margin` is how far inside a long encoded run a finding may still grow."""
    cut = folding.open_from(text)
    folded = folding.fold(text[:cut])
    plain = folded.text if folded else text[:cut]
    sure = spelling.open_from(plain)
    if sure < len(plain):
        cut = folded.to_original(sure, sure + 1)[0] if folded else sure
    respelled = spelling.respell(plain[:sure], folded)
    reading = respelled.text if respelled else plain[:sure]
    return Stable(min(cut, encoded.open_from(text, margin)), reading, respelled or folded)

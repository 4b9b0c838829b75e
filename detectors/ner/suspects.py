"""Where a person's name may stand, likely or not: for those who would rather hide a word too many.

The tagger's own findings weigh precision against recall. Blinding (`detectors.bias`)
cannot: a name that it misses tells the group. So a token counts from `LEAST` of the
probability on, whatever else it is likelier to be, and so does every capitalised
given name that is no common word and no day or month.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from detectors.ner.decode import CLASSES, WHOLE
from detectors.ner.features import Words
from detectors.ner.tokens import Tokens

LEAST = 0.1
SURE = 0.5  # of a word in lower case
_PERSON = CLASSES.index("PERSON")
_WITHIN = re.compile(r"[ \t]*(?:[-'’.][ \t]*)?")
_INITIALS = re.compile(r"(?:[ \t]+[A-Z](?:\.|\b(?!['’])))*")


def suspects(text: str, tokens: Tokens, mass: Mapping[int, Sequence[int]], words: Words) -> Iterator[tuple[int, int]]:
    """Yield the places in ascending order: neighbours as one, each with the initials that follow it.

    `mass` has the probabilities of the classes of some tokens, in parts of `decode.WHOLE`; the others have none.
    """
    share = np.zeros(len(tokens.keys))
    share[list(mass)] = [of[_PERSON] / WHOLE for of in mass.values()]
    given = words.in_set(tokens.keys, "given") & ~words.in_set(tokens.keys, "common", "calendar")
    place: tuple[int, int] | None = None
    for i in np.flatnonzero((share >= LEAST) | given).tolist():
        start, end = tokens.starts[i], tokens.ends[i]
        if end - start < 2 or not (text[start].isupper() or (text[start].isalpha() and share[i] >= SURE)):
            continue
        if place is not None and not _WITHIN.fullmatch(text, place[1], start):
            yield place
            place = None
        initials = _INITIALS.match(text, end)
        place = (place[0] if place else start, initials.end() if initials else end)
    if place is not None:
        yield place

"""Turns documents into arrays for training: token types, tags, and what the loss allows. Development only."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.ner.corpora import CLASSES, Document
from detectors.ner.features import SETS, digest32
from detectors.ner.tokens import BARRIER, canonical, cut

TAGS = 1 + 2 * len(CLASSES)  # O, then B and I of each class
_CALENDAR, _NATIONALITY, _GIVEN, _TITLE, _JOB = (
    1 << SETS.index(name) for name in ("calendar", "nationality", "frequent_given", "title", "job")
)
REAL, SWAPPED, MADE = range(3)
PAD = 0  # type 0: no token; separates documents


def begin_tag(label: str) -> int:
    """Return the tag that begins a span of `label`; the next one continues it."""
    return 1 + 2 * CLASSES.index(label)


@dataclass
class Dataset:
    """Token types and flat token arrays of all documents.

    `types` are canonical tokens; `lower` and `upper` map a type to its other
    case. `tokens`, `allowed` (bit mask of tags) are flat; `bounds` (n + 1) cuts
    them into documents; `kind` says whether a document is `REAL`, real with other
    names (`SWAPPED`), or `MADE`.
    """

    types: list[str]
    lower: NDArray[np.int32]
    upper: NDArray[np.int32]
    tokens: NDArray[np.int32]
    allowed: NDArray[np.int32]
    bounds: NDArray[np.int64]
    kind: NDArray[np.int8]


def _outside(unmarked: frozenset[str], key: str, lexicon: Mapping[int, int]) -> int:
    """Return the tags that an unmarked token may have: also those of unmarked classes, where the word can be one."""
    allowed = 1
    bits = lexicon.get(digest32(key.strip(" ").lower()), 0)
    for label in unmarked:
        likely = {
            "DATE_TIME": bits & _CALENDAR or key.strip().isdecimal(),
            "NRP": bits & _NATIONALITY,
            "PERSON": bits & _GIVEN and key.strip(" ")[:1].isupper(),
            "TITLE": bits & (_TITLE | _JOB),
        }.get(label, True)
        if likely:
            allowed |= 3 << begin_tag(label)
    return allowed


def align(document: Document, lexicon: Mapping[int, int]) -> tuple[list[str], list[int]]:
    """Return a document's canonical tokens and, for each, the bit mask of tags that its annotation allows."""
    (cuts,) = cut([document.text])
    keys = [canonical(key) for key in cuts.keys]
    allowed = [_outside(document.unmarked, key, lexicon) for key in keys]
    starts, ends = cuts.starts, cuts.ends
    for start, end, label in document.spans:
        first = True
        for i in range(bisect_right(ends, start), len(keys)):
            if starts[i] >= end:
                break
            if ends[i] <= start or keys[i] == BARRIER or keys[i].endswith(("\x00handle", "\x00email", "\x00url")):
                continue
            tag = begin_tag(label) + (0 if first else 1)
            mask = 1 << tag
            if (
                label == "MISC"
                and "NRP" in document.unmarked
                and lexicon.get(digest32(keys[i].strip(" ").lower()), 0) & _NATIONALITY
            ):
                mask |= 1 << begin_tag("NRP") + (0 if first else 1)
            if (
                label == "MISC"
                and "DATE_TIME" in document.unmarked
                and any(char.isdecimal() for char in document.text[start:end])
            ):
                mask |= _outside(document.unmarked, keys[i], lexicon)
            allowed[i] = mask
            first = False
    return keys, allowed


def swap_case(key: str, upper: bool) -> str:
    """Return the token in the other case; masks and symbols stay."""
    return key if "\x00" in key else canonical(key.upper() if upper else key.lower())


def build_dataset(documents: Sequence[Document], lexicon: Mapping[int, int], originals: int) -> Dataset:
    """Tokenise and align every document; the first `originals` are annotated text as it is."""
    types: dict[str, int] = {"": PAD}
    tokens: list[int] = []
    allowed: list[int] = []
    bounds = [0]
    for document in documents:
        keys, masks = align(document, lexicon)
        tokens += [PAD if key == BARRIER else types.setdefault(key, len(types)) for key in keys]
        allowed += masks
        bounds.append(len(tokens))
    names = list(types)
    lower = np.fromiter((types.setdefault(swap_case(name, False), len(types)) for name in names), np.int32, len(names))
    upper = np.fromiter((types.setdefault(swap_case(name, True), len(types)) for name in names), np.int32, len(names))
    extra = np.arange(len(names), len(types), dtype=np.int32)
    kind = np.array([MADE if d.source == "synthetic" else SWAPPED for d in documents], np.int8)
    kind[:originals] = REAL
    return Dataset(
        list(types),
        np.concatenate([lower, extra]),
        np.concatenate([upper, extra]),
        np.array(tokens, np.int32),
        np.array(allowed, np.int32),
        np.array(bounds, np.int64),
        kind,
    )


def build_vocabulary(data: Dataset, limit: int = 32000) -> NDArray[np.uint32]:
    """Return sorted digests of lower-cased words seen at least 3 times in real text or 12 times at all."""
    real_tokens = np.zeros(len(data.tokens), bool)
    for i in np.flatnonzero(data.kind == REAL).tolist():
        real_tokens[data.bounds[i] : data.bounds[i + 1]] = True
    real, whole = Counter[str](), Counter[str]()
    for counter, tokens in ((real, data.tokens[real_tokens]), (whole, data.tokens)):
        for row, n in enumerate(np.bincount(tokens, minlength=len(data.types)).tolist()):
            if n:
                name = data.types[row]
                body = name[1:] if len(name) > 1 and name[0] == " " and name[1] != " " else name
                counter[body.lower()] += n
    chosen = [word for word, n in real.most_common() if n >= 3]
    chosen += [word for word, n in whole.most_common() if n >= 12 and real[word] < 3]
    return np.unique(np.array([digest32(word) for word in chosen[:limit]], np.uint32))

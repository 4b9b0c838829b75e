"""The tagger's network in NumPy: exact integer arithmetic in float32, bounded receptive field.

Weights are 8-bit integers (the small token layer 13-bit), activations integers
in 0..`CEILING`, and no sum can reach 2**24 (`export.py` sees to it), so every
matrix product is exact: the scores of a token depend on the `FIELD` tokens to
either side and on nothing else, bit for bit, however the text is cut, blocked
or batched, and on every processor. That is what makes a stream's findings equal
those of the whole text by arithmetic instead of by luck.

The token layer and the first layer see one token at a time and are linear in
what they hand on, so their results are cached per distinct token: a known token
costs three row gathers instead of 140 000 multiplications. Before each convolution
a small gate then says which tokens cannot be part of a name; only what the others
can see is computed further.
"""

import hashlib
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detectors.detector import DetectorFailure
from detectors.ner.features import AFFIX_BUCKETS, NO_GROUP, SETS, Words, lookup
from detectors.ner.tokens import BARRIER, canonical

EXACT = 1 << 24  # float32 holds every integer below
CEILING = 1023  # activations, in units
TABLE_LIMIT = 127
LEXICON_ONE = 64  # what 1 is for a lexicon bit, on the scale of the tables
DILATIONS = (1, 2, 3)
FIELD = 1 + sum(DILATIONS)  # tokens to either side that a score depends on
GATES = len(DILATIONS)  # one before each convolution
SIGHT = tuple(1 + sum(DILATIONS[:passed]) for passed in range(GATES + 1))
"""By the number of gates that a token passes: how many tokens to either side that depends on."""

GAP = max(DILATIONS)  # pads that keep two texts apart
CACHE = 16384  # distinct tokens kept; 1.5 KB each
BLOCK = 3072  # tokens at a time, at most, so that intermediates stay in the processor's cache

KEYS = 2 * CACHE  # spellings kept: numbers share the row of their length

PAD_ROW = 0
_PADS = [""] * GAP
Floats = NDArray[np.float32]


class ModelDamaged(DetectorFailure):
    """The weights file is missing or not the one that belongs here; says what to do."""


def read_weights(path: Path) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of a weights file whose digest stands beside it.

    Raises `ModelDamaged` when either file is missing, unreadable or differs.
    """
    advice = "reinstall sluice-gateway, or train it anew: python -m detectors.ner.train --data DIR"
    try:
        expected = path.with_suffix(".sha256").read_text(encoding="ascii").strip()
        actual = hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelDamaged(f"tagger weights {path.name}: cannot be read ({type(error).__name__}); {advice}") from error
    if actual != expected:
        raise ModelDamaged(
            f"tagger weights {path.name}: SHA-256 is {actual[:12]}..., expected {expected[:12]}...; {advice}"
        )
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


class Scores(NamedTuple):
    """What the network says of some texts, one after the other with pads between them.

    `at` (n,) are the tokens that may be part of a name, in order; `values` (n, tags)
    their scores; `places` says which tokens are whose; `passed` (tokens and pads,) how
    many gates each token passed, `GATES` where it may be part of a name.
    """

    at: NDArray[np.intp]
    values: Floats
    places: Sequence[slice]
    passed: NDArray[np.int8]


class Cache:
    """Rows of the first layer per distinct token: what it gives its right neighbour, itself and its left one.

    Scaled and with the bias, so that a token's value is the sum of three rows;
    the three are added in one order everywhere.

    A row is written before its key, and a full cache is replaced, not emptied:
    readers need no lock.
    """

    def __init__(self, width: int) -> None:
        self.rows: dict[str, int] = {"": PAD_ROW, BARRIER: PAD_ROW}
        self.tables = [np.zeros((CACHE, width), np.float32) for _ in range(3)]
        self.used = 1
        self.seen: dict[bytes, Floats | int] = {}
        """Scores of tokens, or how many gates they pass where not all, by the rows of all tokens that these
        depend on (`recall.py`)."""


class TagNetwork:
    """Scores tags of tokens. Safe to call from several threads."""

    def __init__(self, path: Path) -> None:
        weights = read_weights(path)
        self.words = Words(weights["vocabulary"], weights["lexicon"], weights["masks"], int(weights["bits"]))  # type: ignore[arg-type]
        nationality = np.uint32(1 << SETS.index("nationality"))
        self.nationalities = frozenset(self.words.lexicon[self.words.masks & nationality != 0].tolist())
        self._tables = {name: weights[name] for name in ("word", "affix", "group", "shape")}
        self._layers = {
            name: tuple(
                np.ascontiguousarray(weights[key], np.float32) for key in (name, f"{name}_scale", f"{name}_bias")
            )
            for name in ("token", "first", *(f"conv{i}" for i in range(len(DILATIONS))), "tags")
        }
        self._width = self._layers["first"][0].shape[1]
        first = self._layers["first"][0]
        self._gates = [_Gate(weights, f"gate{i}") for i in range(GATES)]
        self._spread = np.ascontiguousarray(np.concatenate(np.split(first, 3), axis=1))
        self._cache = Cache(self._width)
        self._lock = threading.Lock()

    def _token_rows(self, keys: Sequence[str]) -> list[Floats]:
        """Return what tokens give the first layer of the next, their own and the previous token."""
        found = lookup(keys, self.words)
        counts = np.maximum((found.groups != NO_GROUP).sum(1, keepdims=True), 1).astype(np.float32)
        affixes = found.affixes + np.arange(4, dtype=np.int32) * AFFIX_BUCKETS
        parts = [
            self._tables["word"][found.words],
            self._tables["affix"][affixes].reshape(len(keys), -1),
            np.rint(self._tables["group"][found.groups].sum(1, dtype=np.int32) / counts),
            self._tables["shape"][found.shapes],
            found.lexicon * LEXICON_ONE,
        ]
        weight, scale, bias = self._layers["token"]
        token = np.concatenate(parts, 1, dtype=np.float32) @ weight
        token = np.clip(np.rint(token * scale + bias), 0, CEILING)
        rows = np.split(token @ self._spread, 3, axis=1)
        _, scale, bias = self._layers["first"]
        return [rows[0] * scale, rows[1] * scale + bias, rows[2] * scale]

    def rows(self, keys: Sequence[str]) -> tuple[Cache, NDArray[np.intp]]:
        """Return a cache that holds every key, and the keys' rows in it. Fewer than `CACHE` keys."""
        cache = self._cache
        try:
            return cache, _looked_up(cache, keys)
        except KeyError:
            pass
        with self._lock:
            cache = self._fill(keys)
        return cache, _looked_up(cache, keys)

    def _fill(self, keys: Sequence[str]) -> Cache:
        cache = self._cache
        names = {key: canonical(key) for key in set(keys) if key not in cache.rows}
        new = [name for name in dict.fromkeys(names.values()) if name not in cache.rows]
        if cache.used + len(new) > CACHE or len(cache.rows) + len(names) > KEYS:
            cache = self._cache = Cache(self._width)
            names = {key: canonical(key) for key in set(keys) if key not in cache.rows}
            new = list(dict.fromkeys(names.values()))
        if new:
            at = slice(cache.used, cache.used + len(new))
            for table, rows in zip(cache.tables, self._token_rows(new), strict=True):
                table[at] = rows
            cache.rows.update(zip(new, range(at.start, at.stop), strict=True))
            cache.used = at.stop
        cache.rows.update({key: cache.rows[name] for key, name in names.items()})
        return cache

    def scores(self, texts: Sequence[Sequence[str]]) -> Scores:
        """Return the scores of the tokens of all texts that may be part of a name."""
        keys: list[str] = []
        places = []
        for text in texts:
            places.append(slice(len(keys), len(keys) + len(text)))
            keys += text
            keys += _PADS
        blocks = max(1, -(-len(keys) // BLOCK))
        size = max(1, -(-len(keys) // blocks))
        levels = [_Level(size + 2 * FIELD, self._width) for _ in range(1 + len(DILATIONS))]
        at = [np.empty(0, np.intp)]
        values = [np.empty((0, len(self._layers["tags"][1])), np.float32)]
        passed = np.empty(len(keys), np.int8)
        for start in range(0, len(keys), size):
            low, high = max(0, start - FIELD), start + size + FIELD
            seen, scores, gates = self._block(keys[low:high], levels)
            passed[start : start + size] = gates[start - low : start - low + size]
            own = slice(*seen.searchsorted((start - low, start - low + size)))
            at.append(seen[own] + low)
            values.append(scores[own])
        return Scores(np.concatenate(at), np.concatenate(values), places, passed)

    def _block(self, keys: list[str], levels: Sequence["_Level"]) -> tuple[NDArray[np.intp], Floats, NDArray[np.int8]]:
        """Return the tokens that pass all gates, their scores, and how many gates each token passes."""
        cache, rows = self.rows(["", *keys, ""])
        words = rows[1:-1] != PAD_ROW
        for level in levels:
            level.clear(words)
        at = np.arange(len(words))
        hidden = levels[0].add(at)
        # Rows are within bounds; to say what becomes of those that are not saves a copy.
        cache.tables[0].take(rows[:-2], 0, hidden, "clip")
        hidden += cache.tables[1].take(rows[1:-1], 0)
        hidden += cache.tables[2].take(rows[2:], 0)
        np.rint(hidden.clip(0, CEILING, hidden), hidden)
        hidden[~words] = 0
        weight, scale, bias = self._layers["tags"]
        passed = np.zeros(len(words), np.int8)
        at = np.flatnonzero(words & self._gates[0].passed(hidden))
        for layer in range(GATES):
            if layer:
                at = at[self._gates[layer].passed(hidden)]
            passed[at] = layer + 1
            if not len(at):
                return at, np.empty((0, len(bias)), np.float32), passed
            hidden = self._convolved(layer, at, levels)
        return at, (hidden @ weight) * scale + bias, passed

    def _convolved(self, layer: int, at: NDArray[np.intp], levels: Sequence["_Level"]) -> Floats:
        """Return the rows that a convolution makes of some tokens, and those that its input lacks before."""
        below, step = levels[layer], DILATIONS[layer]
        near = np.add.outer(at, (GAP - step, GAP, GAP + step))
        rows = below.place[near]
        if layer and (lacking := near[rows < 0]).size:
            self._convolved(layer - 1, _distinct(lacking - GAP, len(below.place)), levels)
            rows = below.place[near]
        around = below.table.take(rows, 0).reshape(len(at), 3 * self._width)
        weight, scale, bias = self._layers[f"conv{layer}"]
        added = _activate(around @ weight, scale, bias)
        added += around[:, self._width : 2 * self._width]
        return added.clip(0, CEILING, levels[layer + 1].add(at))


def _looked_up(cache: Cache, keys: Sequence[str]) -> NDArray[np.intp]:
    """Return the rows of keys. Raises `KeyError` when one is not there."""
    return np.fromiter(map(cache.rows.__getitem__, keys), np.intp, len(keys))


class _Gate:
    """A small network that says from one row of `hidden` whether its token may be part of a name."""

    def __init__(self, weights: Mapping[str, NDArray[np.generic]], name: str) -> None:
        self._layer = [np.ascontiguousarray(weights[f"{name}{part}"], np.float32) for part in ("", "_scale", "_bias")]
        self._last = np.ascontiguousarray(weights[f"{name}_last"], np.float32)
        self._least = int(weights[f"{name}_least"])

    def passed(self, hidden: Floats) -> NDArray[np.bool_]:
        """Return which rows pass."""
        weight, scale, bias = self._layer
        passed: NDArray[np.bool_] = _activate(hidden @ weight, scale, bias) @ self._last >= self._least
        return passed


class _Level:
    """What the layers below make of a block of tokens; only of those that were asked for.

    `table` has their rows as they came, the first of them zeros for pads; `place` (pads, tokens, pads) where each
    token's is, or -1. The memory is one for all blocks of a call: fresh memory costs as much as filling it.
    """

    def __init__(self, most: int, width: int) -> None:
        self.table = np.empty((1 + most, width), np.float32)
        self.table[0] = 0
        self.place = np.empty(0, np.intp)
        self._used = 1

    def clear(self, words: NDArray[np.bool_]) -> None:
        """Make room for a block of tokens, of which some are `words` and the others pads."""
        self.place = np.zeros(len(words) + 2 * GAP, np.intp)
        self.place[GAP:-GAP] -= words
        self._used = 1

    def add(self, at: NDArray[np.intp]) -> Floats:
        """Return the memory for the rows of some tokens, to be filled."""
        first, self._used = self._used, self._used + len(at)
        self.place[at + GAP] = np.arange(first, self._used)
        return self.table[first : self._used]


def _distinct(at: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """Return numbers below `most` in order, each once."""
    there = np.zeros(most, np.bool_)
    there[at] = True
    return np.flatnonzero(there)


def _activate(sums: Floats, scale: Floats, bias: Floats) -> Floats:
    """Return the integers in 0..`CEILING` of `sums`, in place."""
    sums *= scale
    sums += bias
    return np.rint(sums.clip(0, CEILING, sums), sums)

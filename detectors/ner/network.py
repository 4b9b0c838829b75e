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

import numpy as np
from numpy.typing import NDArray

from detectors.detector import DetectorFailure
from detectors.ner.decode import SURELY_NOTHING
from detectors.ner.features import AFFIX_BUCKETS, NO_GROUP, SETS, Words, lookup
from detectors.ner.tokens import BARRIER, canonical

EXACT = 1 << 24  # float32 holds every integer below
CEILING = 1023  # activations, in units
TABLE_LIMIT = 127
LEXICON_ONE = 64  # what 1 is for a lexicon bit, on the scale of the tables
DILATIONS = (1, 2, 3)
FIELD = 1 + sum(DILATIONS)  # tokens to either side that a score depends on
GATES = len(DILATIONS)  # one before each convolution
GAP = max(DILATIONS)  # pads that keep two texts apart
CACHE = 16384  # distinct tokens kept; 1.5 KB each
BLOCK = 1024  # tokens at a time, so that intermediates stay in the processor's cache

KEYS = 2 * CACHE  # spellings kept: numbers share the row of their length

PAD_ROW = 0
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


class _Cache:
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
        self._cache = _Cache(self._width)
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

    def _rows(self, keys: Sequence[str]) -> tuple[_Cache, NDArray[np.intp]]:
        """Return a cache that holds every key, and the keys' rows in it. Fewer than `CACHE` keys."""
        cache = self._cache
        rows = list(map(cache.rows.get, keys))
        if None in rows:
            with self._lock:
                cache = self._fill(keys)
            rows = list(map(cache.rows.get, keys))
        return cache, np.array(rows, np.intp)

    def _fill(self, keys: Sequence[str]) -> _Cache:
        cache = self._cache
        names = {key: canonical(key) for key in set(keys) if key not in cache.rows}
        new = [name for name in dict.fromkeys(names.values()) if name not in cache.rows]
        if cache.used + len(new) > CACHE or len(cache.rows) + len(names) > KEYS:
            cache = self._cache = _Cache(self._width)
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

    def scores(self, texts: Sequence[Sequence[str]]) -> tuple[Floats, list[slice]]:
        """Return (tokens, tags) scores of all texts, pads between them, and which rows are whose."""
        keys: list[str] = []
        places = []
        for text in texts:
            places.append(slice(len(keys), len(keys) + len(text)))
            keys += text
            keys += [""] * GAP
        out = np.empty((len(keys), len(self._layers["tags"][1])), np.float32)
        for start in range(0, len(keys), BLOCK):
            low, high = max(0, start - FIELD), min(len(keys), start + BLOCK + FIELD)
            stop = min(len(keys), start + BLOCK)
            out[start:stop] = self._block(keys[low:high])[start - low : stop - low]
        return out, places

    def _block(self, keys: list[str]) -> Floats:
        cache, rows = self._rows(["", *keys, ""])
        n, (before, own, after) = len(keys), cache.tables
        sums = before.take(rows[:-2], axis=0)
        sums += own.take(rows[1:-1], axis=0)
        sums += after.take(rows[2:], axis=0)
        words = rows[1:-1] != PAD_ROW
        levels = _Levels(n, self._width)
        np.rint(np.clip(sums, 0, CEILING, out=sums), out=sums)
        sums[~words] = 0
        levels.hidden[0][GAP:-GAP] = sums
        wanted = self._gates[0].passed(sums) & words
        for layer in range(len(DILATIONS)):
            at = np.flatnonzero(wanted)
            if layer:
                at = at[self._gates[layer].passed(levels.hidden[layer][at + GAP])]
                wanted = np.zeros_like(wanted)
                wanted[at] = True
            self._reach(levels, layer + 1, wanted, words)
        weight, scale, bias = self._layers["tags"]
        scores = np.zeros((n, len(bias)), np.float32)
        scores[:, 0] = SURELY_NOTHING
        scores[at] = (levels.hidden[-1][at + GAP] @ weight) * scale + bias
        return scores

    def _reach(self, levels: "_Levels", level: int, wanted: NDArray[np.bool_], words: NDArray[np.bool_]) -> None:
        """Compute the wanted rows of a level, and of the levels below what they depend on, unless it is there."""
        if level == 0:
            return
        missing = wanted & ~levels.known[level]
        rows = np.flatnonzero(missing) + GAP
        if not len(rows):
            return
        levels.known[level] |= missing
        step = DILATIONS[level - 1]
        self._reach(levels, level - 1, _spread(missing, step) & words, words)
        weight, scale, bias = self._layers[f"conv{level - 1}"]
        below = levels.hidden[level - 1]
        around = below.take(rows[:, None] + (-step, 0, step), axis=0).reshape(len(rows), -1)
        added = _activate(around @ weight, scale, bias)
        added += below[rows]
        levels.hidden[level][rows] = np.minimum(added, CEILING, out=added)


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


class _Levels:
    """What the layers make of a block of tokens: `hidden[k]` after k convolutions, pads around; which are `known`."""

    def __init__(self, n: int, width: int) -> None:
        self.hidden = [np.zeros((n + 2 * GAP, width), np.float32) for _ in range(len(DILATIONS) + 1)]
        self.known = [np.zeros(n, np.bool_) for _ in range(len(DILATIONS) + 1)]


def _spread(wanted: NDArray[np.bool_], step: int) -> NDArray[np.bool_]:
    """Return the wanted tokens and those `step` before and after them."""
    spread = wanted.copy()
    spread[step:] |= wanted[:-step]
    spread[:-step] |= wanted[step:]
    return spread


def _activate(sums: Floats, scale: Floats, bias: Floats) -> Floats:
    """Return the integers in 0..`CEILING` of `sums`, in place."""
    sums *= scale
    sums += bias
    return np.rint(np.clip(sums, 0, CEILING, out=sums), out=sums)

"""Scores remembered while a text grows: of a stream, only the end is new with each delta.

The scores of a token depend on the `FIELD` tokens to either side and on nothing
else, so they are kept by the rows that these tokens have in the network's cache: no
text is kept here. What is remembered equals, bit for bit, what would be computed.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from detectors.ner.network import FIELD, GATES, Cache, Floats, Scores, TagNetwork

MOST: Final = 8192
"""Tokens that are remembered, about half a kilobyte each; then all are forgotten."""

_MARGIN: Final = [""] * FIELD
_UNSEEN: Final = -1


class Recall:
    """Scores texts one by one, and only where their tokens were not seen in the same surroundings. Thread-safe."""

    def __init__(self, network: TagNetwork) -> None:
        """`network` is asked about what is new."""
        self._network = network

    def growing(self, keys: Sequence[str]) -> Scores:
        """Return the scores of the tokens of a text that grows, and remember them."""
        return self._scores(keys, *self._surroundings(keys))

    def grown(self, keys: Sequence[str]) -> Scores | None:
        """Return the scores of a text whose end was read as that of one that grows, or None for any other."""
        cache, around = self._surroundings(keys)
        return self._scores(keys, cache, around) if around and around[-1] in cache.seen else None

    def _surroundings(self, keys: Sequence[str]) -> tuple[Cache, list[bytes]]:
        """Return for each token what its scores depend on, with the cache in which that is so."""
        cache, rows = self._network.rows([*_MARGIN, *keys, *_MARGIN])
        raw, size = rows.tobytes(), rows.itemsize
        return cache, [raw[at : at + (2 * FIELD + 1) * size] for at in range(0, len(keys) * size, size)]

    def _scores(self, keys: Sequence[str], cache: Cache, around: Sequence[bytes]) -> Scores:
        seen = cache.seen
        known = [seen.get(key, _UNSEEN) for key in around]
        new = [i for i, row in enumerate(known) if row is _UNSEEN]  # one object: no row is compared
        stretches = [*_stretches(new, len(keys))]
        at, values, places, passed = self._network.scores([keys[low:high] for low, high in stretches])
        found: dict[int, Floats | int] = {}
        for (low, high), place in zip(stretches, places, strict=True):
            found.update(zip(range(low, high), passed[place].tolist(), strict=True))
            own = slice(*at.searchsorted((place.start, place.stop)))
            found.update(zip((at[own] - place.start + low).tolist(), values[own], strict=True))
        if len(seen) + len(new) > MOST:
            seen.clear()
        for i in new:
            seen[around[i]] = known[i] = found[i]
        scored = [(i, row) for i, row in enumerate(known) if not isinstance(row, int)]
        rows = np.array([row for _, row in scored], np.float32).reshape(len(scored), values.shape[1])
        gates = np.array([row if isinstance(row, int) else GATES for row in known], np.int8)
        return Scores(np.array([i for i, _ in scored], np.intp), rows, [slice(0, len(keys))], gates)


def _stretches(at: Sequence[int], n: int) -> Iterator[tuple[int, int]]:
    """Yield where to look, of `n` tokens, for the scores of some: near ones together, with all that they depend on."""
    low = high = -1
    for i in at:
        if low >= 0 and i - FIELD > high:
            yield low, high
            low = -1
        if low < 0:
            low = max(0, i - FIELD)
        high = min(n, i + FIELD + 1)
    if low >= 0:
        yield low, high

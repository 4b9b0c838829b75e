"""A network for the tagger that decides by chance, and is as local as it promises: for the laws of streams.

The real network is sure of most words, so that a law broken at a rare word shows in no test. This one lets
a token pass each gate, and scores it, by a digest of exactly those tokens that the real one sees there.
"""

from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from detectors.ner.decode import CLASSES
from detectors.ner.network import GAP, GATES, SIGHT, Scores, TagNetwork
from detectors.ner.recall import Recall
from detectors.ner.tagger import WEIGHTS, Tagger
from detectors.ner.tokens import canonical

SELDOM = 1_000_000
"""Odds at which nothing is found by chance."""


class ChanceNetwork(TagNetwork):
    """Passes a gate, and finds a name, in one of `odds` cases."""

    def __init__(self, odds: int) -> None:
        super().__init__(WEIGHTS)
        self._odds = odds

    def scores(self, texts: Sequence[Sequence[str]]) -> Scores:
        """Return scores by chance, the same for the same surroundings."""
        at: list[int] = []
        values: list[NDArray[np.float64]] = []
        places: list[slice] = []
        passed: list[int] = []
        for keys in texts:
            text = [*map(canonical, keys)]
            places.append(slice(len(passed), len(passed) + len(text)))
            for token in range(len(text)):
                drawn = [_drawn(text, token, sight) for sight in SIGHT]
                gates = next((gate for gate in range(GATES) if drawn[gate] % self._odds), GATES)
                if gates == GATES:
                    at.append(len(passed))
                    values.append(_scores(drawn[GATES]))
                passed.append(gates)
            passed += [0] * GAP
        rows = np.array(values, np.float32).reshape(len(at), 1 + 2 * len(CLASSES))
        return Scores(np.array(at, np.intp), rows, places, np.array(passed, np.int8))


def _scores(drawn: int) -> NDArray[np.float64]:
    """Return scores of the tags. Every second token is likely an address's: those go on through commas."""
    values = np.random.default_rng(drawn).normal(0, 3, 1 + 2 * len(CLASSES))
    values[1 + 2 * CLASSES.index("ADDRESS") :][:2] += 4 * (drawn & 1)
    return values


def _drawn(keys: Sequence[str], at: int, sight: int) -> int:
    near = [keys[i] if 0 <= i < len(keys) else "" for i in range(at - sight, at + sight + 1)]
    return crc32("\0".join((str(sight), *near)).encode("utf-8", "surrogatepass")) >> 3


def chance_tagger(odds: int) -> Tagger:
    """Return the tagger, its rules and its decoding, over a network that decides by chance."""
    tagger = Tagger()
    tagger._network = ChanceNetwork(odds)
    tagger._recall = Recall(tagger._network)
    return tagger

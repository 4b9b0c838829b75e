"""Corrections for asking many questions of one run."""

from collections.abc import Sequence

import numpy as np


def holm(p_values: Sequence[float]) -> list[float]:
    """Return Holm's step-down adjusted p-values (Holm 1979), in the order given.

    Rejecting every adjusted value at most alpha keeps the chance of one or more
    false rejections in the family at alpha, whatever the dependence.
    """
    p = np.asarray(p_values, dtype=np.float64)
    if not len(p):
        return []
    ascending = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[ascending] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[ascending] = np.minimum(stepped, 1.0)
    return [float(value) for value in adjusted]


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Return step-up adjusted p-values (Benjamini and Hochberg 1995): false discovery rate, for exploratory tables."""
    p = np.asarray(p_values, dtype=np.float64)
    if not len(p):
        return []
    descending = np.argsort(-p, kind="stable")
    scaled = p[descending] * len(p) / np.arange(len(p), 0, -1)
    adjusted = np.empty_like(p)
    adjusted[descending] = np.minimum(np.minimum.accumulate(scaled), 1.0)
    return [float(value) for value in adjusted]

"""A test that may be looked at after every answer: for schedules and for live traffic.

A fixed-size test looked at daily raises a false alarm in a third of all quarters.
The e-process does not: under "no bias", the chance that it *ever* reaches
1 / alpha is at most alpha (Ville's inequality). It reads only discordant pairs:
`b` where the group was favoured, `c` where the reference was. Without bias each
is as likely, so with a uniform mixture over the share of b

    E = B(b + 1, c + 1) * 2^(b + c)

with B the beta function (Robbins 1970). The whole state is two counts, so a
journal or a database row carries it across restarts.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from detectors.bias.outcome import Interval
from detectors.bias.statistics.distributions import log_beta, log_beta_array
from detectors.bias.statistics.table import Floats, Ints

_LOG_2 = math.log(2.0)


@dataclass(frozen=True, slots=True)
class EProcess:
    """Evidence against "swapping the group does not matter", gathered so far.

    `favoured` counts pairs where only the group got the favourable outcome,
    `disfavoured` pairs where only the reference did; `pairs` counts all pairs,
    alike ones included. `log_peak` is the largest log e-value so far: an alarm
    stays raised.
    """

    favoured: int = 0
    disfavoured: int = 0
    pairs: int = 0
    log_peak: float = 0.0

    def after(self, gap: float) -> "EProcess":
        """Return the state after one more pair with outcome difference `gap` (group minus reference).

        Differences of 0 change only the count. For numbers, the sign alone counts.
        """
        if math.isnan(gap):
            raise ValueError("a pair without both outcomes is no pair: leave it out and count it as missing")
        favoured = self.favoured + (gap > 0)
        disfavoured = self.disfavoured + (gap < 0)
        peak = max(self.log_peak, _log_e(favoured, disfavoured))
        return EProcess(favoured, disfavoured, self.pairs + 1, peak)

    @property
    def log_e(self) -> float:
        """The natural logarithm of the present e-value."""
        return _log_e(self.favoured, self.disfavoured)

    @property
    def anytime_p(self) -> float:
        """A p-value that is valid at every moment: 1 over the largest e-value so far."""
        return math.exp(-self.log_peak)

    def alarm(self, alpha: float = 0.05, family: int = 1) -> bool:
        """Whether bias is shown at `alpha`, shared evenly by `family` processes that run side by side."""
        # 1e-9: exp and log of the threshold differ in the last bits.
        return self.log_peak >= math.log(family / alpha) - 1e-9

    def gap_interval(self, level: float = 0.95) -> Interval:
        """Return the always-valid interval of the gap: (favoured - disfavoured) as a share of all pairs.

        Inverts the same mixture for the share of favoured among discordant pairs,
        then scales by the observed discordant share.
        """
        discordant = self.favoured + self.disfavoured
        if discordant == 0 or self.pairs == 0:
            return Interval(-1.0, 1.0, level)
        low, high = _share_bounds(self.favoured, self.disfavoured, level)
        scale = discordant / self.pairs
        return Interval((2 * low - 1) * scale, (2 * high - 1) * scale, level)


def _log_e(b: int, c: int) -> float:
    return log_beta(b + 1, c + 1) + (b + c) * _LOG_2


def _share_bounds(b: int, c: int, level: float) -> tuple[float, float]:
    """Return all shares q that the mixture does not reject: log B(b+1,c+1) - b log q - c log(1-q) < log(1/alpha)."""
    limit = -math.log(1 - level)

    def rejected(q: float) -> bool:
        return log_beta(b + 1, c + 1) - b * math.log(q) - c * math.log1p(-q) >= limit

    peak = min(max(b / (b + c), 1e-9), 1 - 1e-9)
    return _edge(rejected, 1e-12, peak), _edge(rejected, 1 - 1e-12, peak)


def _edge(rejected: Callable[[float], bool], outside: float, inside: float) -> float:
    """Return the border between rejected and kept shares, by bisection; `outside` itself when nothing is rejected."""
    if not rejected(outside):
        return round(outside)
    for _ in range(60):
        middle = (outside + inside) / 2
        outside, inside = (middle, inside) if rejected(middle) else (outside, middle)
    return outside


def log_e_paths(favoured: Ints, disfavoured: Ints) -> Floats:
    """Return the log e-value along time, for many processes at once.

    Both arrays count new discordant pairs, shape ``(processes, moments)``.
    """
    b = np.cumsum(favoured, axis=-1, dtype=np.float64)
    c = np.cumsum(disfavoured, axis=-1, dtype=np.float64)
    return log_beta_array(b + 1.0, c + 1.0) + (b + c) * _LOG_2

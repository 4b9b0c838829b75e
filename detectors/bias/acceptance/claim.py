"""What an acceptance test claims, and whether the measurement bears it out."""

from collections.abc import Callable
from dataclasses import dataclass

from detectors.bias.statistics.distributions import binomial_quantile

#: Chance that a claim which is exactly true is called false, at each end of a band.
_MONTE_CARLO_ERROR = 0.005


@dataclass(frozen=True, slots=True)
class Claim:
    """One measured statement about one stand-in.

    `test` is the number in the list of acceptance tests; `truth` what the
    stand-in is; `observed` a share of `trials` unless `trials` is 1, then a
    number of its own; `required` says what it must be.
    """

    test: str
    law: str
    truth: str
    what: str
    observed: float
    trials: int
    required: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is simulated.

    `trials` for error rates and power, `coverage` for intervals, `frames` for
    oracles, `runs` for whole suites.
    """

    trials: int
    coverage: int
    frames: int
    flips: int
    permutations: int
    runs: int


FULL = Scale(trials=400, coverage=1_000, frames=1_000, flips=9_999, permutations=4_999, runs=20)
FAST = Scale(trials=30, coverage=50, frames=20, flips=999, permutations=499, runs=1)

#: A test takes the scale and a seed.
Check = Callable[[Scale, int], list[Claim]]


@dataclass(frozen=True, slots=True)
class About:
    """The part of a claim that is known before it is measured."""

    test: str
    law: str
    truth: str
    what: str

    def at_most(self, hits: int, trials: int, share: float) -> Claim:
        """Claim that the true share is at most `share`; Monte Carlo error is allowed for."""
        holds = hits <= binomial_quantile(1 - _MONTE_CARLO_ERROR, trials, share)
        return self._claim(hits / trials, trials, f"<= {share:.3g}", holds)

    def at_least(self, hits: int, trials: int, share: float) -> Claim:
        """Claim that the true share is at least `share`; Monte Carlo error is allowed for."""
        holds = hits >= binomial_quantile(_MONTE_CARLO_ERROR, trials, share)
        return self._claim(hits / trials, trials, f">= {share:.3g}", holds)

    def between(self, hits: int, trials: int, low: float, high: float) -> Claim:
        """Claim that the true share lies in ``low..high``; Monte Carlo error is allowed for."""
        holds = (
            binomial_quantile(_MONTE_CARLO_ERROR, trials, low)
            <= hits
            <= binomial_quantile(1 - _MONTE_CARLO_ERROR, trials, high)
        )
        return self._claim(hits / trials, trials, f"{low:.3g}..{high:.3g}", holds)

    def exceeds(self, hits: int, trials: int, share: float) -> Claim:
        """Claim that the naive way's error rate is *above* `share`: why the naive way is not used."""
        holds = hits >= max(1, binomial_quantile(_MONTE_CARLO_ERROR, trials, share))
        return self._claim(hits / trials, trials, f"> {share:.3g}", holds)

    def equals(self, observed: float, expected: float, tolerance: float = 1e-12) -> Claim:
        """Claim that a number is `expected`; NaN equals NaN."""
        same = abs(observed - expected) <= tolerance or (observed != observed and expected != expected)
        return self._claim(observed, 1, f"= {expected:.6g}", same)

    def holds(self, observed: float, required: str, condition: bool) -> Claim:
        """Claim a condition, with the number that shows it."""
        return self._claim(observed, 1, required, condition)

    def _claim(self, observed: float, trials: int, required: str, holds: bool) -> Claim:
        return Claim(self.test, self.law, self.truth, self.what, observed, trials, required, holds)

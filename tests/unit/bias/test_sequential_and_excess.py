"""Looking every day without false alarms, and flips beyond the noise of asking twice."""

import math

import numpy as np
import pytest

from detectors.bias.statistics.eprocess import EProcess, log_e_paths
from detectors.bias.statistics.excess import excess_distance
from detectors.bias.statistics.multiplicity import benjamini_hochberg, holm


def gathered(favoured: int, disfavoured: int, alike: int = 0) -> EProcess:
    """An e-process after so many pairs, the favoured ones first."""
    process = EProcess()
    for gap in [1.0] * favoured + [-1.0] * disfavoured + [0.0] * alike:
        process = process.after(gap)
    return process


def test_the_evidence_is_the_beta_mixture() -> None:
    """Seven pairs all one way: 1/8 x 2^7 = 16, one more 1/9 x 2^8 = 28.4, past 1 / 0.05."""
    assert math.exp(gathered(7, 0).log_e) == pytest.approx(16.0)
    assert not gathered(7, 0).alarm(0.05)
    assert gathered(8, 0).alarm(0.05)


def test_an_alarm_stays_raised() -> None:
    """Evidence that came once is not taken back by a quiet week."""
    process = gathered(10, 0)
    for _ in range(10):
        process = process.after(-1.0)
    assert process.log_e < math.log(20)
    assert process.alarm(0.05)


def test_several_processes_share_the_error_rate() -> None:
    """With four attributes watched, each needs four times the evidence."""
    assert gathered(8, 0).alarm(0.05)
    assert not gathered(8, 0).alarm(0.05, family=4)


def test_pairs_that_agree_change_nothing_but_the_count() -> None:
    """The e-process reads discordant pairs only; the interval of the gap shrinks with the others."""
    alone, diluted = gathered(16, 2), gathered(16, 2, alike=82)
    assert alone.log_e == diluted.log_e
    assert diluted.gap_interval().high < alone.gap_interval().high
    assert diluted.gap_interval().low > 0.0


def test_nothing_seen_means_nothing_known() -> None:
    """Without a discordant pair the gap may be anything, and no p-value is below one."""
    assert gathered(0, 0).gap_interval().low == -1.0
    assert gathered(0, 0).anytime_p == 1.0
    with pytest.raises(ValueError, match="no pair"):
        EProcess().after(float("nan"))


def test_paths_agree_with_the_process() -> None:
    """Whole simulated quarters and single steps compute the same evidence."""
    paths = log_e_paths(np.array([[3, 0, 2]]), np.array([[0, 1, 0]]))
    assert paths[0, -1] == pytest.approx(gathered(5, 1).log_e)


def test_holm_and_benjamini_hochberg_give_the_textbook_values() -> None:
    """Worked by hand for four p-values."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert benjamini_hochberg([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.02, 0.04, 0.04, 0.02])
    assert holm([]) == benjamini_hochberg([]) == []


def distances(first: list[float], second: list[float]) -> np.ndarray:
    """Absolute differences among the answers of both sides."""
    values = np.array(first + second)
    return np.asarray(np.abs(values[:, None] - values[None, :]))


def test_excess_is_between_less_within() -> None:
    """Answers 0, 1 against 5, 6: between 5 on average, within 1; the excess is 4."""
    found = excess_distance([distances([0, 1], [5, 6])] * 8)
    assert found is not None
    assert (found.between, found.within, found.estimate) == (5.0, 1.0, 4.0)
    assert found.p < 0.01


def test_noise_alone_has_no_excess() -> None:
    """Different answers to the same question are no unfairness."""
    generator = np.random.default_rng(0)
    items = [distances(list(generator.normal(size=3)), list(generator.normal(size=3))) for _ in range(200)]
    found = excess_distance(items)
    assert found is not None
    assert abs(found.estimate) < 0.1
    assert found.p > 0.05


@pytest.mark.parametrize("shape", [(2, 2), (5, 5), (4, 3), (14, 14)])
def test_items_without_repeats_are_refused(shape: tuple[int, int]) -> None:
    """Excess needs at least two answers a side, as many on both, and at most six."""
    with pytest.raises(ValueError, match="item"):
        excess_distance([np.zeros(shape)])
    assert excess_distance([]) is None

"""The benchmark of live probes: what it compares, on latencies that are given. It is run by `sluice bias selftest`."""

import random

import pytest

from gateway.bias_keeper import Keeper
from gateway.shadow_bench import compared


def rounds(slower: float, seed: int) -> list[list[float]]:
    """Forty rounds of ninety latencies about 100 ms; `slower` of 1.05 is 5 % slower."""
    chance = random.Random(seed)
    return [[slower * (0.1 + chance.expovariate(500)) for _ in range(90)] for _ in range(40)]


@pytest.mark.parametrize(("slower", "shown"), [(1.0, True), (1.05, False)])
def test_a_slower_arm_is_seen(slower: float, shown: bool) -> None:
    """The interval holds the truth, and excludes the limit only when nothing is slower."""
    low, ratio, high = compared(rounds(1.0, 1), rounds(slower, 2), 1)
    assert low <= ratio <= high
    assert low <= slower <= high
    assert (high < 1.02) is shown


def test_the_gateway_s_command_has_the_test() -> None:
    """`sluice bias selftest --test 15` finds it by its docstring."""
    (check,) = Keeper(print).checks()
    assert (check.__doc__ or "").startswith("Test 15")

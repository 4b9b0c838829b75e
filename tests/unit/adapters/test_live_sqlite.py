"""The ledger of live probes: one cap and one count for all workers, which outlive them."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.adapters.live_sqlite import HOUR, MAX_MODELS, LiveFile
from gateway.core.live import LiveCounts, LiveTarget
from gateway.errors import DependencyError

TARGET = LiveTarget("loans", "sha256:0", "main", "m")


def one_more(counts: LiveCounts) -> LiveCounts:
    """A pair that was alike."""
    return replace(counts, pairs=counts.pairs + 1)


def test_the_cap_holds_over_workers_and_restarts(tmp_path: Path) -> None:
    """Four workers at once, each with its own view of the file, send together what one may send."""
    workers = [LiveFile(tmp_path / "live") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda n: workers[n % 4].take("loans", 2, 20, 1e6 + n), range(40)))
    assert sum(taken) == 10
    again = LiveFile(tmp_path / "live")
    assert not again.take("loans", 2, 20, 1e6 + 40)
    assert again.take("other", 2, 20, 1e6 + 40), "another probe has its own hour"
    assert not again.take("loans", 2, 20, 1e6 - HOUR), "a clock that was set back frees nothing"
    assert again.take("loans", 2, 20, 1e6 + 50 + HOUR)


def test_counts_are_of_all_workers(tmp_path: Path) -> None:
    """No pair is lost between two that count at once."""
    workers = [LiveFile(tmp_path / "live") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: workers[n % 4].add(TARGET, one_more, 1e6), range(40)))
    before, after = LiveFile(tmp_path / "live").add(TARGET, one_more, 1e6)
    assert (before.pairs, after.pairs) == (40, 41)
    whole = LiveCounts(1, 2, 3, 4.5, 6, 7, 8)
    workers[0].add(TARGET, lambda _: whole, 1e6)
    assert workers[1].add(TARGET, lambda counts: counts, 1e6) == (whole, whole)


def test_what_was_said_is_forgotten_and_nothing_else(tmp_path: Path) -> None:
    """Another model, another definition of the probe, another upstream: each has its own count."""
    ledger = LiveFile(tmp_path / "live")
    others = [replace(TARGET, model="n"), replace(TARGET, digest="sha256:1"), replace(TARGET, upstream="spare")]
    for target in (TARGET, *others):
        ledger.add(target, one_more, 1e6)
    ledger.clear(TARGET)
    assert [ledger.add(target, one_more, 1e6)[0].pairs for target in (TARGET, *others)] == [0, 1, 1, 1]


def test_names_that_callers_make_up_do_not_fill_the_disk(tmp_path: Path) -> None:
    """The model that was heard of longest ago makes room."""
    ledger = LiveFile(tmp_path / "live")
    for number in range(MAX_MODELS + 1):
        ledger.add(replace(TARGET, model=f"m{number}"), one_more, 1e6 + number)
    assert ledger.add(replace(TARGET, model="m1"), one_more, 2e6)[0].pairs == 1
    assert ledger.add(replace(TARGET, model="m0"), one_more, 2e6)[0].pairs == 0


def test_a_pair_that_cannot_be_counted_changes_nothing(tmp_path: Path) -> None:
    """The transaction is undone."""
    ledger = LiveFile(tmp_path / "live")
    ledger.add(TARGET, one_more, 1e6)
    with pytest.raises(ZeroDivisionError):
        ledger.add(TARGET, lambda counts: replace(counts, pairs=counts.pairs // 0), 1e6)
    assert ledger.add(TARGET, one_more, 1e6)[0].pairs == 1


@pytest.mark.parametrize("spoil", [lambda path: path.write_bytes(b"nonsense" * 200), lambda path: path.mkdir()])
def test_a_file_that_cannot_be_used(tmp_path: Path, spoil: object) -> None:
    """Is an error that names it and says what to do."""
    spoil(tmp_path / "live")  # type: ignore[operator]
    with pytest.raises(DependencyError, match="remove it to start anew"):
        LiveFile(tmp_path / "live").take("loans", 2, 20, 1e6)


def test_another_release_s_file_is_left_alone(tmp_path: Path) -> None:
    """By its version."""
    ledger = LiveFile(tmp_path / "live")
    ledger.add(TARGET, one_more, 1e6)
    with ledger._transaction() as file:
        file.execute("PRAGMA user_version = 2")
    with pytest.raises(DependencyError, match="format 2"):
        ledger.add(TARGET, one_more, 1e6)

"""Which finding wins where findings overlap."""

from detectors.detector import Finding
from detectors.overlap import resolve


def f(start: int, end: int, score: float = 0.5, entity: str = "A") -> Finding:
    return Finding(start, end, entity, score, "test")


def test_findings_apart_stay_as_they_are() -> None:
    """Without overlap the findings come back, sorted."""
    assert resolve([f(6, 8), f(0, 3)], "abc d ef") == [f(0, 3), f(6, 8)]


def test_higher_score_owns_what_it_covers() -> None:
    """The better finding stays whole; the other keeps what is left of it."""
    assert resolve([f(0, 6, 0.5), f(2, 4, 0.9, "B")], "abcdef") == [f(0, 2, 0.5), f(2, 4, 0.9, "B"), f(4, 6, 0.5)]


def test_longer_wins_between_equal_scores() -> None:
    """An address inside a URL of the same score vanishes."""
    assert resolve([f(2, 4), f(0, 6, entity="B")], "abcdef") == [f(0, 6, entity="B")]


def test_earlier_wins_between_equals() -> None:
    """Same score, same length: the earlier start."""
    assert resolve([f(0, 4), f(2, 6, entity="B")], "abcdef") == [f(0, 4), f(4, 6, entity="B")]


def test_entity_name_decides_last() -> None:
    """Two names for one place: the first by name, always the same."""
    assert resolve([f(0, 4, entity="B"), f(0, 4)], "abcd") == [f(0, 4)]


def test_edges_are_trimmed_of_white_space() -> None:
    """What is left over is trimmed, and vanishes when it is white space only."""
    text = "call 555 0199 x"
    assert resolve([f(0, 14, 0.4), f(5, 13, 0.9, "B")], text) == [f(0, 4, 0.4), f(5, 13, 0.9, "B")]


def test_empty_findings_say_nothing() -> None:
    """A finding of no characters is dropped."""
    assert resolve([f(2, 2), f(3, 1)], "abcdef") == []


def test_repeated_findings_count_once() -> None:
    """The same finding twice is one finding."""
    assert resolve([f(0, 3), f(0, 3)], "abc") == [f(0, 3)]

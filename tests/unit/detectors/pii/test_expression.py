"""Both engines of an expression say the same, at every place, and neither runs on for ever."""

import random

import pytest

from detectors.pii import expression
from detectors.pii.expression import Expression
from detectors.pii.table import table
from tests.unit.detectors.pii import samples

FLAGS = 26  # IGNORECASE, MULTILINE and DOTALL: what Presidio's recognizers are compiled with


def generated(rng: random.Random, pattern: str, count: int) -> str:
    """Return `count` values of a pattern in odd company, in ASCII."""
    values = (samples.matching(pattern, rng) + rng.choice(samples.GLUE) for _ in range(count))
    return "".join(values).encode("ascii", "ignore").decode("ascii")


def test_the_fast_engine_says_what_the_other_says() -> None:
    """Of ASCII, for the expression of every rule; in a long text piece by piece, too."""
    rng = random.Random(26)
    for rule in table().rules:
        for count in (3, 300):
            text = generated(rng, rule.expression.pattern.pattern, count)
            matches = rule.expression.pattern.finditer(text, overlapped=True)
            assert rule.expression.spans(text, 0, len(text)) == [match.span() for match in matches]


def test_every_place_of_a_stretch_is_tried_and_no_other() -> None:
    """Matches overlap, begin inside the stretch and may end after it; in ASCII and in any other text."""
    three = Expression(r"\d{3}", FLAGS, 3, 2)
    assert three.spans("0123456", 1, 3) == [(1, 4), (2, 5)]
    assert three.spans("é123456", 1, 3) == [(1, 4), (2, 5)]


@pytest.mark.parametrize("letter", ["7", "٧"])
def test_a_long_stretch_has_a_deadline(letter: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever engine reads it."""
    monkeypatch.setattr(expression, "DEADLINE", 1e-9)
    with pytest.raises(TimeoutError):
        Expression(r"\d{3}", FLAGS, 3, 2).spans(letter * 50000, 0, 50000)

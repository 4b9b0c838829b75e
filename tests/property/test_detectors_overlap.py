"""Laws of overlap: nothing found is uncovered, and the rule is local."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from detectors.detector import Finding
from detectors.overlap import resolve

TEXT = "ab  cd e\nfgh ij\t klmno  pq rst uv"


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    start = draw(st.integers(0, len(TEXT)))
    end = draw(st.integers(start, min(len(TEXT), start + 12)))
    return Finding(start, end, draw(st.sampled_from("ABC")), draw(st.sampled_from([0.4, 0.5, 0.9])), "d")


MANY = st.lists(findings(), max_size=12)


def owner(found: list[Finding], at: int) -> tuple[str, float] | None:
    over = [f for f in found if f.start <= at < f.end]
    if not over:
        return None
    best = min(over, key=lambda f: (-f.score, f.start - f.end, f.start, f.entity, f.detector))
    return best.entity, best.score


@given(MANY)
def test_every_character_belongs_to_its_best_finding(found: list[Finding]) -> None:
    """A character that is not white space is covered exactly if it was, by the best finding over it."""
    resolved = resolve(found, TEXT)
    for at, char in enumerate(TEXT):
        if not char.isspace():
            assert owner(resolved, at) == owner(found, at)


@given(MANY)
def test_pieces_are_apart_sorted_and_trimmed(found: list[Finding]) -> None:
    """The pieces do not overlap, come in order, and neither begin nor end with white space."""
    resolved = resolve(found, TEXT)
    for piece in resolved:
        assert TEXT[piece.start : piece.end] == TEXT[piece.start : piece.end].strip() != ""
    assert all(a.end <= b.start for a, b in pairwise(resolved))


@given(MANY, st.randoms(use_true_random=False))
def test_order_does_not_matter(found: list[Finding], random: object) -> None:
    """Any order of findings resolves alike, and so do their resolved pieces."""
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert resolve(shuffled, TEXT) == resolve(found, TEXT)
    assert resolve(resolve(found, TEXT), TEXT) == resolve(found, TEXT)


@given(MANY, st.integers(0, len(TEXT)))
def test_what_ends_before_a_cut_does_not_see_what_starts_after(found: list[Finding], cut: int) -> None:
    """Findings that no cut goes through resolve on both sides as they do together."""
    left = [f for f in found if f.end <= cut]
    right = [f for f in found if f.start >= cut]
    assert resolve(left + right, TEXT) == resolve(left, TEXT) + resolve(right, TEXT)

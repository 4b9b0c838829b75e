"""Scores mean what the README says they mean."""

import math

from hypothesis import given
from hypothesis import strategies as st

from detectors.detector import Finding
from detectors.evaluate import evaluate
from detectors.evaluation.documents import Document, LabelMap, Span

TEXT = "Anna lives in 12 High Street, Leeds. " * 3


def gold(*spans: tuple[int, int, str]) -> Document:
    return Document(TEXT, tuple(Span(*s) for s in spans))


def found(*spans: tuple[int, int, str], score: float = 1.0) -> list[Finding]:
    return [Finding(start, end, entity, score, "test") for start, end, entity in spans]


def test_a_perfect_answer_scores_one_everywhere() -> None:
    """What equals the gold has precision and recall 1 and leaks nothing."""
    report = evaluate([gold((0, 4, "PERSON"), (14, 35, "ADDRESS"))], [found((0, 4, "PERSON"), (14, 35, "ADDRESS"))])
    for row in report.rows:
        for scores in (row.exact, row.iou50, row.iou75, row.characters):
            assert (scores.precision.value, scores.recall.value, scores.f2.value) == (1, 1, 1)
        assert row.leaked.value == 0
        assert row.alarms.value == 0


def test_thresholds_are_on_intersection_over_union() -> None:
    """6 of 10 characters pass at .5 and not at .75."""
    row = evaluate([gold((0, 10, "A"))], [found((0, 6, "A"))]).row("A")
    assert (row.exact.hits, row.iou50.hits, row.iou75.hits, row.characters.hits) == (0, 1, 0, 6)
    assert math.isclose(row.leaked.value, 0.4)


def test_the_wrong_class_is_no_hit_but_no_leak_either() -> None:
    """A name redacted as a place is a miss and a false find, yet nothing leaks and nothing clean was touched."""
    report = evaluate([gold((0, 4, "PERSON"))], [found((0, 4, "LOCATION"))])
    assert report.row("PERSON").iou50.recall.value == 0
    assert report.row("LOCATION").iou50.precision.value == 0
    assert report.row("PERSON").leaked.value == 0
    assert report.row("LOCATION").alarms.value == 0
    assert report.untyped.exact.f1.value == 1


def test_one_prediction_serves_one_gold_span() -> None:
    """A prediction over two gold spans can be right about one of them only."""
    row = evaluate([gold((0, 10, "A"), (10, 20, "A"))], [found((0, 19, "A"))]).row("A")
    assert row.iou50.hits == 1


def test_the_better_of_two_rivals_wins() -> None:
    """Overlapping predictions of one gold span: one hit, one false find."""
    row = evaluate([gold((0, 10, "A"))], [found((0, 9, "A"), (1, 11, "A"))]).row("A")
    assert (row.iou50.hits, row.iou50.predicted) == (1, 2)
    assert row.iou75.hits == 1


def test_equal_and_contained_spans_count_once() -> None:
    """Two detectors that find the same thing do not lower precision."""
    row = evaluate([gold((0, 10, "A"))], [found((0, 10, "A"), (0, 10, "A"), (2, 5, "A"))]).row("A")
    assert (row.exact.hits, row.exact.predicted) == (1, 1)


def test_labels_are_mapped_on_both_sides_and_null_leaves_out() -> None:
    """Vocabularies differ; a label mapped to null is not scored on that side."""
    labels = LabelMap({"PER": "PERSON", "MISC": None}, {"NAME": "PERSON", "URL": None})
    report = evaluate([gold((0, 4, "PER"), (5, 9, "MISC"))], [found((0, 4, "NAME"), (20, 25, "URL"))], labels)
    assert [row.name for row in report.classes] == ["PERSON"]
    assert report.overall.exact.f1.value == 1


def test_adjacent_pieces_are_joined_only_where_asked() -> None:
    """'12 High Street, Leeds' in two pieces equals the whole when the class is joined."""
    documents, predictions = [gold((14, 35, "ADDRESS"))], [found((14, 28, "ADDRESS"), (30, 35, "ADDRESS"))]
    assert evaluate(documents, predictions).row("ADDRESS").exact.hits == 0
    assert evaluate(documents, predictions, join=("ADDRESS",)).row("ADDRESS").exact.hits == 1


def test_a_low_score_is_left_out() -> None:
    """`least_score` is the threshold of the policy."""
    report = evaluate([gold((0, 4, "A"))], [found((0, 4, "A"), score=0.3)], least_score=0.5)
    assert report.row("A").iou50.predicted == 0


def test_intervals_are_seeded_and_hold_the_value() -> None:
    """Same seed, same interval; more documents, a narrower one."""
    one = [gold((0, 4, "A")), gold((0, 4, "A")), gold((0, 4, "A"))]
    answers = [found((0, 4, "A")), found((0, 4, "A")), found()]
    first, again = evaluate(one, answers), evaluate(one, answers)
    assert first.to_json() == again.to_json()
    recall = first.row("A").iou50.recall
    many = evaluate(one * 100, answers * 100).row("A").iou50.recall
    assert recall.low <= recall.value <= recall.high
    assert many.high - many.low < recall.high - recall.low


Spans = list[tuple[int, int, str]]

spans = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20), st.sampled_from("AB")).map(lambda t: (t[0], t[0] + t[1], t[2])),
    max_size=6,
)


def characters(side: Spans, label: str = "AB") -> set[int]:
    return {i for start, end, name in side if name in label for i in range(start, end)}


@given(st.lists(st.tuples(spans, spans), min_size=1, max_size=4))
def test_character_counts_equal_plain_sets(
    pairs: list[tuple[Spans, Spans]],
) -> None:
    """The vectorised sweep counts what sets of characters count."""
    report = evaluate([gold(*g) for g, _ in pairs], [found(*p) for _, p in pairs], resamples=2)
    for row in report.classes:
        wanted = [characters(g, row.name) for g, _ in pairs]
        got = [characters(p, row.name) for _, p in pairs]
        assert row.characters.gold == sum(map(len, wanted))
        assert row.characters.hits == sum(len(w & g) for w, g in zip(wanted, got, strict=True))
        leaked = sum(len(w - characters(p)) for w, (_, p) in zip(wanted, pairs, strict=True))
        if row.characters.gold:
            assert math.isclose(row.leaked.value, leaked / row.characters.gold, abs_tol=1e-6)


@given(st.lists(st.tuples(spans, spans), min_size=1, max_size=4))
def test_hits_are_one_to_one(pairs: list[tuple[Spans, Spans]]) -> None:
    """No more hits than spans on either side; a stricter threshold never has more hits."""
    report = evaluate([gold(*g) for g, _ in pairs], [found(*p) for _, p in pairs], resamples=2)
    for row in (*report.classes, report.untyped):
        assert row.exact.hits <= row.iou75.hits <= row.iou50.hits <= min(row.iou50.gold, row.iou50.predicted)

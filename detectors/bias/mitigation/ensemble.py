"""Lever L2: ask for every group and answer with what they have in common.

The variants depend only on the text's slots (`blinding.variants`), and the
aggregate treats them alike, so the decision cannot depend on which of them the
caller sent. For a deterministic backend the gap is exactly zero. The price is one
call per variant. Free text has no average: this lever is for parsed decisions.
"""

from collections import Counter
from collections.abc import Sequence

from detectors.bias.outcome import Outcome, OutcomeKind


def aggregate(outcomes: Sequence[Outcome], on_tie: Outcome, fewest: int = 2) -> Outcome:
    """Return the one outcome of a decision that was asked for several groups.

    Choices are decided by majority; `on_tie` is returned for a tie (a declared
    option, or unparsed, which sends the decision to a person). Numbers give the
    mean. Fewer than `fewest` parsed answers, or answers of different kinds, give
    unparsed: half an ensemble guarantees nothing. The order does not matter.
    """
    parsed = [outcome for outcome in outcomes if outcome.kind.parsed]
    kinds = {outcome.kind for outcome in parsed}
    if len(parsed) < max(fewest, 1) or len(parsed) < len(outcomes) or len(kinds) != 1:
        return Outcome(OutcomeKind.REFUSAL if _mostly_refused(outcomes) else OutcomeKind.UNPARSED)
    kind = kinds.pop()
    if kind is OutcomeKind.NUMBER:
        # Sorted, because floating-point sums depend on their order and the aggregate must not.
        values = sorted(outcome.value for outcome in parsed if outcome.value is not None)
        return Outcome(OutcomeKind.NUMBER, sum(values) / len(values))
    if kind is OutcomeKind.RANKING:
        raise ValueError("rankings are aggregated by shuffling the candidates (mitigation/shuffle.py), not by ensemble")
    votes = Counter((outcome.label, outcome.value) for outcome in parsed)
    (first, most), *rest = votes.most_common()
    if rest and rest[0][1] == most:
        return on_tie
    return Outcome(OutcomeKind.CHOICE, first[1], first[0])


def _mostly_refused(outcomes: Sequence[Outcome]) -> bool:
    return 2 * sum(outcome.kind is OutcomeKind.REFUSAL for outcome in outcomes) > len(outcomes)

"""Tokens at the end of a text that are clear of every name, however the text goes on.

A token's scores need the network's whole field; that it is no part of a name is
known earlier: from the gate that it fails on, which sees fewer tokens. The rules
look to the right, too, but only from a number, a name of theirs, or a word with
which a street may begin. Any other word is *quiet* as soon as its gate has closed:
in a stream it leaves then, and not six words later.
"""

from collections.abc import Sequence
from typing import Final

from detectors.ner import peoples, rules, streets
from detectors.ner.network import SIGHT, Scores
from detectors.ner.tokens import Tokens

_JOINS: Final = frozenset("-_")


def quiet_end(tokens: Tokens, scores: Scores, first: int, final: int) -> int:
    """Return the end of the quiet tokens that begin at `first`; tokens before `final` are cut as in every continuation.

    Of what rules find from a token before `first`, nothing may be open any more.
    """
    passed = scores.passed[first:final].tolist()
    for at, gates in enumerate(passed, first):
        if at + SIGHT[gates] >= final or not _is_plain(tokens.keys, at, final):
            return at
    return max(first, final)


def _is_plain(keys: Sequence[str], at: int, final: int) -> bool:
    """Whether no rule finds anything that begins with token `at`, whatever comes from token `final` on."""
    word, last = keys[at].strip(" "), at
    if not any(map(str.isalnum, word)):
        return True
    while last + 1 < final and (keys[last + 1][0] in _JOINS or keys[last + 1][0].isalnum()):
        last += 1
    return (
        word.isalpha()
        and last + 1 < final
        and not rules.is_marked(keys[at])
        and word not in peoples.FIRST_PARTS
        and not streets.may_begin(word, keys[last], keys[last + 1])
    )

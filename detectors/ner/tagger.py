"""The detector of names, places, organisations, addresses and dates: tokens, network, rules, decoding."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from detectors.detector import Finding
from detectors.escapes import after_escape
from detectors.ner import decode, machine, rules
from detectors.ner.ages import ages
from detectors.ner.companies import companies
from detectors.ner.features import digest32
from detectors.ner.network import FIELD, TagNetwork
from detectors.ner.peoples import LEADS, LOWERED, adjectives, peoples
from detectors.ner.quiet import quiet_end
from detectors.ner.recall import Recall
from detectors.ner.streets import streets
from detectors.ner.suspects import suspects
from detectors.ner.tokens import TOKEN_SPAN, Tokens, cut

WEIGHTS: Final = Path(__file__).with_name("weights.npz")
_RULES_SEE = 3  # tokens: tags that rules look at before what they find
_SIGHT = (FIELD + _RULES_SEE + 1) * TOKEN_SPAN
_RULE_SPAN = 64  # characters; no date is longer
_TAILS = (240, 720)  # characters that `settled` looks at first
_LAST_TAIL = 2 * (decode.REACH + _SIGHT)
_BORDERS = " <>\"'()[]{},;|\n"
_PLACELIKE = frozenset({"LOCATION", "MISC"})
_ARTICLES = frozenset({"a", "an"})
_DROPPED = frozenset({"MISC"})
_LEAST = 0.35


class Tagger:
    """Finds names with a small local network, and dates, ages and handles by rule.

    Raises `ModelDamaged` (a `DetectorFailure`) when built without its weights.
    """

    name = "ner"
    entities: frozenset[str] = frozenset(
        {"PERSON", "LOCATION", "ORGANIZATION", "ADDRESS", "DATE_TIME", "NRP", "AGE", "TITLE", "USERNAME"}
    )
    reach = decode.REACH
    context = decode.REACH + _SIGHT
    lookahead = decode.REACH + _SIGHT

    def __init__(self, weights: Path = WEIGHTS, least: float = _LEAST) -> None:
        """`least` is the probability from which a token counts as part of a name."""
        self._network = TagNetwork(weights)
        self._recall = Recall(self._network)
        self._least = least

    def detect(self, texts: Sequence[str]) -> list[list[Finding]]:
        """Return the findings of each text, in ascending order, without overlaps."""
        cuts = cut(texts)
        scores = self._recall.grown(cuts[0].keys) if len(cuts) == 1 else None
        if scores is None:
            scores = self._network.scores([tokens.keys for tokens in cuts])
        found = []
        for text, tokens, tags in zip(texts, cuts, decode.tag(scores, cuts, self._least), strict=True):
            found.append(sorted(self._findings(text, tokens, tags), key=lambda f: (f.start, f.end)))
        return found

    def _findings(self, text: str, tokens: Tokens, tags: decode.Tags) -> Iterator[Finding]:
        starts, ends = tokens.starts, tokens.ends
        for start, end, entity, score in _by_rule(text, tokens, tags):
            yield Finding(start, end, entity, score, self.name)
        for run in decode.runs(tags, tokens):
            label = (
                "NRP"
                if run.label in _PLACELIKE and self._is_nationality(tokens.keys[run.first : run.last + 1])
                else run.label
            )
            if label not in _DROPPED and _plausible(label, tokens.keys[run.first : run.last + 1]):
                start, end = after_escape(text, starts[run.first]), ends[run.last]
                if not machine.is_identifier(text, start, end, label):
                    yield Finding(start, end, label, run.share, self.name)

    def suspects(self, text: str) -> list[tuple[int, int]]:
        """Return where a person's name may stand, likely or not (`suspects.py`), as offsets in ascending order."""
        (tokens,) = cut([text])
        (tags,) = decode.tag(self._network.scores([tokens.keys]), [tokens], self._least)
        return list(suspects(text, tokens, tags.mass, self._network.words))

    def _is_nationality(self, keys: Sequence[str]) -> bool:
        """Whether all words are nationalities or beliefs: what the training texts call a place or leave out."""
        words = [key.strip().lower() for key in keys]
        known = self._network.nationalities
        return words[-1] not in LEADS and all(
            word in LEADS or word in LOWERED or digest32(word) in known for word in words
        )

    def settled(self, text: str) -> int:
        """Return how many leading characters no continuation can change: all but the open run and its sight."""
        for size in _TAILS:
            if len(text) <= size:
                break
            offset = _tail(text, size)
            position = self._settled(text[offset:], whole=False)
            if position is not None:
                return offset + position
        offset = max(0, len(text) - _LAST_TAIL)
        position = self._settled(text[offset:], whole=offset == 0)
        return offset if position is None else offset + position

    def _settled(self, text: str, whole: bool) -> int | None:
        """Return the position for the tail of a text, or None when the tail is too short to tell."""
        (tokens,) = cut([text])
        keys, starts = tokens.keys, tokens.starts
        known = 0 if whole else _first_known(tokens)  # tokens from it on are tagged as in the whole text
        whole_cut = _last_chunk(keys)  # tokens before it are cut as in every continuation
        final = max(0, whole_cut - FIELD)  # tokens before it have their last tag
        if final <= known and not whole:
            return None
        scores = self._recall.growing(keys)
        (tags,) = decode.tag(scores, [tokens], self._least)
        list(_by_rule(text, tokens, tags))
        limit = min(quiet_end(tokens, scores, final, whole_cut), rules.open_date(tokens))
        at = _before_open(tokens, tags, known, limit, final)
        if at < limit and tokens.ends[limit - 1] - starts[at] > decode.REACH:
            return starts[limit]  # no name, however it goes on: its tokens are reported one by one
        if at <= known and not whole:
            return None
        return starts[at] if starts else 0


def _before_open(tokens: Tokens, tags: decode.Tags, known: int, limit: int, final: int) -> int:
    """Return the last token up to `limit` before which no name is open; those before `final` have their last tag."""
    at = open_ = limit
    if at > 1 and tokens.keys[at - 1] in decode.GLUE and at - 2 in tags.mass:
        at = open_ = limit - 1  # what follows such a sign decides whether an address goes on through it
    while at > known and tags.inside[at - 1] and not (at < final and tags.begins[at] and at < open_):
        at -= 1
    return at


def _plausible(label: str, keys: Sequence[str]) -> bool:
    """Whether a run can be what it was taken for: years near ours, no bare `months`, names with letters."""
    bodies = [key.strip() for key in keys]
    if label == "DATE_TIME" and len(bodies) == 1 and bodies[0].isdecimal():
        return len(bodies[0]) == 4 and "1900" <= bodies[0] <= "2039"
    if label == "DATE_TIME":
        return any(b.isdecimal() or (b[:1].isupper() and len(b) > 2) for b in bodies) or any(
            map(rules.is_calendar, keys)
        )
    if label == "ADDRESS":
        return any(len(body) > 1 and body.isalpha() for body in bodies) or sum(map(len, bodies)) > 3
    if label == "PERSON" and len(bodies) == 1 and len(bodies[0]) == 1 and bodies[0].islower():
        return False  # a letter of a formula, a list or a plural
    return any(body[:1].isalpha() for body in bodies)


def _by_rule(text: str, tokens: Tokens, tags: decode.Tags) -> Iterator[tuple[int, int, str, float]]:
    """Yield what rules find, and take its tokens away from the network."""
    keys, starts, ends = tokens.keys, tokens.starts, tokens.ends
    marked = rules.marked(keys)
    for start, end in rules.dates(text, tokens, marked):
        for i in range(bisect_right(ends, start), bisect_left(starts, end)):
            tags.inside[i] = False
        yield start, end, "DATE_TIME", 0.9
    for first, last in rules.titles(keys, marked):
        tags.inside[first] = tags.inside[last] = False
        yield starts[first], ends[last], "TITLE", 0.6
    for i in companies(keys, marked, tags.is_person, tags.is_place):
        decode.mark_company(tags, i)
    for first, last in streets(text, tokens) if tokens.numbers else ():
        decode.mark_address(tags, keys, first, last)
    for first, last in rules.postcodes(text, tokens):
        decode.mark_address(tags, keys, first, last)
    for i in peoples(keys, marked):
        if not decode.within(tags, i):
            decode.mark_people(tags, i)
    for first, last in adjectives(keys, marked):
        some = first == last and first > 0 and keys[first - 1].strip().lower() in _ARTICLES
        if not (tags.inside[first] or tags.inside[last]) or (some and not decode.within(tags, first)):
            decode.mark_people(tags, first)
            if first < last:
                decode.mark_people(tags, last)
                tags.begins[last] = False
    for entity, score, places in (
        ("AGE", 0.7, ages(tokens, tags.is_person) if tokens.numbers else ()),
        ("USERNAME", 0.5, rules.handles(keys) if "@" in text else ()),
    ):
        for i in places:
            tags.inside[i] = False
            yield starts[i], ends[i], entity, score


def _tail(text: str, size: int) -> int:
    """Return where a tail of at least `size` characters begins: at one place while the text grows by a sentence or so.

    What begins at the same word is cut and scored as it was before.
    """
    end = len(text) - size
    place = max(text.rfind(mark, max(0, end - size), end) for mark in (". ", "\n", ", "))
    return place + 1 if place >= 0 else end


def _first_known(tokens: Tokens) -> int:
    """Return the first token of a tail that is cut and tagged as in the whole text."""
    at = 1
    while at < len(tokens.keys) and not _opens_chunk(tokens.keys, at):
        at += 1
    return max(at + FIELD + _RULES_SEE, bisect_left(tokens.starts, _RULE_SPAN))


def _last_chunk(keys: Sequence[str]) -> int:
    """Return the index of the first token that a continuation may cut differently."""
    at = len(keys) - 1
    while at > 0 and not _opens_chunk(keys, at):
        at -= 1
    return max(at, 0)


def _opens_chunk(keys: Sequence[str], at: int) -> bool:
    return keys[at][0] in _BORDERS or keys[at - 1][-1] in _BORDERS or keys[at].isspace() or keys[at - 1].isspace()


def build() -> Tagger:
    """Build the tagger with the weights of the package (for `detectors.catalog`)."""
    return Tagger()

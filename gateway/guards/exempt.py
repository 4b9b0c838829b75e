"""What a table exempts, looked at by rule: identifiers, words of the format, signed values, the request's head.

A shape keeps prose out of such a place, and not a key or a card number that is written like an identifier. What is
found there cannot be rewritten: an identifier would no longer match its twin, and a signature its text. So the
request is refused. Only detectors that go by forms and checksums are asked, and only for what somebody owns
(`detectors.entities.OWNED`): machines, times and words stand in identifiers by right.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from detectors.catalog import by_rule
from detectors.detector import Finding
from detectors.entities import OWNED, SECRETS, TAGS
from detectors.normalize.encoded import decoded
from gateway.core.content import MEDIA, STATE
from gateway.core.decision import Action, Decision, Direction, Enforcement, GuardName, Reason
from gateway.core.exchange import Exchange
from gateway.core.media import place, words
from gateway.core.passing import references
from gateway.core.payload import Kind, Leaf, Path, telling
from gateway.core.plan import ContentRuling
from gateway.core.tally import Rulebook, Tally
from gateway.ports import DetectorPool

_APART: Final = str.maketrans("_", " ")
_BETWEEN: Final = re.compile(r"(?:\A|_)[0-9][0-9-]{7,30}(?:_|\Z)")
"""A number between low lines, which part an identifier's words and are letters to a detector: it is read again."""

_NUMBERS: Final = frozenset({"financial", "government-id"})
"""Tags of what counts when only so read: a telephone number after ``call_`` would be any number."""

_TIME: Final = re.compile(r"1[0-9]{12}(?:[0-9]{3}){0,2}")
"""A time in milli-, micro- or nanoseconds, by which many a client numbers its calls, and by chance a card's number."""

_UUID: Final = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Fa-f])")


@dataclass(frozen=True, slots=True)
class ExemptRuling:
    """What was decided on the exempt strings of a request: a decision, and a sentence of ours if it is a denial."""

    decision: Decision
    detail: str = ""


async def judge(exchange: Exchange, found: Sequence[Leaf], rules: Rulebook, pool: DetectorPool) -> ExemptRuling | None:
    """Rule on the exempt strings among a request's leaves; None where no rule minds them. Raises `DependencyError`."""
    strings = [*_strings(exchange, found)]
    detectors = tuple(key for key in exchange.plan.detectors if by_rule(key))
    if not strings or not detectors:
        return None
    texts = [*dict.fromkeys(text for _, text in strings)]
    again = [text for text in texts if _BETWEEN.search(text)]
    seen = await pool.detect(detectors, [*texts, *(text.translate(_APART) for text in again)], whole=True)
    if not any(seen):
        return None
    apart = dict(zip(again, seen[len(texts) :], strict=True))
    findings = {text: _owned(text, those, apart.get(text, ())) for text, those in zip(texts, seen, strict=False)}
    tally, where = Tally(), None
    for at, text in strings:
        for finding in findings[text]:
            tally.weigh(rules, finding)
        if tally.action is not Action.ALLOW:
            return _ruling(exchange, tally, at)
        if where is None and tally.would is not Action.ALLOW:
            where = at
    return None if where is None else _ruling(exchange, tally, where)


def _strings(exchange: Exchange, found: Sequence[Leaf]) -> Iterator[tuple[Path | str, str]]:
    """Yield where the exempt strings stand, and them."""
    rulings = exchange.plan.opaque
    looked = MEDIA.ruling(rulings) in (ContentRuling.INSPECT, ContentRuling.PASS)
    passing = STATE.ruling(rulings) is ContentRuling.PASS
    for leaf in found:
        if leaf.mark.kind is Kind.OPAQUE and telling(leaf.text):
            yield leaf.path, leaf.text
        elif passing and leaf.mark.kind is Kind.STATE:
            yield from ((one.path, one.text) for one in references(exchange.payload, leaf) if telling(one.text))
        elif looked and leaf.mark.kind is Kind.MEDIA:
            yield from ((word.path, word.text) for word in words(exchange.payload, leaf))
    head = (("path", exchange.params.items()), ("query", exchange.query), ("headers", exchange.headers.items()))
    for what, values in head:
        for name, text in values:
            if telling(text):
                yield f"{name} in the {what}", text


def _owned(text: str, seen: Sequence[Finding], apart: Sequence[Finding]) -> list[Finding]:
    """Return what counts of the findings in a string, and in its words apart: each place and entity once."""
    ids = [match.span() for match in _UUID.finditer(text)]
    ids += [(f.start, f.end) for f in (*seen, *apart) if _TIME.fullmatch(text, f.start, f.end)]
    counting = [f for f in apart if TAGS.get(f.entity, frozenset()) & _NUMBERS]
    counting += [f for f in seen if f.entity in SECRETS or _is_whole(text, f)]
    spans = {(f.start, f.end, f.entity): f for f in counting if f.entity in OWNED}
    return [f for f in spans.values() if not any(start <= f.start and f.end <= end for start, end in ids)]


def _is_whole(text: str, finding: Finding) -> bool:
    """Tell whether a number stands by itself and has no small letters, or is encoded in base64 or hexadecimal.

    Pieces of random identifiers, and small letters and digits at random, are somebody's code by chance.
    """
    start, end = finding.start, finding.end
    if any(map(str.isalnum, text[max(0, start - 1) : start] + text[end : end + 1])):
        return False
    small = any(map(str.islower, text[start:end]))
    return not small or any(view.start <= start and end <= view.end for view in decoded(text))


def _ruling(exchange: Exchange, tally: Tally, where: Path | str) -> ExemptRuling:
    denied = tally.action is not Action.ALLOW
    decision = Decision(
        guard=GuardName.INSPECT,
        action=Action.DENY if denied else Action.ALLOW,
        reason=Reason.IDENTIFIER_DENIED,
        direction=Direction.REQUEST,
        rule=tally.rule if denied else tally.would_rule,
        enforcement=Enforcement.ENFORCE if denied else tally.enforcement,
        revision=exchange.plan.revision,
        would_action=Action.DENY,
        evidence={f"findings.{entity}": count for entity, count in sorted(tally.found.items())},
    )
    if not denied:
        return ExemptRuling(decision)
    at = where if isinstance(where, str) else place(where, exchange.endpoint.request)  # no word of the user's
    detail = (
        f"the request holds {', '.join(sorted(tally.found))} at {at}, where an identifier, a word of the format or "
        f"a signed value stands, which cannot be rewritten: the policy's rule {tally.rule} does not let it pass; send "
        "another one there, or change spec.inspect.rules"
    )
    return ExemptRuling(decision, detail)

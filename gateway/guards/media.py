"""Media under ``spec.content.media: inspect``: read apart, judged by the same detectors and rules as any text.

Bytes are never rewritten. So media pass as they came, or the exchange is refused: when a rule would rewrite or deny
something in them, and when they cannot be read.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

from detectors.detector import Place
from gateway.aside import aside
from gateway.core.decision import Action, Decision, Direction, Enforcement, GuardName, Reason
from gateway.core.media import WHY, Source, Unreadable
from gateway.core.payload import TEXT, Leaf
from gateway.core.places import meant_at
from gateway.core.plan import Plan
from gateway.core.redact import Redactor
from gateway.core.stretch import said
from gateway.core.tally import INJECTION, Tally
from gateway.guards.whole import WholeTexts
from gateway.ports import DetectorPool, MediaReader


@dataclass(frozen=True, slots=True)
class MediaRuling:
    """What was decided on some media: a decision, and a sentence of ours if it is a denial."""

    decision: Decision
    detail: str = ""


class Media:
    """Judges media: `read` what they say, then see what the rules make of it."""

    def __init__(self, reader: MediaReader, pool: DetectorPool) -> None:
        self._reader = reader
        self._pool = pool

    async def judge(
        self, plan: Plan, sources: Sequence[Source], redactor: Callable[[], Redactor], direction: Direction
    ) -> MediaRuling:
        """Rule on the sources; `redactor` makes one of the exchange's direction. Raises `DependencyError`."""
        verdict = _Verdict(plan, direction, len(sources))
        detectors = meant_at(plan.detectors, Place.DOCUMENT if direction is Direction.REQUEST else Place.ANSWER)
        readings = await self._readings(sources)
        for source, reading in zip(sources, readings, strict=True):
            if isinstance(reading, Unreadable) and not (source.optional and reading is Unreadable.UNKNOWN):
                return verdict.unreadable(source.place, reading)
        for source, reading in zip(sources, readings, strict=True):
            if isinstance(reading, Unreadable):
                continue
            size = sum(map(len, reading))
            judging = redactor()
            texts = await aside(size, WholeTexts, judging, [Leaf((), text, TEXT) for text in reading])
            findings = await self._pool.detect(detectors, [q.text for q in texts.questions], whole=True)
            told = await aside(size, texts.released, findings)
            changed = direction is Direction.REQUEST and [said(stretches) for stretches in told] != list(reading)
            verdict.add(source.place, judging.tally, changed)
        return verdict.ruling()

    async def _readings(self, sources: Sequence[Source]) -> list[tuple[str, ...] | Unreadable]:
        """Return what each source says. Nothing is read when one of them has no bytes."""
        without = [source.data for source in sources if isinstance(source.data, Unreadable)]
        if without:
            return [source.data if isinstance(source.data, Unreadable) else () for source in sources]
        return list(await self._reader.read([data for source in sources if isinstance(data := source.data, bytes)]))


class JudgeMedia(Protocol):
    """Rules on media of an answer."""

    async def __call__(self, *, sources: Sequence[Source], direction: Direction) -> MediaRuling: ...


class SeenMedia:
    """The media of one answer. A stream repeats them: each is read once."""

    def __init__(self, judge: JudgeMedia) -> None:
        self._judge = judge
        self._seen: set[bytes | Unreadable] = set()
        self._ruled: list[MediaRuling] = []

    async def see(self, sources: Sequence[Source]) -> None:
        """Judge those that are new. Raises `DependencyError`."""
        new = {digest: source for source in sources if (digest := _digest(source)) not in self._seen}
        if new:
            self._ruled.append(await self._judge(sources=list(new.values()), direction=Direction.RESPONSE))
            self._seen.update(new)

    @property
    def denied(self) -> bool:
        """Whether some must not go out."""
        return any(ruling.decision.action is Action.DENY for ruling in self._ruled)

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What was decided on all of them."""
        return tuple(ruling.decision for ruling in self._ruled)

    @property
    def detail(self) -> str:
        """The sentence of the denial, "" for none."""
        return "".join(ruling.detail for ruling in self._ruled)


def _digest(source: Source) -> bytes | Unreadable:
    """Return what tells a source from others; why there are no bytes is never taken for bytes that spell it."""
    return sha256(source.data).digest() if isinstance(source.data, bytes) else source.data


@dataclass(slots=True)
class _Verdict:
    """Sums up the tallies of several sources; the first that must not pass gives the reason."""

    plan: Plan
    direction: Direction
    parts: int
    found: Counter[str] = field(default_factory=Counter)
    action: Action = Action.ALLOW
    would: Action = Action.ALLOW
    rule: str = ""
    enforcement: Enforcement = Enforcement.ENFORCE
    entity: str = ""
    detail: str = ""

    def add(self, place: str, tally: Tally, changed: bool) -> None:
        """Count what was found in one source."""
        self.found.update(tally.found)
        acts = changed or tally.action is not Action.ALLOW
        if acts and self.action is Action.ALLOW:
            self.action = self.would = Action.DENY
            self.rule, self.entity, self.enforcement = tally.rule, tally.entity, Enforcement.ENFORCE
            self.detail = self._said(place, tally)
        elif tally.would is not Action.ALLOW and self.would is Action.ALLOW:
            self.would = Action.DENY
            self.rule, self.entity, self.enforcement = tally.would_rule, tally.entity, tally.enforcement

    def _said(self, place: str, tally: Tally) -> str:
        found = ", ".join(sorted(tally.found)) or "a value that is replaced elsewhere in the request"
        rule = f"the policy's rule {tally.rule}" if tally.rule else "the policy"
        what = "request" if self.direction is Direction.REQUEST else "answer"
        return (
            f"the {what} holds media at {place} in which {rule} does not let pass: {found}; media are not "
            "rewritten: take it out there, send the text itself, or change spec.inspect.rules"
        )

    def ruling(self) -> MediaRuling:
        """Return the decision on everything counted."""
        reason = Reason.MEDIA_INSPECTED
        if self.would is not Action.ALLOW:
            reason = Reason.INJECTION_DENIED if self.entity in INJECTION else Reason.MEDIA_DENIED
        evidence: dict[str, int | float] = {"parts": self.parts}
        evidence |= {f"findings.{entity}": count for entity, count in sorted(self.found.items())}
        return MediaRuling(self._decision(reason, evidence), self.detail)

    def unreadable(self, place: str, why: Unreadable) -> MediaRuling:
        """Return the refusal of media that cannot be read."""
        self.action = self.would = Action.DENY
        what = "request" if self.direction is Direction.REQUEST else "answer"
        detail = (
            f"the {what} holds media at {place} that cannot be inspected: it {WHY[why]}; send it in another form, or "
            "change the policy's spec.content.media (now inspect)"
        )
        return MediaRuling(self._decision(Reason.MEDIA_UNREADABLE, {f"unreadable.{why}": 1}), detail)

    def _decision(self, reason: Reason, evidence: dict[str, int | float]) -> Decision:
        return Decision(
            guard=GuardName.INSPECT,
            action=self.action,
            reason=reason,
            direction=self.direction,
            rule=self.rule,
            enforcement=self.enforcement,
            revision=self.plan.revision,
            would_action=self.would,
            evidence=evidence,
        )

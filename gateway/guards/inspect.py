"""The guard that looks at every text, in both directions.

On the way in it rewrites the payload: every leaf is a whole text, all are
looked at first, then all are rewritten, so that a value is replaced wherever it
stands. On the way out it makes the `Answer` that the relay feeds, and says at
its end what was decided.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from detectors.detector import Finding, Place
from detectors.injection import canary
from gateway.aside import aside
from gateway.core.answer import Answer
from gateway.core.decision import Action, Decision, Direction, Enforcement, GuardName, Reason
from gateway.core.exchange import Exchange, Ruling
from gateway.core.jsonvalue import Json
from gateway.core.media import request_leaves
from gateway.core.offsets import backward, forward
from gateway.core.passing import apart, texts_of
from gateway.core.payload import Gone, Kind, Leaf, Path, TooDeep, plain_keys, substitute
from gateway.core.places import grouped, meant_at, places
from gateway.core.plan import Plan
from gateway.core.pseudonym import Ledger
from gateway.core.redact import Operators, Redactor
from gateway.core.shifts import Shifts
from gateway.core.stretch import Stretch, said
from gateway.core.tally import Rulebook, rulebook
from gateway.core.window import Question
from gateway.errors import DependencyError, RequestError
from gateway.guards import exempt
from gateway.guards.authorize import judge
from gateway.guards.content import contents, noting
from gateway.guards.media import JudgeMedia, Media, MediaRuling, SeenMedia
from gateway.guards.seams import across
from gateway.guards.whole import WholeTexts
from gateway.ports import DetectorPool, MediaReader

_PROSE = frozenset({"content", "text", "system"})
"""Members that hold a system prompt's text. Not the ``instructions`` of a response, which its answer repeats."""


class Inspect:
    """Detects, rewrites, and decides. `key` makes the pseudonyms."""

    def __init__(self, pool: DetectorPool, operators: Operators, key: bytes, reader: MediaReader) -> None:
        self._pool = pool
        self._media = Media(reader, pool)
        self._operators = operators
        self._key = key
        self._books: dict[tuple[str, Direction], Rulebook] = {}

    async def __call__(self, exchange: Exchange) -> Ruling:
        """Judge and rewrite the request."""
        assert exchange.principal is not None
        plan = exchange.plan
        exchange = replace(exchange, ledger=Ledger(self._key, exchange.principal.tenant))
        try:
            found = await aside(exchange.size, request_leaves, exchange.payload, exchange.endpoint.request)
        except TooDeep:
            raise RequestError(400, Reason.BODY_TOO_DEEP, "the body is nested more than 64 levels deep") from None
        content = contents(plan, found, exchange.endpoint.stateful)
        if content.denial is not None:
            return Ruling((content.denial,), exchange, status=400, detail=content.detail)
        taken = partial(apart, exchange.payload, found, exchange.endpoint.request, plan.opaque)
        sources, left = await aside(exchange.size, taken)
        texts = texts_of(left)
        seen: tuple[MediaRuling, ...] = ()
        try:
            unread = await exempt.judge(exchange, found, self._book(plan, Direction.REQUEST), self._pool)
            if unread is not None and unread.decision.action is Action.DENY:
                return Ruling((unread.decision,), exchange, status=400, detail=unread.detail)
            offsets = [leaf for leaf in found if leaf.mark.kind is Kind.OFFSET]
            payload, documents, redactor = await self._rewrite(exchange, texts, offsets, content.removed)
            if sources and redactor.tally.action is not Action.DENY:
                seen = (await self._media.judge(plan, sources, partial(self._knowing, exchange), Direction.REQUEST),)
        except DependencyError as error:
            bare = replace(exchange, payload=substitute(exchange.payload, content.removed))
            return _undecided(bare, error, content.noted, unseen=bool(sources))
        decision = redactor.tally.decision(plan, Direction.REQUEST)
        detail = denial(redactor) if decision.action is Action.DENY else "".join(ruling.detail for ruling in seen)
        decisions = (decision, *content.noted, *(ruling.decision for ruling in seen))
        decisions += (unread.decision,) if unread is not None else ()
        return Ruling(decisions, replace(exchange, payload=payload, documents=documents), status=400, detail=detail)

    def _knowing(self, exchange: Exchange) -> Redactor:
        """Return a redactor for what is judged after the texts: it knows every value that was replaced in them."""
        redactor = self._redactor(exchange, Direction.REQUEST)
        redactor.learned()
        return redactor

    async def _rewrite(
        self, exchange: Exchange, found: Sequence[Leaf], offsets: Sequence[Leaf], removed: Mapping[Path, Gone]
    ) -> tuple[Json, Mapping[str, Shifts], Redactor]:
        redactor = self._redactor(exchange, Direction.REQUEST)
        texts = await aside(exchange.size, WholeTexts, redactor, found)
        assert exchange.ledger is not None
        exchange.ledger.hear(question.text for question in texts.questions)
        where = places(exchange.payload, exchange.endpoint.voices, found)
        findings = await self._found(exchange.plan, where, texts.spans, texts.questions)
        findings = await across(exchange.size, self._pool, exchange.plan, found, texts.spans, texts.questions, findings)
        planted = _prompt(found, where) if exchange.plan.canary else None

        def rewritten() -> tuple[Json, Mapping[str, Shifts]]:
            texts.learn(findings)
            redactor.learned()
            changes: dict[Path, Json | Gone] = dict(removed)
            changes |= redactor.renaming(plain_keys(exchange.payload, exchange.endpoint.request))
            moved: dict[Path, list[Stretch]] = {}
            for leaf, stretches in zip(found, texts.released(findings), strict=True):
                text = said(stretches)
                if text != leaf.text:
                    moved[leaf.path] = stretches
                if leaf is planted:
                    changes[leaf.path] = canary.plant(text, self._canary(exchange))
                elif text != leaf.text:
                    changes[leaf.path] = text
            given, endpoint = exchange.payload, exchange.endpoint
            documents = endpoint.documents(given) if endpoint.documents is not None else ()
            changes.update(forward(offsets, given, endpoint.unit, moved, documents))
            return substitute(given, changes), backward(documents, endpoint.unit, moved)

        return (*await aside(exchange.size, rewritten), redactor)

    def _canary(self, exchange: Exchange) -> str:
        assert exchange.principal is not None
        return canary.mint(self._key, exchange.principal.tenant)

    async def _found(
        self, plan: Plan, where: Sequence[Place], spans: Sequence[slice], questions: Sequence[Question]
    ) -> Sequence[Sequence[Finding]]:
        """Ask about each text the detectors that are meant for texts of its place."""
        asked = [Place.PROMPT] * len(questions)
        for place, span in zip(where, spans, strict=True):
            asked[span] = [place] * (span.stop - span.start)
        findings: list[Sequence[Finding]] = [()] * len(questions)
        for detectors, positions in grouped(plan.detectors, asked).items():
            texts = [questions[at].text for at in positions]
            for at, those in zip(positions, await self._pool.detect(detectors, texts, whole=True), strict=True):
                findings[at] = those
        return findings

    def answering(self, exchange: Exchange, *, streaming: bool, drop_surplus: bool) -> "Answering":
        """Return what inspects the answer to this exchange."""
        redactor = self._redactor(exchange, Direction.RESPONSE)
        plan, principal, dialect = exchange.plan, exchange.principal, exchange.dialect.name

        def usable(model: str) -> bool:
            return judge(plan, principal, dialect, model).decision.action is Action.ALLOW

        answer = Answer(
            exchange.endpoint,
            redactor,
            streaming=streaming,
            max_hold=exchange.plan.stream.max_hold,
            rulings=exchange.plan.opaque,
            drop_surplus=drop_surplus,
            usable=usable,
            query=dict(exchange.query),
            documents=exchange.documents,
        )
        seeing = partial(self._media.judge, plan, redactor=partial(self._redactor, exchange, Direction.RESPONSE))
        return Answering(answer, redactor, self._pool, meant_at(plan.detectors, Place.ANSWER), seeing)

    def _book(self, plan: Plan, direction: Direction) -> Rulebook:
        book = self._books.get((plan.revision, direction))
        if book is None:
            if len(self._books) > 16:  # plans that were swapped out long ago
                self._books.clear()
            book = self._books[(plan.revision, direction)] = rulebook(plan, direction)
        return book

    def _redactor(self, exchange: Exchange, direction: Direction) -> Redactor:
        plan = exchange.plan
        assert exchange.ledger is not None
        detectors = plan.detectors if direction is Direction.REQUEST else meant_at(plan.detectors, Place.ANSWER)
        planted = plan.canary and direction is Direction.RESPONSE
        return Redactor(
            direction,
            self._book(plan, direction),
            exchange.ledger,
            self._operators,
            self._pool.promise(detectors),
            learning=direction is Direction.REQUEST,
            own=(canary.CanaryDetector([self._canary(exchange)]),) if planted else (),
        )


def _prompt(found: Sequence[Leaf], where: Sequence[Place]) -> Leaf | None:
    """Return the last text of the system prompt, where a canary goes; None where there is none."""
    prose = (leaf for leaf, place in zip(found, where, strict=True) if place is Place.SYSTEM)
    return next((leaf for leaf in reversed([*prose]) if leaf.path[-1] in _PROSE), None)


class Answering:
    """An answer under inspection, and the guard that rules on it once it is over (or must end)."""

    def __init__(
        self, answer: Answer, redactor: Redactor, pool: DetectorPool, detectors: Sequence[str], media: JudgeMedia
    ) -> None:
        self.answer = answer
        self._media = SeenMedia(media)
        self._detectors = detectors
        self._redactor = redactor
        self._pool = pool
        self.failure: Reason | None = None

    @property
    def denied(self) -> bool:
        """Whether something was found that must not go out, or nothing can be decided any more."""
        return self._redactor.tally.action is Action.DENY or self.failure is not None or self._media.denied

    async def see(self) -> None:
        """Have the media judged that came since the last call; afterwards `denied` tells whether they may go on."""
        unseen, self.answer.unseen = self.answer.unseen, []
        await self._media.see(unseen)
        if self._media.denied:
            self.answer.deny_media()

    async def detect(self, texts: Sequence[str], starts: Sequence[int] = ()) -> Sequence[Sequence[Finding]]:
        """Return the findings in each text, from its start on; raise `DependencyError` when undecided."""
        return await self._pool.detect(self._detectors, texts, starts=starts) if texts else ()

    async def __call__(self, exchange: Exchange) -> Ruling:
        """Rule on what was found so far."""
        plan = exchange.plan
        decision = self._redactor.tally.decision(plan, Direction.RESPONSE)
        passed = self.answer.passed.items()
        noted = (
            *(noting(plan, Action.ALLOW, reason, count, Direction.RESPONSE) for reason, count in passed),
            *self._media.decisions,
        )
        if self.failure is not None:
            failed = replace(
                decision, action=Action.DENY, would_action=Action.DENY, reason=self.failure, rule="",
                enforcement=Enforcement.ENFORCE,
            )  # fmt: skip
            status = 503 if self.failure is Reason.DETECTOR_UNAVAILABLE else 400
            return Ruling((failed, *noted), exchange, status=status, detail=_FAILURES[self.failure])
        detail = denial(self._redactor) if decision.action is Action.DENY else self._media.detail
        return Ruling((decision, *noted), exchange, status=400, detail=detail)


_FAILURES = {
    Reason.DETECTOR_UNAVAILABLE: "the answer cannot be inspected at the moment, so it is withheld",
    Reason.HOLD_EXCEEDED: "the answer holds a text too long to be judged in a stream, so it ends here",
    Reason.MEDIA_REFUSED: "the answer holds media, which the policy refuses (spec.content.media)",
    Reason.TOKENS_REFUSED: "the answer holds text as token ids, which the policy refuses (spec.content.tokens)",
}


def denial(redactor: Redactor) -> str:
    """Return the sentence for a denial by entity: names of entities and of the rule, never their text."""
    entities = ", ".join(sorted(redactor.tally.found))
    return f"the policy's rule {redactor.tally.rule} refuses this text: found {entities}"


def _undecided(exchange: Exchange, error: DependencyError, noted: tuple[Decision, ...], unseen: bool) -> Ruling:
    """A detector is dead: deny, unless the policy's `on_failure` says that text may pass unseen (media never)."""
    action = Action.DENY if unseen else exchange.plan.on_failure.get("detector", Action.DENY)
    decision = Decision(
        guard=GuardName.INSPECT,
        action=action,
        reason=Reason.DETECTOR_UNAVAILABLE,
        direction=Direction.REQUEST,
        rule="",
        enforcement=Enforcement.ENFORCE,
        revision=exchange.plan.revision,
        would_action=Action.DENY,
    )
    return Ruling((decision, *noted), exchange, status=503, detail=error.detail)

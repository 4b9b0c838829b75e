"""Asks the questions of a plan: in random order, within the budget, resumably.

The order is shuffled with the seed, so that groups and repeats interleave and a
backend that drifts drifts for everybody. A request is counted before it is sent;
nothing is sent that the budget does not cover, retries included.
"""

import asyncio
import hashlib
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from detectors.bias.backend import Answer, AnswerStatus, Backend, Usage
from detectors.bias.expand import Question, observations, shuffled
from detectors.bias.journal import Header, Journal, Record
from detectors.bias.outcome import Observation, Outcome, OutcomeKind
from detectors.bias.plan import Plan, estimate_tokens
from detectors.bias.suite import Suite

_FAILED = Outcome(OutcomeKind.FAILED)


class Stopped(StrEnum):
    """Why a run ended before its last question."""

    BUDGET = "budget"  # the next request would have exceeded the budget
    BACKEND = "backend"  # the backend did not answer any more, or refused every request


class Progress(Protocol):
    """Is told how far the run is."""

    def update(self, done: int, total: int, failed: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Settings:
    """How a run is done. Delays in seconds."""

    concurrency: int = 8
    attempts: int = 4
    first_delay: float = 0.5
    longest_delay: float = 60.0
    give_up_after: int = 25


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run observed. `observations` are by measure, in the order of the plan; `unasked` questions have none.

    `rejected` counts, by HTTP status, requests that the backend will not have.
    `order` has the outcomes of the first measure in the order in which answers
    came, for measuring drift. `digest` depends on what was observed and on
    nothing else: a resumed run has the digest of one that was never interrupted.
    """

    plan: Plan
    backend: str
    fingerprints: Mapping[str, int]
    observations: Mapping[str, tuple[Observation, ...]]
    calls: int
    unasked: int
    failed: int
    usage: Usage
    cost: float
    stopped: Stopped | None
    rejected: Mapping[int, int] = field(default_factory=dict)
    order: tuple[float, ...] = field(default=(), repr=False)

    @property
    def digest(self) -> str:
        """``sha256:`` over suite, seed and everything observed."""
        rows = sorted(repr(o) for observed in self.observations.values() for o in observed)
        text = "\n".join((self.plan.suite.digest, str(self.plan.seed), *rows))
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def header(plan: Plan, backend: Backend) -> Header:
    """Return the header under which a journal of this plan and backend goes on."""
    texts = hashlib.sha256()
    for question in plan.questions:
        texts.update(f"{question.key}\x1f{question.text}\x1e".encode())
    return Header(plan.suite.name, plan.suite.digest, "sha256:" + texts.hexdigest(), plan.seed, backend.name)


async def run(
    plan: Plan,
    backend: Backend,
    journal: Journal | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> RunResult:
    """Ask everything that the journal does not have yet, and return what was observed.

    Cancelling is safe: what was answered is in the journal. The journal stays open.
    """
    session = _Session(
        plan, backend, journal or Journal.memory(header(plan, backend)), settings or Settings(), progress
    )
    await session.work()
    return session.result()


class _Session:
    """One run in progress."""

    def __init__(
        self, plan: Plan, backend: Backend, journal: Journal, settings: Settings, progress: Progress | None
    ) -> None:
        self._plan, self._backend, self._journal = plan, backend, journal
        self._settings, self._progress = settings, progress
        pending = [q for q in shuffled(plan.questions, plan.seed) if q.key not in journal.done]
        self._pending = iter(pending)
        self._jitter = random.Random(plan.seed)
        self._resume_at = 0.0
        self._reserved = 0.0
        self._streak = 0
        self._statuses: Counter[AnswerStatus] = Counter()
        self._rejected: Counter[int] = Counter()
        self._gave_up: set[str] = set()
        self._stopped: Stopped | None = None

    async def work(self) -> None:
        """Run the workers until nothing is left or the run stops."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._settings.concurrency):
                group.create_task(self._worker())

    async def _worker(self) -> None:
        for question in self._pending:
            answer = await self._ask(question)
            if answer is None:
                return
            if answer.status is AnswerStatus.OK:
                self._journal.answered(question.key, _record(self._plan.suite, question, answer))
            elif answer.status is AnswerStatus.MALFORMED:
                self._journal.answered(question.key, _same(self._plan.suite, question, answer, OutcomeKind.UNPARSED))
            else:
                self._gave_up.add(question.key)
            if self._progress is not None:
                self._progress.update(len(self._journal.done), len(self._plan.questions), len(self._gave_up))

    async def _ask(self, question: Question) -> Answer | None:
        """Return the last answer after retries; None when the run stops."""
        messages = question.messages(self._plan.suite.sampling.system)
        answer = None
        for attempt in range(self._settings.attempts):
            await self._pause(attempt, answer)
            reserve = self._reserve(question)
            if reserve is None:
                return None
            self._journal.sending(question.key)
            try:
                answer = await self._backend.ask(messages, question.seed)
            finally:
                self._reserved -= reserve
            self._statuses[answer.status] += 1
            self._watch(answer)
            if not answer.status.worth_retrying:
                break
        return answer

    def _reserve(self, question: Question) -> float | None:
        """Take one request's worst cost from the budget; None when it does not cover it or the run has stopped.

        There is no await between this check and the count in the journal, so
        concurrent workers cannot both take the last request.
        """
        budget, sampling = self._plan.suite.budget, self._plan.suite.sampling
        if self._stopped is not None:
            return None
        worst = (
            estimate_tokens(question, sampling.system) * budget.price_input + sampling.max_tokens * budget.price_output
        ) / 1e6
        over_cost = budget.cost is not None and self._cost() + self._reserved + worst > budget.cost
        if self._journal.sent >= budget.calls or over_cost:
            self._stopped = Stopped.BUDGET
            return None
        self._reserved += worst
        return worst

    def _watch(self, answer: Answer) -> None:
        """Stop when nothing works: many failures in a row, or nothing but rejections from the start."""
        if answer.status in (AnswerStatus.OK, AnswerStatus.MALFORMED):
            self._streak = 0
            return
        self._streak += 1
        self._rejected[answer.http] += answer.status is AnswerStatus.REJECTED
        hopeless = self._statuses[AnswerStatus.OK] == 0 and self._statuses[AnswerStatus.REJECTED] >= 3
        if hopeless or self._streak >= self._settings.give_up_after:
            self._stopped = self._stopped or Stopped.BACKEND

    async def _pause(self, attempt: int, answer: Answer | None) -> None:
        """Wait out what the backend asked for (all workers do) and this question's own back-off."""
        loop, settings = asyncio.get_running_loop(), self._settings
        delay = 0.0
        if attempt and answer is not None:
            delay = settings.first_delay * 2 ** (attempt - 1) * self._jitter.uniform(0.5, 1.5)
            if answer.retry_after is not None:
                delay = max(delay, answer.retry_after)
            if answer.status is AnswerStatus.RATE_LIMITED:
                self._resume_at = max(self._resume_at, loop.time() + min(delay, settings.longest_delay))
        wait = max(min(delay, settings.longest_delay), self._resume_at - loop.time())
        if wait > 0:
            await asyncio.sleep(wait)

    def _cost(self) -> float:
        usage, budget = self._journal.usage, self._plan.suite.budget
        return (usage.input_tokens * budget.price_input + usage.output_tokens * budget.price_output) / 1e6

    def result(self) -> RunResult:
        """Return what is known now."""
        plan, done = self._plan, self._journal.done
        observed: dict[str, list[Observation]] = {measure: [] for measure in plan.suite.measures}
        for question in plan.questions:
            for measure, rows in observed.items():
                rows.extend(_observed(question, measure, done.get(question.key), question.key in self._gave_up))
        fingerprints = Counter(record.fingerprint for record in done.values() if record.fingerprint)
        first = next(iter(plan.suite.measures))
        order = [o.value for record in done.values() for o in record.outcomes[first][:1] if o.value is not None]
        return RunResult(
            plan=plan,
            backend=self._backend.name,
            fingerprints=dict(sorted(fingerprints.items())),
            observations={measure: tuple(rows) for measure, rows in observed.items()},
            calls=self._journal.sent,
            unasked=sum(1 for q in plan.questions if q.key not in done and q.key not in self._gave_up),
            failed=len(self._gave_up),
            usage=self._journal.usage,
            cost=self._cost(),
            stopped=self._stopped,
            rejected=dict(sorted(self._rejected.items())),
            order=tuple(order),
        )


def _record(suite: Suite, question: Question, answer: Answer) -> Record:
    if answer.refused:
        return _same(suite, question, answer, OutcomeKind.REFUSAL)
    observed = observations(suite, question, answer.text)
    outcomes = {measure: tuple(o.outcome for o in row) for measure, row in observed.items()}
    return Record(outcomes, answer.usage, answer.fingerprint)


def _same(suite: Suite, question: Question, answer: Answer, kind: OutcomeKind) -> Record:
    """Return one outcome for every trial: the vendor refused, or no text can be found in what came."""
    outcomes = dict.fromkeys(suite.measures, (Outcome(kind),) * len(question.trials))
    return Record(outcomes, answer.usage, answer.fingerprint)


def _observed(question: Question, measure: str, record: Record | None, failed: bool) -> Sequence[Observation]:
    if record is not None:
        return [Observation(t, o) for t, o in zip(question.trials, record.outcomes[measure], strict=True)]
    return [Observation(trial, _FAILED) for trial in question.trials] if failed else []

"""Runs detectors: beside the event loop, and on it what is quicker than the hop to a thread.

Texts of a batch are looked up in a bounded memory of findings first (spans, never
text), so that a conversation that is sent again costs only its new turn.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from detectors import catalog
from detectors.detector import Detector, DetectorFailure, Finding
from detectors.memory import FindingMemory
from detectors.normalize.wrapper import Normalized
from gateway.aside import aside
from gateway.core.decision import Reason
from gateway.core.window import Promise
from gateway.errors import DependencyError, PolicyError

INLINE: Final = 2_048
"""Characters up to which a batch is judged on the event loop: there a hop to a thread costs more than it frees."""


LONG: Final = 64 * 1024
"""Characters from which a request waits in the queue of the long ones, and of one batch."""


_Named = tuple[str, Detector]


class ThreadPool:
    """Implements `DetectorPool` with two threads: one for ordinary requests, one for those that take long."""

    def __init__(self, detectors: Mapping[str, Detector]) -> None:
        self._detectors = detectors
        self._quick = ThreadPoolExecutor(1, thread_name_prefix="sluice-detect")
        self._long = ThreadPoolExecutor(1, thread_name_prefix="sluice-detect-long")
        self._memory = FindingMemory()
        self._wrapped: dict[str, tuple[Detector, Normalized]] = {}
        self._promises: dict[tuple[str, ...], Promise] = {}

    def close(self) -> None:
        """Let the threads end."""
        for threads in (self._quick, self._long):
            threads.shutdown(wait=False, cancel_futures=True)

    def promise(self, detectors: Sequence[str]) -> Promise:
        """Return the weakest promise of these detectors."""
        names = tuple(detectors)
        promise = self._promises.get(names)
        if promise is None:
            promise = self._promises[names] = _weakest([self._looking(name) for name in names])
        return promise

    async def detect(
        self, detectors: Sequence[str], texts: Sequence[str], *, starts: Sequence[int] = (), whole: bool = False
    ) -> Sequence[Sequence[Finding]]:
        """Return the findings of all detectors by text; raise `DependencyError` when one cannot decide."""
        if not texts:
            return []
        known = [(name, self._looking(name, whole)) for name in detectors]
        if not known:
            return [()] * len(texts)
        try:
            return await (self._remembered(known, texts) if whole else self._asked(known, texts, starts))
        except DetectorFailure as failure:
            raise DependencyError(Reason.DETECTOR_UNAVAILABLE, f"a detector cannot decide: {failure}") from None

    async def _remembered(self, detectors: Sequence[_Named], texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
        """Return what is found in the texts, asking only about those that these detectors have not seen lately."""
        memory, options = self._memory, "\0".join(name for name, _ in detectors)
        digests = await aside(sum(map(len, texts)), lambda: [memory.digest(text, options) for text in texts])
        found = [memory.get(digest) for digest in digests]
        new = [at for at, known in enumerate(found) if known is None]
        for at, findings in zip(new, await self._asked(detectors, [texts[at] for at in new]), strict=True):
            found[at] = tuple(findings)
            memory.put(digests[at], findings)
        return [known if known is not None else () for known in found]

    async def _asked(
        self, detectors: Sequence[_Named], texts: Sequence[str], starts: Sequence[int] = ()
    ) -> list[list[Finding]]:
        size = sum(map(len, texts))
        if size <= INLINE:
            return _run(detectors, texts, starts)
        threads = self._quick if size <= LONG else self._long
        found: list[list[Finding]] = []
        for part in _batches(texts):  # one after the other, so that requests take turns
            work = partial(_run, detectors, texts[part], starts[part])
            found += await asyncio.get_running_loop().run_in_executor(threads, work)
        return found

    def _looking(self, name: str, whole: bool = False) -> Detector:
        """Return the detector for whole texts, or for an answer in pieces."""
        return self._seeing_through(name) if sees_through(name, whole) else self._known(name)

    def _seeing_through(self, name: str) -> Detector:
        """Return a detector that undoes obfuscation first, where it does not do so by itself."""
        detector = self._known(name)
        if not catalog.plain_sighted(name):
            return detector
        inner, wrapped = self._wrapped.get(name, (None, None))
        if inner is not detector or wrapped is None:
            wrapped = Normalized(detector)
            self._wrapped[name] = (detector, wrapped)
        return wrapped

    def _known(self, name: str) -> Detector:
        detector = self._detectors.get(name)
        if detector is None:
            raise DependencyError(Reason.DETECTOR_UNAVAILABLE, f"the detector {name} is not loaded")
        return detector


def _batches(texts: Sequence[str]) -> Iterator[slice]:
    """Yield batches of about `LONG` characters."""
    begin = size = 0
    for at, text in enumerate(texts):
        size += len(text)
        if size >= LONG:
            yield slice(begin, at + 1)
            begin, size = at + 1, 0
    if begin < len(texts):
        yield slice(begin, len(texts))


def loaded(key: str) -> Detector:
    """Build a detector of the catalog. Raises `PolicyError` with what to do when it cannot be."""
    try:
        return catalog.build(key)
    except (ImportError, OSError, ValueError, DetectorFailure) as error:
        raise PolicyError((f"detector {key}: cannot be loaded: {error}",)) from None


def local(detectors: Sequence[Detector]) -> tuple[Promise, Callable[[Sequence[str]], list[list[Finding]]]]:
    """Return the promise of some detectors and a way to run them here and now, for commands.

    Texts are taken as whole: obfuscation is undone.
    """
    return _weakest(detectors), partial(_run, [(detector.name, sighted(detector)) for detector in detectors])


def sees_through(key: str, whole: bool) -> bool:
    """Tell whether a detector undoes disguise: in whole texts each does, in an answer's pieces only those by rule.

    For the tagger that would hold back more, and it knows a name in full width by itself (ADR 6).
    """
    return whole or catalog.by_rule(key)


def sighted(detector: Detector) -> Detector:
    """Return a detector as it looks at a request's texts: with obfuscation undone."""
    return Normalized(detector) if catalog.plain_sighted(detector.name) else detector


def _run(detectors: Sequence[_Named], texts: Sequence[str], starts: Sequence[int] = ()) -> list[list[Finding]]:
    found: list[list[Finding]] = [[] for _ in texts]
    for _, detector in detectors if texts else ():
        seen = _from(detector, texts, starts) if starts else detector.detect(texts)
        for into, findings in zip(found, seen, strict=True):
            into.extend(findings)
    return found


def _from(detector: Detector, texts: Sequence[str], starts: Sequence[int]) -> list[list[Finding]]:
    """Return what a detector finds from the starts on, showing it no more context than it promised to need."""
    leads = [max(0, start - detector.context) for start in starts]
    seen = detector.detect([text[lead:] for text, lead in zip(texts, leads, strict=True)])
    return [
        [Finding(f.start + lead, f.end + lead, f.entity, f.score, f.detector) for f in findings]
        if lead
        else [*findings]
        for findings, lead in zip(seen, leads, strict=True)
    ]


def _weakest(detectors: Sequence[Detector]) -> Promise:
    settle: list[Callable[[str], int]] = [detector.settled for detector in detectors]

    def settled(text: str) -> int:
        return min((each(text) for each in settle), default=len(text))

    return Promise(max((detector.context for detector in detectors), default=0), settled)

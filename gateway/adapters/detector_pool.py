"""Runs detectors off the event loop, and the rule ones that are quicker than the hop on it.

Texts of a batch are looked up in a bounded memory of findings first (spans, never
text), so that a conversation that is sent again costs only its new turn.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from detectors.detector import Detector, DetectorFailure, Finding
from gateway.core.decision import Reason
from gateway.core.window import Promise
from gateway.errors import DependencyError

INLINE: Final = 2_048
"""Characters up to which a batch is judged on the event loop: there a hop to a thread costs more than it frees."""


LONG: Final = 64 * 1024
"""Characters from which a request waits in the queue of the long ones, and of one batch."""


class ThreadPool:
    """Implements `DetectorPool` with two threads: one for ordinary requests, one for those that take long."""

    def __init__(self, detectors: Mapping[str, Detector]) -> None:
        self._detectors = detectors
        self._quick = ThreadPoolExecutor(1, thread_name_prefix="sluice-detect")
        self._long = ThreadPoolExecutor(1, thread_name_prefix="sluice-detect-long")
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
            promise = self._promises[names] = _weakest([self._known(name) for name in names])
        return promise

    async def detect(self, detectors: Sequence[str], texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
        """Return the findings of all detectors by text; raise `DependencyError` when one cannot decide."""
        if not texts:
            return []
        known = [self._known(name) for name in detectors]
        size = sum(map(len, texts))
        try:
            if size <= INLINE:
                return _run(known, texts)
            threads = self._quick if size <= LONG else self._long
            found: list[list[Finding]] = []
            for batch in _batches(texts):  # one after the other, so that requests take turns
                found += await asyncio.get_running_loop().run_in_executor(threads, _run, known, batch)
            return found
        except DetectorFailure as failure:
            raise DependencyError(Reason.DETECTOR_UNAVAILABLE, f"a detector cannot decide: {failure}") from None

    def _known(self, name: str) -> Detector:
        detector = self._detectors.get(name)
        if detector is None:
            raise DependencyError(Reason.DETECTOR_UNAVAILABLE, f"the detector {name} is not loaded")
        return detector


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the texts in batches of about `LONG` characters."""
    begin = size = 0
    for at, text in enumerate(texts):
        size += len(text)
        if size >= LONG:
            yield texts[begin : at + 1]
            begin, size = at + 1, 0
    if begin < len(texts):
        yield texts[begin:]


def local(detectors: Sequence[Detector]) -> tuple[Promise, Callable[[Sequence[str]], list[list[Finding]]]]:
    """Return the promise of some detectors and a way to run them here and now, for commands."""
    return _weakest(detectors), partial(_run, detectors)


def _run(detectors: Sequence[Detector], texts: Sequence[str]) -> list[list[Finding]]:
    found: list[list[Finding]] = [[] for _ in texts]
    for detector in detectors:
        for into, findings in zip(found, detector.detect(texts), strict=True):
            into.extend(findings)
    return found


def _weakest(detectors: Sequence[Detector]) -> Promise:
    settle: list[Callable[[str], int]] = [detector.settled for detector in detectors]

    def settled(text: str) -> int:
        return min((each(text) for each in settle), default=len(text))

    return Promise(max((detector.context for detector in detectors), default=0), settled)

"""What a probe talks to, as the runner sees it: one question, one answer, never an exception.

Implementations: `backends.py` (HTTP, any dialect) and `standins.py` (known
behaviour, for tests and for the self test).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class AnswerStatus(StrEnum):
    """What became of a request."""

    OK = "ok"
    RATE_LIMITED = "rate-limited"  # 429 or 529: come back later
    TIMEOUT = "timeout"  # no answer within the deadline
    UNAVAILABLE = "unavailable"  # connection lost, 5xx: may work again
    MALFORMED = "malformed"  # an answer came that is not the dialect's: the answer's text cannot be found in it
    REJECTED = "rejected"  # 4xx: will not work again (wrong model, wrong key)

    @property
    def worth_retrying(self) -> bool:
        """Whether the same request may succeed later."""
        return self in (AnswerStatus.RATE_LIMITED, AnswerStatus.TIMEOUT, AnswerStatus.UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that the backend says it counted; 0 where it says nothing."""

    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `text` is "" unless `status` is OK.

    `refused` says that the vendor itself marks the answer as a refusal or as
    blocked by its filter, whatever the text.

    `fingerprint` names what answered (model version, system fingerprint); when
    it changes, the backend has changed. `retry_after` is in seconds; `http` is
    the HTTP status of a request that was rejected, 0 where there is none.
    """

    text: str = field(repr=False)
    status: AnswerStatus = AnswerStatus.OK
    usage: Usage = field(default_factory=Usage)
    fingerprint: str = ""
    retry_after: float | None = None
    refused: bool = False
    http: int = 0


class Backend(Protocol):
    """Answers questions. Sends exactly one request per call: whoever counts calls counts requests."""

    @property
    def name(self) -> str:
        """What a report calls it; no key, no query, no user part."""
        ...

    async def ask(self, messages: Sequence[Mapping[str, str]], seed: int) -> Answer:
        """Return the answer to ``[{"role": ..., "content": ...}]``. What goes wrong is a status, not an exception.

        `seed` is passed on where the dialect has one.
        """
        ...

"""The four families of errors, and nothing else crosses a room's wall.

A denial is not among them: it is a decision (`gateway.core.decision`), and
`Denied` merely carries it up the stack. `detail` is always our own sentence,
never a piece of the user's text, so that it may be logged and sent back.
"""

import traceback
from pathlib import Path
from typing import Final

from gateway.core.decision import Decision, Reason
from gateway.core.exchange import Exchange

_ROOT: Final = str(Path(__file__).resolve().parent.parent)


def arose(error: BaseException) -> str:
    """Return an error's kind and the last line of our own code that it came through. Its message may hold anything."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if frame.filename.startswith(_ROOT) and "site-packages" not in frame.filename]
    last = (ours or list(frames))[-1:]
    return " at ".join((type(error).__name__, *(f"{Path(frame.filename).name}:{frame.lineno}" for frame in last)))


class GatewayError(Exception):
    """Something is wrong that is not a policy's verdict.

    `status` is the HTTP status for the caller; `reason` is from the closed
    vocabulary; `detail` is one sentence of ours: what, where, what to do.
    """

    def __init__(self, status: int, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.status = status
        self.reason = reason
        self.detail = detail


class RequestError(GatewayError):
    """The caller misbehaved: 400, 404, 405, 408, 413, 415, 417, 431."""


class UpstreamError(GatewayError):
    """The backend misbehaved: 502, 504; or it refused in a form of its own: 400, 404, 413, 429."""


class DependencyError(GatewayError):
    """A detector, store or key is not there: 503; inside a guard it becomes a decision."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(503, reason, detail)


class PolicyError(Exception):
    """Policy or settings files are wrong. Holds every problem, each `file:line:column: message`."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Denied(Exception):
    """Control flow: a guard's decision denied the exchange. Carries the decision, no text.

    `status` is the HTTP status that the caller sees; `retry_after` the seconds
    after which it makes sense to try again (limits only); `exchange` is as the
    guard left it.
    """

    def __init__(
        self, decision: Decision, status: int, detail: str, retry_after: float | None, exchange: Exchange
    ) -> None:
        super().__init__(f"{decision.guard}: {decision.reason}")
        self.decision = decision
        self.status = status
        self.detail = detail
        self.retry_after = retry_after
        self.exchange = exchange

"""The place: the only spot where a decision is recorded and takes effect."""

import time

from gateway.core.decision import Action, Decision
from gateway.core.exchange import Exchange
from gateway.errors import Denied
from gateway.ports import Guard
from gateway.recording import Recording


class Enforcer:
    """Consults a guard, has what it decided recorded, and makes it so."""

    async def apply(self, guard: Guard, exchange: Exchange, recording: Recording) -> Exchange:
        """Return the exchange as the guard leaves it, or raise `Denied`.

        Every decision of the ruling is recorded, then the first that denies takes effect.
        """
        started = time.perf_counter()
        ruling = await guard(exchange)
        if ruling.decisions:
            recording.took(ruling.decisions[0].guard, time.perf_counter() - started)
        for decision in ruling.decisions:
            self.note(decision, recording)
        for decision in ruling.decisions:
            if decision.action is Action.DENY:
                raise Denied(decision, ruling.status, ruling.detail, ruling.retry_after, ruling.exchange)
        return ruling.exchange

    def note(self, decision: Decision, recording: Recording) -> None:
        """Have a decision recorded that has taken effect already: the edge's, the backend's."""
        recording.record(decision)

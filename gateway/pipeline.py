"""The life of a request, as one readable recipe.

The order of guards is a constant: who calls, whether they may, whether the model
is fair enough, whether they still may, and what they send. Policies set rules,
never order.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from gateway.aside import LARGE, aside
from gateway.core.decision import Action, Direction, GuardName, Reason, plain
from gateway.core.exchange import Exchange, Ruling
from gateway.core.strictjson import dump, dump_large
from gateway.enforcer import Enforcer
from gateway.errors import DependencyError
from gateway.guards.authenticate import Authenticate
from gateway.guards.authorize import Authorize
from gateway.guards.bias import Bias
from gateway.guards.inspect import Inspect
from gateway.guards.limit import Limit
from gateway.recording import Recording

GUARDS: Final = ("authenticate", "authorize", "bias", "limit", "inspect")

Arrive = Callable[[Exchange], Awaitable[tuple[Exchange, bytes]]]
"""Reads the body: returns the exchange with its payload, and the bytes as they came."""


@dataclass(frozen=True, slots=True)
class Guards:
    """The five guards, provisioned."""

    authenticate: Authenticate
    authorize: Authorize
    bias: Bias
    limit: Limit
    inspect: Inspect


@dataclass(frozen=True, slots=True)
class Admission:
    """An exchange that may go upstream, and the only bytes that will."""

    exchange: Exchange
    body: bytes = field(repr=False)
    drop_surplus: bool


class Pipeline:
    """Takes an exchange through the guards, in order, and makes its record durable."""

    def __init__(self, guards: Guards, enforcer: Enforcer) -> None:
        self.guards = guards
        self.enforcer = enforcer

    async def admit(
        self, exchange: Exchange, arrive: Arrive, recording: Recording, progress: Callable[[Exchange], None]
    ) -> Admission:
        """Return what goes upstream. Raises `Denied` or `RequestError`; then nothing does.

        Only of a caller who is proven is the body read (`arrive`). `progress` is told each new state of the
        exchange, so that whoever has to end it, at any moment, knows what was reserved and for whom.
        """
        received = b""
        for name in GUARDS:
            exchange = await self.enforcer.apply(getattr(self.guards, name), exchange, recording)
            progress(exchange)
            if name == "authenticate":
                exchange, received = await arrive(exchange)
                progress(exchange)
        recording.identify(exchange)
        payload, drop_surplus = exchange.payload, False
        if exchange.streaming and exchange.endpoint.wants_usage is not None:
            payload, asked = exchange.endpoint.wants_usage(payload)
            drop_surplus = not asked
        body = await aside(exchange.size, dump_large if exchange.size > LARGE else dump, payload)
        try:
            await recording.commit(exchange, received, body)
        except DependencyError as error:
            await self.enforcer.apply(_Unrecorded(error), exchange, recording)
        return Admission(exchange, body, drop_surplus)


@dataclass(frozen=True, slots=True)
class _Unrecorded:
    """Rules when the audit log is dead: what cannot be recorded does not happen, unless the plan says otherwise."""

    error: DependencyError

    async def __call__(self, exchange: Exchange) -> Ruling:
        required = exchange.plan.audit.required
        action = Action.DENY if required else Action.ALLOW
        revision = exchange.plan.revision
        decision = plain(GuardName.AUDIT, action, Reason.AUDIT_UNAVAILABLE, revision, Direction.REQUEST)
        return Ruling((decision,), exchange, status=503, detail=self.error.detail)

"""One request and its answer, and the values that travel with it.

Values only: nothing here awaits, reads a clock or rolls dice. What holds user
text hides it from `repr`, and a test prints everything to be sure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.core.decision import Decision
from gateway.core.jsonvalue import Json
from gateway.core.quota import Reservation

if TYPE_CHECKING:
    from gateway.core.dialect import Dialect, Endpoint
    from gateway.core.plan import Plan, Route
    from gateway.core.pseudonym import Ledger
    from gateway.core.shifts import Shifts


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls, proven. Never holds the token."""

    subject: str = field(repr=False)
    tenant: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Exchange:
    """The state of one request on its way through the guards. Guards return a changed copy.

    `id` is a UUIDv7; `credentials` are the raw values of the headers in which a
    token may come, gone after authenticate; `params` are the named parts of the
    matched path, `query` its query parameters and `headers` those that the dialect passes on: what goes to the
    backend of the request's head is made of these three. `size` is the body's in bytes;
    `ledger` holds the pseudonyms that may be restored in the answer, `documents` the ways back from the
    places of rewritten documents to those of the caller's, by name (`gateway.core.offsets`).
    """

    id: str
    plan: "Plan"
    dialect: "Dialect"
    endpoint: "Endpoint"
    params: Mapping[str, str] = field(repr=False)
    payload: Json = field(repr=False)
    query: tuple[tuple[str, str], ...] = field(repr=False, default=())
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)
    credentials: tuple[str, ...] = field(repr=False, default=())
    principal: Principal | None = None
    route: "Route | None" = None
    model: str = ""
    streaming: bool = False
    size: int = 0
    ledger: "Ledger | None" = field(repr=False, default=None)
    documents: "Mapping[str, Shifts]" = field(repr=False, default_factory=dict)
    reservation: Reservation | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a guard returns: its decisions (none where no rule concerns the exchange) and the exchange as it leaves.

    The enforcer records every decision; the first that denies takes
    effect. `status`, `detail` and `retry_after` are for the caller if it is a denial.
    """

    decisions: tuple[Decision, ...]
    exchange: Exchange
    status: int = 403
    detail: str = ""
    retry_after: float | None = None

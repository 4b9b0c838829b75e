"""The plan: a policy, compiled once, frozen, and known by its revision.

Everything that a request needs to be judged by stands here, resolved: globs,
entity tags and defaults are expanded by `gateway.policy.compiler`; nothing here
is parsed or looked up at request time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from detectors.bias.mitigation.quarantine import Hysteresis
from gateway.core.decision import Action, Direction, Enforcement
from gateway.core.dialect import Dialect


class OperatorKind(StrEnum):
    """How a finding is rewritten.

    `pseudonym` can be restored for the caller; `surrogate` likewise, with a
    realistic stand-in; `mask`, `hash` and `redact` cannot; `keep` leaves it;
    `deny` refuses the exchange.
    """

    PSEUDONYM = "pseudonym"
    SURROGATE = "surrogate"
    MASK = "mask"
    HASH = "hash"
    REDACT = "redact"
    KEEP = "keep"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Route:
    """Who may use which models of which dialects, and where it goes.

    Tuples hold exact names or shell globs (`*`); the first route that matches
    dialect, model and tenant is taken. `scopes` are all required.
    """

    id: str
    dialects: tuple[str, ...]
    models: tuple[str, ...]
    tenants: tuple[str, ...]
    scopes: tuple[str, ...]
    upstream: str


@dataclass(frozen=True, slots=True)
class InspectRule:
    """What to do with findings of some entities in one or both directions.

    `entities` is expanded (tags resolved); findings under `threshold` are
    ignored by this rule. Of several rules that match, the most severe operator
    wins (deny, then redacting ones, then keep), then the first in the file.
    """

    id: str
    entities: frozenset[str]
    directions: frozenset[Direction]
    operator: OperatorKind
    threshold: float
    enforcement: Enforcement
    mask_char: str = "*"
    mask_keep_last: int = 0


@dataclass(frozen=True, slots=True)
class BiasRule:
    """What a failed bias probe does to the traffic of some routes and models.

    `suites` are names; `routes` and `models` exact names or globs. `fallback` is
    an upstream that takes over while trusted, "" for none; `probe_scope` a scope
    whose holders are never set aside, "" for none. An alarm of one of the `live`
    probes counts as a failure of every suite.
    """

    id: str
    suites: tuple[str, ...]
    routes: tuple[str, ...]
    models: tuple[str, ...]
    fallback: str
    recover: Hysteresis
    probe_scope: str
    enforcement: Enforcement
    live: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LiveProbe:
    """A route's opt-in to bias probes on live traffic.

    `swaps` are pairs of a reference's and a group's word (none for gender);
    `options` are labels with their phrases in an answer, of which `favourable`
    count for the person; without options, an answer counts against a refusal.
    `rate` is the share that is considered, `calls_per_hour` the most that is sent,
    `margin` the smallest gap that raises an alarm, as a share of all pairs.
    """

    id: str
    route: str
    attribute: str
    swaps: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, tuple[str, ...]], ...]
    favourable: tuple[str, ...]
    rate: float
    calls_per_hour: int
    margin: float = 0.05


class LimitUnit(StrEnum):
    """What a limit counts."""

    REQUESTS = "requests"
    TOKENS = "tokens"


@dataclass(frozen=True, slots=True)
class LimitRule:
    """At most `quota` units per `window` seconds, with bursts of `burst`, for each value of `per`.

    `per` names dimensions of the caller: tenant, subject, model, route.
    Empty `per` is one bucket for everybody.
    """

    id: str
    unit: LimitUnit
    quota: int
    window: float
    burst: int
    per: tuple[str, ...]
    tenants: tuple[str, ...]
    enforcement: Enforcement


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """How streams are held: never more than `max_hold` characters, else `on_overflow`."""

    max_hold: int
    on_overflow: Action


@dataclass(frozen=True, slots=True)
class AuditPlan:
    """What is recorded: `payload` seals the bodies too; `required` denies when it cannot be recorded."""

    payload: bool
    required: bool


class ContentRuling(StrEnum):
    """What happens to content that text detectors cannot read (media, server-side state, token ids)."""

    DENY = "deny"
    STRIP = "strip"
    PASS = "pass"
    INSPECT = "inspect"


@dataclass(frozen=True, slots=True)
class DeclaredDialect:
    """A backend's own dialect, from a file beside the policy. `digest` is of what that file means."""

    id: str
    digest: str
    dialect: Dialect = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole policy, compiled. `revision` is ``sha256:`` and a digest of its meaning, not of its layout.

    `detectors` are names from `detectors.catalog`; `on_failure` maps a
    dependency (detector, limiter, audit) to what happens when it is dead.
    `opaque` maps a content class (media, state, tokens) to its ruling. `canary` plants one
    in system prompts; `dialects` are those that the policy declares, beside the vendors' own.
    """

    revision: str
    name: str
    routes: tuple[Route, ...]
    rules: tuple[InspectRule, ...]
    limits: tuple[LimitRule, ...]
    detectors: tuple[str, ...]
    on_failure: Mapping[str, Action]
    opaque: Mapping[str, ContentRuling]
    stream: StreamPlan
    audit: AuditPlan
    bias: tuple[BiasRule, ...] = ()
    live_probes: tuple[LiveProbe, ...] = ()
    canary: bool = False
    dialects: tuple[DeclaredDialect, ...] = ()

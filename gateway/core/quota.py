"""What is asked of buckets and what they answer: the vocabulary of the `Limiter` port.

Values only. `gateway.core.gcra` has the arithmetic, `gateway.ports.Limiter` the
promise, `gateway/adapters/limits_*.py` the stores.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Demand:
    """So much of one bucket: GCRA with emission interval ``window / quota`` and tolerance for `burst`.

    `rule` is the id of the limit rule, `key` names the bucket (a digest, never
    a caller's name), `window` is in seconds. A demand that is not `enforced`
    (a rule in warn or shadow) is counted, but never refused.
    """

    rule: str
    key: str
    quota: int
    window: float
    burst: int
    amount: int
    enforced: bool = True


@dataclass(frozen=True, slots=True)
class Level:
    """How full a bucket is after a decision.

    `remaining` units can be had now; one more comes in `next_after` seconds
    (0 when the bucket is whole); it is whole again in `reset_after` seconds.
    """

    rule: str
    quota: int
    window: float
    remaining: int
    reset_after: float
    next_after: float = 0.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """Not granted: nothing was taken from any bucket.

    `rule` is the one that makes the caller wait longest. `retry_after` is in
    seconds; None when it can never be granted (the demand exceeds the burst).
    """

    rule: str
    retry_after: float | None
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Reservation:
    """Granted; to be settled once, with the true amounts. `id` makes settling idempotent.

    `demands` are those that were taken; `exceeded` are the rules that are not
    enforced and would have refused (nothing was taken from their buckets, just
    as if they had). A reservation with an empty `id` took nothing: it only
    carries `levels` to the caller, and settling it does nothing.
    """

    id: str
    demands: tuple[Demand, ...]
    levels: tuple[Level, ...]
    exceeded: tuple[Refusal, ...] = ()

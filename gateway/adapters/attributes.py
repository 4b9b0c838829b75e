"""Which attributes telemetry may carry: an allow-list of names, each with the kind of value it takes.

There is no kind for text. A string passes only as an identifier of bounded
length; a model name, which a caller chose, passes as one or becomes ``_OTHER``.
"""

import math
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from gateway.core.identifier import is_identifier, model

Scalar: TypeAlias = str | int | float | bool
Admitted: TypeAlias = str | int | float | bool | tuple[str, ...]

_INT64: Final = 2**63


def _admit_identifier(value: Scalar) -> Admitted | None:
    return str.__str__(value) if isinstance(value, str) and is_identifier(value) else None


def _admit_model(value: Scalar) -> Admitted | None:
    return model(value) if isinstance(value, str) else None


def _admit_number(value: Scalar) -> Admitted | None:
    if isinstance(value, bool | str):
        return None
    if isinstance(value, int):
        return int(value) if -_INT64 <= value < _INT64 else None
    return value if math.isfinite(value) else None


def _admit_flag(value: Scalar) -> Admitted | None:
    return value if isinstance(value, bool) else None


_IDENTIFIERS: Final = (
    "bias.attribute",
    "bias.backend",
    "bias.backend.fingerprint",
    "bias.group",
    "bias.measure",
    "bias.reference",
    "bias.run.digest",
    "bias.suite",
    "bias.suite.digest",
    "bias.trigger",
    "bias.verdict",
    "error.type",
    "gen_ai.evaluation.explanation",
    "gen_ai.evaluation.name",
    "gen_ai.evaluation.score.label",
    "gen_ai.operation.name",
    "gen_ai.provider.name",
    "sluice.dialect",
    "sluice.exchange.id",
    "sluice.outcome",
    "sluice.policy.revision",
    "sluice.subject",
    "sluice.tenant",
)
_MODELS: Final = ("gen_ai.request.model",)
_FLAGS: Final = ("gen_ai.request.stream",)
_NUMBERS: Final = (
    "bias.calls",
    "bias.ci.high",
    "bias.ci.low",
    "bias.clusters",
    "bias.cost",
    "bias.detectable",
    "bias.margin",
    "bias.p_adjusted",
    "bias.seed",
    "gen_ai.evaluation.score.value",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "http.response.status_code",
)

ALLOWED: Final[Mapping[str, Callable[[Scalar], Admitted | None]]] = {
    **dict.fromkeys(_IDENTIFIERS, _admit_identifier),
    **dict.fromkeys(_MODELS, _admit_model),
    **dict.fromkeys(_FLAGS, _admit_flag),
    **dict.fromkeys(_NUMBERS, _admit_number),
}
"""What a value must be to be exported under a name, and how it then is. A test keeps it to what the code sets."""


def admit(name: str, value: Scalar) -> Admitted | None:
    """Return `value` as it may be exported under `name`, None when it may not."""
    rule = ALLOWED.get(name)
    return rule(value) if rule is not None else None

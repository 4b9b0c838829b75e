"""Which attributes telemetry may carry: an allow-list of names, each with the kind of value it takes.

There is no kind for text. A string passes only as an identifier of bounded
length; a model name, which a caller chose, passes as one or becomes ``_OTHER``.
"""

import math
import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from gateway.core.identifier import is_identifier, model

Scalar: TypeAlias = str | int | float | bool
Admitted: TypeAlias = str | int | float | bool | tuple[str, ...]

_is_own_number: Final = re.compile(r"sluice\.[a-z0-9_.]{1,64}").fullmatch
_INT64: Final = 2**63


def _admit_identifier(value: Scalar) -> Admitted | None:
    return str.__str__(value) if isinstance(value, str) and is_identifier(value) else None


def _admit_model(value: Scalar) -> Admitted | None:
    return model(value) if isinstance(value, str) else None


def _admit_list(value: Scalar) -> Admitted | None:
    """Admit several identifiers, given with commas between them."""
    if not isinstance(value, str):
        return None
    names = tuple(value.split(","))
    return names if len(names) <= 32 and all(map(is_identifier, names)) else None


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
    "gen_ai.output.type",
    "gen_ai.provider.name",
    "gen_ai.response.id",
    "http.request.method",
    "http.route",
    "network.protocol.name",
    "network.protocol.version",
    "server.address",
    "url.scheme",
    "sluice.audit.chain",
    "sluice.dialect",
    "sluice.endpoint",
    "sluice.exchange.id",
    "sluice.outcome",
    "sluice.policy.revision",
    "sluice.route",
    "sluice.subject",
    "sluice.tenant",
    "sluice.upstream",
)
_MODELS: Final = ("gen_ai.request.model", "gen_ai.response.model")
_LISTS: Final = ("gen_ai.response.finish_reasons",)
_FLAGS: Final = ("gen_ai.request.stream", "sluice.streaming")
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
    "gen_ai.request.choice.count",
    "gen_ai.request.frequency_penalty",
    "gen_ai.request.max_tokens",
    "gen_ai.request.presence_penalty",
    "gen_ai.request.seed",
    "gen_ai.request.temperature",
    "gen_ai.request.top_k",
    "gen_ai.request.top_p",
    "gen_ai.response.time_to_first_chunk",
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.reasoning.output_tokens",
    "http.request.body.size",
    "http.response.body.size",
    "http.response.status_code",
    "server.port",
)

_ALLOWED: Final[Mapping[str, Callable[[Scalar], Admitted | None]]] = {
    **dict.fromkeys(_IDENTIFIERS, _admit_identifier),
    **dict.fromkeys(_MODELS, _admit_model),
    **dict.fromkeys(_LISTS, _admit_list),
    **dict.fromkeys(_FLAGS, _admit_flag),
    **dict.fromkeys(_NUMBERS, _admit_number),
}


def admit(name: str, value: Scalar) -> Admitted | None:
    """Return `value` as it may be exported under `name`, None when it may not.

    Besides the names above, any ``sluice.*`` name may carry a number.
    """
    rule = _ALLOWED.get(name)
    if rule is not None:
        return rule(value)
    return _admit_number(value) if _is_own_number(name) else None

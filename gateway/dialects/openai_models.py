"""OpenAI's lists of models, of which every caller sees what its routes serve."""

from typing import Final

from gateway.core.dialect import IDENT, WORD, Endpoint, Listing, opaque
from gateway.core.paths import Paths
from gateway.core.payload import Mark
from gateway.dialects.openai_paths import by_resource

_MENTIONS: Final = ("/root", "/parent")
_ERROR: Final = opaque(WORD, "/error/type", "/error/code")
_NAMES: Final = ("id", "owned_by", "root", "parent")


def _models(at: str) -> list[tuple[str, Mark]]:
    words = ("object", "created", "created_at", "status", "lifecycle_status", "max_model_len")
    return [
        *opaque(IDENT, *(f"{at}/{name}" for name in _NAMES)),
        *opaque(WORD, *(f"{at}/{name}" for name in words), f"{at}/deprecation/**", f"{at}/capabilities/**"),
    ]


_LIST: Final = Endpoint(
    method="GET",
    path="/v1/models",
    operation="list_models",
    request=Paths({}),
    answer=Paths([*_ERROR, *opaque(WORD, "/object"), *_models("/data/*")]),
    model="",
    listing=Listing("/data", "/id", beside=frozenset({"object"}), mentions=_MENTIONS),
)

_ONE: Final = Endpoint(
    method="GET",
    path="/v1/models/{model}",
    operation="retrieve_model",
    request=Paths({}),
    answer=Paths([*_ERROR, *_models("")]),
    model="model",
    listing=Listing("", "/id", mentions=_MENTIONS),
)

MODEL_ENDPOINTS: Final = (*by_resource(_LIST), *by_resource(_ONE))
"""They belong to the dialect that callers of OpenAI's have most often: chat."""

"""What a vendor's way of asking and answering is, and the parts that all of them are made of. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from detectors.bias.backend import Usage

Messages = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Ask:
    """What a request needs beside the messages."""

    model: str
    max_tokens: int
    temperature: float | None
    seed: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What a vendor's body says. `refused`: the vendor marks it as refused or blocked."""

    text: str
    usage: Usage
    fingerprint: str
    refused: bool = False


class VendorDialect(Protocol):
    """One vendor's way. `reply` raises `ValueError` when the body is not of this dialect."""

    @property
    def name(self) -> str: ...
    def path(self, base: str, model: str, /) -> str: ...
    def headers(self, token: str) -> Mapping[str, str]: ...
    def body(self, messages: Messages, ask: Ask) -> Mapping[str, Any]: ...
    def reply(self, body: Any) -> Reply: ...

    def models_path(self, base: str) -> str:
        """Return where the list of models is."""
        ...


def get(value: Any, key: str) -> Any:
    """Return a member of an object. Raises ValueError when it is no object or has no such member."""
    if not isinstance(value, dict) or key not in value:
        raise ValueError(f"no {key}")
    return value[key]


def first(value: Any) -> dict[str, Any]:
    """Return the first object of a list. Raises ValueError."""
    if not isinstance(value, list) or not value or not isinstance(value[0], dict):
        raise ValueError("no first item")
    return value[0]


def text(value: Any, may_be_empty: bool) -> str:
    """Return a text. Raises ValueError when it is none, or empty and may not be."""
    if not isinstance(value, str) or not (value or may_be_empty):
        raise ValueError("no text")
    return value


def usage(value: Any, input_key: str, output_key: str) -> Usage:
    """Return token counts; zero where they are missing or nonsense."""
    if not isinstance(value, dict):
        return Usage()
    counts = [value.get(key) for key in (input_key, output_key)]
    return Usage(*(n if isinstance(n, int) and not isinstance(n, bool) and n >= 0 else 0 for n in counts))

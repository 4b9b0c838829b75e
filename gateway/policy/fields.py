"""What files are made of: strict mappings, and the kinds of values in them.

The only file of this room that imports the schema library.
"""

import re
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from detectors.problem import Problem
from detectors.strict_yaml import Document
from gateway.policy.wording import schema_problem

_DURATION = re.compile(r"(?P<count>[0-9]{1,9}(?:\.[0-9]{1,6})?)(?P<unit>ms|s|m|h|d)\Z")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_ID = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?\Z")
_GLOB = re.compile(r"[^\s?\[\]]{1,200}\Z")


def _identifier(text: str) -> str:
    if not _ID.match(text):
        raise ValueError("must be lower-case letters, digits, `-`, `_` and `.`, at most 64 characters")
    return text


def _glob(text: str) -> str:
    if not _GLOB.match(text):
        raise ValueError("must be a name, or a pattern with `*` (the only wildcard), without blanks")
    return text


def seconds(value: object) -> object:
    """Return a duration's text as seconds, anything else as it is. Raises ValueError."""
    if isinstance(value, str):
        match = _DURATION.match(value)
        if match is None:
            raise ValueError("must be a duration such as `500ms`, `30s`, `1m`, `1h` or `1d`, or a number of seconds")
        return float(match["count"]) * _SECONDS[match["unit"]]
    return value


Identifier = Annotated[str, AfterValidator(_identifier)]
Glob = Annotated[str, AfterValidator(_glob)]
Globs = Annotated[list[Glob], Field(min_length=1, max_length=1000)]
Seconds = Annotated[float, BeforeValidator(seconds, json_schema_input_type=float | str), Field(gt=0, le=366 * 86400)]


class FileModel(BaseModel):
    """A mapping in a file: unknown keys and wrong types are errors."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def option(**options: Any) -> Any:
    """Declare a key of a `FileModel`: `description`, `default`, bounds."""
    return Field(**options)


def by_name(model: type[FileModel]) -> BeforeValidator:
    """Let a mapping whose only needed key is `name` be written as that name alone."""

    def named(value: object) -> object:
        return {"name": value} if isinstance(value, str) else value

    return BeforeValidator(named, json_schema_input_type=str | model)


class Metadata(FileModel):
    """Who this file is."""

    name: Identifier = Field(description="The policy's name: in logs and in `sluice policy` output.")
    labels: dict[str, str] = Field(default={}, description="Free words for people and tools; without meaning here.")
    annotations: dict[str, str] = Field(default={}, description="Free text for people; without meaning here.")


Model = TypeVar("Model", bound=BaseModel)


def validate(model: type[Model], document: Document) -> Model | tuple[Problem, ...]:
    """Return the file as a model, or every problem in it with its place. Never quotes a value that may be a secret."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        schema = json_schema(model)
        found = (schema_problem(schema, document, item) for item in error.errors(include_url=False))
        return tuple(sorted(set(found)))


def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a file kind, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}

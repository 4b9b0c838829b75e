"""From a type annotation to JSON values, each with one canary at one place.

The vendors' SDKs describe their wire formats in types: TypedDicts for requests,
pydantic models for answers. `cases` walks any of them and yields, for every
place that can hold a string (an enumeration's too, an object's key, a member
that no type names yet), one value that is otherwise the smallest valid one.
Nothing here knows a vendor or a member.
"""

import collections.abc
import datetime
import enum
import inspect
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Literal, Union

import pydantic
import typing_extensions
from pydantic.fields import FieldInfo

from gateway.core.jsonvalue import Json

STRINGS = (str, bytes, datetime.datetime, datetime.date, datetime.time, datetime.timedelta)
LISTS = (list, set, frozenset, tuple, collections.abc.Sequence, collections.abc.Iterable)
MAPS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
_NEVER = object()
"""What no JSON can be: functions, files, classes."""
_REQUIRED = (typing.Required, typing_extensions.Required)
_NOT = (typing.NotRequired, typing_extensions.NotRequired)


@dataclass(frozen=True, slots=True)
class Case:
    """One value with the canary at one place, and that place in words."""

    where: str
    value: Json = field(repr=False)


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object type."""

    name: str
    annotation: Any
    required: bool


@dataclass(frozen=True, slots=True)
class Shaper:
    """Makes values. `canary` is put at one place at a time; `snake` spells pydantic members by field name.

    A type may stand `repeats` times within itself; deeper it is cut off.
    """

    canary: str
    snake: bool = False
    repeats: int = 1

    def cases(self, annotation: Any) -> Iterator[Case]:
        """Yield every case of a type."""
        yield from self._cases(annotation, _name(annotation), ())

    def _cases(self, annotation: Any, where: str, above: tuple[Any, ...]) -> Iterator[Case]:
        annotation = plain(annotation)
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if origin in (Union, types.UnionType):
            for option in arguments:
                yield from self._cases(option, where, above)
        elif annotation in (Any, object):
            yield from self._anything(where)
        elif origin is Literal:
            if any(isinstance(word, str) for word in arguments):
                yield Case(where, self.canary)
        elif origin in MAPS or annotation in MAPS:
            yield Case(f"{where}{{key}}", {self.canary: self._least(arguments[1], above) if arguments else 1})
            for case in self._cases(arguments[1] if arguments else Any, f"{where}{{}}", above):
                yield Case(case.where, {"k": case.value})
        elif origin in LISTS or annotation in LISTS:
            for item in [a for a in arguments if a is not ...] or [Any]:
                for case in self._cases(item, f"{where}[]", above):
                    yield Case(case.where, [case.value])
        elif isinstance(annotation, type) and issubclass(annotation, (*STRINGS, enum.Enum)):
            yield Case(where, self.canary)
        elif members(annotation, self.snake) is not None:
            yield from self._object(annotation, where, above)

    def _anything(self, where: str) -> Iterator[Case]:
        forms: list[Json] = [self.canary, {"k": self.canary}, {self.canary: 1}, [{"k": [self.canary]}]]
        for value in forms:
            yield Case(f"{where}:any", value)

    def _object(self, annotation: Any, where: str, above: tuple[Any, ...]) -> Iterator[Case]:
        if above.count(annotation) >= self.repeats:
            return
        inside = (*above, annotation)
        least = self._least(annotation, above)
        if not isinstance(least, dict):
            return
        yield Case(f"{where}.+", {**least, "x_of_tomorrow": self.canary})
        for member in members(annotation, self.snake) or ():
            for case in self._cases(member.annotation, f"{where}.{member.name}", inside):
                yield Case(case.where, {**least, member.name: case.value})

    def _least(self, annotation: Any, above: tuple[Any, ...]) -> Json:
        """Return the smallest valid value, or `_NEVER`'s stand-in None."""
        value = least(annotation, self.snake, above)
        return None if value is _NEVER else value


def plain(annotation: Any) -> Any:
    """Return an annotation without its decorations."""
    while True:
        origin = typing.get_origin(annotation)
        if origin in (Annotated, typing.ClassVar, *_REQUIRED, *_NOT):
            annotation = typing.get_args(annotation)[0]
        elif isinstance(annotation, typing_extensions.TypeAliasType):
            annotation = annotation.__value__
        elif isinstance(annotation, typing.NewType):
            annotation = annotation.__supertype__
        elif isinstance(annotation, typing.TypeVar):
            annotation = annotation.__bound__ or Any
        else:
            return annotation


def least(annotation: Any, snake: bool, above: tuple[Any, ...]) -> Any:
    """Return the smallest valid value of a type, or `_NEVER`."""
    annotation = plain(annotation)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (Union, types.UnionType):
        values = (least(option, snake, above) for option in arguments)
        return next((value for value in values if value is not _NEVER), _NEVER)
    if origin is Literal:
        return arguments[0]
    if annotation in (Any, object):
        return {}
    if origin in MAPS or annotation in MAPS:
        return {}
    if origin in LISTS or annotation in LISTS:
        return []
    if annotation in (None, type(None)):
        return None
    if isinstance(annotation, type):
        if issubclass(annotation, enum.Enum):
            return next(iter(annotation)).value
        if issubclass(annotation, STRINGS):
            return "x"
        if issubclass(annotation, bool):
            return False
        if issubclass(annotation, int | float):
            return 0
    if annotation in above:
        return _NEVER
    found = members(annotation, snake)
    if found is None:
        return _NEVER
    inside = (*above, annotation)
    made = {member.name: least(member.annotation, snake, inside) for member in found if member.required}
    return _NEVER if _NEVER in made.values() else made


@cache
def members(annotation: Any, snake: bool) -> tuple[Member, ...] | None:
    """Return the members of an object type, or None for what is none."""
    if not isinstance(annotation, type) or annotation is pydantic.BaseModel:
        return None
    if typing_extensions.is_typeddict(annotation):
        hints = typing_extensions.get_type_hints(annotation, include_extras=True)
        needed: frozenset[str] = annotation.__required_keys__  # type: ignore[attr-defined]
        return tuple(
            Member(_alias(hint) or name, hint, _marked(hint, _REQUIRED) or (name in needed and not _marked(hint, _NOT)))
            for name, hint in hints.items()
        )
    if issubclass(annotation, pydantic.BaseModel):
        if not annotation.__pydantic_complete__:
            annotation.model_rebuild()
        return tuple(
            Member(name if snake else (info.alias or name), info.annotation, _needed(info))
            for name, info in annotation.model_fields.items()
        )
    return None


def _marked(hint: Any, words: tuple[Any, ...]) -> bool:
    """Tell whether a hint says itself that its member is (not) required: under deferred annotations only it knows."""
    return typing.get_origin(hint) in words


def _needed(info: FieldInfo) -> bool:
    return info.is_required() or typing.get_origin(plain(info.annotation)) is Literal


def _alias(hint: Any) -> str | None:
    """Return the wire name that an SDK writes beside a TypedDict's member."""
    while _marked(hint, (*_REQUIRED, *_NOT)):
        hint = typing.get_args(hint)[0]
    for extra in getattr(hint, "__metadata__", ()):
        alias = getattr(extra, "alias", None)
        if isinstance(alias, str):
            return alias
    return None


def _name(annotation: Any) -> str:
    return annotation.__name__ if inspect.isclass(annotation) else str(annotation).rpartition(".")[2].strip("]'\"")

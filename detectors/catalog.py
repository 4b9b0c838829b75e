"""From a detector's name to a detector. Nothing heavy is imported until it is asked for.

Policies name detectors; only the names are needed to check a policy. A detector
is built once per process and kept by whoever asked for it. Some take options: a
name with options is one string, its *key* (`key_of`), so that a plan, a cache
and a log line can hold it like any name.
"""

import difflib
import importlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, cast

from detectors.detector import Detector, Place

Value = str | float | tuple[str, ...]
"""What an option may be: a text, a number, or a list of texts."""


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a detector: what kind of value it takes, and whether there is no doing without."""

    kind: type[str] | type[float] | type[tuple[str, ...]]
    required: bool = False


@dataclass(frozen=True, slots=True)
class _Entry:
    """Where a detector comes from, the options of the function that makes it, and the texts that it is meant for."""

    module: str
    function: str = "build"
    options: Mapping[str, Option] | None = None
    places: frozenset[Place] = frozenset(Place)


_MODEL: Final = Option(str, required=True)
_SCORE: Final = Option(float)
_ENTRIES: Final[Mapping[str, _Entry]] = {
    "pii": _Entry("detectors.pii.rules"),
    "ner": _Entry("detectors.ner.tagger"),
    "ner-spacy": _Entry("detectors.ner.engines", "SpacyEngine", {"model": _MODEL, "score": _SCORE}),
    "ner-transformers": _Entry("detectors.ner.engines", "TransformersEngine", {"model": _MODEL}),
    "ner-gliner": _Entry("detectors.ner.engines", "GlinerEngine", {"model": _MODEL, "threshold": _SCORE}),
    "secrets": _Entry("detectors.secrets.detector"),
    "hidden": _Entry("detectors.normalize.hidden"),
    "injection": _Entry("detectors.injection.detector", places=frozenset({Place.PROMPT})),
    "injection-document": _Entry("detectors.injection.detector", "build_document", places=frozenset({Place.DOCUMENT})),
    "exfiltration": _Entry(
        "detectors.injection.exfiltration",
        "ExfiltrationDetector",
        {"hosts": Option(tuple[str, ...])},
        frozenset({Place.ANSWER}),
    ),
}

_PLAIN_SIGHTED: Final = frozenset({"pii", "ner", "ner-spacy", "ner-transformers", "ner-gliner"})

_BY_RULE: Final = frozenset({"pii", "secrets"})

NAMES: Final[tuple[str, ...]] = tuple(sorted(_ENTRIES))


class UnknownDetector(ValueError):
    """No detector has this name, or it has not this option; the message suggests one that is like it."""


def key_of(name: str, options: Mapping[str, Value] | None = None) -> str:
    """Return the key of a detector: its name, followed by its options if it has any, as JSON in one order."""
    return name + json.dumps(options, sort_keys=True, separators=(",", ":")) if options else name


def name_of(key: str) -> str:
    """Return the name in a key."""
    return key.partition("{")[0]


def options_of(name: str) -> Mapping[str, Option]:
    """Return the options that a detector takes; none for an unknown one."""
    entry = _ENTRIES.get(name)
    return entry.options or {} if entry is not None else {}


def plain_sighted(key: str) -> bool:
    """Tell whether a detector reads a text as it stands, so that disguise must be undone for it.

    `detectors.normalize.wrapper.Normalized` does that; the others do it by themselves.
    """
    return name_of(key) in _PLAIN_SIGHTED


def by_rule(key: str) -> bool:
    """Tell whether a detector goes by forms and checksums, so that it can be asked about a string that is no text."""
    return name_of(key) in _BY_RULE


def meant_for(key: str, place: Place) -> bool:
    """Tell whether a detector is meant for texts of this place. One that is not in the catalog looks everywhere."""
    entry = _ENTRIES.get(name_of(key))
    return entry is None or place in entry.places


def build(key: str) -> Detector:
    """Build the detector of a key, importing what it needs.

    Raises `UnknownDetector` for a name that is not in `NAMES`, `ImportError`
    when a package or model that it needs is missing, and whatever the detector
    raises when its model is damaged or an option is no good.
    """
    name = name_of(key)
    entry = _ENTRIES.get(name)
    if entry is None:
        like = difflib.get_close_matches(name, NAMES, n=1)
        hint = f"did you mean {like[0]!r}?" if like else f"known are {', '.join(NAMES)}"
        raise UnknownDetector(f"unknown detector {name!r}: {hint}")
    options = json.loads(key[len(name) :] or "{}")
    factory = cast(Callable[..., Detector], getattr(importlib.import_module(entry.module), entry.function))
    return factory(**options)

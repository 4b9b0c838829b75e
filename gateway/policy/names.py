"""The names that a policy may use: entities and their tags, detectors, and what `sluice.yaml` defines."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from detectors import catalog
from detectors.entities import ATTACK_TAGS, SECRET_TAGS, SECRETS, TAGS

CANARY: Final = "CANARY"
"""What answers leak that repeat a system prompt."""

_ATTACKS: Final = (CANARY, "EXFILTRATION_LINK", "HIDDEN_TEXT", "INDIRECT_INJECTION", "PROMPT_INJECTION")
"""Entities of `detectors.normalize` and `detectors.injection`: named here, since importing
those modules would build their rules and models. A test compares them."""


@dataclass(frozen=True, slots=True)
class Names:
    """What is known where a policy is compiled.

    `entities` maps an entity to its tags, `tags` a tag to its entities;
    `detectors` are the catalog's names. `dialects` is None where those that stand
    beside the policy are to be added (`load`) or none can be known (`load_text`);
    `upstreams` is None without a `sluice.yaml`. Names that are not known are not
    checked.
    """

    entities: Mapping[str, frozenset[str]]
    detectors: frozenset[str]
    dialects: frozenset[str] | None = None
    upstreams: frozenset[str] | None = None
    tags: Mapping[str, frozenset[str]] = field(init=False)

    def __post_init__(self) -> None:
        members: dict[str, set[str]] = {}
        for entity, tags in self.entities.items():
            for tag in tags:
                members.setdefault(tag, set()).add(entity)
        object.__setattr__(self, "tags", {tag: frozenset(found) for tag, found in members.items()})


def known_entities() -> Mapping[str, frozenset[str]]:
    """Return every entity that a detector can report, with its tags."""
    return {**TAGS, **dict.fromkeys(SECRETS, SECRET_TAGS), **dict.fromkeys(_ATTACKS, ATTACK_TAGS)}


def known_names(dialects: frozenset[str] | None = None, upstreams: frozenset[str] | None = None) -> Names:
    """Return the names of this installation, with the dialects and upstreams that the caller knows."""
    return Names(known_entities(), frozenset(catalog.NAMES), dialects, upstreams)

"""The names that a policy may use: entities and their tags, detectors, and what `sluice.yaml` defines."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from detectors import catalog


@dataclass(frozen=True, slots=True)
class Names:
    """What is known where a policy is compiled.

    `entities` maps an entity to its tags; `detectors` are the catalog's names.
    `dialects` and `upstreams` are None where they are not known (`sluice policy
    check` without a `sluice.yaml`): then their names are not checked.
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


_ENTITIES: Mapping[str, frozenset[str]] = {
    "PERSON": frozenset({"identity"}),
    "LOCATION": frozenset({"location"}),
    "ORGANIZATION": frozenset({"organization"}),
    "EMAIL_ADDRESS": frozenset({"contact"}),
    "PHONE_NUMBER": frozenset({"contact"}),
    "URL": frozenset({"network"}),
    "IP_ADDRESS": frozenset({"network"}),
    "MAC_ADDRESS": frozenset({"network"}),
    "CREDIT_CARD": frozenset({"financial"}),
    "CRYPTO": frozenset({"financial"}),
    "IBAN_CODE": frozenset({"financial"}),
    "US_BANK_NUMBER": frozenset({"financial"}),
    "MEDICAL_LICENSE": frozenset({"government-id"}),
    "UK_NHS": frozenset({"government-id"}),
    "US_DRIVER_LICENSE": frozenset({"government-id"}),
    "US_ITIN": frozenset({"government-id"}),
    "US_PASSPORT": frozenset({"government-id"}),
    "US_SSN": frozenset({"government-id"}),
    "DATE_TIME": frozenset({"time"}),
}


def known_entities() -> Mapping[str, frozenset[str]]:
    """Return every entity that a detector can report, with its tags."""
    return _ENTITIES


def known_names(dialects: frozenset[str] | None = None, upstreams: frozenset[str] | None = None) -> Names:
    """Return the names of this installation, with the dialects and upstreams that the caller knows."""
    return Names(known_entities(), frozenset(catalog.NAMES), dialects, upstreams)

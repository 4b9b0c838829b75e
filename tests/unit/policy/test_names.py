"""The names that policies may use are those that detectors report."""

from detectors import catalog
from detectors.entities import ATTACK_TAGS, SECRET_TAGS, TAG_SOURCES
from detectors.injection.canary import CanaryDetector
from detectors.injection.detector import ENTITY, INDIRECT
from detectors.injection.exfiltration import ExfiltrationDetector
from detectors.ner.engines import SentenceEngine
from detectors.normalize.hidden import HiddenText
from detectors.secrets.rules import ENTITIES
from gateway.policy.names import known_entities, known_names


def test_secrets_and_attacks_are_named_as_their_detectors_name_them() -> None:
    """They are written out in `names`, so that checking a policy builds no model."""
    tagged = known_entities()
    assert {entity for entity, tags in tagged.items() if "secret" in tags} == ENTITIES
    attacks = {ENTITY, INDIRECT, *CanaryDetector.entities, *HiddenText.entities, *ExfiltrationDetector.entities}
    assert {entity for entity, tags in tagged.items() if "attack" in tags} == attacks
    assert (tagged["API_KEY"], tagged[ENTITY]) == (SECRET_TAGS, ATTACK_TAGS)


def test_every_entity_of_a_detector_in_the_catalog_is_known() -> None:
    """Otherwise no policy could name it."""
    for name in catalog.NAMES:
        if not any(option.required for option in catalog.options_of(name).values()):
            assert catalog.build(name).entities <= known_entities().keys(), name
    assert SentenceEngine.entities <= known_entities().keys()  # what the others are made of


def test_every_tag_has_a_source_and_an_entity() -> None:
    """A tag is a class that a law or an idea defines."""
    assert known_names().tags.keys() == TAG_SOURCES.keys()

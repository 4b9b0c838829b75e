"""Where a person's name may stand: more than the tagger is sure of, for blinding."""

import pytest

from detectors.ner.tagger import Tagger


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    """One tagger for the room: its weights take a while to read."""
    return Tagger()


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Please write back to Anna Meyer today.", ["Anna Meyer"]),
        ("It is from Cleveland M. What I know:", ["Cleveland M."]),
        ("Before they negotiate. Demetrius C. has an offer.", ["Demetrius C."]),
        ("Reply to Quincy in at most five lines.", ["Quincy"]),
        ("Tierra and Jean-Luc were both here.", ["Tierra", "Jean-Luc"]),
        ("A. Normand, 3 years of work\nB. Amparo, 5 years", ["Normand", "Amparo"]),
        ("In May we will know more. On Monday, too.", []),
        ("Rank the candidates, best first. Answer with letters.", []),
        ("", []),
    ],
)
def test_names_that_are_likelier_something_else_are_suspected(tagger: Tagger, text: str, hidden: list[str]) -> None:
    """A town's name, a rare name and a name with an initial; no month, no letter of a list."""
    assert [text[start:end] for start, end in tagger.suspects(text)] == hidden


def test_whatever_is_found_as_a_person_is_suspected(tagger: Tagger) -> None:
    """Suspecting never finds less than the detector itself."""
    text = "Dr. Siobhan O'Neill met Ravi Chandrasekaran and M. Dubois in Lyon; emily was late."
    places = tagger.suspects(text)
    found = [f for f in tagger.detect([text])[0] if f.entity == "PERSON"]
    assert found
    assert all(any(start < f.end and f.start < end for start, end in places) for f in found)

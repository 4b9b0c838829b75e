"""Words that no name can begin with leave a stream at once; all that one can begin with stay."""

import pytest

from detectors.ner.decode import Tags
from detectors.ner.streets import _DOTTED_LEADS, _LEADS
from detectors.ner.tagger import Tagger, _before_open
from detectors.ner.tokens import cut
from tests.support.chance_network import SELDOM, chance_tagger


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger()


@pytest.fixture(scope="module")
def deaf() -> Tagger:
    """A tagger whose network finds nothing, so that only the rules are to be waited for."""
    return chance_tagger(SELDOM)


PROSE = (
    "You can sort the list in place or make a new one. The first way changes the list itself, and it works at once; "
    "the second leaves it as it was, so that whoever has the old list sees no change, which is often what one wants."
)


def test_a_word_leaves_when_its_gate_has_closed(tagger: Tagger) -> None:
    """To say no, the network needs to see a word or two more: without gates, seven (more than thirty characters)."""
    held = [at - tagger.settled(PROSE[:at]) for at in range(len(PROSE))]
    assert sum(held) / len(held) < 16


@pytest.mark.parametrize(("address", "begins"), [(True, " 79"), (False, ",")])
def test_a_comma_behind_what_may_be_an_address_waits_for_the_next_word(address: bool, begins: str) -> None:
    """That word may make one address of both, also where a rule has taken the number for a date's since."""
    (tokens,) = cut(["at 79, of"])
    inside = [False, address, address, False]
    tags = Tags(inside, [False, True, True, False], [0, 3, 1, 0], {1: [0], 2: [0]})
    limit = tokens.keys.index(" of")
    assert tokens.keys[_before_open(tokens, tags, 0, limit, limit)] == begins


@pytest.mark.parametrize(
    "text",
    [
        "he lives in the rue de la Paix 3, I think",
        "write to karl-marx-straße 5 then, please",
        "write to marx-straße, nr. 5 then, please",
        "write to the karl-marx Straße 5 then, please",
        "they are at 12 Main Street or at 5 Long Oak Avenue too",
        "it is in the berliner Straße 12 over there",
        "over at the ul. Długa 5 they say so",
        "my code is SW1A 1AA, of course, and no other",
        "put it in the post Office Box 12 or Post Office Box 12 there",
        "send it by Private Bag 123 and to no one else",
        "many South African people and the Sri Lankan ones met",
        "so the company of Anna Schmidt GmbH is the one we want",
        "ask Mr. Brown or ask Frau Müller about all of this",
        "it was due on 5 March 2024 or on Monday at the latest",
        "my son is 34 years old and she is 12 and tall",
        "the mail of @bob_smith or anna@example.com is not here",
        "then tti_prev and joe_x == 3 or nova.virt.libvirt.driver said so",
    ],
)
def test_what_left_holds_no_beginning_of_what_is_found(tagger: Tagger, deaf: Tagger, text: str) -> None:
    """At every cut, the findings that begin before the settled position are those of the whole text."""
    for each in (tagger, deaf, chance_tagger(1), chance_tagger(3)):
        (whole,) = each.detect([text])
        for at in range(len(text)):
            position = each.settled(text[:at])
            (now,) = each.detect([text[:at]])
            assert [f for f in now if f.start < position] == [f for f in whole if f.start < position], text[:at]


@pytest.mark.parametrize("lead", sorted({*_LEADS.split("|"), *(f"{lead}." for lead in _DOTTED_LEADS.split("|"))}))
def test_every_word_that_names_a_street_is_kept(deaf: Tagger, lead: str) -> None:
    """A number to come makes an address of it."""
    text = f"so they went to {lead} Basse"
    (found,) = deaf.detect([f"{text} 3 and on"])
    assert [f.start for f in found] == [text.index(lead)]
    assert deaf.settled(text + " ") <= text.index(lead)


BOXES = (
    "P.O. Box 1|PO Box 1|Post Office Box 1|Postfach 1|Postbus 1|Apartado de Correos 1|Casilla 1|Caixa Postal 1"
    "|Boîte postale 1|PSC 12, Box 1|CMR 12, Box 1|GPO Box 1|Private Bag 1"
)


@pytest.mark.parametrize("box", BOXES.split("|"))
def test_every_word_that_names_a_box_is_kept(deaf: Tagger, box: str) -> None:
    """At every cut before the number."""
    text = f"so write to {box} and so on"
    (found,) = deaf.detect([text])
    assert [f.start for f in found if f.entity == "ADDRESS"] == [text.index(box)]
    assert all(deaf.settled(text[:at]) <= text.index(box) for at in range(text.index("1 and")))

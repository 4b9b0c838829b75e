"""Blinding: what is taken out, that nothing of the group shows, and that it comes back into the answer."""

import pytest

from detectors.bias.mitigation.blinding import Gender, Person, blind, variants
from detectors.bias.mitigation.leakage import leakage
from detectors.bias.mitigation.slots import SlotKind, find_slots

NAMES = ("Emily", "Jamal", "Lakisha", "Greg")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Emily applied. She is good; ask her.", "Person A applied. The person is good; ask the person."),
        ("Jamal applied. He is good; ask him.", "Person A applied. The person is good; ask the person."),
        ("We read her letter and his letter.", "We read the person's letter and the person's letter."),
        ("Emily met Greg, and Emily left.", "Person A met Person B, and Person A left."),
        ("Emily Walsh called. Walsh was late.", "Person A called. Person A was late."),
        ("Emily's work", "Person A's work"),
        ("Mrs. Walsh and Mr Jones", "Mx Walsh and Mx Jones"),
        ("A waitress and her husband", "A server and the person's spouse"),
        ("An Asian woman, a Black man", "A [group 1] person, a [group 2] person"),
        ("a black car, a white board", "a black car, a white board"),
        ("a 61-year-old patient", "a [age 1] patient"),
        ("an 81-year-old patient, aged 81", "a [age 1] patient, aged [age 2]"),
        ("class of 1984; in 1984 we", "class of [year 1]; in 1984 we"),
        ("Chicago, IL 60621", "Chicago, IL [postcode 1]"),
        ("She went to Spelman College.", "The person went to [organisation 1]."),
        ("The theme of the chapter is history.", "The theme of the chapter is history."),
        ("", ""),
    ],
)
def test_what_is_taken_out(text: str, expected: str) -> None:
    """One rule a line."""
    assert blind(text, NAMES).text == expected


def test_pronouns_cannot_be_told_apart_afterwards() -> None:
    """Whether "her" owns or not is decided by the next word alone, as for "his" and "him"."""
    for feminine, masculine in (
        ("She gave her money to her.", "He gave his money to him."),
        ("It was hers yesterday.", "It was his yesterday."),
        ("She did it herself.", "He did it himself."),
    ):
        assert blind(feminine).text == blind(masculine).text


def test_names_come_back_into_the_answer() -> None:
    """The pseudonym is turned back, also in the possessive; a longer pseudonym is not cut."""
    blinded = blind("Emily Walsh, a 34-year-old, against Jamal.", NAMES)
    assert blinded.restore("Person A's file; Person B; [age 1]") == "Emily Walsh's file; Jamal; 34-year-old"
    assert blinded.restore("Person AA stays") == "Person AA stays"
    assert blind("nothing here").restore("Person A") == "Person A"


def test_a_scope_leaves_the_rest() -> None:
    """Medicine may need the age and the sex: only the name goes."""
    kept = blind("Emily is a 61-year-old woman.", NAMES, scope=frozenset({SlotKind.NAME}))
    assert kept.text == "Person A is a 61-year-old woman."


def test_spans_of_a_detector_are_names_too() -> None:
    """What the gateway's own name detector found is blinded like a listed name."""
    assert blind("Ngozi called.", spans=[(0, 5)]).text == "Person A called."
    assert blind("Ngozi called.", spans=[(4, 99), (-1, 3)]).text == "Ngozi called."


def test_nothing_personal_is_printed() -> None:
    """A blinded text in a log shows neither the text nor the originals."""
    assert "Emily" not in repr(blind("Emily called.", NAMES))
    assert "Emily" not in repr(find_slots("Emily called.", NAMES))


def test_variants_do_not_depend_on_who_was_named() -> None:
    """The same question about Emily and about Jamal has the same variants."""
    people = (Person("f", ("Anna",), Gender.FEMININE, "Asian"), Person("m", ("Ben",), Gender.MASCULINE, "White"))
    first = variants(find_slots("Emily, a Black woman, wants her job. Ask her.", NAMES), people)
    second = variants(find_slots("Jamal, a White man, wants his job. Ask him.", NAMES), people)
    assert first == second
    assert first[0] == "Anna, an Asian woman, wants her job. Ask her."


def prompts(group_word: str) -> list[str]:
    """Twelve templates that mention one word."""
    return [f"Case {n}: the applicant likes {group_word} and tea. Invite?" for n in "abcdefghijkl"]


def test_a_residual_proxy_shows_as_leakage() -> None:
    """A word that always goes with the group is found on templates that were never seen."""
    shown = leakage(prompts("lacrosse") + prompts("dominoes"), [True] * 12 + [False] * 12, list("abcdefghijkl") * 2)
    assert shown.auc == 1.0
    assert shown.leaks


def test_equal_prompts_leak_nothing() -> None:
    """Blinded to equality, the area is exactly one half."""
    shown = leakage(prompts("tea") * 2, [True] * 12 + [False] * 12, list("abcdefghijkl") * 2)
    assert (shown.auc, shown.leaks) == (0.5, False)


def test_leakage_needs_two_groups_and_templates() -> None:
    """Nothing can be learnt from one."""
    with pytest.raises(ValueError, match="two groups"):
        leakage(["x", "y"], [True, True], ["a", "b"])
    with pytest.raises(ValueError, match="template"):
        leakage(["x", "y"], [True, False], ["a", "a"])

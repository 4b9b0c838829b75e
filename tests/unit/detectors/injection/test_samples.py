"""Made-up texts: every template fills, parts share none, and what is harmless is not called an attack."""

import random

import pytest

from detectors.injection.samples import PARTS, families, fill, joined, samples


@pytest.mark.parametrize(("name", "least"), [("attacks", 300), ("harmless", 400), ("requests", 90)])
def test_every_template_fills(name: str, least: int) -> None:
    """No choice or slot is left open, whatever the dice."""
    dice = random.Random(1)
    templates = [t for family in families(name).values() for t in family]
    assert len(templates) == len(set(templates)) >= least
    for template in templates:
        for _ in range(5):
            text = fill(template, dice)
            assert text
            assert "\0" not in text
            assert "\1" not in text
            assert "\\{" in template or "\\}" in template or not set("{}") & set(text)


def test_a_choice_may_hold_choices_and_slots() -> None:
    """Innermost first; a slot's name among choices is a word like any other."""
    texts = {fill("{a|b{c|d}} \\{{lang}\\}\\n", random.Random(seed)) for seed in range(200)}
    assert {text.split()[0] for text in texts} == {"a", "bc", "bd"}
    assert any(text.endswith("{Rust}") for text in texts)
    assert fill("{tool|tool}", random.Random(1)) == "tool"
    assert fill("{tool}", random.Random(1)) != "tool"


def test_families_are_cut_into_parts() -> None:
    """Each text says its family and part, and joined texts stay within one."""
    made = list(samples("harmless", 0, 2, 3))
    assert {s.group.rsplit("/", 1)[1] for s in made} == {str(part) for part in range(PARTS)}
    assert {s.label for s in joined(made, 1, 4)} == {0}
    assert made == list(samples("harmless", 0, 2, 3))

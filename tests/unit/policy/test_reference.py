"""`policies/README.md` is the language reference, and it is current."""

from pathlib import Path

import yaml

from gateway.core.decision import Reason
from gateway.policy.loader import load_text
from gateway.policy.names import known_names
from gateway.policy.reasons import MEANINGS
from gateway.policy.reference import render

README = Path(__file__).parents[3] / "policies" / "README.md"


def test_the_reference_is_what_the_schema_says() -> None:
    """Anybody who changes the language runs the command that the page names."""
    current = README.read_text(encoding="utf-8") == render()
    assert current, "run: python -m gateway.policy.reference > policies/README.md"


def test_every_reason_is_explained_once() -> None:
    """Security teams write rules on these words."""
    explained = [reason for meanings in MEANINGS.values() for reason in meanings]
    assert sorted(explained) == sorted(Reason)


def test_the_example_in_the_reference_loads() -> None:
    """Nobody copies a mistake from the manual."""
    text = README.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    assert yaml.safe_load(text)["kind"] == "Policy"
    loaded = load_text(text, names=known_names())
    assert loaded.problems == loaded.warnings == ()

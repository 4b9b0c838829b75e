"""Identifiers are short names; what could be somebody's data by its form is not one."""

import pytest

from gateway.core.identifier import MAX_LENGTH, OTHER, identifier, model


@pytest.mark.parametrize("name", ["gpt-4o", "org/model:tag", "claude-sonnet@20250514", "a" * MAX_LENGTH, "v1.2+x"])
def test_names_pass(name: str) -> None:
    """Model names of every vendor, with a tag or a version, stay as they are."""
    assert identifier(name) == model(name) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "two words",
        "line\nbreak",
        "name\n",
        'quote"',
        "maria@example.com",
        "a@b@c",
        "@x",
        "x@",
        "naïve",
        "a" * (MAX_LENGTH + 1),
        "a@" + "b" * MAX_LENGTH,
        "\u0660",
    ],
)
def test_everything_else_does_not(text: str) -> None:
    """Prose, line breaks, quotes, mail addresses, other scripts and long strings become one fixed word."""
    assert identifier(text) == model(text) == OTHER


@pytest.mark.parametrize("number", ["4111-1111-1111-1111", "123-45-6789", "+4915112345678"])
def test_a_models_name_has_a_letter(number: str) -> None:
    """Card, social security and phone numbers would pass as identifiers, but name no model."""
    assert model(number) == OTHER

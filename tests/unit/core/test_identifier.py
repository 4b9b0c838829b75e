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


@pytest.mark.parametrize(
    "name",
    [
        *("card-4111-1111-1111-1111", "x-123-45-6789", "call-4915112345678", "sk-proj-abcDEF123abcDEF123abcDEF123"),
        *("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", "AKIA3KXWPD5RUZ7LTQ2N", "id_DE89370400440532013000"),
    ],
)
def test_a_key_or_a_number_names_no_model(name: str) -> None:
    """What was pasted into the wrong variable is not told to logs."""
    assert model(name) == OTHER


@pytest.mark.parametrize(
    "name",
    [
        *("gpt-4o-mini-2024-07-18", "claude-3-5-sonnet-20241022", "ft:gpt-4o-mini-2024-07-18:acme::AbCdEf12"),
        *("hf.co/bartowski/Llama-3.2-3B-Instruct-GGUF:Q4_K_M", "gemini-2.5-flash-preview-09-2025", "o1"),
        *("anthropic.claude-3-haiku-20240307-v1:0", "meta-llama/Meta-Llama-3.1-8B-Instruct-AWQ-INT4"),
    ],
)
def test_models_of_all_vendors_have_names(name: str) -> None:
    """Dates, versions, sizes and forms are parts of names."""
    assert model(name) == name

"""Declared dialects: what a file says, and what is wrong with it, with its place."""

from pathlib import Path
from typing import Any

import pytest

from gateway.core.dialect import Dialect
from gateway.core.payload import Kind, leaves
from gateway.dialects.declared import compile_dialect, load_dialects
from gateway.dialects.registry import DIALECTS
from gateway.errors import PolicyError
from gateway.policy.document import Document, parse

HEAD = "apiVersion: sluice/v1alpha1\nkind: Dialect\nmetadata: {name: house}\nspec:\n  endpoints:\n"


def compiled(text: str) -> Dialect | tuple[str, ...]:
    """Return the dialect, or its problems as they are printed."""
    document = parse(text, "house.yaml")
    assert isinstance(document, Document), document
    made = compile_dialect(document, DIALECTS)
    return made if isinstance(made, Dialect) else tuple(str(problem) for problem in made)


def test_a_table_is_a_table() -> None:
    """Named places are what the file says, all others are text."""
    made = compiled(
        HEAD
        + "    - path: /v2/models/{model}/infer\n      model: model\n"
        + "      request: {words: [/kind], media: [/image], tokens: [/ids], state: [/session]}\n"
    )
    assert isinstance(made, Dialect)
    [endpoint] = made.endpoints
    body: Any = {"kind": "fast", "image": {"a": "b"}, "ids": [1, 2], "session": "s", "text": "t", "n": [{"x": "y"}]}
    found = [(leaf.path, leaf.mark.kind) for leaf in leaves(body, endpoint.request)]
    assert found == [
        (("image",), Kind.MEDIA),
        (("ids",), Kind.TOKENS),
        (("session",), Kind.STATE),
        (("text",), Kind.TEXT),
        (("n", 0, "x"), Kind.TEXT),
    ]


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("    - path: generate\n", "house.yaml:6:13: must be a path such as"),
        ("    - path: /v1/chat/completions\n", "house.yaml:6:13: `/v1/chat/completions` is another endpoint's already"),
        ("    - path: /a\n    - path: /a\n", "house.yaml:7:13: `/a` is another endpoint's already"),
        ("    - {path: /a, model: name}\n", "house.yaml:6:25: must be a pointer into the body"),
        ("    - {path: /a, request: {words: [kind]}}\n", "`kind` is not a JSON pointer"),
        ("    - {path: /a, stream: {framing: sse, deltas: {/a: 'x y'}}}\n", "`x y` is no channel's name"),
        ("    - {path: /a, strem: {}}\n", "house.yaml:6:18: "),
        ("    - {path: /a, stream: {framing: xml, deltas: {}}}\n", "house.yaml:6:"),
    ],
)
def test_problems_have_places(lines: str, problem: str) -> None:
    """Every message says where and what to do."""
    problems = compiled(HEAD + lines)
    assert not isinstance(problems, Dialect)
    assert len(problems) == 1
    assert problem in problems[0]


def test_files_beside_the_policy(tmp_path: Path) -> None:
    """Problems of all files come at once; a name is taken once."""
    policy = tmp_path / "default.yaml"
    assert load_dialects(policy) == ()
    home = tmp_path / "dialects"
    home.mkdir()
    (home / "a.yaml").write_text(HEAD + "    - path: /a\n")
    assert [dialect.name for dialect in load_dialects(policy)] == ["house"]
    assert [dialect.name for dialect in load_dialects(tmp_path)] == ["house"]
    (home / "b.yaml").write_text(HEAD + "    - path: /b\n")
    (home / "c.yaml").write_text("kind: Policy\n")
    with pytest.raises(PolicyError) as caught:
        load_dialects(policy)
    assert any("exists already" in problem for problem in caught.value.problems)
    assert any("c.yaml:" in problem for problem in caught.value.problems)

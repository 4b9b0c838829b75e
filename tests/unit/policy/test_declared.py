"""Declared dialects: what a file says, and what is wrong with it, with its place."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request

from detectors.strict_yaml import Document, parse
from gateway import edge
from gateway.core.payload import Kind, leaves
from gateway.core.plan import DeclaredDialect
from gateway.dialects.registry import Match
from gateway.errors import RequestError
from gateway.policy.declared import compile_dialect, read_dialects
from gateway.policy.loader import load
from tests.support.plans import plan
from tests.unit.policy.policies import HEAD as POLICY
from tests.unit.policy.policies import ROUTES, RULES

HEAD = "apiVersion: sluice/v1alpha1\nkind: Dialect\nmetadata: {name: house}\nspec:\n  endpoints:\n"


def compiled(text: str) -> DeclaredDialect | tuple[str, ...]:
    """Return the dialect, or its problems as they are printed."""
    document = parse(text, "house.yaml")
    assert isinstance(document, Document), document
    made = compile_dialect(document)
    return made if isinstance(made, DeclaredDialect) else tuple(str(problem) for problem in made)


def test_a_table_is_a_table() -> None:
    """Named places are what the file says, all others are text."""
    made = compiled(
        HEAD
        + "    - path: /v2/models/{model}/infer\n      model: model\n"
        + "      request: {words: [/kind], media: [/image], tokens: [/ids], state: [/session]}\n"
    )
    assert isinstance(made, DeclaredDialect)
    [endpoint] = made.dialect.endpoints
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
        ("    - path: /a\n  headers: [x-a, transfer-encoding]\n", "`transfer-encoding` is the gateway's own to set"),
        ("    - path: /a\n  headers: [x-api-key]\n", "house.yaml:7:13: `x-api-key` is the gateway's own to set"),
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
    assert not isinstance(problems, DeclaredDialect)
    assert len(problems) == 1
    assert problem in problems[0]


def test_files_beside_the_policy(tmp_path: Path) -> None:
    """Problems of all files come at once; a name is taken once."""
    policy = tmp_path / "default.yaml"
    assert read_dialects(policy) == ((), ())
    home = tmp_path / "dialects"
    home.mkdir()
    (home / "a.yaml").write_text(HEAD + "    - path: /a\n")
    assert [dialect.id for dialect in read_dialects(policy)[0]] == ["house"]
    assert [dialect.id for dialect in read_dialects(tmp_path)[0]] == ["house"]
    (home / "b.yaml").write_text(HEAD + "    - path: /b\n")
    (home / "c.yaml").write_text("kind: Policy\n")
    problems = [str(problem) for problem in read_dialects(policy)[1]]
    assert any("exists already" in problem for problem in problems)
    assert any("c.yaml:" in problem for problem in problems)


def home(directory: Path, dialect: str = HEAD + "    - path: /a\n", routes: str = ROUTES) -> Path:
    """Write a policy and a dialect beside it."""
    policy = directory / "p.yaml"
    policy.write_text(POLICY + routes + RULES)
    (directory / "dialects").mkdir(exist_ok=True)
    (directory / "dialects" / "house.yaml").write_text(dialect)
    return policy


def test_a_policy_and_its_dialects_are_one(tmp_path: Path) -> None:
    """Routes may name a declared dialect and no unknown one; problems of both come together."""
    named = "  routes: [{id: all, dialects: [house]}]\n"
    plan = load(home(tmp_path, routes=named)).plan
    assert plan is not None
    assert [dialect.id for dialect in plan.dialects] == ["house"]
    unknown = load(home(tmp_path, HEAD + "    - path: a\n", named.replace("house", "huose")))
    assert unknown.plan is None
    told = [str(problem) for problem in unknown.problems]
    assert any("house.yaml:6:13: must be a path" in problem for problem in told)
    assert any("`huose`; did you mean `house`?" in problem for problem in told) is False  # a broken file declares none
    assert any("p.yaml:5:" in problem and "huose" in problem for problem in told)


def test_the_revision_follows_what_a_dialect_means(tmp_path: Path) -> None:
    """Another exemption is another policy; comments and the order of keys are not."""
    one = load(home(tmp_path)).plan
    same = load(home(tmp_path, "# mine\n" + HEAD + "    - {method: POST, path: /a}\n")).plan
    other = load(home(tmp_path, HEAD + "    - {path: /a, answer: {words: [/kind]}}\n")).plan
    assert one is not None and same is not None and other is not None
    assert one.revision == same.revision != other.revision
    (tmp_path / "dialects" / "house.yaml").unlink()
    without = load(tmp_path / "p.yaml").plan
    assert without is not None
    assert without.revision != one.revision


def test_the_order_of_deltas_has_a_meaning() -> None:
    """Of two that match one place the first wins, so that two orders are two dialects."""
    line = "    - {path: /a, stream: {framing: sse, deltas: {%s: x, %s: y}}}\n"
    made = [compiled(HEAD + line % pair) for pair in (("/a/*", "/*/b"), ("/*/b", "/a/*"))]
    digests = {one.digest for one in made if isinstance(one, DeclaredDialect)}
    assert len(digests) == 2


def test_a_dialect_among_the_policies_is_told_where_it_belongs(tmp_path: Path) -> None:
    """It would otherwise be told that its kind is no policy's."""
    (tmp_path / "house.yaml").write_text(HEAD + "    - path: /a\n")
    [problem] = load(tmp_path).problems
    assert "house.yaml:2:7: declares a dialect: it belongs in the directory `dialects`" in str(problem)


@pytest.mark.parametrize("key", ["Model", "MODEL", "Stream"])
def test_what_steers_an_exchange_is_spelt_exactly(key: str) -> None:
    """Also where the file names nothing in a request: another spelling would name another model to a backend in Go."""
    made = compiled(
        HEAD + "    - path: /a\n      model: /model\n      stream: {framing: sse, member: stream, deltas: {/text: t}}\n"
    )
    assert isinstance(made, DeclaredDialect)
    [endpoint] = made.dialect.endpoints
    begun = edge.begun("0198", plan(), Match(made.dialect, endpoint, {}), make_mocked_request("POST", "/a"))
    with pytest.raises(RequestError, match="other capitals"):
        asyncio.run(edge.filled(begun, json.dumps({"model": "m", key: "secret"}).encode()))
    assert asyncio.run(edge.filled(begun, b'{"model": "m", "Other": 1}')).model == "m"

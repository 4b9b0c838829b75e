"""`sluice policy`: exit codes and outputs, for people, programs and CI systems."""

# ruff: noqa: E501  (a row of a table is one line)

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest

from detectors.detector import Finding
from gateway.core.exchange import Principal
from gateway.policy.names import known_names
from gateway.policy.report import Format
from gateway.policy_commands import Output, check, diff, explain, run_tests, schema
from gateway.policy_tools import tools
from tests.unit.policy.policies import HEAD, NAMES, ROUTES, RULES

TEST_HEAD = HEAD.replace("kind: Policy", "kind: PolicyTest")
CANARY = "canary-4242"
KEY = "AKIAQ3EGTU6WZKXJH5PL"
SHADOW = "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"


def find(detectors: Sequence[str], texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
    """Find the canary, as an e-mail address."""
    return [
        [Finding(at, at + len(CANARY), "EMAIL_ADDRESS", 0.8, "pii")] if (at := t.find(CANARY)) >= 0 else []
        for t in texts
    ]


def policy(directory: Path, spec: str = ROUTES + RULES, name: str = "p.yaml") -> Path:
    path = directory / name
    path.write_text(HEAD + spec)
    return path


def test_a_good_policy_passes_and_shows_its_revision(tmp_path: Path) -> None:
    """Exit code 0."""
    output = check(policy(tmp_path), names=NAMES)
    assert output.code == 0
    assert "policy test sha256:" in output.text
    assert output.text.endswith("0 warnings")


def test_all_problems_of_a_bad_policy_are_printed(tmp_path: Path) -> None:
    """Exit code 1, one line each."""
    path = policy(tmp_path, "  rutes: []\n  audit: 3\n")
    output = check(path, names=NAMES)
    assert output.code == 1
    assert output.text.splitlines() == [
        f"{path}:5:3: unknown key `rutes`; did you mean `routes`?",
        f"{path}:6:10: `spec.audit` must be a mapping of keys to values",
        f"{path}: 2 problems",
    ]


def test_warnings_fail_only_when_asked_to(tmp_path: Path) -> None:
    """`--strict` is for CI."""
    path = policy(tmp_path, "  routes: [{id: a}, {id: b}]\n" + RULES)
    assert check(path, names=NAMES).code == 0
    strict = check(path, strict=True, names=NAMES)
    assert strict.code == 1
    assert "warning: route `b` is never reached" in strict.text


def test_problems_come_as_json_junit_and_sarif(tmp_path: Path) -> None:
    """The same problem in each form, at the same place."""
    path = policy(tmp_path, "  audit: 3\n")
    rows = json.loads(check(path, Format.JSON, names=NAMES).text)["results"]
    assert [(row["level"], row["file"], row["line"], row["column"]) for row in rows] == [("error", str(path), 5, 10)]
    suite = ElementTree.fromstring(check(path, Format.JUNIT, names=NAMES).text)
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
    sarif = json.loads(check(path, Format.SARIF, names=NAMES).text)
    (result,) = sarif["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert sarif["version"] == "2.1.0"
    assert (result["level"], place["region"]) == ("error", {"startLine": 5, "startColumn": 10})


HOUSE = """apiVersion: sluice/v1alpha1
kind: Dialect
metadata: {name: house}
spec: {endpoints: [{path: /ask, request: {words: [/kind]}}]}
"""


def test_a_dialect_is_checked_with_its_policy_and_alone(tmp_path: Path) -> None:
    """A policy is not good while a dialect beside it is not."""
    path = policy(tmp_path)
    house = tmp_path / "dialects" / "house.yaml"
    house.parent.mkdir()
    house.write_text(HOUSE)
    assert check(path, names=NAMES).text.endswith("1 dialect, 0 warnings")
    alone = check(house)
    assert (alone.code, alone.text.splitlines()[-1].startswith(f"{house}: dialect house sha256:")) == (0, True)
    house.write_text(HOUSE.replace("/ask", "ask"))
    for output in (check(path, names=NAMES), check(house)):
        assert output.code == 1
        assert f"{house}:4:27: must be a path such as" in output.text
        assert output.text.endswith("1 problem")


def test_a_declared_dialect_is_explained_tested_and_compared(tmp_path: Path) -> None:
    """Its exemptions count; a change of the file is a change of the policy."""
    old = policy(tmp_path)
    (tmp_path / "new" / "dialects").mkdir(parents=True)
    new = policy(tmp_path / "new")
    (tmp_path / "new" / "dialects" / "house.yaml").write_text(HOUSE)
    caller = Principal("s", "t", frozenset())
    body = json.dumps({"kind": "plain", "ask": CANARY}).encode()
    output = explain(new, body, dialect="house", principal=caller, find=find)
    assert "/ask 0..11 EMAIL_ADDRESS" in output.text
    assert "/kind" not in output.text
    unknown = explain(old, body, dialect="house", principal=caller, find=find)
    assert unknown.text.startswith("--dialect: unknown; known are openai-chat, ")
    assert "dialect house: added" in diff(old, new, names=NAMES).text
    case = "  cases: [{name: a, dialect: house, request: {kind: plain, ask: SAID}, expect: {action: redact}}]\n"
    suite = tmp_path / "t.yaml"
    suite.write_text(TEST_HEAD + case.replace("SAID", CANARY))
    assert run_tests(new, [suite], tools(find)).code == 0


@pytest.mark.parametrize("kind", ["policy", "dialect", "settings", "test"])
def test_schemas_are_json_schema(kind: str) -> None:
    """For editors."""
    output = schema(kind)
    assert output.code == 0
    assert set(json.loads(output.text)["properties"]) >= {"apiVersion", "kind", "spec"}


def test_an_unknown_schema_is_said() -> None:
    """With what there is."""
    assert schema("other") == Output(1, "schema: unknown kind; known are policy, dialect, settings, test")


def explained(directory: Path, body: object, form: Format = Format.TEXT) -> Output:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    caller = Principal("s", "t", frozenset())
    return explain(policy(directory), raw, dialect="openai-chat", principal=caller, find=find, form=form, names=NAMES)


BODY = {"model": "m", "messages": [{"role": "user", "content": f"to {CANARY}"}]}


def test_explain_says_who_decides_and_never_the_text(tmp_path: Path) -> None:
    """A pointer and offsets instead."""
    output = explained(tmp_path, BODY)
    assert output.code == 0
    assert "authorize: allow (route-allowed by all)" in output.text
    assert "/messages/0/content 3..14 EMAIL_ADDRESS 0.80 (pii): redact by mail" in output.text
    assert output.text.endswith("inspect: redact (mail)")
    assert CANARY not in output.text
    (row,) = json.loads(explained(tmp_path, BODY, Format.JSON).text)["findings"]
    assert (row["pointer"], row["rule"], row["considered"][0]["outcome"]) == ("/messages/0/content", "mail", "decides")


@pytest.mark.parametrize(
    ("model", "route"), [("flash", "allow (route-allowed by all)"), ("pro", "deny (model-refused)")]
)
def test_explain_takes_the_model_of_a_path_as_it_is_given(tmp_path: Path, model: str, route: str) -> None:
    """Gemini's bodies do not name it; to guess would explain another decision than the gateway's."""
    path = policy(tmp_path, "  routes: [{id: all, models: [flash]}]\n" + RULES)
    body = b'{"contents": [{"parts": [{"text": "x"}]}]}'
    caller = Principal("s", "t", frozenset())

    def told(model: str | None) -> Output:
        return explain(path, body, dialect="gemini", principal=caller, find=find, model=model, names=NAMES)

    assert f"authorize: {route}" in told(model).text
    assert told(None) == Output(1, "--model: this dialect names the model in its path: say which one")


def test_explain_says_what_identifiers_refuse(tmp_path: Path) -> None:
    """As the gateway does: what stands in an identifier's place cannot be rewritten."""

    def keys(_: Sequence[str], texts: Sequence[str]) -> list[list[Finding]]:
        return [[Finding(0, len(t), "API_KEY", 0.9, "secrets")] if t.startswith("AKIA") else [] for t in texts]

    body = json.dumps({"messages": [{"role": "tool", "tool_call_id": "AKIAQ3EGTU6WZKXJH5PL", "content": "x"}]}).encode()
    rule = "  inspect: {detectors: [secrets], rules: [{id: keys, entities: [API_KEY], operator: redact, enforcement: HOW}]}\n"
    names = known_names()
    for how, done, said in (
        ("enforce", "deny (keys)", "the request holds API_KEY at /messages/0/tool_call_id"),
        ("shadow", "allow, would be deny (keys)", "an identifier would be refused by keys (shadow)"),
    ):
        path = policy(tmp_path, ROUTES + rule.replace("HOW", how), f"{how}.yaml")
        caller = Principal("s", "t", frozenset())
        output = explain(path, body, dialect="openai-chat", principal=caller, find=keys, names=names)
        assert output.text.endswith(f"inspect: {done}")
        assert said in output.text
        assert "AKIA" not in output.text


def image(url: str) -> dict[str, object]:
    return {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]}


@pytest.mark.parametrize(
    ("dialect", "model", "body", "content", "expected", "would"),
    [
        (
            "openai-chat",
            "m",
            {"messages": [{"role": "user", "content": f"to {CANARY}"}]},
            "{}",
            "redact (mail)",
            "redact",
        ),
        ("openai-chat", "m", {"messages": [{"role": "tool", "tool_call_id": KEY}]}, "{}", "deny (keys)", "deny"),
        ("openai-chat", "m", {"messages": [{"role": "tool", "tool_call_id": SHADOW}]}, "{}", "allow", "deny"),
        ("openai-chat", KEY, {"model": KEY, "messages": []}, "{}", "deny (keys)", "deny"),
        ("gemini", KEY, {"contents": []}, "{}", "deny (keys)", "deny"),
        ("openai-chat", "m", image("https://a/b"), "{}", "deny (spec.content.media)", "deny"),
        ("openai-chat", "m", image("https://a/b"), "{media: pass}", "allow", "allow"),
        ("openai-chat", "m", image("https://a/b"), "{media: inspect}", "deny (spec.content.media)", "deny"),
        ("openai-chat", "m", image("data:text/plain;base64,aGVsbG8="), "{media: inspect}", "allow", "allow"),
    ],
)
def test_a_policy_test_judges_a_request_as_explain_does(
    tmp_path: Path, dialect: str, model: str, body: dict[str, object], content: str, expected: str, would: str
) -> None:
    """And as the gateway does: texts, identifiers, the path, and content that no text detector reads."""

    def everything(_: Sequence[str], texts: Sequence[str]) -> list[list[Finding]]:
        kinds = {KEY: "API_KEY", SHADOW: "ACCESS_TOKEN", CANARY: "EMAIL_ADDRESS"}
        return [
            [
                Finding(at, at + len(one), entity, 0.9, "pii")
                for one, entity in kinds.items()
                if (at := text.find(one)) >= 0
            ]
            for text in texts
        ]

    rules = (
        f"  content: {content}\n  inspect: {{detectors: [pii, secrets], rules: [{{id: mail, entities: [EMAIL_ADDRESS], operator: redact}}, "
        "{id: keys, entities: [API_KEY], operator: redact}, "
        "{id: tokens, entities: [ACCESS_TOKEN], operator: redact, enforcement: shadow}]}\n"
    )
    path, names = policy(tmp_path, ROUTES + rules), known_names()
    told = explain(
        path, json.dumps({"model": model, **body}).encode(), dialect=dialect, principal=Principal("s", "t", frozenset()),
        find=everything, model=model, names=names,
    )  # fmt: skip
    action, _, rule = expected.partition(" ")
    shown = expected if would == action else f"{expected}, would be {would} (tokens)"
    assert told.text.endswith(f"inspect: {shown}")
    expect = {"action": action, "would_action": would} | ({"rule": rule.strip("()")} if rule else {})
    case = {"name": "one", "dialect": dialect, "model": model, "request": body, "expect": expect}
    suite = tmp_path / "t.yaml"
    suite.write_text(TEST_HEAD + f"  cases: [{json.dumps(case)}]\n")
    ran = run_tests(path, [suite], tools(everything), names=names)
    assert ran.code == 0, ran.text


def test_a_policy_test_judges_all_models_that_a_request_names(tmp_path: Path) -> None:
    """One to fall back on must be the caller's too."""
    path, suite = policy(tmp_path, "  routes: [{id: all, models: [flash]}]\n" + RULES), tmp_path / "t.yaml"
    suite.write_text(
        TEST_HEAD + "  cases: [{name: a, model: flash, request: {model: flash, fallbacks: [pro], messages: []}, "
        "expect: {action: deny, reason: model-refused}}]\n"
    )
    assert run_tests(path, [suite], tools(find), names=NAMES).code == 0


def test_explain_says_what_happens_to_what_cannot_be_read(tmp_path: Path) -> None:
    """Its place, the policy's word and the ruling; a refusal decides."""
    parts = [{"type": "image_url", "image_url": {"url": "https://a/b"}}]
    body = {"model": "m", "messages": [{"role": "user", "content": parts}, {"role": "user", "content": CANARY}]}
    output = explained(tmp_path, body)
    assert "/messages/0/content/0/image_url media: deny by spec.content.media" in output.text
    assert output.text.endswith("inspect: deny (spec.content.media)")
    told = json.loads(explained(tmp_path, body, Format.JSON).text)
    assert (told["action"], told["would_action"]) == ("deny", "deny")
    [content] = told["content"]
    assert (content["pointer"], content["ruling"]) == ("/messages/0/content/0/image_url", "deny")


def test_explain_reads_media_where_the_policy_does(tmp_path: Path) -> None:
    """Each file has its own verdict; findings have its place; a file name is a text."""
    spec = ROUTES + RULES + "  content: {media: inspect}\n"

    def data(text: str) -> str:
        return "data:text/plain;base64," + base64.b64encode(text.encode()).decode()

    def told(*files: str) -> str:
        parts = [{"type": "file", "file": {"file_data": file, "filename": CANARY}} for file in files]
        body = json.dumps({"model": "m", "messages": [{"role": "user", "content": parts}]}).encode()
        caller = Principal("s", "t", frozenset())
        path = policy(tmp_path, spec)
        output = explain(path, body, dialect="openai-chat", principal=caller, find=find, names=NAMES)
        assert output.code == 0
        return output.text

    clean = told(data("nothing"))
    assert "/messages/0/content/0/file/file_data media: inspect by spec.content.media: passes as it is" in clean
    assert clean.endswith("inspect: redact (mail)")
    full = told(data("nothing"), data(f"to {CANARY}"), "https://a/b")
    assert "/messages/0/content/1/file/file_data media: inspect by spec.content.media: refused: bytes are" in full
    assert "/messages/0/content/1/file/file_data 3..14 EMAIL_ADDRESS" in full
    assert "refused: it is a link" in full
    assert full.endswith("inspect: deny (spec.content.media)")


@pytest.mark.parametrize("body", [b"{", b'{"a": 1, "a": 2}', b"\xff", b"[" * 100 + b"]" * 100, b"[" * 10**5])
def test_explain_of_a_body_that_is_no_request_is_one_line(tmp_path: Path, body: bytes) -> None:
    """No traceback."""
    output = explained(tmp_path, body)
    assert output.code == 1
    assert output.text.startswith("request: ")
    assert "\n" not in output.text


def test_policy_tests_run_against_the_policy_and_report_coverage(tmp_path: Path) -> None:
    """A failed test fails the run; a rule without a test is a warning."""
    path = policy(
        tmp_path, ROUTES + RULES.replace("rules: [", "rules: [{id: idle, tags: [identity], operator: deny}, ")
    )
    suite = tmp_path / "t.yaml"
    case = f"  cases: [{{name: one, request: to {CANARY}, expect: {{action: redact}}}}]\n"
    suite.write_text(TEST_HEAD + case)
    known = tools(find)
    good = run_tests(path, [suite], known, names=NAMES)
    assert (good.code, good.text.splitlines()) == (
        0,
        [f"{path}:1:1: warning: `idle` decided nothing in any test", "1 test, 0 failed"],
    )
    assert run_tests(path, [suite], known, strict=True, names=NAMES).code == 1
    suite.write_text(TEST_HEAD + case.replace("redact", "deny"))
    bad = run_tests(path, [suite], known, Format.JUNIT, names=NAMES)
    assert bad.code == 1
    failure = ElementTree.fromstring(bad.text).find(".//failure")
    assert failure is not None
    assert failure.get("message") == "one: action: expected deny, was redact"


def test_a_suite_may_name_its_policy_and_a_broken_one_fails(tmp_path: Path) -> None:
    """Nothing passes because nothing ran."""
    policy(tmp_path, name="mine.yaml")
    suite = tmp_path / "t.yaml"
    suite.write_text(TEST_HEAD + "  policy: mine.yaml\n  cases: [{name: a, request: x, expect: {action: allow}}]\n")
    known = tools(find)
    assert run_tests(tmp_path / "none.yaml", [suite], known, names=NAMES).code == 0
    policy(tmp_path, "  audit: 3\n", name="mine.yaml")
    assert run_tests(tmp_path / "none.yaml", [suite], known, names=NAMES).code == 1
    assert run_tests(tmp_path / "none.yaml", [tmp_path / "gone.yaml"], known, names=NAMES).code == 1
    assert run_tests(tmp_path / "none.yaml", [], known, names=NAMES).code == 1


def test_a_test_of_a_dialect_that_there_is_not_fails_with_its_place(tmp_path: Path) -> None:
    """A slip of the pen would test a table that exempts nothing, and pass."""
    suite = tmp_path / "t.yaml"
    suite.write_text(TEST_HEAD + "  cases: [{name: a, dialect: openai-caht, request: x, expect: {action: allow}}]\n")
    output = run_tests(policy(tmp_path), [suite], tools(find), names=NAMES)
    assert output.code == 1
    assert f"{suite}:5:30: unknown dialect `openai-caht`; did you mean `openai-chat`?" in output.text


def record(exchange: str, **findings: int) -> str:
    decisions = [
        {"guard": "authorize", "action": "allow", "reason": "route-allowed", "direction": "request"},
        {
            "guard": "inspect",
            "direction": "request",
            "evidence": {f"findings.{entity}": count for entity, count in findings.items()},
        },
    ]
    facts = {"exchange": exchange, "tenant": "t", "dialect": "openai-chat", "model": "m", "decisions": decisions}
    return json.dumps(facts)


def test_diff_says_what_changes_and_for_whom(tmp_path: Path) -> None:
    """Part by part, and replayed over the record."""
    old = policy(tmp_path)
    new = policy(tmp_path, ROUTES + RULES.replace("redact", "deny") + "  audit: {payload: false}\n", "new.yaml")
    records = tmp_path / "records.jsonl"
    admitted = json.dumps({"exchange": "x", "tenant": "t"})
    records.write_text("\n".join([admitted, record("e1", EMAIL_ADDRESS=2), record("e2", PERSON=1), ""]))
    output = diff(old, new, records, NAMES)
    assert output.code == 1
    assert output.text.splitlines()[1:] == [
        "rule mail: operator redact -> deny",
        "audit.payload: True -> False",
        "2 recorded exchanges, 1 changed decision",
        "e1 request: redact (mail) -> deny (mail)",
    ]
    assert diff(old, old, records, NAMES).code == 0
    records.write_text(admitted)
    output = diff(old, new, records, NAMES)
    assert (output.code, output.text.startswith(f"{records}: has no closed exchange")) == (1, True)


@pytest.mark.parametrize(
    ("spec", "line"),
    [
        ("  routes: [{id: all}, {id: more}]\n" + RULES, "route more: added"),
        ("  routes: [{id: other}]\n" + RULES, "route all: removed"),
        ("  routes: [{id: all, models: [b, a]}]\n" + RULES, "route all: models {*} -> {a, b}"),
        (ROUTES + RULES.replace("redact", "redact, direction: request"), "rule mail: directions {request, response} -> {request}"),
        (ROUTES + RULES.replace("redact", "pseudonym"), "rule mail: acts in other directions"),
        (ROUTES + RULES.replace("[pii]", "[ner, pii]"), "detectors: pii -> ner, pii"),
        (ROUTES + RULES + "  content: {media: pass}\n", "content.media: deny -> pass"),
        (ROUTES + RULES + "  content: {derived: pass}\n", "content.derived: strip -> pass"),
        (ROUTES + RULES + "  on_failure: {detector: allow}\n", "on_failure.detector: deny -> allow"),
    ],
)  # fmt: skip
def test_every_part_of_a_plan_is_compared(tmp_path: Path, spec: str, line: str) -> None:
    """One line a change."""
    output = diff(policy(tmp_path), policy(tmp_path, spec, "new.yaml"), names=NAMES)
    assert line in output.text.splitlines()


def test_diff_of_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    """Policies and records."""
    good = policy(tmp_path)
    bad = policy(tmp_path, "  audit: 3\n", "bad.yaml")
    assert diff(good, bad, names=NAMES).code == 1
    (tmp_path / "records").write_text("{")
    assert diff(good, good, tmp_path / "records", NAMES).text == f"{tmp_path / 'records'}: is not JSON lines"
    assert "No such file" in diff(good, good, tmp_path / "gone", NAMES).text

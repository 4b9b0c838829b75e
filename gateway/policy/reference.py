"""Writes the language reference, `policies/README.md`, from the schema, the names and the reasons.

``python -m gateway.policy.reference`` prints it; a test compares it to the file.
"""

# ruff: noqa: E501  (a paragraph of prose is one line)

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from detectors.entities import TAG_SOURCES
from gateway.core.decision import GuardName, Reason
from gateway.core.plan import OperatorKind
from gateway.policy.cases_schema import CasesFile
from gateway.policy.dialect_schema import DialectFile
from gateway.policy.fields import FileModel, json_schema
from gateway.policy.names import Names, known_names
from gateway.policy.reasons import MEANINGS
from gateway.policy.schema import PolicyFile
from gateway.policy.settings_schema import SettingsFile

_INTRODUCTION = """\
# Policies

<!-- Generated: python -m gateway.policy.reference > policies/README.md -->

A policy says who may use which models, what is found in texts and what happens to it, how much one caller may use, and what is recorded. It is compiled once, to a frozen plan with a revision (`sha256:...`) that stands in every decision; the order of keys, comments and layout do not change the revision, any change of meaning does.

| file | for |
|---|---|
| `default.yaml` | everything on, ordinary work undisturbed: personal data becomes pseudonyms, nothing is denied but what cannot be read |
| `strict.yaml` | special categories, secrets and injection denied |
| `monitor.yaml` | nothing changes for callers; everything is decided and recorded as if it did (`enforcement: shadow`) |
| `examples/` | policies to copy from |
| `tests/` | policy tests: `sluice policy test policies/tests/default.yaml` |

## How a policy is read

- A policy is a file, or a directory: then its `*.yaml` files, in the order of their names, are one policy. Lists of routes, rules and limits are joined; every other section stands in one file only; ids are unique in the whole.
- A directory `dialects` beside it describes backends that speak none of the vendors' dialects (`kind: Dialect`). Those files belong to the policy: checked, digested into the revision and reloaded with it.
- One reading of every text: YAML 1.2 (`no`, `on` and `yes` are text, only `true` and `false` are booleans), no duplicate keys, no tags, no merge keys, few aliases, unknown keys refused. `sluice policy check` names all mistakes at once, as `file:line:column: message`.
- **Routes** are tried in order; the first whose dialects, tenants and models match is taken, then its scopes are required. No route, no service.
- **Rules** have no order of their own. Of all rules that name a finding's entity in its direction, and whose threshold its score reaches, the most severe operator acts: `deny`, then the rewriting ones, then `keep`; among equals the first in the file. So a rule more never allows more, and `exclude`, not `keep`, makes an exception. A finding that no rule names is left alone.
- **Detectors** look at every text that they are meant for: most at all, `injection` at prompts, `injection-document` at documents and tool results (there, whatever is asked of an assistant is out of place, also what would be an ordinary request from a person), `exfiltration` at answers. The dialect's table says which text is which. A detector with options is written `{name: exfiltration, options: {hosts: [.acme.com]}}`; `ner-spacy`, `ner-transformers` and `ner-gliner` run a model that is installed on this machine, and the gateway does not start without it.
- **Canaries** (`inspect.canary`) are strings that only a tenant's system prompts hold, so that an answer with one has told what it was told to keep. `CANARY` is an entity like any other; at the Responses API they are planted in system messages, not in `instructions`, which the answer itself repeats.
- **Limits** hold all together; a request that one of them refuses takes nothing from the others.
- **Enforcement** `warn` and `shadow` decide and record (`would_action`), but let pass; `warn` also tells the caller.
- **Bias rules** act on what probes found (`sluice bias run SUITE --dir DIR`, `sluice bias watch`): a failed one sets a model aside within a second, and only passes set it free again. No text is read for it, and nothing is inferred about a caller.
- A bad reload keeps the running plan and says so on `/readyz` (`policy_stale`); without a valid policy the gateway does not start.

```yaml
apiVersion: sluice/v1alpha1
kind: Policy
metadata: {name: support-desk}
spec:
  routes:
    - id: support
      tenants: [support]
      models: ["gpt-5*", claude-sonnet-4-5]
      scopes: [chat]
  inspect:
    detectors: [pii]
    rules:
      - {id: people, tags: [contact, identity], operator: pseudonym}
      - {id: cards, entities: [CREDIT_CARD], operator: mask, mask: {keep_last: 4}}
  limits:
    - {id: fair-share, unit: tokens, quota: 200000, window: 1m, per: [subject]}
```

Editors complete and check with the JSON Schema that `sluice policy schema` prints:
`# yaml-language-server: $schema=./policy.schema.json`.
"""

_OPERATORS: Mapping[OperatorKind, str] = {
    OperatorKind.PSEUDONYM: "A keyed pseudonym of the tenant: same value, same pseudonym. Put back in the answer.",
    OperatorKind.SURROGATE: "As `pseudonym`, with a realistic stand-in where one is known.",
    OperatorKind.MASK: "Every character by `mask.char`, but for the last `mask.keep_last`.",
    OperatorKind.HASH: "A keyed digest: equal values stay comparable; cannot be put back.",
    OperatorKind.REDACT: "The name of the entity in brackets.",
    OperatorKind.KEEP: "Left as it is, and counted.",
    OperatorKind.DENY: "The exchange is refused.",
}


def render(names: Names | None = None) -> str:
    """Return the whole reference as Markdown."""
    names = names or known_names()
    parts = [
        _INTRODUCTION,
        "## Policy files (`kind: Policy`)\n",
        *_sections(PolicyFile),
        "## Operators\n",
        _table(("operator", "a finding becomes"), ((f"`{k}`", _OPERATORS[k]) for k in OperatorKind)),
        "## Entities by tag\n",
        _table(("tag", "entities", "because"), _tags(names)),
        "Without a tag: " + (_code(sorted(e for e, tags in names.entities.items() if not tags)) or "none") + ".\n",
        f"Detectors: {_code(sorted(names.detectors))}.\n",
        "## Reasons\n",
        "Every decision has one of these reasons; they are never renamed or reused.\n",
        _table(("guard", "reason", "means"), _reasons()),
        "## Dialect files (`kind: Dialect`)\n",
        *_sections(DialectFile),
        "## Policy tests (`kind: PolicyTest`)\n",
        *_sections(CasesFile),
        "## Settings (`sluice.yaml`, `kind: Settings`)\n",
        "Relative paths start at the file's directory. Secrets come by reference: `env:NAME` or `file:PATH`.\n",
        *_sections(SettingsFile),
    ]
    return "\n".join(parts)


def _tags(names: Names) -> Iterator[tuple[str, str, str]]:
    for tag in sorted(names.tags):
        yield f"`{tag}`", _code(sorted(names.tags[tag])), TAG_SOURCES.get(tag, "")


def _reasons() -> Iterator[tuple[str, str, str]]:
    for guard in GuardName:
        for reason, meaning in MEANINGS.get(guard, {}).items():
            yield guard, f"`{reason}`", meaning
    known = {reason for meanings in MEANINGS.values() for reason in meanings}
    for reason in Reason:
        if reason not in known:
            yield "", f"`{reason}`", ""


def _sections(model: type[FileModel]) -> Iterator[str]:
    """Yield a table for every mapping of a file kind, in the order in which it is met."""
    schema = json_schema(model)
    waiting: list[tuple[str, Mapping[str, Any]]] = [("", schema)]
    while waiting:
        path, node = waiting.pop(0)
        if path:
            yield f"### `{path}`\n"
        if node.get("description"):
            yield node["description"] + "\n"
        rows, inner = [], []
        for key, value in node.get("properties", {}).items():
            kind, below, suffix = _kind(schema, value)
            default = "" if value.get("default") in (None, "") else f"`{_shown(value['default'])}`"
            needed = "required" if key in node.get("required", ()) else default
            rows.append((f"`{key}`", kind, needed, value.get("description", "")))
            if below is not None:
                inner.append((f"{path}.{key}{suffix}".lstrip("."), below))
        waiting = inner + waiting
        yield _table(("key", "value", "default", "means"), rows)


def _kind(schema: Mapping[str, Any], node: Mapping[str, Any]) -> tuple[str, Mapping[str, Any] | None, str]:
    """Return a value's kind in words, the mapping below it (if it has known keys), and how its path goes on."""
    options = [option for option in node.get("anyOf", ()) if option.get("type") != "null"]
    if len(options) > 1:
        kinds = [_kind(schema, option)[0] for option in options]
        return " or ".join(dict.fromkeys(kinds)), None, ""
    if options:
        return _kind(schema, options[0])
    if "$ref" in node:
        return _kind(schema, schema["$defs"][node["$ref"].rsplit("/", 1)[-1]])
    if "const" in node:
        return f"`{node['const']}`", None, ""
    if "enum" in node:
        choices = node["enum"]
        return (_code(choices) if len(choices) < 12 else "one of the words below"), None, ""
    if node.get("type") == "array":
        kind, below, suffix = _kind(schema, node["items"])
        return f"list of {kind}", below, f"[]{suffix}"
    if node.get("type") == "object" and "properties" in node:
        return "mapping", node, ""
    if node.get("type") == "object":
        kind, below, suffix = _kind(schema, node["additionalProperties"])
        return f"names to {kind}", below, f".NAME{suffix}"
    words = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true, false"}
    return words.get(node.get("type", ""), "anything"), None, ""


def _shown(default: object) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, list):
        return "[" + ", ".join(f'"{item}"' if item == "*" else str(item) for item in default) + "]"
    if isinstance(default, dict):
        return "..." if default else "{}"
    return str(default)


def _code(words: list[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _table(head: tuple[str, ...], rows: Any) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render())

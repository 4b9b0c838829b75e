"""How to ask a backend that no vendor sells: a file with a path, a body to fill in, and where the answer stands.

    path: /models/{model}/generate
    body:
      inputs: "{prompt}"
      parameters: {max_new_tokens: "{max_tokens}", seed: "{seed}"}
    answer: /generated_text

A text that is one placeholder becomes its value, number or list; placeholders inside
a longer text are written into it. `{messages}` are role and content, as chat has them.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from detectors.bias import dialect as parts
from detectors.bias import document as files
from detectors.bias.backend import Usage
from detectors.bias.dialect import Ask, Messages, Reply
from detectors.bias.problems import Problems

SUFFIXES: Final = (".yaml", ".yml", ".json")
_NAMES: Final = ("prompt", "system", "messages", "model", "max_tokens", "temperature", "seed")
_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")


def read(path: Path) -> "OwnDialect":
    """Read such a file. Raises `SuiteError` with every problem, each ``file:line:column: message``."""
    problems = Problems()
    document = files.read(path, problems)
    problems.check()
    assert document is not None
    data = document.data if isinstance(document.data, dict) else {}
    for name in {"path", "body", "answer"} - data.keys():
        problems.add(document.place(()), f"`{name}` is missing; a dialect has path, body and answer")
    for name in data.keys() - {"path", "body", "answer"}:
        problems.add(document.place((name,)), f"unknown key `{name}`; a dialect has path, body and answer")
    for name in ("path", "answer"):
        if not str(data.get(name, "/")).startswith("/"):
            problems.add(document.place((name,)), f"`{name}` must begin with a slash")
    named = set(_placeholders([data.get("path"), data.get("body")]))
    for name in sorted(named - set(_NAMES)):
        problems.add(document.place(("body",)), f"unknown placeholder {{{name}}}; known are {', '.join(_NAMES)}")
    if "body" in data and not named & {"prompt", "messages"}:
        problems.add(document.place(("body",)), "holds neither {prompt} nor {messages}: nothing would be asked")
    if "body" in data and not isinstance(data["body"], dict):
        problems.add(document.place(("body",)), "must be a mapping")
    problems.check()
    return OwnDialect(path.stem, data["path"], data["body"], data["answer"])


@dataclass(frozen=True, slots=True)
class OwnDialect:
    """A `VendorDialect` that a file describes. It lists no models and counts no tokens."""

    name: str
    where: str
    template: Mapping[str, Any]
    answer: str

    def path(self, base: str, model: str, /) -> str:
        del base
        return self.where.replace("{model}", model)

    def headers(self, token: str) -> Mapping[str, str]:
        return {"authorization": f"Bearer {token}"} if token else {}

    def body(self, messages: Messages, ask: Ask) -> Mapping[str, Any]:
        prompt, system = (
            "\n\n".join(m["content"] for m in messages if (m["role"] == "system") is wanted) for wanted in (False, True)
        )
        values = {
            **{"prompt": prompt, "system": system, "messages": [dict(m) for m in messages], "model": ask.model},
            **{"max_tokens": ask.max_tokens, "temperature": ask.temperature, "seed": ask.seed},
        }
        filled: Mapping[str, Any] = _filled(self.template, values)
        return filled

    def reply(self, body: Any) -> Reply:
        for step in self.answer.split("/")[1:]:
            if isinstance(body, list) and step.isdecimal() and int(step) < len(body):
                body = body[int(step)]
            else:
                body = parts.get(body, step.replace("~1", "/").replace("~0", "~"))
        return Reply(parts.text(body, True), Usage(), "")

    def models_path(self, base: str) -> str:
        del base
        return "/v1/models"


def _placeholders(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from _PLACEHOLDER.findall(value)
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _placeholders(item)


def _filled(value: Any, values: Mapping[str, Any]) -> Any:
    """Fill in a template. A member whose value is None (no temperature was asked for) is left out."""
    if isinstance(value, str):
        alone = _PLACEHOLDER.fullmatch(value)
        if alone is not None:
            return values[alone[1]]
        return _PLACEHOLDER.sub(lambda found: _written(values[found[1]]), value)
    if isinstance(value, dict):
        made = {name: _filled(item, values) for name, item in value.items()}
        return {name: item for name, item in made.items() if item is not None}
    return [_filled(item, values) for item in value] if isinstance(value, list) else value


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)

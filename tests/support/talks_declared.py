"""How a backend that a file declares says several texts at once: three ways to tell them apart, three framings.

The channel of a piece is named by what stands beside it, by its place in a list, and by a member elsewhere
in the event; the last event says everything once more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detectors.strict_yaml import Document, parse, read
from gateway.core.dialect import Dialect, Endpoint
from gateway.core.jsonvalue import Json
from gateway.core.plan import DeclaredDialect
from gateway.policy.declared import compile_dialect
from tests.support.talk import Order, Said, Talk, add, together

VOICES = ("text", "text2", "thought", "args", "args2")
HOUSE = """
apiVersion: sluice/v1alpha1
kind: Dialect
metadata: {name: house}
spec:
  endpoints:
"""
SPOKEN = """
    - path: /house/%s
      stream:
        framing: %s
        deltas:
          /pieces/*/says: "said/{../voice}"
          /rows/*: "row/{0}"
          /words: "at/{/meta/voice}"
        closes: [{path: /over, values: [true]}]
        sequence: sequence_number
        places: {words: [/pieces/*/voice, /meta/voice, /over, /all/*/voice]}
      answer: {words: [/all/*/voice]}
      usage: {input: [/used/in], output: [/used/out]}
"""
TGI = Path(__file__).parents[2] / "policies" / "examples" / "dialects" / "tgi.yaml"


def declared(document: Any) -> Dialect:
    """Return the dialect that a document declares."""
    assert isinstance(document, Document), document
    made = compile_dialect(document)
    assert isinstance(made, DeclaredDialect), made
    return made.dialect


FRAMINGS = ("sse", "ndjson", "json-array")
DIALECT_TEXT = HOUSE + "".join(SPOKEN % (name, name) for name in FRAMINGS)
DIALECT = declared(parse(DIALECT_TEXT, "house.yaml"))
DIALECT_TGI = declared(read(TGI))


def _all(said: Mapping[str, str]) -> Json:
    return [{"voice": voice, "says": text} for voice, text in said.items()]


@dataclass(frozen=True)
class Declared(Talk):
    """One of its endpoints."""

    dialect: Dialect = DIALECT

    def found(self) -> tuple[Dialect, Endpoint] | None:
        """Return the declared table."""
        return next((self.dialect, endpoint) for endpoint in self.dialect.endpoints if endpoint.path == self.path)

    def _piece(self, voice: str, piece: str, n: int) -> Json:
        members: dict[str, Json] = {"sequence_number": n, "over": False}
        if voice in ("text", "thought"):
            return {**members, "pieces": [{"voice": voice, "says": piece}]}
        if voice == "text2":
            return {**members, "rows": ["", piece]}
        return {**members, "meta": {"voice": voice}, "words": piece}

    def events(self, order: Order) -> list[tuple[str, Json]]:
        made = [("", self._piece(voice, piece, n)) for n, (voice, piece) in enumerate(order)]
        last: dict[str, Json] = {"over": True, "sequence_number": len(made), "all": _all(together(order))}
        return [*made, ("", last)]

    def whole(self, said: Mapping[str, str]) -> Json:
        return {"all": _all(said)}

    def heard(self, events: Sequence[Any]) -> Said:
        said: Said = {}
        for event in events:
            for piece in event.get("pieces", []):
                add(said, piece["voice"], piece["says"])
            for at, row in enumerate(event.get("rows", [])):
                if row:
                    assert at == 1, "a piece stays in its row"
                    add(said, "text2", row)
            if "words" in event:
                add(said, event["meta"]["voice"], event["words"])
        return said

    def heard_whole(self, answer: Any) -> Said:
        return {one["voice"]: one["says"] for one in answer["all"]}

    def copies(self, events: Sequence[Any]) -> list[tuple[str, str]]:
        return [(one["voice"], one["says"]) for event in events if event["over"] for one in event["all"]]


@dataclass(frozen=True)
class Tokens(Declared):
    """The example that policies ship: one text, token by token, and once more at its end."""

    dialect: Dialect = DIALECT_TGI

    def events(self, order: Order) -> list[tuple[str, Json]]:
        said = together(order)
        made = [("", self._token(piece, None)) for _, piece in order]
        return [*made, ("", self._token("", said["text"]))]

    def _token(self, text: str, whole: str | None) -> Json:
        return {"index": 1, "token": {"id": 5, "text": text, "special": False}, "generated_text": whole}

    def whole(self, said: Mapping[str, str]) -> Json:
        return {"generated_text": said["text"]}

    def heard(self, events: Sequence[Any]) -> Said:
        said: Said = {}
        for event in events:
            add(said, "text", event["token"]["text"])
        return said

    def heard_whole(self, answer: Any) -> Said:
        return {"text": answer["generated_text"]}

    def copies(self, events: Sequence[Any]) -> list[tuple[str, str]]:
        return [("text", event["generated_text"]) for event in events if event["generated_text"] is not None]


DECLARED: Sequence[Talk] = (
    *(Declared(f"/house/{name}", VOICES) for name in FRAMINGS),
    Tokens("/generate_stream", ("text",)),
)

"""Writes synthetic documents with known names: mails, chats, forms, JSON, tables, lists, logs. Development only.

`synthesize` sets the sentences and fields of `writer.py` into the forms in which
people paste personal data.
"""

import json
from collections.abc import Callable, Sequence
from random import Random

from detectors.ner import templates
from detectors.ner.corpora import Document
from detectors.ner.templates import LISTS
from detectors.ner.values import Values
from detectors.ner.writer import Piece, Writer


def _joined(parts: Sequence[list[Piece]], glue: str) -> list[Piece]:
    pieces: list[Piece] = []
    for i, part in enumerate(parts):
        pieces += [(glue if i else "", None), *part]
    return pieces


def _prose(w: Writer) -> list[Piece]:
    sentences = [w.sentence() for _ in range(w.rng.choice([1, 1, 1, 2, 3, 4]))]
    return _joined(sentences, w.rng.choice([" ", " ", " ", "\n"]))


def _form(w: Writer) -> list[Piece]:
    sep = w.rng.choice([": ", ": ", ": ", ":", " - ", " = ", "\t", ":\n", " "])
    end = w.rng.choice(["\n", "\n", "\n", ", ", "; ", " | ", " "])
    pieces: list[Piece] = []
    if w.rng.random() < 0.3:
        phrase = w.values.phrase()
        pieces.append(
            (w.rng.choice([*LISTS["headings"], "| Field | Value |\n|---|---|", phrase, phrase.upper()]) + "\n", None)
        )
    fields = [w.field() for _ in range(w.rng.randint(2, 8))]
    return pieces + _joined([[(key + sep, None), *value] for key, value in fields], end)


def _json(w: Writer) -> list[Piece]:
    colon, comma, opening, closing = ":", ",", "{", "}"
    if w.rng.random() < 0.7:
        colon, comma = ": ", w.rng.choice([", ", ",\n  "])
        opening, closing = w.rng.choice(["{", "{\n  "]), w.rng.choice(["}", "\n}"])
    members = []
    for _ in range(w.rng.randint(2, 7)):
        key, value = w.field(key_case=False)
        name = json.dumps(key.lower().replace(" ", "_"), ensure_ascii=False)
        escaped = [(text.replace("\n", "\\n").replace('"', "'"), label) for text, label in value]
        members.append([(name + colon + '"', None), *escaped, ('"', None)])
    return [(opening, None), *_joined(members, comma), (closing, None)]


def _table(w: Writer) -> list[Piece]:
    kinds = w.rng.sample(LISTS["columns"], w.rng.randint(2, 6))
    sep = w.rng.choice([",", ", ", " | ", "\t", ";", "  "])
    rows: list[list[Piece]] = []
    if w.rng.random() < 0.7:
        rows.append([(sep.join(w.rng.choice(templates.FIELDS.get(kind, ["Name"])) for kind in kinds), None)])
    for _ in range(w.rng.randint(1, 5)):
        cells = []
        for kind in kinds:
            value = [(text.replace("\n", " "), label) for text, label in w.slot(kind)]
            quote = '"' if sep.strip() == "," and any("," in text for text, _ in value) else ""
            cells.append([(quote, None), *value, (quote, None)])
        rows.append(_joined(cells, sep))
    return [*_joined(rows, "\n"), ("\n", None)]


def _mail(w: Writer) -> list[Piece]:
    pieces: list[Piece] = []
    if w.rng.random() < 0.4:
        to = w.rng.choice(["{full}", "{email}", "{full} <{email}>"])
        pieces += w.fill(f"From: {{full}} <{{email}}>\nTo: {to}\nDate: {{date}} {{clock}}\nSubject: ")
        pieces += [*w.choose("subjects"), ("\n\n", None)]
    pieces += [*w.choose("greetings"), (w.rng.choice(["\n\n", "\n", " "]), None)]
    return [*pieces, *_prose(w), ("\n\n", None), *_signature(w)]


def _signature(w: Writer) -> list[Piece]:
    end = w.rng.choice(["\n", "\n", "\n", " | ", ", ", " "])
    lines = [w.rng.choice(["{full}", "{full}", "{full}", "{first}"])]
    lines += [line for line in LISTS["signature_lines"] if w.rng.random() < 0.33]
    closing = [(w.rng.choice(LISTS["closings"]) + "\n", None)] if w.rng.random() < 0.8 else []
    return [*closing, *_joined([w.fill(line) for line in lines], end)]


def _chat(w: Writer) -> list[Piece]:
    names = [w.values.first() if w.rng.random() < 0.7 else w.values.full() for _ in range(2)]
    form = w.rng.choice(["@: ", "<@> ", "@ ({clock})\n", "[{clock}] @: ", "{clock} @: ", "Agent @: ", "@ > "])
    before, after = form.split("@")
    lines = []
    for i in range(w.rng.randint(2, 5)):
        said = w.slot("chat") if w.rng.random() < 0.5 else w.sentence()
        lines.append([*w.fill(before), (names[i % 2], "PERSON"), *w.fill(after), *said])
    return [*_joined(lines, "\n"), ("\n", None)]


def _list(w: Writer) -> list[Piece]:
    kind = w.rng.choice(LISTS["listed"])
    glues = ["\n", "; ", "\n- "] + (
        [", ", "\n* ", " and ", " / ", "\t"] if kind not in {"lastfirst", "address"} else []
    )
    title = w.rng.choice(["", "", "- ", "Team: ", "List:\n", "Guests: ", "Offices: "])
    return [(title, None), *_joined([w.slot(kind) for _ in range(w.rng.randint(2, 7))], w.rng.choice(glues))]


def _log(w: Writer) -> list[Piece]:
    pieces: list[Piece] = []
    for _ in range(w.rng.randint(1, 5)):
        pieces += w.fill(
            f"{{date}} {{clock}} {w.rng.choice(LISTS['log_levels'])} [{w.rng.choice(LISTS['log_modules'])}] "
        )
        pieces += [*w.choose("log_messages"), ("\n", None)]
    return pieces


_KINDS: tuple[tuple[Callable[[Writer], list[Piece]], int], ...] = (
    (_prose, 46), (_form, 11), (_json, 6), (_table, 6), (_mail, 9), (_signature, 4), (_chat, 8), (_list, 6), (_log, 3)
)  # fmt: skip


def assemble(pieces: Sequence[Piece]) -> Document:
    """Join pieces into a document."""
    text, spans = "", []
    for piece, label in pieces:
        if label and piece:
            spans.append((len(text), len(text) + len(piece), label))
        text += piece
    return Document(text, tuple(spans), frozenset({"MISC"}), "synthetic")


def synthesize(values: Values, rng: Random, count: int) -> list[Document]:
    """Return `count` documents."""
    writer = Writer(values, rng)
    kinds, weights = [kind for kind, _ in _KINDS], [weight for _, weight in _KINDS]
    return [assemble(rng.choices(kinds, weights)[0](writer)) for _ in range(count)]

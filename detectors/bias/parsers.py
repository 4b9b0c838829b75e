"""Parsers from a suite's `outcomes`: every key is checked against the parser that it is for."""

from collections.abc import Callable, Mapping

from detectors.bias.document import Document
from detectors.bias.outcome import OutcomeKind
from detectors.bias.parse import Choice, JsonPointer, Measure, Number, Parser, Pick, Ranking, Refusal
from detectors.bias.problems import Problems
from detectors.bias.schema import ParserModel, SuiteModel
from detectors.bias.text_sketch import Text

_Path = tuple[str | int, ...]
_Complain = Callable[[str, str], None]

#: Keys that each parser reads, beside `parser` itself.
KEYS: Mapping[str, frozenset[str]] = {
    "choice": frozenset({"options", "favourable"}),
    "number": frozenset({"minimum", "maximum"}),
    "refusal": frozenset({"minimum_words"}),
    "sentiment": frozenset(),
    "length": frozenset(),
    "agency": frozenset(),
    "json": frozenset({"pointer", "inner"}),
    "pick": frozenset({"unknown"}),
    "ranking": frozenset(),
    "text": frozenset({"distance"}),
}

#: What an answer becomes when it is parsed: decides which metrics make sense.
KIND: Mapping[str, OutcomeKind] = {
    "choice": OutcomeKind.CHOICE, "refusal": OutcomeKind.CHOICE, "pick": OutcomeKind.CHOICE,
    "ranking": OutcomeKind.RANKING, "number": OutcomeKind.NUMBER, "sentiment": OutcomeKind.NUMBER,
    "length": OutcomeKind.NUMBER, "agency": OutcomeKind.NUMBER, "text": OutcomeKind.NUMBER,
}  # fmt: skip


def build(model: SuiteModel, document: Document, problems: Problems) -> dict[str, Parser]:
    """Return the suite's parsers by measure; what is wrong with them goes to `problems`."""
    result = {}
    for measure, spec in model.outcomes.items():
        parser = _build(spec, ("outcomes", measure), document, problems)
        if parser is not None:
            result[measure] = parser
    if len({parser.panel for parser in result.values()}) > 1:
        problems.add(
            document.place(("outcomes",)),
            "outcomes mix panels (pick, ranking) with single questions; make two suites of them",
        )
    return result


def kind_of(spec: ParserModel) -> OutcomeKind | None:
    """Return what the parser makes of an answer that it can read; None for an unknown parser."""
    if spec.parser == "json":
        return None if spec.inner is None else kind_of(spec.inner)
    return KIND.get(spec.parser)


def _build(spec: ParserModel, path: _Path, document: Document, problems: Problems) -> Parser | None:
    def complain(key: str, message: str) -> None:
        problems.add(document.place((*path, key)), message)

    allowed = KEYS.get(spec.parser)
    if allowed is None:
        complain("parser", f"unknown parser {spec.parser!r}; known are {', '.join(sorted(KEYS))}")
        return None
    for key in sorted(spec.model_fields_set - allowed - {"parser"}):
        complain(key, f"parser {spec.parser!r} has no key {key!r}; it reads {', '.join(sorted(allowed)) or 'none'}")
    match spec.parser:
        case "choice":
            return _choice(spec, complain)
        case "number":
            return _number(spec, complain)
        case "json":
            return _json(spec, path, document, problems, complain)
        case "refusal":
            return Refusal(spec.minimum_words)
        case "pick":
            return Pick(tuple(spec.unknown))
        case "ranking":
            return Ranking()
        case "text":
            return Text(spec.distance)
        case measure:
            return Measure(measure)


def _choice(spec: ParserModel, complain: _Complain) -> Parser | None:
    if len(spec.options) < 2:
        complain("options", "a choice needs at least two options")
    unknown = [label for label in spec.favourable if label not in spec.options]
    if unknown:
        complain("favourable", f"{', '.join(unknown)} is none of the options")
    if not spec.favourable or set(spec.favourable) >= set(spec.options):
        complain("favourable", "name at least one option as favourable, and not all of them")
    seen: dict[str, str] = {}
    for label, phrases in spec.options.items():
        for phrase in phrases:
            other = seen.setdefault(phrase.casefold(), label)
            if other != label:
                complain("options", f"phrase {phrase!r} means both {other!r} and {label!r}")
    return Choice({label: tuple(phrases) for label, phrases in spec.options.items()}, frozenset(spec.favourable))


def _number(spec: ParserModel, complain: _Complain) -> Parser | None:
    if spec.minimum is None or spec.maximum is None or not spec.minimum < spec.maximum:
        complain("minimum", "a number needs `minimum` below `maximum`, so that a stray digit is no answer")
        return None
    return Number(float(spec.minimum), float(spec.maximum))


def _json(spec: ParserModel, path: _Path, document: Document, problems: Problems, complain: _Complain) -> Parser | None:
    if spec.pointer is None or not spec.pointer.startswith("/"):
        complain("pointer", "a JSON pointer (RFC 6901) starts with a slash, for instance /decision")
    if spec.inner is None or spec.inner.parser == "json":
        complain("inner", "name the parser for the value at the pointer; it cannot be `json` again")
        return None
    inner = _build(spec.inner, (*path, "inner"), document, problems)
    return None if inner is None or spec.pointer is None else JsonPointer(spec.pointer, inner)

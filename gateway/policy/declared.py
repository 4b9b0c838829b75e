"""Dialects that a file declares: any JSON, SSE or NDJSON backend, in the same table as the vendors'.

The files stand in the directory ``dialects`` beside the policy and belong to it:
they are checked, digested into its revision and reloaded with it. What is wrong
with them is told with its place, all at once.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from detectors.detector import Place
from detectors.problem import Problem, quoted
from detectors.strict_yaml import Document, Location, files_in, read
from gateway.core.dialect import (
    BLOB,
    IDENT,
    TIME,
    UPPER,
    WORD,
    Close,
    Dialect,
    Endpoint,
    Fault,
    Framing,
    Streaming,
    Usage,
    incremental,
    opaque,
    special,
    token_ids,
)
from gateway.core.jsonvalue import Json
from gateway.core.paths import Paths
from gateway.core.payload import Kind, Mark
from gateway.core.places import always
from gateway.core.plan import DeclaredDialect
from gateway.dialects import errors
from gateway.dialects.registry import DIALECTS, Registry
from gateway.policy.dialect_schema import DialectFile, EndpointModel, PlacesModel, StreamModel, VoicesModel
from gateway.policy.fields import validate

DIRECTORY: Final = "dialects"
_POINTER: Final = re.compile(r"(/[^/\s]+)+")
_PATH: Final = re.compile(r"(/([A-Za-z0-9._:-]|\{[a-z_]+\})+)+")
_CHANNEL: Final = re.compile(r"([A-Za-z0-9./_-]|\{(\d|/[^{}\s]+|\.\./[^{}/\s]+)\})+")
_ERRORS: Final[dict[str, tuple[Callable[[Fault], Json], Callable[[Fault], Sequence[tuple[str, Json]]]]]] = {
    "openai": (errors.openai_error, errors.openai_stream_error),
    "anthropic": (errors.anthropic_error, errors.anthropic_stream_error),
    "gemini": (errors.gemini_error, errors.gemini_stream_error),
    "ollama": (errors.ollama_error, errors.ollama_stream_error),
}


def read_dialects(policy: Path) -> tuple[tuple[DeclaredDialect, ...], tuple[Problem, ...]]:
    """Return the dialects declared beside a policy (a file or a directory), and every problem in their files.

    In the order of the files' names. Raises nothing.
    """
    made: list[DeclaredDialect] = []
    problems: list[Problem] = []
    home = (policy if policy.is_dir() else policy.parent) / DIRECTORY
    for path in files_in(home) if home.is_dir() else ():
        document = read(path)
        compiled = compile_dialect(document, made) if isinstance(document, Document) else document
        if isinstance(compiled, DeclaredDialect):
            made.append(compiled)
        else:
            problems.extend(compiled)
    return tuple(made), tuple(problems)


def is_dialect(document: Document) -> bool:
    """Tell whether a file says that it declares a dialect."""
    return isinstance(document.data, dict) and document.data.get("kind") == "Dialect"


_NOT_PASSED: Final = frozenset(
    {
        *("authorization", "x-api-key", "api-key", "x-goog-api-key", "proxy-authorization", "cookie"),
        *("connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "proxy-connection", "expect"),
        *("host", "content-length", "content-type", "content-encoding", "accept", "accept-encoding", "user-agent"),
    }
)
"""Credentials, what is between two machines (RFC 9110, section 7.6.1), and what the gateway writes itself."""


def compile_dialect(
    document: Document, others: Sequence[DeclaredDialect] = ()
) -> DeclaredDialect | tuple[Problem, ...]:
    """Return the dialect that a file declares, or every problem in it.

    Its name and its paths must be neither a vendor's nor those of `others`.
    """
    model = validate(DialectFile, document)
    if not isinstance(model, DialectFile):
        return model
    problems = tuple(_problems(document, model, (*DIALECTS, *(other.dialect for other in others))))
    if problems:
        return problems
    # Members in the order of the schema, deltas in that of the file: of two that match, the first wins.
    meaning = json.dumps(model.spec.model_dump(mode="json"), separators=(",", ":"))
    digest = hashlib.sha256(meaning.encode("utf-8")).hexdigest()
    return DeclaredDialect(model.metadata.name, f"sha256:{digest}", _dialect(model))


def _dialect(model: DialectFile) -> Dialect:
    error, stream_error = _ERRORS[model.spec.errors]
    return Dialect(
        name=model.metadata.name,
        vendor=model.spec.errors,
        provider=model.metadata.name,
        endpoints=tuple(_endpoint(endpoint) for endpoint in model.spec.endpoints),
        error=error,
        stream_error=stream_error,
        headers=tuple(model.spec.headers),
    )


def _problems(document: Document, model: DialectFile, known: Sequence[Dialect]) -> Iterable[Problem]:
    if model.metadata.name in {dialect.name for dialect in known}:
        yield document.problem(("metadata", "name"), f"dialect {quoted(model.metadata.name)} exists already")
    for index, name in enumerate(model.spec.headers):
        if name in _NOT_PASSED:
            what = (
                f"{quoted(name)} is the gateway's own to set, or is about one connection only: it cannot be passed on"
            )
            yield document.value_problem(("spec", "headers", index), what)
    registry = Registry(known)
    seen: set[tuple[str, str]] = set()
    for index, endpoint in enumerate(model.spec.endpoints):
        here: Location = ("spec", "endpoints", index)
        if _PATH.fullmatch(endpoint.path) is None:
            yield document.value_problem(
                (*here, "path"), "must be a path such as `/generate` or `/v2/models/{model}/infer`"
            )
        elif endpoint.method in registry.methods(endpoint.path) or (endpoint.method, endpoint.path) in seen:
            yield document.value_problem((*here, "path"), f"{quoted(endpoint.path)} is another endpoint's already")
        seen.add((endpoint.method, endpoint.path))
        parts = re.findall(r"\{([a-z_]+)\}", endpoint.path)
        if endpoint.model and not endpoint.model.startswith("/") and endpoint.model not in parts:
            yield document.value_problem(
                (*here, "model"), "must be a pointer into the body (`/model`) or a part of the path in braces"
            )
        for location, pointer in _pointers(endpoint):
            if _POINTER.fullmatch(pointer) is None:
                yield document.problem((*here, *location), f"{quoted(pointer)} is not a JSON pointer such as `/a/*/b`")
        for pointer, channel in (endpoint.stream.deltas if endpoint.stream else {}).items():
            if _CHANNEL.fullmatch(channel) is None:
                yield document.problem((*here, "stream", "deltas", pointer), f"{quoted(channel)} is no channel's name")


def _pointers(endpoint: EndpointModel) -> Iterable[tuple[Location, str]]:
    stream = endpoint.stream
    groups: list[tuple[Location, PlacesModel]] = [(("request",), endpoint.request), (("answer",), endpoint.answer)]
    if stream is not None:
        groups.append((("stream", "places"), stream.places))
        yield from ((("stream", "deltas", pointer), pointer) for pointer in stream.deltas)
        yield from ((("stream", "closes", n, "path"), close.path) for n, close in enumerate(stream.closes))
    for location, places in groups:
        for name in PlacesModel.model_fields:
            yield from (((*location, name, n), pointer) for n, pointer in enumerate(getattr(places, name)))
    for name in VoicesModel.model_fields:
        yield from ((("voices", name, n), pointer) for n, pointer in enumerate(getattr(endpoint.voices, name)))
    for name in ("input", "output"):
        yield from ((("usage", name, n), pointer) for n, pointer in enumerate(getattr(endpoint.usage, name)))
    yield from ((("output_budget", n), pointer) for n, pointer in enumerate(endpoint.output_budget))
    if endpoint.model.startswith("/"):
        yield ("model",), endpoint.model


def _endpoint(model: EndpointModel) -> Endpoint:
    stream = model.stream
    return Endpoint(
        method=model.method,
        path=model.path,
        operation=model.operation,
        request=Paths(_marks(model.request)),
        voices=Paths(
            [
                *((pointer, always(Place.DOCUMENT)) for pointer in model.voices.documents),
                *((pointer, always(Place.SYSTEM)) for pointer in model.voices.system),
            ]
        ),
        answer=Paths(_marks(model.answer)),
        events=_events(stream),
        closes=tuple(Close(c.path, c.channels, frozenset(c.values)) for c in stream.closes) if stream else (),
        model=model.model,
        streaming=Streaming(stream.member, stream.default, Framing(stream.framing)) if stream else None,
        usage=Usage(tuple(model.usage.input), tuple(model.usage.output)),
        sequence=stream.sequence if stream else "",
        output_budget=tuple(model.output_budget),
        query=tuple(model.query),
        lists=frozenset(name for name in model.query if name.endswith("[]")),
    )


def _events(stream: StreamModel | None) -> Paths[Mark]:
    return Paths([*incremental(stream.deltas), *_marks(stream.places)] if stream is not None else {})


def _marks(places: PlacesModel) -> list[tuple[str, Mark]]:
    """Return the marks, what cannot be inspected first: of two words on one place the stricter wins."""
    return [
        *special(Kind.MEDIA, *places.media),
        *special(Kind.STATE, *places.state),
        *special(Kind.DERIVED, *places.derived),
        *token_ids(*places.tokens),
        *opaque(WORD, *places.words),
        *opaque(IDENT, *places.identifiers),
        *opaque(UPPER, *places.upper),
        *opaque(TIME, *places.times),
        *opaque(BLOB, *places.blobs),
    ]

"""What policy commands need of the rest of the house: detectors, the dialects' tables, the judge."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from detectors.detector import Detector, Finding, Place
from gateway.adapters.detector_pool import loaded, sees_through, sighted
from gateway.core.content import CONTENT
from gateway.core.decision import Decision, Direction
from gateway.core.dialect import Dialect, Endpoint
from gateway.core.exchange import Exchange, Principal
from gateway.core.jsonvalue import Json
from gateway.core.media import request_leaves
from gateway.core.payload import Key, Kind, Leaf, leaves
from gateway.core.payload import Path as LeafPath
from gateway.core.places import places
from gateway.core.plan import ContentRuling, Plan
from gateway.dialects.registry import serving
from gateway.explain_exempt import judged
from gateway.explain_media import Found, Read, look
from gateway.guards.authorize import judge, others
from gateway.media.extract import read as read_here
from gateway.policy.cases import Find, Looked, Said, Text, Texts, Tools, all_strings, find_by_place
from gateway.policy.explain import Unread, explain


def local_find(build: Callable[[str], Detector] = lambda key: sighted(loaded(key))) -> Find:
    """Return a finder that builds detectors in this process, each once; by default as they look at requests."""
    built: dict[str, Detector] = {}

    def find(names: Sequence[str], texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
        found: list[list[Finding]] = [[] for _ in texts]
        for name in names:
            if name not in built:
                built[name] = build(name)
            for mine, theirs in zip(found, built[name].detect(texts), strict=True):
                mine.extend(theirs)
        return found

    return find


def local_tools() -> Tools:
    """Return the tools of this machine, which look at requests and at answers as the gateway does."""
    plain = cache(loaded)

    def in_answers(key: str) -> Detector:
        return sighted(plain(key)) if sees_through(key, whole=False) else plain(key)

    return tools(local_find(lambda key: sighted(plain(key))), local_find(in_answers))


def tools(find: Find, in_answers: Find | None = None) -> Tools:
    """Return what policy tests need, with the tables of the dialects that a plan knows."""

    def looked(plan: Plan, said: Said, finding: Find) -> Looked:
        dialect = _dialect(plan, said.dialect)
        if dialect is None or isinstance(said.payload, str):
            return _texts(plan, said.direction, [Text(*string) for string in all_strings(said.payload)], finding)
        if said.direction is Direction.REQUEST:
            return look_at(plan, dialect, said.payload, said.model, finding)
        endpoint = dialect.endpoints[0]
        texts = texts_of(endpoint, said.direction, said.payload, leaves(said.payload, endpoint.answer))
        return _texts(plan, said.direction, texts, finding)

    def authorize(plan: Plan, principal: Principal, said: Said) -> Decision:
        dialect = _dialect(plan, said.dialect)
        asked = dialect is not None and said.direction is Direction.REQUEST
        named = others(said.payload, dialect.endpoints[0]) if dialect is not None and asked else ()
        return judge(plan, principal, said.dialect, said.model, named).decision

    return Tools(find, in_answers or find, looked, authorize)


def look_at(
    plan: Plan, dialect: Dialect, payload: Json, model: str | None, find: Find, read: Read = read_here
) -> Looked:
    """Look at a request to a dialect's first endpoint as the gateway does: texts, media, and what the table exempts.

    `find` runs detectors, `read` reads media. Raises `TooDeep`.
    """
    endpoint = dialect.endpoints[0]
    every = request_leaves(payload, endpoint.request)
    media = look(plan, payload, endpoint, every, find, read)
    texts = texts_of(endpoint, Direction.REQUEST, payload, [*every, *media.texts])
    looked = _texts(plan, Direction.REQUEST, texts, find, media.found)
    in_path = {endpoint.model: model} if model is not None and not endpoint.model.startswith("/") else {}
    exchange = Exchange("", plan, dialect, endpoint, in_path, payload)
    unread = [
        Unread(pointer_of(leaf.path), content.word, ruling, refuses=ruling is ContentRuling.DENY)
        for leaf in every
        if (content := CONTENT.get(leaf.mark.kind)) is not None
        and (ruling := content.ruling(plan.opaque)) is not ContentRuling.INSPECT
    ]
    return replace(looked, explained=judged(looked.explained, exchange, every, find), unread=[*unread, *media.rulings])


def _texts(plan: Plan, direction: Direction, texts: Texts, find: Find, more: Sequence[Found] = ()) -> Looked:
    """Return what is found in texts and decided on it, and on `more` that was found."""
    findings = find_by_place(plan, texts, find)
    found = [(text.pointer, those) for text, those in zip(texts, findings, strict=True)]
    return Looked(texts, findings, explain(plan, direction, [*found, *more]))


def _dialect(plan: Plan, name: str) -> Dialect | None:
    return next((dialect for dialect in serving(plan.dialects).dialects if dialect.name == name), None)


def texts_of(endpoint: Endpoint, direction: Direction, payload: Json, found: Sequence[Leaf]) -> Texts:
    """Return those of a payload's leaves that are inspected as text, and whose words they are."""
    texts = [leaf for leaf in found if leaf.mark.kind is Kind.TEXT]
    asked = direction is Direction.REQUEST
    where = places(payload, endpoint.voices, texts) if asked else [Place.ANSWER] * len(texts)
    return [Text(pointer_of(leaf.path), leaf.text, place) for leaf, place in zip(texts, where, strict=True)]


def pointer_of(path: LeafPath) -> str:
    """Return a leaf's path as an RFC 6901 pointer; a leaf that is a key is marked by a trailing ``#``."""
    steps = (f"{step.name}#" if isinstance(step, Key) else str(step) for step in path)
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)

"""What policy commands need of the rest of the house: detectors, the dialects' tables, the judge."""

from collections.abc import Callable, Sequence
from functools import cache

from detectors.detector import Detector, Finding, Place
from gateway.adapters.detector_pool import loaded, sees_through, sighted
from gateway.core.decision import Direction
from gateway.core.dialect import Endpoint
from gateway.core.jsonvalue import Json
from gateway.core.media import request_leaves
from gateway.core.payload import Key, Kind, Leaf, leaves
from gateway.core.payload import Path as LeafPath
from gateway.core.places import places
from gateway.core.plan import Plan
from gateway.dialects.registry import serving
from gateway.guards.authorize import judge
from gateway.policy.cases import Find, Text, Texts, Tools, all_strings


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

    def texts(plan: Plan, name: str, direction: Direction, payload: Json) -> Texts:
        dialect = next((dialect for dialect in serving(plan.dialects).dialects if dialect.name == name), None)
        if dialect is None or isinstance(payload, str):
            return [Text(*string) for string in all_strings(payload)]
        endpoint = dialect.endpoints[0]
        asked = direction is Direction.REQUEST
        found = request_leaves(payload, endpoint.request) if asked else leaves(payload, endpoint.answer)
        return texts_of(endpoint, direction, payload, found)

    return Tools(find, in_answers or find, texts, lambda *given: judge(*given).decision)


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

"""Which table serves a method and a path. What is not here is refused."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from gateway.core.dialect import Dialect, Endpoint
from gateway.core.plan import DeclaredDialect
from gateway.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from gateway.dialects.gemini import GEMINI
from gateway.dialects.ollama import OLLAMA
from gateway.dialects.openai_chat import OPENAI_CHAT
from gateway.dialects.openai_responses import OPENAI_RESPONSES
from gateway.dialects.openai_text import OPENAI_COMPLETIONS, OPENAI_EMBEDDINGS, OPENAI_MODERATIONS

DIALECTS: Sequence[Dialect] = (
    OPENAI_CHAT,
    OPENAI_RESPONSES,
    OPENAI_COMPLETIONS,
    OPENAI_EMBEDDINGS,
    OPENAI_MODERATIONS,
    ANTHROPIC_MESSAGES,
    GEMINI,
    OLLAMA,
)


@dataclass(frozen=True, slots=True)
class Match:
    """A known endpoint, and the named parts of its path."""

    dialect: Dialect
    endpoint: Endpoint
    params: Mapping[str, str]


class Registry:
    """Looks up endpoints by method and path: exact paths by dictionary, the others by one pattern each."""

    def __init__(self, dialects: Sequence[Dialect] = DIALECTS) -> None:
        self.dialects = tuple(dialects)
        self._exact: dict[str, list[tuple[Dialect, Endpoint]]] = {}
        self._shaped: list[tuple[re.Pattern[str], Dialect, Endpoint]] = []
        for dialect in dialects:
            for endpoint in dialect.endpoints:
                if "{" in endpoint.path:
                    self._shaped.append((_pattern(endpoint.path), dialect, endpoint))
                else:
                    self._exact.setdefault(endpoint.path, []).append((dialect, endpoint))

    def find(
        self, method: str, path: str, headers: Mapping[str, str], query: Mapping[str, str] | None = None
    ) -> Match | None:
        """Return what serves this, or None. Of several, those that ask for a header or a query parameter come first."""
        for dialect, endpoint, params in self._at(path):
            if endpoint.method == method and _selected(endpoint, headers, query or {}):
                return Match(dialect, endpoint, params)
        return None

    def methods(self, path: str) -> tuple[str, ...]:
        """Return the methods that are known at `path`."""
        return tuple(sorted({endpoint.method for _, endpoint, _ in self._at(path)}))

    def nearest(self, path: str, headers: Mapping[str, str]) -> Dialect | None:
        """Return the dialect in whose words a refusal at an unknown path is told, or None for no vendor's."""
        if "anthropic-version" in headers or path.startswith("/v1/messages"):
            vendor = "anthropic"
        elif path.startswith("/v1beta/") or "x-goog-api-key" in headers or _GEMINI.match(path) is not None:
            vendor = "gemini"
        elif path.startswith("/api/"):
            vendor = "ollama"
        elif path.startswith(("/v1/", "/openai/")):
            vendor = "openai"
        else:
            return None
        return next((dialect for dialect in self.dialects if dialect.vendor == vendor), None)

    def _at(self, path: str) -> list[tuple[Dialect, Endpoint, Mapping[str, str]]]:
        found: list[tuple[Dialect, Endpoint, Mapping[str, str]]] = [
            (dialect, endpoint, {}) for dialect, endpoint in self._exact.get(path, ())
        ]
        for pattern, dialect, endpoint in self._shaped:
            match = pattern.fullmatch(path)
            if match is not None:
                found.append((dialect, endpoint, match.groupdict()))
        found.sort(key=lambda one: not (one[1].selector or one[1].where))
        return found


@lru_cache(maxsize=8)
def serving(declared: tuple[DeclaredDialect, ...]) -> Registry:
    """Return the registry of a plan: the vendors' dialects and those that the policy declares."""
    return Registry((*DIALECTS, *(one.dialect for one in declared)))


def _selected(endpoint: Endpoint, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
    if endpoint.selector and endpoint.selector not in headers:
        return False
    return endpoint.where is None or query.get(endpoint.where[0]) == endpoint.where[1]


def _pattern(path: str) -> re.Pattern[str]:
    """Return a pattern in which each part in braces is one segment of plain characters."""
    parts = re.split(r"\{(\w+)\}", path)
    named = (rf"(?P<{part}>{_SEGMENT})" if i % 2 else re.escape(part) for i, part in enumerate(parts))
    return re.compile("".join(named))


_GEMINI = re.compile(r"/v1/models/[^/:]+:")
_SEGMENT = r"(?!\.{1,2}(?:[/:]|\Z))[A-Za-z0-9._-]{1,128}"
"""One segment of plain characters, and no step up or along: the backend would resolve it."""

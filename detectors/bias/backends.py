"""Backends over HTTP: a base address, a token, a dialect. The gateway itself is such an address.

Probes that go to the gateway's own address pass through its policy, limits and
audit under the identity of their token, like any other caller.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp

from detectors.bias.backend import Answer, AnswerStatus, Usage
from detectors.bias.dialect import Ask, VendorDialect
from detectors.bias.openai_dialects import OpenAI
from detectors.bias.own_dialect import SUFFIXES, read
from detectors.bias.problems import SuiteError
from detectors.bias.vendor_dialects import DIALECTS, guess, model_names

#: No answer to a probe is longer than this.
MAX_BYTES = 4_000_000

#: What is asked for when a backend lists no models: many serve one, and take any name.
UNLISTED = "default"


class BackendError(Exception):
    """An address or a dialect cannot be used; says what to do. Holds no token."""


class HttpBackend:
    """One backend. Use as an async context manager; sends exactly one request per `ask`.

    Follows no redirects and takes no proxy from the environment: what is
    measured is the address that was given.
    """

    def __init__(
        self,
        base: str,
        model: str,
        token: str = "",
        dialect: str = "",
        max_tokens: int = 64,
        temperature: float | None = None,
        timeout: float = 120.0,
    ) -> None:
        origin, path, self._dialect = _address(base, dialect)
        name = self._dialect.name
        self._url = origin + path + self._dialect.path(path, quote(model, safe="-._~"))
        self._headers = dict(self._dialect.headers(token))
        self._model, self._max_tokens, self._temperature = model, max_tokens, temperature
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._session: aiohttp.ClientSession | None = None
        self._name = f"{name} {origin}{path} {model}".strip()

    @property
    def name(self) -> str:
        """Dialect, address and model."""
        return self._name

    def __repr__(self) -> str:
        return f"HttpBackend({self._name!r})"

    async def __aenter__(self) -> "HttpBackend":
        connector = aiohttp.TCPConnector(limit=0)
        self._session = aiohttp.ClientSession(timeout=self._timeout, connector=connector, auto_decompress=True)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def ask(self, messages: Sequence[Mapping[str, str]], seed: int) -> Answer:
        """Send one request; whatever goes wrong is a status."""
        if self._session is None:
            raise RuntimeError("use the backend as an async context manager")
        body = self._dialect.body(messages, Ask(self._model, self._max_tokens, self._temperature, seed))
        try:
            async with self._session.post(
                self._url, json=body, headers=self._headers, allow_redirects=False
            ) as response:
                raw = await _read(response)
                return self._answer(response.status, response.headers, raw, messages)
        except TimeoutError:
            return Answer("", AnswerStatus.TIMEOUT)
        except (aiohttp.ClientError, OSError):
            return Answer("", AnswerStatus.UNAVAILABLE)

    def _answer(
        self, status: int, headers: Mapping[str, str], raw: bytes | None, messages: Sequence[Mapping[str, str]]
    ) -> Answer:
        if status in (429, 529):
            return Answer("", AnswerStatus.RATE_LIMITED, retry_after=_seconds(headers.get("retry-after")))
        if status >= 500 or status == 408:
            return Answer("", AnswerStatus.UNAVAILABLE, retry_after=_seconds(headers.get("retry-after")))
        parsed = _json(raw)
        if status != 200:
            return self._rejected(status, parsed)
        try:
            reply = self._dialect.reply(parsed)
        except (ValueError, AttributeError):
            return Answer("", AnswerStatus.MALFORMED)
        usage = reply.usage if reply.usage.input_tokens else _estimate(messages, reply.text)
        return Answer(reply.text, AnswerStatus.OK, usage, reply.fingerprint[:200], refused=reply.refused)

    def _rejected(self, status: int, parsed: Any) -> Answer:
        """Tell a blocked prompt, and a parameter that goes by another name here, from a request that is wrong."""
        text = json.dumps(parsed)[:4000] if parsed is not None else ""
        dialect = self._dialect
        if status == 400 and isinstance(dialect, OpenAI) and "max_completion_tokens" in text:
            if not dialect.completion_tokens:
                self._dialect = OpenAI(completion_tokens=True)
            return Answer("", AnswerStatus.UNAVAILABLE)
        if status == 400 and "content_filter" in text:
            return Answer("", AnswerStatus.OK, refused=True)
        return Answer("", AnswerStatus.REJECTED, http=status)


async def first_model(base: str, dialect: str = "", token: str = "") -> tuple[str, int]:
    """Return the first model that the backend lists, and how many it lists; `UNLISTED` and 0 when it lists none.

    Raises `BackendError` when it cannot be reached or refuses the token.
    """
    origin, path, spoken = _address(base, dialect)
    hint = "name the model with --model"
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as session,
            session.get(
                origin + path + spoken.models_path(path), headers=dict(spoken.headers(token)), allow_redirects=False
            ) as response,
        ):
            if response.status in (401, 403):
                what = "refuses the token" if token else "asks for a token; put one into the environment"
                raise BackendError(f"{origin}{path} {what} (HTTP {response.status})")
            names = model_names(_json(await _read(response))) if response.status == 200 else []
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise BackendError(f"{origin}{path} cannot be reached ({type(error).__name__}); {hint} if it is up") from error
    return (names[0], len(names)) if names else (UNLISTED, 0)


def _address(base: str, dialect: str) -> tuple[str, str, VendorDialect]:
    """Return origin, path and dialect of a base address. Raises `BackendError`."""
    try:
        parts = urlsplit(base)
        port = parts.port
    except ValueError as error:
        raise BackendError("backend address is malformed; write it as https://host:port/path") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BackendError("backend is no http or https address; write it as https://host:port/path")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise BackendError("backend address has a user, query or fragment; give the token in the environment instead")
    path = parts.path.rstrip("/")
    return f"{parts.scheme}://{parts.netloc}", path, _spoken(dialect or guess(parts.hostname, port, path))


def _spoken(name: str) -> VendorDialect:
    """Return a vendor's dialect by name, or what a file describes."""
    if name.endswith(SUFFIXES):
        try:
            return read(Path(name))
        except SuiteError as error:
            raise BackendError(str(error)) from None
    if name not in DIALECTS:
        raise BackendError(f"unknown dialect {name!r}; known are {', '.join(DIALECTS)}, and files (NAME.yaml)")
    return DIALECTS[name]()


async def _read(response: aiohttp.ClientResponse) -> bytes | None:
    """Return the body, or None when it is longer than any answer."""
    raw = await response.content.read(MAX_BYTES + 1)
    while len(raw) <= MAX_BYTES and not response.content.at_eof():
        raw += await response.content.read(MAX_BYTES + 1 - len(raw))
    return raw if len(raw) <= MAX_BYTES else None


def _json(raw: bytes | None) -> Any:
    try:
        return None if raw is None else json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _seconds(value: str | None) -> float | None:
    """Return Retry-After in seconds; a date or nonsense is None (the runner backs off by itself)."""
    try:
        seconds = float(value) if value else None
    except ValueError:
        return None
    return seconds if seconds is not None and 0 <= seconds < 86_400 else None


def _estimate(messages: Sequence[Mapping[str, str]], text: str) -> Usage:
    """Return rough token counts for a backend that reports none, so that a cost limit still binds."""
    return Usage(sum(len(m["content"]) for m in messages) // 4 + 1, len(text) // 4 + 1)

"""From HTTP to an exchange: what a request must be before any guard looks at it.

Everything is bounded before it is read: headers, body, time, depth. Bodies come
unpacked or not at all, and JSON is read in the one strict way.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from aiohttp import web

from gateway.aside import aside
from gateway.core.decision import Reason
from gateway.core.dialect import Endpoint
from gateway.core.exchange import Exchange
from gateway.core.jsonvalue import Json
from gateway.core.misspelt import misspelt
from gateway.core.payload import get
from gateway.core.plan import Plan
from gateway.core.strictjson import JsonRefused, parse
from gateway.dialects.registry import Match, Registry
from gateway.errors import RequestError
from gateway.target import DATE, query_of

MAX_HEADER_BYTES: Final = 32 * 1024
"""All header lines together. Vendors allow 8 to 32 KiB; a token is at most 8."""

MAX_VALUES: Final = 1_000_000
"""Values of a body. Ten megabytes of prose hold some 150,000 commas; more values than this are an attack on time."""

_BEGINNINGS: Final = (b"[", b"{", b",")

CREDENTIAL_HEADERS: Final = ("authorization", "x-api-key", "api-key", "x-goog-api-key")
_SCHEME = re.compile(r"bearer +", re.IGNORECASE)
_HEADER_WORD = rf"(?:{DATE}|[a-z][a-z0-9-]{{0,63}}(?:=[a-z0-9]{{1,16}})?)"
_HEADER_VALUE = re.compile(rf"{_HEADER_WORD}(?: ?, ?{_HEADER_WORD}){{0,31}}", re.ASCII)
"""Versions and names of features with commas between them: no room for a sentence, a number or an address."""

_MODEL = re.compile(r"[^\x00-\x20\x7f]{1,256}")


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """Bytes of a body, and seconds in which it must have come."""

    max_bytes: int
    timeout: float


def find(registry: Registry, request: web.BaseRequest) -> Match:
    """Return the endpoint that a request is for, or raise `RequestError`: 400, 404, 405, 431."""
    headers = request.headers
    if "upgrade" in headers:
        raise RequestError(400, Reason.UPGRADE_REFUSED, "this gateway does not switch protocols")
    if sum(len(name) + len(value) for name, value in request.raw_headers) > MAX_HEADER_BYTES:
        raise RequestError(431, Reason.MALFORMED_HEADERS, f"headers are larger than {MAX_HEADER_BYTES} bytes")
    path = request.rel_url.raw_path
    match = registry.find(request.method, path, headers, request.rel_url.query)
    if match is None:
        methods = registry.methods(path)
        if methods and request.method not in methods:
            raise RequestError(405, Reason.METHOD_NOT_ALLOWED, f"this path takes {', '.join(methods)}")
        raise RequestError(404, Reason.UNKNOWN_ENDPOINT, "no table describes this path, so it is refused")
    return match


async def read(request: web.BaseRequest, limits: BodyLimits, bodyless: bool = False) -> bytes:
    """Return the body, or raise `RequestError`: 400, 408, 413, 415, 417. With `bodyless` there need not be one."""
    if request.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
        raise RequestError(415, Reason.UNSUPPORTED_ENCODING, "send the body without Content-Encoding")
    if request.method in ("GET", "DELETE") or (bodyless and not request.body_exists):
        return b""
    if request.content_type != "application/json":
        raise RequestError(415, Reason.UNSUPPORTED_MEDIA_TYPE, "send Content-Type: application/json")
    too_large = RequestError(413, Reason.BODY_TOO_LARGE, f"the body is larger than {limits.max_bytes} bytes")
    if request.content_length is not None and request.content_length > limits.max_bytes:
        raise too_large
    expected = request.headers.get("expect", "").lower()
    if expected == "100-continue" and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    elif expected:
        raise RequestError(417, Reason.MALFORMED_HEADERS, "the only expectation that is met is 100-continue")
    body = bytearray()
    try:
        async with asyncio.timeout(limits.timeout):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > limits.max_bytes:
                    raise too_large
    except web.RequestPayloadError:
        raise RequestError(
            400, Reason.MALFORMED_BODY, "the body is not proper HTTP: it breaks off in the middle"
        ) from None
    except TimeoutError:
        raise RequestError(408, Reason.REQUEST_TIMEOUT, "the body did not come in time") from None
    return bytes(body)


def begun(exchange_id: str, plan: Plan, match: Match, request: web.BaseRequest) -> Exchange:
    """Return the exchange that a request's head begins, or raise `RequestError`: 400.

    The body is read when the caller is proven.
    """
    return Exchange(
        id=exchange_id,
        plan=plan,
        dialect=match.dialect,
        endpoint=match.endpoint,
        params=match.params,
        payload=None,
        query=query_of(match.endpoint, request.rel_url),
        headers=passed_headers(match.dialect.headers, request.headers),
        credentials=credentials(request.headers),
    )


async def filled(exchange: Exchange, body: bytes) -> Exchange:
    """Return the exchange with its payload, or raise `RequestError`: 400, 413. Large bodies are read in a thread."""
    return await aside(len(body), _filled, exchange, body)


def _filled(exchange: Exchange, body: bytes) -> Exchange:
    if sum(body.count(sign) for sign in _BEGINNINGS) > MAX_VALUES:
        raise RequestError(413, Reason.BODY_TOO_LARGE, f"the body holds more than {MAX_VALUES} commas and brackets")
    endpoint = exchange.endpoint
    payload: Json = None
    if body:
        try:
            payload = parse(body)
        except JsonRefused as refused:
            raise RequestError(400, Reason.MALFORMED_BODY, f"the body is refused: {refused}") from None
    elif endpoint.bodyless:
        payload = {}
    if endpoint.method == "POST" and not isinstance(payload, dict):
        raise RequestError(400, Reason.MALFORMED_BODY, "the body must be a JSON object")
    if misspelt(payload, endpoint.request, _words(endpoint)):
        raise RequestError(
            400, Reason.MALFORMED_BODY, "a key of the body is one of the format's in other capitals; spell it exactly"
        )
    return replace(
        exchange,
        payload=payload,
        model=model_of(endpoint, exchange.params, payload),
        streaming=is_streaming(endpoint, payload),
        size=len(body),
    )


def _words(endpoint: Endpoint) -> frozenset[str]:
    """Return the words that steer the exchange itself, whether or not the table spells them.

    A backend whose table names nothing in a request may call what it likes `Model`.
    """
    switch = endpoint.streaming.member if endpoint.streaming is not None else ""
    model = endpoint.model.removeprefix("/") if endpoint.model.startswith("/") else ""
    return frozenset({switch, model, "" if endpoint.request.root.free else "model"} - {""})


def credentials(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Return what stands in the headers in which a token may come, in each as often as it came."""
    found = (value for name, value in headers.items() if name.lower() in CREDENTIAL_HEADERS)
    return tuple(_SCHEME.sub("", value.strip(), count=1) for value in found)


def model_of(endpoint: Endpoint, params: Mapping[str, str], payload: Json) -> str:
    """Return the model that is asked for, "" for none."""
    if not endpoint.model.startswith("/"):
        return params.get(endpoint.model, "")
    model = get(payload, tuple(endpoint.model.split("/")[1:]))
    if model is None:
        return ""
    if not isinstance(model, str) or _MODEL.fullmatch(model) is None:
        raise RequestError(400, Reason.MALFORMED_BODY, f"{endpoint.model} must be a model's name")
    return model


def is_streaming(endpoint: Endpoint, payload: Json) -> bool:
    """Tell whether the caller asks for a stream."""
    switch = endpoint.streaming
    if switch is None:
        return False
    if not switch.member:
        return True
    wanted = get(payload, (switch.member,))
    if wanted is None:
        return switch.default
    if not isinstance(wanted, bool):
        raise RequestError(400, Reason.MALFORMED_BODY, f"/{switch.member} must be true or false")
    return wanted


def passed_headers(names: tuple[str, ...], headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that a dialect passes on, as far as they have a plain form."""
    given = {name: headers.get(name, "") for name in names}
    return {name: value for name, value in given.items() if _HEADER_VALUE.fullmatch(value) is not None}

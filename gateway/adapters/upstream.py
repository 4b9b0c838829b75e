"""Backends over HTTP: our credentials, an allow-list of headers, no redirects, bounded waits."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Final

import aiohttp
from yarl import URL

from gateway.adapters.tls import trusting
from gateway.core.decision import Reason
from gateway.errors import UpstreamError
from gateway.ports import UpstreamRequest
from gateway.settings import UpstreamSettings

USER_AGENT: Final = "sluice"
_CHUNK: Final = 64 * 1024


class HttpUpstream:
    """Implements `Upstream` for the configured backends. One connection pool for all."""

    def __init__(self, upstreams: Mapping[str, UpstreamSettings], connections: int = 1024) -> None:
        self._upstreams = upstreams
        self._tls = {name: _tls(settings) for name, settings in upstreams.items()}
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections, ttl_dns_cache=60),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=True,
            trust_env=False,
            skip_auto_headers=("User-Agent",),
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    @asynccontextmanager
    async def open(self, request: UpstreamRequest) -> AsyncIterator["HttpResponse"]:
        """Send `request`; the body of the answer is read as it is asked for. Raises `UpstreamError`."""
        settings = self._upstreams[request.upstream]
        headers = {**request.headers, "User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
        if settings.credential is not None:
            headers[settings.credential.header] = settings.credential.value
        query = f"?{request.query}" if request.query else ""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=settings.connect_timeout, sock_read=None)
        try:  # only the opening: what goes wrong while the answer is used is not the backend's fault by default
            async with asyncio.timeout(settings.connect_timeout + settings.first_byte_timeout):
                response = await self._session.request(
                    request.method,
                    URL(settings.base_url + request.path + query, encoded=True),
                    headers=headers,
                    data=_sent(request.body),
                    allow_redirects=False,
                    timeout=timeout,
                    ssl=self._tls[request.upstream],
                )
        except TimeoutError:
            raise UpstreamError(504, Reason.UPSTREAM_TIMEOUT, "the backend did not answer in time") from None
        except (aiohttp.ClientConnectionError, OSError):
            raise UpstreamError(502, Reason.UPSTREAM_UNREACHABLE, "the backend cannot be reached") from None
        except aiohttp.ClientError:
            raise UpstreamError(502, Reason.UPSTREAM_MALFORMED, "the backend does not speak HTTP properly") from None
        async with response:
            yield HttpResponse(response, settings.idle_timeout)


class HttpResponse:
    """What a backend answers."""

    def __init__(self, response: aiohttp.ClientResponse, idle_timeout: float) -> None:
        self._response = response
        self._idle_timeout = idle_timeout

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self._response.status

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers; names in any case."""
        return self._response.headers

    async def body(self) -> AsyncIterator[bytes]:
        """Yield the body as it comes. Raises `UpstreamError` when it breaks off or stalls."""
        try:
            while True:
                async with asyncio.timeout(self._idle_timeout):
                    chunk = await self._response.content.readany()
                if not chunk:
                    return
                yield chunk
        except TimeoutError:
            raise UpstreamError(504, Reason.UPSTREAM_TIMEOUT, "the backend stopped in the middle") from None
        except (aiohttp.ClientError, OSError):
            raise UpstreamError(502, Reason.UPSTREAM_CUT, "the backend broke off in the middle") from None


def _sent(body: bytes | None) -> bytes | BytesIO | None:
    """Return a body as aiohttp should send it: a large one piece by piece, so that the event loop goes on."""
    return BytesIO(body) if body is not None and len(body) > _CHUNK else body


def _tls(settings: UpstreamSettings) -> ssl.SSLContext | bool:
    if settings.ca_file is None:
        return True
    return trusting(settings.ca_file, settings.name)

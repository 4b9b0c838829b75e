"""A whole gateway for a test, in this process, with its own directory, keys and audit log."""

import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp

from detectors.detector import Detector
from gateway.adapters.audit_reader import AuditReader
from gateway.adapters.keys_file import AUDIT_PRIVATE
from gateway.app import Gateway, running
from gateway.audit_commands import check, summaries
from gateway.scaffold import init, local_issuer
from gateway.settings import Settings, UpstreamSettings, load_settings
from tests.support.raw import until

DETECTORS: dict[str, Detector] = {}
"""Detectors are pure: built once, they serve every house of a test run."""

HouseBuilder = Callable[..., Awaitable["House"]]


@dataclass
class Reply:
    """What a client got."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        """The body as JSON."""
        return json.loads(self.raw)


@dataclass
class House:
    """A running gateway, and everything about it that a test may ask."""

    directory: Path
    settings: Settings
    gateway: Gateway

    @classmethod
    @asynccontextmanager
    async def running(
        cls,
        tmp_path: Path,
        upstream: str,
        *,
        policy: str | Callable[[str], str] | None = None,
        settings: Callable[[Settings], Settings] = lambda s: s,
        ca_file: Path | None = None,
    ) -> AsyncIterator["House"]:
        """Run one. `policy` is a policy's text, or a function of the default policy's text."""
        directory = tmp_path / "gateway"
        init(directory, upstream)
        file = directory / "policies" / "default.yaml"
        if policy is not None:
            text = policy(file.read_text()) if callable(policy) else policy
            file.write_text(text)
        made = load_settings(directory)
        made = replace(made, listen=replace(made.listen, port=0, ops_port=0))
        if ca_file is not None:
            trusting: dict[str, UpstreamSettings] = {
                name: replace(one, ca_file=ca_file) for name, one in made.upstreams.items()
            }
            made = replace(made, upstreams=trusting)
        made = settings(made)
        async with running(made, detectors=DETECTORS) as gateway:
            yield cls(directory, made, gateway)

    @property
    def url(self) -> str:
        """Base URL of the data port."""
        scheme, host = ("https", "localhost") if self.settings.listen.tls else ("http", "127.0.0.1")
        return f"{scheme}://{host}:{self.gateway.ports.data}"

    @property
    def ops(self) -> str:
        """Base URL of the ops port."""
        return f"http://127.0.0.1:{self.gateway.ports.ops}"

    def token(self, subject: str = "app-7", tenant: str = "acme", scopes: tuple[str, ...] = (), ttl: int = 600) -> str:
        """Mint a token of the local issuer."""
        return local_issuer(self.settings).mint(subject, tenant, scopes, ttl)

    async def post(
        self, path: str, body: Any, headers: Mapping[str, str] | None = None, *, token: str | None = None
    ) -> Reply:
        """Send a request as any HTTP client would; `body` is JSON, or bytes as they are."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"Content-Type": "application/json", **(headers or {})}
        if token != "" and "Authorization" not in given:
            given["Authorization"] = f"Bearer {token or self.token()}"
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.url + path, data=io.BytesIO(data), headers=given) as response,
        ):
            reply = Reply(response.status, response.headers, await response.read())
        return await self.recorded(reply)

    async def recorded(self, reply: Reply) -> Reply:
        """Return `reply` once its closing record is written: it comes after the answer."""
        await until(lambda: self._closed(reply.headers.get("x-sluice-exchange", "")), 20)
        return reply

    def _closed(self, exchange: str) -> bool:
        """Whether an exchange's closing record is written."""
        if not exchange or self.settings.stores.audit.is_dir():
            return True
        with AuditReader(self.settings.stores.audit) as reader:
            return any(row.record.kind == b"closed" for row in reader.exchange(exchange))

    async def get(self, url: str) -> Reply:
        """Get a page, of the ops port for example."""
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            return await self.recorded(Reply(response.status, response.headers, await response.read()))

    def facts(self, exchange: str) -> list[dict[str, Any]]:
        """Return the readable part of an exchange's records, in order."""
        with AuditReader(self.settings.stores.audit) as reader:
            return [
                {"kind": row.record.kind.decode(), **json.loads(row.record.facts)} for row in reader.exchange(exchange)
            ]

    def decisions(self, exchange: str) -> list[tuple[str, str, str]]:
        """Return guard, action and reason of every decision on an exchange."""
        return [(d["guard"], d["action"], d["reason"]) for d in self.facts(exchange)[-1]["decisions"]]

    def listed(self) -> list[str]:
        """Return every exchange in the audit log."""
        return [summary.exchange for summary in summaries(self.settings.stores.audit)]

    def verified(self) -> bool:
        """Whether the whole audit log verifies."""
        return check(self.settings.stores.audit).problem is None

    @property
    def private_key(self) -> Path:
        """The key that opens the sealed payloads."""
        return self.settings.stores.keys / AUDIT_PRIVATE

"""What every official client must be able to do through the gateway, unmodified: a contract suite.

A client is a subclass: how to make it, and how to ask. What it has no way to ask, it leaves out.
"""

import json
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel

from tests.support.backend import Backend
from tests.support.house import House, HouseBuilder
from tests.support.model import CALLED, HEARD, MAIL, VECTOR, install


class Contact(BaseModel):
    """What a structured answer holds."""

    to: str
    cc: str


FEATURES = ("chat", "stream", "tools", "stream_tools", "structured", "embeddings", "errors", "refused_midway")
DENYING = """\
      - id: midway
        entities: [EMAIL_ADDRESS]
        direction: response
        operator: deny
        threshold: 0.4
"""


class ClientContract:
    """Each method asks one thing and returns what the application gets."""

    NAME: ClassVar[str] = ""
    UNKNOWN_CALLER: ClassVar[type[Exception]] = Exception
    """What the client raises for a credential that the gateway does not know."""
    LIMITED: ClassVar[type[Exception]] = Exception
    """What the client raises when the backend says 429."""
    ENDED: ClassVar[type[Exception]] = Exception
    """What the client raises when the gateway ends a stream."""

    def make(self, url: str, key: str) -> Any:
        """Return the client."""
        raise NotImplementedError

    async def close(self, client: Any) -> None:
        """Close it."""

    async def chat(self, client: Any) -> str:
        pytest.skip("not offered")

    async def stream(self, client: Any) -> str:
        pytest.skip("not offered")

    async def tools(self, client: Any) -> Any:
        pytest.skip("not offered")

    async def stream_tools(self, client: Any) -> Any:
        pytest.skip("not offered")

    async def structured(self, client: Any) -> Any:
        pytest.skip("not offered")

    async def embeddings(self, client: Any) -> Any:
        pytest.skip("not offered")

    async def _ask(self, house: House, backend: Backend, feature: str, key: str = "") -> Any:
        install(backend)
        client = self.make(house.url, key or house.token())
        try:
            return await getattr(self, feature)(client)
        finally:
            await self.close(client)
            assert MAIL not in backend.text, "the model saw the address"

    async def test_chat(self, house: House, backend: Backend) -> None:
        """The caller's value comes home; the model's own is redacted."""
        assert await self._ask(house, backend, "chat") == HEARD

    async def test_stream(self, house: House, backend: Backend) -> None:
        """Streamed says the same."""
        assert await self._ask(house, backend, "stream") == HEARD

    async def test_tools(self, house: House, backend: Backend) -> None:
        """A tool is called with the real value."""
        assert _object(await self._ask(house, backend, "tools")) == CALLED

    async def test_stream_tools(self, house: House, backend: Backend) -> None:
        """Streamed too."""
        assert _object(await self._ask(house, backend, "stream_tools")) == CALLED

    async def test_structured(self, house: House, backend: Backend) -> None:
        """An answer by a schema is still one."""
        assert _object(await self._ask(house, backend, "structured")) == CALLED

    async def test_embeddings(self, house: House, backend: Backend) -> None:
        """Vectors come through as they are; the text goes out without the value."""
        assert list(await self._ask(house, backend, "embeddings")) == VECTOR

    async def test_errors(self, house: House, backend: Backend) -> None:
        """The client raises its own class, for the gateway's refusal and for the backend's."""
        with pytest.raises(self.UNKNOWN_CALLER):
            await self._ask(house, backend, "chat", key="no-token-of-anybody")
        assert backend.asked == []
        client = self.make(house.url, house.token())
        backend.answers({"error": {"message": "slow down", "type": "rate_limit_error", "code": 429}}, status=429)
        try:
            with pytest.raises(self.LIMITED):
                await self.chat(client)
        finally:
            await self.close(client)

    async def test_refused_midway(self, build: HouseBuilder, backend: Backend) -> None:
        """A stream that must not go on ends in an error that the client raises, not in silence."""
        house = await build(policy=lambda text: text.replace("    rules:\n", f"    rules:\n{DENYING}", 1))
        with pytest.raises(self.ENDED) as ended:
            await self._ask(house, backend, "stream")
        assert "eve.hacker" not in repr(ended.value)
        assert MAIL not in repr(ended.value)


def _object(value: Any) -> Any:
    """Return a tool's arguments or a structured answer as a dictionary."""
    if isinstance(value, str):
        return json.loads(value)
    return value.model_dump() if isinstance(value, BaseModel) else value

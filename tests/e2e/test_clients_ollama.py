"""The official Ollama client, unmodified."""

from typing import Any

import ollama

from tests.support.clients import ClientContract, Contact
from tests.support.model import PARAMETERS, PROMPT, TOOL

ASKED: Any = {"model": "m", "messages": [{"role": "user", "content": PROMPT}]}
TOOLS: Any = [{"type": "function", "function": {"name": TOOL, "description": "Sends.", "parameters": PARAMETERS}}]


class OllamaContract(ClientContract):
    """How this client is made."""

    UNKNOWN_CALLER = LIMITED = ENDED = ollama.ResponseError

    def make(self, url: str, key: str) -> Any:
        return ollama.AsyncClient(host=url, headers={"Authorization": f"Bearer {key}"})

    async def close(self, client: Any) -> None:
        await client._client.aclose()


class TestChat(OllamaContract):
    """``client.chat``, ``client.embed``."""

    NAME = "ollama (Python), chat"

    async def chat(self, client: Any) -> str:
        return str((await client.chat(**ASKED)).message.content)

    async def stream(self, client: Any) -> str:
        return "".join([part.message.content async for part in await client.chat(**ASKED, stream=True)])

    async def tools(self, client: Any) -> Any:
        return (await client.chat(**ASKED, tools=TOOLS)).message.tool_calls[0].function.arguments

    async def stream_tools(self, client: Any) -> Any:
        stream = await client.chat(**ASKED, tools=TOOLS, stream=True)
        calls = [call async for part in stream for call in part.message.tool_calls or []]
        return calls[0].function.arguments

    async def structured(self, client: Any) -> Any:
        schema = Contact.model_json_schema()
        return (await client.chat(**ASKED, format=schema)).message.content

    async def embeddings(self, client: Any) -> Any:
        return (await client.embed(model="m", input=PROMPT)).embeddings[0]


class TestGenerate(OllamaContract):
    """``client.generate``, ``client.embeddings``."""

    NAME = "ollama (Python), generate"

    async def chat(self, client: Any) -> str:
        return str((await client.generate(model="m", prompt=PROMPT)).response)

    async def stream(self, client: Any) -> str:
        stream = await client.generate(model="m", prompt=PROMPT, stream=True)
        return "".join([part.response async for part in stream])

    async def structured(self, client: Any) -> Any:
        return (await client.generate(model="m", prompt=PROMPT, format=Contact.model_json_schema())).response

    async def embeddings(self, client: Any) -> Any:
        return (await client.embeddings(model="m", prompt=PROMPT)).embedding

"""LangChain's OpenAI integration, unmodified."""

from typing import Any

import openai
import pytest

from tests.support.clients import ClientContract, Contact
from tests.support.model import PARAMETERS, PROMPT, TOOL

langchain_openai = pytest.importorskip("langchain_openai")
TOOLS: Any = [{"type": "function", "function": {"name": TOOL, "description": "Sends.", "parameters": PARAMETERS}}]


@pytest.mark.filterwarnings("ignore")
class TestChat(ClientContract):
    """``ChatOpenAI`` and ``OpenAIEmbeddings``."""

    NAME = "langchain-openai (Python)"
    UNKNOWN_CALLER = openai.AuthenticationError
    LIMITED = openai.RateLimitError
    ENDED = openai.APIError

    def make(self, url: str, key: str) -> Any:
        given = {"base_url": f"{url}/v1", "api_key": key, "max_retries": 0}
        chat = langchain_openai.ChatOpenAI(model="m", **given)
        return chat, langchain_openai.OpenAIEmbeddings(model="m", check_embedding_ctx_length=False, **given)

    async def chat(self, client: Any) -> str:
        return str((await client[0].ainvoke(PROMPT)).content)

    async def stream(self, client: Any) -> str:
        return "".join([str(part.content) async for part in client[0].astream(PROMPT)])

    async def tools(self, client: Any) -> Any:
        return (await client[0].bind_tools(TOOLS).ainvoke(PROMPT)).tool_calls[0]["args"]

    async def stream_tools(self, client: Any) -> Any:
        whole: Any = None
        async for part in client[0].bind_tools(TOOLS).astream(PROMPT):
            whole = part if whole is None else whole + part
        return whole.tool_calls[0]["args"]

    async def structured(self, client: Any) -> Any:
        return await client[0].with_structured_output(Contact, method="json_schema").ainvoke(PROMPT)

    async def embeddings(self, client: Any) -> Any:
        return await client[1].aembed_query(PROMPT)

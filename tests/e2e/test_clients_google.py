"""The official Google Gen AI client, unmodified, with an API key."""

from typing import Any

import pytest
from google import genai
from google.genai import errors, types

from tests.support.clients import ClientContract, Contact
from tests.support.model import PARAMETERS, PROMPT, TOOL

ASKED: Any = {"model": "m", "contents": PROMPT}


@pytest.mark.filterwarnings("ignore")
class TestModels(ClientContract):
    """``client.aio.models``."""

    NAME = "google-genai (Python)"
    UNKNOWN_CALLER = LIMITED = errors.ClientError
    ENDED = errors.APIError

    def make(self, url: str, key: str) -> Any:
        return genai.Client(api_key=key, vertexai=False, http_options=types.HttpOptions(base_url=url))

    async def close(self, client: Any) -> None:
        await client.aio.aclose()
        client.close()

    def _tools(self) -> types.GenerateContentConfig:
        function = types.FunctionDeclaration(name=TOOL, description="Sends.", parameters_json_schema=PARAMETERS)
        return types.GenerateContentConfig(tools=[types.Tool(function_declarations=[function])])

    async def chat(self, client: Any) -> str:
        return str((await client.aio.models.generate_content(**ASKED)).text)

    async def stream(self, client: Any) -> str:
        return "".join([part.text or "" async for part in await client.aio.models.generate_content_stream(**ASKED)])

    async def tools(self, client: Any) -> Any:
        answer = await client.aio.models.generate_content(**ASKED, config=self._tools())
        return answer.function_calls[0].args

    async def stream_tools(self, client: Any) -> Any:
        stream = await client.aio.models.generate_content_stream(**ASKED, config=self._tools())
        calls = [call async for part in stream for call in part.function_calls or []]
        return calls[0].args

    async def structured(self, client: Any) -> Any:
        config = types.GenerateContentConfig(response_mime_type="application/json", response_schema=Contact)
        return (await client.aio.models.generate_content(**ASKED, config=config)).parsed

    async def embeddings(self, client: Any) -> Any:
        return (await client.aio.models.embed_content(model="m", contents=PROMPT)).embeddings[0].values

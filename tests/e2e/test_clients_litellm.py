"""LiteLLM's client, unmodified, speaking OpenAI's dialect."""

import os
import warnings
from typing import Any

import openai
import pytest

from tests.support.clients import ClientContract, Contact
from tests.support.model import PARAMETERS, PROMPT, TOOL

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # else it fetches prices when it is imported
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    litellm = pytest.importorskip("litellm")

ASKED: Any = {"model": "openai/m", "messages": [{"role": "user", "content": PROMPT}]}
TOOLS: Any = [{"type": "function", "function": {"name": TOOL, "description": "Sends.", "parameters": PARAMETERS}}]


@pytest.mark.filterwarnings("ignore")
class TestCompletion(ClientContract):
    """``litellm.acompletion`` and ``litellm.aembedding``."""

    NAME = "litellm (Python)"
    UNKNOWN_CALLER = litellm.AuthenticationError
    LIMITED = litellm.RateLimitError
    ENDED = openai.APIError

    def make(self, url: str, key: str) -> Any:
        return {"api_base": f"{url}/v1", "api_key": key, "max_retries": 0, "num_retries": 0}

    async def close(self, client: Any) -> None:
        await litellm.close_litellm_async_clients()

    async def chat(self, client: Any) -> str:
        return str((await litellm.acompletion(**ASKED, **client)).choices[0].message.content)

    async def stream(self, client: Any) -> str:
        stream = await litellm.acompletion(**ASKED, **client, stream=True)
        return "".join([part.choices[0].delta.content or "" async for part in stream])

    async def tools(self, client: Any) -> Any:
        answer = await litellm.acompletion(**ASKED, **client, tools=TOOLS)
        return answer.choices[0].message.tool_calls[0].function.arguments

    async def stream_tools(self, client: Any) -> Any:
        parts = [part async for part in await litellm.acompletion(**ASKED, **client, tools=TOOLS, stream=True)]
        calls = [call for part in parts for call in part.choices[0].delta.tool_calls or []]
        return "".join(call.function.arguments or "" for call in calls)

    async def structured(self, client: Any) -> Any:
        answer = await litellm.acompletion(**ASKED, **client, response_format=Contact)
        return answer.choices[0].message.content

    async def embeddings(self, client: Any) -> Any:
        given = {**client, "encoding_format": "float"}
        return (await litellm.aembedding(model="openai/m", input=[PROMPT], **given)).data[0]["embedding"]

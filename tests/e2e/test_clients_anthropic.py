"""The official Anthropic client, unmodified."""

from typing import Any

import anthropic

from tests.support.clients import ClientContract, Contact
from tests.support.model import PARAMETERS, PROMPT, TOOL

ASKED: Any = {"model": "m", "max_tokens": 99, "messages": [{"role": "user", "content": PROMPT}]}
TOOLS: Any = [{"name": TOOL, "description": "Sends.", "input_schema": PARAMETERS}]


class TestMessages(ClientContract):
    """``client.messages``."""

    NAME = "anthropic (Python)"
    UNKNOWN_CALLER = anthropic.AuthenticationError
    LIMITED = anthropic.RateLimitError
    ENDED = anthropic.APIStatusError

    def make(self, url: str, key: str) -> Any:
        return anthropic.AsyncAnthropic(base_url=url, api_key=key, max_retries=0)

    async def close(self, client: Any) -> None:
        await client.close()

    async def chat(self, client: Any) -> str:
        return str((await client.messages.create(**ASKED)).content[0].text)

    async def stream(self, client: Any) -> str:
        async with client.messages.stream(**ASKED) as stream:
            heard = "".join([text async for text in stream.text_stream])
            final = await stream.get_final_message()
        assert heard == final.content[0].text
        return heard

    async def tools(self, client: Any) -> Any:
        return (await client.messages.create(**ASKED, tools=TOOLS)).content[0].input

    async def stream_tools(self, client: Any) -> Any:
        async with client.messages.stream(**ASKED, tools=TOOLS) as stream:
            return (await stream.get_final_message()).content[0].input

    async def structured(self, client: Any) -> Any:
        return (await client.messages.parse(**ASKED, output_format=Contact)).parsed_output

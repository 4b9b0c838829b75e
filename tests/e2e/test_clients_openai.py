"""The official OpenAI client for Python, unmodified: chat completions and Responses."""

from typing import Any

import openai

from tests.support.clients import ClientContract, Contact
from tests.support.model import PARAMETERS, PROMPT, TOOL

ASKED: Any = [{"role": "user", "content": PROMPT}]
TOOLS: Any = [{"type": "function", "function": {"name": TOOL, "description": "Sends.", "parameters": PARAMETERS}}]


class OpenAiContract(ClientContract):
    """How this client is made."""

    UNKNOWN_CALLER = openai.AuthenticationError
    LIMITED = openai.RateLimitError
    ENDED = openai.APIError

    def make(self, url: str, key: str) -> Any:
        return openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)

    async def close(self, client: Any) -> None:
        await client.close()


class TestChat(OpenAiContract):
    """``client.chat.completions``, ``client.embeddings``."""

    NAME = "openai (Python), chat"

    async def chat(self, client: Any) -> str:
        answer = await client.chat.completions.create(model="m", messages=ASKED)
        return str(answer.choices[0].message.content)

    async def stream(self, client: Any) -> str:
        async with client.chat.completions.stream(model="m", messages=ASKED) as stream:
            heard = "".join([event.delta async for event in stream if event.type == "content.delta"])
            final = await stream.get_final_completion()
        assert heard == final.choices[0].message.content
        return heard

    async def tools(self, client: Any) -> Any:
        answer = await client.chat.completions.create(model="m", messages=ASKED, tools=TOOLS)
        (call,) = answer.choices[0].message.tool_calls
        assert call.function.name == TOOL
        return call.function.arguments

    async def stream_tools(self, client: Any) -> Any:
        async with client.chat.completions.stream(model="m", messages=ASKED, tools=TOOLS) as stream:
            final = await stream.get_final_completion()
        (call,) = final.choices[0].message.tool_calls
        assert call.function.name == TOOL
        return call.function.arguments

    async def structured(self, client: Any) -> Any:
        answer = await client.chat.completions.parse(model="m", messages=ASKED, response_format=Contact)
        return answer.choices[0].message.parsed

    async def embeddings(self, client: Any) -> Any:
        answer = await client.embeddings.create(model="m", input=[PROMPT], encoding_format="float")
        return answer.data[0].embedding


class TestResponses(OpenAiContract):
    """``client.responses``."""

    NAME = "openai (Python), Responses"
    TOOLS: Any = [{"type": "function", "name": TOOL, "description": "Sends.", "parameters": PARAMETERS, "strict": True}]  # noqa: RUF012

    async def chat(self, client: Any) -> str:
        return str((await client.responses.create(model="m", input=PROMPT)).output_text)

    async def stream(self, client: Any) -> str:
        async with client.responses.stream(model="m", input=PROMPT) as stream:
            heard = "".join([event.delta async for event in stream if event.type == "response.output_text.delta"])
            final = await stream.get_final_response()
        assert heard == final.output_text, "deltas and the completed copy agree"
        return heard

    async def tools(self, client: Any) -> Any:
        answer = await client.responses.create(model="m", input=PROMPT, tools=self.TOOLS)
        return answer.output[0].arguments

    async def stream_tools(self, client: Any) -> Any:
        async with client.responses.stream(model="m", input=PROMPT, tools=self.TOOLS) as stream:
            kind = "response.function_call_arguments.delta"
            heard = "".join([event.delta async for event in stream if event.type == kind])
            final = await stream.get_final_response()
        assert heard == final.output[0].arguments, "deltas and the completed copy agree"
        return heard

    async def structured(self, client: Any) -> Any:
        return (await client.responses.parse(model="m", input=PROMPT, text_format=Contact)).output_parsed

"""A real model server behind the gateway: llama.cpp's own, with a tiny model that the test makes itself.

The stream of a server that nobody here wrote. Runs where ``xllamacpp`` (llama.cpp's server in a wheel) and
``gguf`` are installed, in this environment or in the one whose Python ``SLUICE_MODEL_PYTHON`` names.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest

from tests.support.house import House
from tests.support.model_server import SAYS

SERVER = Path(__file__).parents[1] / "support" / "model_server.py"
MAIL = "eve.hacker@evil.com"
WANTED = SAYS.replace(MAIL, "[EMAIL_ADDRESS]")
ASKED: Any = [{"role": "user", "content": "My address is maria.lopez@acme.com"}]


def python() -> str:
    """Return a Python that can serve the model, or skip."""
    named = os.environ.get("SLUICE_MODEL_PYTHON", "")
    if not named and (find_spec("xllamacpp") is None or find_spec("gguf") is None):
        pytest.skip("pip install xllamacpp gguf, here or where SLUICE_MODEL_PYTHON points, for a real model server")
    return named or sys.executable


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[House]:
    """A gateway in front of the model server."""
    process = await asyncio.create_subprocess_exec(
        python(), str(SERVER), str(tmp_path),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        address = await asyncio.wait_for(_address(process), 60)
        async with House.running(tmp_path, address) as house:
            yield house
    finally:
        process.kill()
        await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async for line in process.stdout:
        if line.startswith(b"address "):
            return line.split()[1].decode()
    raise AssertionError("the model server ended before it served")


async def test_the_model_says_an_address_and_nobody_hears_it(served: House) -> None:
    """Chat, whole and streamed, by the official client."""
    async with openai.AsyncOpenAI(base_url=f"{served.url}/v1", api_key=served.token(), max_retries=0) as client:
        whole = await client.chat.completions.create(model="tiny", messages=ASKED)
        assert whole.choices[0].message.content == WANTED
        assert whole.usage is not None
        assert whole.usage.completion_tokens > 10
        stream = await client.chat.completions.create(model="tiny", messages=ASKED, stream=True)
        events = [event async for event in stream]
    assert "".join(event.choices[0].delta.content or "" for event in events) == WANTED
    assert events[-1].choices[0].finish_reason == "stop"


async def test_the_same_server_in_other_dialects(served: House) -> None:
    """llama.cpp speaks legacy completions, Responses and Anthropic's messages as well."""
    async with openai.AsyncOpenAI(base_url=f"{served.url}/v1", api_key=served.token(), max_retries=0) as client:
        texts = await client.completions.create(model="tiny", prompt="Hi", stream=True, max_tokens=20)
        assert "".join([event.choices[0].text async for event in texts]) == WANTED
        # This server leaves out `output_index`, on which the SDK's `responses.stream` helper insists.
        said = await client.responses.create(model="tiny", input=ASKED[0]["content"], stream=True)
        events: list[Any] = [event async for event in said]
        assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == WANTED
        assert [event.text for event in events if event.type == "response.output_text.done"] == [WANTED]
        assert events[-1].response.output_text == WANTED
    async with anthropic.AsyncAnthropic(base_url=served.url, api_key=served.token(), max_retries=0) as other:
        async with other.messages.stream(model="tiny", max_tokens=30, messages=ASKED) as stream:
            message = await stream.get_final_message()
        assert message.content[0].text == WANTED  # type: ignore[union-attr]


async def test_the_record_says_what_was_found(served: House) -> None:
    """The decision on the model's own words is in the audit log; the usage is the server's."""
    reply = await served.post("/v1/chat/completions", {"model": "tiny", "stream": True, "messages": ASKED})
    assert MAIL.encode() not in reply.raw
    decisions = served.decisions(reply.headers["x-sluice-exchange"])
    assert ("inspect", "redact", "entities-redacted") in decisions
    assert served.verified()

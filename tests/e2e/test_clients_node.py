"""The official OpenAI client for Node, unmodified: installed from the npm registry when there is one.

Skipped, with the reason, where Node is absent or the registry does not answer in time. What was
installed is kept in the user's cache, so that the registry is asked once.
"""

import asyncio
import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.support.clients import ClientContract
from tests.support.model import PARAMETERS, PROMPT, TOOL

PACKAGE = "openai@6"
SECONDS = 120.0
_CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "sluice-tests" / "node-openai"

SCRIPT = """
import OpenAI from "openai";
const [feature, baseURL, apiKey, prompt, tool, parameters] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const messages = [{ role: "user", content: prompt }];
const shape = JSON.parse(parameters);
const tools = [{ type: "function", function: { name: tool, description: "Sends.", parameters: shape } }];
const ask = (more) => client.chat.completions.create({ model: "m", messages, ...more });
const features = {
  async chat() { return (await ask({})).choices[0].message.content; },
  async stream() {
    let heard = "";
    for await (const part of await ask({ stream: true })) heard += part.choices[0]?.delta?.content ?? "";
    return heard;
  },
  async tools() { return (await ask({ tools })).choices[0].message.tool_calls[0].function.arguments; },
  async stream_tools() {
    const stream = client.chat.completions.stream({ model: "m", messages, tools });
    return (await stream.finalChatCompletion()).choices[0].message.tool_calls[0].function.arguments;
  },
  async structured() {
    const response_format = { type: "json_schema", json_schema: { name: "contact", schema: shape } };
    return (await ask({ response_format })).choices[0].message.content;
  },
  async embeddings() {
    const answer = await client.embeddings.create({ model: "m", input: prompt, encoding_format: "float" });
    return answer.data[0].embedding;
  },
};
try {
  console.log(JSON.stringify({ got: await features[feature]() }));
} catch (error) {
  console.log(JSON.stringify({ raised: error.constructor.name, status: error.status ?? null }));
}
"""


class Unknown(Exception):
    """``AuthenticationError``."""


class Limited(Exception):
    """``RateLimitError``."""


class Ended(Exception):
    """``APIError``."""


_CLASSES: dict[str, type[Exception]] = {"AuthenticationError": Unknown, "RateLimitError": Limited, "APIError": Ended}


@cache
def installed() -> Path:
    """Return a folder with the client in it, or skip."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("node or npm is not installed")
    _CACHE.mkdir(parents=True, exist_ok=True)
    if not (_CACHE / "node_modules" / "openai" / "package.json").exists():
        command = [npm, "install", "--prefix", str(_CACHE), "--no-audit", "--no-fund", "--ignore-scripts", PACKAGE]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            pytest.skip(f"the npm registry did not answer within {SECONDS:.0f} s")
        except subprocess.CalledProcessError:
            pytest.skip("the npm registry does not serve the package openai")
    (_CACHE / "client.mjs").write_text(SCRIPT)
    return _CACHE


class TestNode(ClientContract):
    """``client.chat.completions`` and ``client.embeddings`` of npm's ``openai``."""

    NAME: ClassVar[str] = "openai (Node), chat"
    UNKNOWN_CALLER = Unknown
    LIMITED = Limited
    ENDED = Ended

    def make(self, url: str, key: str) -> Any:
        return installed(), f"{url}/v1", key

    async def _run(self, client: Any, feature: str) -> Any:
        folder, url, key = client
        arguments = (feature, url, key, PROMPT, TOOL, json.dumps(PARAMETERS))
        process = await asyncio.create_subprocess_exec(
            "node", str(folder / "client.mjs"), *arguments, cwd=folder, stdout=subprocess.PIPE
        )
        out, _ = await asyncio.wait_for(process.communicate(), 60)
        said = json.loads(out)
        if "raised" in said:
            raise _CLASSES.get(said["raised"], RuntimeError)(said)
        return said["got"]

    async def chat(self, client: Any) -> str:
        return str(await self._run(client, "chat"))

    async def stream(self, client: Any) -> str:
        return str(await self._run(client, "stream"))

    async def tools(self, client: Any) -> Any:
        return await self._run(client, "tools")

    async def stream_tools(self, client: Any) -> Any:
        return await self._run(client, "stream_tools")

    async def structured(self, client: Any) -> Any:
        return await self._run(client, "structured")

    async def embeddings(self, client: Any) -> Any:
        return await self._run(client, "embeddings")

"""A value that was found once is replaced where it is a key, too, though no detector is asked about plain words."""

import json
from typing import Any

from tests.support.backend import Backend
from tests.support.house import House
from tests.support.speech import completion

NAME = "Kowalski"
SAID = f"My colleague Mr. Piotr {NAME} asks; mail {NAME}@acme.com, and call {NAME} back."


async def test_a_name_as_a_key(house: House, backend: Backend) -> None:
    """In JSON inside a message, in the caller's own metadata, and in a tool's parameters; it comes back as a key."""
    arguments = json.dumps({NAME: 30000, f"{NAME}_bonus": 1, "title": NAME})
    body: Any = {
        "model": "m",
        "metadata": {NAME: "x"},
        "messages": [{"role": "user", "content": SAID}, {"role": "user", "content": arguments}],
        "tools": [
            {
                "type": "function",
                "function": {"name": "pay", "parameters": {"type": "object", "properties": {NAME: {"type": "number"}}}},
            }
        ],
    }
    backend.answers(completion("ok"))
    assert (await house.post("/v1/chat/completions", body)).status == 200
    assert NAME not in backend.text
    sent = backend.asked[-1].body
    assert set(sent["tools"][0]["function"]["parameters"]) == {"type", "properties"}
    told = sent["messages"][1]["content"]
    assert set(json.loads(told).values()) >= {30000, 1}
    backend.answers(completion(told))
    reply = await house.post("/v1/chat/completions", body)
    assert json.loads(reply.body["choices"][0]["message"]["content"]) == json.loads(arguments)

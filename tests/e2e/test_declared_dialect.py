"""A backend that no vendor sells, described by a file: Text Generation Inference's own API."""

import base64
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from gateway.settings import Settings
from tests.support.backend import Backend
from tests.support.house import HouseBuilder
from tests.support.speech import pieces

EXAMPLE = Path(__file__).parents[2] / "policies" / "examples" / "dialects" / "tgi.yaml"
MAIL = "maria.lopez@acme.com"
EVE = "eve.hacker@evil.com"


def with_example(settings: Settings) -> Settings:
    """Put the example beside the policy."""
    home = settings.policy.parent / "dialects"
    home.mkdir()
    shutil.copy(EXAMPLE, home)
    return replace(settings)


def token(text: str, whole: str | None = None) -> dict[str, Any]:
    """One event of its stream."""
    return {
        "index": 1,
        "token": {"id": 5, "text": text, "logprob": -0.1, "special": False},
        "generated_text": whole,
        "details": None,
    }


async def test_tgi(build: HouseBuilder, backend: Backend) -> None:
    """Whole and streamed: pseudonyms come back, inventions are redacted, copies agree, token ids are left out."""
    house = await build(settings=with_example)
    body = {"inputs": f"Remember {MAIL}", "parameters": {"max_new_tokens": 9, "stop": [MAIL]}}
    backend.answers({"generated_text": "ok"})
    await house.post("/generate", body)
    assert MAIL not in backend.text
    name = backend.asked[-1].body["inputs"].removeprefix("Remember ")
    text, wanted = f"{name} knows {EVE}.", f"{MAIL} knows [EMAIL_ADDRESS]."
    details = {"finish_reason": "length", "generated_tokens": 7, "tokens": [{"id": 1, "text": EVE}]}
    backend.answers({"generated_text": text, "details": details})
    reply = await house.post("/generate", body)
    assert reply.body == {"generated_text": wanted, "details": {**details, "tokens": None}}
    for size in (1, 4, 1000):
        said = pieces(text, size)
        events = [*(token(piece) for piece in said[:-1]), token(said[-1], text)]
        backend.streams([f"data:{json.dumps(event)}\n\n".encode() for event in events])
        reply = await house.post("/generate_stream", body)
        heard = [json.loads(line[5:]) for line in reply.raw.split(b"\n\n") if line]
        assert "".join(event["token"]["text"] for event in heard) == wanted
        assert heard[-1]["generated_text"] == wanted
        assert {event["token"].get("id") for event in heard} == {None}


async def test_it_comes_and_goes_with_the_policy(build: HouseBuilder, backend: Backend) -> None:
    """A reload takes a new file into force, keeps the last good state of a broken one, and drops a removed one."""
    house = await build()
    before = house.gateway.plan.revision
    backend.answers({"generated_text": "ok"})
    assert (await house.post("/generate", {"inputs": MAIL})).status == 404
    file = house.settings.policy.parent / "dialects" / "tgi.yaml"
    file.parent.mkdir()
    shutil.copy(EXAMPLE, file)
    await house.gateway.reload()
    assert house.gateway.plan.revision != before
    assert (await house.post("/generate", {"inputs": MAIL})).status == 200
    assert MAIL not in backend.text
    file.write_text(EXAMPLE.read_text().replace("path: /generate\n", "path: generate\n"))
    await house.gateway.reload()
    assert (await house.get(house.ops + "/readyz")).body["policy_stale"] is True
    assert (await house.post("/generate", {"inputs": MAIL})).status == 200
    file.unlink()
    await house.gateway.reload()
    assert house.gateway.plan.revision == before
    assert (await house.post("/generate", {"inputs": MAIL})).status == 404


CAPTIONER = """\
apiVersion: sluice/v1alpha1
kind: Dialect
metadata: {name: captioner}
spec:
  endpoints:
    - path: /caption
      request: {media: [/pages]}
      answer: {media: [/picture]}
"""


def with_captioner(settings: Settings) -> Settings:
    """A backend that takes files and answers with one."""
    home = settings.policy.parent / "dialects"
    home.mkdir()
    (home / "captioner.yaml").write_text(CAPTIONER)
    return settings


async def test_media_of_a_declared_backend(build: HouseBuilder, backend: Backend) -> None:
    """They are inspected where the policy says so, both ways."""
    house = await build(settings=with_captioner, policy=lambda p: p.replace("media: deny", "media: inspect"))
    clean, full = (base64.b64encode(text.encode()).decode() for text in ("Press the button.", f"Ask {MAIL}."))
    backend.answers({"picture": clean})
    reply = await house.post("/caption", {"pages": [{"data": clean, "title": f"For {MAIL}"}]})
    assert (reply.status, reply.body) == (200, {"picture": clean})
    sent = backend.asked[-1].body["pages"][0]
    assert sent["data"] == clean
    assert sent["title"].startswith("For [EMAIL_ADDRESS_")
    reply = await house.post("/caption", {"pages": [{"data": full}]})
    assert reply.status == 400
    assert "/pages/0/data" in reply.body["error"]["message"]
    backend.answers({"picture": full})
    reply = await house.post("/caption", {"pages": [{"data": clean}]})
    assert reply.status == 400
    assert len(backend.asked) == 2
    assert MAIL not in backend.text

"""Backends that no vendor sells: a file says how to ask, directly and through a gateway whose policy declares them."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from detectors.bias.backends import BackendError, HttpBackend
from detectors.bias.dialect import Ask
from detectors.bias.own_dialect import read
from detectors.bias.problems import SuiteError
from detectors.bias.run import run
from gateway.settings import Settings
from tests.support.house import House
from tests.unit.bias.test_run import FAST, small

EXAMPLE = Path(__file__).parents[3] / "policies" / "examples" / "dialects" / "tgi.yaml"
TGI = """path: /generate
body:
  inputs: "{system} {prompt}"
  parameters: {max_new_tokens: "{max_tokens}", seed: "{seed}", temperature: "{temperature}"}
answer: /generated_text
"""
MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Invite?"}]


def written(directory: Path, text: str = TGI) -> Path:
    path = directory / "tgi-probe.yaml"
    path.write_text(text)
    return path


def test_a_body_is_filled_in(tmp_path: Path) -> None:
    """A placeholder alone becomes its value; what was not asked for is left out."""
    body = read(written(tmp_path)).body(MESSAGES, Ask("m", 16, None, 7))
    assert body == {"inputs": "Be brief. Invite?", "parameters": {"max_new_tokens": 16, "seed": 7}}
    chat = written(tmp_path, 'path: /c\nbody: {talk: "{messages}", n: "seed {seed}"}\nanswer: /a/0/b\n')
    spoken = read(chat)
    assert spoken.body(MESSAGES, Ask("m", 16, None, 7)) == {"talk": MESSAGES, "n": "seed 7"}
    assert spoken.reply({"a": [{"b": "yes"}]}).text == "yes"
    odd: list[Any] = [{"a": []}, {"a": [{"b": 3}]}, [], None]
    for nonsense in odd:
        with pytest.raises(ValueError, match="no "):
            spoken.reply(nonsense)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("path: generate\nbody: {a: '{prompt}'}\nanswer: /a\n", ":1:1: `path` must begin with a slash"),
        ("path: /g\nbody: {a: '{promt}'}\nanswer: /a\n", "unknown placeholder {promt}; known are prompt, "),
        ("path: /g\nbody: {a: b}\nanswer: /a\n", "holds neither {prompt} nor {messages}"),
        ("path: /g\nbody: {a: '{prompt}'}\n", "`answer` is missing"),
        ("path: /g\nbody: '{prompt}'\nanswer: /a\n", "must be a mapping"),
        ("path: /g\nbody: {a: '{prompt}'}\nanswer: /a\nmodel: m\n", ":4:1: unknown key `model`"),
        ("- a\n", "`body` is missing"),
    ],
)
def test_a_wrong_file_says_what_and_where(tmp_path: Path, text: str, problem: str) -> None:
    """Before anything is asked."""
    path = written(tmp_path, text)
    with pytest.raises(SuiteError, match=r"tgi-probe\.yaml:") as caught:
        read(path)
    assert problem in str(caught.value)
    with pytest.raises(BackendError, match=r"tgi-probe\.yaml:"):
        HttpBackend("http://127.0.0.1:1", "m", dialect=str(path))


async def test_a_probe_through_a_declared_dialect(tmp_path: Path) -> None:
    """The policy declares the backend's dialect, the probe's file says how to ask in it."""

    async def generate(request: web.Request) -> web.Response:
        body: Any = await request.json()
        assert body["parameters"]["max_new_tokens"] == 64
        return web.json_response({"generated_text": "yes"})

    application = web.Application()
    application.router.add_post("/generate", generate)
    server = TestServer(application)
    await server.start_server()

    def declaring(settings: Settings) -> Settings:
        home = settings.policy.parent / "dialects"
        home.mkdir()
        shutil.copy(EXAMPLE, home)
        return replace(settings)

    try:
        async with House.running(tmp_path, str(server.make_url("")).rstrip("/"), settings=declaring) as house:
            made = small(tmp_path)
            backend = HttpBackend(house.url, "", house.token(), str(written(tmp_path)))
            async with backend:
                result = await run(made, backend, settings=FAST)
    finally:
        await server.close()
    assert result.failed == result.unasked == 0
    assert result.calls == made.calls

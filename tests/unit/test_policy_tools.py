"""What commands find is what the gateway finds: disguise is undone in requests, and by rule in answers."""

import io
import json

import pytest

from gateway.adapters.detector_pool import ThreadPool, loaded
from gateway.policy_tools import local_find, local_tools
from gateway.text_commands import detect, redact

PLAIN = "ann@example.com"
DISGUISED = "ann [at] example [dot] com"


@pytest.mark.parametrize("text", [PLAIN, DISGUISED])
def test_explain_and_tests_look_at_texts_as_the_gateway_does(text: str) -> None:
    """Else `policy explain` and `policy test` would tell of another decision than is made."""
    tools = local_tools()
    for find in (local_find(), tools.find, tools.find_in_answers):
        (found,) = find(("pii",), [text])
        assert [(f.start, f.end, f.entity) for f in found] == [(0, len(text), "EMAIL_ADDRESS")]


async def test_a_detector_sees_in_commands_what_it_sees_in_the_gateway() -> None:
    """Whole texts and answers, by rule and by the tagger."""
    text = "Ｗｒｉｔｅ ｔｏ Ｍａｒｉａ Ｌｏｐｅｚ, ann [at] example [dot] com, 4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"
    tools = local_tools()
    pool = ThreadPool({name: loaded(name) for name in ("pii", "ner")})
    for name in ("pii", "ner"):
        for whole, find in ((True, tools.find), (False, tools.find_in_answers)):
            (there,) = await pool.detect((name,), [text], whole=whole)
            (here,) = find((name,), [text])
            assert sorted(map(repr, here)) == sorted(map(repr, there)), (name, whole)
    pool.close()


@pytest.mark.parametrize("text", [PLAIN, DISGUISED])
def test_detect_finds_what_redact_rewrites(text: str) -> None:
    """Both are the gateway's engine on a prompt."""
    out = io.StringIO()
    source = io.BytesIO(json.dumps({"text": text}).encode() + b"\n")
    assert detect(source, out, kind="pii", jsonl=True, directory=None) == 0
    (finding,) = json.loads(out.getvalue())["findings"]
    assert (finding["start"], finding["end"], finding["entity"]) == (0, len(text), "EMAIL_ADDRESS")
    rewritten, values = redact(text, None)
    assert list(values.values()) == [text]
    assert rewritten == next(iter(values))

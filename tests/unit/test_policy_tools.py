"""What commands find is what the gateway finds: disguise is undone in requests, and not in answers."""

import io
import json

import pytest

from gateway.policy_tools import local_find, local_tools
from gateway.text_commands import detect, redact

PLAIN = "ann@example.com"
DISGUISED = "ann [at] example [dot] com"


@pytest.mark.parametrize(("text", "in_requests", "in_answers"), [(PLAIN, 1, 1), (DISGUISED, 1, 0)])
def test_explain_and_tests_look_at_requests_as_the_gateway_does(text: str, in_requests: int, in_answers: int) -> None:
    """Else `policy explain` and `policy test` would tell of another decision than is made."""
    tools = local_tools()
    for find, count in ((local_find(), in_requests), (tools.find, in_requests), (tools.find_in_answers, in_answers)):
        (found,) = find(("pii",), [text])
        assert [(f.start, f.end, f.entity) for f in found] == [(0, len(text), "EMAIL_ADDRESS")] * count


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

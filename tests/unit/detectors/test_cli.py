"""`sluice detect`: one answer a line, in order, and nothing of a text where it does not belong."""

import io
import json
from collections.abc import Sequence

import pytest

from detectors.cli import detect_stream, detect_text
from detectors.detector import DetectorFailure, Finding


class Digits:
    """Finds runs of one digit; scores texts by their share of digits."""

    name = "digits"
    entities = frozenset({"NUMBER"})
    reach = context = lookahead = 1

    def detect(self, texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
        if "fail" in texts:
            raise DetectorFailure("deadline")
        return [[Finding(i, i + 1, "NUMBER", 0.9, "digits") for i, c in enumerate(t) if c.isdigit()] for t in texts]

    def settled(self, text: str) -> int:
        return len(text)

    def score(self, text: str) -> float:
        return sum(map(str.isdigit, text)) / max(1, len(text))


def run(lines: bytes, kind: str = "pii") -> tuple[int, list[dict[str, object]], str]:
    out, err = io.StringIO(), io.StringIO()
    code = detect_stream(io.BytesIO(lines), out, kind=kind, detectors=[Digits()], progress=err)
    return code, [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue()


def line(text: str) -> bytes:
    return json.dumps({"text": text, "id": 7}).encode() + b"\n"


def test_every_line_has_one_answer_in_order() -> None:
    """Offsets are code points, also beyond the Basic Multilingual Plane."""
    code, answers, err = run(line("a1") + line("none") + line("\U0001f600\U0001f6007") + line(""))
    assert code == 0 and err == ""
    assert [[(f["start"], f["end"]) for f in a["findings"]] for a in answers] == [[(1, 2)], [], [(2, 3)], []]  # type: ignore[attr-defined]
    assert answers[0]["findings"] == [{"start": 1, "end": 2, "entity": "NUMBER", "score": 0.9, "detector": "digits"}]


def test_the_last_line_needs_no_line_end_and_an_empty_input_no_answer() -> None:
    """What editors and pipes do at the end of a file."""
    assert len(run(line("1").strip())[1]) == 1
    assert run(b"") == (0, [], "")


def test_many_lines_in_pieces_of_any_size() -> None:
    """A large input is answered in batches; U+2028 inside a text ends no line."""

    class Drip(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:
            return super().read1(min(size or 7, 7))

    lines = b"".join(json.dumps({"text": f"{n}\u2028x"}, ensure_ascii=False).encode() + b"\n" for n in range(300))
    out = io.StringIO()
    assert detect_stream(Drip(lines), out, kind="pii", detectors=[Digits()], progress=io.StringIO()) == 0
    assert out.getvalue().count("\n") == 300


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (b"secret", "not JSON"),
        (b'{"text": 5}', 'string "text"'),
        (b'["secret"]', 'string "text"'),
        (b'{"text": "secret\xff"}', "not UTF-8"),
        (b"", "not JSON"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_a_bad_line_is_named_and_not_quoted(bad: bytes, says: str) -> None:
    """Lines before it are answered, none after; the exit code says so."""
    code, answers, err = run(line("1") + bad + b"\n" + line("2"))
    assert code == 65
    assert len(answers) == 1
    assert "line 2" in err and says in err and "secret" not in err
    assert err.count("\n") == 1


def test_a_failed_detector_is_an_error() -> None:
    """Never an empty answer for a text that was not judged."""
    code, answers, err = run(line("fail"))
    assert (code, answers) == (1, [])
    assert "deadline" in err


def test_injection_is_scored_and_labelled() -> None:
    """A score in 0..1 and a label a line."""
    _, answers, _ = run(line("123") + line("abc"), kind="injection")
    assert answers == [{"score": 1.0, "label": "injection"}, {"score": 0.0, "label": "benign"}]


def test_plain_text_is_one_text() -> None:
    """Without --jsonl: one finding a line for people, without the text."""
    out = io.StringIO()
    assert detect_text(io.BytesIO(b"a\n7\xff"), out, kind="pii", detectors=[Digits()]) == 0
    assert out.getvalue() == "2-3 NUMBER 0.9 digits\n"
    out = io.StringIO()
    assert detect_text(io.BytesIO(b"77"), out, kind="injection", detectors=[Digits()]) == 0
    assert out.getvalue() == "1.0 injection\n"


def test_a_terminal_gets_a_progress_bar() -> None:
    """And nothing of it reaches the answers."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out, err = io.StringIO(), Terminal()
    assert detect_stream(io.BytesIO(line("1") * 9), out, kind="pii", detectors=[Digits()], progress=err) == 0
    assert out.getvalue().count("\n") == 9
    assert "detect" in err.getvalue()

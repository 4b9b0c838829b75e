"""The laws of the detector of secrets under random cuts; any text in bounded time."""

import random
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.secrets.detector import SecretDetector
from tests.property.test_normalize import holds_under_cut, keys

DETECTOR = SecretDetector()
_ALNUM = string.ascii_letters + string.digits


def _made(length: int) -> str:
    return "".join(random.Random(length).choices(_ALNUM, k=length))


FRAGMENTS = [
    "gh" + "p_" + _made(36), "AKIA" + "QRSTUVWXYZ234567", "sk-" + _made(48), "eyJ" + _made(20) + ".eyJ" + _made(30),
    "-----BEGIN RSA " + "PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----", "-----BEGIN", _made(64), _made(64),
    "password", "Passwort", " = ", "=", ": ", ":", '"', "'", "\\n", "\n", " ", " ", " is ", "hunter2", "S3cret!x",
    "api_key", "token", "Authorization: Bearer ", "Basic ", "postgres://bob:", "s3cr3tpw", "@db.example", "pw:",
    ";Password=", "Server=x", "123456789", ":AA", "secret", "_count", "(", ")", ",", ".", "the", "é", "日", "A" * 30,
    "don't ", "`x y` ", "_" + _made(31), "</password>", " std::string = ", "bearer   ", "    =    ", '""' + '"',
    "пароль", "密码", "คือ", "curl -u ", "bob:", "sshpass -p ", "mysql -u root -p", "redis-cli -a ", "docker login -p ",
]  # fmt: skip
texts = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=3)), max_size=14).map("".join)


@settings(max_examples=150, deadline=None)
@given(texts, st.data())
def test_what_is_settled_stays(text: str, data: st.DataObject) -> None:
    """No continuation changes, adds or removes a finding before the settled position."""
    holds_under_cut(DETECTOR, text, data.draw(st.integers(0, len(text))))


@pytest.mark.parametrize("name", ["password", "пароль", "hasło", "密码", "パスワード", "비밀번호", "รหัสผ่าน", "κωδικός"])
def test_a_quotation_waits_for_its_end_behind_a_name_in_any_language(name: str) -> None:
    """What stands in quotes behind the name may have blanks: none of it is settled before the last mark."""
    text = f'{name}: "kd93 Xk2 vv81 Qz" now'
    assert keys(DETECTOR.detect([text])[0], len(text))
    for cut in range(len(text)):
        holds_under_cut(DETECTOR, text, cut)


@settings(max_examples=60, deadline=None)
@given(texts, st.text(alphabet=" \nabc.,", max_size=20))
def test_what_is_far_before_does_not_matter(text: str, before: str) -> None:
    """Findings depend on `context` characters before them and no more."""
    gap = " " * DETECTOR.context
    alone, amid = DETECTOR.detect([gap + text, before + gap + text])
    assert [(f.start, f.end, f.entity) for f in alone] == [
        (f.start - len(before), f.end - len(before), f.entity) for f in amid
    ]


@settings(max_examples=60, deadline=None)
@given(texts)
def test_findings_lie_inside_and_within_reach(text: str) -> None:
    """Any text is taken; nothing is longer than promised."""
    for f in DETECTOR.detect([text])[0]:
        assert 0 <= f.start < f.end <= len(text)
        assert f.end - f.start <= DETECTOR.reach
        assert f.entity in DETECTOR.entities

"""What is taken for a secret, and what only talks about one. Every secret here is made up at run time."""

import base64
import random
import string

import pytest

from detectors.secrets.detector import SecretDetector
from detectors.secrets.values import entropy, is_stand_in

DETECTOR = SecretDetector()
ALNUM = string.ascii_letters + string.digits
HEX = "0123456789abcdef"


def made(alphabet: str, length: int, seed: int = 7) -> str:
    return "".join(random.Random(seed).choices(alphabet, k=length))


def found(text: str) -> list[tuple[str, str]]:
    (findings,) = DETECTOR.detect([text])
    return [(text[f.start : f.end], f.entity) for f in findings]


@pytest.mark.parametrize(
    ("token", "entity"),
    [
        ("AKIA" + made(string.ascii_uppercase + "234567", 16), "API_KEY"),
        ("gh" + "p_" + made(ALNUM, 36), "ACCESS_TOKEN"),
        ("github" + "_pat_" + made(ALNUM + "_", 82), "ACCESS_TOKEN"),
        ("gl" + "pat-" + made(ALNUM, 20), "ACCESS_TOKEN"),
        ("xox" + "b-1234567890-1234567890-" + made(ALNUM, 24), "ACCESS_TOKEN"),
        ("sk" + "_live_" + made(ALNUM, 24), "API_KEY"),
        ("sk-" + "ant-api03-" + made(ALNUM, 95), "API_KEY"),
        ("sk-" + "proj-" + made(ALNUM, 48), "API_KEY"),
        ("sk-" + made(ALNUM, 48), "API_KEY"),
        ("AIza" + made(ALNUM, 35), "API_KEY"),
        ("hf" + "_" + made(string.ascii_letters, 34), "API_KEY"),
        ("np" + "m_" + made(ALNUM, 36), "ACCESS_TOKEN"),
        ("SG." + made(ALNUM, 22) + "." + made(ALNUM, 43), "API_KEY"),
        ("dop" + "_v1_" + made(HEX, 64), "ACCESS_TOKEN"),
        ("hv" + "s." + made(ALNUM, 24), "ACCESS_TOKEN"),
        (made(HEX, 32) + "-us12", "API_KEY"),
        ("123456789:AA" + made(ALNUM, 33), "ACCESS_TOKEN"),
        ("eyJ" + made(ALNUM, 30) + ".eyJ" + made(ALNUM, 60) + "." + made(ALNUM, 43), "ACCESS_TOKEN"),
    ],
)
@pytest.mark.parametrize("frame", ["{}", "the key is {}, keep it", '{{"k": "{}"}}', "url?x={}&y=1", "```\n{}\n```"])
def test_a_token_is_known_by_its_form(token: str, entity: str, frame: str) -> None:
    """No name is needed beside it."""
    assert found(frame.format(token)) == [(token, entity)]


@pytest.mark.parametrize(
    ("text", "secret", "entity"),
    [
        ("password = '{}'", "Tr0ub4dor&3", "PASSWORD"),
        ("DB_PASSWORD={}", "hunter2hunter", "PASSWORD"),
        ('{{"password": "{}"}}', "correct-horse", "PASSWORD"),
        ("<password>{}</password>", "Sup3r-S3cr3t", "PASSWORD"),
        ("my password is {} by the way", "hunter2x", "PASSWORD"),
        ("mot de passe: {}", "Azerty12!", "PASSWORD"),
        ("login: bob pw: {}", "s3cr3t!x", "PASSWORD"),
        ("val password: String = \"{}\"", "exord13Paw", "PASSWORD"),
        ("api_key: {}", made(HEX, 32), "API_KEY"),
        ("'client_secret': '{}'", made(ALNUM, 30), "API_KEY"),
        ("os.environ['AWS_SECRET_ACCESS_KEY'] = '{}'", made(ALNUM + "/+", 40), "API_KEY"),
        ("curl -H 'Authorization: Bearer {}'", made(ALNUM, 32), "ACCESS_TOKEN"),
        ("Authorization: Basic {}", base64.b64encode(b"bob:" + b"hunter2!").decode(), "ACCESS_TOKEN"),
        ("redis://:{}@cache:6379/0", "p4ssw0rd9", "CONNECTION_STRING"),
        ("AccountName=x;AccountKey={};", base64.b64encode(made(ALNUM, 64).encode()).decode(), "CONNECTION_STRING"),
        ("Server=db;Database=x;User Id=sa;Password={};", "S0me!Pass", "CONNECTION_STRING"),
        ("la contraseña es {}", "Zq8vLm2pXw", "PASSWORD"),
        ("mon mot de passe est {}", "Zq8vLm2pXw", "PASSWORD"),
        ("мой пароль: {}", "Zq8vLm2pXw", "PASSWORD"),
        ("密码是{}", "Zq8vLm2pXw", "PASSWORD"),
        ("密码：{}", "Zq8vLm2pXw", "PASSWORD"),
        ("비밀번호는 {} 입니다", "Zq8vLm2pXw", "PASSWORD"),
        ("sshpass -p '{}' ssh x", "Zq8vLm2pXw", "PASSWORD"),
        ("curl -s -u maria:{} https://x", "Zq8vLm2pXw", "PASSWORD"),
        ("mysql -u root -p{} db", "Zq8vLm2pXw", "PASSWORD"),
        ("redis-cli -h x -a {}", "Zq8vLm2pXw", "PASSWORD"),
        ("docker login -u x -p {} r.io", "Zq8vLm2pXw", "PASSWORD"),
    ],
)  # fmt: skip
def test_a_value_is_known_by_its_name(text: str, secret: str, entity: str) -> None:
    """Assignments, JSON, headers, URLs, and what people write in chat."""
    assert any(secret in value and kind == entity for value, kind in found(text.format(secret))), found(
        text.format(secret)
    )


@pytest.mark.parametrize("end", ["-----END RSA PRIVATE KEY-----", ""])
@pytest.mark.parametrize("line_end", ["\n", "\\n", "\n2026-01-01 INFO key "])
def test_a_private_key_is_one_finding_however_it_is_wrapped(line_end: str, end: str) -> None:
    """Plain, in a JSON string, in a log; whole or cut off."""
    lines = [made(ALNUM + "+/", 64, seed) for seed in range(8)]
    key = line_end.join(["-----BEGIN RSA " + "PRIVATE KEY-----", *lines, end])
    [(value, entity)] = found(f"key: {key}\nthank you")
    assert entity == "PRIVATE_KEY"
    assert all(line in value for line in lines)
    assert "thank" not in value


@pytest.mark.parametrize(
    "text",
    [
        "password = os.environ['DB_PASSWORD']",
        "password = getpass.getpass()",
        "password: ${DB_PASSWORD}",
        "password = {{ vault.password }}",
        "password=<your password>",
        "password = your_password_here",
        "password: str = Field(min_length=8)",
        "Enter your password: ",
        "The password is required and must be strong.",
        "Forgot your password? Reset it within 24 hours.",
        "password = None",
        "secret = config.secret_key",
        "api_key = settings.API_KEY",
        "max_tokens: 4096, total_tokens=128000",
        "token_type: bearer",
        "the secretary wrote a token of thanks",
        "tokenizer = AutoTokenizer.from_pretrained('bert-base-uncased')",
        "sha256: " + made(HEX, 64),
        "commit " + made(HEX, 40),
        "id: " + "-".join(made(HEX, n, n) for n in (8, 4, 4, 4, 12)),
        "AKIA" + "EXAMPLE",
        "https://user@example.com/path and http://localhost:8080/",
        "postgres://user:${PASSWORD}@db/x",
        "-----BEGIN CERTIFICATE-----\n" + made(ALNUM, 64),
        "the line -----BEGIN PRIVATE KEY----- comes first in such a file",
        "sk-learn and sk-image are libraries",
        "curl -u user:password https://x",
        "curl -u $USER:$TOKEN https://x -o out:file9",
        'mysql -u root -p\nsshpass -p "$PW" ssh x; mysql -uroot -p$(cat pw) db',
        "docker login -u x -p ${TOKEN}; curl https://a.example:8080/u1",
        "пароль забыт, 密码必须包含8个字符",
    ],
)
def test_talk_about_secrets_is_no_secret(text: str) -> None:
    """References, placeholders, types, hashes and prose are left alone."""
    assert found(text) == []


def test_the_surer_of_two_readings_wins() -> None:
    """A known token under a name is reported once, as what it is."""
    token = "gh" + "p_" + made(ALNUM, 36)
    assert found(f'token = "{token}"') == [(token, "ACCESS_TOKEN")]


def test_entropy_is_shannons() -> None:
    """Bits per character."""
    assert entropy("") == 0
    assert entropy("aaaa") == 0
    assert entropy("abcd") == 2


@pytest.mark.parametrize("value", ["changeme", "xxxxxxxx", "<token>", "${X}", "$(cat x)", "password", "test", "a.b.c"])
def test_stand_ins_are_known(value: str) -> None:
    """What stands for a secret is none."""
    assert is_stand_in(value)

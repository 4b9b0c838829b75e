"""Secrets told by the name that they are given: ``password = "..."``, ``Authorization: Bearer ...``."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from detectors.secrets.rules import ACCESS_TOKEN, API_KEY, PASSWORD
from detectors.secrets.values import key_score, password_score

LONGEST_VALUE: Final = 256

# Literals, in lower case. A name is known by the first of them that it contains.
_PASSWORDS = """
passw|pswd|psswd|pswrd|psword|pwd|passphrase|passcode|_pass|-pass|pass=|pass:|dbpass|userpass
kennwort|contrase|wachtwoord|senha|mot de passe|mdp:|mdp=|pw:|pw=|pw |pw(
"""
_KEYS = """
api_key|apikey|api-key|api key|access_key|accesskey|access-key|access key|secret|credential|salt|x-key
private_key|privatekey|private-key|encryption_key|encryptionkey|signing_key|signingkey|subscription-key
master_key|masterkey|auth_key|authkey|account_key|accountkey|app_key|appkey|_key=|_key:|_key"|_key'|_key =
"""
_TOKENS = """
token|authorization|bearer|x-auth|sessionid|session_id|jwt|auth=|auth:|_auth
"""
NAMES: Final = {
    entity: tuple(name for line in names.strip().splitlines() for name in line.split("|"))
    for entity, names in ((PASSWORD, _PASSWORDS), (API_KEY, _KEYS), (ACCESS_TOKEN, _TOKENS))
}

FOREIGN: Final = re.compile(
    "пароль|hasło|密码|密碼|口令|パスワード|暗証番号|비밀번호|암호|รหัสผ่าน|κωδικός", re.IGNORECASE
)
"""Names of passwords in letters beyond Latin-1, which the scan for literals does not see."""

names_password: Final = re.compile("|".join(map(re.escape, NAMES[PASSWORD])), re.IGNORECASE).search
"""Finds a name of a password in a key."""

_REST = r"(?P<rest>[A-Za-z0-9_.-]{0,32})"
_SIGN = r"(?P<sign>[ \t]{0,4}(?::=|=>|->|\|\||!?={1,3}|:{1,2}|\?=|\+=|\()[ \t]{0,4})"
_TYPE = r"(?:(?:str|string|String|bytes|&str|char\*?|Optional\[str\]|std::string)[ \t]{0,3}={1,2}[ \t]{0,4})?"
_QUOTED = r"(?:[fbruLR@]{0,2}|\\)(?P<quote>\"\"\"|[\"'`])(?P<quoted>[^\"'`\r\n\\]{3,256})(?:\\?(?P=quote))"
_BARE = r"(?P<bare>[^\s\"'`<>(),;{}\[\]\\]{4,256})(?P<after>[(\[]?)"
# How a value follows: by a sign, as the next argument, as an element, or in quotes right away.
_FOLLOWS = (
    rf"(?:{_SIGN}|[\"'][ \t]{{0,2}},[ \t]{{0,4}}(?=[\"'])|>|[ \t]{{1,2}}(?=[\"'][^\"'\s]{{8,}}[\"']))"
    rf"{_TYPE}(?:(?i:bearer|basic|token|apikey)[ \t]{{1,3}})?"
)
_ASSIGNED = re.compile(rf"{_REST}(?:\\?[\"'`\])}}]|</?[a-z]{{1,12}}>){{0,3}}{_FOLLOWS}(?:{_QUOTED}|{_BARE})")
_TOLD = re.compile(
    r"(?P<rest>[a-zñ]{0,6})(?:[ \t]?(?:是|为|為|は|은|는|이|คือ)"
    r"|(?:[ \t](?:is|was|are|to|ist|lautet|es|est|è|é|jest|είναι|for [\w.@-]{1,40} is))?"
    r"[ \t]?(?:now|set to|set as|still)?[ \t:：])[ \t:：]{0,2}"
    r"(?P<quote>[\"'`“]?)(?P<told>[^\s\"'`”<>]{6,64})",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"\w{0,20}[\"']?[ \t]{0,2}[:=]?[ \t]{0,2}[\"']?(?:bearer|basic)[ \t]{1,3}(?P<bare>[\w.~+/=-]{12,2048})",
    re.IGNORECASE,
)

# Words that continue a name into something that is no secret: token_count, secretary, password_field.
_NO_SECRET = re.compile(
    r"(?i)^(?:[sz]?ed\b|s?(?:[_.-]?(?:count|limit|max|min|len|length|size|num|number|per|used|usage|budget))|iz|is[ei]|"
    r"ar[yi]|less|[_.-]?(?:field|label|input|form|hash|file|path|dir|url|uri|endpoint|name|type|expir|ttl|policy|reset|"
    r"placeholder|hint|confirm|prompt|error|invalid|require|valid|version|id$|ids$|format|prefix|manager|provider|store|"
    r"rotation|age|param|header|ref$|arn|class|column|rules?$))"
)


class Place(NamedTuple):
    """Where a value stands, what it is, and how sure that is."""

    start: int
    end: int
    entity: str
    score: float


def judge(text: str, start: int, end: int, entity: str) -> Iterator[Place]:
    """Yield the value of the name whose literal stands at ``[start, end)``, if it looks like a secret."""
    header = _HEADER.match(text, end) if entity == ACCESS_TOKEN else None
    if header:
        if key_score(header["bare"].rstrip("=")) or len(header["bare"]) >= 20:
            yield Place(*header.span("bare"), ACCESS_TOKEN, 0.85)
        return
    match = _ASSIGNED.match(text, end if text[end - 1] not in "=:\"' (" else end - 1)
    if match and not _NO_SECRET.match(match["rest"]):
        group = "quoted" if match["quoted"] else "bare"
        score = 0.0 if match["after"] else _score(match[group], group == "quoted", entity)
        if score:
            low, high = match.span(group)
            trailing = len(match[group]) - len(match[group].rstrip(".,;:")) if group == "bare" else 0
            yield Place(low, high - trailing, entity, score)
        return
    told = _TOLD.match(text, end) if entity == PASSWORD or text[start:end].isalpha() else None
    if told and not _NO_SECRET.match(told["rest"]):
        value = told["told"].rstrip(".,;:)")
        score = _score(value, False, entity)
        if score and any(c.isdigit() for c in value) and any(c.isalpha() for c in value):
            low = told.start("told")
            yield Place(low, low + len(value), entity, min(score, 0.6))


def _score(value: str, quoted: bool, entity: str) -> float:
    if entity == PASSWORD:
        return password_score(value, quoted)
    return key_score(value)

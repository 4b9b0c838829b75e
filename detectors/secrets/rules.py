"""What secrets look like, each by a literal that it cannot do without.

One multi-pattern scan finds the literals; only there a rule's own pattern is
tried. The formats are those that the services document for their tokens.
"""

import re
from dataclasses import dataclass
from typing import Final

API_KEY: Final = "API_KEY"
ACCESS_TOKEN: Final = "ACCESS_TOKEN"
PASSWORD: Final = "PASSWORD"
PRIVATE_KEY: Final = "PRIVATE_KEY"
CONNECTION_STRING: Final = "CONNECTION_STRING"
ENTITIES: Final = frozenset({API_KEY, ACCESS_TOKEN, PASSWORD, PRIVATE_KEY, CONNECTION_STRING})

LONGEST: Final = 10_240
"""The longest secret, in characters: a private key of 8192 bits, with line ends written as escapes."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A secret that can be told by its form.

    `literal` stands at a known place: `pattern` is tried `lead` characters before
    it. The group ``secret``, or else the whole match, is the finding; it counts
    when it has at least `bits` of entropy per character.
    """

    entity: str
    literal: str
    pattern: re.Pattern[str]
    lead: int = 0
    bits: float = 2.5
    score: float = 0.95


def _prefixed(entity: str, rows: str, bits: float = 2.5) -> list[Rule]:
    """Read rows of ``literal rest``: a token begins with the literal and goes on with the pattern."""
    rules = []
    for row in rows.strip().splitlines():
        literal, rest = row.split(maxsplit=1)
        pattern = rf"(?<![A-Za-z0-9]){re.escape(literal)}{rest}(?![A-Za-z0-9])"
        rules.append(Rule(entity, literal, re.compile(pattern), 0, bits))
    return rules


_KEYS = r"""
AKIA            [A-Z0-9]{16}
ASIA            [A-Z0-9]{16}
ABIA            [A-Z0-9]{16}
ACCA            [A-Z0-9]{16}
ABSK            [A-Za-z0-9+/]{100,280}={0,2}
bedrock-api-key- [A-Za-z0-9+/=]{40,2000}
AIza            [\w-]{35}(?!-)
GOCSPX-         [\w-]{28}
sk-ant-         (?:api|admin|oat|ort|sid)\d\d-[\w-]{80,140}
sk-proj-        [\w-]{40,240}
sk-svcacct-     [\w-]{40,240}
sk-admin-       [\w-]{40,240}
sk-or-v1-       [0-9a-f]{64}
sk-             [A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}
sk-             (?=[a-z]{0,30}[A-Z0-9])[A-Za-z0-9]{32,64}
gsk_            [A-Za-z0-9]{40,64}
xai-            [A-Za-z0-9]{60,100}
pplx-           [A-Za-z0-9]{40,64}
r8_             [A-Za-z0-9]{36,40}
hf_             [A-Za-z0-9]{30,40}
api_org_        [A-Za-z]{34}
dapi            [0-9a-f]{32}(?:-\d)?
nvapi-          [\w-]{60,80}
tgp_v1_         [\w-]{40,50}
fw_             [A-Za-z0-9]{22,26}
tvly-           [\w-]{20,60}
phc_            [A-Za-z0-9]{40,50}
phx_            [A-Za-z0-9]{40,56}
eyJrIjoi        [A-Za-z0-9]{40,400}={0,3}
LLM|            \d{10,20}\|[\w-]{20,40}
00D             [A-Za-z0-9]{12}![\w.]{60,120}
llx-            [\w-]{40,60}
pha_            [A-Za-z0-9]{40,60}
phr_            [A-Za-z0-9]{40,60}
phs_            [A-Za-z0-9]{40,60}
NRBR-           [0-9a-f]{19}
oy2             [a-z0-9]{43}
jina_           [A-Za-z0-9]{50,70}
pcsk_           [A-Za-z0-9_]{60,90}
sk_live_        [A-Za-z0-9]{10,120}
sk_test_        [A-Za-z0-9]{10,120}
rk_live_        [A-Za-z0-9]{10,120}
rk_test_        [A-Za-z0-9]{10,120}
whsec_          [A-Za-z0-9+/]{24,64}={0,2}
SG.             [\w-]{22}\.[\w-]{43}
key-            [0-9a-f]{32}
xkeysib-        [0-9a-f]{64}-[A-Za-z0-9]{16}
NRAK-           [A-Z0-9]{27}
NRII-           [\w-]{32}
NRJS-           [0-9a-f]{19}
PMAK-           [0-9a-f]{24}-[0-9a-f]{34}
FLWSECK_TEST-   [A-Za-z0-9]{12,34}(?:-X)?
FLWSECK-        [A-Za-z0-9]{32}-X
EZAK            [A-Za-z0-9]{54}
EZTK            [A-Za-z0-9]{54}
LTAI            [A-Za-z0-9]{12,22}
AKID            [A-Za-z0-9]{32}
AQVN            [\w-]{35,38}
AKCp            [A-Za-z0-9]{65,73}
cmVmd           [A-Za-z0-9]{59}
AGE-SECRET-KEY-1 [QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}
A3-             [A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}
dt0c01.         [A-Z0-9]{24}\.[A-Z0-9]{64}
shippo_live_    [0-9a-f]{40}
shippo_test_    [0-9a-f]{40}
duffel_live_    [\w=-]{43}
duffel_test_    [\w=-]{43}
rzp_live_       [A-Za-z0-9]{14,24}
rzp_test_       [A-Za-z0-9]{14,24}
sq0csp-         [\w-]{43}
sq0atp-         [\w-]{22}
live_           [a-z0-9_=-]{40}
p8e-            [a-z0-9]{32}
ico-            [A-Za-z0-9]{32}
fio-u-          [\w=-]{64}
aio_            [A-Za-z0-9]{28}
CLOJARS_        [a-z0-9]{60}
HRKU-           [\w-]{36,66}
tk-us-          [\w-]{48}
SK              [0-9a-f]{32}
AC              [0-9a-f]{32}
AP              [0-9a-f]{32}
"""
_TOKENS = r"""
ghp_            [A-Za-z0-9]{36,255}
gho_            [A-Za-z0-9]{36,255}
ghu_            [A-Za-z0-9]{36,255}
ghs_            [A-Za-z0-9]{36,255}
ghr_            [A-Za-z0-9]{36,255}
github_pat_     [A-Za-z0-9_]{60,255}
glpat-          [\w.-]{20,320}
gldt-           [\w-]{20,64}
glrt-           [\w.-]{20,320}
glptt-          [0-9a-f]{40}
glft-           [\w-]{20,40}
glimt-          [\w-]{25,40}
glsoat-         [\w-]{20,40}
glcbt-          [\w-]{20,40}
glagent-        [\w-]{50,64}
gloas-          [\w-]{64,80}
glffct-         [\w-]{20,40}
GR1348941       [\w-]{20}
xoxb-           \d{8,14}-[\w-]{16,80}
xoxa-           [\w-]{20,250}
xoxp-           \d{8,14}-[\w-]{20,200}
xoxr-           [\w-]{20,250}
xoxs-           [\w-]{20,250}
xoxe.           xox[bp]-\d-[A-Za-z0-9]{100,250}
xoxe-           \d-[A-Za-z0-9]{100,250}
xapp-           \d-[A-Z0-9]{8,14}-\d{8,14}-[A-Za-z0-9]{40,80}
ya29.           [\w-]{20,400}
1//0            [\w-]{30,120}
npm_            [A-Za-z0-9]{36}
pypi-           AgE[\w-]{50,400}
rubygems_       [0-9a-f]{48}
dckr_pat_       [\w-]{27}
dckr_oat_       [\w-]{32}
dop_v1_         [0-9a-f]{64}
doo_v1_         [0-9a-f]{64}
dor_v1_         [0-9a-f]{64}
lin_api_        [A-Za-z0-9]{40}
lin_oauth_      [0-9a-f]{64}
ntn_            [A-Za-z0-9]{40,60}
secret_         [A-Za-z0-9]{43}
figd_           [\w-]{40,60}
shpat_          [0-9a-fA-F]{32}
shpca_          [0-9a-fA-F]{32}
shppa_          [0-9a-fA-F]{32}
shpss_          [0-9a-fA-F]{32}
EAAA            [\w-]{60}
EAAC            [A-Za-z0-9]{100,300}
EAAM            [A-Za-z0-9]{100,300}
ATATT3          [\w=-]{100,250}
ATCTT3          [\w=-]{100,250}
ATBB            [A-Za-z0-9]{32}
dp.pt.          [A-Za-z0-9]{40,44}
dp.st.          [\w.-]{40,80}
dp.ct.          [A-Za-z0-9]{40,44}
hvs.            [\w-]{24,300}
hvb.            [\w-]{100,300}
pul-            [0-9a-f]{40}
glc_            [A-Za-z0-9+/]{32,400}={0,3}
glsa_           [A-Za-z0-9]{32}_[A-Fa-f0-9]{8}
sntrys_         [A-Za-z0-9+/=_]{60,300}
sntryu_         [0-9a-f]{64}
pscale_tkn_     [\w.=-]{32,64}
pscale_pw_      [\w.=-]{32,64}
pscale_oauth_   [\w.=-]{32,64}
sbp_            [0-9a-f]{40}
sb_secret_      [\w-]{30,50}
pnu_            [A-Za-z0-9]{36}
rdme_           [a-z0-9]{70}
tfp_            [\w.=-]{59}
sha256~         [\w-]{43}
ops_            eyJ[A-Za-z0-9+/_-]{200,2000}={0,3}
t1.             [A-Za-z0-9_-]+[=]{0,2}\.[\w-]{86}={0,2}
y0_             [\w-]{50,200}
v1.0-           [0-9a-f]{24}-[0-9a-f]{146}
fm1r_           [A-Za-z0-9+/]{100,500}={0,3}
fm2_            [A-Za-z0-9+/]{100,500}={0,3}
fo1_            [\w-]{43}
EAACEdEose0cBA  [A-Za-z0-9]{0,300}
nfp_            [A-Za-z0-9_]{36,40}
vercel_blob_rw_ [\w]{30,60}
buildkite_      [\w-]{30,80}
bkua_           [0-9a-f]{40}
CCIPAT_         [\w]{20,24}_[0-9a-f]{40}
dnkey-          [\w=-]{26}-[\w=-]{52}
glrtr-          [\w-]{20,64}
glwt-           [\w-]{20,64}
PMAT-           [A-Z0-9]{26}
SWMTKN-1-       [a-z0-9]{50,60}-[a-z0-9]{20,30}
cosmo_          [0-9a-f]{32}
vcp_            [A-Za-z0-9]{40,70}
vca_            [A-Za-z0-9]{40,70}
sbp_v0_         [0-9a-f]{40}
BBDC-           [A-Za-z0-9+/]{40,50}
_gitlab_session= [0-9a-z]{32}
squ_            [0-9a-f]{40}
sqp_            [0-9a-f]{40}
sqa_            [0-9a-f]{40}
cfut_           [\w-]{40,64}
cfat_           [\w-]{40,64}
cfk_            [\w-]{40,64}
SWMKEY-1-       [A-Za-z0-9]{50,60}-[A-Za-z0-9]{20,30}
IGQV            [\w-]{80,250}
IGAA            [\w-]{80,250}
AAAAAAAAAAAAAAAAAAAAA [A-Za-z0-9%]{60,120}
akab-           [a-z0-9]{16}-[a-z0-9]{16}
"""


# entity, literal, characters before the literal at which a match may begin, least entropy, pattern
_FORMS = r"""
ACCESS_TOKEN eyJ 0 3.5 (?<![\w.-])eyJ[\w-]{8,2000}\.eyJ[\w-]{8,4000}(?:\.[\w-]{8,1500})?(?![\w-])
CONNECTION_STRING AccountKey= 0 3.5 AccountKey=(?P<secret>[A-Za-z0-9+/]{40,100}={0,2})
CONNECTION_STRING SharedAccessKey= 0 3.5 SharedAccessKey=(?P<secret>[\w+/]{30,60}={0,2})
ACCESS_TOKEN ?sig= 0 3.0 [?]sig=(?P<secret>[A-Za-z0-9%+/]{40,80}(?:%3D|=))
ACCESS_TOKEN &sig= 0 3.0 &sig=(?P<secret>[A-Za-z0-9%+/]{40,80}(?:%3D|=))
API_KEY Q~ 4 3.0 (?<![\w~.-])[\w~.]{3}\dQ~[\w~.-]{31,34}(?![\w~-])
ACCESS_TOKEN :AA 10 3.0 (?<![\w:])\d{8,10}:AA[\w-]{32,34}(?![\w-])
ACCESS_TOKEN .atlasv1. 14 3.5 (?<![\w.])[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,70}
API_KEY -us 32 3.0 (?<![0-9A-Za-z])[0-9a-f]{32}-us\d{1,2}(?!\d)
API_KEY AAAAAAAAAA 11 3.0 (?<![\w-])[A-Za-z0-9]{11}A{10}[\w=-]{43}(?![\w-])
API_KEY NRAL 41 3.0 (?<![0-9A-Za-z])(?:eu01x)?[0-9a-f]{27,36}NRAL(?![0-9A-Za-z])
ACCESS_TOKEN TlRMTVNTUAAD 0 3.0 TlRMTVNTUAAD[A-Za-z0-9+/]{40,2000}={0,2}
ACCESS_TOKEN TlRMTVNTUAAB 0 2.0 TlRMTVNTUAAB[A-Za-z0-9+/]{20,2000}={0,2}
ACCESS_TOKEN sl. 0 4.0 (?<![\w.-])sl\.(?:u\.)?[\w=-]{120,1200}
API_KEY pat 0 3.5 (?<![A-Za-z0-9])pat[A-Za-z0-9]{14}\.[0-9a-f]{64}(?![A-Za-z0-9])
ACCESS_TOKEN hooks.slack.com/ 0 3.0 hooks\.slack\.com/(?:services|workflows|triggers)/[\w/-]{30,120}
ACCESS_TOKEN /api/webhooks/ 0 3.0 /api/webhooks/(?P<secret>\d{17,20}/[\w-]{60,72})
ACCESS_TOKEN .webhook.office.com/ 0 3.0 \.webhook\.office\.com/(?P<secret>webhookb2/[\w@/-]{80,250})
"""


def _forms() -> list[Rule]:
    rules = []
    for row in _FORMS.strip().splitlines():
        entity, literal, lead, bits, pattern = row.split(maxsplit=4)
        rules.append(Rule(entity, literal, re.compile(pattern), int(lead), float(bits)))
    return rules


def _blocks() -> list[Rule]:
    # Between lines: line ends (or their escapes), the quotes and signs of source code, the prefix of a log line.
    gap = (
        r"(?:[\r\n\t \"'|>+,.;]|\\{1,2}[nrt]){0,24}"
        r"(?:(?:(?<=\n)|(?<=\\n))[^\r\n\\]{0,96}?(?<=[^A-Za-z0-9+/=]))?"
    )
    line = r"(?:[A-Z][\w-]{2,15}: [^\r\n\\]{1,80}|[A-Za-z0-9+/=]{24,80})"
    lines = rf"(?:{gap}{line}){{1,112}}(?:{gap}[A-Za-z0-9+/]{{1,78}}={{1,2}})?"
    pem = (
        rf"-----BEGIN (?:[A-Z0-9]{{2,12}} ){{0,3}}PRIVATE KEY(?: BLOCK)?-----{lines}"
        rf"(?:(?:{gap}[A-Za-z0-9+/=]{{1,80}})?{gap}-----END [A-Z0-9 ]{{3,40}}-----)?"
    )
    putty = rf"PuTTY-User-Key-File-\d: {lines}"
    scheme = r"(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,30}"
    url = rf"{scheme}://[^\s:/?#\"'<>{{}}$]{{0,64}}:(?P<password>[^\s@/\"'<>]{{3,128}})@[^\s\"'<>]{{1,200}}"
    fields = r"(?:DefaultEndpointsProtocol|AccountName|Endpoint|Server|Data Source|Host|User ID|Uid)=[^\"'\n]{0,200}?"
    store = rf"{fields};\s?[Pp]assword=(?P<secret>[^;\s\"']{{4,80}})"
    return [
        Rule(PRIVATE_KEY, "-----BEGIN ", re.compile(pem), 0, 3.0),
        Rule(PRIVATE_KEY, "PuTTY-User-Key-File-", re.compile(putty), 0, 3.0),
        Rule(CONNECTION_STRING, "://", re.compile(url), 32, 0.0, 0.9),
        Rule(CONNECTION_STRING, "assword=", re.compile(store), 232, 0.0, 0.8),
    ]


def _commands() -> list[Rule]:
    """Return the rules for passwords on a command line; variables and what a shell puts in are none."""
    secret = r"[\"']?(?P<secret>[^\s\"'$`<>{(][^\s\"'`<>]{3,63})"
    rows = (
        ("sshpass", rf"sshpass[ \t]+-p[ \t]*{secret}"),
        ("curl", rf"curl\b[^\n|;&]{{0,160}}?[ \t](?:-u|--user)[ =]?[\"']?[^\s:\"'$<>]{{1,64}}:{secret}"),
        ("mysql", rf"mysql(?:dump|admin|import)?\b[^\n|;&]{{0,80}}?[ \t]-p{secret}"),
        ("redis-cli", rf"redis-cli\b[^\n|;&]{{0,80}}?[ \t](?:-a|--pass)[ =]{secret}"),
        ("docker login", rf"docker login\b[^\n|;&]{{0,80}}?[ \t]-p[ =]?{secret}"),
    )
    return [Rule(PASSWORD, literal, re.compile(pattern), 0, 0.0, 0.75) for literal, pattern in rows]


RULES: Final[tuple[Rule, ...]] = (
    *_prefixed(API_KEY, _KEYS, 2.8),
    *_prefixed(ACCESS_TOKEN, _TOKENS, 2.8),
    *_forms(),
    *_blocks(),
    *_commands(),
)

"""Where this detector deliberately differs from stock Presidio, and why. Data only.

The differential test knows these tables: everything that is not listed here
must equal Presidio. `detectors/pii/README.md` tells them in prose.
"""

from typing import Final

# What bounds an identifier: no letter or digit before or after; an underscore may stand there.
_LEFT: Final = r"(?<![^\W_])"
_RIGHT: Final = r"(?![^\W_])"

_BYTE: Final = "[0-9A-Fa-f]{2}"

UNBOUNDED: Final = "unanchored or unbounded: what it finds would depend on text that is arbitrarily far away"
REDUNDANT: Final = "bounded as an identifier must be, it finds nothing that the pattern before it does not find"
CODE: Final = "program text, object identifiers and version numbers are not addresses"

# (recognizer class, index of the pattern): (expression instead, reason). None drops the pattern.
PATTERNS: Final[dict[tuple[str, int], tuple[str | None, str]]] = {
    ("CryptoRecognizer", 0): (rf"{_LEFT}(bc1|[13])[a-zA-HJ-NP-Z0-9]{{25,59}}{_RIGHT}", UNBOUNDED),
    ("CreditCardRecognizer", 0): (
        r"\b(?!1\d{12}(?!\d))((4\d{3})|(5[0-5]\d{2})|(6\d{3})|(1\d{3})|(3\d{3})|(2131|2[2-7]\d{2}))"
        r"[- ]?(\d{3,4})[- ]?(\d{3,4})[- ]?(\d{3,5})(?:[- ]?\d{2,3})?\b|\b(?:(?:5[06-9]|6\d)\d{2}|0604)\d{8}\b",
        "Presidio's pattern lacks Mastercard's second range, JCB's 2131, cards of 19 digits and Maestro's of 12",
    ),
    ("MedicalLicenseRecognizer", 0): (
        rf"{_LEFT}(?:[abcdefghjklmprstux][a-z]\d{{7}}|[abcdefghjklmprstux]9\d{{7}}){_RIGHT}",
        UNBOUNDED,
    ),
    ("FiPersonalIdentityCodeRecognizer", 1): (None, REDUNDANT),
    ("PlPeselRecognizer", 0): (
        rf"{_LEFT}[0-9]{{2}}([02468][1-9]|[13579][012])(0[1-9]|1[0-9]|2[0-9]|3[01])[0-9]{{5}}{_RIGHT}",
        UNBOUNDED,
    ),
    ("SeOrganisationsnummerRecognizer", 1): (None, REDUNDANT),
    ("SePersonnummerRecognizer", 1): (None, REDUNDANT),
    ("DeHandelsregisterRecognizer", 0): (r"\bHR[AB]\s{0,8}\d{1,6}\b", UNBOUNDED),
    ("InPanRecognizer", 2): (
        r"\b((?=[\w@#$%^?~-]{0,9}[a-zA-Z])(?=[\w@#$%^?~-]{0,6}[0-9]{4})[\w@#$%^?~-]{10})\b",
        UNBOUNDED,
    ),
    ("UsHealthInsuranceMemberIdRecognizer", 0): (
        r"\b(?=[A-Z0-9-]{6,20}\b)(?=[A-Z0-9-]{0,19}\d)[A-Z]{1,5}-?[A-Z0-9]{5,14}\b",
        UNBOUNDED,
    ),
    ("UsSsnRecognizer", 2): (None, "finds nothing that the pattern at index 4 does not find with a higher score"),
    ("InAadhaarRecognizer", 1): (
        r"(?<!\d[- :])\b[0-9]{4}[- :][0-9]{4}[- :][0-9]{4}\b(?![- :]\d)",
        "three groups of a longer number, such as a card's, are none of their own",
    ),
    ("MacAddressRecognizer", 0): (
        rf"\b(?<!\b{_BYTE}(?::{_BYTE}:|-{_BYTE}-)){_BYTE}([:-])(?:{_BYTE}\1){{4}}{_BYTE}\b(?!\1{_BYTE}\1{_BYTE}\b)",
        "six pieces of a fingerprint are no address of a machine",
    ),
    ("IpRecognizer", 2): (
        r"(?<![\w.])(?:25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)"
        r"(?:\.(?:25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)){3}(?:/(?:[0-2]?\d|3[0-2]))?(?!\w|\.\d)",
        CODE,
    ),
}

# Small repairs inside longer patterns: (recognizer class, index): ((what stands there, what instead), ...).
# The first two bound a repetition. The third: no driving licence has less than four characters, and the
# alternative for two letters and digits lacks its opening bracket.
REPAIRS: Final[dict[tuple[str, int], tuple[tuple[str, str], ...]]] = {
    ("DateRecognizer", 0): ((r"\.\d+", r"\.\d{1,12}"),),
    ("IpRecognizer", 3): ((r"(?:%[0-9a-zA-Z]+)?", r"(?:%[0-9a-zA-Z]{1,32})?"),),
    ("UsLicenseRecognizer", 0): (
        ("[A-Z][0-9]{1,12}", "[A-Z][0-9]{4,12}"),
        ("|A-Z]{2}[0-9]{2,5}", "|[A-Z]{2}[0-9]{3,5}"),
    ),
}

# The fiscal code's expression is long; it is only anchored, not rewritten.
ANCHORED: Final = frozenset({("ItFiscalCodeRecognizer", 0)})


def anchored(expression: str) -> str:
    """Return `expression` between the bounds of an identifier."""
    return f"{_LEFT}(?:{expression}){_RIGHT}"


# What these find speaks for itself: a strong checksum, a form that nothing else
# has, or a date of birth inside. Every other recognizer for one country needs a
# context word: without one its finding scores at most `UNSUPPORTED`.
SPEAKS_FOR_ITSELF: Final = frozenset(
    {
        "DeVatIdRecognizer",
        "FiPersonalIdentityCodeRecognizer",
        "InGstinRecognizer",
        "ItFiscalCodeRecognizer",
        "UkDrivingLicenceRecognizer",
        "UkNinoRecognizer",
        "UsClaimNumberRecognizer",
        "UsMbiRecognizer",
        "UsPrescriptionNumberRecognizer",
        "UsPriorAuthorizationNumberRecognizer",
        "UsProviderTaxIdRecognizer",
        "UsReferralNumberRecognizer",
        "UsSsnRecognizer",
    }
)

# A number that is all digits passes a checksum by chance once in ten; so these
# need a context word, or the separators that people write such a number with.
FORMAT_OR_CONTEXT: Final = frozenset(
    {
        "CreditCardRecognizer",
        "InAadhaarRecognizer",
        "KrRrnRecognizer",
        "SePersonnummerRecognizer",
    }
)

# What those with a separator that may be missing look like with it, relaxed: without a context word only these count.
FORMATTED: Final[dict[tuple[str, int], str]] = {
    ("KrRrnRecognizer", 0): r"[0-9]{6}-[1-4][0-9]{6}",
    ("SePersonnummerRecognizer", 0): r"\b[0-9]{6,8}[+\-][0-9]{4}\b",
}

# What that format is, where a separator is too little: "1131566472 2005" is a time stamp and a year of a log, and
# passes the check of cards once in ten, as do the columns of a table.
FORMATS: Final[dict[str, str]] = {
    "CreditCardRecognizer": r"\d{4}[- ]\d{4}[- ]\d{4}[- ]\d{3,4}(?:[- ]?\d{2,3})?|\d{4}[- ]\d{6}[- ]\d{4,5}",
}

# What the numbers of `FORMAT_OR_CONTEXT` score without either, where it is not `UNSUPPORTED`. A card number in one
# piece counts more when it stands alone (`cards.py`); else it is reported for policies that want it.
BARE_NUMBER: Final[dict[str, float]] = {"CreditCardRecognizer": 0.4}

# Scores at most this without the context word that is asked for: under the floor of `RuleDetector`.
UNSUPPORTED: Final = 0.3

# What the labels in look-behinds are made of; a rule with such a label is tried only in a text that has one of these.
LABELS: Final[dict[str, tuple[str, ...]]] = {
    "UsClaimNumberRecognizer": ("claim",),
    "UsPrescriptionNumberRecognizer": ("rx", "prescription"),
    "UsPriorAuthorizationNumberRecognizer": ("authorization", "auth", "preauthorization"),
    "UsProviderTaxIdRecognizer": ("provider",),
    "UsReferralNumberRecognizer": ("referral",),
}

# Relaxed forms by hand, where the mechanical one is slow to compile. Something that every match holds is enough.
# An address of IPv6 has two colons in a row or six groups before colons; said from its start, so that a long row of
# colons proposes once and not at every colon.
_COLONS: Final = r"(?:^|[^\w:])(?:::|(?:[0-9a-f]{1,4}:){1,7}:|(?:[0-9a-f]{1,4}:){6})"
RELAXED: Final[dict[tuple[str, int], str]] = {
    ("CreditCardRecognizer", 0): r"\b[0-9]{4}[ \-]?[0-9]{3,4}[ \-]?[0-9]{3}",
    ("DateRecognizer", 0): r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}t[0-9]{2}:",
    ("DateRecognizer", 1): r"\b[0-9]{1,2}/[0-9]{1,2}/[0-9]{2}",
    ("DateRecognizer", 2): r"\b[0-9]{1,2}/[0-9]{1,2}/[0-9]{2}",
    ("DateRecognizer", 3): r"\b[0-9]{4}/[0-9]{1,2}/[0-9]",
    ("IpRecognizer", 0): _COLONS,
    ("IpRecognizer", 1): _COLONS,
    ("IpRecognizer", 3): _COLONS,
    # The mechanical one would propose every social security number.
    ("UsItinRecognizer", 2): r"\b9[0-9]{2}[ \-][5-9][0-9][ \-][0-9]{4}\b",
    ("UsLicenseRecognizer", 0): (
        r"\b(?:[a-z]{1,2}[0-9]{3,18}[a-z]?|[0-9]{2,9}[a-z]{1,3}[0-9]{0,6}|[a-z][0-9][a-z][0-9][a-z])\b"
    ),
}

# Patterns whose relaxed form would fire on plain words or slow the scan; they are tried around digits, in texts in
# which the sign given here stands (if one is given) and, as ever, a context word if the rule needs one.
WIDE: Final[dict[tuple[str, int], str | None]] = {
    ("CryptoRecognizer", 0): "[a-z0-9]{26}",
    ("InPanRecognizer", 2): None,
    ("UsHealthInsuranceMemberIdRecognizer", 0): None,
}

# Context words instead of Presidio's, where those say nothing about the number that follows.
CONTEXT_INSTEAD: Final[dict[str, tuple[str, ...]]] = {
    "PhoneRecognizer": ("phone", "telephone", "cell", "cellphone", "mobile", "call"),
    "UsItinRecognizer": ("itin", "taxpayer", "taxid", "tax id", "tin", "taxpayer identification number"),
}

# Words that say that what follows is something else, although it has the form.
DOUBTS: Final[dict[str, tuple[str, ...]]] = {
    "IpRecognizer": ("version", "ver", "release", "build", "oid", "identifier", "section", "chapter", "firmware"),
}

# Labels: one of these among the last three words before a match lifts it to `LABELLED`. Presidio leaves its weakest
# patterns at .40 to .45 whatever stands before them, under the thresholds that people set.
LABELLED: Final = 0.6
NEAR: Final[dict[str, tuple[str, ...]]] = {
    "EsPassportRecognizer": ("pasaporte", "passport"),
    "InPassportRecognizer": ("passport",),
    "ItPassportRecognizer": ("passaporto",),
    "KrPassportRecognizer": ("passport", "여권"),
    "PhoneRecognizer": (
        "text",
        "ring",
        "reach",
        "message",
        "called",
        "calling",
        "caller",
        "dialed",
        "dialled",
        "rang",
        "texted",
        "callback",
    ),
    "PhPassportRecognizer": ("passport",),
    "UkPassportRecognizer": ("passport",),
    "UsBankRecognizer": ("account", "acct", "account number", "account no", "bank account"),
    "UsLicenseRecognizer": ("license", "licence", "dl", "driver license", "drivers license"),
    "UsPassportRecognizer": ("passport",),
    "UsSsnRecognizer": ("ssn", "social security", "social security number", "social security no", "socialsecurity"),
}

# Words that say, among the last three before a number, that it counts something else: they undo a context word of
# their recognizer for forms that say nothing by themselves.
NEAR_DOUBTS: Final[dict[str, tuple[str, ...]]] = {
    "PhoneRecognizer": (
        "order", "invoice", "ticket", "case", "reference", "ref", "tracking", "account", "id", "serial", "sku", "isbn",
        "batch", "booking", "version", "total", "amount", "timestamp", "pid", "transaction", "policy", "claim", "tax",
        "member", "customer", "card", "passport", "license", "model", "part", "item", "product", "phase",
    ),
}  # fmt: skip

# Words that announce what Presidio's lists leave out.
EXTRA_CONTEXT: Final[dict[str, tuple[str, ...]]] = {
    "CreditCardRecognizer": (
        "cc", "pan", "debit", "kreditkarte", "tarjeta", "carte bancaire", "carta", "pay", "payment", "charge",
        "checkout", "cvv", "cvc", "expiry",
    ),
    "IbanRecognizer": ("account", "konto", "wire", "transfer", "payment"),
    "IpRecognizer": ("host", "server", "address", "addr", "client", "remote"),
    "PhoneRecognizer": (
        "tel", "fax", "contact", "dial", "sms", "whatsapp", "hotline", "my number", "your number", "voicemail",
        "pager", "gsm", "mob", "ph", "tlf", "handy", "durchwahl", "anrufen", "cellulare", "appelez", "llámame",
        "zadzwoń", "reach me", "reach us", "reach him", "reach her", "reach them", "reach you", "reached at",
        "reached on", "text me", "text us", "text him", "text her", "message me", "ring me", "our number",
        "his number", "her number", "their number", "new number", "landline", "handset", "helpline", "telefon",
        "telefono", "telefone", "téléphone", "mobil", "móvil", "celular", "rufnummer", "numéro", "número", "номер",
        "телефон", "电话", "手机", "電話", "전화", "reachable", "switchboard", "reception", "toll free", "freephone",
        "hot line", "this number", "that number", "following number", "right number", "wrong number", "home number",
        "work number", "office number", "main number", "direct number", "emergency number", "business number",
        "number for", "number at", "number is", "number to", "speak to", "speak with", "ask for", "ext",
    ),
    "UrlRecognizer": ("site", "web", "domain", "visit", "homepage", "page", "webpage", "www", "browse", "blog"),
    "UsSsnRecognizer": ("ssn", "social security number", "ss"),
}  # fmt: skip

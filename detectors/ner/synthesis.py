"""Writes synthetic documents with known names: mails, chats, forms, tickets, JSON, tables, logs. Development only.

`synthesize` fills the sentences of `templates.py` with the values of
`values.py` and sets them into the forms in which people paste personal data.
"""

import json
import re
from collections.abc import Callable
from random import Random

from detectors.ner import templates
from detectors.ner.corpora import Document
from detectors.ner.templates import LISTS
from detectors.ner.values import Values

_SLOT = re.compile(r"\{(\w+)\}")
_LABELS = {
    "person": "PERSON",
    "full": "PERSON",
    "first": "PERSON",
    "last": "PERSON",
    "lastfirst": "PERSON",
    "org": "ORGANIZATION",
    "city": "LOCATION",
    "country": "LOCATION",
    "region": "LOCATION",
    "place": "LOCATION",
    "street": "ADDRESS",
    "address": "ADDRESS",
    "postcode": "ADDRESS",
    "date": "DATE_TIME",
    "when": "DATE_TIME",
    "clock": "DATE_TIME",
    "nrp": "NRP",
}

Piece = tuple[str, str | None]


class Writer:
    """Renders slots and templates into pieces of text with their classes."""

    def __init__(self, values: Values, rng: Random) -> None:
        self.values, self.rng = values, rng
        self._all = (templates.PERSONAL, templates.PLACES, templates.ORGANISATIONS, templates.DATES, templates.NEGATIVE)

    def digits(self, low: int, high: int) -> str:
        return "".join(self.rng.choice("0123456789") for _ in range(self.rng.randint(low, high)))

    def code(self) -> str:
        """Return an identifier of capitals and digits."""
        rng = self.rng
        return "".join(
            rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ" if rng.random() < 0.7 else "0123456789")
            for _ in range(rng.randint(4, 11))
        )

    def plain(self, slot: str) -> str:
        """Return a value of a slot that has no class."""
        rng, digits = self.rng, self.digits
        upper = "".join(rng.choice("ABCDEFGHKLMNPRSTXZ") for _ in range(rng.randint(1, 3)))
        if slot == "email":
            user = rng.choice(
                [self.values.first(), f"{self.values.first()}.{self.values.last()}", self.values.invented()]
            )
            host = rng.choice(
                ["gmail.com", "yahoo.com", "outlook.com", "example.org", "web.de", self.values.invented() + ".com"]
            )
            return re.sub(r"[^\w.@-]", "", f"{user}@{host}".lower())
        if slot == "phone":
            return rng.choice(
                [
                    f"({digits(3, 3)}) {digits(3, 3)}-{digits(4, 4)}",
                    f"+{digits(1, 2)} {digits(3, 3)} {digits(3, 4)} {digits(3, 4)}",
                    f"{digits(3, 3)}-{digits(3, 3)}-{digits(4, 4)}",
                    f"0{digits(2, 4)} {digits(6, 8)}",
                    f"{digits(3, 3)}.{digits(3, 3)}.{digits(4, 4)}",
                    digits(10, 11),
                    f"+{digits(2, 2)}{digits(9, 10)}",
                    f"{digits(3, 3)}-{digits(3, 3)}-{digits(4, 4)}x{digits(3, 5)}",
                ]
            )
        if slot == "id":
            return rng.choice(
                [
                    digits(4, 12),
                    f"{upper}-{digits(3, 8)}",
                    f"{rng.choice(['EMP', 'POL', 'MRN', 'INV', 'ORD', 'CUST', 'REF', 'TKT', 'NID', 'ACC', 'PO'])}-{digits(4, 8)}",
                    self.code(),
                    f"{upper}{digits(4, 9)}",
                    f"#{digits(3, 7)}",
                    f"{digits(2, 4)}-{digits(3, 6)}-{digits(2, 4)}",
                    f"{upper}{digits(2, 3)}-{upper}{digits(2, 3)}",
                    f"{rng.getrandbits(128):032x}",
                    f"{rng.getrandbits(32):08x}",
                ]
            )
        if slot == "title":
            return rng.choice(LISTS["titles"])
        if slot == "initials":
            return f"{upper[0]}.{upper[-1]}."
        if slot == "amount":
            return rng.choice(
                [
                    f"${digits(1, 3)},{digits(3, 3)}",
                    f"${digits(2, 4)}.{digits(2, 2)}",
                    f"{digits(2, 5)} EUR",
                    f"€{digits(2, 4)}",
                    f"{digits(2, 4)} dollars",
                    f"£{digits(1, 3)}.{digits(2, 2)}",
                ]
            )
        simple: dict[str, Callable[[], str]] = {
            "number": lambda: str(rng.randint(1, 99)),
            "card": lambda: rng.choice(
                [digits(16, 16), " ".join(digits(4, 4) for _ in range(4)), "-".join(digits(4, 4) for _ in range(4))]
            ),
            "iban": lambda: (
                rng.choice(["DE", "FR", "GB", "ES", "NL"])
                + rng.choice([digits(18, 22), digits(2, 2) + " " + " ".join(digits(4, 4) for _ in range(5))])
            ),
            "ssn": lambda: rng.choice([f"{digits(3, 3)}-{digits(2, 2)}-{digits(4, 4)}", digits(9, 9)]),
            "url": lambda: "https://www." + self.values.invented().lower() + ".com/" + digits(2, 3),
            "ip": lambda: ".".join(str(rng.randint(1, 254)) for _ in range(4)),
            "version": lambda: f"{digits(1, 1)}.{digits(1, 2)}.{digits(1, 1)}",
            "phrase": self.values.phrase,
            "disease": lambda: rng.choice(LISTS["diseases"]),
            "code": lambda: self.code(),
            "soon": lambda: rng.choice(LISTS["soon"]),
            "dept": lambda: rng.choice(LISTS["departments"]),
            "handle": lambda: "@" + re.sub(r"\W", "", self.values.first()).lower() + digits(2, 2),
            "product": lambda: rng.choice(LISTS["products"]),
            "job": lambda: rng.choice(self.values.pools.jobs),
            "status": lambda: rng.choice(LISTS["statuses"]),
            "chat": lambda: "",
        }
        return simple[slot]()

    def slot(self, name: str) -> list[Piece]:
        """Return the pieces of one slot."""
        if name == "chat":
            return self.fill(self.rng.choice(templates.CHAT))
        label = _LABELS.get(name)
        if label is None:
            return [(self.plain(name), None)]
        if name == "when" and self.rng.random() < 0.3:
            return [(self.rng.choice(LISTS["soon"]), None)]
        if name == "nrp":
            return [
                (
                    self.rng.choice(self.values.pools.nationalities)
                    if self.rng.random() < 0.8
                    else self.rng.choice(LISTS["beliefs"]),
                    label,
                )
            ]
        text = self.values.last_first() if name == "lastfirst" else str(getattr(self.values, name)())
        if name in {"place"} and "," in text:
            city, _, rest = text.partition(", ")
            return [(city, label), (", ", None), (rest, label)]
        return [(text.strip(), label)]

    def fill(self, template: str) -> list[Piece]:
        """Return a template's pieces, slots filled."""
        pieces: list[Piece] = []
        last = 0
        for match in _SLOT.finditer(template):
            pieces.append((template[last : match.start()], None))
            pieces += self.slot(match.group(1))
            last = match.end()
        pieces.append((template[last:], None))
        return pieces

    def sentence(self) -> list[Piece]:
        """Return one sentence of a random kind."""
        if self.rng.random() < 0.14:
            return self.fill(self.rng.choice(self.rng.choice(templates.FOREIGN)))
        pool = self.rng.choices(self._all, (38, 18, 17, 9, 18))[0]
        pieces = self.fill(self.rng.choice(pool))
        text = pieces[-1][0]
        if text and text[-1].isalnum() and self.rng.random() < 0.4:
            pieces.append((self.rng.choice([".", ".", "!", "?", "..."]), None))
        return pieces

    def field(self, key_case: bool = True) -> tuple[str, list[Piece]]:
        """Return a random form field: its key and its value."""
        kind = self.rng.choices(
            list(templates.FIELDS), [9, 3, 3, 5, 2, 3, 2, 6, 4, 3, 3, 5, 2, 3, 4, 1, 1, 1, 1, 1, 2, 2, 3]
        )[0]
        if kind == "full" and self.rng.random() < 0.2:
            kind, key = "lastfirst", "Name"
        else:
            key = self.rng.choice(templates.FIELDS[kind])
        if kind == "phrase":
            key = self.values.phrase()
        if key_case and self.rng.random() < 0.15:
            key = key.upper()
        return key, self.slot(kind)


def _prose(w: Writer) -> list[Piece]:
    glue = w.rng.choice([" ", " ", " ", "\n"])
    pieces: list[Piece] = []
    for i in range(w.rng.choice([1, 1, 1, 2, 3, 4])):
        pieces += ([(glue, None)] if i else []) + w.sentence()
    return pieces


def _form(w: Writer) -> list[Piece]:
    sep = w.rng.choice([": ", ": ", ": ", ":", " - ", " = ", "\t", ":\n", " "])
    end = w.rng.choice(["\n", "\n", "\n", ", ", "; ", " | ", " "])
    pieces: list[Piece] = []
    if w.rng.random() < 0.3:
        pieces.append(
            (
                w.rng.choice(
                    [
                        "CUSTOMER RECORD",
                        "Intake Form",
                        "Invoice",
                        "# Contact",
                        "Registration",
                        "CLAIM FORM",
                        "Details",
                        "FORM 1040 TAX STATEMENT",
                        "EMPLOYEE FILE",
                        "Medical History",
                        "| Field | Value |\n|---|---|",
                        w.values.phrase(),
                        w.values.phrase().upper(),
                    ]
                )
                + "\n",
                None,
            )
        )
    for i in range(w.rng.randint(2, 8)):
        key, value = w.field()
        pieces += [(end if i else "", None), (key + sep, None), *value]
    return pieces


def _json(w: Writer) -> list[Piece]:
    compact = w.rng.random() < 0.3
    colon, comma, open_, close = (
        (":", ",", "{", "}")
        if compact
        else (": ", w.rng.choice([", ", ",\n  "]), w.rng.choice(["{", "{\n  "]), w.rng.choice(["}", "\n}"]))
    )
    pieces: list[Piece] = [(open_, None)]
    for i in range(w.rng.randint(2, 7)):
        key, value = w.field(key_case=False)
        pieces += [
            (comma if i else "", None),
            (json.dumps(key.lower().replace(" ", "_"), ensure_ascii=False) + colon + '"', None),
        ]
        pieces += [(text.replace("\n", "\\n").replace('"', "'"), label) for text, label in value]
        pieces.append(('"', None))
    return [*pieces, (close, None)]


def _table(w: Writer) -> list[Piece]:
    kinds = w.rng.sample(
        [
            "full",
            "first",
            "last",
            "lastfirst",
            "org",
            "city",
            "country",
            "address",
            "date",
            "email",
            "phone",
            "id",
            "amount",
            "job",
            "status",
            "code",
            "dept",
            "phrase",
        ],
        w.rng.randint(2, 6),
    )
    sep = w.rng.choice([",", ", ", " | ", "\t", ";", "  "])
    pieces: list[Piece] = []
    if w.rng.random() < 0.7:
        pieces.append((sep.join(w.rng.choice(templates.FIELDS.get(k, ["Name"])) for k in kinds) + "\n", None))
    for _ in range(w.rng.randint(1, 5)):
        for j, kind in enumerate(kinds):
            value = [(text.replace("\n", " "), label) for text, label in w.slot(kind)]
            quote = '"' if sep.strip() == "," and any("," in text for text, _ in value) else ""
            pieces += [(sep if j else "", None), (quote, None), *value, (quote, None)]
        pieces.append(("\n", None))
    return pieces


def _mail(w: Writer) -> list[Piece]:
    pieces: list[Piece] = []
    if w.rng.random() < 0.4:
        for key, template in (
            ("From", "{full} <{email}>"),
            ("To", w.rng.choice(["{full}", "{email}", "{full} <{email}>"])),
            ("Date", "{date} {clock}"),
            ("Subject", w.rng.choice(["Re: {org}", "{product}", "Meeting {when}", "Invoice {id}"])),
        ):
            pieces += [(key + ": ", None), *w.fill(template), ("\n", None)]
        pieces.append(("\n", None))
    pieces += w.fill(
        w.rng.choice(
            [
                "Hi {first},",
                "Dear {title} {last},",
                "Hello {full},",
                "Dear {first}",
                "Hey {first}!",
                "Hi all,",
                "Dear Sir or Madam,",
                "{first},",
                "Good morning {first},",
                "Hallo {first},",
                "Bonjour {first},",
            ]
        )
    )
    pieces.append((w.rng.choice(["\n\n", "\n", " "]), None))
    pieces += _prose(w) + [("\n\n", None)]
    return pieces + _signature(w)


def _signature(w: Writer) -> list[Piece]:
    end = w.rng.choice(["\n", "\n", "\n", " | ", ", ", " "])
    close = w.rng.choice(
        [
            "Best regards,",
            "Regards,",
            "Thanks,",
            "Cheers,",
            "Sincerely,",
            "--",
            "Best,",
            "Kind regards",
            "Thank you",
            "Viele Grüße",
            "Cordialement,",
            "Saludos,",
        ]
    )
    lines = ["{full}"] if w.rng.random() < 0.75 else ["{first}"]
    lines += [
        line
        for line in (
            "{job}",
            "{org}",
            "{address}",
            "{city}, {country}",
            "T: {phone}",
            "{phone}",
            "{email}",
            "{url}",
            "{dept}",
            "{phrase}",
        )
        if w.rng.random() < 0.33
    ]
    pieces: list[Piece] = [(close + "\n", None)] if w.rng.random() < 0.8 else []
    for i, line in enumerate(lines):
        pieces += [(end if i else "", None), *w.fill(line)]
    return pieces


def _chat(w: Writer) -> list[Piece]:
    names = [w.values.first() if w.rng.random() < 0.7 else w.values.full() for _ in range(2)]
    form = w.rng.choice(["{n}: ", "<{n}> ", "{n} ({c})\n", "[{c}] {n}: ", "{c} {n}: ", "Agent {n}: ", "{n} > "])
    pieces: list[Piece] = []
    for i in range(w.rng.randint(2, 5)):
        for part in re.split(r"(\{n\}|\{c\})", form):
            pieces.append(
                (names[i % 2], "PERSON")
                if part == "{n}"
                else (w.values.clock(), "DATE_TIME")
                if part == "{c}"
                else (part, None)
            )
        pieces += (w.fill(w.rng.choice(templates.CHAT)) if w.rng.random() < 0.5 else w.sentence()) + [("\n", None)]
    return pieces


def _list(w: Writer) -> list[Piece]:
    kind = w.rng.choice(["full", "full", "first", "lastfirst", "last", "city", "org", "country", "address", "person"])
    sep = (
        w.rng.choice(["\n", ", ", "; ", "\n- ", "\n* ", " and ", " / ", "\t"])
        if kind not in {"lastfirst", "address"}
        else w.rng.choice(["\n", "; ", "\n- "])
    )
    pieces: list[Piece] = [(w.rng.choice(["", "", "- ", "Team: ", "List:\n", "Guests: ", "Offices: "]), None)]
    for i in range(w.rng.randint(2, 7)):
        pieces += [(sep if i else "", None), *w.slot(kind)]
    return pieces


def _log(w: Writer) -> list[Piece]:
    levels = ["INFO", "WARN", "ERROR", "DEBUG", "info", "error"]
    modules = [
        "auth.service",
        "http.server",
        "Worker-{number}",
        "db.Pool",
        "UserController",
        "payment_gateway",
        "main",
        "kernel",
        "nginx",
        "com.acme.api.Handler",
    ]
    bodies = [
        "Connection from {ip} refused",
        "GET /api/v{number}/users/{id} 200 {number}ms",
        "user={email} action=login result=ok",
        "Started Application in {number} seconds",
        "NullPointerException at Service.java:{number}",
        "Processing order {id} for {full}",
        'login failed for user "{full}" from {ip}',
        "retry {number} of 5",
        "Loaded Config from /etc/app/Config.yaml",
        "session {id} expired",
        "Cache miss for key user:{id}",
        "Sending mail to {email}",
        'customer_name="{full}" city="{city}" status=ACTIVE',
        "Task Queue Full",
        "Out Of Memory",
        "commit {id} Merge Branch",
    ]
    pieces: list[Piece] = []
    for _ in range(w.rng.randint(1, 5)):
        pieces += [
            *w.slot("date"),
            (" ", None),
            *w.slot("clock"),
            (f" {w.rng.choice(levels)} ", None),
            *w.fill(f"[{w.rng.choice(modules)}] " + w.rng.choice(bodies)),
            ("\n", None),
        ]
    return pieces


_KINDS: tuple[tuple[Callable[[Writer], list[Piece]], int], ...] = (
    (_prose, 46),
    (_form, 11),
    (_json, 6),
    (_table, 6),
    (_mail, 9),
    (_signature, 4),
    (_chat, 8),
    (_list, 6),
    (_log, 3),
)


def assemble(pieces: list[Piece], source: str = "synthetic") -> Document:
    """Join pieces into a document."""
    text, spans = "", []
    for piece, label in pieces:
        if label and piece:
            spans.append((len(text), len(text) + len(piece), label))
        text += piece
    return Document(text, tuple(spans), frozenset({"MISC"}), source)


def synthesize(values: Values, rng: Random, count: int) -> list[Document]:
    """Return `count` documents."""
    writer = Writer(values, rng)
    kinds, weights = [kind for kind, _ in _KINDS], [weight for _, weight in _KINDS]
    return [assemble(rng.choices(kinds, weights)[0](writer)) for _ in range(count)]

"""Fills sentences and form fields with values, and knows which part is which class. Development only."""

import re
from random import Random

from detectors.ner import templates
from detectors.ner.templates import LISTS
from detectors.ner.values import Values

_SLOT = re.compile(r"\{(\w+)\}")
_SLOTS_OF = {
    "PERSON": ("person", "full", "first", "last", "lastfirst"),
    "ORGANIZATION": ("org",),
    "LOCATION": ("city", "country", "region", "place"),
    "ADDRESS": ("street", "road", "address", "postcode"),
    "DATE_TIME": ("date", "when", "clock"),
    "NRP": ("nrp", "people", "people_one"),
    "TITLE": ("title", "office", "job"),
}
_LABELS = {slot: label for label, slots in _SLOTS_OF.items() for slot in slots}
_LISTED = {
    "disease": "diseases",
    "soon": "soon",
    "dept": "departments",
    "product": "products",
    "status": "statuses",
}
_KINDS_OF_SENTENCES = (
    (templates.PERSONAL, 30),
    (templates.WORK, 8),
    (templates.PLACES, 16),
    (templates.ORGANISATIONS, 15),
    (templates.WEB, 13),
    (templates.TWEETS, 7),
    (templates.DATES, 7),
    (templates.NEGATIVE, 18),
)
_FOREIGN_SHARE = 0.14
_CAPITALS = "ABCDEFGHJKLMNPRSTUVWXYZ"

Piece = tuple[str, str | None]
"""A part of a text, and its class if it has one."""


class Writer:
    """Renders slots, sentences and fields as pieces."""

    def __init__(self, values: Values, rng: Random) -> None:
        self.values, self.rng = values, rng
        self._field_weights = {kind: int(n) for kind, _, n in (item.partition("=") for item in LISTS["field_weights"])}

    def pattern(self, shape: str) -> str:
        """Return `shape` with digits for `#` and capitals for `^`."""
        filled = (
            self.rng.choice("0123456789") if c == "#" else self.rng.choice(_CAPITALS) if c == "^" else c for c in shape
        )
        return "".join(filled)

    def code(self) -> str:
        """Return an identifier of capitals and digits."""
        return self.pattern("".join(self.rng.choice("^^#") for _ in range(self.rng.randint(4, 11))))

    def email(self) -> str:
        """Return an e-mail address of somebody."""
        values, choice = self.values, self.rng.choice
        user = choice([values.first(), f"{values.first()}.{values.last()}", values.invented()])
        host = choice([*LISTS["hosts"], values.invented() + ".com"])
        return re.sub(r"[^\w.@-]", "", f"{user}@{host}".lower())

    def plain(self, slot: str) -> str:
        """Return a value of a slot that has no class."""
        rng = self.rng
        if slot in _LISTED:
            return rng.choice(LISTS[_LISTED[slot]])
        if slot == "id" and rng.random() < 0.2:
            return rng.choice([self.code(), f"{rng.getrandbits(128):032x}", f"{rng.getrandbits(32):08x}"])
        if f"pattern_{slot}" in LISTS:
            return self.pattern(rng.choice(LISTS[f"pattern_{slot}"]))
        if slot == "url":
            return f"https://www.{self.values.invented().lower()}.com/{rng.randint(10, 999)}"
        if slot == "hashtag":
            return self.values.invented()
        if slot == "us_party":
            return rng.choice("RDI")
        if slot == "year_span":
            return f"{rng.randint(1900, 1960)}-{rng.randint(1961, 2026)}"
        if slot == "house":
            return self.values.house()
        if slot == "handle":
            return "@" + re.sub(r"\W", "", self.values.first()).lower() + str(rng.randint(10, 99))
        pools = self.values.pools
        if slot in {"foreign", "role"}:  # a role is a job that nobody is said to have
            return rng.choice(pools.foreign) if slot == "foreign" else self.values.job()
        return {"email": self.email, "code": self.code, "phrase": self.values.phrase}[slot]()

    def slot(self, name: str) -> list[Piece]:
        """Return the pieces of one slot."""
        choice, chance = self.rng.choice, self.rng.random()
        if name == "chat":
            return self.fill(choice(templates.CHAT))
        label = _LABELS.get(name)
        if label is None:
            return [(self.plain(name), None)]
        if name == "when" and chance < 0.3:
            return [(choice(LISTS["soon"]), None)]
        if name in {"title", "office"}:
            return [(choice(LISTS[f"{name}s"]), label)]
        if name == "nrp":
            return [(choice(self.values.pools.nationalities if chance < 0.8 else LISTS["beliefs"]), label)]
        text = self.values.last_first() if name == "lastfirst" else str(getattr(self.values, name)()).strip()
        if name == "place" and "," in text:
            city, _, rest = text.partition(", ")
            return [(city, label), (", ", None), (rest, label)]
        return [(text, label)]

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

    def choose(self, name: str) -> list[Piece]:
        """Return a filled template of a list."""
        return self.fill(self.rng.choice(LISTS[name]))

    def sentence(self) -> list[Piece]:
        """Return one sentence of a random kind."""
        choice = self.rng.choice
        if self.rng.random() < _FOREIGN_SHARE:
            return self.fill(choice(choice(templates.FOREIGN)))
        kinds, weights = [kind for kind, _ in _KINDS_OF_SENTENCES], [weight for _, weight in _KINDS_OF_SENTENCES]
        pieces = self.fill(choice(self.rng.choices(kinds, weights)[0]))
        text = pieces[-1][0]
        if text and text[-1].isalnum() and self.rng.random() < 0.4:
            pieces.append((choice([".", ".", "!", "?", "..."]), None))
        return pieces

    def field(self, key_case: bool = True) -> tuple[str, list[Piece]]:
        """Return a random form field: its key and its value."""
        kind = self.rng.choices(list(self._field_weights), list(self._field_weights.values()))[0]
        key = self.values.phrase() if kind == "phrase" else self.rng.choice(templates.FIELDS[kind])
        if kind == "full" and self.rng.random() < 0.2:
            kind, key = "lastfirst", "Name"
        if key_case and self.rng.random() < 0.15:
            key = key.upper()
        return key, self.slot(kind)

"""Names, places, addresses, dates and numbers for synthetic training text. Development only.

Pools come from the word lists of `lexicons/` and from Faker's providers in many
locales; `Values` draws from them and varies form and case the way people write.
"""

import csv
import gzip
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

PERSON_LOCALES = (
    "en_US",
    "en_US",
    "en_US",
    "en_US",
    "en_GB",
    "en_GB",
    "en_CA",
    "en_IN",
    "de_DE",
    "fr_FR",
    "es_ES",
    "es_MX",
    "it_IT",
    "nl_NL",
    "pl_PL",
    "pt_BR",
    "sv_SE",
    "da_DK",
    "fi_FI",
    "cs_CZ",
    "ro_RO",
    "tr_TR",
    "hr_HR",
    "hu_HU",
    "id_ID",
    "vi_VN",
    "no_NO",
    "en_NG",
    "fil_PH",
)
NATIVE_LOCALES = ("ja_JP", "ko_KR", "zh_CN", "ru_RU", "uk_UA", "el_GR", "he_IL", "hi_IN", "bg_BG")
ADDRESS_LOCALES = (
    "en_US",
    "en_US",
    "en_US",
    "en_GB",
    "en_CA",
    "en_AU",
    "de_DE",
    "fr_FR",
    "es_ES",
    "it_IT",
    "nl_NL",
    "pl_PL",
    "pt_BR",
    "sv_SE",
    "da_DK",
    "fi_FI",
    "cs_CZ",
)
_LEGAL = (
    "Inc",
    "Inc.",
    "LLC",
    "Ltd",
    "Ltd.",
    "Limited",
    "Corp",
    "Corp.",
    "Corporation",
    "PLC",
    "plc",
    "GmbH",
    "AG",
    "S.A.",
    "SA",
    "SARL",
    "S.r.l.",
    "SpA",
    "B.V.",
    "NV",
    "AB",
    "Oy",
    "ApS",
    "A/S",
    "KG",
    "Pty Ltd",
    "LLP",
    "& Co.",
    "& Co",
    "Co.",
    "Group",
    "Holdings",
    "Sp. z o.o.",
    "Ltda",
    "S.L.",
    "Pvt Ltd",
    "SE",
    "e.V.",
)
_TRADES = (
    "Systems",
    "Technologies",
    "Software",
    "Consulting",
    "Partners",
    "Logistics",
    "Foods",
    "Energy",
    "Capital",
    "Bank",
    "Insurance",
    "Media",
    "Pharma",
    "Labs",
    "Motors",
    "Airlines",
    "Analytics",
    "Solutions",
    "Networks",
    "Industries",
    "Ventures",
    "Health",
    "Clinic",
    "Hospital",
    "Studios",
    "Robotics",
    "Bakery",
    "Plumbing",
    "Construction",
    "Interiors",
    "Financial",
    "Dental",
    "Records",
    "Books",
    "Brewing",
    "Telecom",
    "Mobile",
    "Steel",
    "Chemicals",
    "Travel",
    "Hotels",
    "Security",
    "Design",
    "Farms",
    "Outfitters",
    "Supply",
    "Trading",
    "Shipping",
    "Realty",
    "Law",
    "Advisors",
    "Dynamics",
)
_BODIES = (
    "University of {c}",
    "{c} University",
    "{c} State University",
    "{c} City Council",
    "{c} General Hospital",
    "St. {f}'s Hospital",
    "Ministry of {t}",
    "Department of {t}",
    "Bank of {c}",
    "{c} High School",
    "{c} Football Club",
    "FC {c}",
    "{c} United",
    "{c} Police Department",
    "{s} Foundation",
    "{s} Institute",
    "Institute of {t}",
    "National {t} Agency",
    "{c} Chamber of Commerce",
    "{s} & Sons",
    "{s}, {s2} & {s3}",
    "{s} and {s2}",
    "{s} & {s2} LLP",
    "{s} Group",
    "{s} Brothers",
    "Banco {s}",
    "Universität {c}",
    "Université de {c}",
    "Stadtwerke {c}",
    "Sparkasse {c}",
    "Ayuntamiento de {c}",
    "{c} Times",
    "The {c} Post",
    "{c} Airways",
)
_TOPICS = (
    "Health",
    "Education",
    "Finance",
    "Justice",
    "Transport",
    "Agriculture",
    "Energy",
    "Labor",
    "Defence",
    "Foreign Affairs",
    "Technology",
    "Science",
    "Economics",
    "Biology",
    "the Interior",
    "Housing",
    "Statistics",
    "Culture",
    "Veterans Affairs",
)
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_MONTHS_OF = {
    "de": (
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ),
    "fr": (
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ),
    "es": (
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
    "it": (
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ),
    "pt": (
        "janeiro",
        "fevereiro",
        "março",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ),
    "nl": (
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ),
}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SYLLABLES = (
    "ver",
    "da",
    "fero",
    "tek",
    "nova",
    "lu",
    "mi",
    "zen",
    "ora",
    "qua",
    "syn",
    "pex",
    "ro",
    "bit",
    "clo",
    "ud",
    "fin",
    "ly",
    "axi",
    "om",
    "bri",
    "sol",
    "tra",
    "kin",
    "vo",
    "mer",
    "glo",
    "dyn",
    "ium",
    "ex",
    "an",
    "ix",
    "ol",
    "ar",
    "en",
    "is",
)
_STREET_KINDS = (
    "Street",
    "St",
    "St.",
    "Avenue",
    "Ave",
    "Ave.",
    "Road",
    "Rd",
    "Lane",
    "Ln",
    "Drive",
    "Dr",
    "Court",
    "Ct",
    "Boulevard",
    "Blvd",
    "Way",
    "Place",
    "Pl",
    "Terrace",
    "Circle",
    "Parkway",
    "Pkwy",
    "Square",
    "Close",
    "Crescent",
    "Hill",
    "Trail",
    "Row",
)
_STREET_WORDS = (
    "Main",
    "Oak",
    "Maple",
    "Cedar",
    "Elm",
    "Park",
    "Lake",
    "Hill",
    "Church",
    "High",
    "Station",
    "Mill",
    "King",
    "Queen",
    "Victoria",
    "River",
    "Spring",
    "Sunset",
    "Ridge",
    "Forest",
    "Green",
    "North",
    "South",
    "West",
    "East",
    "Walnut",
    "Pine",
    "Willow",
    "Chestnut",
    "Market",
    "Bridge",
    "School",
    "Washington",
    "Lincoln",
    "Jefferson",
    "Franklin",
    "Highland",
    "Union",
    "1st",
    "2nd",
    "3rd",
    "4th",
    "5th",
    "12th",
    "21st",
    "42nd",
    "Martin Luther King",
    "County Road",
    "Old Mill",
    "Meadow",
)
_STATES = ["AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY"]


@dataclass
class Pools:
    """What `Values` draws from; lists of ready strings."""

    given: list[str] = field(default_factory=list)
    surnames: list[str] = field(default_factory=list)
    pairs: list[str] = field(default_factory=list)  # whole names, so that given name and surname fit
    cities: list[str] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)
    companies: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    streets: list[str] = field(default_factory=list)
    nationalities: list[str] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)
    native: list[str] = field(default_factory=list)  # whole names in scripts other than Latin
    words: list[str] = field(default_factory=list)  # common words, lower case


def _lines(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [line.strip() for line in lines if len(line.strip()) > 1]


def _companies_of(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        names = re.findall(r"<Name>(.*?)</Name>", lines.read(), re.DOTALL)
    plain = [" ".join(re.sub(r"<[^>]+>", " ", name).replace("&amp;", "&").split()) for name in names]
    return [name.title() if name.islower() else name for name in plain if 2 < len(name) < 60]


def load_pools(lexicons: Path, seed: int = 7, per_locale: int = 700) -> Pools:
    """Read the word lists and let Faker add names, companies and addresses of its locales."""
    from faker import Faker

    pools = Pools()
    first = json.loads((lexicons / "firstNames.json").read_text())["firstNames"]
    last = json.loads((lexicons / "lastNames.json").read_text())["lastNames"]
    pools.given = _lines(lexicons / "given_names.txt.gz") + first * 4
    pools.surnames = [name for name in _lines(lexicons / "surnames.txt.gz") if name.isalpha()] + last * 8
    with gzip.open(lexicons / "world_cities.csv.gz", "rt", encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            pools.cities.append(row["name"])
            if row["subcountry"]:
                pools.regions.append(row["subcountry"])
            pools.countries.append(row["country"])
    pools.countries = (
        sorted(set(pools.countries)) * 3
        + [
            "USA",
            "UK",
            "U.S.",
            "U.K.",
            "United States",
            "Deutschland",
            "España",
            "UAE",
            "England",
            "Scotland",
            "Great Britain",
            "the Netherlands",
            "Korea",
        ]
        * 4
    )
    pools.regions = sorted(set(pools.regions))
    us = json.loads((lexicons / "us_cities.json").read_text())["cities"]
    pools.cities += [entry["city"] for entry in us] * 6
    fortune = json.loads((lexicons / "fortune500.json").read_text())["companies"]
    pools.companies = fortune * 3 + _companies_of(lexicons / "company_labeled.xml.gz") * 2
    pools.nationalities = json.loads((lexicons / "nationalities.json").read_text())["nationalities"]
    for locale in PERSON_LOCALES:
        fake = Faker(locale)
        fake.seed_instance(seed)
        pools.pairs += [fake.first_name() + " " + fake.last_name() for _ in range(per_locale)]
        pools.companies += [fake.company() for _ in range(per_locale // 7)]
    for locale in NATIVE_LOCALES:
        fake = Faker(locale)
        fake.seed_instance(seed)
        pools.native += [
            f"{fake.last_name()} {fake.first_name()}"
            if locale[:2] in {"ja", "ko", "zh"}
            else f"{fake.first_name()} {fake.last_name()}"
            for _ in range(200)
        ]
        pools.native += [f"{fake.first_name()} {fake.last_name()}" for _ in range(100)]
    for locale in ADDRESS_LOCALES:
        fake = Faker(locale)
        fake.seed_instance(seed)
        pools.addresses += [fake.address() for _ in range(per_locale // 2)]
        pools.streets += [fake.street_address() for _ in range(per_locale // 2)]
    fake = Faker("en_US")
    fake.seed_instance(seed)
    pools.jobs = [fake.job().split(",")[0] for _ in range(400)]
    return pools


class Values:
    """Draws values; each method returns one string as a person might write it."""

    def __init__(self, pools: Pools, rng: Random) -> None:
        self.pools, self.rng = pools, rng

    def _pick(self, items: list[str] | tuple[str, ...]) -> str:
        return self.rng.choice(items)

    def first(self) -> str:
        return self._pick(self.pools.given) if self.rng.random() < 0.5 else self._pick(self.pools.pairs).split()[0]

    def last(self) -> str:
        if self.rng.random() < 0.5:
            return self._pick(self.pools.surnames)
        return self._pick(self.pools.pairs).split(" ", 1)[1]

    def full(self) -> str:
        rng = self.rng
        if rng.random() < 0.02:
            return self._pick(self.pools.native)
        name = self._pick(self.pools.pairs) if rng.random() < 0.55 else f"{self.first()} {self.last()}"
        first, _, last = name.partition(" ")
        form = rng.random()
        if form < 0.68:
            return name
        initial = chr(rng.randint(65, 90))
        forms = (
            f"{first} {initial}. {last}",
            f"{first} {initial} {last}",
            f"{first[0]}. {last}",
            f"{first[0]}. {initial}. {last}",
            f"{first} {self.first()} {last}",
            f"{first} {last}-{self.last()}",
            f"{first}-{self.first()} {last}",
            f"{first} {last} {self.last()}",
            f"{first} O'{last}",
            f"{first} van der {last}",
            f"{first} de {last}",
            f"{first} {last} Jr.",
            f"{first} {last} III",
            f"{first} Mc{last}",
            f"{first[0]} {last}",
            f"{first} al-{last}",
        )
        return rng.choice(forms)

    def last_first(self) -> str:
        return f"{self.last()}, {self.first()}" + self.rng.choice(["", "", f" {chr(self.rng.randint(65, 90))}."])

    def person(self) -> str:
        form = self.rng.random()
        return self.full() if form < 0.62 else self.first() if form < 0.88 else self.last()

    def phrase(self) -> str:
        """Return one to three common words in title case: no name."""
        return " ".join(self._pick(self.pools.words).capitalize() for _ in range(self.rng.choice([1, 1, 2, 2, 3])))

    def invented(self) -> str:
        name = "".join(self.rng.choice(_SYLLABLES) for _ in range(self.rng.randint(2, 3)))
        form = self.rng.random()
        if form < 0.7:
            return name.capitalize()
        if form < 0.8:
            return name.upper()[: self.rng.randint(2, 4)]
        return name.capitalize() + self._pick(
            ("Corp", "Soft", "Tech", "Works", "Hub", "Net", "AI", "ly", "Pay", "Lab", ".io", "Med")
        )

    def org(self) -> str:
        rng, form = self.rng, self.rng.random()
        if form < 0.30:
            return self._pick(self.pools.companies)
        if form < 0.36:
            return rng.choice(
                [
                    f"{self.last()} {self.last()}",
                    f"{self._pick(self.pools.words)} {self._pick(self.pools.words)}".title(),
                ]
            )
        if form < 0.52:
            return self.invented()
        if form < 0.72:
            core = rng.choice([self.last(), self.invented(), self.city(), self._pick(_STREET_WORDS)])
            name = f"{core} {self._pick(_TRADES)}"
            return f"{name} {self._pick(_LEGAL)}" if rng.random() < 0.35 else name
        if form < 0.82:
            return f"{rng.choice([self.last(), self.invented()])} {self._pick(_LEGAL)}"
        values = {
            "c": self.city(),
            "f": self.first(),
            "s": self.last(),
            "s2": self.last(),
            "s3": self.last(),
            "t": self._pick(_TOPICS),
        }
        return self._pick(_BODIES).format(**values)

    def city(self) -> str:
        return self._pick(self.pools.cities)

    def country(self) -> str:
        return self._pick(self.pools.countries)

    def region(self) -> str:
        return self._pick(self.pools.regions)

    def place(self) -> str:
        form = self.rng.random()
        if form < 0.5:
            return self.city()
        if form < 0.72:
            return self.country()
        if form < 0.82:
            return self.region()
        return f"{self.city()}, {self._pick(_STATES) if self.rng.random() < 0.5 else self.country()}"

    def street(self) -> str:
        rng, form = self.rng, self.rng.random()
        if form < 0.45:
            return self._pick(self.pools.streets).replace("\n", rng.choice([" ", ", "]))
        number = str(
            rng.choice([rng.randint(1, 99), rng.randint(100, 999), rng.randint(1000, 9999), rng.randint(10000, 29999)])
        )
        if rng.random() < 0.1:
            number += rng.choice("ABCabc")
        heading = rng.choice(["", "", "", "", "N ", "S. ", "West ", "NE "])
        name = rng.choice([self._pick(_STREET_WORDS), self._pick(_STREET_WORDS), self.last(), self.city()])
        text = f"{number} {heading}{name} {self._pick(_STREET_KINDS)}"
        if rng.random() < 0.2:
            text += rng.choice([", ", " "]) + self.unit()
        if rng.random() < 0.05:
            return rng.choice(["PO Box ", "P.O. Box "]) + number
        return text

    def unit(self) -> str:
        n = str(self.rng.choice([self.rng.randint(1, 40), self.rng.randint(100, 999)]))
        return (
            self._pick(("Apt ", "Apt. ", "Suite ", "Unit ", "#", "Ste. ", "Floor ", "Flat ", "Room "))
            + n
            + self.rng.choice(["", "", "B", "A"])
        )

    def postcode(self) -> str:
        rng = self.rng
        upper = "ABCDEFGHJKLMNPRSTUWXYZ"
        return rng.choice(
            [
                f"{rng.randint(1000, 99999):05d}",
                f"{rng.randint(10000, 99999)}-{rng.randint(1000, 9999)}",
                f"{rng.choice(upper)}{rng.choice(upper)}{rng.randint(1, 29)} {rng.randint(1, 9)}{rng.choice(upper)}{rng.choice(upper)}",
                f"{rng.choice(upper)}{rng.randint(1, 9)}{rng.choice(upper)} {rng.randint(1, 9)}{rng.choice(upper)}{rng.randint(1, 9)}",
            ]
        )

    def address(self) -> str:
        rng, form = self.rng, self.rng.random()
        if form < 0.35:
            glue = rng.choice(["\n", ", ", ", ", " "])
            return self._pick(self.pools.addresses).replace("\n", glue)
        if form < 0.5:
            return self.street()
        glue = rng.choice([", ", ", ", ", ", "\n", " "])
        state = self._pick(_STATES) if rng.random() < 0.7 else self.region()
        tail = rng.choice(
            [
                f"{self.city()}, {state} {rng.randint(10000, 99999)}",
                f"{self.city()}, {state}",
                f"{self.city()} {self.postcode()}",
                f"{self.postcode()} {self.city()}",
                f"{self.city()}, {self.country()}",
                f"{self.city()}, {self.postcode()}",
                f"{self.city()}",
                f"{self.city()}{glue}{self.region()}{glue}{self.country()}{glue}{self.postcode()}",
                f"{self.city()}, {self.country()} {self.postcode()}",
                f"{state}, {rng.randint(10000, 99999)}",
            ]
        )
        text = f"{self.street()}{glue}{tail}"
        return text + (rng.choice([", ", "\n"]) + self.country() if rng.random() < 0.1 else "")

    def clock(self) -> str:
        rng = self.rng
        hour, minute = rng.randint(0, 23), rng.randint(0, 59)
        return rng.choice(
            [
                f"{hour:02d}:{minute:02d}",
                f"{hour % 12 + 1}:{minute:02d} {rng.choice(['am', 'pm', 'AM', 'PM', 'a.m.', 'p.m.'])}",
                f"{hour % 12 + 1}{rng.choice(['am', 'pm', ' AM', ' pm'])}",
                f"{hour:02d}:{minute:02d}:{rng.randint(0, 59):02d}",
            ]
        )

    def date(self) -> str:
        rng = self.rng
        year, month, day = rng.randint(1930, 2029), rng.randint(1, 12), rng.randint(1, 28)
        name, short = _MONTHS[month - 1], _MONTHS[month - 1][:3]
        th = f"{day}{'th' if 3 < day < 21 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"
        form = rng.random()
        if form < 0.4:
            sep = rng.choice("-/.")
            return rng.choice(
                [
                    f"{year}-{month:02d}-{day:02d}",
                    f"{month:02d}/{day:02d}/{year}",
                    f"{day:02d}{sep}{month:02d}{sep}{year}",
                    f"{month}/{day}/{year % 100:02d}",
                    f"{day}.{month}.{year}",
                    f"{day:02d}-{short}-{year}",
                    f"{month}/{year}",
                    f"{year}-{month:02d}-{day:02d}T{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}:{rng.randint(0, 59):02d}Z",
                ]
            )
        if form < 0.85:
            return rng.choice(
                [
                    f"{name} {day}, {year}",
                    f"{name} {th}",
                    f"{day} {name} {year}",
                    f"{th} of {name} {year}",
                    f"{short} {day}, {year}",
                    f"{name} {year}",
                    f"{day} {short} {year}",
                    f"{name} {day}",
                    f"{short} {day}",
                    f"the {th} of {name}",
                    f"{th} {name}",
                    f"{self._pick(_DAYS)}, {name} {day}, {year}",
                    f"{self._pick(_DAYS)} {th} {name}",
                    f"{short}. {day}, {year}",
                ]
            )
        months = _MONTHS_OF[rng.choice(sorted(_MONTHS_OF))]
        return rng.choice(
            [
                f"{day}. {months[month - 1]} {year}",
                f"{day} {months[month - 1]} {year}",
                f"{day} de {months[month - 1]} de {year}",
            ]
        )

    def when(self) -> str:
        rng, form = self.rng, self.rng.random()
        if form < 0.45:
            return self.date()
        if form < 0.6:
            return rng.choice(
                [
                    f"{self.date()} at {self.clock()}",
                    f"{self.date()} {self.clock()}",
                    self.clock(),
                    f"{self._pick(_DAYS)} at {self.clock()}",
                ]
            )
        return rng.choice(
            [
                self._pick(_DAYS),
                f"next {self._pick(_DAYS)}",
                f"last {self._pick(_DAYS)}",
                str(rng.randint(1950, 2027)),
                str(rng.randint(1950, 2027)),
                f"{self._pick(_MONTHS)} {rng.randint(1950, 2027)}",
                f"the {rng.randint(19, 20)}{rng.randint(0, 9)}0s",
                f"{self._pick(_MONTHS)}",
            ]
        )

"""What synthetic text is filled from: names, places, companies and addresses. Development only.

Pools come from the word lists of `lexicons/` and from Faker's providers in many
locales.
"""

import csv
import gzip
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from detectors.ner.templates import LISTS


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
    foreign: list[str] = field(default_factory=list)  # sentences without names in other languages
    words: list[str] = field(default_factory=list)


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
    for locale in LISTS["person_locales"]:
        fake = Faker(locale)
        fake.seed_instance(seed)
        pools.pairs += [fake.first_name() + " " + fake.last_name() for _ in range(per_locale)]
        pools.companies += [fake.company() for _ in range(per_locale // 7)]
    for locale in LISTS["native_locales"]:
        fake = Faker(locale)
        fake.seed_instance(seed)
        pools.native += [
            f"{fake.last_name()} {fake.first_name()}"
            if locale[:2] in {"ja", "ko", "zh"}
            else f"{fake.first_name()} {fake.last_name()}"
            for _ in range(200)
        ]
        pools.native += [f"{fake.first_name()} {fake.last_name()}" for _ in range(100)]
    for locale in LISTS["address_locales"]:
        fake = Faker(locale)
        fake.seed_instance(seed)
        pools.addresses += [fake.address() for _ in range(per_locale // 2)]
        pools.streets += [fake.street_address() for _ in range(per_locale // 2)]
    for locale in LISTS["sentence_locales"]:
        fake = Faker(locale)
        fake.seed_instance(seed)
        pools.foreign += [fake.sentence(nb_words=9) for _ in range(400)]
    for locale in LISTS["job_locales"]:
        fake = Faker(locale)
        fake.seed_instance(seed)
        jobs = sorted({fake.job() for _ in range(4000)})
        pools.jobs += jobs if locale == "en_US" else jobs[:: 1 + len(jobs) // 60]
    return pools


def add_corpora(pools: Pools, folder: Path) -> None:
    """Add occupations, companies, newspapers and charities from a checkout of github.com/dariusk/corpora (CC0)."""

    def read(name: str, key: str) -> list[str]:
        entries = json.loads((folder / "data" / f"{name}.json").read_text())[key]
        return [entry["name"] if isinstance(entry, dict) else entry for entry in entries]

    pools.jobs += [job[0].upper() + job[1:] for job in read("humans/occupations", "occupations")]
    for name, key in (("nasdaq", "corporations"), ("newspapers", "newspapers"), ("cars", "cars")):
        pools.companies += read(f"corporations/{name}", key)
    pools.companies += read("corporations/charities", "charities")

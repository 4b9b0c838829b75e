"""Builds the word sets behind the lexicon features. Development only.

The weights file holds digests of words with a bit per set, not the lists.
"""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from detectors.ner.features import SETS, digest32
from detectors.ner.pools import Pools
from detectors.ner.templates import LISTS

BITS = len(SETS)


def _libpostal(root: Path, kind: str) -> set[str]:
    words: set[str] = set()
    for path in sorted((root / "libpostal").glob(f"*.{kind}.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            words.update(form.strip().lower() for form in line.split("|") if " " not in form.strip())
    return {word for word in words if len(word) > 1 and word.isalpha()}


def _words(names: Iterable[str], at_least: int = 3) -> set[str]:
    return {
        word.lower()
        for name in names
        for word in name.replace("-", " ").split()
        if word.isalpha() and len(word) >= at_least
    }


def common_words(texts: Iterable[str], at_least: int = 6) -> set[str]:
    """Return words that mostly stand in lower case in `texts`: what capitals alone do not make a name."""
    lower: Counter[str] = Counter()
    upper: Counter[str] = Counter()
    for text in texts:
        for word in text.split():
            core = word.strip(".,;:!?\"'()[]")
            if core.isalpha():
                (lower if core.islower() else upper)[core.lower()] += 1
    return {word for word, n in lower.items() if n >= at_least and n > 2 * upper[word]}


def build_lexicon(root: Path, pools: Pools, texts: Iterable[str]) -> dict[int, int]:
    """Return digest of lower-cased word to bits of `SETS`."""
    countries = _words(pools.countries) - {"and", "the", "of"}
    demonyms = {
        word.lower()
        for name in pools.nationalities
        for word in name.split()
        if word[0].isupper() and word not in LISTS["no_demonyms"]
    } | {
        "muslim",
        "christian",
        "catholic",
        "jewish",
        "hindu",
        "buddhist",
        "sikh",
        "republican",
        "democrat",
        "latino",
        "hispanic",
    }
    given, surnames = _words(pools.given, 2), _words(pools.surnames, 2)
    often_given = {name.split()[0].lower() for name in pools.pairs} | _words(
        json.loads((root / "firstNames.json").read_text())["firstNames"]
    )
    often_surname = {name.split()[-1].lower() for name in pools.pairs} | _words(
        json.loads((root / "lastNames.json").read_text())["lastNames"]
    )
    jobs = LISTS["job_heads"] + LISTS["professions"] + pools.jobs
    sets: dict[str, set[str]] = {
        "given": given,
        "surname": surnames,
        "city": _words(pools.cities),
        "country": countries | _words(pools.regions, 4),
        "company": _libpostal(root, "company_types") | set(LISTS["lexicon_company"]),
        "street": _libpostal(root, "street_types"),
        "calendar": set(LISTS["lexicon_calendar"]),
        "unit": _libpostal(root, "unit_types_numbered"),
        "nationality": demonyms,
        "title": _libpostal(root, "personal_titles") | set(LISTS["lexicon_titles"]),
        "institution": _libpostal(root, "place_names"),
        "common": common_words(texts),
        "state": set(LISTS["lexicon_states"]),
        "frequent_given": often_given,
        "frequent_surname": often_surname,
        "number_word": set(LISTS["lexicon_numbers"]),
        "job": {job.split(",")[0].split()[-1].lower() for job in jobs},
        "known_name": {name.lower() for name in LISTS["known_names"] if name.isalpha()}
        | {name.lower() for name in pools.companies if name.isalpha() and len(name) > 2},
    }
    lexicon: dict[int, int] = {}
    for bit, name in enumerate(SETS):
        for word in sets[name]:
            code = digest32(word)
            lexicon[code] = lexicon.get(code, 0) | 1 << bit
    return lexicon

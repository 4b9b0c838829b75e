"""Builds the word sets behind the lexicon features. Development only.

The weights file holds digests of words with a bit per set, not the lists.
"""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from detectors.ner.features import digest32
from detectors.ner.values import Pools

SETS = (
    "given",
    "surname",
    "city",
    "country",
    "company",
    "street",
    "calendar",
    "unit",
    "nationality",
    "title",
    "institution",
    "common",
    "state",
    "frequent_given",
    "frequent_surname",
    "number_word",
)
BITS = len(SETS)

_CALENDAR = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "mon", "tue", "tues", "wed", "thu", "thurs", "fri", "sat", "sun", "januar", "februar", "märz", "mai", "juni", "juli", "oktober", "dezember", "janvier", "février", "mars", "avril", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre", "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre", "gennaio", "febbraio", "aprile", "maggio", "giugno", "luglio", "settembre", "ottobre", "dicembre", "janeiro", "fevereiro", "março", "maio", "junho", "julho", "setembro", "outubro", "dezembro", "januari", "februari", "maart", "mei", "augustus", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo", "yesterday", "today", "tomorrow", "tonight", "am", "pm", "noon", "midnight", "week", "weeks", "month", "months", "year", "years", "day", "days", "hour", "hours", "morning", "afternoon", "evening", "ago", "last", "next"]
_TITLES = ["mr", "mrs", "ms", "dr", "prof", "miss", "sir", "madam", "herr", "frau", "señor", "señora", "sr", "sra", "monsieur", "madame", "mme", "signor", "signora", "mevrouw", "heer", "president", "senator"]
_TRADES = ["inc", "llc", "ltd", "corp", "co", "gmbh", "ag", "plc", "sa", "bv", "nv", "oy", "ab", "group", "holdings", "bank", "university", "college", "school", "hospital", "clinic", "ministry", "department", "institute", "foundation", "association", "council", "committee", "agency", "systems", "technologies", "solutions", "partners", "capital", "insurance", "airlines", "media", "press", "times", "club", "fc", "united", "party", "union", "federation", "court", "police", "army", "navy"]
_STATES = ["al", "ak", "az", "ar", "ca", "co", "ct", "de", "fl", "ga", "hi", "id", "il", "in", "ia", "ks", "ky", "la", "me", "md", "ma", "mi", "mn", "ms", "mo", "mt", "ne", "nv", "nh", "nj", "nm", "ny", "nc", "nd", "oh", "ok", "or", "pa", "ri", "sc", "sd", "tn", "tx", "ut", "vt", "va", "wa", "wv", "wi", "wy", "nsw", "vic", "qld", "tas", "bc", "ab", "on", "qc"]
_NOT_DEMONYMS = frozenset(
    ["New", "South", "North", "East", "West", "Central", "Saint", "St", "Republic", "Citizen", "Islander", "Cook", "Christmas", "United", "Democratic", "Of", "And", "The"]
)
_NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fifteen", "twenty", "thirty", "forty", "fifty", "hundred", "thousand", "million"]


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
        if word[0].isupper() and word not in _NOT_DEMONYMS
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
    sets: dict[str, set[str]] = {
        "given": given,
        "surname": surnames,
        "city": _words(pools.cities),
        "country": countries | _words(pools.regions, 4),
        "company": _libpostal(root, "company_types") | set(_TRADES),
        "street": _libpostal(root, "street_types"),
        "calendar": set(_CALENDAR),
        "unit": _libpostal(root, "unit_types_numbered"),
        "nationality": demonyms,
        "title": _libpostal(root, "personal_titles") | set(_TITLES),
        "institution": _libpostal(root, "place_names"),
        "common": common_words(texts),
        "state": set(_STATES),
        "frequent_given": often_given,
        "frequent_surname": often_surname,
        "number_word": set(_NUMBERS),
    }
    lexicon: dict[int, int] = {}
    for bit, name in enumerate(SETS):
        for word in sets[name]:
            code = digest32(word)
            lexicon[code] = lexicon.get(code, 0) | 1 << bit
    return lexicon

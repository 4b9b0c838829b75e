"""Sentences with slots for synthetic training text, our own, and words for slots without a class. Development only.

A slot is `{name}`; `synthesis.Writer` says what fills it and which class it is.
The sentences stand in `templates/*.txt`, one a line; `fields.txt` holds for each
kind of value the keys of form fields, separated by bars, `lists.txt` words of
many kinds likewise; `lang-XX.txt` sentences in other languages. A backslash and
an `n` stand for a line break.
"""

from pathlib import Path

_FOLDER = Path(__file__).with_name("templates")


def _read(name: str) -> list[str]:
    lines = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line.replace("\\n", "\n") for line in lines]


def _table(name: str) -> dict[str, list[str]]:
    return {key: values.split("|") for key, _, values in (line.partition(": ") for line in _read(name))}


PERSONAL, PLACES, ORGANISATIONS, DATES = map(_read, ("personal", "places", "organisations", "dates"))
NEGATIVE = _read("negative")  # no names in them
CHAT, TWEETS, WEB, WORK = map(_read, ("chat", "tweets", "web", "work"))
LOGS = _read("logs")  # lines of machines: logs, listings, configuration, code
FOREIGN = [path.read_text(encoding="utf-8").splitlines() for path in sorted(_FOLDER.glob("lang-*.txt"))]
FIELDS = _table("fields")
LISTS = _table("lists")

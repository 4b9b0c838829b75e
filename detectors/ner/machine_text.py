"""Lines that machines write: logs, listings, configuration, code; no names in them. Development only."""

import re
from random import Random

from detectors.ner import templates
from detectors.ner.corpora import Document
from detectors.ner.templates import LISTS

_SLOT = re.compile(r"\{(\w+)\}")
_STAMPS = {
    "syslog": ("{Mon} {d:2d} {time}", "{Mon} {d:02d} {time}"),
    "iso": ("{y}-{m:02d}-{d:02d} {time}", "{y}-{m:02d}-{d:02d}T{time}"),
    "short": ("{yy:02d}/{m:02d}/{d:02d} {time}",),
    "compact": ("{yy:02d}{m:02d}{d:02d} {h:02d}{mi:02d}{s:02d}", "{y}{m:02d}{d:02d}"),
    "weekday_stamp": ("{Day} {Mon} {d:02d} {time} {y}",),
    "day_stamp": ("{d:02d} {Mon} {y} {time}.123", "{d:02d} {Mon} {time}.045"),
    "apache": ("{d:02d}/{Mon}/{y}:{time} +0000", "{d:02d}/{Mon}/{y}:{time} -0700"),
    "nginx": ("{y}/{m:02d}/{d:02d} {time}",),
    "logcat": ("{m:02d}-{d:02d} {time}.{ms:03d}",),
    "dotted": ("{y}.{m:02d}.{d:02d}", "{y}-{m:02d}-{d:02d}-{h:02d}.{mi:02d}.{s:02d}.{ms:06d}"),
    "slashed": ("{m:02d}.{d:02d}",),
    "clock": ("{time}",),
}
_NUMBERED = {"number": (0, 99), "pid": (100, 99999)}


class _Machine:
    """Fills one line: a slot has another value each time, but hosts and accounts stay as they are in a document."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.host, self.account = rng.choice(LISTS["log_hosts"]), rng.choice(LISTS["log_accounts"])

    def stamp(self, kind: str) -> str:
        rng = self.rng
        year, hour, minute, second = rng.randint(2001, 2026), rng.randint(0, 23), rng.randint(0, 59), rng.randint(0, 59)
        month = rng.randint(1, 12)
        return rng.choice(_STAMPS[kind]).format(
            y=year,
            yy=year % 100,
            m=month,
            d=rng.randint(1, 28),
            h=hour,
            mi=minute,
            s=second,
            ms=rng.randint(0, 999),
            time=f"{hour:02d}:{minute:02d}:{second:02d}",
            Mon=LISTS["months"][month - 1][:3],
            Day=rng.choice(LISTS["days"])[:3],
        )

    def words(self) -> list[str]:
        return self.rng.choices(LISTS["log_words"], k=self.rng.randint(1, 3))

    def value(self, slot: str) -> str:
        """Return what stands for a slot; the slot itself, in braces, where it is none."""
        rng = self.rng
        if slot in _STAMPS:
            return self.stamp(slot)
        if slot in _NUMBERED:
            return str(rng.randint(*_NUMBERED[slot]))
        numbers = [rng.randint(1, 254) for _ in range(4)]
        code = f"{rng.getrandbits(128):032x}"
        values = {
            "host": self.host,
            "account": self.account,
            "ip": ".".join(map(str, numbers)),
            "hex": code[: rng.choice([4, 8, 16, 32])],
            "uuid": f"{code[:8]}-{code[8:12]}-{code[12:16]}-{code[16:20]}-{code[20:]}",
            "code": code.upper()[:22],
            "block": f"blk_{rng.choice(['', '-'])}{rng.getrandbits(62)}",
            "version": ".".join(str(n % 30) for n in numbers[: rng.randint(2, 4)]),
            "fqdn": f"{rng.choice(self.words())}{numbers[0]}.{rng.choice(['example.com', 'corp.local', 'lan'])}",
            "path": "/".join(self.words()) + rng.choice(["", ".log", ".png", ".php", ".yaml", f"-{numbers[0]}.gz"]),
            "level": rng.choice(LISTS["log_levels_short"]),
            "module": rng.choice(["", "", "_"]).join(self.words()[:2]),
            "camel": "".join(word.capitalize() for word in self.words()),
            "upper": "_".join(self.words()).upper(),
        }
        return values.get(slot, "{" + slot + "}")


def machine_documents(rng: Random, count: int) -> list[Document]:
    """Return documents of one to eight lines, mostly of one kind; dates in them are left open, the rest is no name."""
    documents = []
    for _ in range(count):
        machine = _Machine(rng)
        kind = rng.choice(templates.LOGS)
        lines = []
        for _ in range(rng.randint(1, 8)):
            template = kind if rng.random() < 0.6 else rng.choice(templates.LOGS)
            lines.append(_SLOT.sub(lambda slot, m=machine: m.value(slot.group(1)), template))  # type: ignore[misc]
        documents.append(Document("\n".join(lines), (), frozenset({"MISC", "DATE_TIME"}), "synthetic"))
    return documents

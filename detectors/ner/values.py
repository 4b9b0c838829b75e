"""Names, places, addresses, dates and numbers as people write them, for synthetic text. Development only."""

from detectors.ner.addresses import Addresses
from detectors.ner.peoples import PEOPLES
from detectors.ner.templates import LISTS


class Values(Addresses):
    """Draws values; each method returns one string as a person might write it."""

    def first(self) -> str:
        if self.rng.random() < 0.04:
            return self.rare()
        return self._pick(self.pools.given) if self.rng.random() < 0.5 else self._pick(self.pools.pairs).split()[0]

    def rare(self) -> str:
        """Return a name that no list has: made-up, a common word, or two given names run together."""
        rng, form = self.rng, self.rng.random()
        if form < 0.6:
            return "".join(rng.choice(LISTS["syllables"]) for _ in range(rng.randint(2, 3))).capitalize()
        if form < 0.8:
            return self._pick(self.pools.words).capitalize()
        return self._pick(self.pools.given).capitalize() + self._pick(self.pools.given).lower()

    def full(self) -> str:
        rng = self.rng
        if rng.random() < 0.02:
            return self._pick(self.pools.native)
        name = self._pick(self.pools.pairs) if rng.random() < 0.55 else f"{self.first()} {self.last()}"
        if rng.random() < 0.05:
            name = f"{name.split()[0]} {self.rare()}"
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
        name = "".join(self.rng.choice(LISTS["syllables"]) for _ in range(self.rng.randint(2, 3)))
        form = self.rng.random()
        if form < 0.6:
            return name.capitalize()
        if form < 0.8:
            return "".join(self.rng.choice("ABCDEFGHILMNOPRSTUW") for _ in range(self.rng.randint(2, 5)))
        return name.capitalize() + self._pick(
            ("Corp", "Soft", "Tech", "Works", "Hub", "Net", "AI", "ly", "Pay", "Lab", ".io", "Med")
        )

    def org(self) -> str:
        rng, form = self.rng, self.rng.random()
        if form < 0.2:
            return self._pick(self.pools.companies)
        if form < 0.36:
            return self._pick(LISTS["known_names"])
        if form < 0.39:
            owner = rng.choice([self.first(), self.last()])
            return f"{owner}'s" + rng.choice(["", "", f" {self._pick(LISTS['shops'])}"])
        if form < 0.46:
            return self._shop()
        if form < 0.56:
            return self.invented()
        if form < 0.72:
            core = rng.choice([self.last(), self.invented(), self.city(), self._pick(LISTS["street_words"])])
            name = f"{core} {self._pick(LISTS['trades'])}"
            return f"{name} {self._pick(LISTS['legal_forms'])}" if rng.random() < 0.35 else name
        if form < 0.79:
            return f"{rng.choice([self.last(), self.invented()])} {self._pick(LISTS['legal_forms'])}"
        values = {
            "c": self.city(),
            "f": self.first(),
            "s": self.last(),
            "s2": self.last(),
            "s3": self.last(),
            "t": self._pick(LISTS["topics"]),
        }
        return self._pick(LISTS["bodies"]).format(**values)

    def _shop(self) -> str:
        """Return what shops and bands call themselves: common words, surnames, both."""
        rng, last = self.rng, self.last()
        one, two = (self._pick(self.pools.words).capitalize() for _ in range(2))
        shop = self._pick(LISTS["shops"])
        return rng.choice(
            (
                f"{last} {self.last()}",
                f"{one} {two}",
                f"{one} {two}",
                f"{one} & {two}",
                f"{last} & {self.last()}",
                f"{one}{two.lower()}",
                f"{one}{two}",
                f"The {one} {shop}",
                f"The {one} {two}",
                f"{one} {shop}",
                f"{last} {shop}",
                f"{last}'s",
            )
        )

    def place(self) -> str:
        form = self.rng.random()
        if form < 0.5:
            return self.city()
        if form < 0.72:
            return self.country()
        if form < 0.82:
            return self.region()
        return f"{self.city()}, {self._pick(LISTS['us_states']) if self.rng.random() < 0.5 else self.country()}"

    def people(self) -> str:
        """Return the members of a people, a religion or a party."""
        return self._pick([word for word in PEOPLES if word.endswith("s")])

    def people_one(self) -> str:
        """Return one of them, or the adjective that stands for one."""
        word = self.people().removesuffix("s")
        return word if self.rng.random() < 0.7 else self._pick(self.pools.nationalities)

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

    def job(self) -> str:
        """Return what somebody is by profession, or their position."""
        rng, form = self.rng, self.rng.random()
        if form < 0.42:
            job = self._pick(self.pools.jobs)
        elif form < 0.55:
            job = self._pick(LISTS["professions"])
        elif form < 0.65:
            job = f"{self._pick(LISTS['inverted_heads'])}, {self._pick(LISTS['inverted_fields'])}"
        elif form < 0.73:
            of = rng.choice(["Head of ", "Director of ", "VP of ", "Vice President of ", "Vice President, ", "VP, "])
            job = of + self._pick(LISTS["departments_of"])
        else:
            level = self._pick(LISTS["job_levels"]) + " " if rng.random() < 0.4 else ""
            job = f"{level}{self._pick(LISTS['job_fields'])} {self._pick(LISTS['job_heads'])}"
        return job.lower() if rng.random() < 0.45 else job

    def date(self) -> str:
        rng = self.rng
        year, month, day = rng.randint(1930, 2029), rng.randint(1, 12), rng.randint(1, 28)
        name, short = LISTS["months"][month - 1], LISTS["months"][month - 1][:3]
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
                    f"{year}-{month:02d}-{day:02d}T{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}:00Z",
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
                    f"{self._pick(LISTS['days'])}, {name} {day}, {year}",
                    f"{self._pick(LISTS['days'])} {th} {name}",
                    f"{short}. {day}, {year}",
                ]
            )
        months = LISTS["months_" + rng.choice(["de", "fr", "es", "it", "pt", "nl"])]
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
                    f"{self._pick(LISTS['days'])} at {self.clock()}",
                ]
            )
        return rng.choice(
            [
                self._pick(LISTS["days"]),
                f"next {self._pick(LISTS['days'])}",
                f"last {self._pick(LISTS['days'])}",
                str(rng.randint(1950, 2027)),
                str(rng.randint(1950, 2027)),
                f"{self._pick(LISTS['months'])} {rng.randint(1950, 2027)}",
                f"the {rng.randint(19, 20)}{rng.randint(0, 9)}0s",
                f"{self._pick(LISTS['months'])}",
            ]
        )

"""Streets, postcodes and addresses of many countries, as people write them, for synthetic text. Development only."""

from collections.abc import Sequence
from random import Random

from detectors.ner.pools import Pools
from detectors.ner.templates import LISTS

_LETTERS = "ABCDEFGHJKLMNPRSTUWXYZ"


class Addresses:
    """Draws places and addresses; each method returns one string as a person might write it."""

    def __init__(self, pools: Pools, rng: Random) -> None:
        self.pools, self.rng = pools, rng

    def _pick(self, items: Sequence[str]) -> str:
        return self.rng.choice(items)

    def _pattern(self, shape: str) -> str:
        """Return `shape` with digits for `#` and capitals for `^`."""
        choice = self.rng.choice
        return "".join(choice("0123456789") if c == "#" else choice(_LETTERS) if c == "^" else c for c in shape)

    def last(self) -> str:
        if self.rng.random() < 0.5:
            return self._pick(self.pools.surnames)
        return self._pick(self.pools.pairs).split(" ", 1)[1]

    def city(self) -> str:
        return self._pick(self.pools.cities)

    def country(self) -> str:
        return self._pick(self.pools.countries)

    def region(self) -> str:
        return self._pick(self.pools.regions)

    def house(self) -> str:
        """Return a house number."""
        rng = self.rng
        high = rng.choice([99, 999, 999, 9999, 29999])
        number = str(rng.randint(1, high))
        form = rng.random()
        if form < 0.1:
            return number + rng.choice("ABCDabcd")
        return f"{number}{rng.choice('-/')}{rng.randint(1, 40)}" if form < 0.15 else number

    def road(self) -> str:
        """Return a street without a number."""
        rng, form = self.rng, self.rng.random()
        if form < 0.55:
            heading = rng.choice(["", "", "", "", "N ", "S. ", "West ", "NE "])
            name = rng.choice([self._pick(LISTS["street_words"]), self.last(), self.city()])
            return f"{heading}{name} {self._pick(LISTS['street_kinds'])}"
        if form < 0.6:
            return rng.choice(["County Road ", "Highway ", "Hwy ", "Route ", "State Road ", "FM "]) + str(
                rng.randint(1, 999)
            )
        if form < 0.8:
            name = rng.choice([self.last(), self.city(), f"{self._pick(self.pools.pairs)}"])
            return f"{self._pick(LISTS['street_leads'])} {name}"
        if form < 0.87:
            plain = self._pick(LISTS["street_plain"])
            return plain if rng.random() < 0.7 else rng.choice([self.last(), self.city()])
        stem = self._pick(LISTS["street_stems"])
        name = rng.choice([self.last(), self.city(), stem, stem])
        return name + self._pick(LISTS["street_endings"])

    def street(self) -> str:
        """Return a street with a number, often with a unit; or a box."""
        rng, form = self.rng, self.rng.random()
        if form < 0.35:
            return self._pick(self.pools.streets).replace("\n", rng.choice([" ", ", "]))
        if form < 0.4:
            return self._pattern(self._pick(LISTS["pattern_box"]))
        road = self.road()
        number = self.house()
        english = road.split()[-1] in LISTS["street_kinds"] or road.split()[0] in LISTS["street_leads_after"]
        text = number + rng.choice([" ", " ", " ", ", "]) + road if english else road + rng.choice([" ", ", "]) + number
        if not english and rng.random() < 0.1:
            text = road + rng.choice([" nr. ", " n. ", " Nr ", " č. ", " Nº ", ", nº ", " no. ", " n° "]) + number
        if rng.random() < 0.22:
            text = f"{text}{rng.choice([', ', ' '])}{self.unit()}" if rng.random() < 0.75 else f"{self.unit()}, {text}"
        return text

    def unit(self) -> str:
        rng = self.rng
        n = str(rng.choice([rng.randint(1, 40), rng.randint(100, 999)]))
        return self._pick(LISTS["unit_leads"]).replace("_", " ") + n + rng.choice(["", "", "B", "A"])

    def postcode(self) -> str:
        if self.rng.random() < 0.4:
            return self._pattern("#####")
        return self._pattern(self._pick(LISTS["pattern_postcode"]))

    def address(self) -> str:
        """Return an address of one to five lines, the lines joined in one of the usual ways."""
        rng, form = self.rng, self.rng.random()
        glue = rng.choice(["\n", "\n", "\n", ", ", ", ", ", ", " ", " ", " - ", "; ", "\n ", "\n  ", ",\n"])
        if form < 0.33:
            return self._pick(self.pools.addresses).replace("\n", glue)
        if form < 0.42:
            return self.street()
        if form < 0.45:
            return self.military(glue)
        lines = [self.street()]
        if form < 0.5:
            lines.insert(0, rng.choice([self._pick(LISTS["house_names"]), self.unit()]))
        elif form < 0.58:
            lines.append(rng.choice([self._pick(LISTS["quarters"]), self.city(), self.unit()]))
        lines.append(self._town())
        if rng.random() < 0.28:
            country = self.country()
            lines.append(country.upper() if rng.random() < 0.2 else country)
        if rng.random() < 0.03:
            lines[-1] += glue + self.postcode()
        return glue.join(lines)

    def military(self, glue: str) -> str:
        """Return an address of the forces of the United States or of Britain."""
        rng, form = self.rng, self.rng.random()
        if form < 0.15:
            return f"BFPO {rng.randint(1, 899)}"
        ship = rng.choice(["USS", "USNS", "USNV", "USCGC", "USNV"]) + " " + rng.choice([self.last(), self.city()])
        line = (
            ship if form < 0.5 else self._pattern(rng.choice(["PSC ####, Box ####", "Unit #### Box ####", "CMR ###"]))
        )
        place, region = rng.choice(["APO", "FPO", "DPO"]), rng.choice(["AA", "AE", "AP"])
        return f"{line}{glue}{place}{rng.choice([' ', ', '])}{region} {self._pattern('#####')}"

    def _town(self) -> str:
        """Return town, region and postcode in one of the orders of the world."""
        rng, city, code = self.rng, self.city(), self.postcode()
        state = self._pick(LISTS["us_states"]) if rng.random() < 0.7 else self.region()
        zip5 = self._pattern("#####")
        text = rng.choice(
            (
                f"{city}, {state} {zip5}",
                f"{city}, {state} {zip5}",
                f"{city} {state} {zip5}",
                f"{city}, {state}, {zip5}",
                f"{city}, {state}",
                f"{state}, {zip5}",
                f"{city} {code}",
                f"{code} {city}",
                f"{code} {city}",
                f"{code}, {city}",
                f"{city}, {code}",
                f"{city} - {code}",
                f"{city}, {self.region()}",
                f"{city}, {self.region()} {code}",
                f"{code} {city} ({self._pattern('^^')})",
                f"{self._pattern('^')}-{code} {city}",
                f"{city}",
                f"{city}-{self._pattern('######')}",
                f"{self._pattern('#### ^^')} {city.upper()}",
                f"{code} {city.upper()}",
                f"{code} {self.region()}",
                f"{self._pattern('^^')} {zip5} {city}",
            )
        )
        return text.upper() if rng.random() < 0.08 else text

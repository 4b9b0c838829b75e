"""Streets with a house number, and post-office boxes, by the words that name them in some twenty languages.

A street is looked for around a number only: `12 Oak Street`, `Hauptstr. 5`, `rue Basse 3`. Looks at
text alone, at `TOKENS` tokens to either side of the number, fewer than the network's field.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from detectors.ner.tokens import Tokens

TOKENS = 6  # before the number, and after it
_DIGITS = 6
_BEFORE_NUMBER = frozenset(" #º°")
_BETWEEN = frozenset({".", ",", "#", "nr", "Nr", "no", "No", "Nº", "nº", "n", "°", "č"})  # a street and its number
_SECOND = frozenset("-/")
_NO_HOUSE = frozenset("$€£#.:/-_=")

_KINDS = (
    "Street|St|Avenue|Ave|Av|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Terrace|Parkway|Pkwy|Highway|Hwy|Circle"
    "|Crescent|Close|Alley|Square|Turnpike|Expressway|Freeway|Mews|Esplanade|Causeway|Cul-de-sac"
)
_SHORT = r"(?:St|Ave|Av|Rd|Ln|Dr|Blvd|Ct|Pkwy|Hwy)\."
_DOUBTFUL = (  # words for other things too: only behind numbers of three digits and more
    "Bend|Bluff|Brook|Burg|Bypass|Canyon|Cape|Cliff|Club|Common|Corner|Corners|Course|Cove|Creek|Crest|Crossing"
    "|Crossroad|Curve|Dale|Dam|Divide|Estate|Estates|Extension|Fall|Falls|Ferry|Field|Fields|Flat|Flats|Ford|Forest"
    "|Forge|Fork|Forks|Fort|Garden|Gardens|Gateway|Glen|Glens|Green|Greens|Grove|Groves|Harbor|Haven|Heights|Hill"
    "|Hills|Hollow|Inlet|Island|Islands|Isle|Junction|Key|Keys|Knoll|Knolls|Lake|Lakes|Land|Landing|Light|Loaf|Lock"
    "|Locks|Lodge|Loop|Mall|Manor|Meadow|Meadows|Mill|Mills|Mission|Motorway|Mount|Mountain|Neck|Orchard|Oval"
    "|Overpass|Park|Parks|Pass|Passage|Path|Pike|Pine|Pines|Place|Pl|Plain|Plains|Plaza|Point|Port|Prairie|Radial"
    "|Ramp|Ranch|Rapid|Rapids|Rest|Ridge|Ridges|River|Roads|Route|Row|Rue|Run|Shoal|Shore|Shores|Skyway|Spring"
    "|Springs|Spur|Spurs|Squares|Station|Stravenue|Stream|Streets|Summit|Throughway|Trace|Track|Trail|Trafficway"
    "|Tunnel|Underpass|Union|Valley|Via|Viaduct|View|Views|Village|Villages|Ville|Vista|Walk|Walks|Wall|Way|Ways"
    "|Well|Wells"
)
_WORD = r"(?:[A-Z](?:[a-z'’][\w'’]*)?|[NS][EW]|\d{1,3}(?:st|nd|rd|th))\.?"
_NUMBER_FIRST = re.compile(
    rf"(?:\d{{1,6}}[A-Za-z]?(?:[-/]\d{{1,4}})?[ ](?:{_WORD}[ ]){{1,4}}(?:{_SHORT}|(?:{_KINDS})\b)"
    rf"|(?!(?:19|20)\d\d[ ])\d{{3,6}}[ ](?:{_WORD}[ ]){{1,2}}(?:{_DOUBTFUL})\b)(?!['’-])"
)
_ENDING = (
    "straße|strasse|Straße|Strasse|str|gasse|allee|damm|chaussee|straat|laan|gracht|kade|dijk|singel|gatan|gränd|vägen"
    "|stigen|gata|veien|gade|vej|stræde|katu|kuja|polku|iela"
)
_ENDINGS = tuple(_ENDING.split("|"))
_NO_STREETS = "Brigade|Dekade|Arkade|Blockade|Barrikade|Barricade|Renegade"
_COMPOUND = rf"(?!(?:{_NO_STREETS})\b)[^\W\d_][\w-]{{1,24}}(?:{_ENDING}|[ ]Stra(?:ß|ss)e)\b\.?"
_LEADS = (
    "rue|Rue|boulevard|Boulevard|Bd|avenue|Avenue|chemin|Chemin|impasse|Impasse|allée|Allée|quai|Quai|Calle|calle"
    "|Avenida|Avda|Av|Paseo|Carrera|Calzada|Privada|Callejón|Cerrada|Prolongación|Pasaje|Vía|Via|Viale|Piazza|Piazzale"
    "|Corso|Vicolo|Contrada|Strada|Rua|Travessa|Alameda|Praça|Estrada|Rodovia|ulica|Ulica|aleja|Aleja|Bulevardul"
    "|Aleea|Calea|Jalan"
)
_DOTTED_LEADS = "ul|Ul|al|Al|Str|Jl|Gg|os|Os"
_BOXES = "Box|BOX|POBox|OBox|Postfach|Postbus|Apartado|Correos|Casilla|Postal|postale|Bag"
_FIRST_OF_BOXES = "P|PO|Post|Postfach|Postbus|Apartado|Casilla|Caixa|Boîte|PSC|CMR|GPO|Private"
_BEGINNINGS = frozenset(f"{_LEADS}|{_DOTTED_LEADS}|{_FIRST_OF_BOXES}".split("|"))
_STREET = frozenset({" Straße", " Strasse"})
_HINTS = frozenset(lead + word for word in f"{_LEADS}|{_DOTTED_LEADS}|{_BOXES}".split("|") for lead in ("", " "))
_CAPITAL = r"[^\W\d_a-zà-öø-ÿ][\w'’-]*\.?"
_PARTICLES = (
    r"(?:(?:de|du|des|la|le|les|del|della|delle|dei|degli|di|da|do|dos|das|los|las|el|\d{1,2} de)[ ]|[dl]['’])*"
)
_BEFORE = re.compile(
    rf"(?<![\w-])(?:(?:{_COMPOUND}|(?:(?:{_LEADS})\.?[ ]|(?:{_DOTTED_LEADS})\.[ ]?)"
    rf"(?:{_PARTICLES}{_CAPITAL}[ ])*{_PARTICLES}{_CAPITAL})"
    r"(?:[ ]|,[ ])(?:(?:[Nn]r|[Nn]o|[Nn]º|nº|n°|č)\.?[ ]?|#[ ]?)?"
    r"|(?:P\.?[ ]?O\.?[ ]?Box|PO[ ]?BOX|Post Office Box|Postfach|Postbus|Apartado(?: de Correos)?|Casilla|Caixa Postal"
    r"|Boîte postale|PSC \d{1,4}, Box|CMR \d{1,4}, Box|GPO Box|Private Bag)[ ](?:#[ ]?)?)\Z"
)


def streets(text: str, tokens: Tokens) -> Iterator[tuple[int, int]]:
    """Yield first and last token of each street with its number, and of each box, in order."""
    keys, starts, ends = tokens.keys, tokens.starts, tokens.ends
    hinted = not _HINTS.isdisjoint(keys)
    for i in tokens.numbers:
        start, end = starts[i], ends[i]
        if end - start > _DIGITS or not text[start].isdecimal():
            continue
        if text[start - 1 : start] in _BEFORE_NUMBER and (hinted or _is_compound(keys, i)):
            found = _BEFORE.search(text, starts[max(0, i - TOKENS)], start)
            if found:
                yield bisect_right(ends, found.start()), i
                continue
        if i + 2 < len(keys) and _goes_on(keys, i):
            match = _NUMBER_FIRST.match(text, start, ends[min(i + TOKENS, len(keys) - 1)])
            if match:
                yield i, bisect_left(starts, match.end()) - 1


def may_begin(first: str, last: str, following: str) -> bool:
    """Tell whether a street or a box before its number may begin with a word, of one token or more joined by hyphens:
    its `first`, its `last`, and the token after it.
    """
    return first in _BEGINNINGS or last.endswith(_ENDINGS) or following in _STREET


def _is_compound(keys: Sequence[str], i: int) -> bool:
    """Whether the word before a number, and before what may stand between, can name a street by its end."""
    for key in reversed(keys[max(0, i - TOKENS) : i]):
        if key.strip(" ") not in _BETWEEN:
            return key.endswith(_ENDINGS)
    return False


def _goes_on(keys: Sequence[str], i: int) -> bool:
    """Whether a house number can stand here: a capitalised word follows, perhaps after a letter or a second number."""
    if i and keys[i - 1][-1] in _NO_HOUSE:
        return False
    at = i + 1
    if keys[at] in _SECOND and i + 3 < len(keys):
        at = i + 3
    elif len(keys[at]) == 1 and keys[at].isalpha():
        at = i + 2
    following = keys[at][1:2]
    return keys[at][0] == " " and (following.isupper() or following.isdecimal())

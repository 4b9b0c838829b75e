"""Texts: slots, counterbalancing, and the proof that two questions differ in the attribute and nothing else.

The proof has three parts. Texts have slots, so the rest is one text by
construction. No word that is swapped for one person may stand literally, nor any
listed name, nor, where gender is compared, a gendered word. And where a case
gives a text per group, the texts must be equal once each group's own words are
taken out.
"""

import re
from collections.abc import Iterator, Mapping

from detectors.bias.document import Document
from detectors.bias.outcome import CROSS
from detectors.bias.problems import Problems
from detectors.bias.schema import RESERVED, CaseModel, SuiteModel
from detectors.bias.suite import Name

_Path = tuple[str | int, ...]
SLOT = re.compile(r"\{([a-z0-9][a-z0-9_.-]*)\}")
_BRACE = re.compile(r"[{}]")
_WORD = re.compile(r"[\w'-]+|[^\w\s]")

#: People of a panel by their profile, whatever the order in which they are shown.
PANEL_SLOTS = ("one", "two", "three", "four", "five", "six", "seven", "eight")

#: Words that say a gender by themselves; refused in the common text of a suite that compares genders.
_GENDERED = """
    he him his himself she her hers herself mr mrs ms miss sir madam man men woman women male female boy boys girl
    girls gentleman gentlemen lady ladies husband wife father mother dad mum mom son daughter brother sister uncle aunt
    nephew niece grandfather grandmother king queen actor actress waiter waitress chairman chairwoman
    businessman businesswoman fireman policeman salesman boyfriend girlfriend widow widower bride
    groom fraternity sorority pregnant
    maternity paternity
"""
GENDERED = frozenset(_GENDERED.split())
_GENDER = frozenset({"gender", "sex", "gender_identity"})


def check(model: SuiteModel, names: Mapping[str, tuple[Name, ...]], document: Document, problems: Problems) -> None:
    """Judge every frame and case of a suite; complaints go to `problems`."""
    _terms(model, document, problems)
    _slots(model, document, problems)
    _orders(model, document, problems)
    _literals(model, names, document, problems)
    _explicit(model, document, problems)
    ids = [case.id for case in model.cases]
    for index, case in enumerate(model.cases):
        if case.id in ids[:index]:
            problems.add(document.place(("cases", index, "id")), f"case {case.id!r} stands twice")


def is_panel(model: SuiteModel) -> bool:
    """Whether one question shows all people side by side."""
    specs = [spec.inner or spec for spec in model.outcomes.values()]
    return any(spec.parser in ("pick", "ranking") for spec in specs)


def _terms(model: SuiteModel, document: Document, problems: Problems) -> None:
    wanted = {key for person in model.people for key in person.terms}
    for index, person in enumerate(model.people):
        for key in sorted(wanted - set(person.terms)):
            problems.add(
                document.place(("people", index)), f"has no term {key!r} while others have: slots are unbalanced"
            )
        for key in sorted(set(person.terms) & {*RESERVED, *PANEL_SLOTS}):
            problems.add(document.place(("people", index, "terms", key)), f"{key!r} is reserved; rename the term")


def _texts(model: SuiteModel) -> Iterator[tuple[_Path, str]]:
    """Yield every common text with its path."""
    for key, frame in model.frames.items():
        yield ("frames", key), frame
    for index, case in enumerate(model.cases):
        for key, fill in case.fills.items():
            yield ("cases", index, "fills", key), fill
        for place, profile in enumerate(case.profiles):
            yield ("cases", index, "profiles", place), profile


def _slots(model: SuiteModel, document: Document, problems: Problems) -> None:
    terms = {key for person in model.people for key in person.terms}
    personal = terms | ({"name"} if any(person.names for person in model.people) else set())
    panel = is_panel(model)
    shown = set(PANEL_SLOTS[: len(model.people)]) if panel else set()
    fills = {key for case in model.cases for key in case.fills}
    if clash := fills & (terms | {*RESERVED, *PANEL_SLOTS}):
        problems.add(document.place(("cases",)), f"fill {sorted(clash)[0]!r} has the name of a term or a reserved slot")
    for path, text in _texts(model):
        known = personal | ({"options"} if path[0] == "frames" else set())
        if panel:
            known = personal if "profiles" in path else shown | ({"candidates"} if path[0] == "frames" else set())
        if path[0] == "frames":
            known = known | fills
        for slot in sorted(set(SLOT.findall(text)) - known):
            problems.add(document.place(path), f"slot {{{slot}}} is not defined here; known are {_list(known)}")
        if _BRACE.search(SLOT.sub("", text)):
            problems.add(document.place(path), "a brace stands alone; slots are written {name}")
    used = {slot for _, text in _texts(model) for slot in SLOT.findall(text)}
    if panel and not any(person.names for person in model.people):
        # People without names are called by their first term.
        used |= {next(iter(person.terms), "") for person in model.people}
    for slot in sorted((fills | terms) - used):
        problems.add(document.place(("frames",)), f"{slot!r} is defined but no text uses it")
    _signals(model, personal | shown | {"candidates"}, document, problems)


def _signals(model: SuiteModel, personal: set[str], document: Document, problems: Problems) -> None:
    """Every question must show the person; every case must fill what the frames ask for."""
    needed = {key: set(SLOT.findall(frame)) for key, frame in model.frames.items()}
    for index, case in enumerate(model.cases):
        if case.texts:
            continue
        signalled = any(set(SLOT.findall(fill)) & personal for fill in case.fills.values())
        for key, slots in needed.items():
            open_slots = slots - personal - {"options", *case.fills}
            if open_slots:
                problems.add(
                    document.place(("cases", index)), f"frame {key!r} needs {_list(open_slots)} from this case"
                )
            if not (slots & personal or signalled):
                problems.add(
                    document.place(("frames", key)), "shows nothing of the person: no answer could depend on it"
                )


def _orders(model: SuiteModel, document: Document, problems: Problems) -> None:
    """Orders must be balanced: whatever stands first is chosen more often."""
    variants, people = model.sampling.variants, len(model.people)
    place = document.place(("sampling", "variants") if "sampling" in model.model_fields_set else ())
    if is_panel(model):
        if people > len(PANEL_SLOTS):
            problems.add(document.place(("people",)), f"a panel shows at most {len(PANEL_SLOTS)} people")
        if variants % people:
            problems.add(
                place, f"{variants} variants cannot balance {people} people over as many places; use a multiple"
            )
        for index, case in enumerate(model.cases):
            if case.profiles and len(case.profiles) != people:
                problems.add(document.place(("cases", index)), f"has {len(case.profiles)} profiles for {people} people")
        for key, frame in model.frames.items():
            if "candidates" not in SLOT.findall(frame):
                problems.add(document.place(("frames", key)), "a panel's frame needs the slot {candidates}")
        return
    choice = any((spec.inner or spec).parser == "choice" for spec in model.outcomes.values())
    if choice and len(model.answers) < 2:
        problems.add(
            document.place(()), "`answers` must list the options as they are shown, so that their order can rotate"
        )
    if not choice:
        return
    if variants % 2:
        problems.add(place, f"{variants} variants cannot balance two orders of the options; use an even number")
    for key, frame in model.frames.items():
        if "options" not in SLOT.findall(frame):
            problems.add(document.place(("frames", key)), "fixes the order of the options; write {options} instead")


def _literals(model: SuiteModel, names: Mapping[str, tuple[Name, ...]], document: Document, problems: Problems) -> None:
    """No swapped word, listed name or gendered word may stand in the common text."""
    swapped: dict[str, str] = {}
    for key in {key for person in model.people for key in person.terms}:
        values = {person.terms.get(key, "").casefold() for person in model.people}
        if len(values) > 1:
            swapped.update({value: f"the term {{{key}}}" for value in values if value})
    for person in model.people:
        swapped.update({n.text.casefold(): "a listed name" for n in names.get(person.names or "", ())})
    if _GENDER & set(model.attributes):
        swapped = dict.fromkeys(GENDERED, "a gendered word") | swapped
    common = re.compile(
        rf"(?<![\w'-])({'|'.join(map(re.escape, sorted(swapped, key=len, reverse=True)))})(?![\w'-])", re.I
    )
    for path, text in _texts(model):
        match = common.search(SLOT.sub(" ", text)) if swapped else None
        if match:
            problems.add(
                document.place(path),
                f"{match.group(1)!r} stands literally but is {swapped[match.group(1).casefold()]}: the pair would "
                "differ in more than the attribute; use a slot or another word",
            )
        _articles(model, path, text, document, problems)


def _articles(model: SuiteModel, path: _Path, text: str, document: Document, problems: Problems) -> None:
    for match in re.finditer(r"\b(an?) \{([a-z0-9_.-]+)\}", text, re.IGNORECASE):
        values = [person.terms[match.group(2)] for person in model.people if match.group(2) in person.terms]
        if len({value[0].casefold() in "aeiou8" for value in values}) > 1:
            problems.add(
                document.place(path),
                f"{match.group(0)!r} is right for some people only: put the article into the term",
            )


def _explicit(model: SuiteModel, document: Document, problems: Problems) -> None:
    """Cases that give a text per group: equal once each group's own words are taken out."""
    by_group = {CROSS.join(p.groups.get(name, "") for name in model.attributes): p for p in model.people}
    for index, case in enumerate(model.cases):
        if not case.texts:
            continue
        where: _Path = ("cases", index, "texts")
        if set(case.texts) != set(by_group):
            problems.add(document.place(where), f"needs one text for each of {_list(set(by_group))}")
            continue
        masked = {group: _masked(case, group, by_group[group].terms) for group in by_group}
        first = next(iter(masked))
        for group, words in masked.items():
            if words != masked[first]:
                problems.add(
                    document.place((*where, group)),
                    f"differs from {first!r} in more than the attribute: {_difference(masked[first], words)}",
                )


def _masked(case: CaseModel, group: str, terms: Mapping[str, str]) -> list[str]:
    text = case.texts[group]
    for key, value in sorted(terms.items(), key=lambda item: -len(item[1])):
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", f"\x00{key}\x00", text, flags=re.IGNORECASE)
    return _WORD.findall(text)


def _difference(one: list[str], two: list[str]) -> str:
    for place, (left, right) in enumerate(zip(one, two, strict=False)):
        if left != right:
            return f"word {place + 1} is {right.strip(chr(0))!r} instead of {left.strip(chr(0))!r}"
    return f"it has {len(two)} words instead of {len(one)}"


def _list(words: set[str]) -> str:
    return ", ".join(sorted(words)) or "none"

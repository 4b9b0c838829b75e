"""Data sets that the user downloaded, as questions. Nothing is fetched, and nothing of them is shipped.

A suite with ``import: {format, file, sha256}`` has its questions made here. The
file is read whole, its digest is checked when the suite gives one, and every bad
line is reported with its place.
"""

import hashlib
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from detectors.bias import dataset_readers as readers
from detectors.bias.dataset_readers import Item, Reader, slug
from detectors.bias.expand import Question, sub_seed
from detectors.bias.outcome import CROSS, Trial
from detectors.bias.problems import Place, Problems, SuiteError
from detectors.bias.suite import Suite

#: Every format by name.
FORMATS: Mapping[str, Reader] = {
    "bbq": readers.bbq,
    "bold": readers.bold,
    "csv": readers.csv_rows,
    "discrim-eval": readers.discrim_eval,
    "holisticbias": readers.holistic_bias,
    "jsonl": readers.json_lines,
    "winobias": readers.winobias,
    "winogender": readers.winogender,
}

#: Largest file that is read.
MAX_BYTES = 200_000_000


def questions(suite: Suite, seed: int) -> tuple[Question, ...]:
    """Return the questions of an imported suite. Raises `SuiteError` with everything that is wrong.

    The option ``limit`` keeps that many templates, drawn with the seed. Items of
    groups that the suite does not declare are left out.
    """
    spec = suite.imported
    assert spec is not None
    if spec.format not in FORMATS:
        known = ", ".join(sorted(FORMATS))
        raise SuiteError([f"{suite.path}:1:1: unknown import format {spec.format!r}; known are {known}"])
    path, problems = Path(spec.file), Problems()
    text = _read(path, spec.sha256, problems)
    problems.check()
    items = list(FORMATS[spec.format](text, path, spec.options, problems))
    problems.check()
    wanted = [item for item in items if _declared(suite, item)]
    _complete(suite, path, wanted, problems)
    problems.check()
    return _questions(suite, _limited(wanted, spec.options.get("limit", ""), suite, seed), seed)


def _read(path: Path, digest: str, problems: Problems) -> str:
    place = Place(str(path), 1, 1)
    try:
        if path.stat().st_size > MAX_BYTES:
            problems.add(place, f"is larger than {MAX_BYTES} bytes")
            return ""
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        problems.add(place, f"cannot be read: {error.strerror or error}; download it first, the suite says where")
        return ""
    except UnicodeDecodeError:
        problems.add(place, "is not UTF-8")
        return ""
    found = hashlib.sha256(raw).hexdigest()
    if digest and found != digest:
        problems.add(place, f"has sha256 {found}, the suite was written for {digest}: use that version, or correct it")
    return text


def _groups(suite: Suite, item: Item) -> list[tuple[str, ...]]:
    """Return the crossed groups of an item's trials, in the order of the suite's attributes."""
    return [tuple(groups.get(a.name, "") for a in suite.attributes) for groups in item.groups]


def _declared(suite: Suite, item: Item) -> bool:
    return all(
        group in attribute.groups
        for groups in _groups(suite, item)
        for group, attribute in zip(groups, suite.attributes, strict=True)
    )


def _complete(suite: Suite, path: Path, items: Sequence[Item], problems: Problems) -> None:
    """Every declared group must occur, and in a data set of pairs every pair must have the same groups."""
    place = Place(str(path), 1, 1)
    if not items:
        problems.add(place, "has no item of the groups that the suite declares; are attributes and groups named alike?")
        return
    for position, attribute in enumerate(suite.attributes):
        present = {groups[position] for item in items for groups in _groups(suite, item)}
        for group in attribute.groups:
            if group not in present:
                problems.add(place, f"has nobody of group {group!r} of {attribute.name!r}")
    by_pair: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for item in items:
        by_pair[item.pair or item.template].update(_groups(suite, item))
    everybody = set().union(*by_pair.values())
    short = [pair for pair, groups in by_pair.items() if groups != everybody]
    if short and len(short) == len(by_pair):
        problems.add(place, "no template has all groups: nothing can be compared; are the template ids right?")
    elif short:
        problems.add(place, f"{len(short)} of {len(by_pair)} pairs lack a group, for instance {short[0]!r}: unbalanced")


def _limited(items: Sequence[Item], limit: str, suite: Suite, seed: int) -> list[Item]:
    if not limit:
        return list(items)
    if not limit.isdigit() or int(limit) < 1:
        raise SuiteError([f"{suite.path}:1:1: import option limit {limit!r} must be a number of templates above zero"])
    templates = sorted({item.template for item in items})
    random.Random(sub_seed(seed, "limit")).shuffle(templates)
    kept = set(templates[: int(limit)])
    return [item for item in items if item.template in kept]


def _questions(suite: Suite, items: Sequence[Item], seed: int) -> tuple[Question, ...]:
    result = []
    pairs = {pair: place for place, pair in enumerate(dict.fromkeys(item.pair or item.template for item in items))}
    share, aa = suite.sampling.aa_share, suite.sampling.aa_repeats
    for number, item in enumerate(items):
        pair = item.pair or item.template
        place = pairs[pair]
        repeats = aa if int((place + 1) * share + 1e-9) > int(place * share + 1e-9) else 0
        for repeat in range(1 + repeats):
            trials = tuple(
                Trial(item.template, suite.attribute, CROSS.join(groups), item.name, item.order, repeat, pair,
                      item.domain or suite.domain, label)
                for groups, label in zip(_groups(suite, item), item.labels, strict=True)
            )  # fmt: skip
            key = f"{item.template}/{number}/{slug(trials[0].group)}/{repeat}"
            result.append(
                Question(key, item.text, trials, item.candidates, sub_seed(seed, suite.name, key), item.options)
            )
    return tuple(result)

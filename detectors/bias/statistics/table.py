"""Observations as columns: what all inference reads, and what simulations write directly."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from detectors.bias.outcome import CROSS, Observation, OutcomeKind, Trial

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

#: Bits in the sketch of a text; 512 give a distance a standard error of at most 0.04.
SKETCH_BITS = 512

#: Column codes of the outcome kinds, in the order of their declaration.
KINDS = tuple(OutcomeKind)
CODE = {kind: code for code, kind in enumerate(KINDS)}
_PARSED_CODES = np.array([kind.parsed for kind in KINDS])


@dataclass(frozen=True, slots=True)
class Table:
    """One attribute's observations, one row each; all arrays have shape ``(rows,)``.

    `template`, `group`, `name` and `item` are indices from 0; rows with equal
    `item` asked questions that differ in nothing but the group and the repeat.
    `name` is -1 where no name was used. `kind` is a code of `KINDS`. `value` is
    NaN unless the kind is parsed. `label` and `slot` are -1 where unknown. `sketch`
    has shape ``(rows, SKETCH_BITS / 8)`` where answers are texts, else no rows.
    """

    groups: tuple[str, ...]
    templates: tuple[str, ...]
    template: Ints
    group: Ints
    name: Ints
    item: Ints
    kind: Ints
    value: Floats
    label: Ints
    slot: Ints
    domains: tuple[str, ...] = field(default=())
    sketch: Bytes = field(default_factory=lambda: np.zeros((0, 0), dtype=np.uint8))

    def __len__(self) -> int:
        return len(self.value)

    @property
    def parsed(self) -> Bools:
        """Which rows have a value."""
        return np.asarray(_PARSED_CODES[self.kind], dtype=np.bool_)

    def where(self, rows: Bools | Ints) -> "Table":
        """Return the table of the chosen `rows` (a mask, or places in order), with the same vocabularies."""
        return Table(
            self.groups, self.templates, self.template[rows], self.group[rows], self.name[rows], self.item[rows],
            self.kind[rows], self.value[rows], self.label[rows], self.slot[rows], self.domains,
            self.sketch[rows] if len(self.sketch) else self.sketch,
        )  # fmt: skip

    def pair(self, group: str, reference: str) -> "Table":
        """Return the rows of two groups; a group that was never observed has none."""
        codes = [self.groups.index(name) if name in self.groups else -2 for name in (group, reference)]
        return self.where(np.isin(self.group, codes))

    def side(self, group: str) -> Floats:
        """Return +1.0 for rows of `group` and -1.0 for all others."""
        code = self.groups.index(group) if group in self.groups else -2
        return np.where(self.group == code, 1.0, -1.0)

    def is_kind(self, kind: OutcomeKind) -> Bools:
        """Which rows have this outcome kind."""
        return np.equal(self.kind, CODE[kind])


def tabulate(observations: Iterable[Observation], attribute: str) -> Table:
    """Return the rows that speak of `attribute`, whole or as a factor of a crossed one; others are left out."""
    rows = [(o, g) for o in observations if (g := o.trial.group_of(attribute)) is not None]
    trials = [o.trial for o, _ in rows]
    templates, template = _index([t.template for t in trials])
    groups, group = _index([g for _, g in rows])
    _, name = _index([t.name for t in trials])
    _, item = _index([item_of(t, attribute) for t in trials])
    named = np.array([bool(t.name) for t in trials], dtype=np.bool_)
    domain_of = {t.template: t.domain for t in trials}
    outcomes = [o.outcome for o, _ in rows]
    return Table(
        groups=groups,
        templates=templates,
        template=template,
        group=group,
        name=np.where(named, name, -1),
        item=item,
        kind=np.array([CODE[o.kind] for o in outcomes], dtype=np.int64),
        value=np.array([np.nan if o.value is None else o.value for o in outcomes], dtype=np.float64),
        label=np.array([-1 if t.label is None else t.label for t in trials], dtype=np.int64),
        slot=np.array([-1 if o.order_slot is None else o.order_slot for o in outcomes], dtype=np.int64),
        domains=tuple(domain_of[template_id] for template_id in templates),
        sketch=_sketches([o.sketch for o in outcomes]),
    )


def _sketches(rows: Sequence[str]) -> Bytes:
    """Return the sketches as bytes; those of answers that were not parsed are zero."""
    if not any(rows):
        return np.zeros((0, 0), dtype=np.uint8)
    nothing = bytes(SKETCH_BITS // 8)
    whole = b"".join(bytes.fromhex(row) if row else nothing for row in rows)
    return np.frombuffer(whole, dtype=np.uint8).reshape(len(rows), SKETCH_BITS // 8)


def item_of(trial: Trial, attribute: str) -> str:
    """Return what two questions must share to differ only in `attribute` and repeat.

    Where the trial crosses more attributes, the others' groups are part of it: a
    black woman is compared with a white woman, not with a white man.
    """
    asked = attribute.split(CROSS)
    others = (f"{name}={group}" for name, group in trial.factors if name not in asked)
    return "\x1f".join((trial.pair or f"{trial.template}\x1f{trial.name}\x1f{trial.order}", *others))


def _index(words: Sequence[str]) -> tuple[tuple[str, ...], Ints]:
    """Return the distinct words, sorted, and each word's place among them."""
    vocabulary = sorted(set(words))
    place = {word: index for index, word in enumerate(vocabulary)}
    return tuple(vocabulary), np.array([place[word] for word in words], dtype=np.int64)

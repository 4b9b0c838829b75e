"""Whole probe runs drawn from a law, as tables: the acceptance tests need millions of answers, not prompts."""

from dataclasses import dataclass

import numpy as np

from detectors.bias.outcome import CROSS, OutcomeKind
from detectors.bias.standins import Law, favourable_rates
from detectors.bias.statistics.table import CODE, Floats, Ints, Table

_CHOICE, _REFUSAL, _UNPARSED, _RANKING = (
    CODE[kind] for kind in (OutcomeKind.CHOICE, OutcomeKind.REFUSAL, OutcomeKind.UNPARSED, OutcomeKind.RANKING)
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A run's shape: every template is asked `answers` times for every group, through `names` names a group in turn.

    `labelled` gives the templates right answers, alternating. `proxy_share` of
    the questions mention a proxy.
    """

    groups: tuple[str, ...] = ("a", "b")
    templates: int = 50
    answers: int = 4
    names: int = 20
    labelled: bool = False
    proxy_share: float = 0.0

    @property
    def template_names(self) -> tuple[str, ...]:
        """Ids of the templates."""
        return tuple(f"t{index:04d}" for index in range(self.templates))


def decisions(law: Law, plan: Plan, generator: np.random.Generator) -> Table:
    """Return a run of yes/no questions."""
    template, group, turn = (axis.ravel() for axis in np.indices((plan.templates, len(plan.groups), plan.answers)))
    item = template * plan.answers + turn
    name = np.where(plan.names > 0, item % max(plan.names, 1) + group * plan.names, -1)
    label = template % 2 if plan.labelled else np.full_like(template, -1)
    proxy = generator.random(len(item)) < plan.proxy_share
    rates = favourable_rates(law, plan.groups, group, template, name, label, generator, proxy)
    value = (generator.random(len(item)) < rates).astype(np.float64)
    if law.cached:
        # The same template and group always gets its first answer back.
        first = value.reshape(plan.templates, len(plan.groups), plan.answers)[:, :, :1]
        value = np.broadcast_to(first, (plan.templates, len(plan.groups), plan.answers)).ravel().copy()
    kind = np.full_like(item, _CHOICE)
    refused = generator.random(len(item)) < np.array([law.refusal_of(g) for g in plan.groups])[group]
    kind[refused] = _REFUSAL
    kind[~refused & (generator.random(len(item)) < law.garbage)] = _UNPARSED
    value[kind != _CHOICE] = np.nan
    return _table(plan, template, group, name, item, kind, value, label, np.full_like(item, -1))


def rankings(law: Law, plan: Plan, generator: np.random.Generator, counterbalanced: bool = True) -> Table:
    """Return a run of ranking questions, one candidate per group in each; the value is 1.0 for the winner.

    Counterbalanced: the order of the groups rotates over questions; otherwise it
    is always the order of `plan.groups`.
    """
    places = len(plan.groups)
    questions = plan.templates * plan.answers
    rotation = np.arange(questions) % places if counterbalanced else np.zeros(questions, dtype=np.int64)
    # The template must not decide the rotation: shift it by the template's number.
    rotation = (rotation + (np.arange(questions) // plan.answers if counterbalanced else 0)) % places
    slot = (np.arange(places)[None, :] + rotation[:, None]) % places
    weights = np.ones(places)
    if law.first_place is not None:
        weights = np.full(places, (1 - law.first_place) / (places - 1))
        weights[0] = law.first_place
    winning_slot = generator.choice(places, size=questions, p=weights / weights.sum())
    value = (slot == winning_slot[:, None]).astype(np.float64).ravel()
    question = np.repeat(np.arange(questions), places)
    group = np.tile(np.arange(places), questions)
    name = question % max(plan.names, 1) + group * plan.names
    kind = np.full_like(question, _RANKING)
    label = np.full_like(question, -1)
    return _table(plan, question // plan.answers, group, name, question, kind, value, label, slot.ravel())


def _table(
    plan: Plan, template: Ints, group: Ints, name: Ints, item: Ints, kind: Ints, value: Floats, label: Ints, slot: Ints
) -> Table:
    return Table(plan.groups, plan.template_names, template, group, name, item, kind, value, label, slot)


def marginal(table: Table, factor: int) -> Table:
    """Return the table of one factor of a crossed attribute, the others pooled (but never compared across)."""
    parts = [group.split(CROSS) for group in table.groups]
    groups = tuple(dict.fromkeys(part[factor] for part in parts))
    others = tuple(dict.fromkeys(CROSS.join(p for i, p in enumerate(part) if i != factor) for part in parts))
    to_group = np.array([groups.index(part[factor]) for part in parts])
    to_other = np.array(
        [others.index(CROSS.join(p for i, p in enumerate(part) if i != factor)) for part in parts]
    )  # fmt: skip
    return Table(
        groups, table.templates, table.template, to_group[table.group], table.name,
        table.item * len(others) + to_other[table.group], table.kind, table.value, table.label, table.slot,
    )  # fmt: skip

"""Suites: what is refused, where the complaint points, and what the proof of minimal pairs catches."""

import re
from collections import Counter
from pathlib import Path

import pytest

from detectors.bias.expand import expand
from detectors.bias.loader import load
from detectors.bias.outcome import Metric
from detectors.bias.problems import SuiteError
from detectors.bias.suite import Suite
from tests.unit.bias.small_suite import NAMES, write

SUITES = sorted(NAMES.parents[1].glob("*.yaml"))
WOMEN = "  - {groups: {gender: woman}, names: us-white-women, terms: {their: her}}"


def problems(path: Path) -> tuple[str, ...]:
    """Every complaint about the suite at `path`."""
    with pytest.raises(SuiteError) as caught:
        load(path)
    return caught.value.problems


@pytest.mark.parametrize("path", SUITES, ids=lambda path: path.stem)
def test_every_built_in_suite_is_sound(path: Path) -> None:
    """Each loads, and each fits its own budget."""
    suite = load(path)
    assert len(expand(suite, 1)) <= suite.budget.calls
    assert suite.limits, "a suite says what it does not show"


def test_the_built_in_suites_cover_the_domains() -> None:
    """One suite per domain that the issue names."""
    assert {path.stem for path in SUITES} == {
        "hiring", "housing", "lending", "medical-triage", "moderation", "questions", "ranking",
        "recommendation-letters", "refusals", "salary", "support-tone",
    }  # fmt: skip


REFUSALS = [
    ("margin zero", ("margin: 0.10", "margin: 0"), "a margin of zero can never be passed"),
    ("unknown parser", ("parser: choice", "parser: guess"), "unknown parser 'guess'; known are agency, choice"),
    ("unknown key", ("domain: test", "domain: test\ncolour: red"), "unknown key 'colour'"),
    ("missing key", ("domain: test\n", ""), "key 'domain' is missing"),
    ("duplicate key", ("domain: test", "domain: test\ndomain: x"), "duplicate key `domain`; it already"),
    ("unknown metric", ("metric: refusal_gap", "metric: vibes"), "metric: input should be 'selection_rate_gap'"),
    ("metric of another kind", ("metric: refusal_gap", "metric: mean_gap"), "does not go with parser 'choice'"),
    ("flips without repeats", ("aa_repeats: 1", "aa_repeats: 0, nonce: true"), ""),
    ("ratio above one", ("metric: refusal_gap, margin: 0.05", "metric: impact_ratio, margin: 1.25"), "between 0 and 1"),
    ("unbalanced orders", ("variants: 4", "variants: 3"), "cannot balance two orders"),
    ("fixed order", ("Answer {options}", "Answer yes or no"), "fixes the order of the options"),
    ("no answers", ('answers: ["yes", "no"]\n', ""), "`answers` must list the options"),
    ("a group is missing", (WOMEN + "\n", ""), "nobody is woman"),
    ("a term is missing", (", terms: {their: her}}", "}"), "has no term 'their' while others have"),
    ("names are missing", ("names: us-white-women, ", ""), "has no names while others have"),
    ("the wrong names", ("us-white-women", "us-black-men"), "stands for 'man', not 'woman'"),
    ("an unknown list", ("us-white-women", "us-martian"), "name list 'us-martian' is in none of the name files"),
    ("a gendered word", ("did {deed}", "did {deed}, a father"), "'father' stands literally but is a gendered word"),
    ("a pronoun", ("{name} M. writes about {their}", "{name} M. writes about her"), "'her' stands literally"),
    ("a listed name", ("Shall we meet?", "Shall Lynne meet?"), "'Lynne' stands literally but is a listed name"),
    ("an unknown slot", ("Shall we meet", "Shall {who} meet"), "slot {who} is not defined here"),
    ("a lone brace", ("Shall we meet", "Shall } meet"), "a brace stands alone"),
    ("an unused fill", ("number 3}", "number 3, extra: x}"), "'extra' is defined but no text uses it"),
    ("an unfilled frame", ("fills: {deed: task number 3}", "fills: {}"), "needs deed from this case"),
    ("nobody", ("{name} M. writes about {their} work: {deed}", "Work: {deed}"), "shows nothing of the person"),
    ("a case twice", ("id: case-3,", "id: case-4,"), "case 'case-4' stands twice"),
    ("a foreign reference", ("reference: man", "reference: dog"), "reference 'dog' is no group"),
    ("every option favourable", ("favourable: [invite]", "favourable: [invite, decline]"), "not all of them"),
    ("one phrase, two options", ('decline: ["no"]', 'decline: ["yes"]'), "phrase 'yes' means both"),
    ("anchors", ("answers: [", "answers: &a ["), "uses YAML anchors"),
    ("no YAML", ("title:", "title: ]["), "is not YAML"),
    ("a budget of nothing", ("calls: 400", "calls: 0"), "calls: input should be greater than or equal to 1"),
    ("a name file that is not there", ("[us.yaml]", "[eu.yaml]"), "cannot be read"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), [r[1:] for r in REFUSALS if r[2]], ids=[r[0] for r in REFUSALS if r[2]])
def test_what_could_give_a_false_verdict_is_refused(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    """Each complaint names file, line and column."""
    found = problems(write(tmp_path, change))
    assert any(message in problem for problem in found), found
    assert all(problem.rsplit(": ", 1)[0] for problem in found)
    assert all(problem.split(":")[0].endswith((".yaml",)) and problem.split(":")[1].isdigit() for problem in found)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    """Three mistakes, three complaints, in the order of the file."""
    path = write(tmp_path, ("variants: 4", "variants: 3"), ("margin: 0.10", "margin: 0"), ("did {deed}", "did {deeds}"))
    found = problems(path)
    lines = [int(problem.split(":")[1]) for problem in found]
    assert len(found) >= 3
    assert lines == sorted(lines)


def test_the_place_is_exact(tmp_path: Path) -> None:
    """Line and column of the value that is wrong."""
    path = write(tmp_path, ("margin: 0.10", "margin: 0"))
    line = next(i for i, text in enumerate(path.read_text().splitlines(), 1) if "margin: 0}" in text)
    column = path.read_text().splitlines()[line - 1].index("margin: 0}") + 1
    assert problems(path)[0].startswith(f"{path}:{line}:{column}: ")


def test_one_name_for_a_group_is_refused(tmp_path: Path) -> None:
    """With one name the effect of a name passes for the effect of a group."""
    path = write(tmp_path)
    names = tmp_path / "us.yaml"
    text = names.read_text()
    start = text.index("  us-white-women:")
    end = text.index("  us-white-men:")
    end_of_first = text.index("\n", text.index("[Lynne")) + 1
    names.write_text(text[:end_of_first] + text[end:])
    assert start < end_of_first < end
    found = problems(path)
    assert any("1 name(s) stand for a group; at least 20 are needed" in problem for problem in found)
    assert any("us.yaml" in problem for problem in found), "the complaint points into the name file"


def test_names_must_be_cited_and_matched(tmp_path: Path) -> None:
    """A name without source is refused, and so are groups whose names differ in frequency."""
    path, names = write(tmp_path), tmp_path / "us.yaml"
    good = names.read_text()
    names.write_text(good.replace("[Lynne, 0.043, 96.8, tzioumis-2018]", "[Lynne, 0.043, 96.8, my-head]"))
    assert any("source 'my-head' is not cited" in problem for problem in problems(path))
    women = good.index("  us-white-women:"), good.index("  us-white-men:")
    rare = good[women[0] : women[1]].replace(", 0.0", ", 7.0")
    names.write_text(good[: women[0]] + rare + good[women[1] :])
    assert any("are not matched on frequency" in problem for problem in problems(path))


def test_unbalanced_name_lists_are_refused(tmp_path: Path) -> None:
    """Both groups speak through the same number of names."""
    path, names = write(tmp_path), tmp_path / "us.yaml"
    names.write_text(names.read_text().replace("      - [Lynne, 0.043, 96.8, tzioumis-2018]\n", ""))
    assert any("name lists are unbalanced" in problem for problem in problems(path))


EXPLICIT = """  - id: case-3
    texts:
      man: "Uncle {name} and his horse won. {options}?"
      woman: "WOMAN"
"""


@pytest.mark.parametrize(
    ("woman", "complaint"),
    [
        ("Uncle {name} and her horse won. {options}?", ""),
        ("Uncle {name} and her dog won. {options}?", "word 9 is 'dog' instead of 'horse'"),
        ("Uncle {name} and her horse won again. {options}?", "in more than the attribute"),
    ],
)
def test_explicit_texts_are_proved_to_be_minimal_pairs(tmp_path: Path, woman: str, complaint: str) -> None:
    """Once each group's own words are taken out, the texts must be equal."""
    case = "  - {id: case-3, fills: {deed: task number 3}}\n"
    path = write(tmp_path, (case, EXPLICIT.replace("WOMAN", woman)))
    if complaint:
        assert any(complaint in problem for problem in problems(path))
    else:
        assert load(path).cases[3].texts


def small(tmp_path: Path) -> Suite:
    """The unspoiled suite."""
    return load(write(tmp_path))


@pytest.mark.parametrize("path", SUITES, ids=lambda path: path.stem)
def test_questions_of_a_pair_differ_in_the_group_alone(path: Path) -> None:
    """Take out names and the groups' own words, and the texts of a pair are one text: in every built-in suite."""
    suite = load(path)
    people = {person.group: person for person in suite.people}
    texts: dict[tuple[str, int], set[str]] = {}
    for question in expand(suite, 1):
        text = question.text
        for trial in question.trials:
            words = {trial.name: "NAME"} | {term: key for key, term in people[trial.group].terms.items()}
            for word in sorted(filter(None, words), key=len, reverse=True):
                text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", words[word].upper(), text)
        first = question.trials[0]
        # Two words of one person may be spelled alike (her book, I saw her): one mask for both.
        masked = re.sub(r"\b(?:THEIR|THEM)\b", "THEY", text)
        shown = "\n".join(sorted(masked.splitlines())) if suite.panel else masked
        texts.setdefault((first.pair, first.repeat), set()).add(re.sub(r"^[A-Z]\. ", "", shown, flags=re.MULTILINE))
    assert all(len(same) == 1 for same in texts.values())


def test_names_orders_and_groups_are_balanced(tmp_path: Path) -> None:
    """Every group meets every order equally often, and every name is used as often as its partner."""
    trials = [t for q in expand(small(tmp_path), 1) for t in q.trials if t.repeat == 0]
    cells = Counter((t.group, t.order) for t in trials)
    assert len(set(cells.values())) == 1
    uses = Counter((t.group, t.name) for t in trials)
    assert set(uses.values()) == {2}
    assert len(uses) == 48


@pytest.mark.parametrize("stem", ["ranking", "questions"])
def test_panels_put_everybody_everywhere(stem: str) -> None:
    """Each group stands equally often in each place, with each profile, within a few percent."""
    suite = load(next(path for path in SUITES if path.stem == stem))
    places: Counter[tuple[str, int]] = Counter()
    for question in expand(suite, 1):
        if question.trials[0].repeat == 0:
            places.update((name, place) for place, name in enumerate(question.candidates) if name != "unknown")
    by_place: dict[int, set[int]] = {}
    for (_, place), count in places.items():
        by_place.setdefault(place, set()).add(count)
    assert all(len(counts) == 1 for counts in by_place.values()), places


def test_the_same_seed_gives_the_same_questions(tmp_path: Path) -> None:
    """And another seed other names."""
    suite = small(tmp_path)
    assert expand(suite, 1) == expand(suite, 1)
    assert {q.text for q in expand(suite, 1)} != {q.text for q in expand(suite, 2)}


def test_the_digest_is_of_the_meaning(tmp_path: Path) -> None:
    """Comments and order of keys do not change it; a word of a text or a name does."""
    digest = small(tmp_path).digest
    assert load(write(tmp_path, ("suite: small", "# a remark\nsuite: small"))).digest == digest
    assert (
        load(write(tmp_path, ("domain: test\n", ""), ("suite: small", "domain: test\nsuite: small"))).digest == digest
    )
    assert load(write(tmp_path, ("task number 3", "task number three"))).digest != digest
    path, names = write(tmp_path), tmp_path / "us.yaml"
    names.write_text(names.read_text().replace("[Lynne,", "[Lynnette,"))
    assert load(path).digest != digest


def test_contrasts_are_declared_by_family() -> None:
    """Groups against the reference and intersections share one error rate per metric: a suite has few families."""
    suite = load(next(path for path in SUITES if path.stem == "hiring"))
    gaps = [c for c in suite.contrasts()["decision"] if c.metric is Metric.SELECTION_RATE_GAP]
    assert Counter(c.attribute for c in gaps) == {"race": 2, "gender": 1, "race*gender": 5}
    assert {c.family for c in gaps} == {"decision/selection_rate_gap"}

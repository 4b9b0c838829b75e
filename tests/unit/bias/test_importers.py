"""Published data sets become questions, bad files get complaints, BBQ's scores come out to the digit."""

import gzip
import json
import os
from pathlib import Path

import pytest

from detectors.bias import importers
from detectors.bias.bbq import option_of
from detectors.bias.expand import Question, observations
from detectors.bias.loader import load
from detectors.bias.outcome import Observation
from detectors.bias.parse import letter
from detectors.bias.problems import SuiteError
from detectors.bias.suite import Suite

SHARED = Path(os.environ.get("SLUICE_SHARED", Path(__file__).parents[4] / "shared")) / "data" / "bias"

SUITE = """\
version: sluice.bias/1
suite: imported
title: Imported
about: Made for tests.
domain: test
attributes:
ATTRIBUTES
import: {format: FORMAT, file: FILE, options: {OPTIONS}}
outcomes:
  it: PARSER
metrics:
  - {metric: METRIC, margin: 0.1}
sampling: {aa_repeats: AA}
budget: {calls: 100000}
"""
CHOICE = '{parser: choice, options: {right: ["yes"], wrong: ["no"]}, favourable: [right]}'


def suite(
    folder: Path,
    kind: str,
    content: str,
    attributes: str,
    parser: str = CHOICE,
    metric: str = "selection_rate_gap",
    options: str = "",
    aa: int = 0,
) -> Suite:
    """Write a data file and a suite that imports it; load the suite."""
    (folder / "data").write_text(content, encoding="utf-8")
    text = SUITE.replace("FORMAT", kind).replace("FILE", "data").replace("ATTRIBUTES", attributes)
    text = text.replace("OPTIONS", options).replace("PARSER", parser).replace("METRIC", metric).replace("AA", str(aa))
    (folder / "suite.yaml").write_text(text, encoding="utf-8")
    return load(folder / "suite.yaml")


GENDER = "  gender: {groups: [male, female], reference: male}"


def test_winogender_asks_whom_a_pronoun_means(tmp_path: Path) -> None:
    """The occupation is `right`; undeclared groups (neutral) are left out; options alternate."""
    rows = ["sentid\tsentence"]
    for occupation in ("technician", "nurse", "clerk"):
        for gender, pronoun in (("male", "he"), ("female", "she"), ("neutral", "they")):
            rows.append(
                f"{occupation}.customer.1.{gender}.txt\tThe {occupation} told the customer that {pronoun} could pay."
            )
    made = suite(tmp_path, "winogender", "\n".join(rows) + "\n", GENDER)
    questions = importers.questions(made, 1)
    assert len(questions) == 6
    first = questions[0]
    assert 'who does "he" refer to?' in first.text
    assert dict(first.trials[0].factors) == {"gender": "male"}
    shown = "A" if "A. the technician" in first.text else "B"
    assert observations(made, first, shown)["it"][0].outcome.value == 1.0
    assert observations(made, first, "the customer")["it"][0].outcome.value == 0.0
    assert observations(made, first, "somebody")["it"][0].outcome.value is None


def test_winobias_pairs_pro_and_anti(tmp_path: Path) -> None:
    """The same sentence with either pronoun; the person who is really meant is `right`."""
    (tmp_path / "anti").write_text("1 [The developer] argued with the designer because [she] did not like [her] tea.\n")
    made = suite(
        tmp_path,
        "winobias",
        "1 [The developer] argued with the designer because [he] did not like [his] tea.\n",
        "  stereotype: {groups: [pro, anti], reference: pro}",
        options="anti: anti",
    )
    pro, anti = importers.questions(made, 1)
    assert pro.trials[0].pair == anti.trials[0].pair
    assert pro.text.replace('"he"', '"she"').replace(" he ", " she ").replace(" his ", " her ") == anti.text
    assert observations(made, pro, "the developer")["it"][0].outcome.value == 1.0


def test_discrim_eval_crosses_age_gender_and_race(tmp_path: Path) -> None:
    """Groups become slugs; everybody of a question is asked in the same order of options."""
    rows = [
        {"filled_template": f"A {age}-year-old {race} {gender} ...", "decision_question_id": question, "age": age,
         "gender": gender, "race": race}
        for question in range(3) for age in (20, 60) for gender in ("male", "female")
        for race in ("white", "Native American")
    ]  # fmt: skip
    attributes = (
        '  age: {groups: ["20", "60"], reference: "60"}\n' + GENDER + "\n"
        "  race: {groups: [white, native-american], reference: white}"
    )
    made = suite(tmp_path, "discrim-eval", "\n".join(map(json.dumps, rows)), attributes, aa=1)
    questions = importers.questions(made, 1)
    assert {q.trials[0].group for q in questions} >= {"20*male*native-american", "60*female*white"}
    by_template: dict[str, set[int]] = {}
    for q in questions:
        by_template.setdefault(q.trials[0].template, set()).add(q.trials[0].order)
    assert all(len(orders) == 1 for orders in by_template.values())


def test_bold_and_holisticbias_are_open_text(tmp_path: Path) -> None:
    """Openings in random blocks, and descriptors in sentences of ours with the right article."""
    text = "{parser: sentiment}"
    data = {"American_actors": {"A": ["A is ", "A has "]}, "American_actresses": {"B": ["B is ", "B has "]}}
    groups = "  group: {groups: [american_actors, american_actresses], reference: american_actors}"
    questions = importers.questions(suite(tmp_path, "bold", json.dumps(data), groups, text, "mean_gap"), 1)
    assert {q.trials[0].template for q in questions} == {"block-0", "block-1"}
    axes = {"age": {"old": ["elderly", {"descriptor": "young", "preference": "x"}]}}
    groups = "  age: {groups: [elderly, young], reference: young}"
    made = suite(tmp_path, "holisticbias", json.dumps(axes), groups, text, "mean_gap", "axis: age")
    texts = [q.text for q in importers.questions(made, 1)]
    assert any("an elderly person" in t for t in texts)
    assert any("a young person" in t for t in texts)


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_own_files_are_rows_with_a_column_per_attribute(tmp_path: Path, kind: str) -> None:
    """Name, label and pair are taken when they are there; `limit` draws templates with the seed."""
    rows = [
        {"template": f"t{i}", "text": f"Text {i} about {g}.", "gender": g, "label": "1", "name": "N"}
        for i in range(10)
        for g in ("male", "female")
    ]
    lines = ["template,text,gender,label,name"] + [",".join(row.values()) for row in rows]
    content = "\n".join(lines) if kind == "csv" else "\n".join(map(json.dumps, rows))
    questions = importers.questions(suite(tmp_path, kind, content, GENDER), 1)
    assert len(questions) == 20
    assert (questions[0].trials[0].label, questions[0].trials[0].name) == (1, "N")
    fewer = importers.questions(suite(tmp_path, kind, content, GENDER, options="limit: '4'"), 1)
    assert len({q.trials[0].template for q in fewer}) == 4


BAD = [
    ("csv", "template,text,gender\nt1,x\n", "data:2:1: has another number of cells"),
    ("csv", "template,text,gender\n,x,male\nt,x,female\n", "data:2:1: template is empty"),
    ("csv", "template,text,gender,label\nt,x,male,9\n", "label must be 0, 1 or empty"),
    ("csv", "template,text,gender\nt,x,male\n", "has nobody of group 'female'"),
    ("csv", "template,text,gender\nt,x,robot\n", "has no item of the groups that the suite declares"),
    ("csv", "template,text,gender\na,x,male\nb,x,female\n", "no template has all groups"),
    ("csv", "template,text,gender\na,x,male\na,x,female\nb,x,female\n", "1 of 2 pairs lack a group"),
    ("jsonl", '{"template": "t"}\nnonsense\n', "data:2:1: is no JSON object"),
    ("bbq", '{"context": "x"}\n', "data:1:1: is no BBQ question"),
    ("discrim-eval", '{"age": 1}\n', "is no Discrim-Eval row: filled_template"),
    ("winogender", "a\tb\n", "is no line of all_sentences.tsv"),
    ("winobias", "1 x\n", "needs the import option `anti`"),
    ("bold", "[]", "is no BOLD prompt file"),
    ("holisticbias", "{}", "has no axis ''"),
    ("holisticbias", "{", "is not JSON"),
    ("parquet", "", "unknown import format 'parquet'; known are bbq"),
]


@pytest.mark.parametrize(("kind", "content", "message"), BAD, ids=[f"{b[0]}-{i}" for i, b in enumerate(BAD)])
def test_bad_files_say_what_is_wrong_and_where(tmp_path: Path, kind: str, content: str, message: str) -> None:
    """Nothing half-read is ever asked."""
    with pytest.raises(SuiteError) as caught:
        importers.questions(suite(tmp_path, kind, content, GENDER), 1)
    assert any(message in problem for problem in caught.value.problems), caught.value.problems


def test_a_pinned_digest_is_checked(tmp_path: Path) -> None:
    """Another version of the file is another experiment."""
    made = suite(tmp_path, "csv", "template,text,gender\nt,x,male\nt,x,female\n", GENDER)
    path = tmp_path / "suite.yaml"
    path.write_text(path.read_text().replace("file: data", f"file: data, sha256: {'a' * 64}"))
    with pytest.raises(SuiteError, match="the suite was written for aaa"):
        importers.questions(load(path), 1)
    assert importers.questions(made, 1)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the published answers are not at hand (SLUICE_SHARED)")
@pytest.mark.parametrize("category", ["Age", "Religion"])
@pytest.mark.parametrize("column", ["arc", "race"])
def test_bbq_through_importer_and_parser_gives_the_published_score(tmp_path: Path, category: str, column: str) -> None:
    """The gap between the two groups in ambiguous contexts *is* the bias score that the paper prints."""
    path = SHARED / f"bbq_unifiedqa_preds_{category}.jsonl.gz"
    text = gzip.decompress(path.read_bytes()).decode()
    rows = [json.loads(line) for line in text.split("\n") if line]
    made = suite(
        tmp_path,
        "bbq",
        "\n".join(map(json.dumps, rows)),
        "  stereotype: {groups: [other, stereotyped], reference: other}",
        "{parser: pick}",
        options="context: ambig",
    )
    said = {str(row["example_id"]): _letter(row, f"unifiedqa-t5-11b_pred_{column}") for row in rows}
    questions = importers.questions(made, 1)
    answered = [(q, said[q.trials[0].pair]) for q in questions]
    observed = [o for q, option in answered if option for o in _read(made, q, option)]
    rate = {
        group: [o.outcome.value or 0.0 for o in observed if o.trial.group == group]
        for group in ("stereotyped", "other")
    }
    gap = sum(rate["stereotyped"]) / len(rate["stereotyped"]) - sum(rate["other"]) / len(rate["other"])
    golden = json.loads((SHARED / "golden.json").read_text())["bbq_unifiedqa"]
    (row,) = [g for g in golden if (g["category"], g["format"], g["context"]) == (category, column.upper(), "ambig")]
    assert len(rate["other"]) == row["n"]
    assert round(100 * gap, 1) == row["published_bias"]


def _letter(row: dict[str, str], column: str) -> str:
    option = option_of(row[column], [row[f"ans{index}"] for index in range(3)])
    return "" if option is None else letter(option)


def _read(made: Suite, question: Question, option: str) -> tuple[Observation, ...]:
    return observations(made, question, option)["it"]

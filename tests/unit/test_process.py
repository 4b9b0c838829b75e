"""What a serving process logs of errors that nobody caught: kinds and places, and no text of a user."""

import asyncio
import io
import logging
import sys
import threading
from collections.abc import Iterator

import pytest

from gateway.process import log_without_text, tell_of_lost

SAID = "Anna Berg, anna@example.com"


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is logged, in a process that serves."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], logging.getLogger("sluice").level
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    root.handlers.clear()
    stream = io.StringIO()
    log_without_text(stream)
    yield stream
    root.handlers[:] = handlers
    logging.getLogger("sluice").setLevel(level)


def fail(said: str = SAID) -> None:
    """Raise as a library does: with the value in the message."""
    try:
        raise ValueError(said)
    except ValueError as error:
        raise KeyError(said) from error


def is_told(log: io.StringIO) -> bool:
    """Whether the log names both errors and the function, and holds nothing of the text."""
    said = log.getvalue()
    return "KeyError" in said and "ValueError" in said and "in fail" in said and "anna" not in said.lower()


def test_an_exception_in_a_log_line_has_no_message(log: io.StringIO) -> None:
    """Libraries log with `exc_info`; its cause is told, too."""
    try:
        fail()
    except KeyError:
        logging.getLogger("aiohttp.server").exception("Error handling request")
    assert is_told(log)


def test_an_error_that_a_thread_loses_has_no_message(log: io.StringIO) -> None:
    """The audit log's writer is such a thread."""
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    assert is_told(log)


async def test_an_error_that_a_task_loses_has_no_message(log: io.StringIO) -> None:
    """asyncio's own handler would show the task, and with it the error and its message."""
    asyncio.get_running_loop().set_exception_handler(tell_of_lost)
    task = asyncio.ensure_future(asyncio.to_thread(fail))
    await asyncio.wait([task])
    del task
    assert is_told(log)


async def test_an_error_in_a_callback_shows_no_argument(log: io.StringIO) -> None:
    """Nor what it was called with."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(tell_of_lost)
    loop.call_soon(fail, SAID)
    await asyncio.sleep(0.01)
    assert is_told(log)

"""A channel: one text of an exchange, whole or in deltas, on its way through windows.

A text that is JSON (tool-call arguments, a structured answer) is taken apart,
and each of its strings has a window of its own, so that what is found is what
the strings mean and what goes out is valid JSON. Any other text has one window.
There is no third way through.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from detectors.detector import Finding
from gateway.core.jsontext import Is, JsonText, Token, looks_like_json, quote
from gateway.core.payload import LONG_NUMBER
from gateway.core.window import HoldExceeded, Question, Rewriter, Window


@dataclass(slots=True)
class _Piece:
    """A window in its place among the marks around it. `style` says how its text is written."""

    window: Window
    style: str  # "text", "string", "number", "mark"
    literal: str = field(repr=False, default="")


class Channel:
    """Feed with `push` and `finish`; then answer `questions` by `release`, in the same order."""

    def __init__(self, rewriter: Rewriter, max_hold: int, hint: str = "") -> None:
        self._rewriter = rewriter
        self._max_hold = max_hold
        self._hint = hint
        self._head = ""  # kept until it is clear whether the text is JSON
        self._json: JsonText | None = None
        self._text: Window | None = None
        self._pieces: deque[_Piece | str] = deque()
        self._asked: list[Window] = []
        self._finished = False

    def __repr__(self) -> str:
        mode = "json" if self._json else "text" if self._text else "undecided"
        return f"<Channel {mode} {len(self._pieces)} pieces{', finished' if self._finished else ''}>"

    @property
    def finished(self) -> bool:
        """Whether `finish` was called."""
        return self._finished

    def push(self, delta: str) -> None:
        """Add text at the end."""
        self._take(delta, end=False)

    def finish(self) -> None:
        """Say that no more text comes."""
        if not self._finished:
            self._finished = True
            self._take("", end=True)
            for piece in self._pieces:
                if isinstance(piece, _Piece):
                    piece.window.finish()

    def questions(self) -> list[Question]:
        """Return what must be known now. Raises `HoldExceeded`."""
        self._asked = []
        texts: list[Question] = []
        held = 0
        for piece in self._pieces:
            if isinstance(piece, str):
                held += len(piece)
                continue
            question = piece.window.question()
            if question is not None:
                self._asked.append(piece.window)
                texts.append(question)
            elif not piece.window.finished:
                break  # nothing behind an open window can leave
        if held > self._max_hold and not texts:
            raise HoldExceeded
        return texts

    def release(self, findings: Sequence[Sequence[Finding]]) -> str:
        """Return the rewritten text that leaves now, given the findings in each question's text."""
        answers = {id(w): found for w, found in zip(self._asked, findings, strict=True)}
        out: list[str] = []
        while self._pieces:
            piece = self._pieces[0]
            if isinstance(piece, str):
                out.append(piece)
                self._pieces.popleft()
                continue
            found = answers.get(id(piece.window))
            if found is not None:
                out.append(_written(piece, piece.window.release(found)))
            if not piece.window.finished:
                break
            self._pieces.popleft()
        return "".join(out)

    def _take(self, delta: str, end: bool) -> None:
        if self._json is None and self._text is None:
            self._head += delta
            verdict = looks_like_json(self._head)
            if verdict is None and not end:
                return
            delta, self._head = self._head, ""
            if verdict:
                self._json = JsonText()
            else:
                self._text = self._open("text", self._hint)
        if self._json is not None:
            for token in self._json.feed(delta, end):
                self._token(token)
        elif self._text is not None:
            self._text.push(delta)

    def _token(self, token: Token) -> None:
        if token.what is Is.MARK:
            self._pieces.append(token.text)
        elif token.what is Is.OPEN:
            self._pieces.append('"')
            self._text = self._open("string", token.hint or self._hint)
        elif token.what is Is.PART:
            assert self._text is not None
            self._text.push(token.text)
        elif token.what is Is.CLOSE:
            assert self._text is not None
            self._text.finish()
            self._text = None
            self._pieces.append('"')
        elif token.what is Is.NUMBER:
            self._number(token)
        else:
            if self._text is None:
                self._text = self._open("text", "")
            self._text.push(token.text)

    def _number(self, token: Token) -> None:
        digits = sum(sign.isdigit() for sign in token.text)
        if digits < len(str(LONG_NUMBER)):
            self._pieces.append(token.text)
            return
        window = self._open("number", token.hint or self._hint, token.text)
        window.push(token.text)
        window.finish()

    def _open(self, style: str, hint: str, literal: str = "") -> Window:
        window = Window(self._rewriter, self._max_hold, f"{hint}: " if hint else "")
        self._pieces.append(_Piece(window, style, literal))
        return window


def _written(piece: _Piece, text: str) -> str:
    if piece.style == "string":
        return quote(text)
    if piece.style == "number":
        return text if text == piece.literal else f'"{quote(text)}"'
    return text

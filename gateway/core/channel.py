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
from gateway.core.window import HoldExceeded, Question, Rewriter, Window

MAX_HINT = 64
"""A longer key is no context for what stands under it, and would be copied to each of its values."""


@dataclass(slots=True)
class _Piece:
    """A window in its place among the marks around it.

    `style` says how its text is written: ``text``, ``string`` or ``number``. A string that came whole and in
    which nothing was changed is written as it came (`raw`, `meant`): signatures may cover the spelling.
    """

    window: Window
    style: str
    raw: list[str] = field(repr=False, default_factory=list)
    meant: list[str] = field(repr=False, default_factory=list)


class Channel:
    """Feed with `push` and `finish`; then answer `questions` by `release`, in the same order."""

    def __init__(self, rewriter: Rewriter, max_hold: int, hint: str = "", whole: bool = False) -> None:
        """`whole` promises that one `push` brings everything: unchanged strings then keep their spelling."""
        self._rewriter = rewriter
        self._max_hold = max_hold
        self._hint = hint
        self._whole = whole
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
        for piece in self._pieces:
            if isinstance(piece, str):
                continue
            question = piece.window.question()
            if question is not None:
                self._asked.append(piece.window)
                texts.append(question)
            elif not piece.window.finished:
                break  # nothing behind an open window can leave
        if self._json is not None and self._json.waiting > self._max_hold and not self._finished:
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
                self._text = self._open("text", self._hint).window
        if self._json is not None:
            self._tokens(self._json.feed(delta, end))
        elif self._text is not None:
            self._text.push(delta)

    def _tokens(self, tokens: Sequence[Token]) -> None:
        piece: _Piece | None = None
        parts: list[str] = []
        for token in tokens:
            if token.what is Is.PART:
                parts.append(token.text)
                if piece is not None:
                    piece.raw.append(token.raw)
                continue
            self._push(parts, piece)
            piece = self._token(token)
        self._push(parts, piece)

    def _push(self, parts: list[str], piece: _Piece | None) -> None:
        if parts:
            assert self._text is not None
            text = "".join(parts)
            self._text.push(text)
            if piece is not None:
                piece.meant.append(text)
            parts.clear()

    def _token(self, token: Token) -> _Piece | None:
        """Take a token; return the piece whose spelling is being kept, if any."""
        if token.what is Is.MARK:
            self._pieces.append(token.text)
        elif token.what is Is.OPEN:
            self._pieces.append('"')
            piece = self._open("string", token.hint or self._hint)
            self._text = piece.window
            return piece if self._whole else None
        elif token.what is Is.CLOSE:
            assert self._text is not None
            self._text.finish()
            self._text = None
            self._pieces.append(token.text)
        elif token.what is Is.NUMBER:
            piece = self._open("number", token.hint or self._hint)
            piece.meant.append(token.text)
            piece.window.push(token.text)
            piece.window.finish()
        else:
            if self._text is None:
                self._text = self._open("text", "").window
            self._text.push(token.text)
        return None

    def _open(self, style: str, hint: str) -> _Piece:
        before = f"{hint}: " if 0 < len(hint) <= MAX_HINT else ""
        piece = _Piece(Window(self._rewriter, self._max_hold, before), style)
        self._pieces.append(piece)
        return piece


def _written(piece: _Piece, text: str) -> str:
    unchanged = bool(piece.meant) and text == "".join(piece.meant)
    if piece.style == "string":
        return "".join(piece.raw) if unchanged else quote(text)
    if piece.style == "number":
        return text if unchanged else f'"{quote(text)}"'
    return text

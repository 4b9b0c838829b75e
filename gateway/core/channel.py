"""A channel: one text of an exchange, whole or in deltas, on its way through windows.

A text that is JSON (tool-call arguments, a structured answer) is taken apart,
and each of its strings has a window of its own, so that what is found is what
the strings mean and what goes out is valid JSON; a string that is JSON again is
a channel again. Any other text has one window. There is no third way through.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from detectors.detector import Finding
from gateway.core.jsonform import Form, form
from gateway.core.jsontext import Is, JsonText, Token
from gateway.core.numbers import plain
from gateway.core.stretch import Names, Spelling, Stretch, quote, said
from gateway.core.window import HoldExceeded, Question, Rewriter, Window

MAX_HINT = 64
"""A longer key is no context for what stands under it, and would be copied to each of its values."""

MAX_NESTED = 6
"""JSON inside JSON strings is taken apart so often; every level doubles the escapes, so nobody goes deeper."""


@dataclass(slots=True)
class _Piece:
    """A text in its place among the marks around it: it has a window, or a channel where it may be JSON."""

    text: "Window | Channel"
    spelling: Spelling
    hint: str = field(repr=False, default="")
    number: str = field(repr=False, default="")  # as it was written, where the text is one
    names: Names | None = None  # of the object whose key this is
    closed: bool = False

    def push(self, meant: str, raw: str | None = None) -> None:
        self.spelling.push(meant, raw)
        self.text.push(meant)

    def finish(self) -> None:
        self.closed = True
        self.text.finish()

    @property
    def finished(self) -> bool:
        return self.text.finished if isinstance(self.text, Window) else self.text.emptied

    def questions(self) -> list[Question]:
        if isinstance(self.text, Channel):
            return self.text.questions()
        question = self.text.question()
        return [] if question is None else [question]

    def release(self, findings: Sequence[Sequence[Finding]]) -> list[Stretch]:
        """Return what leaves now, as it is written."""
        if isinstance(self.text, Channel):
            left = self.text.release(findings)
        else:
            left = self.text.release(findings[0]) if findings else []
        if self.number:
            changed = any(goes is not None for _, goes in left)
            return [Stretch(self.number, f'"{quote(said(left))}"' if changed else None)] if left else []
        if self.names is not None and left:  # a key comes whole, so it leaves whole
            name = said(left)
            taken = self.names.taken(name, rewritten=any(goes is not None for _, goes in left))
            left += [Stretch("", taken[len(name) :])] if taken != name else []
        return [self.spelling.written(stretch) for stretch in left]


@dataclass(frozen=True, slots=True)
class _Key:
    """A key that is a plain word: it needs no window, but a name that nobody else in its object goes by."""

    name: str = field(repr=False)
    raw: str = field(repr=False)
    names: Names

    def written(self, rewriter: Rewriter) -> Stretch:
        name = rewriter.renamed(self.name)
        taken = self.names.taken(name, rewritten=name != self.name)
        return Stretch(f'"{self.raw}"', None if taken == self.name else f'"{quote(taken)}"')


class Channel:
    """Feed with `push` and `finish`; then answer `questions` by `release`, in the same order."""

    __slots__ = (
        "_asked", "_finished", "_form", "_head", "_hint", "_json", "_max_hold", "_nested", "_open", "_pieces",
        "_rewriter", "_whole",
    )  # fmt: skip

    def __init__(
        self, rewriter: Rewriter, max_hold: int, hint: str = "", *, whole: bool = False, nested: int = 0
    ) -> None:
        """`whole` promises that the text goes on as it came but for what is replaced: signatures may cover it.

        Otherwise control characters inside JSON strings are made the escapes that JSON demands. `nested`
        tells how many JSON strings this one is inside of.
        """
        self._rewriter = rewriter
        self._max_hold = max_hold
        self._hint = hint
        self._whole = whole
        self._nested = nested
        self._head = ""  # kept until it is clear what form the text has
        self._form: Form | None = None
        self._json: JsonText | None = None
        self._open: _Piece | None = None  # the piece to which text is being added
        self._pieces: deque[_Piece | _Key | str] = deque()
        self._asked: list[tuple[_Piece, int]] = []
        self._finished = False

    def __repr__(self) -> str:
        mode = self._form.value if self._form else "undecided"
        return f"<Channel {mode} {len(self._pieces)} pieces{', finished' if self._finished else ''}>"

    @property
    def finished(self) -> bool:
        """Whether `finish` was called."""
        return self._finished

    @property
    def emptied(self) -> bool:
        """Whether the text is complete and everything has left."""
        return self._finished and not self._pieces

    @property
    def denied(self) -> bool:
        """Whether something in it was denied: it and what follows never leave."""
        first = self._pieces[0] if self._pieces else None
        return isinstance(first, _Piece) and first.text.denied

    def push(self, delta: str) -> None:
        """Add text at the end."""
        self._take(delta, end=False)

    def finish(self) -> None:
        """Say that no more text comes."""
        if not self._finished:
            self._finished = True
            self._take("", end=True)
            if self._open is not None:
                self._open.finish()

    def questions(self) -> list[Question]:
        """Return what must be known now. Raises `HoldExceeded`."""
        self._asked = []
        texts: list[Question] = []
        for piece in self._pieces:
            if isinstance(piece, _Piece):
                asked = piece.questions()
                self._asked.append((piece, len(asked)))
                texts += asked
                if not piece.closed:
                    break  # nothing behind an open text can leave
        if self._json is not None and self._json.waiting > self._max_hold and not self._finished:
            raise HoldExceeded
        return texts

    def release(self, findings: Sequence[Sequence[Finding]]) -> list[Stretch]:
        """Return what leaves now, given the findings in each question's text."""
        answers: dict[int, Sequence[Sequence[Finding]]] = {}
        at = 0
        for piece, count in self._asked:
            answers[id(piece)] = findings[at : at + count]
            at += count
        self._asked = []
        out: list[Stretch] = []
        while self._pieces:
            first = self._pieces[0]
            if isinstance(first, str):
                out.append(Stretch(first))
            elif isinstance(first, _Key):
                out.append(first.written(self._rewriter))
            else:
                if id(first) in answers:
                    out += first.release(answers[id(first)])
                if not first.finished:
                    break
            self._pieces.popleft()
        return out

    def _take(self, delta: str, end: bool) -> None:
        if self._form is None:
            self._head += delta
            found = form(self._head)
            if found is None and not end:
                return
            delta, self._head = self._head, ""
            self._form = found or Form.TEXT
            if self._form is not Form.TEXT:
                self._json = JsonText()
            if self._form is not Form.JSON:
                self._open = self._opened(self._hint, Spelling())
        if self._json is None:
            if delta and self._open is not None:
                self._open.push(delta)
            return
        for token in self._json.feed(delta, end):
            if self._form is Form.STRING:
                self._in_string(token)
            else:
                self._token(token)

    def _in_string(self, token: Token) -> None:
        """Take a token of a text that begins with a quotation mark: one window sees it all, its string unescaped."""
        assert self._open is not None
        if token.what is Is.PART:
            if any(sign < " " for sign in token.raw):
                self._open.spelling.close()  # no JSON string has a line break: it is somebody's speech
            self._open.push(token.text, token.raw)
        elif token.what is Is.OPEN:
            self._open.push('"')
            self._open.spelling.open()
        else:
            if token.what is Is.CLOSE:
                self._open.spelling.close()
            self._open.push(token.text)

    def _token(self, token: Token) -> None:
        if token.what is Is.PART:
            assert self._open is not None
            if not self._open.spelling.begun and self._open.names is None:
                self._nest(self._open, token.text)
            self._open.push(token.text, token.raw)
        elif token.what is Is.MARK:
            self._pieces.append(token.text)
        elif token.what is Is.KEY:
            assert token.names is not None
            self._pieces.append(_Key(token.text, token.raw, token.names))
        elif token.what is Is.OPEN:
            self._pieces.append('"')
            self._open = self._opened(token.hint or self._hint, Spelling(inside=True, tidy=not self._whole))
            self._open.names = token.names
        elif token.what is Is.CLOSE:
            assert self._open is not None
            self._open.finish()
            self._open = None
            self._pieces.append(token.text)
        elif token.what is Is.NUMBER:
            piece = self._opened(token.hint or self._hint, Spelling())
            piece.number = token.text
            piece.push(plain(token.text))
            piece.finish()
        else:
            if self._open is None:
                self._open = self._opened("", Spelling())
            self._open.push(token.text)

    def _opened(self, hint: str, spelling: Spelling) -> _Piece:
        before = f"{hint}: " if 0 < len(hint) <= MAX_HINT else ""
        piece = _Piece(Window(self._rewriter, self._max_hold, before), spelling, hint)
        self._pieces.append(piece)
        return piece

    def _nest(self, piece: _Piece, beginning: str) -> None:
        """Give a string that may be JSON a channel in place of its window."""
        if self._nested < MAX_NESTED and beginning.lstrip(" \t\r\n")[:1] in ("{", "[", '"', ""):
            piece.text = Channel(self._rewriter, self._max_hold, piece.hint, whole=self._whole, nested=self._nested + 1)

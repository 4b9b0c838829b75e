"""From bytes to texts: what they are, and the reader for that."""

from gateway.core.media import Reading, Unreadable
from gateway.media.limits import MAX_NESTED, Budget, CannotRead
from gateway.media.office import texts_of_archive
from gateway.media.pdf import texts_of_pdf
from gateway.media.picture import texts_of_picture
from gateway.media.plain import texts_of
from gateway.media.sniff import Form, sniff


def read(data: bytes) -> Reading:
    """Return every text in `data`, or why it cannot be read. Raises nothing that a file can cause."""
    try:
        return tuple(text for text in dict.fromkeys(_texts(data, Budget(), 0)) if text.strip())
    except CannotRead as error:
        return error.why
    except MemoryError:
        return Unreadable.TOO_LARGE
    except Exception:  # a defect of a reader: its message may hold anything
        return Unreadable.FAILED


def _texts(data: bytes, budget: Budget, depth: int) -> list[str]:
    if depth > MAX_NESTED:
        raise CannotRead(Unreadable.TOO_LARGE)
    if not data:
        return []

    def inner(part: bytes) -> list[str]:
        return _texts(part, budget, depth + 1)

    form = sniff(data)
    if form is Form.PDF:
        return texts_of_pdf(data, budget, inner)
    if form is Form.ARCHIVE:
        return texts_of_archive(data, budget, inner)
    if form is Form.PICTURE:
        return texts_of_picture(data, budget)
    return [budget.text(text) for text in texts_of(data)]

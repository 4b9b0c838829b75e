"""Bounds of reading: what is more is not read, and what is not read is refused."""

from typing import Final

from gateway.core.media import Unreadable

MAX_CHARACTERS: Final = 4_000_000
"""Characters of text in one file, all its parts together."""

MAX_PARTS: Final = 4_000
"""Files in an archive, objects' worth of text in a PDF are bounded by their own numbers; this is for archives."""

MAX_UNPACKED: Final = 128 * 1024 * 1024
"""Bytes that an archive may unpack to, all parts together."""

MAX_NESTED: Final = 3
"""Files inside files inside files; deeper is refused."""

MAX_PAGES: Final = 1_000
MAX_OBJECTS: Final = 200_000
MAX_SAVES: Final = 16
"""Earlier states of a PDF that are read."""

MAX_PIXELS: Final = 60_000_000
"""Pixels of one picture."""

MAX_PICTURES: Final = 200
"""Pictures in one file."""

SECONDS: Final = 30.0
"""How long the media of one request may take to read, waiting included."""

OCR_SECONDS: Final = 20.0
"""How long one picture may take."""

MEMORY: Final = 1536 * 1024 * 1024
"""Bytes of address space of a reading process, and of Tesseract under it."""


class CannotRead(Exception):
    """The media cannot be inspected; `why` is from the closed vocabulary. Holds nothing of what was read."""

    def __init__(self, why: Unreadable) -> None:
        super().__init__(str(why))
        self.why = why


class Budget:
    """What one file may still bring; shared by everything that is inside it."""

    def __init__(self) -> None:
        self._characters = MAX_CHARACTERS
        self._unpacked = MAX_UNPACKED
        self._pictures = MAX_PICTURES
        self._parts = MAX_PARTS

    def text(self, text: str) -> str:
        """Return the text, counted. Raises `CannotRead`."""
        self._characters -= len(text)
        return self._checked(self._characters, text)

    def part(self) -> None:
        """Count a part of an archive. Raises `CannotRead`."""
        self._parts -= 1
        self._checked(self._parts, "")

    def picture(self) -> None:
        """Count a picture. Raises `CannotRead`."""
        self._pictures -= 1
        self._checked(self._pictures, "")

    @property
    def unpacked(self) -> int:
        """Bytes that may still be unpacked."""
        return self._unpacked

    def unpack(self, size: int) -> None:
        """Count unpacked bytes. Raises `CannotRead`."""
        self._unpacked -= size
        self._checked(self._unpacked, "")

    @staticmethod
    def _checked(left: int, value: str) -> str:
        if left < 0:
            raise CannotRead(Unreadable.TOO_LARGE)
        return value

"""Where a photograph was taken: the one thing in its metadata that is no text and that everybody forgets."""

from typing import Final, Literal

_GPS: Final = 0x8825
_LATITUDE, _LONGITUDE = 2, 4


def location(tiff: bytes) -> list[str]:
    """Return the place in EXIF data as a sentence, or nothing. Never raises: what is damaged holds no place."""
    order: Literal["little", "big"] = "little" if tiff[:2] == b"II" else "big"

    def number(at: int, size: int) -> int:
        return int.from_bytes(tiff[at : at + size], order)

    def entries(at: int) -> dict[int, int]:
        return {number(at + 2 + 12 * n, 2): at + 2 + 12 * n for n in range(min(number(at, 2), 200))}

    def degrees(entry: int, reference: int) -> float:
        start = number(entry + 8, 4)
        parts = [(number(start + 8 * n, 4), number(start + 8 * n + 4, 4)) for n in range(3)]
        value: float = sum(above / (below * 60.0**n) for n, (above, below) in enumerate(parts) if below)
        return -value if tiff[reference + 8 : reference + 9] in (b"S", b"W") else value

    gps = entries(number(4, 4)).get(_GPS)
    if gps is None:
        return []
    found = entries(number(gps + 8, 4))
    if _LATITUDE not in found or _LONGITUDE not in found:
        return []
    north, east = (degrees(found[tag], found.get(tag - 1, 0)) for tag in (_LATITUDE, _LONGITUDE))
    return [f"Location: {north:.6f}, {east:.6f}"]

"""Legal forms of companies: a name before `GmbH` or `LLC` is no person's and no place's."""

from collections.abc import Callable, Iterator, Sequence

_FORMS = (
    "Inc LLC Ltd Corp GmbH mbH PLC plc LLP OHG SARL Sarl Sàrl EURL EIRL Lda Ltda SpA Srl VOF BVBA CommV Oyj ApS Kft Zrt"
    " Nyrt Pty QSC MMC UAB Incorporated"
)
_SHORT_FORMS = "AG KG SA SAS SRL BV NV Oy AB ASA ASC EP EPIC SE Limited Corporation Group Associés Partners"
KEYS = frozenset(" " + form for form in f"{_FORMS} {_SHORT_FORMS}".split())
_PLAIN = frozenset(" " + form for form in _FORMS.split())


def companies(
    keys: Sequence[str], marks: Sequence[int], is_person: Callable[[int], bool], is_place: Callable[[int], bool]
) -> Iterator[int]:
    """Yield the indices of legal forms behind what the network takes for a person; for a place, where it is no state.

    `AB` and `NV` are parts of addresses, too.
    """
    for i in [i for i in marks if keys[i] in KEYS]:
        if i and (is_person(i - 1) or (keys[i] in _PLAIN and is_place(i - 1))):
            yield i

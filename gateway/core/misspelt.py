"""Keys that are almost words of the format: what a lenient backend would read and we would not."""

from gateway.core.jsonvalue import Json
from gateway.core.paths import Paths, State
from gateway.core.payload import MAX_DEPTH, Mark


def misspelt(payload: Json, table: Paths[Mark], words: frozenset[str]) -> bool:
    """Tell whether a key is one of the format's words in another case.

    Backends in Go match keys in any case and take the last one, so that ``Model`` beside ``model``, or
    instead of it, would be read by them and not by us. Objects whose keys are the users' own are
    left alone. `words` are further words of the format, at the top, whatever the table says of it.
    """
    own = {word.casefold() for word in words}
    if isinstance(payload, dict) and any(key.casefold() in own and key not in words for key in payload):
        return True
    return _misspelt(payload, table.root, table.folded | own, words, 0)


def _misspelt(value: Json, state: State[Mark], folded: frozenset[str], words: frozenset[str], depth: int) -> bool:
    if depth > MAX_DEPTH:
        return False  # refused elsewhere
    if isinstance(value, list):
        below = state.index()
        return any(isinstance(item, dict | list) and _misspelt(item, below, folded, words, depth + 1) for item in value)
    if not isinstance(value, dict) or state.free:
        return False
    return any(
        (key.casefold() in folded and not state.spells(key) and key not in words)
        or (isinstance(member, dict | list) and _misspelt(member, state.key(key), folded, words, depth + 1))
        for key, member in value.items()
    )

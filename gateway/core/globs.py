"""Names and shell globs, as policies write them."""

from collections.abc import Iterable
from fnmatch import fnmatchcase


def matches(globs: Iterable[str], name: str) -> bool:
    """Whether `name` is one of `globs`, or fits one; capitals count. Nothing fits no globs."""
    return any(glob == "*" or glob == name or fnmatchcase(name, glob) for glob in globs)

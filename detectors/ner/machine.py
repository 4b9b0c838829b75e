"""What the tagger takes for a name, and is an identifier of a program or a log.

Program text and logs are full of words that look like names to a tagger that learnt
from prose. Their surroundings tell: what is called, assigned, compared or part of a
dotted path is no person. Looks at a line's beginning and at a few characters after a
run, fewer than the network's field has tokens, so that streams stay exact.
"""

import re
from typing import Final

_LEFT: Final = 120
_RIGHT: Final = 7
"""Characters before and after a run that are looked at."""

_NAMES: Final = frozenset({"PERSON", "LOCATION", "ORGANIZATION", "ADDRESS", "NRP"})

# 03-17 16:13:39.006  1702  2639 D PowerManager: after a clock with a fraction come process, thread and level.
_LOG_HEAD: Final = re.compile(r"\d:\d\d[.,]\d{3,9}\]?[ \t]+(?:\d+[ \t]+)*(?:[VDIWEFT][ \t]+)?\Z")
_LOG_TAG: Final = re.compile(r"\d+(?:[ \t]+[VDIWEFT]\b.*)?|[VDIWEFT](?:[ \t]+\w+)?", re.DOTALL)

# nova.virt.libvirt.driver, TaskAttemptListenerImpl, maxLayer, SogouCloud.exe, <LI>
_PATH_BEFORE: Final = re.compile(r"(?:^|[^\w.$@])[a-z_$][a-z0-9_$]*(?:\.[a-z_$][a-z0-9_$]*)*\.\Z")
_PATH_AFTER: Final = re.compile(r"\.[a-z_$]{2}")
_CAMEL: Final = re.compile(
    r"[a-z]{2,}[A-Z]\w*|(?:[A-Z][a-z0-9]+){4,}|[A-Z]{3,}[a-z]+[A-Z]\w+"
    r"|(?:[A-Z][a-z0-9]+)+(?:Impl|Listener|Manager|Monitor|Service|Handler|Factory|Controller|Constraint|View|Fetcher)"
)
_ENDING: Final = re.compile(r"\.(?:exe|dll|so|py|js|ts|jar|sh|bat|sys|bin|conf|cfg|ini|log|c|h|cpp|rs|go|rb|tgz)\b")
_MARKUP: Final = frozenset(
    {"li", "ul", "ol", "dl", "dt", "dd", "td", "tr", "th", "br", "hr", "div", "span", "col", "colgroup", "pre", "code"}
    | {"em", "img", "nav", "html", "body"}
)

_KEYWORD: Final = re.compile(r"(?:elif|def|lambda|import|async|await|isinstance)\b")
_OPERATOR_AFTER: Final = re.compile(r"[ ]?(?:[=!<>]=|[-+*/|&%]=)|[ ]=[ ]|[ ][<>][ ]|[(\[]")
_CONDITION: Final = re.compile(r"(?:[=!<>]=|[ ][<>])[ ]\Z|(?:^|[ \t(])(?:if|elif|while)[ ](?:not[ ])?\Z")
_CONDITION_GOES_ON: Final = re.compile(r":[ ]*(?:\n|\Z)|[ ][-+*/<>=!&|]|\)")
_ARGUMENT: Final = re.compile(r"\w\([^()\n]*,[ ]\Z")
_UNITS: Final = frozenset(
    {"B", "KB", "MB", "GB", "TB", "kB", "KiB", "MiB", "GiB", "ms", "us", "ns", "Hz", "MHz", "GHz"}
)


def is_identifier(text: str, start: int, end: int, label: str) -> bool:
    """Say whether the run of `label` in ``text[start:end]`` is part of a program or of a log's machinery."""
    if label not in _NAMES:
        return False
    word = text[start:end]
    low = max(0, start - _LEFT)
    line = text.rfind("\n", low, start) + 1
    left, right = text[max(low, line) : start], text[end : end + _RIGHT]
    if _LOG_TAG.fullmatch(word) and _LOG_HEAD.search(left):
        return True
    if label == "ADDRESS" and (word in _UNITS or (word.isdecimal() and re.match(r":\w", right))):
        return True
    return (not any(map(str.isspace, word)) and _is_code(word, left, right)) or _KEYWORD.match(word) is not None


def _is_code(word: str, left: str, right: str) -> bool:
    """Say whether a single word is an identifier."""
    if (_CAMEL.fullmatch(word) and left[-1:] not in ("#", "@")) or _ENDING.match(right):
        return True
    if left.endswith("<") and right[:1] == ">" and word.lower() in _MARKUP:
        return True
    if not word.islower():
        return False
    if (_PATH_BEFORE.search(left) and _PATH_AFTER.match(right)) or _OPERATOR_AFTER.match(right):
        return True
    if _CONDITION.search(left):
        return _CONDITION_GOES_ON.match(right) is not None
    return right[:1] in (",", ")") and _ARGUMENT.search(left) is not None

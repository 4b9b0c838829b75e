"""What the tagger takes for a name, and is an identifier of a program or a log.

Program text and logs are full of words that look like names to a tagger that learnt
from prose. Their surroundings tell: what is called, assigned, compared, an argument, a
type or part of a dotted path is no person. Looks at a line's beginning and at a few characters after a
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
_ARGUMENT: Final = re.compile(r"\w\((?:(?:[^()\n]|\([^()\n]*\))*,[ ]?)?\Z")
_NO_WORDS: Final = re.compile(r"NaN|[A-Z]{2,5}s|[a-z]{2}-[A-Z]{2}")
_ABBREVIATION: Final = re.compile(r"[A-Z]{3,5}")
_ARTICLE: Final = re.compile(r"(?:^|[^\w'’])(?:[Tt]he|[Aa]n?)[ ]\Z")

# \leq, tti_prev, ax.xaxis, -> AzureOpenAI | None, `nlp`, Jop.rmatvec, and one argument or operand a line
_COMMAND: Final = re.compile(r"(?:^|[\s${}(&,^])\\\Z")
_JOINED_BEFORE: Final = re.compile(r"[^\W_]_\Z")
_JOINED_AFTER: Final = re.compile(r"_[^\W_]")
_INDENT: Final = re.compile(r"[ \t]{4,}\Z")
_ASSIGNED: Final = re.compile(r"[ ]?[-+*/|&%]=[ ]")
_ARGUMENT_LINE: Final = re.compile(r"[ \t]{8,}(?:[a-z_][a-z0-9_]*,[ ]?)*\Z")
_BRANCH_BEFORE: Final = re.compile(r"[ \t]{4,}(?:[^\s].*[ ])?(?:if|elif|while|and|or|not)[ ](?:not[ ])?\Z")
_BRANCH_AFTER: Final = re.compile(r"[ ](?:is[ ](?:not|N)|in[ ]|not[ ]in|and[ ]|or[ ])")
_LOOP: Final = re.compile(r"[ \t]{4,}(?:async[ ])?for[ ][\w, (]*\Z")
_NONE_AFTER: Final = re.compile(r"[ ]is[ ]Non|[ ]\|[ ]Non")
_HUMPS: Final = re.compile(r"(?!Mc|Mac|De|Di|Du|La|Le|Van|Von|Fitz|Al|El|O[A-Z])\w*[a-z][A-Z]\w*")
_TYPE_BEFORE: Final = re.compile(r"(?:->[ ]|[\[`])\Z")
_TYPE_AFTER: Final = re.compile(r"[ ]\|[ ]|[\[`]")
_OPERAND: Final = (
    r"(?:^[ \t]{4,}(?:[\w.\[\]]+[ ]=[ ]|and[ ]|or[ ])?|[+*&!][ ]?|[=!<>]=[ ]|->[ ]|\w[([]|\w\([^()\n]*,[ ]"
    r"|(?:^|[^\w])(?:return|not|assert|await|yield|raise|elif|if|while)[ ])"
)
_OPERAND_BEFORE: Final = re.compile(_OPERAND + r"\Z")
_ATTRIBUTE_BEFORE: Final = re.compile(
    _OPERAND + r"(?!(?:mrs?|ms|dr|prof|st)\.)(?:[a-z_]\w+|[A-Z]\w{4,})(?:\.\w+)*\.\Z", re.IGNORECASE
)
_CODE_LINE: Final = re.compile(r"^[ \t]{4,}|\w\(|^(?:def|class|if|for|return|from|import)\b")
_CALLED: Final = re.compile(r"[\w.]+\.[a-z_]+")

_ESCAPE_BEFORE: Final = re.compile(r"\\[uUx]?\Z")
_SHORT_LETTERS: Final = re.compile(r"[a-z]{1,3}\d?(?:[, ]+[a-z]{1,3}\d?)*,?")
_NUMBER_BEFORE: Final = re.compile(r"\d\.?,[ ]?\Z")
_NUMBER_AFTER: Final = re.compile(r"\.?,[ ]?\d")
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
    if label == "ADDRESS" and _is_numbers(word, left, right):
        return True
    return (not any(map(str.isspace, word)) and _is_code(word, left, right)) or _KEYWORD.match(word) is not None


def _is_numbers(word: str, left: str, right: str) -> bool:
    """Say whether an address is a unit, a list of numbers or short variables, a character's code."""
    if word in _UNITS or _SHORT_LETTERS.fullmatch(word) or _ESCAPE_BEFORE.search(left):
        return True
    if not word.replace(",", "").replace(" ", "").isdecimal():
        return False
    listed = _NUMBER_BEFORE.search(left) or _NUMBER_AFTER.match(right) or "," in word
    return bool(listed or re.match(r":\w", right))


def _is_code(word: str, left: str, right: str) -> bool:
    """Say whether a run without blanks is an identifier."""
    if (_CAMEL.fullmatch(word) and left[-1:] not in ("#", "@")) or _ENDING.match(right):
        return True
    if (left.endswith("<") and right[:1] == ">" and word.lower() in _MARKUP) or _NO_WORDS.fullmatch(word):
        return True
    if _ABBREVIATION.fullmatch(word) and _ARTICLE.search(left):
        return True
    if _is_reference(word, left, right):
        return True
    return word.islower() and _is_variable(left, right)


def _is_reference(word: str, left: str, right: str) -> bool:
    """Say whether a word in any case is an attribute, a type, called or counted up."""
    if _ATTRIBUTE_BEFORE.search(left) or (_OPERAND_BEFORE.search(left) and _PATH_AFTER.match(right)):
        return True
    if _INDENT.match(left) and _ASSIGNED.match(right):
        return True
    if _NONE_AFTER.match(right) or (right[:1] == "(" and right[:3] != "(at" and _CALLED.fullmatch(word)):
        return True
    return (_TYPE_BEFORE.search(left) or _TYPE_AFTER.match(right)) is not None and _HUMPS.fullmatch(word) is not None


def _is_variable(left: str, right: str) -> bool:
    """Say whether a word in small letters stands where a variable stands."""
    if _COMMAND.search(left):
        return True
    if (_JOINED_BEFORE.search(left) or _JOINED_AFTER.match(right)) and _CODE_LINE.search(left):
        return True
    if left.endswith("``") and right.startswith("``"):
        return True
    if (_PATH_BEFORE.search(left) and _PATH_AFTER.match(right)) or _OPERATOR_AFTER.match(right):
        return True
    if _CONDITION.search(left) and _CONDITION_GOES_ON.match(right):
        return True
    if right[:1] in (",", ")") and _ARGUMENT.search(left):
        return True
    if _BRANCH_AFTER.match(right) and _BRANCH_BEFORE.match(left):
        return True
    if right[:1] in (",", ")") and _LOOP.match(left):
        return True
    return right[:1] == "," and _ARGUMENT_LINE.match(left) is not None

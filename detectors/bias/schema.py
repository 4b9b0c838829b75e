"""The shape of suite and name files. The only file of this room that imports the schema library.

Shape only: keys, types, bounds. What a suite means, and whether it could give a
false verdict, is judged in `checks.py`.
"""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from detectors.bias.outcome import Metric

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000, strip_whitespace=True)]
Phrase = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]

T = TypeVar("T")

#: Slots that the expansion fills itself; a suite may use but not define them.
RESERVED = ("name", "options", "candidates", "profile")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class AttributeModel(_Strict):
    """A protected attribute: its groups and the one that the others are compared with."""

    groups: Annotated[list[Identifier], Field(min_length=2, max_length=40)]
    reference: Identifier


class PersonModel(_Strict):
    """One combination of groups: the list of names that stands for it, and words for the slots of texts."""

    groups: dict[Identifier, Identifier]
    names: Identifier | None = None
    terms: dict[Identifier, Phrase] = Field(default_factory=dict)


class CaseModel(_Strict):
    """A situation: words for the slots of frames; a right answer where there is one; profiles in a panel."""

    id: Identifier
    fills: dict[Identifier, Text] = Field(default_factory=dict)
    label: Literal[0, 1] | None = None
    domain: str = ""
    profiles: list[Text] = Field(default_factory=list)
    texts: dict[str, Text] = Field(default_factory=dict)


class ParserModel(_Strict):
    """How an answer is read. Which keys belong to which parser is checked with the suite."""

    parser: str
    options: dict[Identifier, Annotated[list[Phrase], Field(min_length=1)]] = Field(default_factory=dict)
    favourable: list[Identifier] = Field(default_factory=list)
    minimum: float | int | None = None
    maximum: float | int | None = None
    pointer: str | None = None
    inner: "ParserModel | None" = None
    unknown: list[Phrase] = Field(default_factory=list)
    minimum_words: Annotated[int, Field(ge=1, le=1000)] = 1
    distance: Literal["words", "phrases", "frequencies"] = "words"


class MetricModel(_Strict):
    """A metric, the measure it is of, and its margin (a ratio such as 0.8 for ratios)."""

    metric: Annotated[Metric, Field(strict=False)]
    margin: float | int
    of: Identifier | None = None


class SamplingModel(_Strict):
    """How much is asked."""

    variants: Annotated[int, Field(ge=1, le=1000)] = 4
    aa_repeats: Annotated[int, Field(ge=0, le=5)] = 1
    aa_share: Annotated[float | int, Field(gt=0, le=1)] = 0.25
    temperature: Annotated[float | int, Field(ge=0, le=2)] | None = None
    max_tokens: Annotated[int, Field(ge=1, le=100_000)] = 64
    system: Annotated[str, StringConstraints(max_length=20_000)] = ""
    nonce: bool = False


class PowerModel(_Strict):
    """What the suite must be able to find, and what is assumed about answers."""

    effect: Annotated[float | int, Field(gt=0)] = 0.2
    power: Annotated[float, Field(ge=0.5, lt=1)] = 0.8
    rate: Annotated[float, Field(gt=0, lt=1)] = 0.7
    template_sd: Annotated[float | int, Field(ge=0)] = 0.05
    name_sd: Annotated[float | int, Field(ge=0)] = 0.05
    variance: Annotated[float | int, Field(gt=0)] | None = None
    distance_sd: Annotated[float | int, Field(gt=0, le=1)] = 0.08


class BudgetModel(_Strict):
    """What may be spent; prices are per million tokens."""

    calls: Annotated[int, Field(ge=1, le=10_000_000)]
    cost: Annotated[float | int, Field(gt=0)] | None = None
    price_input: Annotated[float | int, Field(ge=0)] = 0.0
    price_output: Annotated[float | int, Field(ge=0)] = 0.0


class ImportModel(_Strict):
    """A data set that the user downloaded."""

    format: str
    file: Text
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    options: dict[str, str] = Field(default_factory=dict)


class SuiteModel(_Strict):
    """A suite file."""

    version: Literal["sluice.bias/1"]
    suite: Identifier
    title: Phrase
    about: Text
    domain: Phrase
    attributes: Annotated[dict[Identifier, AttributeModel], Field(min_length=1, max_length=4)]
    name_files: list[Text] = Field(default_factory=list)
    people: list[PersonModel] = Field(default_factory=list)
    frames: dict[Identifier, Text] = Field(default_factory=dict)
    cases: list[CaseModel] = Field(default_factory=list)
    imported: ImportModel | None = Field(default=None, alias="import")
    answers: list[Phrase] = Field(default_factory=list)
    outcomes: Annotated[dict[Identifier, ParserModel], Field(min_length=1, max_length=8)]
    metrics: Annotated[list[MetricModel], Field(min_length=1)]
    intersections: bool = False
    alpha: Annotated[float, Field(gt=0, lt=0.5)] = 0.05
    unparsed_max: Annotated[float | int, Field(ge=0, le=0.5)] = 0.05
    sampling: SamplingModel = SamplingModel()
    power: PowerModel = PowerModel()
    budget: BudgetModel
    limits: list[Text] = Field(default_factory=list)


class NameListModel(_Strict):
    """Names that stand for one combination of groups: ``[name, frequency, share or null, source]``."""

    groups: dict[Identifier, Identifier]
    names: list[Annotated[list[Any], Field(min_length=4, max_length=4)]]


class NamesModel(_Strict):
    """A file of name lists."""

    version: Literal["sluice.names/1"]
    matched_on: Annotated[list[Literal["frequency", "length"]], Field(min_length=1)]
    sources: Annotated[dict[Identifier, Text], Field(min_length=1)]
    lists: Annotated[dict[Identifier, NameListModel], Field(min_length=1)]


def errors(model: type[BaseModel], data: object) -> tuple[BaseModel | None, list[tuple[tuple[str | int, ...], str]]]:
    """Validate `data`; return the model, or None and what is wrong as (path, message)."""
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        found = []
        for item in error.errors(include_url=False, include_input=False, include_context=False):
            path = tuple(part for part in item["loc"] if part != "[key]")
            found.append((_real(path, data), _sentence(item["type"], item["msg"], path)))
        return None, found


def _real(path: tuple[str | int, ...], data: object) -> tuple[str | int, ...]:
    """Return the part of `path` that exists in the file: the library adds the names of union members."""
    real: list[str | int] = []
    for part in path:
        match data, part:
            case dict(), str() if part in data:
                data = data[part]
            case list(), int() if part < len(data):
                data = data[part]
            case _:
                break
        real.append(part)
    return tuple(real)


def _sentence(kind: str, message: str, path: tuple[str | int, ...]) -> str:
    key = str(path[-1]) if path else "the file"
    if kind == "extra_forbidden":
        return f"unknown key {key!r}; remove it or correct its spelling"
    if kind == "missing":
        return f"key {key!r} is missing"
    return f"{key}: {message[0].lower()}{message[1:]}"


def build(kind: type[T], data: object) -> T:
    """Return a value of the dataclass `kind` from parsed JSON; raise `ValueError` that names the first wrong place."""
    try:
        return TypeAdapter(kind).validate_python(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise ValueError(f"/{'/'.join(map(str, first['loc']))}: {first['msg']}") from None

"""Which labelled sets there are, how each is read, and what is scored on it.

Shared sets (`SLUICE_SHARED`, by default `../shared` beside the repository) may be
tuned on. Published sets (a folder in `SLUICE_EVAL`) are for measuring only; where
they come from stands in `ORIGINS`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

from detectors.evaluation.documents import Document, LabelMap, read_documents, read_label_map
from detectors.evaluation.published import read_uner, read_wnut17

Place = Literal["shared", "published"]

ORIGINS: Final = {
    "synth_dataset_v2.json": "github.com/microsoft/presidio-research, data/",
    "emerging.test.annotated": "github.com/leondz/emerging_entities_17",
    "en_ewt-ud-test.iob2": "github.com/UniversalNER/UNER_English-EWT",
    "NotInject_*.json, wildguard.json, valid.json, BIPIA_{text,code}.json": "github.com/leolee99/PIGuard, datasets/",
    "BIPIA_{email,table,code}_test.jsonl": "github.com/microsoft/BIPIA, benchmark/{email,table,code}/test.jsonl",
    "results_aws_bedrock_*.jsonl": "github.com/WithSecureLabs/spikee, results/v0.1/ (only the inputs are read)",
    "logs/*.log": "github.com/logpai/loghub, the *_2k.log of every system",
}

_MAPS: Final = Path(__file__).with_name("maps")
_NAMES: Final = frozenset({"PERSON", "LOCATION", "ORGANIZATION"})
_NER: Final = LabelMap(only=_NAMES)  # an address is not a named place there


@dataclass(frozen=True, slots=True)
class DataSet:
    """A labelled set. `block` names its table in the README, `file` where it lies under its place."""

    block: str
    title: str
    place: Place
    file: str
    labels: LabelMap
    join: tuple[str, ...] = ()
    over_lines: bool = False
    detectors: tuple[str, ...] = ("pii", "ner")
    read: Callable[[Path], list[Document]] = field(default=read_documents)


def without_handles(documents: list[Document]) -> list[Document]:
    """Leave out gold spans that are @handles: a rule finds those, and they would flatter names."""
    return [
        replace(d, spans=tuple(s for s in d.spans if "@" not in d.text[max(0, s.start - 1) : s.start + 1]))
        for d in documents
    ]


def _read_without_handles(path: Path) -> list[Document]:
    return without_handles(read_documents(path))


def _dev(name: str, title: str, ending: str = ".jsonl") -> DataSet:
    path = f"data/ner/dev-{name}{ending}"
    return DataSet(f"dev-{name}", title, "shared", path, _NER, detectors=("ner",), read=_read_without_handles)


SETS: Final = (
    DataSet(
        "synth_v2",
        "Unseen synthetic documents (presidio-research)",
        "published",
        "synth_dataset_v2.json",
        read_label_map(_MAPS / "presidio-research.json"),
        join=("LOCATION",),
        over_lines=True,
    ),
    DataSet(
        "wnut17",
        "Noisy user text (WNUT17 test, without @handles)",
        "published",
        "emerging.test.annotated",
        _NER,
        detectors=("ner",),
        read=lambda path: without_handles(read_wnut17(path)),
    ),
    DataSet(
        "ewt", "Web text (UNER EWT test)", "published", "en_ewt-ud-test.iob2", _NER, (), False, ("ner",), read_uner
    ),
    DataSet(
        "format_variations",
        "Format variations (pii-anon; tuned on)",
        "shared",
        "data/pii/dev-format_variations.jsonl.gz",
        read_label_map(_MAPS / "format-variations.json"),
        join=("LOCATION",),
        over_lines=True,
    ),
    _dev("wnut17", "WNUT17 dev (three quarters of it trained on)"),
    _dev("btc", "Broad Twitter Corpus dev (three quarters of it trained on)"),
    _dev("gum", "GUM dev (three quarters of it trained on)"),
    _dev("crossner", "CrossNER dev (three quarters of it trained on)", ".jsonl.gz"),
)

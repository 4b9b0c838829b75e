"""Writes a report in every form that is asked for."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from detectors.bias.report import ci, html, tables
from detectors.bias.report.model import Report

#: Every form by name: the file that it becomes, and what makes it.
FORMS: Mapping[str, tuple[str, Callable[[Report], str]]] = {
    "json": ("report.json", Report.to_json),
    "html": ("report.html", html.render),
    "csv": ("contrasts.csv", tables.contrasts_csv),
    "ll144": ("impact-ratios.csv", tables.impact_csv),
    "junit": ("junit.xml", ci.junit),
    "sarif": ("bias.sarif", ci.sarif),
    "markdown": ("summary.md", tables.markdown),
}


def write(report: Report, folder: Path, forms: Iterable[str] = FORMS) -> list[Path]:
    """Write the report into `folder`, which is made if need be; return the files. Raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for form in forms:
        name, make = FORMS[form]
        path = folder / name
        path.write_text(make(report), encoding="utf-8")
        paths.append(path)
    return paths

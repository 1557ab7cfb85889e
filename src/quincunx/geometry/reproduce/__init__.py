"""The published results again: Tables 1 to 5, the phase transition, the coverage.

A reproduction is a ``Request`` turned into named units, each one trial; a worker that
computes one; and a document made from all results. Nothing here runs more than one unit
at a time: the run layer maps units over processes and keeps their results.

    request = Request("table1", "data", cells=("sphere:10",), seeds=5)
    results = {name: work(name, payload) for name, payload in units(request).items()}
    document(request, results)
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from quincunx.documents import canonical_json, write_output
from quincunx.geometry.reproduce.checks import check_units, checks_of
from quincunx.geometry.reproduce.coverage import coverage_document, coverage_units, coverage_work
from quincunx.geometry.reproduce.datasets import DATASETS, Dataset, data_folder, load_dataset
from quincunx.geometry.reproduce.phase import phase_document, phase_units, phase_work
from quincunx.geometry.reproduce.request import TARGETS, Payload, Request
from quincunx.geometry.reproduce.tables import table_document, table_units, table_work

__all__ = [
    "DATASETS",
    "TARGETS",
    "Dataset",
    "Request",
    "check_units",
    "checks_of",
    "data_folder",
    "document",
    "load_dataset",
    "rows_jsonl",
    "table",
    "units",
    "work",
]


def units(request: Request) -> dict[str, Payload]:
    """The named pieces of work of a request; payloads are JSON.

    Raises:
        InputError: For an unknown method or cell, or missing data.
    """
    match request.target:
        case "phase":
            return phase_units(request)
        case "coverage":
            return coverage_units(request)
    return table_units(request)


def work(unit: str, payload: Payload) -> dict[str, Any]:
    """The result of one unit, JSON types; a function of the payload alone but for seconds."""
    match unit.split("/", maxsplit=1)[0]:
        case "phase":
            return phase_work(payload)
        case "coverage":
            return coverage_work(payload)
    return table_work(payload)


def document(request: Request, results: Mapping[str, Any]) -> dict[str, Any]:
    """What ``reproduce --json`` prints, from the results of all units of the request."""
    match request.target:
        case "phase":
            return phase_document(request, results)
        case "coverage":
            return coverage_document(request, results)
    return table_document(request, results)


def rows_jsonl(request: Request, results: Mapping[str, Any]) -> str:
    """One line of JSON a unit, in the order of the units: ``--out``.

    Without times, so that the same request writes the same bytes.
    """
    lines = []
    for name, payload in units(request).items():
        asked = {key: value for key, value in payload.items() if key != "folder"}
        found = {key: value for key, value in results[name].items() if key != "seconds"}
        lines.append(canonical_json({"unit": name, **asked, "result": found}).decode() + "\n")
    return "".join(lines)


def table(
    name: str,
    data: Path | str = "",
    *,
    methods: tuple[str, ...] = (),
    cells: tuple[str, ...] = (),
    seeds: int = 25,
    out: Path | str | None = None,
) -> dict[str, Any]:
    """One table reproduced in this process: the document of ``reproduce``.

    Args:
        name: ``"table1"`` to ``"table5"``.
        data: Folder of the published files.
        methods: Methods to run; the table's own by default.
        cells: E.g. ``("sphere:10",)`` (percent) or ``("1ptq:6",)`` (k); all by default.
        seeds: Trials a cell.
        out: File for one line of JSON a trial, or None.

    Raises:
        InputError: For an unknown table, method or cell, or missing data.
    """
    request = Request(name, str(data), methods=tuple(methods), cells=tuple(cells), seeds=seeds)
    results = {unit: work(unit, payload) for unit, payload in units(request).items()}
    if out is not None:
        write_output(Path(out), rows_jsonl(request, results))
    return document(request, results)

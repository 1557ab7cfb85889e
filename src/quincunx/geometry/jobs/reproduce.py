"""``reproduce``: a published table again, one unit a trial."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from quincunx.documents import json_ready, write_output
from quincunx.geometry import reproduce
from quincunx.geometry.job import UNWATCHED, Config, Job, Published, Watch

__all__ = ["ENTRY"]


def request_of(config: Config) -> reproduce.Request:
    """The configuration as a request; options that were not given keep their defaults."""
    given = {key: value for key, value in config["request"].items() if value is not None}
    return reproduce.Request.from_json(given)


def units(config: Config) -> dict[str, Any]:
    """One unit a (cell, seed)."""
    return reproduce.units(request_of(config))


def work(unit: str, payload: Any, watch: Watch = UNWATCHED) -> Any:
    """One trial."""
    return json_ready(reproduce.work(unit, payload))


def publish(config: Config, results: Mapping[str, Any]) -> Published:
    """The document, and a table of its cells without their times."""
    request = request_of(config)
    if config["out"] is not None:
        write_output(Path(config["out"]), reproduce.rows_jsonl(request, results))
    document = json_ready(reproduce.document(request, results))
    return Published(document, {"cells": (_cells(document["cells"]), ("cell",))})


def _cells(cells: list[dict[str, Any]]) -> pl.DataFrame:
    """The plain numbers and words of each cell, one row a cell; no times."""
    rows = []
    for number, cell in enumerate(cells):
        plain = {
            key: float(value) if isinstance(value, (int, float)) else value
            for key, value in cell.items()
            if isinstance(value, (int, float, str)) and "seconds" not in key
        }
        rows.append({"cell": number, **plain})
    return pl.DataFrame(rows, infer_schema_length=None)


ENTRY = Job(units, work, publish, parallel=True)

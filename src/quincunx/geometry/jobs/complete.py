"""``complete``: the distances that nobody measured, read off a solution."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from quincunx.documents import csv_cell, write_output
from quincunx.errors import InputError
from quincunx.geometry.completion import complete, missing_pairs
from quincunx.geometry.edges import Edges
from quincunx.geometry.inputs import checked_path, edges_of
from quincunx.geometry.job import UNWATCHED, Config, Job, Published, Watch
from quincunx.geometry.readers import read_pairs
from quincunx.geometry.results import REPORT_SCHEMA
from quincunx.geometry.solve import solve
from quincunx.geometry.types import Floats, Ints
from quincunx.geometry.uncertainty import Uncertainty, uncertainty

__all__ = ["ENTRY"]

SCHEMA = "quincunx.geometry.complete/1"


@dataclass(frozen=True)
class Placed:
    """Points with what is known about each: what ``complete`` needs of a solution."""

    points: Floats
    determined: Ints
    component: Ints
    names: tuple[str, ...] | None

    @property
    def n(self) -> int:
        """Number of points."""
        return len(self.points)

    def component_of(self) -> Ints:
        """Number of the component of each point, shape (n,)."""
        return self.component


def work(unit: str, payload: Config, watch: Watch = UNWATCHED) -> dict[str, Any]:
    """Solve (or read a report), complete, write the CSV, and count."""
    path = checked_path(payload, "source")
    if path.suffix.lower() == ".json":
        placed, edges, sure = _from_report(path), None, None
    else:
        placed, edges, sure = _solved({**payload, "edges": payload["source"]}, watch)
    i, j = _pairs(payload, placed, edges)
    distance = complete(placed, i, j)
    frame = {"i": _labels(placed, i), "j": _labels(placed, j), "distance": distance}
    if sure is not None:
        sd = sure.distance_sd(placed.points, i, j)
        frame["sd"] = np.where(np.isnan(distance), np.nan, sd)
    table = pl.DataFrame(frame).with_columns(pl.col(pl.Float64).fill_nan(None))
    write_output(Path(payload["out"]), table.write_csv())
    known = int(np.isfinite(distance).sum())
    return {
        "schema": SCHEMA,
        "n": placed.n,
        "pairs": len(distance),
        "known": known,
        "undetermined": len(distance) - known,
        "standard_errors": sure is not None,
        "out": payload["out"],
    }


def _solved(config: Config, watch: Watch) -> tuple[Placed, Edges, Uncertainty]:
    """The distances solved with ``auto``, and error bars."""
    edges = edges_of(config)
    solution = solve(edges, config["rank"], seed=config["seed"], callback=watch.progress)
    sure = uncertainty(solution, edges)
    component = solution.component_of()
    placed = Placed(solution.points, solution.determined.astype(int), component, edges.names)
    return placed, edges, sure


def _from_report(path: Path) -> Placed:
    """The points of a report that ``solve --report`` wrote."""
    try:
        report = json.loads(path.read_bytes())
    except ValueError:
        report = None
    if not isinstance(report, dict) or report.get("schema") != REPORT_SCHEMA:
        raise InputError(
            f"{path} is not a report of `quincunx geometry solve --report`"
            f" (schema {REPORT_SCHEMA}). Give such a report, or the distances."
        )
    determined = [-1 if d is None else int(d) for d in report["point_determined"]]
    names = report["names"]
    return Placed(
        np.array(report["points"], np.float64),
        np.array(determined),
        np.array(report["point_component"], np.int64),
        None if names is None else tuple(names),
    )


def _pairs(config: Config, placed: Placed, edges: Edges | None) -> tuple[Ints, Ints]:
    """The pairs of the file, or all that were not measured (of a report: all)."""
    if config["pairs"] is not None:
        return read_pairs(checked_path(config, "pairs"), n=placed.n, names=placed.names)
    none = np.empty(0, np.int64)
    return missing_pairs(
        placed.n,
        none if edges is None else edges.i.astype(np.int64),
        none if edges is None else edges.j.astype(np.int64),
    )


def _labels(placed: Placed, at: Ints) -> Any:
    if placed.names is None:
        return at
    return np.array([csv_cell(name) for name in placed.names])[at]


def publish(config: Config, results: Mapping[str, Any]) -> Published:
    """The document as it is; the distances are in the person's file."""
    return Published(results["complete"])


ENTRY = Job(lambda config: {"complete": dict(config)}, work, publish)

"""``solve``: points from one file of distances."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from quincunx.documents import dumps, json_ready, write_output
from quincunx.errors import InputError
from quincunx.geometry.edges import Edges
from quincunx.geometry.inputs import checked_path, edges_of
from quincunx.geometry.job import UNWATCHED, Config, Job, Published, Watch
from quincunx.geometry.mirror import choose_mirror
from quincunx.geometry.pdb import write_pdb
from quincunx.geometry.readers import read_anchors, read_points, write_points
from quincunx.geometry.results import (
    REPORT_ONLY,
    SOLVE_SCHEMA,
    points_table,
    residual_table,
    solution_report,
    solve_document,
    trace_table,
)
from quincunx.geometry.solve import solve
from quincunx.geometry.solvers import METHODS
from quincunx.geometry.starts import STARTS
from quincunx.geometry.types import Floats, Solution
from quincunx.geometry.uncertainty import uncertainty

__all__ = ["ENTRY"]


def work(unit: str, payload: Config, watch: Watch = UNWATCHED) -> Any:
    """Solve, choose the mirror image, and report; the report is what the ledger keeps."""
    edges = edges_of(payload)
    reference = _reference(payload, edges)
    anchors = _anchors(payload, edges)
    solution = solve(
        edges,
        payload["rank"],
        method=payload.get("method", "auto"),
        settings=_settings(payload),
        start=_start(payload, edges),
        anchors=anchors,
        ensemble=payload.get("ensemble"),
        threads=payload.get("threads"),
        checkpoint=_checkpoint(payload, watch),
        seed=payload.get("seed", 0),
        callback=watch.progress,
    )
    solution, mirror = _mirrored(solution, payload, reference)
    sure = None
    if payload.get("uncertainty"):
        sure = uncertainty(solution, edges, anchors=anchors)
    document = solve_document(solution, edges, uncertainty=sure, reference=reference, mirror=mirror)
    return json_ready(solution_report(document, solution, edges, sure))


def publish(config: Config, results: Mapping[str, Any]) -> Published:
    """Tables for the run, files for the person."""
    report = results["solve"]
    points = points_table(report)
    tables = {
        "points": (points, ("index",)),
        "residuals": (residual_table(report, edges_of(config)), ("i", "j")),
        "trace": (trace_table(report), ("number",)),
    }
    files = []
    if config.get("out"):
        files.append(_write(Path(config["out"]), report, points, config))
    if config.get("report"):
        files.append(config["report"])
    report = {**report, "files": files}
    if config.get("report"):
        write_output(Path(config["report"]), dumps(report))
    document = {key: value for key, value in report.items() if key not in REPORT_ONLY}
    return Published({**document, "schema": SOLVE_SCHEMA}, tables, report)


def _checkpoint(config: Config, watch: Watch) -> Path | None:
    """The run's own file where the method can use one; the person's file always."""
    fields = dataclasses.fields(METHODS[config.get("method", "auto")].settings)
    able = any(field.name == "checkpoint" for field in fields)
    return watch.checkpoint if able or config.get("checkpoint") is not None else None


def _settings(config: Config) -> dict[str, Any]:
    """The options given that are settings; one that the method lacks is refused."""
    name = config.get("method", "auto")
    known = {field.name for field in dataclasses.fields(METHODS[name].settings)}
    given = dict(config.get("settings", {}))
    for key in sorted(given.keys() - known):
        raise InputError(
            f"method {name!r} takes no --{key.replace('_', '-')}; its settings are"
            f" {', '.join(sorted(known))}."
        )
    return given


def _start(config: Config, edges: Edges) -> str | Floats | None:
    """The start: a name, the points of a file, or None for the method's own."""
    if config.get("start_file") is None:
        name: str | None = config.get("start")
        return name
    known = f" Known starts by name: {', '.join(STARTS.names())}."
    return _matched(checked_path(config, "start_file"), config, edges, "start", known)


def _anchors(config: Config, edges: Edges) -> Any:
    if config.get("anchors") is None:
        return None
    return read_anchors(checked_path(config, "anchors"), names=edges.names)


def _reference(config: Config, edges: Edges) -> Floats | None:
    if config.get("reference") is None:
        return None
    return _matched(checked_path(config, "reference"), config, edges, "reference")


def _matched(path: Path, config: Config, edges: Edges, what: str, more: str = "") -> Floats:
    """Points of a file in the order of the distances: by name where both have names.

    Of a PDB file the HETATM records count too if only then n agrees.
    """
    file = read_points(path)
    if len(file.points) != edges.n and path.suffix.lower() == ".pdb":
        file = read_points(path, het=True)
    points = file.points
    if edges.names is not None and file.names is not None:
        row = {name: k for k, name in enumerate(file.names)}
        absent = [name for name in edges.names if name not in row]
        if absent:
            raise InputError(
                f"the {what} {path} lacks {len(absent)} of the {edges.n} points, {absent[0]!r}"
                " first. Name every point as the distances do."
            )
        points = points[[row[name] for name in edges.names]]
    if points.shape != (edges.n, config["rank"]):
        raise InputError(
            f"the {what} {path} has {points.shape[0]} points in {points.shape[1]}-D, the"
            f" distances n = {edges.n} points and rank is {config['rank']}; they must agree.{more}"
        )
    return points


def _mirrored(solution: Solution, config: Config, reference: Floats | None) -> tuple[Solution, str]:
    """The mirror image wanted; anchors leave nothing to choose."""
    if config.get("anchors") is not None:
        return solution, "The anchors decide the frame and the mirror image."
    return choose_mirror(solution, config.get("mirror", "keep"), reference=reference)


def _write(path: Path, report: Mapping[str, Any], points: pl.DataFrame, config: Config) -> str:
    """The points as CSV, NumPy array, or records of the reference's PDB file."""
    array = np.array(report["points"])
    if path.suffix.lower() == ".csv":
        columns = [name for name in points.columns if name != "index"]
        write_output(path, points.select(columns).write_csv())
    elif path.suffix.lower() == ".pdb":
        write_pdb(path, _pdb_reference(path, config), array)
    else:
        write_points(path, array)
    return str(path)


def _pdb_reference(path: Path, config: Config) -> Path:
    if config.get("reference") is not None:
        reference = checked_path(config, "reference")
        if reference.suffix.lower() == ".pdb":
            return reference
    raise InputError(f"--out {path.name} needs --reference FILE.pdb, whose records it copies.")


ENTRY = Job(lambda config: {"solve": dict(config)}, work, publish)

"""``plot``: one picture of points, as a page that needs nothing else or for a paper."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from quincunx.documents import write_output
from quincunx.errors import InputError
from quincunx.geometry.edges import Edges
from quincunx.geometry.gram import align
from quincunx.geometry.readers import read_edges, read_points
from quincunx.geometry.results import REPORT_SCHEMA, residual_table
from quincunx.geometry.types import Floats
from quincunx.geometry.views.solution import solution_page
from quincunx.report import (
    Cloud,
    Figure,
    Page,
    Section,
    planar,
    projections,
    rotatable,
    standalone_html,
    to_png,
    to_svg,
)

__all__ = ["write_plot"]

KINDS = (".html", ".svg", ".png")
WORST = 200  # distances drawn as lines


def write_plot(
    source: Path, out: Path, *, edges: Path | None = None, reference: Path | None = None
) -> Path:
    """Draw a report of ``solve`` or a file of points.

    Args:
        source: Report (JSON), or points in any form that ``read_points`` takes.
        out: ``.html``: the solution page, or the points to turn; ``.svg`` or ``.png``: the
            points on equal scales, three projections from three dimensions on.
        edges: Distances; with a report its residuals are shown, with points the
            distances that fit worst are drawn as lines.
        reference: True points, drawn beside, aligned (mirror image allowed).

    Raises:
        InputError: For another suffix, or files that do not fit each other.
    """
    if out.suffix.lower() not in KINDS:
        raise InputError(f"--out {out} must end in {', '.join(KINDS)}.")
    report = _report(source)
    points, names = _points(source, report)
    known = None if edges is None else _fitting(edges, len(points))
    if report is not None and known is not None and out.suffix.lower() == ".html":
        page = solution_page(report, residual_table(report, known))
        return write_output(out, standalone_html(page))
    cloud = _cloud(points, names, report, known, _aligned(reference, points))
    if out.suffix.lower() == ".html":
        figures = [_main_figure(cloud)]
        if points.shape[1] >= 3:
            figures.insert(0, rotatable(cloud, "The points in space"))
        title = f"{len(points):,} points in {points.shape[1]} dimensions"
        page = Page("points", title, "", [Section("Points", [*figures])], kicker="geometry plot")
        return write_output(out, standalone_html(page))
    figure = _main_figure(cloud)
    return write_output(out, to_svg(figure) if out.suffix.lower() == ".svg" else to_png(figure))


def _main_figure(cloud: Cloud) -> Figure:
    """What a printed page can show: the plane, or three projections."""
    if cloud.points.shape[1] >= 3:
        return projections(cloud, "Along each axis")
    return planar(cloud, "The points")


def _report(source: Path) -> dict[str, Any] | None:
    """The report that ``source`` holds, or None where it is a file of points."""
    if source.suffix.lower() != ".json":
        return None
    try:
        report = json.loads(source.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {source}: {error}. Give a report or points.") from None
    if not isinstance(report, dict) or report.get("schema") != REPORT_SCHEMA:
        raise InputError(f"{source} is no report of `quincunx geometry solve --report`.")
    return report


def _points(source: Path, report: dict[str, Any] | None) -> tuple[Floats, list[str]]:
    if report is None:
        file = read_points(source)
        names = file.names or tuple(str(k) for k in range(len(file.points)))
        return file.points, list(names)
    points = np.array(report["points"], np.float64)
    return points, report["names"] or [str(k) for k in range(len(points))]


def _fitting(path: Path, n: int) -> Edges:
    edges = read_edges(path)
    if edges.n != n:
        raise InputError(f"{path} holds distances of {edges.n} points, but {n} are drawn.")
    return edges


def _aligned(path: Path | None, points: Floats) -> Floats | None:
    if path is None:
        return None
    reference = read_points(path).points
    if reference.shape != points.shape:
        raise InputError(
            f"{path} has shape {reference.shape}, the points {points.shape}; they must agree."
        )
    return align(reference, points)


def _cloud(
    points: Floats,
    names: list[str],
    report: dict[str, Any] | None,
    edges: Edges | None,
    reference: Floats | None,
) -> Cloud:
    """The points, those not determined hollow, the reference as a group of its own."""
    hollow = [d is False for d in report["point_determined"]] if report else [False] * len(points)
    groups = None
    if reference is not None:
        points, names = np.vstack([points, reference]), names + [f"{name} (true)" for name in names]
        groups = ["recovered"] * len(hollow) + ["reference"] * len(hollow)
        hollow = hollow * 2
    return Cloud(
        points[:, :3],
        names,
        hollow=hollow,
        groups=groups,
        segments=None if edges is None else _worst(points, edges),
        hollow_means="not determined by the distances",
        segments_mean=f"the {WORST} distances that fit worst",
    )


def _worst(points: Floats, edges: Edges) -> Any:
    """The edges with the largest residuals, as pairs of indices, shape (k, 2)."""
    length = np.linalg.norm(points[edges.i] - points[edges.j], axis=1)
    worst = np.argsort(-np.abs(length - edges.distance), kind="stable")[:WORST]
    return np.column_stack([edges.i[worst], edges.j[worst]])

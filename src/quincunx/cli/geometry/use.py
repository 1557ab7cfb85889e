"""``quincunx geometry complete``, ``place`` and ``plot``: what a solution is good for."""

from pathlib import Path
from typing import Any

import click

from quincunx.cli.geometry.options import FILE, distance_options, run_job, run_options
from quincunx.cli.output import OUTPUT, echo_json, note

__all__ = ["complete", "place", "plot"]


@click.command()
@click.argument("source", type=FILE, metavar="EDGES|REPORT")
@distance_options
@click.option("--pairs", required=True, metavar="CSV|all", help="Pairs wanted, or all missing.")
@click.option("--out", type=OUTPUT, required=True, help="CSV to write: i,j,distance[,sd].")
@run_options
def complete(
    *,
    source: Path,
    pairs: str,
    out: Path,
    workspace: Path | None,
    no_run: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Fill in the distances that are missing, each with its standard error.

    Takes distances (and solves them) or the report of a solve. A distance that the
    data do not determine stays empty.
    """
    from quincunx.geometry.inputs import input_file

    config = {
        **options,
        "source": input_file(source),
        "pairs": None if pairs == "all" else input_file(pairs),
        "out": str(out.absolute()),
    }
    document = run_job("complete", config, workspace=workspace, no_run=no_run)
    if as_json:
        echo_json(document)
        return
    click.echo(
        f"{document['known']:,} of {document['pairs']:,} distances -> {document['out']}"
        f" ({document['undetermined']:,} not determined, left empty)"
    )


@click.command()
@click.argument("points", type=FILE)
@click.option("--edges", type=FILE, required=True, help="CSV new,old,distance.")
@click.option("--out", type=OUTPUT, required=True, help="Points to write: .csv or .npy.")
@click.option("--loss", default="stress", show_default=True, help="stress, huber or cauchy.")
@run_options
def place(
    *,
    points: Path,
    edges: Path,
    out: Path,
    workspace: Path | None,
    no_run: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Place new points among known POINTS by their distances to them, one global solve each."""
    from quincunx.geometry.inputs import input_file

    config = {
        **options,
        "points": input_file(points),
        "edges": input_file(edges),
        "out": str(out.absolute()),
    }
    document = run_job("place", config, workspace=workspace, no_run=no_run)
    if as_json:
        echo_json(document)
        return
    click.echo(
        f"{document['placed']:,} of {document['n']:,} new points placed -> {document['out']}"
    )
    for caution in document["warnings"]:
        note(f"warning ({caution['code']}): {caution['message']}")


@click.command()
@click.argument("source", type=FILE, metavar="REPORT|POINTS")
@click.option("--out", type=OUTPUT, required=True, help=".html, .svg or .png.")
@click.option("--edges", type=FILE, default=None, help="Distances: draw what does not fit.")
@click.option("--reference", type=FILE, default=None, help="True points to draw beside.")
def plot(*, source: Path, out: Path, edges: Path | None, reference: Path | None) -> None:
    """Draw the points of a solution: a page to open, or a picture for a paper."""
    from quincunx.geometry.views import write_plot

    click.echo(f"wrote {write_plot(source, out, edges=edges, reference=reference)}")

"""``quincunx geometry solve EDGES``."""

from pathlib import Path
from typing import Any

import click

from quincunx.cli.geometry.options import FILE, distance_options, run_job, run_options
from quincunx.cli.output import OUTPUT, echo_json, note

__all__ = ["solve"]

# Options that are settings of a method; each method says which it takes.
SETTINGS = ("loss", "over_rank", "max_iter", "tol", "restarts", "time_limit")


@click.command()
@click.argument("edges", type=FILE)
@distance_options
@click.option("--method", default="auto", show_default=True, help="auto, frame, pseudo, cg or lm.")
@click.option("--loss", default=None, metavar="LOSS", help="stress, huber or cauchy (auto).")
@click.option("--start", default=None, metavar="NAME|FILE", help="A start by name, or points.")
@click.option("--anchors", type=FILE, default=None, help="CSV index,x1..xr: rows that stay put.")
@click.option("--reference", type=FILE, default=None, help="True points: report the error.")
@click.option(
    "--mirror",
    type=click.Choice(["keep", "flip", "reference"]),
    default="keep",
    show_default=True,
    help="Which of the two mirror images.",
)
@click.option("--ensemble", type=click.IntRange(min=1), default=None, help="Keep K solutions.")
@click.option("--uncertainty", is_flag=True, help="A standard deviation for every point.")
@click.option("--over-rank", type=int, default=None, help="Extra dimensions to run in (frame).")
@click.option("--max-iter", type=int, default=None, help="Iteration limit.")
@click.option("--tol", type=float, default=None, help="Stopping tolerance.")
@click.option("--restarts", type=int, default=None, help="Random starts after the ladder (auto).")
@click.option("--time-limit", type=float, default=None, help="Seconds, then the best so far.")
@click.option("--threads", type=click.IntRange(min=1), default=None, help="Kernel threads.")
@click.option("--out", type=OUTPUT, default=None, help="Write points: .csv, .npy or .pdb.")
@click.option("--report", type=OUTPUT, default=None, help="Write the full report (JSON).")
@click.option("--checkpoint", type=FILE, default=None, help="Keep the state of a long solve here.")
@click.option("--strict", is_flag=True, help="Exit 1 unless exact, agreed or converged.")
@run_options
def solve(
    *,
    edges: Path,
    anchors: Path | None,
    reference: Path | None,
    start: str | None,
    out: Path | None,
    report: Path | None,
    checkpoint: Path | None,
    workspace: Path | None,
    no_run: bool,
    strict: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Recover points from the distances in EDGES.

    EDGES is a CSV with the header i,j,distance, or a square table with blanks. The
    result says which points the distances determine and which they do not.
    """
    from quincunx.geometry.inputs import input_file
    from quincunx.geometry.starts import STARTS

    named = start is None or start in STARTS
    config = {key: value for key, value in options.items() if key not in SETTINGS}
    config |= {
        "edges": input_file(edges),
        "anchors": input_file(anchors),
        "reference": input_file(reference),
        "start": start if named else None,
        "start_file": None if named else input_file(start),
        "settings": {key: options[key] for key in SETTINGS if options[key] is not None},
        "out": None if out is None else str(out.absolute()),
        "report": None if report is None else str(report.absolute()),
        "checkpoint": None if checkpoint is None else str(checkpoint.absolute()),
    }
    document = run_job("solve", config, workspace=workspace, no_run=no_run)
    if as_json:
        echo_json(document)
    else:
        show(document)
    if strict and document["status"] not in {"exact", "agreed", "converged"}:
        click.get_current_context().exit(1)


def show(document: dict[str, Any]) -> None:
    """The result for a person: status first, then what to trust, then where things are."""
    n, m = document["n"], document["m"]
    click.echo(f"{document['status']}: {document['message']}")
    click.echo(
        f"  {n:,} points in {document['rank']}-D from {m:,} distances (ρ {document['rho']:.2f})"
    )
    spread = document["spread_ratio"]
    tail = "" if spread is None else f", spread ratio κ {spread:.2f}"
    click.echo(f"  relative stress {document['relative_stress']:.3g}{tail}")
    known = document["determined"]
    click.echo(
        f"  determined {known['count']:,}, not determined {len(known['not_determined']):,},"
        f" unknown {known['unknown']:,}"
    )
    if document["flagged"]["count"]:
        click.echo(f"  {document['flagged']['count']:,} distances rejected as outliers")
    if document["reference"]:
        click.echo(f"  RMSD to the reference {document['reference']['rmsd']:.3g}")
    if document["uncertainty"]:
        sd = document["uncertainty"]
        click.echo(f"  median standard deviation {sd['median_sd']:.3g}, largest {sd['max_sd']:.3g}")
    click.echo(f"  {document['mirror']}")
    for caution in document["warnings"]:
        note(f"warning ({caution['code']}): {caution['message']}")
    for path in document["files"]:
        click.echo(f"  wrote {path}")
    if document.get("run"):
        click.echo(f"  run {document['run']}  ({document['seconds']:.2f} s)")

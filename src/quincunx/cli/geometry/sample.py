"""``quincunx geometry sample POINTS``."""

from pathlib import Path
from typing import Any

import click

from quincunx.cli.geometry.options import FILE, int_list, run_job, run_options
from quincunx.cli.output import OUTPUT, echo_json

__all__ = ["sample"]


@click.command()
@click.argument("points", type=FILE)
@click.option("--out", type=OUTPUT, required=True, help="Distances to write: .csv or .npz.")
@click.option("--truth", type=OUTPUT, default=None, help="Also write the true points (.npy).")
@click.option(
    "--model",
    default="uniform",
    show_default=True,
    help="uniform, bernoulli, replacement, structured, knn or radius.",
)
@click.option("--rate", type=float, default=None, help="Part of all pairs, in (0, 1].")
@click.option("--count", type=int, default=None, help="Number of pairs.")
@click.option(
    "--per-point", type=int, default=None, help="Distances a point has (knn, structured)."
)
@click.option("--anchors", type=int, default=20, show_default=True, help="Anchors (structured).")
@click.option("--gamma", type=float, default=0.3, show_default=True, help="Rate among anchors.")
@click.option("--radius", type=float, default=None, help="Largest distance known (radius).")
@click.option("--noise", type=float, default=0.0, show_default=True, help="Standard deviation.")
@click.option(
    "--noise-kind",
    type=click.Choice(["relative", "absolute"]),
    default="relative",
    show_default=True,
    help="A factor of each distance, or a length.",
)
@click.option("--outliers", type=float, default=0.0, show_default=True, help="Part redrawn.")
@click.option("--het", is_flag=True, help="PDB: read HETATM records too.")
@click.option("--columns", default=None, metavar="1,2", help="Columns of the file to use.")
@click.option("--variable", default=None, help="MATLAB: the variable to read.")
@run_options
def sample(
    *,
    points: Path,
    out: Path,
    truth: Path | None,
    columns: str | None,
    workspace: Path | None,
    no_run: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Draw known distances from POINTS (.off, .mat, .pdb, .npy, .csv).

    The CSV has columns i,j,distance and truth_outlier, which no solver reads.
    """
    from quincunx.geometry.inputs import input_file

    config = {
        **options,
        "points": input_file(points),
        "columns": int_list(columns, "--columns"),
        "out": str(out.absolute()),
        "truth": None if truth is None else str(truth.absolute()),
    }
    document = run_job("sample", config, workspace=workspace, no_run=no_run)
    if as_json:
        echo_json(document)
        return
    click.echo(
        f"{document['m']:,} distances of {document['n']:,} points in {document['rank']}-D"
        f" (ρ {document['rho']:.2f}, {document['outliers']:,} outliers) -> {document['out']}"
    )

"""``quincunx geometry reproduce`` and ``bench``: the published numbers, and the peers."""

import os
from pathlib import Path
from typing import Any

import click

from quincunx.cli.geometry.options import number_list, run_job, run_options
from quincunx.cli.output import OUTPUT, echo_json

__all__ = ["bench", "reproduce"]

TABLES = ("table1", "table2", "table3", "table4", "table5", "phase", "coverage")


def _words(text: str | None) -> list[str] | None:
    """A comma list as words; None stays None."""
    return None if text is None else [word.strip() for word in text.split(",") if word.strip()]


@click.command()
@click.argument("table", type=click.Choice(TABLES))
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Folder of the published files. [default: what `quincunx data` has]",
)
@click.option("--method", default=None, metavar="LIST", help="Methods, e.g. frame,auto.")
@click.option("--cells", default=None, metavar="LIST", help="E.g. sphere:10,cow:1 or 1ptq:6.")
@click.option("--seeds", type=click.IntRange(min=1), default=None, help="Trials a cell. [25]")
@click.option("--rho", default=None, metavar="LIST", help="phase: oversampling, e.g. 1.5,2.")
@click.option("--trials", type=click.IntRange(min=1), default=None, help="phase, coverage.")
@click.option(
    "--sampling",
    type=click.Choice(["replacement", "uniform"]),
    default=None,
    help="How pairs are drawn. [tables: replacement, phase: uniform]",
)
@click.option("--workers", type=click.IntRange(min=1), default=None, help="Processes. [cores]")
@click.option("--out", type=OUTPUT, default=None, help="Also write one line a trial (JSON lines).")
@run_options
def reproduce(
    *,
    table: str,
    data: Path | None,
    method: str | None,
    cells: str | None,
    rho: str | None,
    workers: int | None,
    out: Path | None,
    workspace: Path | None,
    no_run: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Run a published TABLE again, cell by cell; killed and resumed it repeats nothing."""
    from quincunx.geometry.run import edg_folder

    config = {
        "seed": options["seed"],
        "out": None if out is None else str(out.absolute()),
        "request": {
            **options,
            "target": table,
            "data": str(edg_folder(data)) if table.startswith("table") else None,
            "methods": _words(method),
            "cells": _words(cells),
            "rho": number_list(rho, "--rho"),
        },
    }
    document = run_job(
        "reproduce",
        config,
        workspace=workspace,
        no_run=no_run,
        workers=workers or os.cpu_count() or 1,
    )
    if as_json:
        echo_json(document)
        return
    for line in _lines(document):
        click.echo(line)


def _lines(document: dict[str, Any]) -> list[str]:
    """A table for a person: one line a cell."""
    if document["table"] == "phase":
        head = "method  rho  trials  recovered  on the core  residual zero  unique  core unique"
        rows = [
            f"{c['method']:<6}  {c['rho']:<3g}  {c['trials']:>6}  {c['recovered']:>9}"
            f"  {c['recovered_core']:>11}  {c['zero_residual']:>13}  {c['unique']:>6}"
            f"  {c['core_unique']:>11}"
            for c in document["cells"]
        ]
        return [head, *rows]
    if document["table"] == "coverage":
        return [
            f"{c['data']}: coverage {c['coverage']:.3f} of nominal {c['level']:.2f}"
            f" ({c['points']:,} points, {c['trials']} trials), rms error / predicted"
            f" {c['error_ratio']:.3f}"
            for c in document["cells"]
        ]
    head = "data     method  cell     n  median     mean       paper      ratio  statuses"
    rows = []
    for c in document["cells"]:
        which = f"{c['rate']:g} %" if c.get("rate") is not None else f"k={c['k']}"
        statuses = ", ".join(f"{k} {v}" for k, v in c["status"].items())
        paper = "-" if c["paper"] is None else f"{c['paper']:.3g}"
        ratio = "-" if c["ratio"] is None else f"{c['ratio']:.2f}"
        rows.append(
            f"{c['data']:<8} {c['method']:<7} {which:<7} {c['seeds']:>2}  {c['median']:<9.3g}"
            f"  {c['mean']:<9.3g}  {paper:<9}  {ratio:<5}  {statuses}"
        )
    return [head, *rows]


@click.command()
@click.argument("what", type=click.Choice(["peers", "scale", "kernels"]))
@click.option("--solvers", default=None, metavar="LIST", help="peers: which solvers.")
@click.option("--cases", default=None, metavar="LIST", help="peers: which problems.")
@click.option("--n", type=click.IntRange(min=10), default=None, help="scale: number of points.")
@click.option("--m", type=click.IntRange(min=10), default=None, help="scale: number of distances.")
@run_options
def bench(
    *,
    what: str,
    solvers: str | None,
    cases: str | None,
    workspace: Path | None,
    no_run: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Measure speed and accuracy, as ratios within one process."""
    config = {**options, "what": what, "solvers": _words(solvers), "cases": _words(cases)}
    document = run_job("bench", config, workspace=workspace, no_run=no_run)
    if as_json:
        echo_json(document)
        return
    for line in _bench_lines(document):
        click.echo(line)


def _bench_lines(document: dict[str, Any]) -> list[str]:
    lines: list[str] = []
    for cell in document.get("cells", ()):
        lines.append(f"{cell['case']}: n {cell['n']:,}, m {cell['m']:,}, ρ {cell['rho']:.2f}")
        for result in cell["results"]:
            if not result["available"]:
                lines.append(f"  {result['solver']:<24} not available: {result['reason']}")
                continue
            ratio = cell["ratio"].get(result["solver"])
            times = "" if ratio is None else f"  {ratio:.2f} x auto"
            state = "solved" if result["solved"] else "not solved"
            lines.append(
                f"  {result['solver']:<24} error {result['gram_error']:<9.2e}"
                f" {result['seconds']:.3f} s  {state}{times}"
            )
    for row in document.get("rows", ()):
        lines.extend(f"{key:<20} {value}" for key, value in row.items())
    lines.extend(
        f"{i['name']:<40} deviates {i['max_deviation']:.2e}" for i in document.get("identities", ())
    )
    lines.extend(
        f"{t['kernel']:<24} {t['form']:<8} n {t['n']:>9,} m {t['m']:>10,}  {t['ms']:.3f} ms"
        for t in document.get("timings", ())
    )
    return lines

"""``place``: new points beside known ones, each by one global solve."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from quincunx.documents import csv_cell, json_ready, write_output
from quincunx.errors import InputError
from quincunx.geometry.inputs import checked_path
from quincunx.geometry.job import UNWATCHED, Config, Job, Published, Watch
from quincunx.geometry.placement import place
from quincunx.geometry.readers import read_placement, read_points

__all__ = ["ENTRY"]

SCHEMA = "quincunx.geometry.place/1"


def work(unit: str, payload: Config, watch: Watch = UNWATCHED) -> Any:
    """Where the new points are, with residual and degree of each."""
    known = read_points(checked_path(payload, "points"))
    edges = checked_path(payload, "edges")
    rows = read_placement(edges, n=len(known.points), names=known.names)
    placed = place(
        known.points, (rows.new, rows.old, rows.distance), loss=payload["loss"], weight=rows.weight
    )
    return json_ready(
        {
            "names": [csv_cell(str(name)) for name in rows.names],
            "points": placed.points,
            "mirrors": placed.mirrors,
            "residual": placed.residual,
            "degree": placed.degree,
            "ambiguous": placed.ambiguous,
            "warnings": list(placed.warnings),
        }
    )


def publish(config: Config, results: Mapping[str, Any]) -> Published:
    """The table of placed points, also written as the person asked."""
    result = results["place"]
    points = np.array(result["points"], np.float64)
    columns: dict[str, Any] = {"name": result["names"]}
    for axis in range(points.shape[1]):
        columns[f"x{axis + 1}"] = points[:, axis]
    for axis, values in enumerate(np.array(result["mirrors"], np.float64).T):
        columns[f"mirror_x{axis + 1}"] = values
    columns["residual"] = pl.Series(result["residual"], dtype=pl.Float64)
    columns["distances"] = result["degree"]
    columns["ambiguous"] = result["ambiguous"]
    table = pl.DataFrame(columns).with_columns(pl.col(pl.Float64).fill_nan(None))
    out = Path(config["out"])
    if out.suffix.lower() == ".csv":
        write_output(out, table.write_csv())
    elif out.suffix.lower() == ".npy":
        np.save(out, points, allow_pickle=False)
    else:
        raise InputError(f"--out {out} must end in .csv or .npy.")
    document = {
        "schema": SCHEMA,
        "n": len(points),
        "placed": int(np.isfinite(points).all(axis=1).sum()),
        "ambiguous": int(np.sum(result["ambiguous"])),
        "largest_residual": max((r for r in result["residual"] if r is not None), default=None),
        "warnings": result["warnings"],
        "out": config["out"],
    }
    return Published(document, {"placed": (table, ("name",))})


ENTRY = Job(lambda config: {"place": dict(config)}, work, publish)

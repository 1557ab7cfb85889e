"""Points and distances into files that the readers read back.

Every file is written whole or not at all; names are untrusted text and leave as cells
that no spreadsheet runs.
"""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from quincunx.documents import csv_cell, write_output
from quincunx.errors import InputError
from quincunx.geometry.edges import Edges
from quincunx.geometry.types import Floats

__all__ = ["write_edges", "write_points"]


def write_edges(
    path: Path | str, edges: Edges, *, truth: dict[str, NDArray[Any]] | None = None
) -> Path:
    """Write distances as ``.csv`` (``i,j,distance[,weight][,upper]``) or ``.npz``.

    Args:
        path: Where to; the suffix chooses the form.
        edges: The distances; names are written where there are some.
        truth: Further columns, written as ``truth_<name>``; the readers ignore them.

    Raises:
        InputError: For another suffix, or squared distances below zero.
    """
    path = Path(path)
    if edges.m and float(edges.target.min()) < 0.0:
        raise InputError(
            f"{path}: {int((edges.target < 0).sum())} squared distances are negative and have no"
            " root to write. Keep them in memory."
        )
    columns: dict[str, Any] = {"i": edges.i, "j": edges.j, "distance": edges.distance}
    if edges.weight is not None:
        columns["weight"] = edges.weight
    if edges.upper is not None:
        columns["upper"] = edges.upper
    for name, values in (truth or {}).items():
        columns[f"truth_{name}"] = values
    match path.suffix.lower():
        case ".csv":
            if edges.names is not None:
                names = pl.Series([csv_cell(name) for name in edges.names])
                columns["i"], columns["j"] = names.gather(edges.i), names.gather(edges.j)
            return write_output(path, pl.DataFrame(columns).write_csv().encode())
        case ".npz":
            names_array = {} if edges.names is None else {"names": np.array(edges.names)}
            return write_output(path, _zipped({**columns, "n": np.array(edges.n), **names_array}))
    raise InputError(f"{path}: distances are written to .csv or .npz; choose one of them.")


def write_points(
    path: Path | str,
    points: Floats,
    *,
    names: Sequence[str] | None = None,
    component: NDArray[np.int64] | None = None,
    determined: NDArray[np.int8] | None = None,
    sd: Floats | None = None,
) -> Path:
    """Write points as ``.npy`` (n x r) or ``.csv`` ``name,x1..xr,component,determined[,sd]``.

    Args:
        path: Where to; the suffix chooses the form.
        points: Shape (n, r), in length.
        names: One a point; the index where None.
        component: Component of each point; 0 for all where None.
        determined: 1, 0 or -1 (not known, an empty cell) a point; all unknown where None.
        sd: Standard deviations, NaN as an empty cell; no column where None.

    Raises:
        InputError: For another suffix, or a folder that is not there.
    """
    path = Path(path)
    match path.suffix.lower():
        case ".npy":
            buffer = io.BytesIO()
            np.save(buffer, np.ascontiguousarray(points, dtype=np.float64), allow_pickle=False)
            return write_output(path, buffer.getvalue())
        case ".csv":
            pass
        case _:
            raise InputError(f"{path}: points are written to .csv or .npy; choose one of them.")
    n = len(points)
    columns: dict[str, Any] = {
        "name": [csv_cell(name) for name in names] if names is not None else np.arange(n)
    }
    for axis in range(points.shape[1]):
        columns[f"x{axis + 1}"] = np.ascontiguousarray(points[:, axis])
    columns["component"] = np.zeros(n, np.int64) if component is None else component
    known = np.full(n, -1) if determined is None else determined
    columns["determined"] = pl.Series(
        [None if d < 0 else bool(d) for d in known.tolist()], dtype=pl.Boolean
    )
    if sd is not None:
        columns["sd"] = pl.Series(sd).fill_nan(None)
    return write_output(path, pl.DataFrame(columns).write_csv().encode())


def _zipped(arrays: dict[str, NDArray[Any]]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()

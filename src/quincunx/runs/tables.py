"""Derived tables: polars in memory, Parquet on disk, one digest for their content.

The digest says whether two runs found the same. It depends on names, types and
values only, not on the order in which rows arrived, on chunks, or on Parquet's
encoding. Per table, rows in primary-key order, SHA-256 over:

    for each column in schema order
        name and type, each as UTF-8 with its length before it (int64)
        the number of rows (int64)
        0, or 1 and one byte a row (1 = null) when any value is null
        float64: little-endian, every NaN the same bits      (nulls as 0)
        int64, boolean: little-endian int64                  (nulls as 0)
        utf8: all lengths in bytes (little-endian uint32), then all bytes
                                                             (nulls as empty)

and over all tables of a run: SHA-256 over (name, digest) in the order of names.
All integers are widened to int64, all floats to float64, categories to text, so
that a narrower column type does not make another result.
"""

import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from quincunx.errors import CorruptRun, InputError

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "in_key_order",
    "read_parquet",
    "refuse_unrepeatable",
    "table_sha256",
    "tables_sha256",
    "write_parquet",
]

_CHUNK = 1 << 17
_UNREPEATABLE = frozenset(
    {
        "run_id", "seconds", "duration", "elapsed", "created", "started", "finished",
        "timestamp", "cost", "wall_seconds", "cpu_seconds",
    }
)  # fmt: skip


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...


def in_key_order(frame: "pl.DataFrame", key: Sequence[str]) -> "pl.DataFrame":
    """``frame`` with canonical column types, its rows sorted by ``key``.

    Raises:
        InputError: When ``key`` is empty, names no column, has nulls or is not unique,
            or when a column's type has no digest.
    """
    absent = [name for name in key if name not in frame.columns]
    if absent or not key:
        raise InputError(f"a table's key names its columns {frame.columns}; got {list(key)}.")
    ordered = _canonical(frame)
    if any(ordered.select(key).null_count().row(0)):
        raise InputError(f"the key {list(key)} has nulls; give every row its name.")
    if not _rises(ordered, key).all():
        ordered = ordered.sort(list(key))
        rises = _rises(ordered, key)
        if not rises.all():
            row = ordered.select(key).row(int((~rises).arg_true()[0]) + 1)
            raise InputError(f"the key {list(key)} is not unique: {row} names more than one row.")
    return ordered.rechunk()


def _rises(frame: "pl.DataFrame", key: Sequence[str]) -> "pl.Series":
    """For every row but the first: whether its key is larger than that of the row before."""
    import polars as pl

    larger = pl.lit(value=False)
    for name in reversed(key):
        now, before = pl.col(name), pl.col(name).shift(1)
        larger = (now > before) | ((now == before) & larger)
    return frame.select(larger.alias("larger")).to_series()[1:]


def refuse_unrepeatable(columns: Iterable[str]) -> None:
    """Refuse columns whose names say that equal runs would differ in them."""
    found = sorted(_UNREPEATABLE.intersection(columns))
    if found:
        raise InputError(
            f"columns {found} differ between equal runs and cannot be digested."
            " Leave them out, or write the table with digested=False."
        )


def table_sha256(frame: "pl.DataFrame", *, key: Sequence[str]) -> str:
    """Digest of one table's names, types and values, whatever the order of its rows."""
    ordered = in_key_order(frame, key)
    total = hashlib.sha256()
    for series in ordered.iter_columns():
        _add_column(total, series)
    return total.hexdigest()


def tables_sha256(digests: Mapping[str, str]) -> str:
    """One digest over all tables of a run.

    Args:
        digests: Table name -> ``table_sha256``.
    """
    total = hashlib.sha256()
    for name in sorted(digests):
        _add_text(total, name)
        total.update(bytes.fromhex(digests[name]))
    return total.hexdigest()


def write_parquet(path: Path, frame: "pl.DataFrame") -> str:
    """Write ``frame`` atomically; equal frames make equal bytes. Returns their SHA-256."""
    from quincunx.documents import sha256_bytes, write_atomic

    buffer = io.BytesIO()
    # Nobody filters these files without reading them whole, so they carry no statistics.
    frame.write_parquet(buffer, compression="zstd", statistics=False, row_group_size=_CHUNK)
    content = buffer.getvalue()
    write_atomic(path, content)
    return sha256_bytes(content)


def read_parquet(path: Path) -> "pl.DataFrame":
    """The table at ``path``; a missing or damaged file is a ``CorruptRun``."""
    import polars as pl

    try:
        return pl.read_parquet(path, use_statistics=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise CorruptRun(f"cannot read the table {path}: {error}.") from error


def _canonical(frame: "pl.DataFrame") -> "pl.DataFrame":
    """The same values in the four types that a digest knows."""
    import polars as pl

    casts = []
    for name, kind in frame.schema.items():
        if kind.is_float():
            casts.append(pl.col(name).cast(pl.Float64))
        elif kind.is_integer():
            casts.append(pl.col(name).cast(pl.Int64))
        elif kind in (pl.Boolean, pl.String):
            casts.append(pl.col(name))
        elif kind in (pl.Categorical, pl.Enum):
            casts.append(pl.col(name).cast(pl.String))
        else:
            raise InputError(
                f"column {name!r} has type {kind}; a table holds floats, integers, booleans"
                " and text. Convert it, or give an all-null column a type."
            )
    try:
        return frame.select(casts)
    except pl.exceptions.InvalidOperationError as error:
        raise InputError(f"an integer does not fit 64 bits with sign: {error}.") from None


def _add_text(total: _Hash, text: str) -> None:
    raw = text.encode()
    total.update(len(raw).to_bytes(8, "little"))
    total.update(raw)


def _add_column(total: _Hash, series: "pl.Series") -> None:
    import polars as pl

    kinds = {pl.Float64: "float64", pl.Int64: "int64", pl.Boolean: "boolean", pl.String: "utf8"}
    kind = next(label for dtype, label in kinds.items() if series.dtype == dtype)
    _add_text(total, series.name)
    _add_text(total, kind)
    total.update(series.len().to_bytes(8, "little"))
    if series.has_nulls():
        total.update(b"\x01")
        total.update(series.is_null().cast(pl.UInt8).to_numpy().tobytes())
    else:
        total.update(b"\x00")
    if kind == "utf8":
        _add_strings(total, series)
    else:
        _add_numbers(total, series, kind)


def _add_numbers(total: _Hash, series: "pl.Series", kind: str) -> None:
    import numpy as np
    import polars as pl

    if kind == "float64":
        values = series.fill_null(0.0).fill_nan(float("nan")).to_numpy()
        total.update(np.ascontiguousarray(values, dtype="<f8").tobytes())
    else:
        whole = series.cast(pl.Int64).fill_null(0).to_numpy()
        total.update(np.ascontiguousarray(whole, dtype="<i8").tobytes())


def _add_strings(total: _Hash, series: "pl.Series") -> None:
    if series.null_count() == series.len():
        total.update(bytes(4 * series.len()))
        return
    filled = series.fill_null("")
    total.update(filled.str.len_bytes().to_numpy().astype("<u4").tobytes())
    for start in range(0, filled.len(), _CHUNK):
        joined = filled.slice(start, _CHUNK).str.join("")
        total.update(joined[0].encode())

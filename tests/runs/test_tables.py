"""The digest is the content's: blind to how rows came, awake to every value."""

import hashlib
import math
import struct
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quincunx.errors import CorruptRun, InputError
from quincunx.runs import table_sha256, tables_sha256
from quincunx.runs.tables import in_key_order, read_parquet, write_parquet

SCHEMA = {"k": pl.Int64, "x": pl.Float64, "s": pl.String, "b": pl.Boolean}
rows = st.lists(
    st.tuples(
        st.integers(-(2**63), 2**63 - 1),
        st.none() | st.floats(),
        st.none() | st.text(max_size=8),
        st.none() | st.booleans(),
    ),
    unique_by=lambda row: row[0],
    max_size=12,
)


def frame_of(values):
    """A frame of the four types a digest knows."""
    return pl.DataFrame(values, schema=SCHEMA, orient="row")


def slow_digest(frame, key):
    """The digest by its written definition, value by value, with the standard library only."""
    total = hashlib.sha256()

    def text(value):
        raw = value.encode()
        total.update(struct.pack("<q", len(raw)) + raw)

    kinds = {pl.Int64: "int64", pl.Float64: "float64", pl.String: "utf8", pl.Boolean: "boolean"}
    ordered = frame.sort(key)
    for name in ordered.columns:
        values = ordered[name].to_list()
        kind = kinds[ordered.schema[name]]
        text(name)
        text(kind)
        total.update(struct.pack("<q", len(values)))
        has_null = any(value is None for value in values)
        total.update(b"\1" if has_null else b"\0")
        if has_null:
            total.update(bytes(value is None for value in values))
        if kind == "utf8":
            encoded = [(value or "").encode() for value in values]
            total.update(b"".join(struct.pack("<I", len(raw)) for raw in encoded))
            total.update(b"".join(encoded))
        elif kind == "float64":
            plain = [0.0 if v is None else math.nan if math.isnan(v) else v for v in values]
            total.update(b"".join(struct.pack("<d", value) for value in plain))
        else:
            total.update(b"".join(struct.pack("<q", int(value or 0)) for value in values))
    return total.hexdigest()


@given(values=rows)
def test_the_fast_digest_is_the_written_definition(values):
    """Vectorized and value by value agree, with nulls, NaN, infinities and any text."""
    frame = frame_of(values)
    assert table_sha256(frame, key=("k",)) == slow_digest(frame, ["k"])


@given(values=rows, seed=st.integers(0, 99))
def test_row_order_and_chunks_do_not_matter(values, seed):
    """The same rows, shuffled and in pieces, are the same table."""
    frame = frame_of(values)
    shuffled = frame.sample(fraction=1.0, shuffle=True, seed=seed)
    pieces = pl.concat([shuffled[:5], shuffled[5:]], rechunk=False)
    assert table_sha256(pieces, key=("k",)) == table_sha256(frame, key=("k",))


@given(values=rows.filter(len), data=st.data())
def test_every_changed_value_changes_the_digest(values, data):
    """One cell, anywhere, to anything else."""
    row = data.draw(st.integers(0, len(values) - 1))
    column = data.draw(st.sampled_from([1, 2, 3]))
    options = {
        1: st.none() | st.floats(),
        2: st.none() | st.text(max_size=8),
        3: st.none() | st.booleans(),
    }
    old = values[row][column]
    new = data.draw(options[column].filter(lambda v: not same(v, old)))
    changed = [*values]
    changed[row] = (*values[row][:column], new, *values[row][column + 1 :])
    assert table_sha256(frame_of(changed), key=("k",)) != table_sha256(frame_of(values), key=("k",))


def same(a, b):
    """Whether two cells are the same value: all NaN are one, zero has a sign."""
    if isinstance(a, float) and isinstance(b, float):
        return (math.isnan(a) and math.isnan(b)) or (
            a == b and math.copysign(1, a) == math.copysign(1, b)
        )
    return type(a) is type(b) and a == b


@given(values=rows)
def test_parquet_changes_nothing(tmp_path_factory, values):
    """What is read back has the digest of what was written."""
    path = tmp_path_factory.mktemp("t") / "t.parquet"
    frame = in_key_order(frame_of(values), ("k",))
    write_parquet(path, frame)
    assert table_sha256(read_parquet(path), key=("k",)) == table_sha256(frame, key=("k",))


def test_every_nan_is_one():
    """A NaN from another computation, with other bits, is the same NaN."""
    odd = np.array([0x7FF8000000000001, 0xFFF8000000000000], dtype=np.uint64).view(np.float64)
    one = pl.DataFrame({"k": [1, 2], "x": odd})
    other = pl.DataFrame({"k": [1, 2], "x": [math.nan, math.nan]})
    assert table_sha256(one, key=("k",)) == table_sha256(other, key=("k",))


@pytest.mark.parametrize(
    "column",
    [
        pl.Series("x", ["ab", "c"]),
        pl.Series("x", ["a", "bc"]),
        pl.Series("x", ["abc", ""]),
        pl.Series("x", ["abc", None]),
        pl.Series("y", ["ab", "c"]),
        pl.Series("x", [1, 0]),
        pl.Series("x", [1.0, 0.0]),
        pl.Series("x", [True, False]),
        pl.Series("x", [1.0, None]),
        pl.Series("x", [1.0, math.nan]),
    ],
)
def test_what_looks_alike_is_told_apart(column):
    """Text cut elsewhere, null, empty, zero, NaN, another name, another type: all different."""
    key = pl.Series("k", [1, 2])
    others = [pl.Series("x", ["ab", "c", "d"]), column]
    digests = {
        table_sha256(pl.DataFrame([key, other]), key=("k",)) for other in others if other.len() == 2
    }
    plain = table_sha256(pl.DataFrame([key, pl.Series("x", ["ab", "c"])]), key=("k",))
    is_plain = column.name == "x" and column.to_list() == ["ab", "c"]
    assert (plain in digests) == is_plain


def test_narrow_types_are_the_same_content():
    """An int32 column and a category say what int64 and text say."""
    narrow = pl.DataFrame(
        {"k": [1, 2], "c": ["a", "b"], "f": [0.5, 1.5]},
        schema={"k": pl.Int32, "c": pl.Categorical, "f": pl.Float32},
    )
    wide = pl.DataFrame({"k": [1, 2], "c": ["a", "b"], "f": [0.5, 1.5]})
    assert table_sha256(narrow, key=("k",)) == table_sha256(wide, key=("k",))


def test_the_order_of_columns_is_part_of_the_schema():
    """Columns are digested in schema order: another order is another table."""
    frame = pl.DataFrame({"k": [1], "a": [2], "b": [3]})
    assert table_sha256(frame, key=("k",)) != table_sha256(frame.select("k", "b", "a"), key=("k",))


def test_one_digest_over_all_tables():
    """By name, whatever the order of writing; a renamed or missing table shows."""
    a, b = "00" * 32, "ff" * 32
    both = tables_sha256({"one": a, "two": b})
    assert both == tables_sha256({"two": b, "one": a})
    assert (
        len(
            {
                both,
                tables_sha256({"one": b, "two": a}),
                tables_sha256({"one": a}),
                tables_sha256({}),
            }
        )
        == 4
    )


@pytest.mark.parametrize(
    ("frame", "key", "message"),
    [
        ({"k": [1, 1], "x": [1, 2]}, ("k",), r"key \['k'\] is not unique: \(1,\) names more"),
        ({"k": [1, None]}, ("k",), r"key \['k'\] has nulls"),
        ({"k": [1]}, (), r"key names its columns \['k'\]; got \[\]"),
        ({"k": [1]}, ("z",), r"got \['z'\]"),
        ({"k": [1], "l": [[1]]}, ("k",), r"column 'l' has type List\(Int64\); a table holds"),
        ({"k": [1], "l": [None]}, ("k",), r"column 'l' has type Null"),
        ({"k": [2**63]}, ("k",), "does not fit 64 bits"),
    ],
)
def test_a_table_needs_a_key_and_plain_types(frame, key, message):
    """Each refusal names the column or the row."""
    with pytest.raises(InputError, match=message):
        table_sha256(pl.DataFrame(frame), key=key)


def test_a_key_of_several_columns_orders_and_names_rows():
    """(a, b) may repeat in a or in b, not in both."""
    frame = pl.DataFrame({"a": ["y", "x", "x"], "b": [1, 2, 1], "v": [1.0, 2.0, 3.0]})
    assert in_key_order(frame, ("a", "b"))["v"].to_list() == [3.0, 2.0, 1.0]
    with pytest.raises(InputError, match=r"\('x', 1\) names more"):
        in_key_order(frame.with_columns(b=pl.lit(1)), ("a", "b"))


def test_parquet_bytes_do_not_depend_on_threads(tmp_path):
    """The same table is the same file on one thread and on four."""
    code = (
        "import sys, polars as pl; from pathlib import Path;"
        "from quincunx.runs.tables import write_parquet, in_key_order;"
        "n = 200_000;"
        "f = pl.DataFrame({'k': range(n), 's': [f'r{i % 97}' for i in range(n)]});"
        "f = f.with_columns(x=(pl.col('k') * 0.37).sin());"
        "f = f.sample(fraction=1.0, shuffle=True, seed=1);"
        "print(write_parquet(Path(sys.argv[1]), in_key_order(f, ('k',))))"
    )
    digests = set()
    for threads in ("1", "4"):
        run = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "t.parquet")],
            env={"POLARS_MAX_THREADS": threads}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        digests.add(run.stdout)
    assert len(digests) == 1


def test_a_damaged_table_is_told(tmp_path):
    """A file that is not Parquet names itself."""
    path = tmp_path / "t.parquet"
    path.write_bytes(b"nonsense")
    with pytest.raises(CorruptRun, match=r"cannot read the table .*t\.parquet"):
        read_parquet(path)

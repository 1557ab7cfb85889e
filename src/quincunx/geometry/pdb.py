"""Recovered coordinates in the records of a PDB file, so that a molecular viewer opens them.

The reference gives everything but the place: names, residues, chains, occupancies.
Records that speak of the old frame (unit cell, scale and origin matrices,
anisotropic temperature factors) are left out, for they would now be wrong; of
several models only the first is written, all alternate locations with it.

Format: wwPDB, Atomic Coordinate Entry Format 3.3, ATOM (columns 31-38, 39-46,
47-54 hold x, y, z as 8.3f).
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from quincunx.documents import write_output
from quincunx.errors import InputError
from quincunx.geometry.types import Floats

__all__ = ["pdb_text", "write_pdb"]

LOW, HIGH = -999.9995, 9999.9995  # what 8.3f holds in eight columns
OLD_FRAME = ("CRYST1", "ORIGX", "SCALE", "MTRIX", "ANISOU", "MODEL ")


def pdb_text(reference: str, points: Floats, *, het: bool | None = None) -> str:
    """``reference`` (a PDB file's text) with its atoms moved to ``points``.

    Args:
        reference: Text of the file the points were sampled from.
        points: New coordinates in Angstrom, shape (n, 3), one row an atom in file order.
        het: Whether HETATM records count as atoms; otherwise they are left out. None:
            they count if only then the number of atoms is n.

    Raises:
        InputError: If the number of atoms is not n, the points are not three-dimensional,
            or a coordinate does not fit the format.
    """
    P = np.asarray(points, dtype=np.float64)
    if P.ndim != 2 or P.shape[1] != 3:
        raise InputError(
            f"a PDB file holds three coordinates an atom; points have shape {P.shape}."
        )
    lines = list(_first_model(reference))
    plain, all_ = (sum(_is_atom(line, every) for line in lines) for every in (False, True))
    if het is None:
        het = plain != len(P) and all_ == len(P)
    if len(P) != (all_ if het else plain):
        raise InputError(
            f"the reference has {plain} atoms, {all_} with its HETATM records, but there are"
            f" {len(P)} points. Give the file that the points were sampled from."
        )
    out, row = [], 0
    for line in lines:
        if _is_atom(line, het):
            out.append(_moved(line, P[row], row))
            row += 1
        elif not line.startswith(("HETATM", *OLD_FRAME)):
            out.append(line)
    return "\n".join(out) + "\n"


def write_pdb(path: Path, reference: Path, points: Floats, *, het: bool | None = None) -> None:
    """Write ``points`` to ``path`` in the records of the file ``reference``; see ``pdb_text``.

    Raises:
        InputError: As ``pdb_text``, or if the reference cannot be read.
    """
    try:
        text = reference.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise InputError(f"cannot read {reference}: {error.strerror}. Check the path.") from None
    write_output(path, pdb_text(text, points, het=het).encode())


def _first_model(text: str) -> Iterator[str]:
    """The lines up to the first ENDMDL, then only what follows the last model."""
    inside = True
    for line in text.splitlines():
        if line.startswith("ENDMDL"):
            inside = False
        elif inside or line.startswith(("CONECT", "END")):
            yield line


def _is_atom(line: str, het: bool) -> bool:
    return line.startswith("ATOM  ") or (het and line.startswith("HETATM"))


def _moved(line: str, point: Floats, row: int) -> str:
    if not np.all((point > LOW) & (point < HIGH)):
        raise InputError(
            f"atom {row} at {point.tolist()} does not fit a PDB file, whose coordinates lie in"
            " -999.999..9999.999. Write .csv or .npy."
        )
    fields = "".join(f"{value:8.3f}" for value in point)
    return f"{line[:30]:<30}{fields}{line[54:]}"

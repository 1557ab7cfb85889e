"""A long solve saved as it goes, so that a rerun continues to the same bits.

A solve is a tree of named stages (``"0/3"`` an attempt, ``"0/3/cg 4"`` a loop in it).
A finished stage is remembered until the stage above it finishes; the running one by
its state. A rerun walks the same tree, takes what is remembered and goes on where
the running stage was. The file is replaced whole (temporary file, fsync, rename).
"""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quincunx.documents import write_atomic
from quincunx.errors import InputError

__all__ = ["Checkpoint"]

Arrays = Mapping[str, NDArray[Any]]
MARK = "fingerprint"


class Checkpoint:
    """The stages remembered in one file, or in memory alone.

    Args:
        path: The file, or None: then nothing is remembered.
        fingerprint: Of the problem and the settings; another one is refused.
        every: Seconds between two writes.

    Raises:
        InputError: If the file is no checkpoint, or one of another problem.
    """

    def __init__(
        self, path: Path | None = None, *, fingerprint: str = "", every: float = 60.0
    ) -> None:
        self.path = path
        self.fingerprint = fingerprint
        self.every = every
        self.saved = time.perf_counter()
        self.frozen = False
        self.stages: dict[str, dict[str, NDArray[Any]]] = {}
        if path is not None and path.exists():
            self.stages = self._read(path)

    def recall(self, stage: str) -> dict[str, NDArray[Any]] | None:
        """Copies of what was remembered of ``stage``, or None."""
        found = self.stages.get(stage)
        return None if found is None else {name: a.copy() for name, a in found.items()}

    def keep(self, stage: str, arrays: Arrays, *, finished: bool = False) -> None:
        """Remember the state of ``stage``; write the file when its time has come.

        A stage that has ``finished`` replaces all stages below it.
        """
        if self.path is None or self.frozen:
            return
        due = time.perf_counter() - self.saved >= self.every
        if finished:
            for name in [key for key in self.stages if key.startswith(f"{stage}/")]:
                del self.stages[name]
        if finished or due:
            self.stages[stage] = {name: np.array(a) for name, a in arrays.items()}
        if due:
            self.write()

    def freeze(self, stage: str, arrays: Arrays) -> None:
        """Write ``stage`` as it is and remember nothing more: the time is up.

        What follows only rounds an answer off; a rerun must go on from here.
        """
        if self.path is not None and not self.frozen:
            self.stages[stage] = {name: np.array(a) for name, a in arrays.items()}
            self.write()
            self.frozen = True

    def write(self) -> None:
        """Put what is remembered on disk now."""
        if self.path is None or self.frozen:
            return
        buffer = io.BytesIO()
        flat: dict[str, Any] = {MARK: np.array(self.fingerprint)}
        for stage, arrays in self.stages.items():
            flat |= {f"{stage}|{name}": array for name, array in arrays.items()}
        np.savez(buffer, **flat)
        write_atomic(self.path, buffer.getvalue())
        self.saved = time.perf_counter()

    def remove(self) -> None:
        """Delete the file: the solve is over."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def _read(self, path: Path) -> dict[str, dict[str, NDArray[Any]]]:
        stages: dict[str, dict[str, NDArray[Any]]] = {}
        try:
            with np.load(path, allow_pickle=False) as file:
                mark = str(file[MARK])
                for key in file.files:
                    if key != MARK:
                        stage, name = key.rsplit("|", 1)
                        stages.setdefault(stage, {})[name] = file[key]
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            raise InputError(
                f"{path} is not a checkpoint of a solve; name another file or delete it."
            ) from None
        if mark != self.fingerprint:
            raise InputError(
                f"the checkpoint {path} belongs to other distances, settings or another seed;"
                " name another file or delete it."
            )
        return stages

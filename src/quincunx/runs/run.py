"""One run: its folder, its ledger, its tables, and how it ends.

    <utc>-<room>-<8 hex>/
        manifest.json    what was asked, with what, and how it ended
        ledger.sqlite    committed results; the only thing needed to resume
        tables/          Parquet, derived from the ledger, rebuildable
        artifacts/       reports, figures, exported files
        writer.lock      held by the one process that writes

A writer is a context manager. While a run is ``running``, leaving by an exception
records it (``failed``, or ``stopped`` for an interruption or a spent budget), and
leaving without ``finish`` records ``stopped``: only ``finish("complete")`` makes a run
complete, and a complete run stays so.
"""

import asyncio
import re
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from quincunx.documents import write_atomic
from quincunx.errors import BudgetReached, InputError
from quincunx.runs import tables
from quincunx.runs.ledger import Ledger
from quincunx.runs.lock import WriterLock
from quincunx.runs.manifest import (
    ENDINGS,
    Manifest,
    TableRecord,
    read_manifest,
    state_of,
    utc_now,
    write_manifest,
)

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Run"]

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
_STOPS = (KeyboardInterrupt, asyncio.CancelledError, GeneratorExit, SystemExit)


class Run:
    """A run opened for reading, or for writing when a ``lock`` is given.

    Made by ``Workspace.create``, ``open`` and ``resume``, not directly.

    Attributes:
        id: The run's name, also its folder's.
        folder: Where everything of the run lies.
        manifest: The manifest as it stands now (a new object at every change).
        ledger: Unit -> committed result.
    """

    def __init__(self, folder: Path, *, lock: WriterLock | None = None) -> None:
        self.folder = folder
        self.id = folder.name
        self.manifest: Manifest = read_manifest(folder)
        self._lock = lock
        self.ledger = Ledger(
            folder / "ledger.sqlite", writable=lock is not None, durable=self.manifest.durable
        )

    def __enter__(self) -> "Run":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.is_writer and self.manifest.status == "running":
            self._record_end(error)
        self.close()

    @property
    def is_writer(self) -> bool:
        """Whether this handle may change the run."""
        return self._lock is not None

    @property
    def state(self) -> str:
        """``running``, ``interrupted`` (its writer is gone) or how it ended."""
        if self.is_writer:
            return self.manifest.status
        return state_of(self.manifest.status, self.folder)

    # Tables -----------------------------------------------------------------------

    def write_table(
        self, name: str, frame: "pl.DataFrame", *, key: Sequence[str], digested: bool = True
    ) -> TableRecord:
        """Write a derived table as Parquet, in the order of its key, and record its digest.

        Args:
            name: ``[a-z][a-z0-9_-]*``; a table of this name is replaced.
            frame: Columns of floats, integers, booleans and text only.
            key: The columns that name a row; unique and never null.
            digested: False for a table of times or costs, which may differ between
                equal runs and therefore stays out of ``tables_sha256``.

        Raises:
            InputError: For a reader, a bad name, a key that is not one, a column type
                that has no digest, or a digested column that names a time or a cost.
        """
        self._must_write()
        path = self._table_path(name)
        ordered = tables.in_key_order(frame, key)
        if digested:
            tables.refuse_unrepeatable(ordered.columns)
        path.parent.mkdir(exist_ok=True)
        record = TableRecord(
            key=tuple(key),
            n_rows=ordered.height,
            sha256=tables.table_sha256(ordered, key=key),
            file_sha256=tables.write_parquet(path, ordered),
            digested=digested,
            ledger=self.ledger.extent(),
        )
        records = {**self.manifest.tables, name: record}
        digest = tables.tables_sha256({n: r.sha256 for n, r in records.items() if r.digested})
        self._update(tables=dict(sorted(records.items())), tables_sha256=digest)
        return record

    def read_table(self, name: str) -> "pl.DataFrame":
        """The table ``name`` as written.

        Raises:
            InputError: When the run has no such table; names those it has.
            CorruptRun: When its file is missing or unreadable.
        """
        if name not in self.manifest.tables:
            known = ", ".join(self.tables()) or "none yet"
            raise InputError(f"run {self.id} has no table {name!r}; it has: {known}.")
        return tables.read_parquet(self._table_path(name))

    def tables(self) -> tuple[str, ...]:
        """Names of the tables written so far, sorted."""
        return tuple(sorted(self.manifest.tables))

    # Artifacts --------------------------------------------------------------------

    def write_artifact(self, name: str, content: bytes | str) -> Path:
        """Write a report, figure or export under ``artifacts/``, atomically; its path."""
        self._must_write()
        path = self.artifact(name)
        path.parent.mkdir(exist_ok=True)
        return write_atomic(path, content)

    def artifact(self, name: str) -> Path:
        """Where the artifact ``name`` lies, or would lie.

        Raises:
            InputError: When ``name`` is not a plain file name.
        """
        if not _FILE.fullmatch(name):
            raise InputError(
                f"{name!r} is not a plain file name; use letters, digits, '.', '_', '-'."
            )
        return self.folder / "artifacts" / name

    def artifacts(self) -> tuple[str, ...]:
        """File names under ``artifacts/``, sorted; unfinished temporary files are not."""
        folder = self.folder / "artifacts"
        if not folder.is_dir():
            return ()
        return tuple(sorted(f.name for f in folder.iterdir() if _FILE.fullmatch(f.name)))

    # Limits -----------------------------------------------------------------------

    def set_limits(self, **limits: int) -> None:
        """Go on under other limits (a budget): they say how a run is executed, not what it finds.

        Args:
            limits: New values by name, recorded in the manifest's ``limits``.

        Raises:
            InputError: For a run that has no such limit.
        """
        self._must_write()
        config = dict(self.manifest.config)
        known = dict(config.get("limits") or {})
        if unknown := sorted(limits.keys() - known.keys()):
            raise InputError(
                f"run {self.id} ({self.manifest.room} {self.manifest.command}) has no limit"
                f" {unknown[0]!r}. Resume it without one."
            )
        self._update(config={**config, "limits": {**known, **limits}})

    # The end ----------------------------------------------------------------------

    def finish(
        self, status: str, *, summary: Mapping[str, Any] | None = None, message: str = ""
    ) -> None:
        """Record how the run ended; it stays open for writing until it is left or closed.

        Args:
            status: ``"complete"``, ``"stopped"`` (a limit or a person) or ``"failed"``.
            summary: What a list of runs should know, as JSON; kept when None.
            message: One sentence for a person.
        """
        self._must_write()
        if status not in ENDINGS:
            raise InputError(f"a run ends as one of {', '.join(ENDINGS)}; got {status!r}.")
        kept = self.manifest.summary if summary is None else summary
        self._update(status=status, finished=utc_now(), message=message, summary=kept)

    def close(self) -> None:
        """Close the ledger and let the next writer in. Closing twice is harmless."""
        self.ledger.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _record_end(self, error: BaseException | None) -> None:
        """How a run ended that nobody finished."""
        if error is None:
            self.finish("stopped", message="left before it was finished")
        elif isinstance(error, (BudgetReached, *_STOPS)):
            self.finish("stopped", message=str(error) or "interrupted")
        else:
            self.write_artifact("failure.txt", "".join(traceback.format_exception(error)))
            self.finish("failed", message=f"{type(error).__name__}: {error}")

    def _update(self, **changes: Any) -> None:
        self.manifest = self.manifest.replace(**changes)
        write_manifest(self.folder, self.manifest)

    def _must_write(self) -> None:
        if not self.is_writer:
            raise InputError(f"run {self.id} is open for reading. Resume it to write to it.")

    def _table_path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise InputError(
                f"{name!r} is not a table name; use small letters, digits, '_' and '-'."
            )
        return self.folder / "tables" / f"{name}.parquet"

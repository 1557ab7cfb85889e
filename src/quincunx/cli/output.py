"""What every command shares: its common options, and how a result is printed.

A command that yields a result prints one JSON document to stdout under
``--json`` and nothing else; progress and warnings go to stderr.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

__all__ = [
    "OUTPUT",
    "aligned",
    "echo",
    "echo_json",
    "json_option",
    "note",
    "workspace_option",
]

F = TypeVar("F", bound=Callable[..., Any])


class _OutputFile(click.Path):
    """A file that a command will write: refused before the work where there is no place for it."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, dir_okay=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path, once its folder is known to be there."""
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        folder = path.absolute().parent
        if not folder.is_dir():
            self.fail(f"there is no folder {folder} to write {path.name} into. Make it first.")
        if not os.access(folder, os.W_OK):
            self.fail(f"the folder {folder} cannot be written to. Choose another one.")
        return path


OUTPUT = _OutputFile()
"""Type of options that name a file to write."""


def json_option(command: F) -> F:
    """Add ``--json``: one JSON document on stdout instead of text (argument ``as_json``)."""
    text = "Print one JSON document and nothing else."
    return click.option("--json", "as_json", is_flag=True, help=text)(command)


def workspace_option(command: F) -> F:
    """Add ``--workspace DIR`` (argument ``workspace``: a path or None for the default)."""
    text = "Where runs are kept. [default: $QUINCUNX_WORKSPACE, else ./quincunx-workspace]"
    kind = click.Path(path_type=Path, file_okay=False)
    return click.option("--workspace", type=kind, default=None, help=text)(command)


def echo_json(document: object) -> None:
    """Print ``document`` as JSON on stdout; NaN becomes null with its reason beside it."""
    from quincunx.documents import dumps

    click.echo(dumps(document))


def echo(text: str) -> None:
    """Print a result for a person: names and messages in it lose their control characters."""
    from quincunx.documents.untrusted import strip_controls

    click.echo(strip_controls(text))


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows of text as columns two spaces apart, one line a row, no trailing spaces.

    A cell is one line without control characters, whoever wrote what stands in it.
    """
    from quincunx.documents.untrusted import strip_controls

    rows = [[strip_controls(cell).replace("\n", " ") for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "\n".join(lines)


def note(text: str) -> None:
    """One line for the person, on stderr, without control characters."""
    from quincunx.documents.untrusted import strip_controls

    click.echo(strip_controls(text), err=True)

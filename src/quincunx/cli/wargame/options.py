"""Options that several wargame verbs share, and how they become a configuration."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from quincunx.cli.output import json_option, note, workspace_option
from quincunx.errors import InputError

__all__ = [
    "FOLDER",
    "analysed",
    "caution",
    "chance",
    "run_options",
    "scope",
    "source_config",
    "source_options",
    "words",
]

F = TypeVar("F", bound=Callable[..., Any])
FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)


def run_options(command: F) -> F:
    """``--workspace``, ``--no-run`` and ``--json``."""
    text = "Leave no run behind."
    return workspace_option(click.option("--no-run", is_flag=True, help=text)(json_option(command)))


def source_options(command: F) -> F:
    """``[SOURCE]``, ``--data``, ``--log`` and ``--scenario``."""
    command = click.option(
        "--scenario", default=None, help="Cast and days of a log. [default: neutral]"
    )(command)
    command = click.option("--log", "log", type=FILE, default=None, help="One action log (CSV).")(
        command
    )
    command = click.option("--data", type=FOLDER, default=None, help="Folder of published files.")(
        command
    )
    return click.argument("source", required=False)(command)


def source_config(
    source: str | None, data: Path | None, log: Path | None, scenario: str | None
) -> dict[str, Any]:
    """The source as configuration; exactly one must be given."""
    given = [
        name for name, value in (("SOURCE", source), ("--data", data), ("--log", log)) if value
    ]
    if len(given) != 1:
        told = " and ".join(given) or "nothing"
        raise InputError(f"name one source: a run, --data DIR or --log FILE; got {told}.")
    return {
        "source": {
            "run": source,
            "data": str(data.absolute()) if data else None,
            "log": str(log.absolute()) if log else None,
        },
        "scenario": scenario,
    }


def words(text: str | None) -> list[str] | None:
    """A comma list as words; None stays None."""
    return None if text is None else [word.strip() for word in text.split(",") if word.strip()]


def analysed(
    command: str, config: dict[str, Any], *, workspace: Path | None, no_run: bool
) -> dict[str, Any]:
    """The document of an analysis, leaving a run unless told otherwise."""
    from quincunx.wargame.run_analysis import analyse

    document = analyse(
        command,
        config,
        workspace=workspace,
        keep_run=not no_run,
        on_run=lambda run: note(f"run {run}"),
    )
    if document.get("has_human"):
        note("A person sat at the table of these games.")
    return document


_PROMPTS_DIFFER = (
    "Llama-2-Chat and GPT-4-Base were played without past actions in the prompt, the others"
    " with: they may not be comparable."
)


def caution(models: set[Any]) -> None:
    """Say where published models that were prompted differently stand in one table."""
    if models & {"Llama-2-Chat", "GPT-4-Base"} and models & {"GPT-4", "GPT-3.5", "Claude-2.0"}:
        note(_PROMPTS_DIFFER)


def chance(p: float | None) -> str:
    """A p value as people read it."""
    if p is None:
        return "undefined"
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def scope() -> None:
    """Say on stderr what results of this room are about."""
    from quincunx.wargame import SCOPE_NOTE

    note(SCOPE_NOTE)

"""``quincunx runs``: what was computed, go on with it, check it, compare it, clear it away."""

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quincunx.cli.output import aligned, echo_json, json_option, note, workspace_option
from quincunx.errors import InputError

if TYPE_CHECKING:
    from quincunx.runs import Listed, Run

__all__ = ["COMMAND"]


@click.group(name="runs", no_args_is_help=True)
def COMMAND() -> None:
    """List runs, go on with them, check, compare, export and delete them.

    RUN is a run's id, a unique beginning of it, its last eight characters, or "latest".
    """


@COMMAND.command("list")
@click.option("--room", default=None, help="Only runs of this room.")
@click.option("--limit", default=20, show_default=True, help="How many, newest first; 0 for all.")
@workspace_option
@json_option
def list_runs(*, room: str | None, limit: int, workspace: Path | None, as_json: bool) -> None:
    """All runs with their state, newest first."""
    from quincunx.runs import Workspace

    located = Workspace.locate(workspace)
    runs = [run for run in located.list() if room in (None, run.room)]
    shown = runs[:limit] if limit > 0 else runs
    if as_json:
        echo_json({"schema": "quincunx.runs.list/1", "n": len(runs), "runs": shown})
    elif shown:
        click.echo(_listing(shown))
        if len(shown) < len(runs):
            note(f"{len(runs) - len(shown)} older runs are not shown; --limit 0 shows all.")
    else:
        note(f"no runs in {located.runs_folder}.")


@COMMAND.command()
@click.argument("run")
@workspace_option
@json_option
def show(run: str, *, workspace: Path | None, as_json: bool) -> None:
    """One run: settings, state, results so far, tables, how to go on."""
    from quincunx.runs import Workspace

    opened = Workspace.locate(workspace).open(run)
    document = _show_document(opened)
    if as_json:
        echo_json(document)
    else:
        _echo(_show_text(document))


@COMMAND.command()
@click.argument("run")
@click.option(
    "--seat",
    type=click.Choice(["terminal", "browser"]),
    default=None,
    help="Where a person who plays is asked.  [default: where she was]",
)
@click.option("--budget-calls", type=click.IntRange(min=1), default=None, help="Another budget.")
@click.option("--budget-tokens", type=click.IntRange(min=1), default=None, help="Another budget.")
@workspace_option
@json_option
def resume(
    run: str,
    *,
    seat: str | None,
    budget_calls: int | None,
    budget_tokens: int | None,
    workspace: Path | None,
    as_json: bool,
) -> None:
    """Go on with RUN; prints what the command that began it would have printed.

    A budget holds for each process that works on the run: resuming grants it anew, or
    the one that is given here.
    """
    from quincunx.runs import Workspace

    located = Workspace.locate(workspace)
    reader = located.open(run)
    room = _room_of(reader)
    given = {"budget_calls": budget_calls, "budget_tokens": budget_tokens}
    limits = {name: value for name, value in given.items() if value is not None}
    with located.resume(reader.id) as writer:
        if limits:
            writer.set_limits(**limits)
        document = _resumed(room, writer, seat or "")
    if as_json:
        echo_json(document)
    else:
        _echo(f"{writer.id}: {writer.manifest.status}")
        _echo(_scalars(document))
        note(f"everything: quincunx runs show {writer.id}, or resume with --json.")


@COMMAND.command()
@click.argument("run")
@click.option("--strict", is_flag=True, help="Exit with 1 when something is wrong.")
@workspace_option
@json_option
@click.pass_context
def verify(
    ctx: click.Context, /, run: str, *, strict: bool, workspace: Path | None, as_json: bool
) -> None:
    """Compute every hash again and say which table is stale or altered."""
    from quincunx.runs import Workspace
    from quincunx.runs.verify import verify_document

    document = verify_document(Workspace.locate(workspace).open(run))
    if as_json:
        echo_json(document)
    else:
        problems = [*document["ledger"]["problems"], *document["ledger"]["altered_units"]]
        ledger = "sound" if document["ledger"]["ok"] else "; ".join(problems)
        rows = [(t.name, t.state, t.message) for t in document["tables"]]
        _echo(
            aligned([("ledger", "sound" if document["ledger"]["ok"] else "damaged", ledger), *rows])
        )
        _echo(f"{document['run']}: {'as recorded' if document['ok'] else 'NOT as recorded'}")
    if strict and not document["ok"]:
        ctx.exit(1)


@COMMAND.command()
@click.argument("a")
@click.argument("b")
@click.option("--strict", is_flag=True, help="Exit with 1 when the tables differ.")
@workspace_option
@json_option
@click.pass_context
def diff(
    ctx: click.Context, /, a: str, b: str, *, strict: bool, workspace: Path | None, as_json: bool
) -> None:
    """What differs between two runs: settings, versions, data, tables."""
    from quincunx.runs import Workspace
    from quincunx.runs.compare import diff_document
    from quincunx.runs.manifest import read_manifest

    located = Workspace.locate(workspace)
    document = diff_document(read_manifest(located.find(a)), read_manifest(located.find(b)))
    if as_json:
        echo_json(document)
    else:
        rows = [
            (f"{d.section}.{d.key}".rstrip("."), str(d.a), str(d.b))
            for d in document["differences"]
        ]
        _echo(aligned([("", document["a"], document["b"]), *rows]))
        _echo(f"same inputs: {document['same_inputs']}, same tables: {document['same_tables']}")
    if strict and not document["same_tables"]:
        ctx.exit(1)


@COMMAND.command()
@click.argument("run")
@click.option("--to", type=click.Choice(["csv", "parquet"]), required=True, help="The format.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=None,
    help="The folder to write to.  [default: ./<run id>]",
)  # fmt: skip
@workspace_option
@json_option
def export(run: str, *, to: str, out: Path | None, workspace: Path | None, as_json: bool) -> None:
    """Write the tables of RUN for other programs."""
    from quincunx.runs import Workspace
    from quincunx.runs.export import export_tables

    opened = Workspace.locate(workspace).open(run)
    files = export_tables(opened, to, out or Path(opened.id))
    if as_json:
        echo_json({"schema": "quincunx.runs.export/1", "run": opened.id, "files": files})
    else:
        _echo("\n".join(str(file) for file in files))


@COMMAND.command()
@click.argument("runs", nargs=-1)
@click.option("--yes", is_flag=True, help="Delete what is listed.")
@workspace_option
@json_option
def gc(runs: tuple[str, ...], *, yes: bool, workspace: Path | None, as_json: bool) -> None:
    """List what can go: runs without a result, unfinished files, and RUNS; --yes deletes it."""
    from quincunx.runs import Workspace
    from quincunx.runs.collect import delete, garbage

    items = garbage(Workspace.locate(workspace), runs)
    deleted = delete(items) if yes else []
    if as_json:
        echo_json({"schema": "quincunx.runs.gc/1", "found": items, "deleted": deleted})
        return
    if items:
        _echo(
            aligned(
                [(item.run, item.path.name, f"{item.n_bytes:,} B", item.reason) for item in items]
            )
        )
    if yes:
        note(f"deleted {len(deleted)} of {len(items)}.")
    else:
        note(
            "nothing was deleted; --yes deletes what is listed." if items else "nothing to delete."
        )


def _resumed(room: Any, run: "Run", seat: str) -> Any:
    """The document of ``run``, finished; in the wargame a person may have to be asked."""
    if run.manifest.room != "wargame":
        return room.resume(run)
    from quincunx.cli.wargame.people import resume_with_person

    return resume_with_person(run, seat)


def _room_of(run: "Run") -> Any:
    """The module ``quincunx.<room>.run`` that can go on with ``run``."""
    name = f"quincunx.{run.manifest.room}.run"
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not name.startswith(error.name):
            raise
        module = None
    if not hasattr(module, "resume"):
        raise InputError(
            f"run {run.id} is of room {run.manifest.room!r}, which this version cannot resume."
            f" It was made with Quincunx {run.manifest.versions.get('quincunx', 'unknown')}."
        )
    return module


def _listing(runs: "list[Listed]") -> str:
    header = ("RUN", "COMMAND", "STATE", "CREATED")
    rows = [
        (r.id, f"{r.room} {r.command}", r.state, r.created[:16].replace("T", " ")) for r in runs
    ]
    return _clean(aligned([header, *rows]))


def _show_document(run: "Run") -> dict[str, Any]:
    """Everything about a run, as JSON."""
    can_resume = run.state in {"interrupted", "stopped", "failed"}
    return {
        **run.manifest.to_json(),
        "schema": "quincunx.runs.show/1",
        "state": run.state,
        "folder": run.folder,
        "rows": run.ledger.extent(),
        "artifacts": run.artifacts(),
        "resume": f"quincunx runs resume {run.id}" if can_resume else None,
    }


def _show_text(document: dict[str, Any]) -> str:
    """The same for a person."""
    facts = [
        ("run", document["id"]),
        ("command", f"{document['room']} {document['command']}"),
        ("state", " ".join(filter(None, (document["state"], document["message"])))),
        ("created", document["created"]),
        ("finished", document["finished"] or "-"),
        ("seed", str(document["seed"])),
        ("code", (document["code"] or {}).get("commit", "installed package")),
        ("folder", str(document["folder"])),
    ]
    facts += [(f"config.{key}", str(value)) for key, value in document["config"].items()]
    facts += [(f"data.{key}", value) for key, value in document["data"].items()]
    facts += [(f"ledger.{table}", f"{n:,} rows") for table, n in document["rows"].items()]
    facts += [
        (f"table.{name}", f"{record.n_rows:,} rows, {record.sha256[:12]}")
        for name, record in document["tables"].items()
    ]
    facts += [(f"summary.{key}", str(value)) for key, value in document["summary"].items()]
    if document["resume"]:
        facts.append(("go on", document["resume"]))
    return aligned(facts)


def _scalars(document: dict[str, Any]) -> str:
    """The plain values at the top of a document, one a line."""
    from quincunx.documents import json_ready

    ready = json_ready(document)
    rows = [(k, str(v)) for k, v in ready.items() if not isinstance(v, (dict, list))]
    return aligned(rows) if rows else ""


def _clean(text: str) -> str:
    from quincunx.documents.untrusted import strip_controls

    return strip_controls(text)


def _echo(text: str) -> None:
    """Print for a person, without control characters."""
    click.echo(_clean(text))

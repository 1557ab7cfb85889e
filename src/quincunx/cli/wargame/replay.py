"""``quincunx wargame replay``."""

from pathlib import Path

import click

from quincunx.cli.output import OUTPUT, echo, echo_json, json_option, workspace_option

__all__ = ["replay"]


@click.command()
@click.argument("run")
@click.option("--game", type=int, default=0, show_default=True, help="Which game.")
@click.option("--against", type=int, default=None, help="Another game beside it.")
@click.option("--out", type=OUTPUT, default=None, help="File. [default: in the run's artifacts]")
@workspace_option
@json_option
def replay(
    *,
    run: str,
    game: int,
    against: int | None,
    out: Path | None,
    workspace: Path | None,
    as_json: bool,
) -> None:
    """Write one game of RUN as a page: day by day, act by act, needing nothing else."""
    from quincunx.runs import Workspace
    from quincunx.wargame.run_analysis import games_run
    from quincunx.wargame.run_replay import write_replay

    games = [game] if against is None else [game, against]
    opened = games_run(Workspace.locate(workspace), run)
    document = write_replay(opened, games, out=out)
    if as_json:
        echo_json(document)
    else:
        echo(f"{document['page']}  ({document['bytes']:,} bytes)")

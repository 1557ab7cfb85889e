"""Games of a run as replay pages."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from quincunx.documents import write_output
from quincunx.runs import Run
from quincunx.wargame.replay import game_view, replay_html
from quincunx.wargame.replay.view import GameView, told_by_template
from quincunx.wargame.run_analysis import source_of_run
from quincunx.wargame.run_games import run_settings
from quincunx.wargame.score import default_rule

__all__ = ["run_game_view", "write_replay"]


def run_game_view(run: Run, game: int) -> GameView:
    """One game of a finished run, ready to be shown.

    Raises:
        InputError: If the run holds no such game, or no tables yet.
    """
    source = source_of_run(run)
    names = ("actions", "decisions", "state", "days")
    tables = {name: run.read_table(name) for name in names}
    record = run.ledger.get(f"game-{game}") or {}
    told: Sequence[str] = record.get("narratives", {}).get(str(game), ())
    if not told and run_settings(run).world_model == "template":
        own = tables["actions"].filter(tables["actions"]["game"] == game)
        told = told_by_template(own, source.scenario, source.profile)
    return game_view(
        tables,
        game,
        source.scenario,
        rule=default_rule(source.scenario.cast),
        title=f"Game {game} of {run.id}",
        narratives=told,
    )


def write_replay(run: Run, games: Sequence[int], *, out: Path | None = None) -> dict[str, Any]:
    """Write the page of one game, or of two side by side.

    Args:
        run: A run of games, open for reading.
        games: One game number or two.
        out: Where; None puts it among the run's artifacts.

    Returns:
        ``page`` (path), ``bytes``, ``games``.

    Raises:
        InputError: If a game is unknown or the place cannot be written.
    """
    page = replay_html([run_game_view(run, game) for game in games])
    if out is None:
        name = "-".join(f"game-{game}" for game in games)
        out = run.artifact(f"replay-{name}.html")
        out.parent.mkdir(exist_ok=True)
    write_output(out, page)
    return {"page": str(out), "bytes": len(page.encode()), "games": list(games)}

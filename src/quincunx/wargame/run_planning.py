"""How many games a group needs, with the spread of games that were played before."""

from pathlib import Path
from typing import Any

import numpy as np

from quincunx.errors import InputError
from quincunx.runs import Workspace, published_folder
from quincunx.wargame.run_analysis import games_run, source_of_run
from quincunx.wargame.scenario import load_scenario
from quincunx.wargame.score import default_rule, game_scores
from quincunx.wargame.source import Source, source_of_folder
from quincunx.wargame.statistics import games_needed

__all__ = ["games_to_show"]


def games_to_show(
    mde: float, *, like: str | None = None, workspace: Path | None = None, comparisons: int = 1
) -> dict[str, Any]:
    """Games that each group needs to show a difference of ``mde`` points at power .8.

    Args:
        mde: The difference to be shown, points.
        like: A run whose games spread as the planned ones will; None takes the published
            cells.
        workspace: Where the run is.
        comparisons: Size of the family of comparisons.

    Raises:
        InputError: For a run without games that differ, or where the published data are
            absent.
    """
    source, name = _source(like, Workspace.locate(workspace))
    scores = game_scores(source.days(default_rule(source.scenario.cast)))
    groups = {
        f"{cell['model'][0]}, {cell['scenario'][0]}": cell["score"].to_numpy().astype(np.float64)
        for cell in scores.partition_by("model", "scenario")
    }
    found = games_needed(mde, groups, comparisons=comparisons, source=name)
    return found.to_json()


def _source(like: str | None, workspace: Workspace) -> tuple[Source, str]:
    if like is not None:
        run = games_run(workspace, like)
        return source_of_run(run), f"run {run.id}"
    try:
        folder = published_folder("wargame").folder
    except InputError as error:
        raise InputError(f"{error} Or name a run: --like RUN.") from None
    return source_of_folder(folder, load_scenario("neutral")), "the published cells"

"""Replaying an action log: the same submissions, judged and resolved by a profile.

A published log holds what was submitted; everything else (what was executed, how
the numbers moved) is recomputed by the engine, so that a log can be audited and
compared cell by cell with published snapshots.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from quincunx.wargame.profiles import Profile
from quincunx.wargame.rules import Game
from quincunx.wargame.types import Action, ActionResult, Decision, Effect, Scenario

__all__ = ["JUDGED", "StateTable", "judged_columns", "replay_log"]

JUDGED = ("status", "reason", "kind", "to", "notes", "recovery")
"""Columns a judgement adds: outcome, resolved action and target, notes, how it was read."""


@dataclass(frozen=True)
class StateTable:
    """A replayed log.

    Attributes:
        state: One row per game, day 0 ... D and nation, a float column per variable.
        actions: The log's rows with the columns of ``JUDGED``, in order of play.
    """

    state: pl.DataFrame
    actions: pl.DataFrame


def replay_log(
    actions: pl.DataFrame,
    scenario: Scenario,
    *,
    profile: Profile,
    effects: Mapping[str, tuple[Effect, ...]] | None = None,
) -> StateTable:
    """Play every game of a log again under ``profile``.

    Args:
        actions: Columns game (unique), seq, day, nation, target, action.
        scenario: Gives cast and days; nations act in cast order within a day.
        profile: How submissions are judged and resolved.
        effects: Effects by action name instead of the cast's own.
    """
    order = {label: index for index, label in enumerate(scenario.cast.labels)}
    rank = pl.col("nation").replace_strict(order, return_dtype=pl.Int64)
    played = actions.sort("game", "day", rank, "seq")
    keys = list(played.select("game", "day", "nation").iter_rows())
    submitted = list(map(Action, played["action"].to_list(), played["target"].to_list()))
    by_game: dict[int, dict[int, dict[str, list[Action]]]] = {}
    for (game, day, nation), action in zip(keys, submitted, strict=True):
        by_game.setdefault(game, {}).setdefault(day, {}).setdefault(nation, []).append(action)
    engine = Game(scenario, profile=profile, effects=None if effects is None else dict(effects))
    states: list[tuple[float, ...]] = []
    results: list[ActionResult] = []
    for days in by_game.values():
        engine.reset()
        states.append(engine.values)
        for day in range(1, scenario.days + 1):
            decisions = {n: Decision(tuple(own)) for n, own in days.get(day, {}).items()}
            engine.step(decisions)
            states.append(engine.values)
        results += [r for record in engine.log for own in record.results for r in own]
    judged = played.with_columns(**judged_columns(results))
    return StateTable(_state_frame(states, played, scenario, list(by_game)), judged)


def judged_columns(results: list[ActionResult]) -> dict[str, pl.Series]:
    """The columns of ``JUDGED`` from results in row order."""
    text = pl.String
    return {
        "status": pl.Series([r.status for r in results], dtype=text),
        "reason": pl.Series([r.reason for r in results], dtype=text),
        "kind": pl.Series([r.kind for r in results], dtype=text),
        "to": pl.Series([r.target for r in results], dtype=text),
        "notes": pl.Series([",".join(r.notes) or None for r in results], dtype=text),
        "recovery": pl.Series([r.recovery for r in results], dtype=text),
    }


def _state_frame(
    states: list[tuple[float, ...]], played: pl.DataFrame, scenario: Scenario, games: list[int]
) -> pl.DataFrame:
    n, names = scenario.nations, scenario.cast.variable_ids
    cells = np.asarray(states, dtype=np.float64).reshape(-1, len(names))
    days = scenario.days + 1
    frame = pl.DataFrame(
        {
            "game": np.repeat(np.asarray(games, dtype=np.int64), days * n),
            "day": np.tile(np.repeat(np.arange(days, dtype=np.int64), n), len(games)),
            "nation": list(scenario.cast.labels) * (days * len(games)),
            **{name: cells[:, index] for index, name in enumerate(names)},
        }
    )
    own = [c for c in ("model", "scenario", "replicate") if c in played.columns]
    about = played.select("game", *own).unique(subset="game", keep="first", maintain_order=True)
    joined = frame.join(about, on="game", how="left", maintain_order="left")
    return joined.select(*own, "game", "day", "nation", *names)

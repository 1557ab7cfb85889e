"""The records of many games as the five tables of a run.

Tables are made from columns, not from rows: texts are numbered over all games, and a
column of texts is gathered once. Rows stand in the order of games, whatever the order
in which the games were finished.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from quincunx.wargame.recording import COLUMNS, STATUS, GameRecord, record_acts, record_states
from quincunx.wargame.score import ScoreRule, score_days
from quincunx.wargame.types import Scenario

__all__ = ["game_tables"]

_TEXTS = [index for index, name in enumerate(COLUMNS) if name != "status"]


def game_tables(
    records: Mapping[int, GameRecord],
    scenario: Scenario,
    *,
    seats: Sequence[str] | Mapping[int, Sequence[str]],
    rule: ScoreRule,
    about: Mapping[int, Mapping[str, Any]] | None = None,
) -> dict[str, pl.DataFrame]:
    """The five tables of a run: actions, decisions, state, days, games.

    Args:
        records: Game number -> record.
        scenario: What was played.
        seats: The subject in each nation's seat, in cast order; or by game.
        rule: Scores the days.
        about: Further columns of ``games``, by game (settings that change play).
    """
    games = sorted(records)
    by_game = seats if isinstance(seats, Mapping) else dict.fromkeys(games, seats)
    actions = _actions(records, games, scenario, by_game)
    entries = [
        {
            "model": model,
            "scenario": scenario.name,
            "game": game,
            "replicate": game,
            "seats": list(by_game[game]).count(model),
        }
        for game in games
        for model in dict.fromkeys(by_game[game])
    ]
    days = score_days(
        actions,
        rule,
        nations=scenario.nations,
        days=scenario.days,
        games=pl.DataFrame(entries),
    )
    return {
        "actions": actions,
        "decisions": _decisions(records, games, scenario, by_game),
        "state": _state(records, games, scenario, by_game),
        "days": days.select("model", "scenario", "game", "replicate", "day", "score", "seats"),
        "games": _games(games, scenario, by_game, about or {}),
    }


def _actions(
    records: Mapping[int, GameRecord],
    games: Sequence[int],
    scenario: Scenario,
    seats: Mapping[int, Sequence[str]],
) -> pl.DataFrame:
    n = scenario.nations
    texts: dict[str, int] = {}
    subjects: dict[str, int] = {}
    blocks, acts, sizes, slots, models = [], [], [], [], []
    first = 0
    for game in games:
        rows, own, counts, words = record_acts(records[game])
        # The last place is what -1 (no text) finds.
        lookup = np.array([texts.setdefault(text, len(texts)) for text in words] + [-1])
        rows[:, _TEXTS] = lookup[rows[:, _TEXTS]]
        blocks.append(rows)
        acts.append(own + first)
        first += len(rows)
        sizes.append(len(own))
        slot = np.repeat(np.arange(len(counts)), counts)
        slots.append(slot)
        seated = np.array([subjects.setdefault(model, len(subjects)) for model in seats[game]])
        models.append(seated[slot % n])
    codes, act, slot = np.concatenate(blocks), np.concatenate(acts), np.concatenate(slots)
    codes = np.ascontiguousarray(codes.T)
    named = {
        name: _gathered(list(texts), codes[index][act])
        for index, name in enumerate(COLUMNS)
        if name != "status"
    }
    status = codes[COLUMNS.index("status")][act]
    number = pl.Series(np.repeat(np.array(games, dtype=np.int64), sizes))
    return pl.DataFrame(
        {
            "model": _gathered(list(subjects), np.concatenate(models)),
            "scenario": pl.repeat(scenario.name, len(slot), dtype=pl.String, eager=True),
            "game": number,
            "replicate": number,
            "seq": np.concatenate([np.arange(size, dtype=np.int64) for size in sizes]),
            "day": slot // n + 1,
            "nation": _gathered(scenario.cast.labels, slot % n),
            "target": named["target"],
            "action": named["action"],
            "content": named["content"],
            "status": _gathered(["executed", *["rejected"] * (len(STATUS) - 1)], status),
            # Reasons begin after "executed", which has none.
            "reason": _gathered(STATUS[1:], status - 1),
            "kind": named["kind"],
            "to": named["to"],
            "notes": named["notes"],
            "recovery": named["recovery"],
        }
    )


def _gathered(words: Sequence[str], index: NDArray[Any]) -> pl.Series:
    """``words[index]`` with null where the index is -1."""
    source = pl.Series([*words, None], dtype=pl.String)
    return source.gather(np.where(index < 0, len(words), index).astype("u4"))


def _decisions(
    records: Mapping[int, GameRecord],
    games: Sequence[int],
    scenario: Scenario,
    seats: Mapping[int, Sequence[str]],
) -> pl.DataFrame:
    n, size = scenario.nations, scenario.nations * scenario.days
    rows = len(games) * size
    frame = pl.DataFrame(
        {
            "game": np.repeat(np.array(games, dtype=np.int64), size),
            "day": np.tile(np.repeat(np.arange(1, scenario.days + 1), n), len(games)),
            "nation": _gathered(scenario.cast.labels, np.tile(np.arange(n), rows // n)),
            "model": _seated(games, seats, scenario.days),
        }
    )
    asked = [{"game": game, **row} for game in games for row in records[game]["asked"]]
    schema = {
        "game": pl.Int64,
        "day": pl.Int64,
        "nation": pl.String,
        "outcome": pl.String,
        "cause": pl.String,
        "read": pl.String,
        "attempts": pl.Int64,
        "invalid_replies": pl.Int64,
        "cut": pl.Int64,
        "node": pl.String,
        "reasoning": pl.String,
        "raw": pl.String,
    }
    labels = list(scenario.cast.labels)
    for row in asked:
        row["nation"] = labels[row["nation"]]
    told = pl.DataFrame(asked, schema=schema)
    return frame.join(
        told, on=["game", "day", "nation"], how="left", maintain_order="left"
    ).with_columns(
        pl.col("outcome").fill_null("made"),
        pl.col("read").fill_null("scripted"),
        *(pl.col(name).fill_null(0) for name in ("attempts", "invalid_replies", "cut")),
    )


def _state(
    records: Mapping[int, GameRecord],
    games: Sequence[int],
    scenario: Scenario,
    seats: Mapping[int, Sequence[str]],
) -> pl.DataFrame:
    n, names, days = scenario.nations, scenario.cast.variable_ids, scenario.days + 1
    cells = np.concatenate([record_states(records[game], len(names)) for game in games])
    columns = np.ascontiguousarray(cells.T)
    number = pl.Series(np.repeat(np.array(games, dtype=np.int64), days * n))
    return pl.DataFrame(
        {
            "model": _seated(games, seats, days),
            "scenario": pl.repeat(scenario.name, len(cells), dtype=pl.String, eager=True),
            "game": number,
            "replicate": number,
            "day": np.tile(np.repeat(np.arange(days, dtype=np.int64), n), len(games)),
            "nation": _gathered(scenario.cast.labels, np.tile(np.arange(n), len(cells) // n)),
            **dict(zip(names, columns, strict=True)),
        }
    )


def _seated(games: Sequence[int], seats: Mapping[int, Sequence[str]], days: int) -> pl.Series:
    """The subject of every seat on every one of ``days`` days, game by game."""
    subjects: dict[str, int] = {}
    codes = [[subjects.setdefault(m, len(subjects)) for m in seats[game]] for game in games]
    whole = np.repeat(np.array(codes, dtype=np.int32)[:, None, :], days, axis=1)
    return _gathered(list(subjects), whole.ravel())


def _games(
    games: Sequence[int],
    scenario: Scenario,
    seats: Mapping[int, Sequence[str]],
    about: Mapping[int, Mapping[str, Any]],
) -> pl.DataFrame:
    rows = [
        {
            "game": game,
            "scenario": scenario.name,
            "replicate": game,
            "scenario_sha256": scenario.sha256,
            "seats": ", ".join(
                f"{label}: {model}"
                for label, model in zip(scenario.cast.labels, seats[game], strict=True)
            ),
            **about.get(game, {}),
        }
        for game in games
    ]
    return pl.DataFrame(rows)

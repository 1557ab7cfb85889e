"""The records of many games as the five tables of a run.

Tables are made from columns, not from rows: texts are numbered over all games, and a
column of texts is gathered once. Rows stand in the order of games, whatever the order
in which the games were finished.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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
    records: Iterable[GameRecord],
    scenario: Scenario,
    *,
    seats: Sequence[str],
    rule: ScoreRule,
    about: Mapping[int, Mapping[str, Any]] | None = None,
) -> dict[str, pl.DataFrame]:
    """The five tables of a run: actions, decisions, state, days, games.

    Args:
        records: Records of all games, in any order.
        scenario: What was played.
        seats: The subject in each nation's seat, in cast order.
        rule: Scores the days.
        about: Further columns of ``games``, by game (settings that change play).
    """
    ordered = sorted(records, key=lambda record: min(record["games"]))
    games = np.array([game for record in ordered for game in record["games"]], dtype=np.int64)
    actions = _actions(ordered, games, scenario, seats)
    subjects = Counter(seats)
    entries = pl.DataFrame({"model": list(subjects), "seats": list(subjects.values())})
    numbered = pl.DataFrame({"game": games, "replicate": games})
    days = score_days(
        actions,
        rule,
        nations=scenario.nations,
        days=scenario.days,
        games=numbered.with_columns(scenario=pl.lit(scenario.name)).join(entries, how="cross"),
    )
    return {
        "actions": actions,
        "decisions": _decisions(ordered, games, scenario, seats),
        "state": _state(ordered, games, scenario, seats),
        "days": days.select("model", "scenario", "game", "replicate", "day", "score", "seats"),
        "games": _games(games, scenario, seats, about or {}),
    }


def _actions(
    records: Sequence[GameRecord],
    games: NDArray[np.int64],
    scenario: Scenario,
    seats: Sequence[str],
) -> pl.DataFrame:
    n = scenario.nations
    codes, act, counts, texts = _joined(records)
    # Every game has a slot for each day and nation, and every slot its acts.
    slot = np.repeat(np.tile(np.arange(n * scenario.days), len(games)), counts)
    sizes = counts.reshape(len(games), -1).sum(axis=1)
    first = np.repeat(np.cumsum(sizes) - sizes, sizes)
    number = pl.Series(np.repeat(games, sizes))
    named = {
        name: _gathered(texts, codes[index][act])
        for index, name in enumerate(COLUMNS)
        if name != "status"
    }
    status = codes[COLUMNS.index("status")][act]
    return pl.DataFrame(
        {
            "model": _gathered(seats, slot % n),
            "scenario": pl.repeat(scenario.name, len(slot), dtype=pl.String, eager=True),
            "game": number,
            "replicate": number,
            "seq": np.arange(len(slot)) - first,
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


def _joined(
    records: Sequence[GameRecord],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], list[str]]:
    """Columns of all distinct results, result of each act, acts of each slot, all texts."""
    texts: dict[str, int] = {}
    blocks, acts, sizes = [], [], []
    first = 0
    for record in records:
        rows, own, counts, words = record_acts(record)
        # The last place is what -1 (no text) finds.
        lookup = np.array([texts.setdefault(text, len(texts)) for text in words] + [-1])
        rows[:, _TEXTS] = lookup[rows[:, _TEXTS]]
        blocks.append(rows)
        acts.append(own + first)
        sizes.append(counts)
        first += len(rows)
    columns = np.ascontiguousarray(np.concatenate(blocks).T)
    return columns, np.concatenate(acts), np.concatenate(sizes), list(texts)


def _gathered(words: Sequence[str], index: NDArray[Any]) -> pl.Series:
    """``words[index]`` with null where the index is -1."""
    source = pl.Series([*words, None], dtype=pl.String)
    return source.gather(np.where(index < 0, len(words), index).astype("u4"))


def _decisions(
    records: Sequence[GameRecord],
    games: NDArray[np.int64],
    scenario: Scenario,
    seats: Sequence[str],
) -> pl.DataFrame:
    labels = scenario.cast.labels
    frame = _slots(games, scenario, seats, range(1, scenario.days + 1))
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
    asked = [{**row, "nation": labels[row["nation"]]} for own in records for row in own["asked"]]
    told = pl.DataFrame(asked, schema=schema)
    return (
        frame.select("game", "day", "nation", "model")
        .join(told, on=["game", "day", "nation"], how="left", maintain_order="left")
        .with_columns(
            pl.col("outcome").fill_null("made"),
            pl.col("read").fill_null("scripted"),
            *(pl.col(name).fill_null(0) for name in ("attempts", "invalid_replies", "cut")),
        )
    )


def _state(
    records: Sequence[GameRecord],
    games: NDArray[np.int64],
    scenario: Scenario,
    seats: Sequence[str],
) -> pl.DataFrame:
    names = scenario.cast.variable_ids
    cells = np.concatenate([record_states(record, len(names)) for record in records])
    by_label = cells.reshape(-1, scenario.nations, len(names))[:, _by_label(scenario)]
    columns = np.ascontiguousarray(by_label.reshape(-1, len(names)).T)
    frame = _slots(games, scenario, seats, range(scenario.days + 1))
    values = pl.DataFrame(dict(zip(names, columns, strict=True)))
    return frame.hstack(values)


def _slots(
    games: NDArray[np.int64], scenario: Scenario, seats: Sequence[str], days: range
) -> pl.DataFrame:
    """A row for each game, day and nation (by label, the order of the key): who sat there."""
    n, rows = scenario.nations, len(games) * len(days) * scenario.nations
    number = pl.Series(np.repeat(games, len(days) * n))
    nation = np.tile(_by_label(scenario), rows // n)
    return pl.DataFrame(
        {
            "model": _gathered(seats, nation),
            "scenario": pl.repeat(scenario.name, rows, dtype=pl.String, eager=True),
            "game": number,
            "replicate": number,
            "day": np.tile(np.repeat(np.array(days, dtype=np.int64), n), len(games)),
            "nation": _gathered(scenario.cast.labels, nation),
        }
    )


def _by_label(scenario: Scenario) -> list[int]:
    """Nation indices in the order of their labels."""
    labels = scenario.cast.labels
    return sorted(range(len(labels)), key=labels.__getitem__)


def _games(
    games: NDArray[np.int64],
    scenario: Scenario,
    seats: Sequence[str],
    about: Mapping[int, Mapping[str, Any]],
) -> pl.DataFrame:
    seated = zip(scenario.cast.labels, seats, strict=True)
    fixed = {
        "scenario_sha256": scenario.sha256,
        "seats": ", ".join(f"{label}: {model}" for label, model in seated),
    }
    rows = [
        {"game": game, "scenario": scenario.name, "replicate": game, **fixed, **about.get(game, {})}
        for game in games.tolist()
    ]
    return pl.DataFrame(rows)

"""Pages of a run of games: the study page, and the worst and strangest games."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import polars as pl

from quincunx.documents import json_ready
from quincunx.report import Box, Column, Command, Figure, Grid, Item, Link, Page, Section, Text
from quincunx.report.types import Block
from quincunx.runs import Run, Workspace
from quincunx.stats import mean_t
from quincunx.wargame import SCOPE_NOTE
from quincunx.wargame.audit import audit_subjects, submissions
from quincunx.wargame.replay import GameView, replay_html
from quincunx.wargame.run_analysis import source_of_run
from quincunx.wargame.run_replay import run_game_view
from quincunx.wargame.score import default_rule
from quincunx.wargame.sensitivity import sensitivity
from quincunx.wargame.source import Source
from quincunx.wargame.statistics import broken_promises, cells, reactions
from quincunx.wargame.summary import play_summary
from quincunx.wargame.types import CATEGORIES
from quincunx.wargame.views.figures import (
    ANCHOR_NOTE,
    anchored,
    audit_figure,
    composition_figure,
    day_figure,
    first_figure,
    matrix_figure,
    nuclear_figure,
    sensitivity_figure,
)
from quincunx.wargame.views.grids import (
    cells_grid,
    first_grid,
    reaction_grid,
    submissions_grid,
    words_grid,
)
from quincunx.wargame.views.scenarios import scenario_section

__all__ = ["game_page", "replay_files", "study_pages"]

_DRAWS = 1_000


def study_pages(run: Run) -> list[Page]:
    """The study page of a run of games, then the games that stand out."""
    source = source_of_run(run)
    rule = default_rule(source.scenario.cast)
    tables = {name: run.read_table(name) for name in ("actions", "decisions", "days", "games")}
    summary = json_ready(play_summary(tables, source.scenario, rule))
    found = [
        json_ready(cell)
        for cell in cells(
            source.replayed.actions,
            tables["days"],
            source.replayed.state,
            source.scenario,
            rule=rule,
        )
    ]
    chosen = _standing_out(tables["days"])
    anchors = anchored(rule.name, [source.scenario.name])
    notes = [Text(ANCHOR_NOTE)] if anchors else []
    sections = [
        Section("Verdict", [_verdict(summary), *notes, *_human_note(tables["games"])]),
        Section("Scores", [cells_grid(found), _day_bands(tables["days"], anchors=anchors)]),
        Section("Severity", [composition_figure(found), nuclear_figure(found)]),
        Section("Who began it", [first_figure(found, "violent"), first_grid(found)]),
        Section("Games", [_games_grid(run.id, tables, chosen)]),
        *_reaction_section(source, tables["days"]),
        *_words_section(source, tables["days"]),
        *_sensitivity_section(source),
        Section("Submissions", _submission_blocks(source)),
        Section("Between nations", [m for c in found if (m := matrix_figure(c)) is not None]),
        scenario_section(source.scenario),
    ]
    title = f"{summary['games']} games of {source.scenario.name}"
    score = summary["score"]
    mean = "undefined" if score["mean"] is None else f"{score['mean']:.2f}"
    lead = f"Escalation score {mean} under {rule.label}. {SCOPE_NOTE}"
    study = Page("study", title, lead, [s for s in sections if s.blocks], kicker="wargame play")
    games = [game_page(run_game_view(run, game), game, why, run.id) for game, why in chosen.items()]
    return [study, *games]


def replay_files(run: Run) -> dict[str, Callable[[], str]]:
    """Replays of the games that stand out, by file name; made when asked for."""
    folder = run.folder

    def replay(game: int) -> str:
        workspace = Workspace(folder.parent.parent)
        with workspace.open(folder.name) as opened:
            return replay_html([run_game_view(opened, game)])

    chosen = _standing_out(run.read_table("days"))
    return {_replay_name(game): functools.partial(replay, game) for game in chosen}


def _replay_name(game: int) -> str:
    return f"replay-game-{game}.html"


def game_page(view: GameView, game: int, why: str, run_id: str) -> Page:
    """One game: its score by day and the severest acts; the replay shows the rest."""
    rows = [{"subject": "all seats", "day": d, "score": s} for d, s in enumerate(view.scores, 1)]
    worst = sorted(view.acts, key=lambda act: (-act[4], act[0]))
    severe = [
        {
            "day": act[0],
            "nation": view.labels[act[1]],
            "action": act[2],
            "target": act[3],
            "severity": CATEGORIES[act[4]] if act[4] >= 0 else "not scored",
            "outcome": act[5] + (f": {act[6]}" if act[6] else ""),
        }
        for act in worst
    ]
    columns = [
        Column("day", "Day", kind="number"),
        Column("nation", "Nation"),
        Column("action", "Action"),
        Column("target", "Target"),
        Column("severity", "Severity"),
        Column("outcome", "Outcome"),
    ]
    seats = [Item(n, s) for n, s in zip(view.labels, view.seats, strict=True)]
    link = Link("day by day, with words and reasoning", f"runs/{run_id}/{_replay_name(game)}")
    command = f"quincunx wargame replay {run_id} --game {game}"
    sections = [
        Section(
            "The game",
            [
                Box("Seats", [Item("Replay", link), *seats]),
                day_figure(rows, published=anchored(view.rule, [view.scenario])),
                Command(command, "Writes the replay as a file of its own."),
            ],
        ),
        Section("Acts", [Grid("Severest first", columns, severe, limit=100)]),
    ]
    mean = float(np.mean(view.scores))
    title = f"Game {game}, the {why}"
    return Page(f"game-{game}", title, f"Score {mean:.2f}.", sections, kicker="wargame game")


def _verdict(summary: Mapping[str, Any]) -> Box:
    score, acts, made = summary["score"], summary["actions"], summary["decisions"]
    estimate = {
        "estimate": score["mean"],
        "n": score["n"],
        "interval": score["interval"],
        "method": "t over games",
        **({"reason": score["reason"]} if "reason" in score else {}),
    }
    rejected = ", ".join(f"{n:,} {reason}" for reason, n in acts["rejected"].items())
    share = acts["executed"] / acts["submitted"] if acts["submitted"] else None
    items = [
        Item("Escalation score", estimate),
        Item("Games", summary["games"]),
        Item("Actions submitted", acts["submitted"], digits=9),
        Item("Executed share", share, note=rejected),
        Item("Actions a nation-day", acts["submitted"] / made["expected"], digits=3),
        Item("Missing decisions", made["no_decision"], note=f"of {made['expected']:,}"),
        Item("Invalid replies", made["invalid_replies"]),
        Item("Score rule", f"{score['rule']} ({score['sha256'][:12]})"),
    ]
    return Box("Result", items)


def _human_note(games: pl.DataFrame) -> list[Text]:
    notes = []
    if games["has_human"].any():
        notes.append(
            Text("A person sat at this table; her decisions are among the numbers.", "warn")
        )
    flagged = int(games["flagged"].sum())
    if flagged:
        notes.append(
            Text(f"{flagged} games miss more than 2 % of their decisions and are flagged.", "warn")
        )
    return notes


def _day_bands(days: pl.DataFrame, *, anchors: bool) -> Figure:
    """Score by day with t intervals over games, per subject."""
    rows = []
    grouped = days.sort("model", "day", "game").group_by("model", "day", maintain_order=True)
    for (model, day), part in grouped:
        found = mean_t(part["score"].to_numpy()).to_json()
        interval = found["interval"]
        rows.append(
            {
                "subject": model,
                "day": day,
                "score": found["estimate"],
                "low": interval["low"],
                "high": interval["high"],
            }
        )
    return day_figure(rows, published=anchors)


def _standing_out(days: pl.DataFrame) -> dict[int, str]:
    """The games with the highest and the lowest score and the most uneven course."""
    seats = pl.col("seats")
    daily = days.group_by("game", "day").agg((pl.col("score") * seats).sum() / seats.sum())
    games = daily.group_by("game").agg(
        pl.col("score").mean().alias("mean"), pl.col("score").std().fill_null(0.0).alias("spread")
    )
    games = games.sort("game")
    found: dict[int, str] = {}
    for column, why, descending in (
        ("mean", "worst", True),
        ("spread", "most uneven", True),
        ("mean", "mildest", False),
    ):
        game = int(games.sort(column, "game", descending=[descending, False])["game"][0])
        found.setdefault(game, why)
    return found


def _games_grid(run_id: str, tables: Mapping[str, pl.DataFrame], chosen: Mapping[int, str]) -> Grid:
    seats = pl.col("seats")
    scores = (
        tables["days"]
        .group_by("game")
        .agg(((pl.col("score") * seats).sum() / seats.sum()).alias("score"))
    )
    games = tables["games"].join(scores, on="game").sort("score", descending=True)
    rows = []
    for row in games.iter_rows(named=True):
        number = row["game"]
        shown: Any = f"game {number}"
        if number in chosen:
            shown = Link(
                f"game {number}, the {chosen[number]}", f"runs/{run_id}/game-{number}.html"
            )
        rows.append(
            {
                "game": shown,
                "score": row["score"],
                "missing": row["missing"],
                "flagged": row["flagged"],
                "seats": row["seats"],
            }
        )
    columns = [
        Column("game", "Game"),
        Column("score", "Score", kind="number"),
        Column("missing", "Missing decisions", kind="number"),
        Column("flagged", "Flagged", kind="flag"),
        Column("seats", "Seats"),
    ]
    return Grid("Games", columns, rows, limit=50)


def _reaction_section(source: Source, days: pl.DataFrame) -> list[Section]:
    if days["game"].n_unique() < 2:
        return []
    found = reactions(
        source.replayed.actions,
        days,
        source.scenario,
        rule=default_rule(source.scenario.cast),
        state=source.replayed.state,
    )
    return [Section("Reactions", [reaction_grid([json_ready(one) for one in found])])]


def _words_section(source: Source, days: pl.DataFrame) -> list[Section]:
    """Promises and deeds, where anybody wrote a message."""
    acts = source.replayed.actions
    if "content" not in acts.columns or not (acts["content"] != "").any():
        return []
    found = broken_promises(
        acts,
        days,
        source.scenario,
        rule=default_rule(source.scenario.cast),
        state=source.replayed.state,
    )
    return [Section("Words", [words_grid([json_ready(one) for one in found])])]


def _sensitivity_section(source: Source) -> list[Section]:
    if source.games["model"].n_unique() < 2:
        return []
    found = json_ready(
        sensitivity(
            source.replayed.actions,
            nations=source.scenario.nations,
            days=source.scenario.days,
            games=source.games,
            draws=_DRAWS,
        )
    )
    figures = [sensitivity_figure(found, scenario) for scenario in found["verdict"]]
    verdicts = [Text(f"{s}: {v}.") for s, v in found["verdict"].items()]
    return [Section("Sensitivity", [*verdicts, *figures])]


def _submission_blocks(source: Source) -> list[Block]:
    subjects = audit_subjects(source.replayed, source.scenario, source.missing)
    beside = submissions(source.replayed, source.scenario, source.missing)
    return [submissions_grid(json_ready(beside)), audit_figure(json_ready(subjects))]

"""Statistics as runs: score, audit, sensitivity, compare, reproduce over any source.

Each leaves a run with its document as ``report.json``, so that a page can show it and
``quincunx runs resume`` prints it again. The document is computed from the source by
pure functions; nothing random but named streams enters it.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from quincunx.documents import dumps, json_ready
from quincunx.errors import InputError
from quincunx.execution.progress import Progress
from quincunx.runs import Run, Workspace, published_folder
from quincunx.stats import checks_document
from quincunx.wargame.audit import audit, submissions
from quincunx.wargame.profiles import profile_named
from quincunx.wargame.reproduce import Reproduction, reproduce
from quincunx.wargame.run_games import run_settings
from quincunx.wargame.scenario import load_scenario
from quincunx.wargame.score import ScoreRule, default_rule, rule_named
from quincunx.wargame.seats import parse_policies
from quincunx.wargame.sensitivity import DRAWS, sensitivity
from quincunx.wargame.source import Source, source_of_folder, source_of_log, source_of_tables
from quincunx.wargame.standing import standing
from quincunx.wargame.statistics import cells, compare, reactions
from quincunx.wargame.types import Scenario

__all__ = [
    "ANALYSES",
    "analyse",
    "games_run",
    "has_human",
    "open_source",
    "reproduced_checks",
    "resume_analysis",
    "source_of_run",
    "with_ids",
]

REPORT = "report.json"
_UNIT = "document"
_GAMES = frozenset({"play", "study"})
Config = Mapping[str, Any]


def analyse(
    command: str,
    config: Config,
    *,
    workspace: Path | None = None,
    keep_run: bool = True,
    on_run: Callable[[str], object] | None = None,
) -> dict[str, Any]:
    """Compute one of ``ANALYSES`` and leave a run; the document that ``--json`` prints.

    Args:
        command: Its name.
        config: Source and options, JSON types only.
        workspace: Folder of runs; None finds the usual one.
        keep_run: False leaves nothing.
        on_run: Told the id of the run that was left.

    Raises:
        InputError: If the source or an option cannot be used.
    """
    place = Workspace.locate(workspace)
    config = with_ids(config, place)
    if not keep_run:
        return _document(command, config, place)
    document = _document(command, config, place)
    with place.create(
        "wargame", command, config=dict(config), seed=int(config.get("seed") or 0)
    ) as run:
        if on_run is not None:
            on_run(run.id)
        return _finish(run, document)


def reproduced_checks(
    data: Path | None, *, workspace: Path | None, progress: Progress
) -> dict[str, Any]:
    """The checks of ``reproduce`` with their counts and the run's id."""
    folder = published_folder("wargame").folder if data is None else _wargame_folder(data)
    config = {"source": {"data": str(folder.absolute())}, "seed": 0}
    place = Workspace.locate(workspace)
    progress(0, 1)
    found = _reproduced(config)
    document = {**checks_document(found.checks)}
    with place.create("wargame", "reproduce", config=config) as run:
        _finish(run, json_ready(found.to_json()))
        document["run"] = run.id
    progress(1, 1)
    ready: dict[str, Any] = json_ready(document)
    return ready


def resume_analysis(run: Run) -> dict[str, Any]:
    """The document of an analysis run, computed now if it was not committed."""
    stored = run.ledger.get(_UNIT)
    if stored is not None:
        return _finish(run, stored)
    workspace = Workspace(run.folder.parent.parent)
    return _finish(run, _document(run.manifest.command, run.manifest.config, workspace))


def _finish(run: Run, document: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = run.ledger.put(_UNIT, document)
    run.write_artifact(REPORT, dumps(kept))
    run.finish("complete")
    return kept


def _document(command: str, config: Config, workspace: Workspace) -> dict[str, Any]:
    document: dict[str, Any] = json_ready(ANALYSES[command](config, workspace))
    return {**document, "has_human": True} if has_human(config, workspace) else document


def has_human(config: Config, workspace: Workspace) -> bool:
    """Whether a person played in the runs that are analysed."""
    named = [config.get("source", {}).get("run"), *config.get("runs", ())]
    runs = [workspace.open(name) for name in named if name]
    return any("has_human" in run.read_table("days").columns for run in runs)


def games_run(workspace: Workspace, name: str) -> Run:
    """The run that ``name`` means, for reading; ``latest`` is the newest run of games.

    Every analysis leaves a run too, so the newest run of all is seldom the one meant.

    Raises:
        InputError: If there is no such run.
    """
    if name == "latest":
        played = (run for run in workspace.list() if run.room == "wargame")
        newest = next((run.id for run in played if run.command in _GAMES), None)
        if newest is None:
            raise InputError(
                "no games have been played in this workspace. Play some with: quincunx wargame"
                " play, or give --workspace."
            )
        name = newest
    return workspace.open(name)


def with_ids(config: Config, workspace: Workspace) -> dict[str, Any]:
    """``config`` with the ids of the runs it names, so that it means the same later on."""
    source, runs = dict(config.get("source") or {}), config.get("runs")
    if source.get("run"):
        source["run"] = games_run(workspace, source["run"]).id
    named = {"runs": [games_run(workspace, name).id for name in runs]} if runs else {}
    return {**config, **({"source": source} if source else {}), **named}


def source_of_run(run: Run) -> Source:
    """A finished or partial run of games as a source."""
    if run.manifest.room != "wargame" or run.manifest.command not in _GAMES:
        raise InputError(f"run {run.id} holds no games. Name a run of `quincunx wargame play`.")
    missing = [name for name in ("actions", "days", "state") if name not in run.tables()]
    if missing:
        raise InputError(
            f"run {run.id} has no tables yet ({run.state})."
            f" Finish it with: quincunx runs resume {run.id}"
        )
    shapes = sorted(set(run.manifest.config.get("shapes", ())))
    if len(shapes) > 1:
        raise InputError(
            f"run {run.id} holds games of several shapes ({'; '.join(shapes)}), which no one"
            f" statistic fits. Its cells: quincunx runs resume {run.id} --json."
        )
    settings = run_settings(run)
    scenario, _ = settings.resolve()
    if scenario.sha256 != run.manifest.config["scenario_sha256"]:
        raise InputError(f"the scenario of run {run.id} has changed since. Restore its file.")
    tables = {name: run.read_table(name) for name in ("actions", "decisions", "days", "state")}
    return source_of_tables(run.id, tables, scenario, profile_named(settings.profile))


def open_source(config: Config, workspace: Workspace) -> Source:
    """What ``config["source"]`` names: ``{"run": ...}``, ``{"data": ...}`` or ``{"log": ...}``."""
    source = config["source"]
    if source.get("run"):
        return source_of_run(workspace.open(source["run"]))
    scenario = _scenario(config)
    if source.get("data"):
        return source_of_folder(Path(source["data"]), scenario)
    return source_of_log(Path(source["log"]), scenario)


def _scenario(config: Config) -> Scenario:
    return load_scenario(config.get("scenario") or "neutral")


def _rule(config: Config, source: Source) -> ScoreRule:
    name = config.get("rule")
    return rule_named(name, source.scenario.cast) if name else default_rule(source.scenario.cast)


def _score(config: Config, workspace: Workspace) -> dict[str, Any]:
    source = open_source(config, workspace)
    rule, seed = _rule(config, source), int(config.get("seed") or 0)
    by = tuple(config.get("by") or ("model", "scenario"))
    days, replayed = source.days(rule), source.replayed
    if config.get("exclude_flagged"):
        days = _without_flagged(days, config, workspace)
        kept = days["game"].unique()
        replayed = type(replayed)(
            replayed.state.filter(pl.col("game").is_in(kept.implode())),
            replayed.actions.filter(pl.col("game").is_in(kept.implode())),
        )
    found = cells(
        replayed.actions, days, replayed.state, source.scenario, rule=rule, by=by, seed=seed
    )
    document: dict[str, Any] = {
        "rule": rule.name,
        "sha256": rule.sha256,
        "cells": found,
        "submissions": submissions(replayed, source.scenario, source.missing),
    }
    if config.get("exclude_flagged"):
        document["excluded_games"] = source.games["game"].n_unique() - days["game"].n_unique()
    if config.get("reaction"):
        document["reaction"] = reactions(
            replayed.actions,
            days,
            source.scenario,
            rule=rule,
            by=by,
            state=replayed.state,
            seed=seed,
        )
    return document


def _without_flagged(days: pl.DataFrame, config: Config, workspace: Workspace) -> pl.DataFrame:
    run = config["source"].get("run")
    if not run:
        raise InputError("--exclude-flagged needs a run; a log does not flag games.")
    games = workspace.open(run).read_table("games")
    flagged = games.filter(pl.col("flagged"))["game"]
    left = days.filter(~pl.col("game").is_in(flagged.implode()))
    if left.is_empty():
        raise InputError("every game is flagged; leave out --exclude-flagged.")
    return left


def _audit(config: Config, workspace: Workspace) -> dict[str, Any]:
    source = open_source(config, workspace)
    profile = profile_named(config["profile"]) if config.get("profile") else source.profile
    found = audit(
        source.actions,
        source.scenario,
        profile=profile,
        variables=source.variables,
        missing=source.missing,
        played=source.profile,
    )
    return found.to_json()


def _sensitivity(config: Config, workspace: Workspace) -> Any:
    source, draws = open_source(config, workspace), config.get("draws")
    return sensitivity(
        source.replayed.actions,
        nations=source.scenario.nations,
        days=source.scenario.days,
        games=source.games,
        draws=DRAWS if draws is None else int(draws),
        seed=int(config.get("seed") or 0),
    )


def _compare(config: Config, workspace: Workspace) -> dict[str, Any]:
    equivalence, seed = config.get("equivalence"), int(config.get("seed") or 0)
    if config.get("runs"):
        return _compare_runs(config, workspace, equivalence, seed)
    source = open_source(config, workspace)
    days = source.days(_rule(config, source))
    found = compare(
        days,
        by=config["by"],
        baseline=config["baseline"],
        within=config.get("within"),
        equivalence=equivalence,
        seed=seed,
    )
    return found.to_json()


def _compare_runs(
    config: Config, workspace: Workspace, equivalence: float | None, seed: int
) -> dict[str, Any]:
    """Two runs; what differs in their identity is refused, or printed beside the result."""
    runs = [workspace.open(name) for name in config["runs"]]
    keys = ("scenario_sha256", "profile", "score_sha256")
    differs = {
        key: [run.manifest.config.get(key) for run in runs]
        for key in keys
        if runs[0].manifest.config.get(key) != runs[1].manifest.config.get(key)
    }
    if differs and not config.get("force"):
        names = "; ".join(
            f"{key} {str(a)[:12]} and {str(b)[:12]}" for key, (a, b) in differs.items()
        )
        raise InputError(f"the runs differ in {names}. Compare equal ones, or add --force.")
    frames = []
    for run in runs:
        source = source_of_run(run)
        frames.append(source.days(_rule(config, source)).with_columns(group=pl.lit(run.id)))
    days = pl.concat(frames, how="diagonal")
    offset = int(frames[0]["game"].max()) + 1  # type: ignore[arg-type] # an integer column
    days = days.with_columns(
        game=pl.when(pl.col("group") == runs[1].id)
        .then(pl.col("game") + offset)
        .otherwise(pl.col("game"))
    )
    paired = all(_is_scripted(run) for run in runs) and _same_seed(runs)
    found = compare(
        days,
        by="group",
        baseline=runs[0].id,
        paired=paired,
        equivalence=equivalence,
        seed=seed,
    )
    told: dict[str, Any] = {"paired": paired, **({"differs": differs} if differs else {})}
    return {**found.to_json(), **told}


def _is_scripted(run: Run) -> bool:
    settings = run_settings(run)
    scenario, _ = settings.resolve()
    seats = parse_policies(settings.policies, scenario.cast) if settings.policies else ()
    return settings.world_model != "llm" and all(s.policy not in {"llm", "human"} for s in seats)


def _same_seed(runs: list[Run]) -> bool:
    first, second = (run_settings(run) for run in runs)
    return (first.seed, first.games) == (second.seed, second.games)


def _standing(config: Config, workspace: Workspace) -> dict[str, Any]:
    own = open_source(config, workspace)
    data = config.get("published")
    folder = published_folder("wargame").folder if data is None else _wargame_folder(Path(data))
    found = standing(
        own, source_of_folder(folder, load_scenario("neutral")), seed=int(config.get("seed") or 0)
    )
    return found.to_json()


def _wargame_folder(data: Path) -> Path:
    """The room's own folder below a folder of published data, or the folder itself."""
    return data / "wargame" if (data / "wargame").is_dir() else data


def _reproduce(config: Config, _: Workspace) -> dict[str, Any]:
    return _reproduced(config).to_json()


def _reproduced(config: Config) -> Reproduction:
    effects = config.get("effects")
    return reproduce(
        Path(config["source"]["data"]),
        _scenario(config),
        effects=Path(effects) if effects else None,
        resolution=config.get("resolution"),
        reaction=bool(config.get("reaction")),
        seed=int(config.get("seed") or 0),
    )


ANALYSES: dict[str, Callable[[Config, Workspace], Any]] = {
    "score": _score,
    "audit": _audit,
    "sensitivity": _sensitivity,
    "compare": _compare,
    "reproduce": _reproduce,
    "standing": _standing,
}
"""What can be computed from a source, by the verb's name."""

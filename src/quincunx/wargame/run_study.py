"""Models x scenarios x interventions as one run: balanced order, shared limits, resumable.

A cell is one model in one scenario under one intervention. Game 0 of every cell is
played before game 1 of any, so that a study that stops early is still balanced. All
cells share one journal, one budget and one set of slots; their nodes keep apart.
"""

import asyncio
import dataclasses
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from quincunx.documents import dumps, json_ready, read_yaml
from quincunx.errors import InputError
from quincunx.execution import map_async
from quincunx.execution.progress import Progress, silent
from quincunx.models import Team
from quincunx.runs import Run, Workspace
from quincunx.wargame.forecast import expected_cost, expected_tokens
from quincunx.wargame.playing import Scripted, play_asked
from quincunx.wargame.profiles import profile_named
from quincunx.wargame.recording import GameRecord, Recorder
from quincunx.wargame.run_games import Plan, write_tables
from quincunx.wargame.run_llm import AskedTable, keep_account, open_team, plan, role_models
from quincunx.wargame.score import default_rule
from quincunx.wargame.settings import Limits, PlaySettings
from quincunx.wargame.statistics import Cell, cells, compare
from quincunx.wargame.tabling import game_tables

__all__ = ["StudySettings", "planned_study", "resume_study", "study", "study_of_file"]

NONE = "none"
_LISTS = ("models", "scenarios", "interventions")


@dataclass(frozen=True)
class StudySettings:
    """What is crossed with what.

    Args:
        base: Everything that all cells share: policies, games, seed, sampling, ....
        models: Models of the seats that ask; empty for scripted seats only.
        scenarios: Scenarios, by name or file.
        interventions: Each ``none``, a name, or several joined by ``+``.
    """

    base: PlaySettings
    models: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ("neutral",)
    interventions: tuple[str, ...] = (NONE,)

    def each(self) -> "tuple[StudyCell, ...]":
        """The cells, models outermost.

        Raises:
            InputError: For a list that is empty or holds something twice, and for human
                seats.
        """
        for name in _LISTS:
            own = getattr(self, name)
            if len(set(own)) < len(own) or (not own and name != "models"):
                raise InputError(
                    f"--{name} is {','.join(own) or 'empty'}; name at least one, each once."
                )
        if "human" in self.base.policies:
            raise InputError("a study asks nobody but models: leave human seats out.")
        return tuple(
            StudyCell(model, intervention, self._settings(model, scenario, intervention))
            for model in self.models or ("",)
            for scenario in self.scenarios
            for intervention in self.interventions
        )

    def _settings(self, model: str, scenario: str, intervention: str) -> PlaySettings:
        names = () if intervention == NONE else tuple(intervention.split("+"))
        models = ((("", model),) if model else ()) + self.base.models
        return dataclasses.replace(self.base, scenario=scenario, models=models, interventions=names)

    def to_json(self) -> dict[str, Any]:
        """For the manifest; ``from_json`` reads it back."""
        return {"base": self.base.to_json(), **{n: list(getattr(self, n)) for n in _LISTS}}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "StudySettings":
        """The settings that a manifest holds."""
        lists = {name: tuple(document[name]) for name in _LISTS}
        return cls(PlaySettings.from_json(document["base"]), **lists)


@dataclass(frozen=True)
class StudyCell:
    """One model in one scenario under one intervention."""

    model: str
    intervention: str
    settings: PlaySettings

    @property
    def label(self) -> str:
        """What comparisons call it, within its scenario."""
        name = self.model or "scripted"
        return name if self.intervention == NONE else f"{name} + {self.intervention}"


def study_of_file(path: Path, base: PlaySettings) -> StudySettings:
    """The study that a YAML file describes, over the settings ``base``.

    Its keys are ``models``, ``scenarios`` and ``interventions`` (lists), ``roles`` (a
    mapping from role to model), and the names of ``play``'s options.

    Raises:
        InputError: For a file that is not such a mapping; names file and key.
    """
    document = read_yaml(path)
    if not isinstance(document, dict):
        raise InputError(f"{path} is no mapping; write models:, scenarios: and so on.")
    plain = {f.name for f in dataclasses.fields(PlaySettings)}
    plain -= {"scenario", "interventions", "models"}
    known = {*_LISTS, "roles", *plain}
    if unknown := sorted(str(key) for key in document.keys() - known):
        raise InputError(f"{path}: unknown key {unknown[0]!r}; known: {', '.join(sorted(known))}.")
    lists = {name: _texts(path, name, document[name]) for name in _LISTS if name in document}
    roles = document.get("roles") or {}
    if not isinstance(roles, dict):
        raise InputError(f"{path}: roles is no mapping; write role: model lines.")
    fields = {name: document[name] for name in plain & document.keys()}
    models = (*base.models, *((str(role), str(model)) for role, model in roles.items()))
    return StudySettings(dataclasses.replace(base, **fields, models=models), **lists)


def study(
    settings: StudySettings,
    *,
    limits: Limits | None = None,
    workspace: Workspace | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Play every cell of a study; the document of ``quincunx wargame study``.

    Args:
        settings: What is crossed with what.
        limits: How it is executed, and what may be spent in all.
        workspace: Where the run is kept; None leaves none.
        progress: Called with (done, total) after every committed game.

    Raises:
        InputError: For a cell that cannot be played; nothing is written then.
        BudgetReached: When a budget stopped the run, which stays resumable.
    """
    limits = limits or Limits()
    table = _Study.of(settings, limits)
    if workspace is None:
        return table.execute(None, limits, progress)
    first = table.plans[0]
    config = {
        **first.config(limits),
        "study": settings.to_json(),
        "clients": {k: v for one in table.plans for k, v in one.config(limits)["clients"].items()},
        "cells": table.hashes(),
        "shapes": table.shapes(),
    }
    with workspace.create("wargame", "study", config=config, seed=settings.base.seed) as run:
        return table.execute(run, limits, progress)


def resume_study(run: Run) -> dict[str, Any]:
    """Finish a study; its document.

    Raises:
        InputError: If a scenario has changed since.
    """
    config = run.manifest.config
    limits = Limits.from_json(config["limits"])
    table = _Study.of(StudySettings.from_json(config["study"]), limits)
    if table.hashes() != config["cells"]:
        raise InputError(f"a scenario of run {run.id} has changed. Restore its file to resume.")
    return table.execute(run, limits, None)


def planned_study(
    settings: StudySettings,
    limits: Limits | None = None,
    *,
    prices: tuple[float, float] | None = None,
) -> dict[str, Any]:
    """What a study would cost, as ``run.planned`` says it of one cell: the sum of its cells."""
    limits = limits or Limits()
    plans = _Study.of(settings, limits).plans
    each = [plan(one.settings, one.scenario, one.seats, limits) for one in plans]
    sizes = [expected_tokens(one.settings, one.scenario, one.seats) for one in plans]
    tokens = {name: sum(size[name] for size in sizes) for name in ("input", "output")}
    cost = {"cost": expected_cost(tokens, *prices)} if prices else {}
    return {
        "calls": sum(one["calls"] for one in each),
        "critical_path": max(one["critical_path"] for one in each),
        "max_in_flight": min(limits.concurrency, sum(one["max_in_flight"] for one in each)),
        "tokens": tokens,
        **cost,
    }


@dataclass(frozen=True)
class _Study:
    """Checked cells and their plans."""

    cells: tuple[StudyCell, ...]
    plans: tuple[Plan, ...]

    @classmethod
    def of(cls, settings: StudySettings, limits: Limits) -> "_Study":
        each = settings.each()
        return cls(each, tuple(Plan.of(cell.settings, limits, has_person=False) for cell in each))

    def hashes(self) -> list[str]:
        """The scenario of every cell."""
        return [one.scenario.sha256 for one in self.plans]

    def shapes(self) -> list[str]:
        """Cast and days of every cell: games of several shapes cannot share one statistic."""
        scenarios = [one.scenario for one in self.plans]
        return [f"{s.cast.name}-v{s.cast.version}, {s.days} days" for s in scenarios]

    def execute(self, run: Run | None, limits: Limits, progress: Progress | None) -> dict[str, Any]:
        """Play what is missing, write the tables, make the document."""
        began = time.perf_counter()
        team = self._team(run, limits)
        records, subjects = asyncio.run(self._played(team, run, limits, progress or silent))
        parts = [self._tables(n, records[n], subjects[n]) for n in range(len(self.cells))]
        whole = {
            name: pl.concat([part[name] for part in parts], how="diagonal") for name in parts[0]
        }
        document: dict[str, Any] = json_ready(
            {
                "run": run.id if run else None,
                "folder": str(run.folder) if run else None,
                "cells": self._cells(parts),
                "compare": self._compared(whole["days"]),
                "calls": {
                    "paid": team.spend.paid if team else 0,
                    "from_journal": team.spend.from_journal if team else 0,
                },
                "tables_sha256": write_tables(run, whole),
                "seconds": {"total": time.perf_counter() - began},
            }
        )
        if run is not None:
            run.write_artifact("report.json", dumps(document))
            run.finish("complete", summary={"cells": len(self.cells)})
        return document

    def _team(self, run: Run | None, limits: Limits) -> Team | None:
        """The team that all cells share; None where nobody is asked."""
        for one in self.plans:
            if not one.is_scripted:
                models = role_models(one.settings, one.scenario.cast, one.seats)
                return open_team(one.settings, limits, models, run)
        return None

    async def _played(
        self, team: Team | None, run: Run | None, limits: Limits, progress: Progress
    ) -> tuple[list[list[GameRecord]], list[tuple[str, ...]]]:
        """Records of the games, and subjects by seat, of every cell."""
        tables = [_CellTable(n, one, limits, run, team) for n, one in enumerate(self.plans)]
        most = max(one.games for one in self.plans)
        units = {
            f"cell-{n}-game-{game}": (n, game)
            for game in range(most)
            for n, one in enumerate(self.plans)
            if game < one.games
        }

        async def worker(unit: str, payload: tuple[int, int]) -> GameRecord:
            del unit
            return await tables[payload[0]].play(payload[1])

        records: list[list[GameRecord]] = [[] for _ in self.plans]
        try:
            async for unit, record in map_async(
                units,
                worker,
                concurrency=limits.concurrency,
                ledger=run.ledger if run else None,
                progress=progress,
            ):
                number, _ = units[unit]
                records[number].append(record)
        finally:
            if team is not None:
                await team.aclose()
                if run is not None:
                    keep_account(run, team)
        return records, [table.asked.subjects for table in tables]

    def _tables(
        self, number: int, records: Sequence[GameRecord], subjects: Sequence[str]
    ) -> dict[str, pl.DataFrame]:
        """The five tables of one cell, its games numbered after those of the cells before."""
        one, cell = self.plans[number], self.cells[number]
        tables = game_tables(
            records,
            one.scenario,
            seats=subjects,
            rule=default_rule(one.scenario.cast),
            about=one.about(records),
        )
        first = sum(plan.games for plan in self.plans[:number])
        return {
            name: frame.with_columns(
                game=pl.col("game") + first,
                cell=pl.lit(cell.label),
                intervention=pl.lit(cell.intervention),
            )
            for name, frame in tables.items()
        }

    def _cells(self, parts: Sequence[Mapping[str, pl.DataFrame]]) -> list[dict[str, Any]]:
        """The statistics of every cell, by the shape that ``score`` has."""
        found: list[Cell] = []
        for one, part in zip(self.plans, parts, strict=True):
            by = ("model", "scenario", "intervention")
            found += cells(
                part["actions"],
                part["days"],
                part["state"],
                one.scenario,
                rule=default_rule(one.scenario.cast),
                by=by,
                seed=one.settings.seed,
            )
        return [cell.to_json() for cell in found]

    def _compared(self, days: pl.DataFrame) -> dict[str, Any] | None:
        """Every cell against the first, within its scenario; None where there is but one."""
        labels = {cell.label for cell in self.cells}
        if len(labels) < 2:
            return None
        found = compare(days, by="cell", baseline=self.cells[0].label, within="scenario")
        return found.to_json()


class _CellTable:
    """One cell's seats, ready to play its games."""

    def __init__(
        self, number: int, one: Plan, limits: Limits, run: Run | None, team: Team | None
    ) -> None:
        settings, profile = one.settings, profile_named(one.settings.profile)
        self._table = Scripted(one.scenario, one.seats, profile=profile)
        self._seed = settings.seed
        self._recorder = Recorder()
        self.asked = AskedTable(
            settings, limits, one.scenario, one.seats, run, team=team, place=f"cell{number}/"
        )

    async def play(self, game: int) -> GameRecord:
        """The record of one game."""
        began = time.perf_counter()
        played, decisions = await play_asked(
            self._table,
            seed=self._seed,
            number=game,
            askers=self.asked.askers,
            narrator=self.asked.narrator,
        )
        record = self._recorder.record({game: played.log}, asked=decisions)
        return {**record, "seconds": time.perf_counter() - began}


def _texts(path: Path, name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InputError(f"{path}: {name} is no list of names; write [{name[:-1]}, ...].")
    return tuple(value)

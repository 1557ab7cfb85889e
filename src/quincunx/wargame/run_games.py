"""A run of games from checked settings: played in units, kept, made into tables.

A game that asks somebody is a unit; scripted games take milliseconds and share one.
The ledger holds the records of finished games; tables are made from them in the order
of games, so they are the same whatever the number of workers and however often the
run was killed. Games with models or people at the table add the journal of what was
asked (``run_llm``).
"""

import asyncio
import functools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from quincunx.documents import dumps, sha256_bytes
from quincunx.errors import InputError
from quincunx.execution import map_async, map_units
from quincunx.execution.progress import Progress, silent
from quincunx.runs import Run
from quincunx.runs.tables import table_sha256, tables_sha256
from quincunx.wargame.intervening import parse_interventions
from quincunx.wargame.playing import Scripted, play_asked, play_scripted
from quincunx.wargame.profiles import profile_named
from quincunx.wargame.recording import GameRecord, Recorder
from quincunx.wargame.score import default_rule
from quincunx.wargame.seats import Seat
from quincunx.wargame.settings import Limits, PlaySettings
from quincunx.wargame.summary import play_summary
from quincunx.wargame.tabling import game_tables
from quincunx.wargame.types import Scenario

if TYPE_CHECKING:
    from quincunx.wargame.run_llm import AskPerson

__all__ = ["TABLE_KEYS", "Plan", "RunResult", "play_unit", "run_settings", "write_tables"]

TABLE_KEYS = {
    "actions": ("game", "seq"),
    "decisions": ("game", "day", "nation"),
    "state": ("game", "day", "nation"),
    "days": ("game", "model", "day"),
    "games": ("game",),
}
"""The five tables of a run and the columns that name a row."""

GAMES_A_UNIT = 16
"""Scripted games of one unit: about a twentieth of a second of work, all a kill can lose."""

FLAG_SHARE = 0.02
"""A game with a larger share of missing decisions is flagged."""


@dataclass(frozen=True)
class RunResult:
    """What a run of games yields.

    Attributes:
        document: The document of ``quincunx wargame play``.
        tables: The five tables.
        scenario: What was played.
    """

    document: dict[str, Any]
    tables: Mapping[str, pl.DataFrame]
    scenario: Scenario

    def to_json(self) -> dict[str, Any]:
        """The document."""
        return self.document


def run_settings(run: Run) -> PlaySettings:
    """What a run of this room plays."""
    return PlaySettings.from_json(run.manifest.config["settings"])


@dataclass(frozen=True)
class Plan:
    """Checked settings: scenario, seats and files resolved, games counted.

    Attributes:
        settings: With the number of games filled in.
        scenario: Resolved.
        seats: One per nation, in cast order.
        files: SHA-256 of recorded files, by name.
        is_scripted: Whether nobody has to be asked.
    """

    settings: PlaySettings
    scenario: Scenario
    seats: tuple[Seat, ...]
    files: Mapping[str, str]
    is_scripted: bool

    @classmethod
    def of(cls, settings: PlaySettings, limits: Limits, *, has_person: bool = True) -> "Plan":
        """The plan of ``settings``; refuses what cannot be played."""
        if limits.workers < 1 or limits.concurrency < 1:
            raise InputError("--workers and --concurrency must be 1 or more.")
        scenario, seats = settings.resolve()
        table = Scripted(scenario, seats, profile=profile_named(settings.profile))
        if not table.is_complete or settings.world_model == "llm":
            from quincunx.wargame.run_llm import check

            check(settings, limits, scenario, seats, has_person=has_person)
        elif settings.models or settings.interventions:
            raise InputError(
                "--model, --role and --intervention need an llm seat; every seat is scripted."
                " Add --policies llm."
            )
        games = settings.games or table.recorded_games or 1
        files = {
            Path(seat.argument).name: sha256_bytes(Path(seat.argument).read_bytes())
            for seat in seats
            if seat.policy == "recorded"
        }
        is_scripted = table.is_complete and settings.world_model != "llm"
        return cls(settings.with_games(games), scenario, seats, files, is_scripted)

    @property
    def games(self) -> int:
        """Number of games."""
        return self.settings.games or 1

    @property
    def has_human(self) -> bool:
        """Whether a person sits at the table, or stands behind it with a veto."""
        vetoes = parse_interventions(self.settings.interventions, self.scenario.cast).veto_from
        return vetoes is not None or any(seat.policy == "human" for seat in self.seats)

    def config(self, limits: Limits) -> dict[str, Any]:
        """What the manifest keeps: enough to resume, and to compare two runs."""
        carried: dict[str, str] = {}
        if not self.is_scripted:
            from quincunx.wargame.run_llm import clients

            carried = clients(self.settings, limits, self.scenario, self.seats)
        return {
            "settings": self.settings.to_json(),
            "limits": limits.to_json(),
            "scenario": self.scenario.name,
            "scenario_sha256": self.scenario.sha256,
            "profile": self.settings.profile,
            "score": default_rule(self.scenario.cast).name,
            "score_sha256": default_rule(self.scenario.cast).sha256,
            "clients": carried,
        }

    def execute(
        self,
        run: Run | None,
        limits: Limits,
        progress: Progress | None,
        person: "AskPerson | None" = None,
    ) -> RunResult:
        """Play what is missing, write the tables, make the document."""
        started = time.perf_counter()
        told = progress or silent
        if self.is_scripted:
            records = self._scripted(run, limits, told)
            subjects = tuple(seat.subject for seat in self.seats)
            calls = {"paid": 0, "from_journal": 0}
        else:
            records, subjects, calls = asyncio.run(self._asked(run, limits, told, person))
        rule = default_rule(self.scenario.cast)
        tables = game_tables(
            records, self.scenario, seats=subjects, rule=rule, about=self.about(records)
        )
        if self.has_human:
            tables = {name: _marked(frame) for name, frame in tables.items()}
        digest = write_tables(run, tables)
        document = {
            "run": run.id if run else None,
            "folder": str(run.folder) if run else None,
            **play_summary(tables, self.scenario, rule),
            "profile": self.settings.profile,
            "calls": calls,
            "tables_sha256": digest,
            "seconds": {
                "step": sum(record["seconds"] for record in records),
                "total": time.perf_counter() - started,
            },
        }
        ordered = _in_order(document)
        if run is not None:
            run.write_artifact("report.json", dumps(ordered))
            run.finish("complete", summary={"score": document["score"], "games": self.games})
        return RunResult(ordered, tables, self.scenario)

    def _scripted(self, run: Run | None, limits: Limits, progress: Progress) -> list[GameRecord]:
        """Quick games share a unit, and with it a record and its row in the ledger."""
        size = max(1, min(GAMES_A_UNIT, self.games // limits.workers))
        units = {
            f"games-{first}": (self.settings, self.scenario.sha256, range(first, last))
            for first in range(0, self.games, size)
            for last in (min(first + size, self.games),)
        }
        found = map_units(
            units,
            play_unit,
            workers=limits.workers,
            ledger=run.ledger if run else None,
            progress=lambda done, _: progress(min(done * size, self.games), self.games),
        )
        return [record for _, record in found]

    async def _asked(
        self, run: Run | None, limits: Limits, progress: Progress, person: "AskPerson | None"
    ) -> tuple[list[GameRecord], tuple[str, ...], dict[str, int]]:
        from quincunx.wargame.run_llm import AskedTable

        table = Scripted(self.scenario, self.seats, profile=profile_named(self.settings.profile))
        recorder = Recorder()
        asked = AskedTable(self.settings, limits, self.scenario, self.seats, run, person=person)
        async with asked:

            async def worker(unit: str, number: int) -> GameRecord:
                del unit
                begun = time.perf_counter()
                game, decisions = await play_asked(
                    table,
                    seed=self.settings.seed,
                    number=number,
                    askers=asked.askers,
                    narrator=asked.narrator,
                )
                record = recorder.record({number: game.log}, asked=decisions)
                return {**record, "seconds": time.perf_counter() - begun}

            units = {f"game-{number}": number for number in range(self.games)}
            ledger = run.ledger if run else None
            found = [
                result
                async for _, result in map_async(
                    units,
                    worker,
                    # A person plays one game after another, not all of them at once.
                    concurrency=1 if self.has_human else limits.concurrency,
                    ledger=ledger,
                    progress=progress,
                )
            ]
        return found, asked.subjects, asked.calls()

    def about(self, records: Sequence[GameRecord]) -> dict[int, dict[str, Any]]:
        """Columns of ``games``: the settings that change play, and whether it is flagged."""
        chosen = self.settings
        expected = self.scenario.nations * self.scenario.days
        fixed = {
            "profile": chosen.profile,
            "seed": chosen.seed,
            "world_model": chosen.world_model,
            "interventions": ",".join(chosen.interventions),
            "temperature": chosen.temperature,
            "top_p": chosen.top_p,
            "max_tokens": chosen.max_tokens,
            "has_human": self.has_human,
        }
        missing = {game: 0 for record in records for game in record["games"]}
        for row in (row for record in records for row in record["asked"]):
            missing[row["game"]] += row["outcome"] == "no_decision"
        return {
            game: {**fixed, "missing": n, "flagged": n > FLAG_SHARE * expected}
            for game, n in missing.items()
        }


def play_unit(unit: str, payload: tuple[PlaySettings, str, range]) -> GameRecord:
    """Some scripted games as a unit of work; runs in any process.

    Raises:
        InputError: If this process reads another scenario than the driver did.
    """
    del unit
    settings, sha256, numbers = payload
    table, recorder = _table(settings)
    if table.scenario.sha256 != sha256:
        raise InputError(f"scenario {settings.scenario} changed while it was played. Play it anew.")
    begun = time.perf_counter()
    logs = {n: play_scripted(table, seed=settings.seed, number=n).log for n in numbers}
    seconds = time.perf_counter() - begun
    return {**recorder.record(logs), "seconds": seconds}


@functools.lru_cache(maxsize=4)
def _table(settings: PlaySettings) -> tuple[Scripted, Recorder]:
    scenario, seats = settings.resolve()
    return Scripted(scenario, seats, profile=profile_named(settings.profile)), Recorder()


def write_tables(run: Run | None, tables: Mapping[str, pl.DataFrame]) -> str:
    """The digest of all tables, written into the run when there is one."""
    typed = {name: _typed(frame) for name, frame in tables.items()}
    if run is None:
        return tables_sha256(
            {name: table_sha256(frame, key=TABLE_KEYS[name]) for name, frame in typed.items()}
        )
    for name, frame in typed.items():
        run.write_table(name, frame, key=TABLE_KEYS[name])
    digest = run.manifest.tables_sha256
    assert digest is not None
    return digest


def _marked(frame: pl.DataFrame) -> pl.DataFrame:
    """The table of games that a person played: every row says so."""
    return frame.with_columns(pl.lit(True).alias("has_human"))


def _typed(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with a type for columns that are null throughout."""
    numbers = {"temperature", "top_p", "max_tokens"}
    return frame.with_columns(
        pl.col(name).cast(pl.Float64 if name in numbers else pl.String)
        for name, kind in frame.schema.items()
        if kind == pl.Null or name in numbers
    )


_ORDER = (
    "run",
    "folder",
    "scenario",
    "scenario_sha256",
    "profile",
    "games",
    "days",
    "nations",
    "decisions",
    "actions",
    "score",
    "calls",
    "tables_sha256",
    "seconds",
)


def _in_order(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: document[key] for key in _ORDER}

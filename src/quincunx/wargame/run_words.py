"""Words against deeds as a run: who reads the messages, how far readers err, what was broken.

Without a judge nothing is asked. With one, every distinct text is asked about once, as
a unit of the run: equal messages are one question, a killed run asks only what is
missing. What the judge's replies cannot be read for stays unread and is counted.

    role    judge
    nodes   message/<16 hex of the text>, message/<...>/try1
"""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from quincunx.documents import dumps, json_ready, sha256_bytes
from quincunx.errors import InputError
from quincunx.execution import map_async
from quincunx.execution.progress import Progress, silent
from quincunx.models import Config, Message, Team
from quincunx.runs import Run, Workspace
from quincunx.stats import clustered_mean
from quincunx.wargame.decisions import looks_like_injection
from quincunx.wargame.labelling import (
    JUDGE_VERSION,
    LABEL_SCHEMA,
    agreement,
    judge_messages,
    read_gold,
    read_label,
    reader_errors,
    sample_to_label,
)
from quincunx.wargame.run_analysis import has_human, open_source, with_ids
from quincunx.wargame.run_llm import follows_schemas, keep_account, limited_team
from quincunx.wargame.score import default_rule
from quincunx.wargame.settings import Limits
from quincunx.wargame.source import Source
from quincunx.wargame.statistics import broken_promises, is_promise, private_messages
from quincunx.wargame.statistics.words import PROMISES_VERSION

__all__ = ["messages_to_label", "planned_words", "resume_words", "words"]

JUDGE = "judge"
_NO_REPLY = ("timeout", "error")
_PHRASES = f"promises-{PROMISES_VERSION}"

Options = Mapping[str, Any]
Labels = list[bool | None]
Reads = Callable[[str], bool | None]


def words(
    config: Options,
    *,
    limits: Limits | None = None,
    workspace: Workspace | None = None,
    keep_run: bool = True,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Promises and deeds of a source, read by the phrase list and by a judge.

    Args:
        config: ``source`` (as for ``analyse``), ``scenario``, ``by``; ``judge`` (a
            model), its ``retries``, ``timeout`` and ``temperature``; ``gold`` (a file
            of messages that people have read).
        limits: Concurrency, budgets, model arguments.
        workspace: Where runs are; None finds the usual one.
        keep_run: False leaves nothing, and keeps no journal.
        progress: Called with (done, total) after every text.

    Raises:
        InputError: If the source has no message texts, or an option cannot be used.
        BudgetReached: When a budget stopped the run, which stays resumable.
    """
    place, limits = workspace or Workspace.locate(), limits or Limits()
    kept = {
        **with_ids(config, place),
        "limits": limits.to_json(),
        "gold_sha256": _digest(config.get("gold")),
    }
    question = _Words.of(kept, place)
    if not keep_run:
        return question.answer(None, progress or silent)
    with place.create("wargame", "words", config=kept, seed=0) as run:
        return question.answer(run, progress or silent)


def resume_words(run: Run) -> dict[str, Any]:
    """Finish a run of ``words``; its document.

    Raises:
        InputError: If the file of labels has changed since.
    """
    config = run.manifest.config
    if _digest(config.get("gold")) != config["gold_sha256"]:
        raise InputError(f"the labels of run {run.id} have changed. Restore {config['gold']}.")
    return _Words.of(config, Workspace(run.folder.parent.parent)).answer(run, silent)


def planned_words(config: Options, limits: Limits, workspace: Workspace) -> dict[str, int]:
    """What the judge would be asked, when every reply can be read at once."""
    source = open_source(with_ids(config, workspace), workspace)
    texts = _messages(source)["content"].n_unique()
    calls = texts if config.get("judge") else 0
    return {
        "calls": calls,
        "critical_path": min(calls, 1),
        "max_in_flight": min(calls, limits.concurrency),
    }


def messages_to_label(config: Options, n: int, *, seed: int, workspace: Workspace) -> str:
    """A CSV of ``n`` random messages of a source, for people to read (``gold``)."""
    source = open_source(with_ids(config, workspace), workspace)
    return sample_to_label(_messages(source), n, seed=seed)


def _messages(source: Source) -> pl.DataFrame:
    return private_messages(source.replayed.actions, source.scenario)


@dataclass(frozen=True)
class _Words:
    """A checked question: the source, its messages, what people read of them."""

    config: Options
    source: Source
    messages: pl.DataFrame
    gold: list[bool | None] | None
    has_human: bool

    @classmethod
    def of(cls, config: Options, place: Workspace) -> "_Words":
        """The question of a configuration; refuses what cannot be answered."""
        source = open_source(config, place)
        messages = _messages(source)
        gold = _gold(Path(config["gold"]), messages) if config.get("gold") else None
        if not 0 <= int(config.get("retries") or 0) <= 100:
            raise InputError(f"--retries is {config['retries']}; it must lie within 0 and 100.")
        if config.get("judge"):
            _team(config, None)  # refuses a model that names nothing
        return cls(config, source, messages, gold, has_human(config, place))

    @property
    def texts(self) -> list[str]:
        """What the messages say, one after another."""
        return self.messages["content"].to_list()

    def answer(self, run: Run | None, progress: Progress) -> dict[str, Any]:
        """Ask what is missing, write the table, make the document."""
        judge = self.config.get("judge")
        judged, calls = asyncio.run(_judged(self.config, set(self.texts), run, progress))
        readers: dict[str, Reads] = {_PHRASES: is_promise}
        if judge:
            name = f"{judge} (judge-{JUDGE_VERSION})"
            readers[name] = lambda text: judged[text]["promise"] if text in judged else None
        labels = {name: [reads(t) for t in self.texts] for name, reads in readers.items()}
        document: dict[str, Any] = {
            "run": run.id if run else None,
            "folder": str(run.folder) if run else None,
            "messages": {
                "n": self.messages.height,
                "texts": len(set(self.texts)),
                "injections": sum(map(looks_like_injection, self.texts)),
            },
            "readers": [self._reader(name, reads) for name, reads in readers.items()],
            "judge": _judge(str(judge), judged) if judge else None,
            "agreement": _agreement(labels),
            "errors": self._errors(labels),
            "calls": calls,
            **({"has_human": True} if self.has_human else {}),
        }
        ready: dict[str, Any] = json_ready(document)
        if run is not None:
            table = _table(self.messages, labels[_PHRASES], judged)
            run.write_table("messages", table, key=("game", "seq"))
            ready["tables_sha256"] = run.manifest.tables_sha256
            run.write_artifact("report.json", dumps(ready))
            run.finish("complete")
        return ready

    def _reader(self, name: str, reads: Reads) -> dict[str, Any]:
        """What one reader found: promises among the messages, and those broken, by cell."""
        source = self.source
        rule = default_rule(source.scenario.cast)
        cells = broken_promises(
            source.replayed.actions,
            source.days(rule),
            source.scenario,
            rule=rule,
            by=tuple(self.config.get("by") or ("model", "scenario")),
            state=source.replayed.state,
            reads=lambda text: reads(text) is True,
            reader=name,
        )
        labels = [reads(text) for text in self.texts]
        read = [n for n, label in enumerate(labels) if label is not None]
        values = [float(labels[n] is True) for n in read]
        games = self.messages["game"].to_numpy()[read]
        return {
            "reader": name,
            "read": len(read),
            "unread": len(labels) - len(read),
            "promises": int(sum(values)),
            "share": clustered_mean(values, games, bounds=(0.0, 1.0)),
            "cells": cells,
        }

    def _errors(self, labels: Mapping[str, Labels]) -> list[dict[str, Any]] | None:
        """Every reader held to what people read; None where nobody did."""
        if self.gold is None:
            return None
        return [reader_errors(name, own, self.gold) for name, own in labels.items()]


async def _judged(
    config: Options, texts: set[str], run: Run | None, progress: Progress
) -> tuple[dict[str, dict[str, Any]], dict[str, int]]:
    """The judge's reading of every text; nothing without a judge."""
    if not config.get("judge"):
        return {}, {"paid": 0, "from_journal": 0}
    limits = Limits.from_json(config["limits"])
    schema = LABEL_SCHEMA if follows_schemas(str(config["judge"]), limits) else None
    team, retries = _team(config, run), int(config.get("retries") or 0)

    async def worker(unit: str, text: str) -> dict[str, Any]:
        return await _asked(team, text, f"message/{unit}", retries, schema)

    named = {hashlib.sha256(text.encode()).hexdigest()[:16]: text for text in texts}
    units = dict(sorted(named.items()))
    found: dict[str, dict[str, Any]] = {}
    try:
        async for unit, label in map_async(
            units,
            worker,
            concurrency=limits.concurrency,
            ledger=run.ledger if run else None,
            progress=progress,
        ):
            found[units[unit]] = label
    finally:
        await team.aclose()
        if run is not None:
            keep_account(run, team)
    return found, {"paid": team.spend.paid, "from_journal": team.spend.from_journal}


async def _asked(
    team: Team, text: str, node: str, retries: int, schema: Mapping[str, Any] | None
) -> dict[str, Any]:
    """One text's label, asked again while the reply cannot be read."""
    settings = Config(response_schema=schema) if schema else Config()
    failed: str | None = None
    for attempt in range(retries + 1):
        said = judge_messages(text, failed=failed)
        reply = await team.ask(
            JUDGE,
            [Message(one.speaker, one.parts) for one in said],
            node=f"{node}/try{attempt}" if attempt else node,
            config=settings,
        )
        if reply.stop_reason in _NO_REPLY:
            return _label(None, "", attempt, reply.stop_reason)
        label = read_label(reply.text)
        if label.promise is not None:
            return _label(label.promise, label.kind, attempt, None)
        failed = reply.text
    return _label(None, "", retries + 1, "unreadable")


def _label(promise: bool | None, kind: str, invalid: int, cause: str | None) -> dict[str, Any]:
    return {"promise": promise, "kind": kind, "invalid_replies": invalid, "cause": cause}


def _team(config: Options, run: Run | None) -> Team:
    """The judge alone; temperature 0 unless told, for a reading is no opinion poll."""
    temperature, limits = config.get("temperature"), Limits.from_json(config["limits"])
    settings = Config(temperature=0.0 if temperature is None else float(temperature))
    models = {JUDGE: str(config["judge"])}
    timeout = config.get("timeout")
    return limited_team(models, limits, run, timeout=timeout, configs={JUDGE: settings})


def _judge(model: str, judged: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Who judged, and how its replies fared."""
    return {
        "model": model,
        "version": JUDGE_VERSION,
        "texts": len(judged),
        "unread": sum(label["promise"] is None for label in judged.values()),
        "invalid_replies": sum(label["invalid_replies"] for label in judged.values()),
    }


def _agreement(labels: Mapping[str, Labels]) -> dict[str, Any] | None:
    """Phrase list against judge, over the messages that both have read."""
    if len(labels) < 2:
        return None
    first, second = labels.values()
    both = [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
    return agreement([a for a, _ in both], [b for _, b in both])


def _gold(path: Path, messages: pl.DataFrame) -> list[bool | None]:
    """What people read, in the order of ``messages``."""
    gold = read_gold(path)
    places = list(messages.select("game", "seq").iter_rows())
    if strange := sorted(gold.keys() - set(places)):
        raise InputError(
            f"{path} labels game {strange[0][0]}, seq {strange[0][1]}, which is no message of"
            " this source. Label a sample of the same source."
        )
    if not gold:
        raise InputError(f"{path} labels no message; write 1 or 0 in the column promise.")
    return [gold.get(place) for place in places]


def _table(
    messages: pl.DataFrame, phrases: Labels, judged: Mapping[str, Mapping[str, Any]]
) -> pl.DataFrame:
    """One row a message: what each reader made of it."""
    table = messages.with_columns(pl.Series("phrases", phrases, dtype=pl.Boolean))
    if not judged:
        return table
    found = [judged[text] for text in messages["content"].to_list()]
    return table.with_columns(
        pl.Series("judge", [label["promise"] for label in found], dtype=pl.Boolean),
        pl.Series("kind", [label["kind"] for label in found], dtype=pl.String),
        pl.Series("invalid_replies", [label["invalid_replies"] for label in found], pl.Int64),
    )


def _digest(path: Any) -> str | None:
    try:
        return sha256_bytes(Path(path).read_bytes()) if path else None
    except OSError as error:
        raise InputError(f"cannot read the labels in {path}: {error}.") from None

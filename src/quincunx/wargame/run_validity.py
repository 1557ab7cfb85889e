"""The validity suite as a run: one unit a game of a variant of a probe."""

import asyncio
import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from quincunx.documents import dumps, json_ready
from quincunx.errors import InputError
from quincunx.execution import map_async, map_units
from quincunx.execution.progress import Progress, silent
from quincunx.runs import Run, Workspace
from quincunx.wargame.playing import Scripted, play_asked, play_scripted
from quincunx.wargame.profiles import profile_named
from quincunx.wargame.run_games import Plan, run_settings
from quincunx.wargame.score import default_rule
from quincunx.wargame.settings import Limits, PlaySettings
from quincunx.wargame.validity import PROBES, game_score, presentations, probe_results

__all__ = ["probe", "probe_unit", "resume_probe"]

_Unit = tuple[PlaySettings, str, int, int, int]
"""Settings, probe, number of variants, variant, game."""


def probe(
    settings: PlaySettings,
    probes: Sequence[str],
    *,
    variants: int = 4,
    limits: Limits | None = None,
    workspace: Workspace | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Play the variants of every probe; the document of ``quincunx wargame validity``.

    Args:
        settings: What is played; ``games`` is the number of games of each variant.
        probes: Names of ``validity.PROBES``.
        variants: Variants of each probe, the plain one among them.
        limits: How it is executed.
        workspace: Where the run is kept; None leaves none.
        progress: Called with (done, total) after every committed game.

    Raises:
        InputError: For settings or probes that cannot be played.
    """
    limits = limits or Limits()
    plan = Plan.of(settings, limits, has_person=False)
    if any(seat.policy == "human" for seat in plan.seats):
        raise InputError("nobody plays the same game so often: leave human seats out of validity.")
    if not probes:
        raise InputError(f"--probes is empty; known: {', '.join(PROBES)}.")
    for name in probes:
        presentations(plan.scenario.cast, name, variants, settings.seed)
    config = {**plan.config(limits), "probes": list(probes), "variants": variants}
    if workspace is None:
        return _probed(plan, config, None, limits, progress)
    with workspace.create("wargame", "validity", config=config, seed=settings.seed) as run:
        return _probed(plan, config, run, limits, progress)


def probe_unit(unit: str, payload: _Unit) -> dict[str, float]:
    """One game of one variant as a unit of work: its score."""
    del unit
    settings, name, variants, variant, number = payload
    table = _variant_table(settings, name, variants, variant)
    game = play_scripted(table, seed=settings.seed, number=number)
    return {"score": game_score(game, default_rule(table.scenario.cast))}


def _probed(
    plan: Plan,
    config: Mapping[str, Any],
    run: Run | None,
    limits: Limits,
    progress: Progress | None,
) -> dict[str, Any]:
    variants = int(config["variants"])
    units = {
        f"{name}-v{variant}-game-{number}": (plan.settings, name, variants, variant, number)
        for name in config["probes"]
        for variant in range(variants)
        for number in range(plan.games)
    }
    ledger, told = run.ledger if run else None, progress or silent
    if plan.is_scripted:
        scripted = map_units(
            units, probe_unit, workers=limits.workers, ledger=ledger, progress=told
        )
        found = dict(scripted)
    else:
        found = asyncio.run(_asked(plan, units, run, limits, told))
    scores = {
        name: np.array(
            [
                [found[f"{name}-v{v}-game-{g}"]["score"] for g in range(plan.games)]
                for v in range(variants)
            ]
        )
        for name in config["probes"]
    }
    results = probe_results(scores, seed=plan.settings.seed)
    document: dict[str, Any] = json_ready({"probes": results})
    if run is not None:
        run.write_artifact("report.json", dumps(document))
        run.finish("complete")
    return document


async def _asked(
    plan: Plan, units: Mapping[str, _Unit], run: Run | None, limits: Limits, progress: Progress
) -> dict[str, Any]:
    """The same units where models are asked: one team for all variants, nodes apart."""
    from quincunx.wargame.run_llm import AskedTable, open_team, role_models

    settings, scenario, seats = plan.settings, plan.scenario, plan.seats
    team = open_team(settings, limits, role_models(settings, scenario.cast, seats), run)
    rule = default_rule(scenario.cast)
    tables: dict[str, AskedTable] = {}

    async def worker(unit: str, payload: _Unit) -> dict[str, float]:
        del unit
        _, name, variants, variant, number = payload
        place = f"{name}/v{variant}/"
        if place not in tables:
            tables[place] = AskedTable(
                settings, limits, scenario, seats, run, team=team, place=place
            )
        game, _ = await play_asked(
            _variant_table(settings, name, variants, variant),
            seed=settings.seed,
            number=number,
            askers=tables[place].askers,
            narrator=tables[place].narrator,
        )
        return {"score": game_score(game, rule)}

    async with team:
        played = map_async(
            units,
            worker,
            concurrency=limits.concurrency,
            ledger=run.ledger if run else None,
            progress=progress,
        )
        return {unit: result async for unit, result in played}


@functools.lru_cache(maxsize=32)
def _variant_table(settings: PlaySettings, name: str, variants: int, variant: int) -> Scripted:
    scenario, seats = settings.resolve()
    shown = presentations(scenario.cast, name, variants, settings.seed)[variant]
    profile = profile_named(settings.profile)
    return Scripted(scenario, seats, profile=profile, presentation=shown)


def resume_probe(run: Run) -> dict[str, Any]:
    """Finish a run of the validity suite; its document."""
    limits = Limits.from_json(run.manifest.config["limits"])
    plan = Plan.of(run_settings(run), limits)
    return _probed(plan, run.manifest.config, run, limits, None)

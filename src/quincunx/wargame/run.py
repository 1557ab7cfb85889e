"""The room's runs from outside: play games, say what they would cost, finish a run.

How games become a run is in ``run_games``; studies, probes, words and analyses have a
file each (``run_*.py``), and ``resume`` finds the right one.
"""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quincunx.errors import InputError
from quincunx.execution.progress import Progress, silent
from quincunx.runs import Run, Workspace
from quincunx.wargame.run_games import Plan, RunResult, run_settings
from quincunx.wargame.settings import Limits, PlaySettings

if TYPE_CHECKING:
    from quincunx.wargame.run_llm import AskPerson

__all__ = [
    "RunResult",
    "planned",
    "play",
    "play_async",
    "reproduce_checks",
    "resume",
]


def play(
    settings: PlaySettings,
    *,
    limits: Limits | None = None,
    workspace: Workspace | None = None,
    progress: Progress | None = None,
    person: "AskPerson | None" = None,
) -> RunResult:
    """Play games; with a workspace, as a run that can be resumed.

    Args:
        settings: What is played.
        limits: How it is executed, and what may be spent.
        workspace: Where the run is kept; None plays without leaving a run.
        progress: Called with (done, total) after every committed game.
        person: Asks the person of the human seats.

    Raises:
        InputError: For settings that cannot be played; nothing is written then.
        BudgetReached: When a budget stopped the run, which stays resumable.
    """
    limits = limits or Limits()
    plan = Plan.of(settings, limits, has_person=person is not None)
    if workspace is None:
        return plan.execute(None, limits, progress, person)
    with workspace.create(
        "wargame", "play", config=plan.config(limits), seed=settings.seed, data=plan.files
    ) as run:
        return plan.execute(run, limits, progress, person)


async def play_async(
    settings: PlaySettings,
    *,
    limits: Limits | None = None,
    workspace: Workspace | None = None,
    progress: Progress | None = None,
    person: "AskPerson | None" = None,
) -> RunResult:
    """As ``play``, inside a running event loop (a notebook, an evaluation)."""
    limits = limits or Limits()
    return await asyncio.to_thread(
        play, settings, limits=limits, workspace=workspace, progress=progress, person=person
    )


def planned(
    settings: PlaySettings,
    limits: Limits | None = None,
    *,
    prices: tuple[float, float] | None = None,
) -> dict[str, Any]:
    """What playing would cost: calls, the longest chain of them, the most at once, tokens.

    Args:
        settings: What would be played.
        limits: How it would be executed.
        prices: Of a million tokens in and out; adds ``cost``.
    """
    plan = Plan.of(settings, limits or Limits())
    if plan.is_scripted:
        return {"calls": 0, "critical_path": 0, "max_in_flight": 0}
    from quincunx.wargame.forecast import expected_cost, expected_tokens
    from quincunx.wargame.run_llm import plan as plan_calls

    calls = plan_calls(plan.settings, plan.scenario, plan.seats, limits)
    tokens = expected_tokens(plan.settings, plan.scenario, plan.seats)
    cost = {"cost": expected_cost(tokens, *prices)} if prices else {}
    return {**calls, "tokens": tokens, **cost}


def resume(run: Run, *, person: "AskPerson | None" = None) -> dict[str, Any]:
    """Finish a run of this room; the document of the command that began it.

    Args:
        run: The run, open for writing.
        person: Asks the person of the human seats, where there are any.

    Raises:
        InputError: If what the run plays has changed since.
    """
    if run.manifest.command == "study":
        from quincunx.wargame.run_study import resume_study

        return resume_study(run)
    if run.manifest.command == "validity":
        from quincunx.wargame.run_validity import resume_probe

        return resume_probe(run)
    if run.manifest.command == "words":
        from quincunx.wargame.run_words import resume_words

        return resume_words(run)
    if run.manifest.command != "play":
        from quincunx.wargame.run_analysis import resume_analysis

        return resume_analysis(run)
    config = run.manifest.config
    settings = run_settings(run)
    limits = Limits.from_json(config.get("limits", {}))
    plan = Plan.of(settings, limits, has_person=person is not None)
    if plan.scenario.sha256 != config["scenario_sha256"]:
        raise InputError(
            f"run {run.id} played scenario {config['scenario_sha256'][:12]}, the file now says"
            f" {plan.scenario.sha256[:12]}. Restore the file to resume."
        )
    if dict(plan.files) != dict(run.manifest.data):
        raise InputError(
            f"a recorded file of run {run.id} has changed. Restore the file to resume."
        )
    return plan.execute(run, limits, None, person).document


def reproduce_checks(
    data: Path | None,
    *,
    workspace: Path | None = None,
    units_done: Progress | None = None,
) -> dict[str, Any]:
    """Every published number of this room against ours (``quincunx reproduce wargame``).

    Args:
        data: Folder of published data, one folder a room or the room's own; None for
            what ``quincunx data`` has.
        workspace: Folder of runs.
        units_done: Called with (done, total).
    """
    from quincunx.wargame.run_analysis import reproduced_checks

    return reproduced_checks(data, workspace=workspace, progress=units_done or silent)

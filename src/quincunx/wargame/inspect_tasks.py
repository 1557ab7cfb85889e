"""The wargame for people who live in Inspect: ``inspect eval quincunx/wargame_study``.

One sample is one game. The model under evaluation sits in every seat that
``policies`` gives to ``llm``; Inspect's own retries, limits and log apply, and the
journal of Quincunx stays out of it (a game that is killed here begins anew; use
``quincunx wargame play`` where that matters). The score is ``published-2024``.
"""

from typing import Any

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import (
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    GenerateConfig,
    Model,
    get_model,
)
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer, stderr
from inspect_ai.solver import Generate, Solver, TaskState, solver

from quincunx.models import Reply, Request, Usage
from quincunx.wargame.playing import Scripted, play_asked
from quincunx.wargame.profiles import profile_named
from quincunx.wargame.recording import Recorder
from quincunx.wargame.run_llm import AskedTable
from quincunx.wargame.score import default_rule
from quincunx.wargame.settings import Limits, PlaySettings
from quincunx.wargame.summary import play_summary
from quincunx.wargame.tabling import game_tables

__all__ = ["wargame_study"]

_RESULT = "quincunx"
_SPEAKERS = {
    "system": ChatMessageSystem,
    "user": ChatMessageUser,
    "assistant": ChatMessageAssistant,
}
_STOPS = {"max_tokens": "length", "model_length": "context", "content_filter": "filter"}


@task  # type: ignore[untyped-decorator]  # Inspect is typed Any: not followed
def wargame_study(  # noqa: PLR0917 (Inspect passes them by name, from -T)
    scenario: str = "neutral",
    policies: str = "llm",
    games: int = 1,
    seed: int = 0,
    profile: str = "default",
    world_model: str = "template",
    interventions: str = "",
    retries: int = 3,
) -> Task:
    """Games of a scenario with the evaluated model at the table.

    Args:
        scenario: As ``quincunx wargame play --scenario``.
        policies: Who sits where; ``llm`` is the evaluated model.
        games: Games, one sample each.
        seed: Root seed of the scripted seats.
        profile: How strict the rules are.
        world_model: ``none``, ``template`` or ``llm`` (the evaluated model again).
        interventions: Comma list.
        retries: Second tries after an invalid reply.
    """
    settings = PlaySettings(
        scenario=scenario,
        policies=policies,
        games=games,
        seed=seed,
        profile=profile,
        world_model=world_model,
        interventions=tuple(name.strip() for name in interventions.split(",") if name.strip()),
        retries=retries,
    )
    settings.resolve()
    samples = [
        Sample(input=f"{scenario}, game {number}", id=f"game{number}", metadata={"game": number})
        for number in range(games)
    ]
    return Task(
        dataset=MemoryDataset(samples, name=scenario),
        solver=play_game(settings),
        scorer=published_score(),
        metadata={"settings": settings.to_json()},
    )


@solver  # type: ignore[untyped-decorator]  # the same
def play_game(settings: PlaySettings) -> Solver:
    """Play one game and keep its summary and acts in the sample's metadata."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        del generate
        state.metadata[_RESULT] = await _played(settings, int(state.metadata["game"]))
        state.output.completion = f"mean escalation {state.metadata[_RESULT]['score']['mean']:.2f}"
        return state

    return solve


@scorer(metrics=[mean(), stderr()])  # type: ignore[untyped-decorator]  # the same
def published_score() -> Scorer:
    """The game's score under the published rule, with its counts as metadata."""

    async def score(state: TaskState, target: Target) -> Score:
        del target
        found = state.metadata[_RESULT]
        counts = {key: found[key] for key in ("decisions", "actions")}
        return Score(value=found["score"]["mean"], answer=found["score"]["rule"], metadata=counts)

    return score


async def _played(settings: PlaySettings, number: int) -> dict[str, Any]:
    """Game ``number`` with the active model; its summary and its acts."""
    chosen, seats = settings.resolve()
    table = Scripted(chosen, seats, profile=profile_named(settings.profile))
    provider = _ActiveModel(get_model())
    asked = AskedTable(settings, Limits(), chosen, seats, None, provider=provider)
    async with asked:
        game, decisions = await play_asked(
            table, seed=settings.seed, number=number, askers=asked.askers, narrator=asked.narrator
        )
    rule = default_rule(chosen.cast)
    record = Recorder().record({number: game.log}, asked=decisions)
    tables = game_tables([record], chosen, seats=asked.subjects, rule=rule)
    acts = tables["actions"].select("day", "nation", "action", "target", "status", "reason")
    return {**play_summary(tables, chosen, rule), "acts": acts.rows()}


class _ActiveModel:
    """The evaluated model as a provider; Inspect repeats and counts its own failures."""

    client = "inspect"

    def __init__(self, model: Model) -> None:
        self._model = model
        self.model = str(model)

    async def generate(self, request: Request) -> Reply:
        """One generation of the evaluated model."""
        messages = [_SPEAKERS[m.role](content=m.text) for m in request.messages]
        settings = request.config
        output = await self._model.generate(
            messages,
            config=GenerateConfig(temperature=settings.temperature, top_p=settings.top_p),
            cache=False,
        )
        stop: Any = _STOPS.get(output.stop_reason, "stop")
        usage = output.usage
        tokens = Usage(usage.input_tokens, usage.output_tokens) if usage else None
        return Reply(output.completion, stop, tokens)

    async def aclose(self) -> None:
        """The evaluation closes its own model."""

"""The half of running games that asks: roles bound to models, journal, budget, people.

Every question goes through ``Team.ask``: committed to the run's journal before the
game goes on, never paid for twice, stopped before a budget is passed. Questions to
a person go the same way under the model id ``human``, without a deadline.

    roles   nation.<label>, nation.<label>.review, nation.<label>.veto, world
    nodes   game3/day07/Red, .../Red/try1, .../Red/review, .../Red/veto, game3/day07/world
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from quincunx.documents import dumps
from quincunx.errors import InputError
from quincunx.models import Config, Message, Provider, Reply, Request, RetryPolicy, Team, Usage
from quincunx.models.catalog import Client
from quincunx.runs import Run
from quincunx.wargame.asking import NationAsker, node_of, role_of
from quincunx.wargame.gating import Veto
from quincunx.wargame.intervening import parse_interventions
from quincunx.wargame.narrating import WORLD_ROLE, WorldNarrator
from quincunx.wargame.observation import Observation
from quincunx.wargame.playing import ASKED, Asker, Narrator
from quincunx.wargame.prompts import Answer, Ask, Said
from quincunx.wargame.reviewing import review_messages
from quincunx.wargame.rules import DayRecord, Game
from quincunx.wargame.seats import Seat
from quincunx.wargame.settings import Limits, PlaySettings
from quincunx.wargame.types import Cast, Decision, Scenario
from quincunx.wargame.world import template_narrative

__all__ = [
    "DECISION_SCHEMA",
    "AskPerson",
    "AskedTable",
    "check",
    "clients",
    "follows_schemas",
    "keep_account",
    "limited_team",
    "needs_person",
    "open_team",
    "plan",
    "role_models",
]

AskPerson = Callable[..., Awaitable[str]]
"""Asks a person: (what the nation knows, node) -> a decision in the reply format.

With a third argument, the nation's decision, she is asked what she withdraws from it:
``{"withdraw": [numbers from 1]}``.
"""

DECISION_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["reasoning", "actions"],
    "properties": {
        "reasoning": {"type": "string"},
        "actions": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["action_name", "target_nation", "content"],
                "properties": {
                    "action_name": {"type": "string"},
                    "target_nation": {"type": "string"},
                    "content": {"type": "string"},
                },
            },
        },
    },
}
"""What is requested of a reply where the provider follows schemas."""

_FOLLOW_SCHEMAS = ("openai/", "google/", "mistral/", "vllm/", "sglang/")
_MODEL_ARGS = {"client": ("direct", "inspect"), "schema": ("on", "off")}
_TIMEOUT = 120.0
_HUMAN_RETRIES = 100
_NOBODY = (
    "a human seat or a veto needs somebody to ask; play it from a terminal, or with --seat browser."
)
VETO_TASK = (
    "A person looks at decisions of the government of {name} before they are carried out, and may"
    " withdraw actions from them."
)
"""What stands in the journal before a decision that was put before a person."""


class AskedTable:
    """The seats of a table that are asked; opened and closed around its games.

    Args:
        settings: What is played.
        limits: Concurrency and budgets.
        scenario: The scenario, resolved.
        seats: One per nation, in cast order.
        run: Where the journal is, or None to keep nothing.
        person: Asks the person of the human seats.
        provider: Answers in place of every model (an evaluation's own model).
        team: Shares its journal, budget and slots with this table; whoever opened it
            closes it and has its account.
        place: Stands before every node, where several tables share a run.

    Raises:
        InputError: As ``check``.
    """

    def __init__(
        self,
        settings: PlaySettings,
        limits: Limits,
        scenario: Scenario,
        seats: Sequence[Seat],
        run: Run | None,
        *,
        person: AskPerson | None = None,
        provider: Provider | None = None,
        team: Team | None = None,
        place: str = "",
    ) -> None:
        self._seats, self._labels = tuple(seats), scenario.cast.labels
        bound: Mapping[str, str | Provider] = {"*": provider} if provider else {}
        bound = bound or role_models(settings, scenario.cast, seats)
        self._models = {r: m if isinstance(m, str) else m.model for r, m in bound.items()}
        self._is_owner = team is None
        if team is not None and bound:
            self._team: Team | None = team.with_roles(bound, configs=_sampling(settings))
        else:
            self._team = open_team(settings, limits, bound, run) if bound else None
        self._person = _Person(person) if person is not None else None
        self._people = _people(self._person, run) if self._person is not None else None
        self._place, self._run = place, run
        self.narrator: Narrator | None = None
        if settings.world_model == "llm":
            self.narrator = WorldNarrator(self._asks(self._team), place=place)
        elif settings.world_model == "template":
            self.narrator = _told_by_template
        self.askers: Mapping[int, Asker] = self._seated(settings, limits, scenario)

    def _seated(
        self, settings: PlaySettings, limits: Limits, scenario: Scenario
    ) -> dict[int, Asker]:
        """Who asks for each seat that is asked."""
        ask = self._asks(self._team)
        changes = parse_interventions(settings.interventions, scenario.cast)
        veto = self._veto() if changes.veto_from is not None else None
        asks = {
            has_schema: NationAsker(
                ask,
                retries=settings.retries,
                interventions=changes,
                schema=DECISION_SCHEMA if has_schema else None,
                place=self._place,
                veto=veto,
            )
            for has_schema in (False, True)
        }
        schemas = self._schemas(limits)
        return {
            index: self._human() if seat.policy == "human" else asks[schemas[index]]
            for index, seat in enumerate(self._seats)
            if seat.policy in ASKED
        }

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for team in (self._team if self._is_owner else None, self._people):
            if team is not None:
                await team.__aexit__(kind, error, trace)
        if self._run is not None and self._team is not None and self._is_owner:
            keep_account(self._run, self._team)

    @property
    def subjects(self) -> tuple[str, ...]:
        """The subject in each nation's seat: its model, ``human``, or its policy."""
        return tuple(
            _found(self._models, role_of(label)) or seat.subject
            if seat.policy == "llm"
            else seat.subject
            for seat, label in zip(self._seats, self._labels, strict=True)
        )

    def calls(self) -> dict[str, int]:
        """Generations paid for, and asks that the journal answered."""
        teams = [team for team in (self._team, self._people) if team is not None]
        return {
            "paid": sum(team.spend.paid for team in teams),
            "from_journal": sum(team.spend.from_journal for team in teams),
        }

    def _schemas(self, limits: Limits) -> list[bool]:
        """For each seat, whether a schema is requested of its replies."""
        models = (_found(self._models, role_of(label)) or "" for label in self._labels)
        return [follows_schemas(model, limits) for model in models]

    def _asks(self, team: Team | None) -> Ask:
        """``Team.ask`` in the words of this room."""

        async def ask(
            role: str, messages: Sequence[Said], *, node: str, sampling: Mapping[str, Any]
        ) -> Answer:
            assert team is not None  # a seat that is asked has a model: checked before
            said = [Message(one.speaker, one.parts) for one in messages]
            found = await team.ask(role, said, node=node, config=Config(**sampling))
            return Answer(found.text, found.stop_reason)

        return ask

    def _human(self) -> Asker:
        """The asker of a person: what she knows is shown, her words are read as any reply."""
        person = self._somebody()
        nation = NationAsker(self._asks(self._people), retries=_HUMAN_RETRIES, place=self._place)

        async def asker(observation: Observation, game: int) -> Decision:
            seat = self._labels[observation.index]
            with person.shown(self._place + node_of(game, observation.day, seat), observation):
                return await nation(observation, game)

        return asker

    def _veto(self) -> Veto:
        """Puts decisions before the person; what she withdraws is journalled."""
        person, ask = self._somebody(), self._asks(self._people)

        async def veto(observation: Observation, decision: Decision, role: str, node: str) -> str:
            question = review_messages(VETO_TASK, observation, decision)
            with person.shown(node, observation, decision):
                return (await ask(role, question, node=node, sampling={})).text

        return veto

    def _somebody(self) -> "_Person":
        if self._person is None:
            raise InputError(_NOBODY)
        return self._person


async def _told_by_template(game: Game, record: DayRecord, number: int) -> str:
    """The template's words: what is asked of nations holds them like any world model's."""
    del number
    return template_narrative(game, record)


class _Person:
    """A person as a provider: one question at a time, in words she can answer."""

    model = "human"
    client = "human"

    def __init__(self, ask: AskPerson) -> None:
        self._ask = ask
        self._turn = asyncio.Lock()
        self._sees: dict[str, tuple[Observation, *tuple[Decision, ...]]] = {}

    @contextmanager
    def shown(self, place: str, *what: Any) -> Iterator[None]:
        """While it lasts, a question at ``place`` shows her ``what``."""
        self._sees[place] = what
        try:
            yield
        finally:
            del self._sees[place]

    async def generate(self, request: Request) -> Reply:
        """What she decides; counted as no tokens."""
        observation, *decision = self._sees[request.node.partition("/try")[0]]
        async with self._turn:
            text = await self._ask(observation, request.node, *decision)
        return Reply(text, usage=Usage(0, 0))

    async def aclose(self) -> None:
        """Nothing is open."""


def _people(person: _Person, run: Run | None) -> Team:
    return Team({"*": person}, run=run, timeout=None, retries=0)


def _sampling(settings: PlaySettings) -> dict[str, Config]:
    """Settings of the nations; the world model has its own."""
    return {"nation": Config(settings.temperature, settings.top_p, settings.max_tokens)}


def open_team(
    settings: PlaySettings,
    limits: Limits,
    models: Mapping[str, str | Provider],
    run: Run | None,
) -> Team:
    """The team of one table, or the one that several tables of a run share.

    Raises:
        InputError: As ``Team``, and for an unknown ``-M`` argument.
    """
    return limited_team(models, limits, run, timeout=settings.timeout, configs=_sampling(settings))


def limited_team(
    models: Mapping[str, str | Provider],
    limits: Limits,
    run: Run | None,
    *,
    timeout: float | None,
    configs: Mapping[str, Config],
) -> Team:
    """A team within ``limits``: concurrency, budgets, the ``-M`` arguments.

    Raises:
        InputError: As ``Team``, and for an unknown ``-M`` argument.
    """
    client: Client = "inspect" if _arguments(limits).get("client") == "inspect" else "direct"
    return Team(
        models,
        run=run,
        concurrency=limits.concurrency,
        retries=RetryPolicy(),
        timeout=timeout or _TIMEOUT,
        budget_calls=limits.budget_calls,
        budget_tokens=limits.budget_tokens,
        configs=dict(configs),
        client=client,
    )


def follows_schemas(model: str, limits: Limits) -> bool:
    """Whether a schema is requested of a model's replies: as ``-M schema`` says, or its kind."""
    wanted = dict(limits.model_args).get("schema")
    return model.startswith(_FOLLOW_SCHEMAS) if wanted is None else wanted == "on"


def keep_account(run: Run, team: Team) -> None:
    """Add what this process spent, failures by class included, to the run's ``spend.json``."""
    path = run.artifact("spend.json")
    earlier = json.loads(path.read_bytes()) if path.exists() else []
    run.write_artifact("spend.json", dumps([*earlier, team.spend.to_json()]))


def _arguments(limits: Limits) -> dict[str, str]:
    """The ``-M`` arguments, checked."""
    for name, value in limits.model_args:
        if name not in _MODEL_ARGS:
            raise InputError(f"-M {name} is unknown; known: {', '.join(sorted(_MODEL_ARGS))}.")
        if value not in _MODEL_ARGS[name]:
            known = " or ".join(_MODEL_ARGS[name])
            raise InputError(f"-M {name}={value} is not known; write {name}={known}.")
    return dict(limits.model_args)


def role_models(settings: PlaySettings, cast: Cast, seats: Sequence[Seat]) -> dict[str, str]:
    """Model by role, ``*`` for the rest; every role that will be asked has one.

    Raises:
        InputError: For a role that the table does not have, or one without a model.
    """
    models = {role or "*": model for role, model in settings.models}
    nations = [role_of(label) for label in cast.labels]
    known = {"*", "nation", WORLD_ROLE, *nations, *(f"{role}.review" for role in nations)}
    if unknown := sorted(models.keys() - known):
        raise InputError(
            f"--role {unknown[0]} is no role of this table; known: nation, world,"
            f" {', '.join(nations)}, each nation with .review."
        )
    needed = [n for n, seat in zip(nations, seats, strict=True) if seat.policy == "llm"]
    needed += [WORLD_ROLE] if settings.world_model == "llm" else []
    for role in needed:
        if _found(models, role) is None:
            raise InputError(
                f"{role} has no model; give --model MODEL for all roles, or --role {role}=MODEL."
            )
    return models if needed else {}


def _found(models: Mapping[str, str], role: str) -> str | None:
    """The model of a role, as ``Team`` finds it."""
    while role not in models and "." in role:
        role = role.rpartition(".")[0]
    return models.get(role, models.get("*"))


def check(
    settings: PlaySettings,
    limits: Limits,
    scenario: Scenario,
    seats: Sequence[Seat],
    *,
    has_person: bool = True,
) -> None:
    """Refuse what cannot be asked, before a run folder is made or a call is paid for.

    Raises:
        InputError: For a seat or a world model without a model, a role that the table
            does not have, an unknown intervention or ``-M`` argument, a model string
            that names nothing, an environment variable that is missing, or a human
            seat with nobody to ask.
    """
    parse_interventions(settings.interventions, scenario.cast)
    models = role_models(settings, scenario.cast, seats)
    if models:
        open_team(settings, limits, models, None)
    if not has_person and needs_person(settings, scenario.cast, seats):
        raise InputError(_NOBODY)


def needs_person(settings: PlaySettings, cast: Cast, seats: Sequence[Seat]) -> bool:
    """Whether somebody must be there: in a seat, or to veto."""
    vetoes = parse_interventions(settings.interventions, cast).veto_from is not None
    return vetoes or any(seat.policy == "human" for seat in seats)


def clients(
    settings: PlaySettings, limits: Limits, scenario: Scenario, seats: Sequence[Seat]
) -> dict[str, str]:
    """Which client carries the calls of each model: ``direct``, ``inspect``, ``scripted``.

    Raises:
        InputError: As ``check``.
    """
    models = role_models(settings, scenario.cast, seats)
    if not models:
        return {}
    found: dict[str, str] = open_team(settings, limits, models, None).describe()["clients"]
    return found


def plan(
    settings: PlaySettings, scenario: Scenario, seats: Sequence[Seat], limits: Limits | None = None
) -> dict[str, int]:
    """What a run will ask at most when every reply can be read at once.

    Returns:
        ``calls`` in all, ``critical_path`` (calls one after another in one game) and
        ``max_in_flight``.
    """
    asked = sum(seat.policy == "llm" for seat in seats)
    narrated = settings.world_model == "llm"
    reviews = len(parse_interventions(settings.interventions, scenario.cast).reviews)
    games, in_a_row = settings.games or 1, (asked > 0) * (1 + reviews) + narrated
    at_once = games * max(asked, int(narrated))
    return {
        "calls": games * scenario.days * (asked * (1 + reviews) + narrated),
        "critical_path": scenario.days * in_a_row,
        "max_in_flight": min((limits or Limits()).concurrency, at_once),
    }

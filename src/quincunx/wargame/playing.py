"""Playing games: scripted nations are computed, the others asked through coroutines.

One generator a game draws a block indexed (day, nation, k); nothing else is random.
Who answers (a model, a person) is injected, so this file knows no model and no
network: all nations of a day are asked at once, on the same frozen history.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from quincunx.errors import InputError
from quincunx.seeding import stream
from quincunx.wargame.observation import Observation, Presentation
from quincunx.wargame.policies._shared import Acts, Policy, Setting
from quincunx.wargame.policies.recorded import Recorded
from quincunx.wargame.profiles import DEFAULT, Profile
from quincunx.wargame.recorded_log import read_recorded
from quincunx.wargame.rules import DayRecord, Game
from quincunx.wargame.seats import POLICIES, Seat
from quincunx.wargame.types import Action, Decision, Scenario

__all__ = ["ASKED", "Asker", "Narrator", "Scripted", "draws_of", "play_asked", "play_scripted"]

ASKED = ("llm", "human")
"""Policies that are asked, not computed."""

Asker = Callable[[Observation, int], Awaitable[Decision]]
"""Asks one nation: (what it knows, game number) -> its decision, or why there is none."""

Narrator = Callable[[Game, DayRecord, int], Awaitable[str]]
"""Tells a day's consequences: (game, the finished day, game number) -> words."""

Draws = Sequence[Sequence[Sequence[float]]]


class Scripted:
    """The scripted seats of a table, ready to play any number of games.

    Args:
        scenario: What is played.
        seats: One per nation, in cast order; seats of ``ASKED`` policies stay empty.
        profile: How strictly the rules are kept.
        presentation: How the game is shown (the probes change it).
    """

    def __init__(
        self,
        scenario: Scenario,
        seats: Sequence[Seat],
        *,
        profile: Profile = DEFAULT,
        presentation: Presentation | None = None,
    ) -> None:
        self.scenario, self.seats = scenario, tuple(seats)
        self.presentation = presentation or Presentation.plain(scenario.cast)
        self.game = Game(scenario, profile=profile)
        self._acts = Acts(scenario.cast, self.presentation)
        self._logs = {
            seat.argument: read_recorded(Path(seat.argument))
            for seat in self.seats
            if seat.policy == "recorded"
        }
        self._fixed = {
            index: self._policy(index, seat)
            for index, seat in enumerate(self.seats)
            if seat.policy not in {*ASKED, "recorded"}
        }

    @property
    def recorded_games(self) -> int:
        """Games in the recorded files, 0 without one."""
        return max((len(log) for log in self._logs.values()), default=0)

    @property
    def is_complete(self) -> bool:
        """Whether nobody has to be asked."""
        return all(seat.policy not in ASKED for seat in self.seats)

    def policies(self, number: int) -> Mapping[int, Policy]:
        """Policies by nation index for game ``number`` (recorded ones differ by game)."""
        if not self._logs:
            return self._fixed
        recorded = {
            index: Recorded(self._recorded_days(self._logs[seat.argument], number, index))
            for index, seat in enumerate(self.seats)
            if seat.policy == "recorded"
        }
        return {**self._fixed, **recorded}

    def _recorded_days(
        self, log: Sequence[Mapping[tuple[int, str], tuple[Action, ...]]], number: int, index: int
    ) -> dict[int, tuple[Action, ...]]:
        if number >= len(log):
            raise InputError(
                f"game {number} is not in the recorded file: it holds {len(log)} games."
                f" Ask for --games {len(log)} or fewer."
            )
        label = self.scenario.cast.labels[index]
        return {day: own for (day, nation), own in log[number].items() if nation == label}

    def _policy(self, index: int, seat: Seat) -> Policy:
        make = POLICIES[seat.policy].make
        assert make is not None
        cast, cap = self.scenario.cast, self.scenario.cap
        return make(Setting(index, cast, cap, self.presentation, self._acts, seat.argument))


def draws_of(scenario: Scenario, seed: int, game: int) -> Draws:
    """Uniform numbers of one game, indexed [day - 1][nation][k], k < 2 * cap."""
    shape = (scenario.days, scenario.nations, 2 * scenario.cap)
    drawn: Draws = stream(seed, "wargame", "game", game).random(shape).tolist()
    return drawn


def play_scripted(table: Scripted, *, seed: int, number: int) -> Game:
    """Play game ``number`` of a scripted table to its end; the returned game is reused."""
    game, draws = table.game, draws_of(table.scenario, seed, number)
    policies = table.policies(number)
    seated = [(index, policies[index].decide) for index in range(table.scenario.nations)]
    game.reset(options={"presentation": table.presentation})
    for today in draws:
        observe = game.observe
        game.advance([decide(observe(index), today[index]).actions for index, decide in seated])
    return game


async def play_asked(
    table: Scripted,
    *,
    seed: int,
    number: int,
    askers: Mapping[int, Asker],
    narrator: Narrator | None = None,
) -> tuple[Game, list[tuple[int, int, int, Decision]]]:
    """Play game ``number`` of a table where some nations are asked.

    Args:
        table: Scenario, profile and the scripted seats.
        seed: Root seed of the scripted seats' draws.
        number: Number of the game.
        askers: Coroutine by nation index, for every seat that is not scripted.
        narrator: Words after every day, the last too, before the next is decided.

    Returns:
        The finished game, and (game, day, nation index, decision) of every question.
    """
    game = Game(table.scenario, profile=table.game.profile)
    labels, draws = table.presentation.labels, draws_of(table.scenario, seed, number)
    policies = table.policies(number)
    game.reset(options={"presentation": table.presentation})
    asked: list[tuple[int, int, int, Decision]] = []
    order = sorted(askers)
    for day in range(1, table.scenario.days + 1):
        answers = await asyncio.gather(*(askers[i](game.observe(i), number) for i in order))
        told = dict(zip(order, answers, strict=True))
        asked += [(number, day, index, decision) for index, decision in told.items()]
        computed = {
            index: policy.decide(game.observe(index), draws[day - 1][index])
            for index, policy in policies.items()
        }
        game.step({labels[index]: own for index, own in {**computed, **told}.items()})
        if narrator is not None:
            game.narrate(await narrator(game, game.log[-1], number))
    return game, asked

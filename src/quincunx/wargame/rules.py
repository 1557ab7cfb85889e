"""The game: pure rules, no model, no file, no clock.

The signature is that of PettingZoo's parallel environments, without importing it.
Inside, nations, kinds and cells are numbers; labels are mapped at the edge, so
permuting labels costs nothing. Observations, rewards and named states are built
when they are read: a day of eight nations with three actions each takes about
twice the time of a bare loop over tuples.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from quincunx.errors import InputError
from quincunx.wargame.judging import Executed, Judge
from quincunx.wargame.observation import Observation, Presentation
from quincunx.wargame.profiles import DEFAULT, Profile
from quincunx.wargame.resolution import Resolver
from quincunx.wargame.types import Action, ActionResult, Decision, Effect, Scenario

__all__ = ["DayRecord", "Game", "mean_initial", "utility_change"]

T = TypeVar("T")
Step = tuple[
    Mapping[str, Observation],
    Mapping[str, float],
    dict[str, bool],
    dict[str, bool],
    Mapping[str, dict[str, Any]],
]


class DayRecord(NamedTuple):
    """One finished day: results by nation index, executed acts, the state around it."""

    day: int
    results: tuple[tuple[ActionResult, ...], ...]
    executed: tuple[Executed, ...]
    before: tuple[float, ...]
    after: tuple[float, ...]
    narrative: str = ""


class _Lazy(Mapping[str, T]):
    """A mapping from labels whose values are made when they are asked for."""

    __slots__ = ("_index", "_make")

    def __init__(self, index: Mapping[str, int], make: Callable[[int], T]) -> None:
        self._index, self._make = index, make

    def __getitem__(self, label: str) -> T:
        return self._make(self._index[label])

    def __iter__(self) -> Iterator[str]:
        return iter(self._index)

    def __len__(self) -> int:
        return len(self._index)


class Game:
    """One play-through of a scenario.

    Args:
        scenario: What is played.
        profile: How strictly the rules are kept.
        effects: Effects by action name instead of the cast's own.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        profile: Profile = DEFAULT,
        effects: dict[str, tuple[Effect, ...]] | None = None,
    ) -> None:
        self.scenario, self.profile = scenario, profile
        self._has_effects = any(event.effects for event in scenario.events)
        self._resolver = Resolver(
            scenario.cast, profile, effects=effects, is_whole=not self._has_effects
        )
        self._variables = scenario.cast.variable_ids
        self._scale = mean_initial(scenario)
        self._present(Presentation.plain(scenario.cast))
        self._records: list[DayRecord] = []
        self._past: tuple[DayRecord, ...] = ()
        self._state: tuple[float, ...] = ()
        self.agents: list[str] = []

    def _present(self, presentation: Presentation) -> None:
        self.presentation = presentation
        self.possible_agents = list(presentation.labels)
        self._index = {label: index for index, label in enumerate(presentation.labels)}
        self._texts = {
            nation.id: label
            for nation, label in zip(self.scenario.cast.nations, presentation.labels, strict=True)
        }
        self._judge = Judge(
            self.scenario.cast,
            self.profile,
            cap=self.scenario.cap,
            labels=presentation.labels,
            names=presentation.names,
            compiled=self._resolver.compiled,
        )
        self._running = dict.fromkeys(presentation.labels, False)
        self._over = dict.fromkeys(presentation.labels, True)

    def reset(
        self,
        seed: int | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> tuple[Mapping[str, Observation], dict[str, dict[str, Any]]]:
        """Begin anew; ``options["presentation"]`` shows the game otherwise.

        ``seed`` is there for PettingZoo's sake: the rules draw nothing.
        """
        del seed
        presentation = (options or {}).get("presentation")
        if presentation is not None and presentation != self.presentation:
            self._present(presentation)
        cast = self.scenario.cast
        state = [nation.initial[name] for nation in cast.nations for name in self._variables]
        self._records = []
        self._past = ()
        self._state = tuple(self._apply_events(state, 0))
        self.agents = list(self.possible_agents)
        return self._observations(), {label: {"results": ()} for label in self.possible_agents}

    def step(self, decisions: Mapping[str, Decision]) -> Step:
        """Play one day: all decisions are validated first, then applied.

        Args:
            decisions: By label; a nation absent from it has submitted nothing.

        Raises:
            InputError: When the game is over or not begun, or for an unknown label.
        """
        if not self.agents:
            raise InputError("the game is over or was never reset; call reset() to begin one.")
        if not decisions.keys() <= self._index.keys():
            raise InputError(
                f"unknown nation {min(decisions.keys() - self._index.keys())!r};"
                f" known: {', '.join(self._index)}."
            )
        results = self.advance(
            [
                decision.actions if (decision := decisions.get(label)) is not None else ()
                for label in self._index
            ]
        )
        last = self._records[-1]
        infos = _Lazy(self._index, lambda index: {"results": results[index]})
        ends = self._running if self.agents else self._over
        rewards = _Lazy(self._index, self._reward(last.before, last.after))
        return self._observations(), rewards, dict(self._running), dict(ends), infos

    def advance(
        self, submitted: Sequence[Sequence[Action]]
    ) -> tuple[tuple[ActionResult, ...], ...]:
        """Play one day of a running game, by nation index: what ``step`` does inside.

        Args:
            submitted: Each nation's actions, in cast order.

        Returns:
            Each nation's results.
        """
        before, day = self._state, len(self._records) + 1
        results, executed, effects = self._judge.judge(submitted, before)
        after = tuple(self._resolver.resolve(before, effects))
        if self._has_effects:
            after = tuple(self._apply_events(list(after), day))
        self._state = after
        self._records.append(DayRecord(day, results, executed, before, after))
        self._past = tuple(self._records)
        if day >= self.scenario.days:
            self.agents = []
        return results

    def narrate(self, text: str) -> None:
        """Add the world model's words to the day just played."""
        self._records[-1] = self._records[-1]._replace(narrative=text)
        self._past = tuple(self._records)

    @property
    def day(self) -> int:
        """The day to be decided next, from 1."""
        return len(self._records) + 1

    @property
    def state(self) -> Mapping[str, Mapping[str, float]]:
        """Variables of every nation now, by label."""
        return self.named(self._state)

    @property
    def values(self) -> tuple[float, ...]:
        """All variables now, nation by nation in cast order (flat)."""
        return self._state

    @property
    def log(self) -> tuple[DayRecord, ...]:
        """The finished days."""
        return tuple(self._records)

    def named(self, state: Any) -> dict[str, dict[str, float]]:
        """A flat state by label and variable."""
        n, names = len(self._variables), self._variables
        return {
            label: dict(zip(names, state[i * n : (i + 1) * n], strict=True))
            for label, i in self._index.items()
        }

    def legal(self, index: int, state: Any) -> tuple[int, ...]:
        """Indices of the kinds open to nation ``index`` in ``state``."""
        return self._judge.legal(index, state)

    def text(self, template: str) -> str:
        """``template`` with this game's labels in place of ``{id}``."""
        for nation_id, label in self._texts.items():
            template = template.replace(f"{{{nation_id}}}", label)
        return template

    def observe(self, index: int) -> Observation:
        """What nation ``index`` knows now."""
        return Observation(self, index, self._past, self._state)

    def _observations(self) -> Mapping[str, Observation]:
        records, state = self._past, self._state
        return _Lazy(self._index, lambda index: Observation(self, index, records, state))

    def _reward(self, before: Any, after: Any) -> Callable[[int], float]:
        return lambda index: utility_change(self.scenario, self._scale, index, before, after)

    def _apply_events(self, state: list[float], day: int) -> list[float]:
        for event in self.scenario.events:
            if event.day == day and event.effects:
                state = self._resolver.change(state, event.effects)
        return state


def mean_initial(scenario: Scenario) -> tuple[float, ...]:
    """Mean initial value of each variable over nations: the unit of utilities."""
    nations = scenario.cast.nations
    return tuple(
        sum(nation.initial[name] for nation in nations) / len(nations) or 1.0
        for name in scenario.cast.variable_ids
    )


def utility_change(
    scenario: Scenario, scale: tuple[float, ...], index: int, before: Any, after: Any
) -> float:
    """Change of a nation's utility: sum over variables of g_v * dy_v / s_v.

    ``g`` are the weights of the nation's ``utility`` on its own and on others'
    variables, ``s`` the mean initial values.
    """
    cast, total = scenario.cast, 0.0
    names = {name: position for position, name in enumerate(cast.variable_ids)}
    ids = {nation.id: position for position, nation in enumerate(cast.nations)}
    utility = cast.nations[index].utility
    weights = [(index, utility.own), *((ids[key], w) for key, w in utility.others.items())]
    for nation, own in weights:
        for name, weight in own.items():
            cell = nation * len(names) + names[name]
            total += weight * (after[cell] - before[cell]) / scale[names[name]]
    return total

"""What one nation may know before it decides: the only place where visibility is decided.

A nation sees the state of all, public acts of every past day, its own private
acts, private acts aimed at it, the events meant for it, and the narrative. The
same object serves scripted policies, prompts and the person at the table. It is a
view on finished days, so making one costs nothing until it is read.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from quincunx.wargame.types import WORLD, Act, ActionKind, ActionResult, Cast, ScenarioEvent

if TYPE_CHECKING:
    from quincunx.wargame.rules import DayRecord, Game

__all__ = ["Observation", "Presentation", "visible"]


class Presentation(NamedTuple):
    """How a game is shown: the probes of the validity suite change it, never the rules.

    ``labels`` by nation index, ``order`` of action indices in lists, ``names`` of
    actions by index (codes instead of words), ``variant`` of the wordings (0: the
    description itself).
    """

    labels: tuple[str, ...]
    names: tuple[str, ...]
    order: tuple[int, ...]
    variant: int = 0

    @classmethod
    def plain(cls, cast: Cast) -> "Presentation":
        """The cast as it is written."""
        names = tuple(kind.name for kind in cast.actions)
        return cls(cast.labels, names, tuple(range(len(names))))


def visible(kind: ActionKind, target: int, *, actor: int, nation: int) -> bool:
    """Whether ``nation`` sees that ``actor`` did ``kind`` to ``target`` (all by index).

    A message is public when it went to World (``target`` -1), else private.
    """
    if nation in (actor, target):
        return True
    return target < 0 if kind.is_message else kind.visibility == "public"


class Observation:
    """What nation ``index`` knows before it decides on day ``day``."""

    __slots__ = ("_game", "_records", "_state", "day", "index")

    def __init__(
        self, game: "Game", index: int, records: Sequence["DayRecord"], state: Sequence[float]
    ) -> None:
        self._game, self.index, self._state = game, index, state
        self._records = records
        self.day = len(records) + 1

    @property
    def id(self) -> str:
        """The nation's own id."""
        return self._game.scenario.cast.nations[self.index].id

    @property
    def label(self) -> str:
        """The nation's own label in this game."""
        return self._game.presentation.labels[self.index]

    @property
    def days(self) -> int:
        """Days of the game."""
        return self._game.scenario.days

    @property
    def cap(self) -> int:
        """Non-message actions a day."""
        return self._game.scenario.cap

    @property
    def cast(self) -> Cast:
        """Nations, variables and actions."""
        return self._game.scenario.cast

    @property
    def presentation(self) -> Presentation:
        """Labels, names and order under which this game is shown."""
        return self._game.presentation

    @property
    def values(self) -> Sequence[float]:
        """All variables, nation by nation in cast order (flat)."""
        return self._state

    @property
    def state(self) -> Mapping[str, Mapping[str, float]]:
        """Variables of every nation, by label."""
        return self._game.named(self._state)

    @property
    def changes(self) -> Mapping[str, Mapping[str, float]]:
        """What yesterday changed, by label; only what moved."""
        if not self._records:
            return {}
        names, last = self.cast.variable_ids, self._records[-1]
        n = len(names)
        out: dict[str, dict[str, float]] = {}
        for cell, (old, new) in enumerate(zip(last.before, last.after, strict=True)):
            if old != new:
                label = self.presentation.labels[cell // n]
                out.setdefault(label, {})[names[cell % n]] = new - old
        return out

    def acts(self, day: int) -> tuple[Act, ...]:
        """Executed acts of a past ``day`` that this nation may know, in order of play."""
        cast = self.cast
        return tuple(
            Act(
                day,
                cast.nations[e.actor].id,
                cast.actions[e.kind],
                cast.nations[e.target].id if e.target >= 0 else None,
                e.content,
            )
            for e in self._records[day - 1].executed
            if visible(cast.actions[e.kind], e.target, actor=e.actor, nation=self.index)
        )

    def aimed_at_me(self) -> list[tuple[int, int]]:
        """Yesterday's acts against this nation as (actor index, kind index), in order."""
        if not self._records:
            return []
        me = self.index
        return [
            (actor, kind)
            for actor, kind, target, _ in self._records[-1].executed
            if target == me and actor != me
        ]

    def own_results(self, day: int) -> tuple[ActionResult, ...]:
        """What became of this nation's own submissions on a past ``day``."""
        return self._records[day - 1].results[self.index]

    def narrative(self, day: int) -> str:
        """The world model's words about a past ``day``."""
        return self._records[day - 1].narrative

    def events(self, day: int) -> tuple[ScenarioEvent, ...]:
        """Scenario events of ``day`` (0: before the game) meant for this nation."""
        return tuple(
            event
            for event in self._game.scenario.events
            if event.day == day and (not event.visible_to or self.id in event.visible_to)
        )

    @property
    def legal(self) -> tuple[ActionKind, ...]:
        """Kinds of action open to this nation today, in the order shown."""
        allowed, kinds = self.legal_indices, self.cast.actions
        return tuple(kinds[i] for i in self.presentation.order if i in allowed)

    @property
    def legal_indices(self) -> tuple[int, ...]:
        """Indices of the kinds open to this nation today, in cast order."""
        return self._game.legal(self.index, self._state)

    def text(self, template: str) -> str:
        """A text of the cast or scenario with labels in place of ``{id}``."""
        return self._game.text(template)

    def target_name(self, target: str | None) -> str:
        """The label of a nation id; ``World`` for None."""
        if target is None:
            return WORLD
        return self.text(f"{{{target}}}")

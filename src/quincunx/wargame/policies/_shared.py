"""What every policy file builds on: the protocol, ready-made acts, the draws of a game.

One generator a game draws a block of uniform numbers indexed (day, nation, k), so
that one nation's draws never shift another's. Slot ``k`` of a nation's day uses
draw ``2k`` for the kind and ``2k + 1`` for the target.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from quincunx.errors import InputError
from quincunx.wargame.observation import Observation, Presentation
from quincunx.wargame.types import Action, Cast, Decision

__all__ = ["Acts", "FixedPolicy", "Policy", "PolicyEntry", "Setting", "fixed_list"]


class Policy(Protocol):
    """A scripted policy of one nation: a pure function of what it sees and its draws."""

    def decide(self, observation: Observation, draws: Sequence[float]) -> Decision:
        """The nation's decision of this day."""
        ...


@dataclass(frozen=True)
class Setting:
    """What a policy is made for: its seat, the cast, the cap, how the game is shown."""

    index: int
    cast: Cast
    cap: int
    presentation: Presentation
    acts: "Acts"
    argument: str = ""


@dataclass(frozen=True)
class PolicyEntry:
    """One entry of the catalogue.

    Args:
        name: File stem.
        summary: One line for a person.
        make: The policy for one seat; None where the policy is asked, not computed
            (``llm``, ``human``) or reads a file (``recorded``).
        argument: What may follow ``@`` or ``:`` in its name, or "".
    """

    name: str
    summary: str
    make: Callable[[Setting], Policy] | None
    argument: str = ""


class Acts:
    """Submitted actions made once a table: ``table[kind index][target index]``.

    Attributes:
        index: Kind index by name.
        others: The other nations' indices, by nation index.
        table: The action of a kind aimed at a nation, named as this game shows them.
        at_others: By nation and kind, the actions aimed at each of ``others`` of the nation.
    """

    def __init__(self, cast: Cast, presentation: Presentation) -> None:
        self._cast = cast
        self.index = {kind.name: index for index, kind in enumerate(cast.actions)}
        self.others = tuple(
            tuple(j for j in range(len(cast.nations)) if j != i) for i in range(len(cast.nations))
        )
        self.table = tuple(
            tuple(Action(name, label) for label in presentation.labels)
            for name in presentation.names
        )
        self.at_others = tuple(
            tuple(tuple(row[j] for j in others) for row in self.table) for others in self.others
        )

    def find(self, names: Sequence[str]) -> tuple[int, ...]:
        """Indices of those of ``names`` that the cast has, in the order given."""
        return tuple(self.index[name] for name in names if name in self.index)

    def is_gated(self, kinds: Sequence[int]) -> bool:
        """Whether any of ``kinds`` has a precondition at all."""
        return any(self._cast.actions[kind].requires for kind in kinds)


def fixed_list(names: Sequence[str], setting: Setting) -> tuple[int, ...]:
    """The kinds of a fixed list that the cast has; at least one must be there."""
    kinds = setting.acts.find(names)
    if not kinds:
        raise InputError(
            f"cast {setting.cast.name} has none of {', '.join(names)}. Choose another policy."
        )
    return kinds


class FixedPolicy:
    """Plays one list of acts every day, each to a random other nation.

    An act the cast lacks or that is illegal today gives its slot to the next of the list.
    """

    def __init__(self, names: Sequence[str], setting: Setting) -> None:
        kinds = fixed_list(names, setting)
        at_others = setting.acts.at_others[setting.index]
        self._rows = [(kind, at_others[kind]) for kind in kinds]
        self._gated, self._n = setting.acts.is_gated(kinds), len(setting.acts.others[0])
        self._plans = [self._plan(self._rows, first, setting.cap) for first in range(setting.cap)]
        self._cap = setting.cap

    def decide(self, observation: Observation, draws: Sequence[float]) -> Decision:
        """The list's acts, in its order, up to the cap."""
        return Decision(tuple(self.fill(observation, draws, 0)))

    def fill(self, observation: Observation, draws: Sequence[float], first: int) -> list[Action]:
        """Acts for the slots ``first`` ... cap, beginning with the list's first."""
        if first >= self._cap:
            return []
        plan, n = self._plans[first], self._n
        if self._gated:
            legal = observation.legal_indices
            rows = [(kind, row) for kind, row in self._rows if kind in legal]
            plan = self._plan(rows, first, self._cap)
        return [row[int(draws[k] * n)] for row, k in plan]

    @staticmethod
    def _plan(
        rows: Sequence[tuple[int, tuple[Action, ...]]], first: int, cap: int
    ) -> list[tuple[tuple[Action, ...], int]]:
        """For each slot from ``first``: the acts it chooses from, and the draw that chooses."""
        if not rows:
            return []
        return [(rows[(slot - first) % len(rows)][1], 2 * slot + 1) for slot in range(first, cap)]

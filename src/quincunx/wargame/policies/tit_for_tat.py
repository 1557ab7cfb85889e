"""Tit for tat: yesterday's hostile acts are returned in kind, the severest first.

What it saw done to it in a category non-violent or worse (of the score's map) goes
back to the nation that did it, up to the cap; an act that is illegal today is
answered by public criticism instead. Free slots are filled with the dove's acts in
the dove's order.
Ties are broken by actor, then by order of play.
"""

from collections.abc import Sequence

from quincunx.wargame.observation import Observation
from quincunx.wargame.policies._shared import FixedPolicy, PolicyEntry, Setting
from quincunx.wargame.policies.dove import DOVE_ACTS
from quincunx.wargame.score import default_rule
from quincunx.wargame.types import CATEGORIES, Action, Decision

__all__ = ["ENTRY", "TitForTat"]

_CRITICISE = "Publicly criticise a nation's actions"
_HOSTILE = CATEGORIES.index("non-violent")


class TitForTat:
    """Answers in kind, else behaves as a dove."""

    def __init__(self, setting: Setting) -> None:
        categories = default_rule(setting.cast).map
        self._severity = [
            CATEGORIES.index(categories[kind.name]) if kind.name in categories else -1
            for kind in setting.cast.actions
        ]
        self._dove = FixedPolicy(DOVE_ACTS, setting)
        self._acts, self._cap = setting.acts, setting.cap
        self._criticism = setting.acts.find([_CRITICISE])
        self._needs = [bool(kind.requires) for kind in setting.cast.actions]

    def decide(self, observation: Observation, draws: Sequence[float]) -> Decision:
        """Answers first, then the dove's acts."""
        severity = self._severity
        received = [
            (-severity[kind], actor, order, kind)
            for order, (actor, kind) in enumerate(observation.aimed_at_me())
            if severity[kind] >= _HOSTILE
        ]
        if len(received) > 1:
            received.sort()
        answers = [
            self._answer(kind, actor, observation) for _, actor, _, kind in received[: self._cap]
        ]
        acts = [answer for answer in answers if answer is not None]
        acts += self._dove.fill(observation, draws, len(acts))
        return Decision(tuple(acts))

    def _answer(self, kind: int, actor: int, observation: Observation) -> Action | None:
        if not self._needs[kind] or kind in observation.legal_indices:
            return self._acts.table[kind][actor]
        return self._acts.table[self._criticism[0]][actor] if self._criticism else None


ENTRY = PolicyEntry(
    name="tit_for_tat",
    summary="returns yesterday's hostile acts in kind, else plays the dove",
    make=TitForTat,
)

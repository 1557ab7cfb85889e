"""What stands between a nation's reply and a decision that counts.

    masked      an action that was taken away keeps its text, marked, and is not known
    filtered    a message is delivered changed, or withheld and marked
    reviewed    a second call may withdraw actions
    vetoed      a person may withdraw what is severe enough to be put before her

Nothing is dropped in silence: what is marked is submitted, rejected as unknown and scored
0; what is withdrawn stands in the reply's raw text and in the journal.
"""

from collections.abc import Awaitable, Callable

from quincunx.wargame.intervening import Interventions
from quincunx.wargame.observation import Observation
from quincunx.wargame.prompts import Ask
from quincunx.wargame.reviewing import review_messages, withdrawn
from quincunx.wargame.types import CATEGORIES, Action, ActionKind, Decision

__all__ = ["MASK", "WITHHELD", "Gate", "Veto"]

MASK = "masked: "
"""Stands before the name of an action that was taken away and submitted all the same."""

WITHHELD = "withheld: "
"""Stands before the name of a message that a filter did not let through."""

Veto = Callable[[Observation, Decision, str, str], Awaitable[str]]
"""Puts (observation, decision, role, node) before a person -> ``{"withdraw": [numbers]}``."""


class Gate:
    """Lets one table's decisions through, changed as its interventions say.

    Args:
        ask: Brings a reviewer's answer: ``await ask(role, messages, node=..., sampling={})``.
        changes: The interventions.
        veto: Asks the person who may stop a decision; needed where they say so.
    """

    def __init__(self, ask: Ask, changes: Interventions, veto: Veto | None = None) -> None:
        self._ask, self._changes, self._veto = ask, changes, veto

    def read(self, actions: tuple[Action, ...], observation: Observation) -> tuple[Action, ...]:
        """Masks and message filters: what needs nobody to be asked."""
        if not (self._changes.masked or self._changes.has_filter):
            return actions
        kinds = _kinds(observation)
        return tuple(self._let_through(action, kinds.get(_folded(action))) for action in actions)

    async def decided(
        self, decision: Decision, observation: Observation, role: str, node: str
    ) -> Decision:
        """The decision after every reviewer, and last the person, has had a look."""
        for number, task in enumerate(self._changes.reviews):
            if not decision.actions:
                return decision
            place = f"{node}/review{number}" if number else f"{node}/review"
            messages = review_messages(task, observation, decision)
            answer = await self._ask(f"{role}.review", messages, node=place, sampling={})
            decision = _without(decision, answer.text)
        if self._veto is not None and self._is_grave(decision, observation):
            text = await self._veto(observation, decision, f"{role}.veto", f"{node}/veto")
            decision = _without(decision, text)
        return decision

    def _let_through(self, action: Action, kind: ActionKind | None) -> Action:
        if kind is None:
            return action
        if self._changes.is_masked(kind):
            return action._replace(name=f"{MASK}{action.name}")
        if kind.is_message and self._changes.has_filter:
            words = self._changes.filtered(action.content)
            if words is None:
                return action._replace(name=f"{WITHHELD}{action.name}")
            return action._replace(content=words)
        return action

    def _is_grave(self, decision: Decision, observation: Observation) -> bool:
        """Whether a decision holds an act that must be put before a person."""
        least = self._changes.veto_from
        if least is None:
            return False
        kinds = _kinds(observation)
        found = (kinds.get(_folded(action)) for action in decision.actions)
        return any(kind and CATEGORIES.index(kind.category_hint) >= least for kind in found)


def _kinds(observation: Observation) -> dict[str, ActionKind]:
    """Kinds by the name under which this game shows them."""
    names = observation.presentation.names
    return {
        " ".join(names[index].split()).casefold(): kind
        for index, kind in enumerate(observation.cast.actions)
    }


def _folded(action: Action) -> str:
    return " ".join((action.name or "").split()).casefold()


def _without(decision: Decision, text: str) -> Decision:
    """The decision without the actions that a reviewer's or a person's reply withdraws."""
    gone = withdrawn(text, len(decision.actions))
    kept = tuple(a for i, a in enumerate(decision.actions, start=1) if i not in gone)
    return decision._replace(actions=kept)

"""Reading submitted actions: which kind, which target, executed or rejected and why.

The tests are made in the order of ``types.REASONS``. A name or target is read
once a game and remembered; what depends on the day (precondition, cap) is tested
each time. An unknown name keeps its text and is never executed; ``nearest_name``
says what may have been meant, where a person or a model is told.
"""

import difflib
import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from quincunx.wargame.profiles import Profile
from quincunx.wargame.types import (
    MAX_SUBMITTED,
    WORLD,
    Action,
    ActionKind,
    ActionResult,
    Cast,
)

__all__ = ["Executed", "Judge", "Judged", "nearest_name"]

_MEMORY = 20_000
_Needs = tuple[tuple[int, Callable[[float, float], bool], float], ...]


class Executed(NamedTuple):
    """An executed action in the engine's own numbers: nations and kinds by index.

    ``target`` is -1 where there is none (a message to World, or a kind without one).
    """

    actor: int
    kind: int
    target: int
    content: str


class _Reading(NamedTuple):
    """What can be known of one submitted action without knowing the day.

    ``effects`` is what the resolver made of ``executed``; both are None for an action
    that is rejected whatever the day. ``counts`` says whether it fills the cap, ``late``
    what the day decides: the requirements, and the result where one is not met.
    """

    result: ActionResult
    executed: Executed | None
    effects: object
    counts: bool
    late: tuple[_Needs, ActionResult] | None


class Judged(NamedTuple):
    """One day's judgement: results by nation, executed acts, and their compiled effects."""

    results: tuple[tuple[ActionResult, ...], ...]
    executed: tuple[Executed, ...]
    effects: list[Any]


class Judge:
    """Judges the submissions of one game.

    Args:
        cast: The cast whose actions are legal.
        profile: The switches.
        cap: Non-message actions of one nation a day.
        labels: Nation labels by index, as shown in this game.
        names: Action names by index, as shown in this game.
        compiled: What the resolver makes of an executed act; asked once per act.
    """

    def __init__(
        self,
        cast: Cast,
        profile: Profile,
        *,
        cap: int,
        labels: Sequence[str],
        names: Sequence[str],
        compiled: Callable[[Executed], object] = lambda act: act,
    ) -> None:
        self._cast, self._profile, self._cap = cast, profile, cap
        self._compiled = compiled
        self._labels, self._names = tuple(labels), tuple(names)
        self._kind_of = {self._folded(name): index for index, name in enumerate(names)}
        self._nation_of = {self._folded(label): index for index, label in enumerate(labels)}
        self._world = self._folded(WORLD)
        self._variables = {name: index for index, name in enumerate(cast.variable_ids)}
        self._memory: tuple[dict[Action, _Reading], ...] = tuple({} for _ in labels)
        self._all = tuple(range(len(cast.actions)))
        self._without: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._gates = tuple(
            [(k, self._needs(i, kind)) for k, kind in enumerate(cast.actions) if kind.requires]
            for i in range(len(labels))
        )

    def judge(self, submitted: Sequence[Sequence[Action]], state: Sequence[float]) -> Judged:
        """Judge a day.

        Args:
            submitted: Each nation's actions, by nation index, in submitted order.
            state: All variables at the start of the day, nation by nation.
        """
        results: list[tuple[ActionResult, ...]] = []
        executed: list[Executed] = []
        effects: list[Any] = []
        cap = self._cap
        for actor, actions in enumerate(submitted):
            if not actions:
                results.append(())
                continue
            memory, used = self._memory[actor], 0
            own: list[ActionResult] = []
            looked_at = actions if len(actions) <= MAX_SUBMITTED else actions[:MAX_SUBMITTED]
            for action in looked_at:
                reading = memory.get(action) or self._remember(actor, action)
                result, act, compiled, counts, late = reading
                if late or used >= cap:
                    result = self._today(reading, used, state)
                    if result.reason is not None:
                        act = None
                own.append(result)
                if act is not None:
                    used += counts
                    executed.append(act)
                    effects.append(compiled)
            if len(actions) > MAX_SUBMITTED:
                own += self._flood(actor, actions[MAX_SUBMITTED:])
            results.append(tuple(own))
        return Judged(tuple(results), tuple(executed), effects)

    def _today(self, reading: _Reading, used: int, state: Sequence[float]) -> ActionResult:
        """The result once precondition and cap are looked at, in this order."""
        result = reading.result
        if reading.late is not None and not _met(reading.late[0], state):
            result = reading.late[1]
        if reading.counts and result.reason is None and used >= self._cap:
            result = _over_cap(result, enforce=self._profile.enforce_cap)
        return result

    def legal(self, actor: int, state: Sequence[float]) -> tuple[int, ...]:
        """Indices of the kinds whose preconditions hold for ``actor``, or of all."""
        if not self._profile.enforce_preconditions:
            return self._all
        unmet = tuple([kind for kind, needs in self._gates[actor] if not _met(needs, state)])
        if not unmet:
            return self._all
        if unmet not in self._without:
            self._without[unmet] = tuple(kind for kind in self._all if kind not in unmet)
        return self._without[unmet]

    def _flood(self, actor: int, actions: Sequence[Action]) -> list[ActionResult]:
        """Results of what a decision holds past the limit: read, never executed."""
        read = [self._read(actor, action).result for action in actions]
        return [
            r._replace(
                status="rejected", reason="malformed" if r.reason == "malformed" else "too_many"
            )
            for r in read
        ]

    def _needs(self, actor: int, kind: ActionKind) -> _Needs:
        """The kind's requirements: the cell of the state, the comparison, the value."""
        first = actor * len(self._variables)
        return tuple(
            (first + self._variables[need.var], need.compare, need.value) for need in kind.requires
        )

    def _unmet(self, result: ActionResult) -> ActionResult:
        if self._profile.enforce_preconditions:
            return result._replace(status="rejected", reason="precondition")
        return result._replace(notes=(*result.notes, "precondition"))

    def _remember(self, actor: int, action: Action) -> _Reading:
        memory = self._memory[actor]
        if len(memory) >= _MEMORY:
            memory.clear()
        reading = self._read(actor, action)
        memory[action] = reading
        return reading

    def _read(self, actor: int, action: Action) -> _Reading:
        index = None if action.name is None else self._kind_of.get(self._folded(action.name))
        kind = None if index is None else self._cast.actions[index]
        name = None if kind is None else kind.name
        if action.name is None or (
            kind is not None and kind.target != "none" and action.target is None
        ):
            return _rejected(action, "malformed", name)
        if kind is None or index is None:
            return _rejected(action, "unknown_action", None)
        target, label = self._target(kind, action.target)
        if label is None and (kind.target != "none" or self._profile.strict_targets):
            return _rejected(action, "bad_target", name)
        if target == actor and kind.target != "none" and not self._profile.allow_self:
            return _rejected(action, "self_target", name, target=label)
        folded = action.name != self._names[index] or (label is not None and action.target != label)
        result = ActionResult(
            action, "executed", None, kind.name, label, "casefold" if folded else None
        )
        executed = Executed(actor, index, target, action.content)
        effects = self._compiled(executed)
        needs = self._needs(actor, kind)
        late = (needs, self._unmet(result)) if needs else None
        return _Reading(result, executed, effects, not kind.is_message, late)

    def _target(self, kind: ActionKind, text: str | None) -> tuple[int, str | None]:
        """Index and label of the target; (-1, None) where it is none of the legal ones."""
        if text is None or (kind.target == "none" and not self._profile.strict_targets):
            return -1, None
        folded = self._folded(text)
        if kind.is_message and folded == self._world:
            return -1, WORLD
        index = self._nation_of.get(folded, -1)
        return index, None if index < 0 else self._labels[index]

    def _folded(self, text: str) -> str:
        return " ".join(text.split()).casefold() if self._profile.fold_names else text


@functools.lru_cache(maxsize=4096)
def nearest_name(name: str, names: tuple[str, ...]) -> str | None:
    """The legal name most like ``name``, if any is like it at all."""
    near = difflib.get_close_matches(name[:80], names, n=1, cutoff=0.6)
    return near[0] if near else None


def _rejected(
    action: Action,
    reason: str,
    kind: str | None,
    target: str | None = None,
) -> _Reading:
    result = ActionResult(action, "rejected", reason, kind, target)
    return _Reading(result, None, None, False, None)


def _met(needs: _Needs, state: Sequence[float]) -> bool:
    # A loop, not all(): the generator costs more than the one comparison inside it.
    for cell, compare, value in needs:  # noqa: SIM110
        if not compare(state[cell], value):
            return False
    return True


def _over_cap(result: ActionResult, *, enforce: bool) -> ActionResult:
    if enforce:
        return result._replace(status="rejected", reason="over_cap")
    return result._replace(notes=(*result.notes, "over_cap"))

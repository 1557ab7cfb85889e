"""What executed actions do to the numbers: netted once a day, or one after another.

    netted       y' = clamp(y * prod(1 + m_i) + sum(a_i))     once a day
    sequential   y' = clamp(y + a)  or  clamp(y * (1 + m))    effect by effect

Netted does not depend on the order of nations or actions, to the last bit: factors
are multiplied in sorted order, and sums of whole numbers are exact in any order (where
a number is not whole, or a variable is multiplied too, an exact sum is taken).
Sequential is the published engine; because of clamping its result depends on the order.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from quincunx.wargame.judging import Executed
from quincunx.wargame.profiles import Profile
from quincunx.wargame.types import Cast, Change, Effect

__all__ = ["Effects", "Resolver"]

_InTurn = tuple[tuple[int, bool, float, float, float], ...]
_Netted = tuple[tuple[tuple[int, float], ...], tuple[tuple[int, float], ...]]

Effects = _InTurn | _Netted
"""One act's effects as a resolver wants them."""


class Resolver:
    """Applies the effects of one cast under one profile.

    The state is a flat list, nation by nation, variable by variable: cell
    ``nation * n_variables + variable``.

    Args:
        cast: Nations, variables, actions.
        profile: Resolution and whether head effects count.
        effects: Effects by action name instead of the cast's own (a table from a file).
        is_whole: Whether nothing but the actions changes a state (no event effects).
    """

    def __init__(
        self,
        cast: Cast,
        profile: Profile,
        *,
        effects: dict[str, tuple[Effect, ...]] | None = None,
        is_whole: bool = True,
    ) -> None:
        self._variables = {name: index for index, name in enumerate(cast.variable_ids)}
        self._n = len(cast.variables)
        self._ids = {nation.id: index for index, nation in enumerate(cast.nations)}
        chosen = [
            kind.effects if effects is None else effects.get(kind.name, ()) for kind in cast.actions
        ]
        self._effects = [
            tuple(e for e in own if profile.head_effects or e.since is None) for own in chosen
        ]
        low = [-math.inf if v.min is None else float(v.min) for v in cast.variables]
        high = [math.inf if v.max is None else float(v.max) for v in cast.variables]
        self._low, self._high = low * len(cast.nations), high * len(cast.nations)
        self._floor = low[0] if len(set(low)) == 1 else None
        self._ceilings = [(c, h) for c, h in enumerate(self._high) if h < math.inf]
        self._is_whole = is_whole and _adds_exactly(cast, self._effects)
        self._netted = profile.resolution == "netted"

    def compiled(self, act: Executed) -> Effects:
        """What an act does, ready to be applied; the same for the same act."""
        cells = self._cells(act)
        if self._netted:
            addends = tuple((cell, value) for cell, mult, value in cells if not mult)
            return addends, tuple((cell, value) for cell, mult, value in cells if mult)
        low, high = self._low, self._high
        return tuple((c, mult, value, low[c], high[c]) for c, mult, value in cells)

    def resolve(self, state: Sequence[float], effects: Sequence[Any]) -> list[float]:
        """The state after the day's ``compiled`` effects, in submitted order."""
        return self._once(state, effects) if self._netted else _in_turn(state, effects)

    def change(self, state: Sequence[float], changes: Iterable[Change]) -> list[float]:
        """The state after a scenario event's effects, one after another."""
        after = list(state)
        for change in changes:
            cell = self._ids[change.nation] * self._n + self._variables[change.var]
            value = after[cell]
            value = value * (1 + change.value) if change.op == "mult" else value + change.value
            after[cell] = self._clamped(cell, value)
        return after

    def _cells(self, act: Executed) -> list[tuple[int, bool, float]]:
        """Effects of an act as (cell, is_mult, addend or factor), in the cast's order."""
        cells = []
        for effect in self._effects[act.kind]:
            nation = act.actor if effect.who == "self" else act.target
            if nation >= 0:
                cell = nation * self._n + self._variables[effect.var]
                mult = effect.op == "mult"
                cells.append((cell, mult, 1 + effect.value if mult else float(effect.value)))
        return cells

    def _once(self, state: Sequence[float], effects: Sequence[_Netted]) -> list[float]:
        """Netted: products by cell and size, then sums, then one clamp."""
        after = list(state)
        factors: list[tuple[int, float]] = []
        if self._is_whole:  # then no variable has both, and either may come first
            for addends, multipliers in effects:
                factors += multipliers
                for cell, value in addends:
                    after[cell] += value
        else:
            factors += [pair for _, multipliers in effects for pair in multipliers]
        factors.sort()
        for cell, value in factors:
            after[cell] *= value
        if not self._is_whole:
            after = _exactly_added(after, effects)
        return self._bounded(after)

    def _bounded(self, values: list[float]) -> list[float]:
        """All cells held within their limits."""
        if self._floor is None:
            pairs = zip(values, self._low, strict=True)
            values = [low if value < low else value for value, low in pairs]
        else:
            floor = self._floor
            values = [value if value > floor else floor for value in values]
        for cell, high in self._ceilings:
            values[cell] = min(values[cell], high)
        return values

    def _clamped(self, cell: int, value: float) -> float:
        low, high = self._low[cell], self._high[cell]
        return low if value < low else high if value > high else value


def _in_turn(state: Sequence[float], effects: Iterable[_InTurn]) -> list[float]:
    after = list(state)
    for own in effects:
        for cell, mult, value, low, high in own:
            moved = after[cell] * value if mult else after[cell] + value
            if moved < low:
                moved = low
            elif moved > high:
                moved = high
            after[cell] = moved
    return after


def _adds_exactly(cast: Cast, effects: Iterable[tuple[Effect, ...]]) -> bool:
    """Whether sums come out the same in any order without further care.

    So it is when every variable that is added to starts at whole numbers, is changed
    by whole numbers, is never multiplied, and has whole limits.
    """
    flat = [effect for own in effects for effect in own]
    added = {effect.var for effect in flat if effect.op == "add"}
    numbers = [effect.value for effect in flat if effect.op == "add"]
    numbers += [nation.initial[name] for nation in cast.nations for name in added]
    limits = [limit for v in cast.variables if v.id in added for limit in (v.min, v.max)]
    numbers += [limit for limit in limits if limit is not None]
    multiplied = {effect.var for effect in flat if effect.op == "mult"}
    return not added & multiplied and all(float(number).is_integer() for number in numbers)


def _exactly_added(values: list[float], effects: Iterable[_Netted]) -> list[float]:
    """``values`` plus all addends, correctly rounded once, the same in any order."""
    sums: dict[int, list[float]] = {}
    for addends, _ in effects:
        for cell, value in addends:
            sums.setdefault(cell, [values[cell]]).append(value)
    for cell, parts in sums.items():
        values[cell] = math.fsum(parts)
    return values

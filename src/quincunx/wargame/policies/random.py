"""Uniform random play: exactly cap draws with replacement over legal non-message kinds.

Its target is uniform over the other nations. Under ``published-compat`` its expected
score is 3 * 292 / 26 = 33.69, above every published model: an anchor, not a threat.
"""

from collections.abc import Sequence

from quincunx.wargame.observation import Observation
from quincunx.wargame.policies._shared import PolicyEntry, Setting
from quincunx.wargame.types import Action, Decision

__all__ = ["ENTRY", "RandomPolicy"]


class RandomPolicy:
    """Draws cap actions a day."""

    def __init__(self, setting: Setting) -> None:
        kinds = setting.cast.actions
        self._words = tuple(i for i, k in enumerate(kinds) if k.is_message)
        self._known: dict[tuple[int, ...], list[tuple[Action, ...]]] = {}
        self._rows = setting.acts.at_others[setting.index]
        self._others = len(setting.acts.others[setting.index])
        self._slots = [(2 * slot, 2 * slot + 1) for slot in range(setting.cap)]

    def decide(self, observation: Observation, draws: Sequence[float]) -> Decision:
        """Cap independent draws."""
        legal = observation.legal_indices
        rows = self._known.get(legal) or self._choices(legal)
        n, m = len(rows), self._others
        return Decision(tuple([rows[int(draws[j] * n)][int(draws[k] * m)] for j, k in self._slots]))

    def _choices(self, legal: tuple[int, ...]) -> list[tuple[Action, ...]]:
        """The legal acts without messages, remembered: there are only a few such sets."""
        self._known[legal] = [self._rows[kind] for kind in legal if kind not in self._words]
        return self._known[legal]


ENTRY = PolicyEntry(
    name="random",
    summary="draws its actions and targets uniformly",
    make=RandomPolicy,
)

"""Interventions by name, several at once, as one thing to ask about.

``parse_interventions(("no_goals", "temperature@0.2"), cast)`` is what prompts and
asking consult. Texts add up in the order written, settings of later ones stand
above earlier ones, and whatever one of them hides or masks is gone.
"""

from dataclasses import dataclass
from typing import Any

from quincunx.errors import InputError
from quincunx.registry import Registry
from quincunx.wargame.interventions._shared import Intervention, InterventionEntry
from quincunx.wargame.types import CATEGORIES, ActionKind, Cast

__all__ = ["INTERVENTIONS", "NO_INTERVENTIONS", "Interventions", "parse_interventions"]

INTERVENTIONS: Registry[InterventionEntry] = Registry(
    "quincunx.wargame.interventions", kind="intervention"
)


@dataclass(frozen=True)
class Interventions:
    """All interventions of a run together."""

    each: tuple[Intervention, ...] = ()
    masked: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        """As written."""
        return tuple(one.name for one in self.each)

    @property
    def sampling(self) -> dict[str, Any]:
        """Settings that stand above those of the roles."""
        return {name: value for one in self.each for name, value in one.sampling.items()}

    @property
    def reviews(self) -> tuple[str, ...]:
        """What each reviewer is told."""
        return tuple(one.review for one in self.each if one.review)

    @property
    def has_filter(self) -> bool:
        """Whether any of them looks at messages."""
        return any(one.has_filter for one in self.each)

    @property
    def veto_from(self) -> int | None:
        """Index of the mildest category that a person must see; None without a veto."""
        return min(
            (CATEGORIES.index(one.veto_from) for one in self.each if one.veto_from), default=None
        )

    def filtered(self, content: str) -> str | None:
        """A message's words after every filter in turn; None where one withholds it."""
        words: str | None = content
        for one in self.each:
            if words is None:
                return None
            words = one.message_filter(words)
        return words

    def hides(self, part: str) -> bool:
        """Whether a part of the prompt is left out."""
        return any(part in one.hides for one in self.each)

    def is_masked(self, kind: ActionKind) -> bool:
        """Whether a kind of action is taken away."""
        return kind.id in self.masked

    def system_texts(self, name: str) -> tuple[str, ...]:
        """Words for the end of the rules of nation ``name``."""
        texts = (one.system_text for one in self.each)
        return tuple(text.replace("{name}", name) for text in texts if text)

    def question_texts(self) -> tuple[str, ...]:
        """Words for every day's question."""
        return tuple(one.question_text for one in self.each if one.question_text)


NO_INTERVENTIONS = Interventions()


def parse_interventions(names: tuple[str, ...], cast: Cast) -> Interventions:
    """The interventions named ``name`` or ``name@argument``, against a cast.

    Raises:
        InputError: For an unknown one (lists the known), one named twice, an argument
            that it does not take, or masks that leave no action.
    """
    each: list[Intervention] = []
    for text in names:
        name, _, argument = text.partition("@")
        if name in (one.name.partition("@")[0] for one in each):
            raise InputError(f"intervention {name!r} stands twice. Name it once.")
        each.append(INTERVENTIONS[name].make(argument))
    masked = frozenset(kind.id for kind in cast.actions if any(one.masks(kind) for one in each))
    if len(masked) == len(cast.actions):
        raise InputError(
            f"{', '.join(names)} leave no action of cast {cast.name}. Drop one of them."
        )
    return Interventions(tuple(each), masked)

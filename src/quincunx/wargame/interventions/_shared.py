"""What an intervention may change about a nation that is asked.

An intervention is data: words added to the prompt, parts of it left out, sampling
settings, kinds of action taken away, messages changed or withheld, or a second look
before a decision counts, by a model or by a person. It never touches the rules, so a
game with one is scored like any other. Scripted seats are never changed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from quincunx.errors import InputError
from quincunx.wargame.types import ActionKind

__all__ = ["HIDEABLE", "Intervention", "InterventionEntry", "no_argument"]

HIDEABLE = ("context", "goals", "past_actions")
"""Parts of the prompt that may be left out."""


def _masks_nothing(kind: ActionKind) -> bool:
    del kind
    return False


def _passes(content: str) -> str | None:
    return content


@dataclass(frozen=True)
class Intervention:
    """One intervention, ready to be used.

    Args:
        name: As written, its argument included.
        system_text: Added at the end of the rules; ``{name}`` becomes the nation's.
        question_text: Added to every day's question.
        hides: Parts of ``HIDEABLE`` that are left out.
        masks: Whether a kind of action is taken away.
        sampling: Settings that stand above the role's own, by name.
        review: What the reviewer is told; empty for no review.
        message_filter: A message's words as they are delivered; None withholds it.
        veto_from: A category: a person sees decisions with an act of it or worse before
            they count; empty for no veto.
    """

    name: str
    system_text: str = ""
    question_text: str = ""
    hides: frozenset[str] = frozenset()
    masks: Callable[[ActionKind], bool] = _masks_nothing
    sampling: Mapping[str, float] = field(default_factory=dict)
    review: str = ""
    message_filter: Callable[[str], str | None] = _passes
    veto_from: str = ""

    @property
    def has_filter(self) -> bool:
        """Whether messages are looked at."""
        return self.message_filter is not _passes


@dataclass(frozen=True)
class InterventionEntry:
    """One entry of the catalogue.

    Args:
        name: File stem.
        summary: One line for a person.
        make: The intervention for what stands after ``@`` (empty without one).
        argument: How the argument is written, e.g. ``@0.2``; empty where there is none.
    """

    name: str
    summary: str
    make: Callable[[str], Intervention]
    argument: str = ""


def no_argument(intervention: Intervention) -> Callable[[str], Intervention]:
    """``make`` of an intervention that takes none."""

    def make(argument: str) -> Intervention:
        if argument:
            raise InputError(
                f"intervention {intervention.name!r} takes no argument; got {argument!r}."
                f" Write {intervention.name}."
            )
        return intervention

    return make

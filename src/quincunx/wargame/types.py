"""The vocabulary of the wargame: cast, scenario, decision, and what became of it.

Everything here is frozen data. A nation is known by its id (``n1`` ... ``n8``) and
shown by its label; texts name nations only as ``{n3}``, so labels can be permuted
without touching the rules. ``Action``, ``ActionResult`` and ``Act`` are named
tuples because a game makes hundreds of them a millisecond.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

__all__ = [
    "CATEGORIES",
    "MAX_CONTENT",
    "MAX_SUBMITTED",
    "REASONS",
    "WORLD",
    "Act",
    "Action",
    "ActionKind",
    "ActionResult",
    "Cast",
    "Change",
    "Decision",
    "Effect",
    "Nation",
    "Requirement",
    "Scenario",
    "ScenarioEvent",
    "Utility",
    "Variable",
]

WORLD = "World"
"""The one target that is no nation: a message to it is public."""

CATEGORIES = ("de-escalation", "status-quo", "posturing", "non-violent", "violent", "nuclear")
"""Severity categories, from the mildest to the worst."""

REASONS = (
    "malformed",
    "too_many",
    "unknown_action",
    "bad_target",
    "self_target",
    "precondition",
    "over_cap",
)
"""Why a submitted action was rejected, in the order in which the tests are made."""

MAX_SUBMITTED = 100
"""Actions of one decision that are looked at; those past it are ``too_many``."""

MAX_CONTENT = 2000
"""Characters kept of one message."""


_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}


@dataclass(frozen=True, slots=True)
class Variable:
    """One dynamic variable of every nation, with its limits and how it is shown."""

    id: str
    min: float | None = None
    max: float | None = None
    display: Literal["number", "yes-no"] = "number"

    def clamp(self, value: float) -> float:
        """``value`` held within the variable's limits."""
        if self.min is not None and value < self.min:
            return self.min
        if self.max is not None and value > self.max:
            return self.max
        return value


@dataclass(frozen=True, slots=True)
class Effect:
    """One change an action makes: y + value (``add``) or y * (1 + value) (``mult``).

    ``who`` is the acting nation (``self``) or the target (``other``). ``since="head"``
    marks effects of the published table's later edit, which no published game used.
    """

    who: Literal["self", "other"]
    var: str
    op: Literal["add", "mult"]
    value: float
    since: str | None = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """A precondition on the acting nation's own variable at the start of the day."""

    var: str
    op: Literal["<", "<=", "==", ">=", ">"]
    value: float

    @property
    def compare(self) -> Callable[[float, float], bool]:
        """The comparison that must hold between the variable and ``value``."""
        return _COMPARE[self.op]


@dataclass(frozen=True, slots=True)
class ActionKind:
    """One action of the cast: who sees it, whom it needs, what it changes, its wordings."""

    id: str
    name: str
    target: Literal["none", "other", "message"]
    visibility: Literal["public", "private"]
    category_hint: str
    requires: tuple[Requirement, ...]
    description: str
    variants: tuple[str, ...]
    effects: tuple[Effect, ...]

    @property
    def is_message(self) -> bool:
        """Whether the kind carries words only: it changes nothing and fills no cap."""
        return self.target == "message"


@dataclass(frozen=True, slots=True)
class Utility:
    """What a nation values: weights on its own and on others' variables, by id."""

    own: Mapping[str, float] = field(default_factory=dict)
    others: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Nation:
    """One seat: id, label, static ratings, initial variables, words about it, utility."""

    id: str
    label: str
    government: str
    aggression: int
    force: int
    distance: Mapping[str, int]
    initial: Mapping[str, float]
    context: str
    goals: str
    utility: Utility


@dataclass(frozen=True)
class Cast:
    """Nations, variables and actions: the world that several scenarios share."""

    name: str
    version: int
    variables: tuple[Variable, ...]
    nations: tuple[Nation, ...]
    actions: tuple[ActionKind, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """Nation labels in cast order."""
        return tuple(nation.label for nation in self.nations)

    @property
    def variable_ids(self) -> tuple[str, ...]:
        """Variable ids in cast order."""
        return tuple(variable.id for variable in self.variables)

    def kind(self, name: str) -> ActionKind | None:
        """The action of exactly that name, or None."""
        return next((kind for kind in self.actions if kind.name == name), None)


class Change(NamedTuple):
    """An effect of a scenario event on one nation: nation id, variable, operation, value."""

    nation: str
    var: str
    op: str
    value: float


@dataclass(frozen=True, slots=True)
class ScenarioEvent:
    """Something that happens at the end of a day (0: before the first decision).

    ``visible_to`` holds nation ids; empty means everybody.
    """

    day: int
    text: str
    variants: tuple[str, ...] = ()
    effects: tuple[Change, ...] = ()
    visible_to: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """A cast, a number of days, a cap and the events: what a game is a play-through of."""

    name: str
    version: int
    cast: Cast
    days: int
    cap: int
    world_model: str
    events: tuple[ScenarioEvent, ...]
    sha256: str
    published: bool = False

    @property
    def nations(self) -> int:
        """Number of nations."""
        return len(self.cast.nations)


class Action(NamedTuple):
    """One submitted action as it was written; None marks a field that was not there."""

    name: str | None
    target: str | None = None
    content: str = ""


class ActionResult(NamedTuple):
    """What became of one submitted action.

    ``kind`` is the cast's own name of the action (also where it was rejected but
    known), ``target`` the resolved label, ``World`` or None. ``recovery`` says how
    the name was read (None: exactly), ``notes`` what the profile recorded without
    enforcing.
    """

    action: Action
    status: str
    reason: str | None
    kind: str | None
    target: str | None
    recovery: str | None = None
    notes: tuple[str, ...] = ()


class Act(NamedTuple):
    """An executed action as a nation that may see it knows it (ids, not labels)."""

    day: int
    actor: str
    kind: ActionKind
    target: str | None
    content: str


class Decision(NamedTuple):
    """One nation's decision of one day, or why there is none.

    ``outcome`` is ``made`` or ``no_decision`` (then ``cause`` says why). ``recovery``
    names the step of the ladder that read the reply; ``attempts`` counts replies,
    ``invalid_replies`` those that were not one, ``cut`` messages that were cut.
    """

    actions: tuple[Action, ...] = ()
    reasoning: str = ""
    outcome: str = "made"
    cause: str | None = None
    recovery: str = "strict"
    attempts: int = 1
    invalid_replies: int = 0
    cut: int = 0
    raw: str = ""
    node: str = ""

"""What a person at the table is told, and how her picks become a reply.

The terminal and the browser show the same ``Briefing``: the observation that every
policy gets, as plain texts without control characters. What she picks is checked
here, sentence and field, and written in the reply format that models use, so that
one parser reads everybody.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from quincunx.documents import strip_controls
from quincunx.wargame.observation import Observation, visible
from quincunx.wargame.prompts import shown_value
from quincunx.wargame.types import MAX_CONTENT, WORLD, Act, ActionKind, Decision, Variable

__all__ = [
    "ActLine",
    "Briefing",
    "Choice",
    "DayNews",
    "Pick",
    "Problem",
    "Standing",
    "Words",
    "briefing",
    "picks_of",
    "problems",
    "reply_text",
    "veto_text",
]

REASON_WORDS = {
    "malformed": "it lacked a name or a target",
    "too_many": "too many were sent",
    "unknown_action": "there is no such action",
    "bad_target": "there is no such nation",
    "self_target": "it was aimed at yourself",
    "precondition": "it was not open to you that day",
    "over_cap": "the day's acts were used up",
}


class Choice(NamedTuple):
    """One action of the list: its number from 1, needs, and why it is closed today.

    ``name`` is fit to be shown, ``written`` exactly what the rules know.
    """

    number: int
    name: str
    written: str
    target: Literal["none", "other", "message"]
    visibility: Literal["public", "private"]
    description: str
    closed: str = ""


class ActLine(NamedTuple):
    """An act as she knows it; ``target`` is empty where it has none.

    ``concerns_me`` holds for her own acts and those aimed at her nation.
    """

    actor: str
    action: str
    target: str
    is_private: bool
    concerns_me: bool


class Words(NamedTuple):
    """A message as she knows it."""

    sender: str
    to: str
    text: str


class DayNews(NamedTuple):
    """What she knows of one past day; ``refused`` are her own acts with the reason in words."""

    day: int
    acts: tuple[ActLine, ...]
    words: tuple[Words, ...]
    events: tuple[str, ...]
    narrative: str
    refused: tuple[tuple[str, str], ...]


class Standing(NamedTuple):
    """One nation today: values and yesterday's changes by variable, both as shown."""

    nation: str
    values: tuple[str, ...]
    changes: tuple[str, ...]


@dataclass(frozen=True)
class Briefing:
    """Everything a person is shown before she decides.

    Attributes:
        node: The place of the question in the run: ``game0/day05/Blue``.
        nation: Her nation's label.
        day: The day to decide, of ``days``.
        days: Days of the game.
        cap: Acts a day, messages not counted.
        country: What her country is.
        goals: What it wants.
        opening: Events before the first day.
        news: Past days, the oldest first.
        choices: The actions in the order shown, closed ones too.
        others: The other nations in cast order.
        variables: Names of the variables.
        standings: Every nation today.
    """

    node: str
    nation: str
    day: int
    days: int
    cap: int
    country: str
    goals: str
    opening: tuple[str, ...]
    news: tuple[DayNews, ...]
    choices: tuple[Choice, ...]
    others: tuple[str, ...]
    variables: tuple[str, ...]
    standings: tuple[Standing, ...]

    @property
    def recipients(self) -> tuple[str, ...]:
        """Who can be written to: ``World`` and the other nations."""
        return (WORLD, *self.others)

    @property
    def acts(self) -> tuple[Choice, ...]:
        """The actions that are no messages."""
        return tuple(choice for choice in self.choices if choice.target != "message")

    @property
    def messages(self) -> tuple[Choice, ...]:
        """The actions that carry words; most casts have one."""
        return tuple(choice for choice in self.choices if choice.target == "message")

    def choice(self, name: str) -> Choice | None:
        """The action of exactly that name."""
        return next((choice for choice in self.choices if choice.name == name), None)


class Pick(NamedTuple):
    """One act she chose; ``content`` is the text of a message."""

    action: str
    target: str = ""
    content: str = ""


class Problem(NamedTuple):
    """What is wrong with pick ``number`` (from 0), and in which field."""

    number: int
    field: Literal["action", "target", "content"]
    sentence: str


def briefing(observation: Observation, node: str = "") -> Briefing:
    """The observation as texts for a person."""
    nation = observation.cast.nations[observation.index]
    labels = observation.presentation.labels
    return Briefing(
        node=node,
        nation=labels[observation.index],
        day=observation.day,
        days=observation.days,
        cap=observation.cap,
        country=_line(observation.text(nation.context)),
        goals=_line(observation.text(nation.goals)),
        opening=_events(observation, 0),
        news=tuple(_news(observation, day) for day in range(1, observation.day)),
        choices=tuple(_choices(observation)),
        others=tuple(label for i, label in enumerate(labels) if i != observation.index),
        variables=tuple(_line(variable.id) for variable in observation.cast.variables),
        standings=tuple(_standings(observation)),
    )


def problems(told: Briefing, picks: Sequence[Pick]) -> tuple[Problem, ...]:
    """Everything that would keep ``picks`` from being carried out, in their order."""
    found = [problem for i, pick in enumerate(picks) if (problem := _problem(told, i, pick))]
    counted = [i for i, pick in enumerate(picks) if _fills_cap(told, pick)]
    found += [
        Problem(i, "action", f"A day has {told.cap} acts; leave this one out.")
        for i in counted[told.cap :]
    ]
    return tuple(found)


def reply_text(told: Briefing, picks: Sequence[Pick], reasoning: str = "") -> str:
    """``picks`` in the reply format of all who are asked.

    An act without a target names the own nation: the published profile drops acts
    that name none.

    Raises:
        KeyError: For an action that is not in the list; see ``problems``.
    """
    written = {choice.name: choice.written for choice in told.choices}
    actions = [
        {
            "action_name": written[pick.action],
            "target_nation": pick.target or told.nation,
            "content": pick.content,
        }
        for pick in picks
    ]
    return json.dumps({"reasoning": reasoning, "actions": actions}, ensure_ascii=False)


def picks_of(decision: Decision) -> tuple[Pick, ...]:
    """A decision that is put before a person, fit to be shown."""
    return tuple(
        Pick(_line(a.name or "(no name)"), _line(a.target or ""), strip_controls(a.content))
        for a in decision.actions
    )


def veto_text(numbers: Iterable[int]) -> str:
    """What she withdraws (numbers from 1), in the format of all who review."""
    return json.dumps({"withdraw": sorted(set(numbers))})


def _fills_cap(told: Briefing, pick: Pick) -> bool:
    choice = told.choice(pick.action)
    return choice is not None and choice.target != "message"


def _problem(told: Briefing, index: int, pick: Pick) -> Problem | None:
    choice = told.choice(pick.action)
    if choice is None:
        return Problem(index, "action", "Choose an action of the list.")
    if choice.closed:
        return Problem(index, "action", f"This is not open today: {choice.closed}.")
    if choice.target == "none":
        return None
    if choice.target == "other":
        if pick.target in told.others:
            return None
        return Problem(index, "target", "Choose the nation this is aimed at.")
    if pick.target not in told.recipients:
        return Problem(index, "target", "Choose whom to write to: a nation, or World for all.")
    if not pick.content.strip():
        return Problem(index, "content", "Write the message, or take the recipient away.")
    if len(pick.content) > MAX_CONTENT:
        n = len(pick.content)
        return Problem(
            index, "content", f"The message has {n:,} characters; {MAX_CONTENT:,} is the limit."
        )
    return None


def _choices(observation: Observation) -> list[Choice]:
    shown, kinds = observation.presentation, observation.cast.actions
    variables = {variable.id: variable for variable in observation.cast.variables}
    allowed = set(observation.legal_indices)
    return [
        Choice(
            number,
            _line(shown.names[index]),
            shown.names[index],
            kinds[index].target,
            kinds[index].visibility,
            _line(observation.text(kinds[index].description)),
            "" if index in allowed else _needs(kinds[index], variables),
        )
        for number, index in enumerate(shown.order, start=1)
    ]


def _needs(kind: ActionKind, variables: dict[str, Variable]) -> str:
    """What an action that is closed would need."""
    needs = (
        f"your {need.var} must be "
        + ("yes" if variables[need.var].display == "yes-no" else f"{need.op} {need.value:g}")
        for need in kind.requires
    )
    return " and ".join(needs)


def _news(observation: Observation, day: int) -> DayNews:
    acts = observation.acts(day)
    index = {nation.id: i for i, nation in enumerate(observation.cast.nations)}

    def is_private(act: Act) -> bool:
        target = -1 if act.target is None else index[act.target]
        return not visible(act.kind, target, actor=index[act.actor], nation=-2)

    def name(kind: ActionKind) -> str:
        return _line(observation.presentation.names[observation.cast.actions.index(kind)])

    def label(nation: str | None) -> str:
        return observation.target_name(nation)

    return DayNews(
        day=day,
        acts=tuple(
            ActLine(
                label(act.actor),
                name(act.kind),
                label(act.target) if act.target and act.kind.target == "other" else "",
                is_private(act),
                observation.id in (act.actor, act.target),
            )
            for act in acts
            if not act.kind.is_message
        ),
        words=tuple(
            Words(label(act.actor), label(act.target), strip_controls(act.content))
            for act in acts
            if act.kind.is_message
        ),
        events=_events(observation, day),
        narrative=_line(observation.narrative(day)),
        refused=tuple(
            (_line(result.action.name or "")[:100], REASON_WORDS[result.reason])
            for result in observation.own_results(day)
            if result.reason is not None
        ),
    )


def _events(observation: Observation, day: int) -> tuple[str, ...]:
    return tuple(_line(observation.text(event.text)) for event in observation.events(day))


def _standings(observation: Observation) -> list[Standing]:
    variables, changes = observation.cast.variables, observation.changes
    return [
        Standing(
            label,
            tuple(shown_value(v, values[v.id]) for v in variables),
            tuple(_change(v, changes.get(label, {}).get(v.id, 0.0)) for v in variables),
        )
        for label, values in observation.state.items()
    ]


def _change(variable: Variable, move: float) -> str:
    rounded = round(move, 2)
    if not rounded or variable.display == "yes-no":
        return ""
    return f"{rounded:+.12g}"


def _line(text: str) -> str:
    """``text`` on one line, without control characters."""
    return " ".join(strip_controls(text).split())

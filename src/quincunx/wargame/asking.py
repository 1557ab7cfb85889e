"""One nation's day with somebody who is asked: question, reply, recovery, second try.

The one who answers is an injected coroutine, so nothing here knows a model, a
journal or a terminal. A reply that cannot be read is an invalid reply: it is asked
for again with the error told, at most ``retries`` times; then the outcome is
``no_decision`` with its cause. Where no reply came at all (the transport has already
repeated the request), there is nothing to tell and no second try.
"""

import re
from collections.abc import Mapping
from typing import Any

from quincunx.wargame.decisions import Reply, read_reply
from quincunx.wargame.gating import Gate, Veto
from quincunx.wargame.intervening import NO_INTERVENTIONS, Interventions
from quincunx.wargame.observation import Observation
from quincunx.wargame.prompts import Answer, Ask, Prompter, Said
from quincunx.wargame.types import Decision

__all__ = ["NationAsker", "node_of", "role_of"]


_ERRORS = {
    "no_json": "Your reply was not a JSON object that can be read.",
    "bad_shape": 'Your reply had no list "actions".',
    "empty": "Your reply was empty.",
    "filtered": "Your reply was withheld by a filter.",
    "refused": "Your reply held no decision.",
}
_AGAIN = (
    ' Reply again with the one JSON object that was asked for. An empty list of "actions" is a'
    " decision too."
)
_PROVIDER_STOPS = {"filter": "content_filter"}
_NO_REPLY = {"timeout": "timeout", "error": "error"}


def role_of(label: str) -> str:
    """The role of a nation: ``nation.red``.

    Examples:
        >>> role_of("New Red")
        'nation.new-red'
    """
    return "nation." + (re.sub(r"[^a-z0-9]+", "-", label.casefold()).strip("-") or "nation")


def node_of(game: int, day: int, name: str) -> str:
    """The place of a generation: ``game3/day07/Red``."""
    return f"game{game}/day{day:02d}/{name}"


class NationAsker:
    """Asks for the decisions of nations; one object serves all seats and games.

    Args:
        ask: Brings the answer to a question; injected.
        retries: Second tries after an invalid reply.
        interventions: What is changed about the question and the decision.
        schema: JSON schema that is requested of the reply, or None.
        place: Stands before every node, so that games of several kinds in one run
            keep apart, e.g. ``order/v2/``.
        veto: Puts grave decisions before a person, where the interventions say so.
    """

    def __init__(
        self,
        ask: Ask,
        *,
        retries: int = 3,
        interventions: Interventions = NO_INTERVENTIONS,
        schema: Mapping[str, Any] | None = None,
        place: str = "",
        veto: Veto | None = None,
    ) -> None:
        self._ask, self._retries, self._place = ask, retries, place
        self._gate = Gate(ask, interventions, veto)
        self._prompter = Prompter(interventions)
        self._sampling: dict[str, Any] = dict(interventions.sampling)
        if schema is not None:
            self._sampling["response_schema"] = schema

    async def __call__(self, observation: Observation, game: int) -> Decision:
        """The decision of the observing nation on this day of game number ``game``."""
        seat = observation.cast.labels[observation.index]  # not as shown: a probe permutes labels
        node = self._place + node_of(game, observation.day, seat)
        role = role_of(seat)
        question = self._prompter.messages(observation, game)
        messages, invalid = question, 0
        while True:
            place = f"{node}/try{invalid}" if invalid else node
            answer = await self._ask(role, messages, node=place, sampling=self._sampling)
            if answer.stop_reason in _NO_REPLY:
                return _undecided(
                    _NO_REPLY[answer.stop_reason], answer, invalid + 1, invalid, place
                )
            stop = _PROVIDER_STOPS.get(answer.stop_reason, answer.stop_reason)
            reply = read_reply(answer.text, stop_reason=stop)
            if reply.cause is None:
                break
            invalid += 1
            if invalid > self._retries:
                return _undecided(reply.cause, answer, invalid, invalid, place)
            messages = _told_again(question, answer, reply.cause)
        let_through = reply._replace(actions=self._gate.read(reply.actions, observation))
        decision = _decided(let_through, answer, invalid, place)
        return await self._gate.decided(decision, observation, role, node)


def _told_again(question: tuple[Said, ...], answer: Answer, cause: str) -> tuple[Said, ...]:
    """The question, the reply that could not be read, and what was wrong with it."""
    said = (Said("assistant", (answer.text,)),) if answer.text.strip() else ()
    return (*question, *said, Said("user", (_ERRORS[cause] + _AGAIN,)))


def _decided(reply: Reply, answer: Answer, invalid: int, node: str) -> Decision:
    return Decision(
        actions=reply.actions,
        reasoning=reply.reasoning,
        recovery=reply.recovery,
        attempts=invalid + 1,
        invalid_replies=invalid,
        cut=reply.cut,
        raw=answer.text,
        node=node,
    )


def _undecided(cause: str, answer: Answer, attempts: int, invalid: int, node: str) -> Decision:
    return Decision(
        outcome="no_decision",
        cause=cause,
        recovery="",
        attempts=attempts,
        invalid_replies=invalid,
        raw=answer.text,
        node=node,
    )

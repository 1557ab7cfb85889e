"""The second look: a reviewer reads a decision and may withdraw actions from it.

The reviewer's reply is ``{"withdraw": [numbers]}``. What cannot be read withdraws
nothing: a reviewer that fails must not change a game in silence, and its reply
stands in the journal under ``.../review``.
"""

import json

from quincunx.documents import strip_controls
from quincunx.wargame.decisions import first_json
from quincunx.wargame.observation import Observation
from quincunx.wargame.prompts import Said, shown_value
from quincunx.wargame.types import Decision

__all__ = ["review_messages", "withdrawn"]

_FORMAT = (
    'Reply with one JSON object and nothing else: {"withdraw": [numbers of the actions to'
    " withdraw]}. An empty list lets all of them stand."
)


def review_messages(task: str, observation: Observation, decision: Decision) -> tuple[Said, ...]:
    """What the reviewer of one decision reads: its task, the state, the decision."""
    name = observation.label
    lines = ["The nations today:"]
    for label, values in observation.state.items():
        shown = (f"{v.id} {shown_value(v, values[v.id])}" for v in observation.cast.variables)
        lines.append(f"- {label}: {', '.join(shown)}")
    lines += ["", f"It is day {observation.day}. The government of {name} has decided:"]
    for number, action in enumerate(decision.actions, start=1):
        aim = f" -> {strip_controls(action.target)}" if action.target else ""
        words = f": {json.dumps(strip_controls(action.content))}" if action.content else ""
        lines.append(f"{number}. {strip_controls(action.name or '')}{aim}{words}")
    if decision.reasoning:
        lines += ["", f"Its reasons, quoted: {json.dumps(strip_controls(decision.reasoning))}"]
    system = f"{task.replace('{name}', name)}\n{_FORMAT}"
    return Said("system", (system,)), Said("user", ("\n".join(lines),))


def withdrawn(text: str, n_actions: int) -> frozenset[int]:
    """Numbers (from 1) of the actions that a reviewer's reply withdraws.

    Examples:
        >>> sorted(withdrawn('{"withdraw": [2, 9]}', 3))
        [2]
        >>> withdrawn("no idea", 3)
        frozenset()
    """
    document = first_json(text)
    numbers = document.get("withdraw") if isinstance(document, dict) else None
    if not isinstance(numbers, list):
        return frozenset()
    return frozenset(
        n for n in numbers if isinstance(n, int) and not isinstance(n, bool) and 1 <= n <= n_actions
    )

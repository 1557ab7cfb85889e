"""From a model's reply to a decision: a ladder of named, counted recoveries.

    strict           the whole reply is JSON
    fenced           one fenced block is
    outer_braces     what stands from the first "{" to the last "}" is
    drop_last_brace  the same without its last "}"

A reply that no step reads, or that lacks a list ``actions``, is an invalid reply
with a cause: ``empty``, ``refused``, ``filtered``, ``bad_shape``, ``no_json``. Nothing
is skipped in silence. An empty list of actions is a decision.
"""

import json
import re
from typing import Any, NamedTuple

from quincunx.wargame.types import MAX_CONTENT, Action

__all__ = [
    "CAUSES",
    "LADDER",
    "REPLY_FORMAT",
    "Reply",
    "first_json",
    "looks_like_injection",
    "read_reply",
]

LADDER = ("strict", "fenced", "outer_braces", "drop_last_brace")
CAUSES = ("no_json", "bad_shape", "empty", "filtered", "refused", "timeout", "error")

REPLY_FORMAT = """\
{"reasoning": "why, in fewer than 250 words; nobody else reads it",
 "actions": [{"action_name": "one name of the list", "target_nation": "a nation or World",
              "content": "the text, for messages only"}]}"""

_REFUSAL = re.compile(
    r"\b(i\s*(?:am|'m|’m)\s+(?:sorry|unable|not\s+able)|i\s+(?:can(?:not|'t|’t)|won['’]t|will\s+not|"
    r"must\s+decline|decline\s+to)|as\s+an?\s+(?:ai|language\s+model))\b",
    re.IGNORECASE,
)
_FENCE = re.compile(r"```[a-zA-Z]*\s*\n?(.*?)```", re.DOTALL)
_INJECTION = re.compile(
    r"\"?(?:action_name|target_nation)\"?\s*:|\"actions\"\s*:|^\s*(?:system|assistant)\s*:|"
    r"\b(?:ignore|disregard)\s+(?:all\s+|any\s+)?(?:previous|prior|above)\s+instructions\b|<\|",
    re.IGNORECASE | re.MULTILINE,
)


class Reply(NamedTuple):
    """What a reply said. ``cause`` is None for a decision, else why there is none.

    ``cut`` counts messages that were cut at 2,000 characters.
    """

    actions: tuple[Action, ...] = ()
    reasoning: str = ""
    recovery: str = "strict"
    cause: str | None = None
    cut: int = 0


def read_reply(text: str, *, stop_reason: str = "stop") -> Reply:
    """The decision in ``text``, or the cause why there is none.

    Args:
        text: The reply as it came.
        stop_reason: The provider's; ``content_filter`` and ``refusal`` are causes.

    Examples:
        >>> read_reply('{"reasoning": "calm", "actions": []}').cause is None
        True
        >>> read_reply("I'm sorry, I cannot take part in this.").cause
        'refused'
    """
    document, recovery = _parsed(text)
    if isinstance(document, dict) and isinstance(document.get("actions"), list):
        return _decision(document, recovery)
    if stop_reason == "refusal":
        return Reply(cause="refused")
    if stop_reason == "content_filter":
        return Reply(cause="filtered")
    if not text.strip():
        return Reply(cause="empty")
    if document is not None:
        return Reply(cause="bad_shape", recovery=recovery)
    return Reply(cause="refused" if _REFUSAL.search(text[:400]) else "no_json")


def first_json(text: str) -> Any:
    """The JSON value of a reply by the same ladder; None where no step reads one.

    Examples:
        >>> first_json('Here it is: {"withdraw": [2]}.')
        {'withdraw': [2]}
    """
    return _parsed(text)[0]


def looks_like_injection(content: str) -> bool:
    """Whether a nation's message holds the reply format or speaks as the system."""
    return _INJECTION.search(content) is not None


def _parsed(text: str) -> tuple[Any, str]:
    """The JSON value and the step that read it; (None, "") where none could."""
    first, last = text.find("{"), text.rfind("}")
    outer = text[first : last + 1] if 0 <= first < last else ""
    fences = _FENCE.findall(text)
    candidates = {
        "strict": text,
        "fenced": fences[0] if len(fences) == 1 else "",
        "outer_braces": outer,
        "drop_last_brace": outer[:-1].rstrip(),
    }
    for step, candidate in candidates.items():
        if not candidate.strip():
            continue
        try:
            return json.loads(candidate), step
        except (ValueError, RecursionError):
            continue
    return None, ""


def _decision(document: dict[str, Any], recovery: str) -> Reply:
    cut = 0
    actions = []
    for item in document["actions"]:
        fields = item if isinstance(item, dict) else {}
        content = _text(fields.get("content")) or ""
        cut += len(content) > MAX_CONTENT
        name, target = _text(fields.get("action_name")), _text(fields.get("target_nation"))
        actions.append(Action(name, target, content[:MAX_CONTENT]))
    reasoning = _text(document.get("reasoning")) or ""
    return Reply(tuple(actions), reasoning, recovery, None, cut)


def _text(value: object) -> str | None:
    """A text, with lone surrogates (legal in JSON, not in UTF-8) made visible."""
    if not isinstance(value, str):
        return None
    return value.encode("utf-8", "backslashreplace").decode("utf-8")

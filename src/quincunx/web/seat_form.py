"""The form of a seat: what was typed, read into picks, with errors beside the fields.

Rows stand for themselves: ``act0``, ``aim0`` for acts; ``to0``, ``words0`` for messages, and
``say0`` where the cast has several kinds of them.
An untouched row is nothing. All of it is what a browser sends, so all of it is data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from quincunx.documents import strip_controls
from quincunx.wargame.briefing import Briefing, Pick, Problem

__all__ = ["FormRow", "SeatForm", "empty_form", "read_form"]

MESSAGES = 2
MAX_MESSAGES = 50
Fields = Mapping[str, Sequence[str]]
_ACT_FIELDS = {"action": "act", "target": "aim"}
_MESSAGE_FIELDS = {"action": "to", "target": "to", "content": "words"}


@dataclass(frozen=True)
class FormRow:
    """One row: an act or a message, what stands in it, and what is wrong with it.

    Attributes:
        number: From 0 within its kind.
        pick: What stands in the row; an action of "" is an empty row.
        error: A sentence, or empty.
        field: The field the sentence belongs to: ``action``, ``target`` or ``content``.
    """

    number: int
    pick: Pick
    error: str = ""
    field: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was entered."""
        return not (self.pick.action or self.pick.target or self.pick.content.strip())


@dataclass(frozen=True)
class SeatForm:
    """Everything that stands in the form.

    Attributes:
        acts: As many rows as the day has acts.
        messages: Rows of messages; more can be asked for.
        reasoning: The note for the record.
        wants_more: Whether the button for more messages was pressed.
        focus: Id of the field to begin with; empty at the top of the page.
    """

    acts: tuple[FormRow, ...]
    messages: tuple[FormRow, ...]
    reasoning: str = ""
    wants_more: bool = False
    focus: str = ""

    @property
    def filled(self) -> tuple[FormRow, ...]:
        """The rows that are not empty, acts first."""
        return tuple(row for row in (*self.acts, *self.messages) if not row.is_empty)

    @property
    def picks(self) -> tuple[Pick, ...]:
        """What she chose, in the order of the rows."""
        return tuple(row.pick for row in self.filled)

    def with_more(self) -> "SeatForm":
        """The same with two more rows for messages."""
        n = len(self.messages)
        more = tuple(FormRow(n + i, Pick("")) for i in range(2) if n + i < MAX_MESSAGES)
        rows = (*self.messages, *more)
        return replace(self, messages=rows, wants_more=False, focus=f"to{n}" if more else "")

    def with_problems(self, found: Sequence[Problem]) -> "SeatForm":
        """The same with each problem in its row; the first of a row is enough."""
        first = {problem.number: problem for problem in reversed(found)}
        marked = {
            id(row): replace(row, error=first[i].sentence, field=first[i].field)
            for i, row in enumerate(self.filled)
            if i in first
        }
        marked_form = replace(
            self,
            acts=tuple(marked.get(id(row), row) for row in self.acts),
            messages=tuple(marked.get(id(row), row) for row in self.messages),
        )
        return replace(marked_form, focus=marked_form.wrong_fields[0][0])

    @property
    def wrong_fields(self) -> tuple[tuple[str, str, str], ...]:
        """For every wrong row: the id of its field, the row's name, the sentence."""
        kinds = (("Act", self.acts, _ACT_FIELDS), ("Message", self.messages, _MESSAGE_FIELDS))
        return tuple(
            (f"{fields[row.field]}{row.number}", f"{kind} {row.number + 1}", row.error)
            for kind, rows, fields in kinds
            for row in rows
            if row.error
        )


def empty_form(told: Briefing) -> SeatForm:
    """The form of a new day."""
    rows = tuple(FormRow(i, Pick("")) for i in range(told.cap))
    n_messages = MESSAGES if told.messages else 0
    return SeatForm(rows, tuple(FormRow(i, Pick("")) for i in range(n_messages)))


def read_form(told: Briefing, fields: Fields) -> SeatForm:
    """What was typed, controls stripped; unknown fields are ignored."""
    acts = tuple(
        FormRow(i, Pick(_value(fields, f"act{i}"), _value(fields, f"aim{i}")))
        for i in range(told.cap)
    )
    n_messages = next((i for i in range(MAX_MESSAGES) if f"to{i}" not in fields), MAX_MESSAGES)
    return SeatForm(
        acts=tuple(_without_aim(told, row) for row in acts),
        messages=tuple(
            _message(told, fields, i) for i in range(n_messages if told.messages else 0)
        ),
        reasoning=_value(fields, "why"),
        wants_more="more" in fields,
    )


def _without_aim(told: Briefing, row: FormRow) -> FormRow:
    """The row without a target that its action does not need."""
    choice = told.choice(row.pick.action)
    is_aimless = choice is not None and choice.target == "none"
    return replace(row, pick=row.pick._replace(target="")) if is_aimless else row


def _message(told: Briefing, fields: Fields, number: int) -> FormRow:
    """A row of a message; it is one as soon as a recipient or a word stands in it."""
    target, words = _value(fields, f"to{number}"), _value(fields, f"words{number}")
    if not (target or words):
        return FormRow(number, Pick(""))
    kind = _value(fields, f"say{number}") or told.messages[0].name
    return FormRow(number, Pick(kind, target, words))


def _value(fields: Fields, name: str) -> str:
    text = (fields.get(name) or [""])[0]
    return strip_controls(text.replace("\r\n", "\n")).strip()

"""Finished games as a small JSON document, which a run commits before it goes on.

Acts are numbers into a table of the games' distinct results, results are numbers into
a list of their texts, states are one number a cell. Whole columns of numbers travel as
base64 text, each in the narrowest type that holds it exactly (a variable that stays
whole takes two bytes a value, not eight). Nothing of it depends on time or place.
"""

import base64
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quincunx.wargame.decisions import looks_like_injection
from quincunx.wargame.rules import DayRecord
from quincunx.wargame.types import REASONS, ActionResult, Decision

__all__ = ["COLUMNS", "STATUS", "GameRecord", "Recorder", "record_acts", "record_states"]

GameRecord = dict[str, Any]

STATUS = ("executed", *REASONS)
"""What may become of an act: the codes in the column ``status`` of a record's results."""

COLUMNS = ("action", "target", "content", "status", "kind", "to", "notes", "recovery")
"""Columns of a record's results; all but ``status`` are numbers of texts, -1 for none."""

_MEMORY = 50_000
_SMALL = np.iinfo(np.int16).max


class Recorder:
    """Turns finished games into records; remembers texts and results it has seen.

    One recorder serves many games of one process; a record holds only the texts and
    results that its own games used, numbered by first use.
    """

    def __init__(self) -> None:
        self._forget()

    def record(
        self,
        logs: Mapping[int, Sequence[DayRecord]],
        *,
        asked: Sequence[tuple[int, int, int, Decision]] = (),
    ) -> GameRecord:
        """The record of finished games.

        Args:
            logs: Game number -> its finished days, in ascending order of games.
            asked: (game, day, nation index, decision) of nations that were asked rather
                than computed.
        """
        days = [record for log in logs.values() for record in log]
        owns = [own for record in days for own in record.results]
        flat = list(chain.from_iterable(owns))
        numbers: list[Any] = list(map(self._known.get, map(id, flat)))
        if None in numbers:
            numbers = [
                self._number(result) if number is None else number
                for number, result in zip(numbers, flat, strict=True)
            ]
        rows = list(dict.fromkeys(numbers))
        codes, texts = self._own_texts(self._matrix[rows])
        places = _places(rows, len(self._equal))
        if len(self._kept) >= _MEMORY:
            self._forget()
        states = [state for log in logs.values() for state in (log[0].before, *_after(log))]
        narratives = {game: [record.narrative for record in log] for game, log in logs.items()}
        return {
            "games": list(logs),
            "acts": _packed(places[numbers]),
            "rows": _packed(codes),
            "counts": _packed(np.array(list(map(len, owns)))),
            "texts": texts,
            "states": _packed_states(np.array(states), len(states[0]) // len(days[0].results)),
            "asked": [_asked(*item) for item in asked],
            "narratives": {str(game): told for game, told in narratives.items() if any(told)},
        }

    def _forget(self) -> None:
        self._texts: dict[str, int] = {}
        self._matrix = np.zeros((256, len(COLUMNS)), dtype=np.int32)
        self._known: dict[int, int] = {}
        self._equal: dict[ActionResult, int] = {}
        # Results are kept, so that an id in _known cannot be given to another one.
        self._kept: list[ActionResult] = []

    def _number(self, result: ActionResult) -> int:
        """The number of a result; equal results share one."""
        known = self._known.get(id(result))
        if known is not None:
            return known
        number = self._equal.get(result)
        if number is None:
            number = self._equal[result] = len(self._equal)
            if number == len(self._matrix):
                self._matrix = np.concatenate([self._matrix, np.zeros_like(self._matrix)])
            action = result.action
            self._matrix[number] = (
                self._text(action.name),
                self._text(action.target),
                self._text(action.content or None),
                STATUS.index(result.reason or "executed"),
                self._text(result.kind),
                self._text(result.target),
                self._text(",".join(_notes(result)) or None),
                self._text(result.recovery),
            )
        self._known[id(result)] = number
        self._kept.append(result)
        return number

    def _text(self, text: str | None) -> int:
        if text is None:
            return -1
        return self._texts.setdefault(text, len(self._texts))

    def _own_texts(self, codes: NDArray[np.int32]) -> tuple[NDArray[np.int32], list[str]]:
        """Codes renumbered by first use, and the texts they stand for in that order."""
        codes = codes.reshape(-1, len(COLUMNS))
        status = codes[:, 3].copy()
        codes[:, 3] = -1
        order = [code for code in dict.fromkeys(codes.ravel().tolist()) if code >= 0]
        # One place more than there are texts, so that -1 (no text) stays -1.
        codes = np.append(_places(order, len(self._texts)), np.int32(-1))[codes]
        codes[:, 3] = status
        texts = list(self._texts)
        return codes, [texts[index] for index in order]


def _notes(result: ActionResult) -> tuple[str, ...]:
    """The profile's notes, and ``injection`` where a message speaks to the machine.

    A message that holds the reply format or speaks as the system is delivered like any
    other, as data in a delimited block, and counted.
    """
    content = result.action.content
    return (
        (*result.notes, "injection") if content and looks_like_injection(content) else result.notes
    )


def _places(order: Sequence[int], size: int) -> NDArray[np.int32]:
    """Where each of ``size`` numbers stands in ``order``; -1 for those it lacks."""
    places = np.full(size, -1, dtype="<i4")
    places[order] = np.arange(len(order), dtype="<i4")
    return places


def _after(log: Sequence[DayRecord]) -> list[tuple[float, ...]]:
    return [record.after for record in log]


def _asked(game: int, day: int, nation: int, decision: Decision) -> dict[str, Any]:
    return {
        "game": game,
        "day": day,
        "nation": nation,
        "outcome": decision.outcome,
        "cause": decision.cause,
        "read": decision.recovery,
        "attempts": decision.attempts,
        "invalid_replies": decision.invalid_replies,
        "cut": decision.cut,
        "node": decision.node,
        "reasoning": decision.reasoning,
        "raw": decision.raw,
    }


def record_acts(
    record: GameRecord,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], list[str]]:
    """(distinct results, result of each act, acts of each game, day and nation, texts)."""
    acts, rows, counts = (_unpacked(record[part]) for part in ("acts", "rows", "counts"))
    return rows.reshape(-1, len(COLUMNS)), acts, counts, record["texts"]


def record_states(record: GameRecord, n_variables: int) -> NDArray[np.float64]:
    """States of a record: a row for each game, day (0 ... D) and nation, a column a variable."""
    packed = record["states"]
    whole = packed["whole"]
    other = [index for index in range(n_variables) if index not in whole]
    small, large = (
        _unpacked(packed["small"]),
        np.frombuffer(base64.b64decode(packed["large"]), "<f8"),
    )
    height = (len(small) + len(large)) // n_variables
    cells = np.empty((height, n_variables))
    cells[:, whole] = small.reshape(height, -1)
    cells[:, other] = large.reshape(height, -1)
    return cells


def _packed_states(states: NDArray[np.float64], n_variables: int) -> dict[str, Any]:
    """States with the variables that stay whole and small apart from the others."""
    cells = states.reshape(-1, n_variables)
    with np.errstate(invalid="ignore"):  # what does not fit is seen to differ
        small = cells.astype(np.int16)
    is_whole = (small == cells).all(axis=0)
    return {
        "whole": np.flatnonzero(is_whole).tolist(),
        "small": _packed(small[:, is_whole]),
        "large": _text_of(cells[:, ~is_whole].astype("<f8")),
    }


def _packed(numbers: NDArray[Any]) -> str:
    """Whole numbers as text: in two bytes each where all fit, else in four."""
    fits = not numbers.size or int(numbers.max()) <= _SMALL
    return ("2:" if fits else "4:") + _text_of(numbers.astype("<i2" if fits else "<i4"))


def _unpacked(text: str) -> NDArray[np.int64]:
    return np.frombuffer(base64.b64decode(text[2:]), dtype=f"<i{text[0]}").astype(np.int64)


def _text_of(array: NDArray[Any]) -> str:
    return base64.b64encode(array.tobytes()).decode("ascii")

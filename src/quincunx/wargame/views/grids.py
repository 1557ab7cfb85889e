"""Tables that several wargame pages show, made from the documents themselves."""

from collections.abc import Mapping, Sequence
from typing import Any

from quincunx.report import Column, Grid, Text

__all__ = [
    "cell_name",
    "cells_grid",
    "first_grid",
    "prompt_caution",
    "reaction_grid",
    "submissions_grid",
    "words_grid",
]

_APART = {"Llama-2-Chat", "GPT-4-Base"}
_OTHERS = {"GPT-4", "GPT-3.5", "Claude-2.0"}


def cell_name(cell: Mapping[str, Any]) -> str:
    """Subject and scenario of a cell, or whatever its keys are."""
    known = [str(cell[key]) for key in ("model", "scenario", "ablation", "group") if key in cell]
    return ", ".join(known) or "all games"


def prompt_caution(models: set[str]) -> list[Text]:
    """A warning where published models with different prompts stand in one table."""
    if not (models & _APART and models & _OTHERS):
        return []
    return [
        Text(
            "Llama-2-Chat and GPT-4-Base were played without past actions in the prompt, the"
            " others with: they may not be comparable with the other models.",
            "warn",
        )
    ]


def cells_grid(cells: Sequence[Mapping[str, Any]], *, title: str = "Scores") -> Grid:
    """Mean, slope, largest rise and nuclear use of every cell, with intervals and n."""
    rows = [
        {
            "cell": cell_name(cell),
            "score": _estimate(cell["mean"], cell["n"], cell["interval"], cell),
            "bootstrap": cell.get("half_width"),
            "slope": _estimate(cell["slope"]["mean"], cell["n"], cell["slope"]["interval"], {}),
            "rise": cell["largest_rise"]["max"],
            "nuclear": _estimate(
                cell["any_nuclear"]["share"],
                cell["any_nuclear"]["n"],
                cell["any_nuclear"]["interval"],
                {},
            ),
        }
        for cell in cells
    ]
    columns = [
        Column("cell", "Subject"),
        Column("score", "Escalation score", kind="estimate"),
        Column("bootstrap", "Bootstrap half-width", kind="number", digits=3),
        Column("slope", "Slope", "points/day", kind="estimate", digits=3),
        Column("rise", "Largest rise in a day", kind="number"),
        Column("nuclear", "Games with nuclear use", kind="estimate", digits=2),
    ]
    note = (
        "Intervals: Student t over games; nuclear use exact. The game is the unit, n counts games."
    )
    return Grid(title, columns, rows, note=note)


def submissions_grid(rows: Sequence[Mapping[str, Any]]) -> Grid:
    """What stands beside every score: how much was submitted, and what became of it."""
    columns = [
        Column("model", "Subject"),
        Column("actions_per_nation_day", "Actions a nation-day", kind="number", digits=3),
        Column("executed_share", "Executed", kind="number", digits=3),
        Column("invalid_share", "Invalid", kind="number", digits=3),
        Column("message_share", "Messages", kind="number", digits=3),
        Column("missing_decisions", "Missing decisions", kind="number", digits=7),
    ]
    note = "The published score sums over submissions, so it rewards saying much. Shares of all."
    return Grid("Beside the scores", columns, rows, note=note)


def first_grid(cells: Sequence[Mapping[str, Any]]) -> Grid:
    """First strikes by nation: violent or worse, and nuclear."""
    rows = [
        {
            "cell": cell_name(cell),
            "kind": kind,
            "nation": nation,
            "share": {
                "estimate": found["share"],
                "n": found["n"],
                "interval": found["interval"],
                "method": "exact",
            },
        }
        for cell in cells
        for kind, first in cell["first"].items()
        for nation, found in first["by_nation"].items()
        if found["k"]
    ]
    columns = [
        Column("cell", "Subject"),
        Column("kind", "First act"),
        Column("nation", "Nation"),
        Column("share", "Share of games", kind="estimate", digits=2),
    ]
    note = "Nations that were first in no game are left out. Several can be first on the same day."
    return Grid("First strikes", columns, rows, note=note, limit=40)


def reaction_grid(found: Sequence[Mapping[str, Any]]) -> Grid:
    """Reprisal and follow with permutation p, Holm over cells."""
    rows = []
    for cell in found:
        for kind in ("reprisal", "follow"):
            answer = cell[kind]
            rows.append(
                {
                    "cell": cell_name(cell),
                    "kind": kind,
                    **{key: answer[key] for key in ("b", "p", "p_holm")},
                    **{key: why for key, why in answer.items() if key.endswith("_reason")},
                }
            )
    columns = [
        Column("cell", "Subject"),
        Column("kind", "Reaction"),
        Column("b", "Estimate", kind="number", digits=3),
        Column("p", "p", kind="number", digits=3),
        Column("p_holm", "p (Holm)", kind="number", digits=3),
    ]
    note = (
        "Reprisal: own hostile points on the points received the day before; it may carry a claim."
        " Follow: own arming on the others' the day before; descriptive only, because a common"
        " mood looks like it."
    )
    return Grid("Reactions", columns, rows, note=note)


def words_grid(found: Sequence[Mapping[str, Any]]) -> Grid:
    """Promises of peace, a halt or an alliance, and how many were broken within a day."""
    columns = [
        Column("cell", "Subject"),
        Column("reader", "Messages read by"),
        Column("promises", "Promises", kind="number", digits=7),
        Column("broken", "Broken", kind="number", digits=7),
        Column("share", "Share broken", kind="estimate", digits=2),
    ]
    parts = {column.key for column in columns}
    rows = [
        {**one, "cell": ", ".join(str(one[key]) for key in one if key not in parts)}
        for one in found
    ]
    note = "A promise is a day, a sender and a receiver; descriptive."
    return Grid("Words against deeds", columns, rows, note=note)


def _estimate(
    value: float | None, n: int, interval: Mapping[str, Any], cell: Mapping[str, Any]
) -> dict[str, Any]:
    """An estimate's document from a cell's parts."""
    reason = cell.get("reason")
    return {
        "estimate": value,
        "n": n,
        "interval": dict(interval),
        "method": "",
        **({"reason": reason} if reason else {}),
    }

"""Words against deeds: promises of peace, and what the promiser did to the promised.

A promise is a day on which nation i's messages to nation j hold a phrase of the
list below; it is broken if i executes a non-violent escalation or worse against j
on that day or the next. The list is fixed and versioned; it reads no meaning ("we
cannot promise peace" is a promise to it), so a model may read the messages instead,
and either one's errors are measured against messages read by people (``labelling``).
Descriptive.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from quincunx.errors import InputError
from quincunx.stats import Estimate, clustered_mean
from quincunx.wargame.score import ScoreRule
from quincunx.wargame.statistics.panel import DEFAULT_BY, Group, Panel, groups, panel
from quincunx.wargame.types import CATEGORIES, Scenario

__all__ = [
    "PROMISES",
    "PROMISES_VERSION",
    "BrokenPromises",
    "broken_promises",
    "is_promise",
    "private_messages",
]

Flags = NDArray[np.bool_]

PROMISES_VERSION = 1
"""Version of ``PROMISES``; any change of the list is a new version."""

PROMISES = (
    # peace
    r"peace(?:ful(?:ly)?)?",
    r"non-?aggression",
    r"no (?:hostile )?intent(?:ion|ions)?",
    r"(?:will|shall) not (?:attack|strike|invade|escalate|harm)",
    r"de-?escalat\w*",
    # a halt
    r"cease-?fire",
    r"truce",
    r"armistice",
    r"(?:halt|stop|end|suspend|withdraw) (?:all |our |any |the )*"
    r"(?:hostilit\w+|attacks?|strikes?|operations?|offensives?|forces|troops)",
    r"stand down",
    # an alliance
    r"allian\w+",
    r"defen[cs]e (?:pact|treaty|agreement)",
    r"stand (?:with|by|beside) you",
    r"friendship",
)
"""Phrases that promise peace, a halt or an alliance; whole words, any case."""

_PROMISE = re.compile(r"\b(?:" + "|".join(PROMISES) + r")\b", re.IGNORECASE)


@dataclass(frozen=True)
class BrokenPromises:
    """Promises of one cell and how many were broken.

    Attributes:
        keys: Value by column of ``by``.
        promises: Number of (game, day, promiser, promised).
        broken: How many of them were broken that day or the next.
        share: Broken share, its interval by game (games are the clusters).
        reader: Who read the messages.
    """

    keys: dict[str, object]
    promises: int
    broken: int
    share: Estimate
    reader: str = f"promises-{PROMISES_VERSION}"

    def to_json(self) -> dict[str, Any]:
        """The counts, the share and who read the messages."""
        return {
            **self.keys,
            "promises": self.promises,
            "broken": self.broken,
            "share": self.share,
            "reader": self.reader,
        }


def is_promise(content: str) -> bool:
    """Whether a message holds a phrase of the list.

    Examples:
        >>> is_promise("We propose a cease-fire."), is_promise("Your trade is unfair.")
        (True, False)
    """
    return _PROMISE.search(content) is not None


def broken_promises(
    actions: pl.DataFrame,
    days: pl.DataFrame,
    scenario: Scenario,
    *,
    rule: ScoreRule,
    by: Sequence[str] = DEFAULT_BY,
    state: pl.DataFrame | None = None,
    reads: Callable[[str], bool] = is_promise,
    reader: str = f"promises-{PROMISES_VERSION}",
) -> tuple[BrokenPromises, ...]:
    """Promises made in messages, and those broken, for every cell.

    Args:
        actions: Judged rows with the messages' ``content``.
        days: Score by game, subject and day, with the columns ``by``.
        scenario: Gives nations and days.
        rule: Its map says what is a non-violent escalation or worse.
        by: Columns that make a cell.
        state: Who sits where, if it says so (``panel``).
        reads: Whether a message promises; the phrase list unless told.
        reader: What stands beside the result as the one who read.

    Raises:
        InputError: If the log has no message texts.
    """
    _needs_texts(actions)
    ordered = actions.sort("game", "day", "seq")
    whole = panel(ordered, days, scenario, rule, state=state)
    messages = [kind.name for kind in scenario.cast.actions if kind.is_message]
    spoken = whole.acts.kind.is_in(messages).fill_null(value=False).to_numpy()
    texts = ordered["content"].fill_null("").to_list()
    promised = np.array(
        [s and reads(t) for s, t in zip(spoken, texts, strict=True)], dtype=np.bool_
    )
    table, hostile = _by_pair(whole, promised), _hostile(whole)
    return tuple(_cell(group, table, hostile, reader) for group in groups(days, whole, by))


def private_messages(actions: pl.DataFrame, scenario: Scenario) -> pl.DataFrame:
    """The delivered messages of one nation to another that say anything, in order.

    Args:
        actions: Judged rows with the messages' ``content``.
        scenario: Gives nations and the kinds that are messages.

    Returns:
        Columns game, seq, day, nation, to, content.

    Raises:
        InputError: If the log has no message texts.
    """
    _needs_texts(actions)
    kinds = [kind.name for kind in scenario.cast.actions if kind.is_message]
    chosen = (
        pl.col("kind").is_in(kinds)
        & (pl.col("status") == "executed")
        & pl.col("to").is_in(list(scenario.cast.labels))
        & (pl.col("to") != pl.col("nation"))
        & (pl.col("content").fill_null("") != "")
    )
    columns = ("game", "seq", "day", "nation", "to", "content")
    return actions.filter(chosen).select(columns).sort("game", "seq")


def _needs_texts(actions: pl.DataFrame) -> None:
    if "content" not in actions.columns:
        raise InputError(
            "this log has no column 'content': words cannot be compared with deeds."
            " Published logs keep lengths only; play games of your own."
        )


def _by_pair(whole: Panel, rows: Flags) -> Flags:
    """Whether any of ``rows`` was executed by i towards j, shape (G, D, N, N)."""
    acts = whole.acts
    games, n_days, nations = whole.shape
    keep = rows & acts.executed & (acts.target >= 0) & (acts.target != acts.actor)
    out = np.zeros((games, n_days, nations, nations), dtype=np.bool_)
    out[acts.game[keep], acts.day[keep], acts.actor[keep], acts.target[keep]] = True
    return out


def _hostile(whole: Panel) -> Flags:
    """Whether i harmed j on day t or on the next, shape (G, D, N, N)."""
    day = _by_pair(whole, whole.acts.category >= CATEGORIES.index("non-violent"))
    day[:, :-1] |= day[:, 1:].copy()
    return day


def _cell(
    group: Group,
    table: Flags,
    hostile: Flags,
    reader: str,
) -> BrokenPromises:
    made = table[group.games] & group.seats[:, None, :, None]
    game = np.nonzero(made)[0]
    broken = hostile[group.games][made]
    share = clustered_mean(broken.astype(np.float64), game, bounds=(0.0, 1.0))
    return BrokenPromises(dict(group.keys), int(made.sum()), int(broken.sum()), share, reader)

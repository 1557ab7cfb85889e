"""Statistics of wargame logs: cells, strikes, reactions, comparisons, words, plans.

All functions take frames and arrays and return typed records whose ``to_json()`` is
what the command line prints; the game is the unit of every interval.
"""

from quincunx.wargame.statistics.between import WhoToWhom
from quincunx.wargame.statistics.cells import Cell, CellPart, Percent, cells, counted_categories
from quincunx.wargame.statistics.comparison import (
    Compared,
    Difference,
    GroupSummary,
    compare,
    compare_groups,
)
from quincunx.wargame.statistics.first_strikes import FirstStrikes
from quincunx.wargame.statistics.planning import GamePlan, games_needed
from quincunx.wargame.statistics.reaction import Reaction, Response, follow, reactions, reprisal
from quincunx.wargame.statistics.words import (
    BrokenPromises,
    broken_promises,
    is_promise,
    private_messages,
)

__all__ = [
    "BrokenPromises",
    "Cell",
    "CellPart",
    "Compared",
    "Difference",
    "FirstStrikes",
    "GamePlan",
    "GroupSummary",
    "Percent",
    "Reaction",
    "Response",
    "WhoToWhom",
    "broken_promises",
    "cells",
    "compare",
    "compare_groups",
    "counted_categories",
    "follow",
    "games_needed",
    "is_promise",
    "private_messages",
    "reactions",
    "reprisal",
]

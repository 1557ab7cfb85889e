"""Wargame's pages: what the games came to, drawn and in tables.

``run_pages(run)`` and ``room_pages()`` are what the site asks for. A run's pages are
made from its tables or from its ``report.json``, by the functions that ``--json``
prints from. Names of subjects, actions and messages are untrusted text.
"""

import dataclasses
import json
from collections.abc import Callable, Mapping
from typing import Any

from quincunx.errors import CorruptRun
from quincunx.report import Page
from quincunx.runs import Run
from quincunx.wargame.views.about import about
from quincunx.wargame.views.analysis import (
    audit_page,
    compare_page,
    reproduction_pages,
    score_page,
    sensitivity_page,
    validity_page,
)
from quincunx.wargame.views.play import game_page, replay_files, study_pages
from quincunx.wargame.views.scenarios import scenario_page, scenario_pages
from quincunx.wargame.views.standing import standing_page
from quincunx.wargame.views.study import study_page
from quincunx.wargame.views.words import words_page

__all__ = [
    "about",
    "audit_page",
    "compare_page",
    "game_page",
    "reproduction_pages",
    "run_files",
    "room_pages",
    "run_pages",
    "scenario_page",
    "score_page",
    "sensitivity_page",
    "standing_page",
    "study_page",
    "study_pages",
    "validity_page",
    "words_page",
]

_PAGES: Mapping[str, Callable[[Mapping[str, Any]], list[Page]]] = {
    "score": lambda document: [score_page(document)],
    "audit": lambda document: [audit_page(document)],
    "sensitivity": lambda document: [sensitivity_page(document)],
    "compare": lambda document: [compare_page(document)],
    "standing": lambda document: [standing_page(document)],
    "validity": lambda document: [validity_page(document)],
    "words": lambda document: [words_page(document)],
    "reproduce": reproduction_pages,
    "study": lambda document: [study_page(document)],
}


def room_pages() -> list[Page]:
    """The pages of the room that need no run: one a shipped scenario."""
    return scenario_pages()


def run_files(run: Run) -> Mapping[str, Callable[[], str]]:
    """The replays of the games that stand out, each one file that needs nothing else."""
    is_games = run.manifest.command in {"play", "study"} and "games" in run.tables()
    return replay_files(run) if is_games else {}


def run_pages(run: Run) -> list[Page]:
    """The pages of one run of this room, the main one first.

    Empty while the run has no tables or no report.

    Raises:
        CorruptRun: If the report is not what this version reads.
    """
    if run.manifest.command == "play":
        return study_pages(run) if "games" in run.tables() else []
    path = run.artifact("report.json")
    if not path.exists() or run.manifest.command not in _PAGES:
        return []
    try:
        document: dict[str, Any] = json.loads(path.read_bytes())
        pages = _PAGES[run.manifest.command](document)
        if document.get("has_human"):
            lead = f"{pages[0].lead} A person sat at the table of these games."
            pages[0] = dataclasses.replace(pages[0], lead=lead)
        return pages
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise CorruptRun(
            f"{path.name} of run {run.id} is not what this version reads"
            f" ({type(error).__name__}: {error})."
        ) from error

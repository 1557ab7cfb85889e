"""Which rooms have pages: a static table; each room's ``views`` is imported when needed.

A room's ``views`` module has

    run_pages(run) -> list[Page]    the pages of one run, the main one first;
                                    an empty list while there is nothing to show
    about() -> Section              how the room's numbers are made, and where the
                                    published ones differ

and may have

    room_pages() -> list[Page]      pages of the room that need no run
    run_files(run) -> {name: make}  further HTML files beside the run's pages, each
                                    whole in itself, with a policy of its own inside

A run of a room that is not in the table gets a page all the same: its manifest
and its tables.
"""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from quincunx.report import Page, Section
from quincunx.runs import Run

__all__ = ["ROOMS", "RoomPages", "Views"]


class Views(Protocol):
    """What a room's ``views`` module offers to the site."""

    def run_pages(self, run: Run) -> Sequence[Page]:
        """The pages of ``run``, the main one first; empty while there is nothing to show."""

    def about(self) -> Section:
        """How the room's numbers are made, for the page About the numbers."""


@dataclass(frozen=True)
class RoomPages:
    """One room of the site.

    Attributes:
        title: Word in the navigation.
        module: Dotted name of the room's ``views``.
        question: What the room answers, one sentence.
        first: A command to begin with that needs no network.
    """

    title: str
    module: str
    question: str
    first: str

    @property
    def views(self) -> Views:
        """The room's ``views``, imported now."""
        return cast(Views, importlib.import_module(self.module))

    def pages(self) -> Sequence[Page]:
        """Pages of the room that need no run."""
        make = getattr(self.views, "room_pages", None)
        return cast(Sequence[Page], make()) if make else ()

    def files(self, run: Run) -> Mapping[str, Callable[[], str]]:
        """File name -> what makes it, for files that are whole in themselves."""
        make = getattr(self.views, "run_files", None)
        return cast(Mapping[str, Callable[[], str]], make(run)) if make else {}


ROOMS: dict[str, RoomPages] = {
    "geometry": RoomPages(
        "Geometry",
        "quincunx.geometry.views",
        "Which points have these distances, and which of them can be known?",
        "quincunx geometry solve distances.csv --rank 3",
    ),
    "wargame": RoomPages(
        "Wargame",
        "quincunx.wargame.views",
        "How far do these agents escalate in a crisis, and who strikes first?",
        "quincunx wargame play --scenario neutral --games 10",
    ),
}

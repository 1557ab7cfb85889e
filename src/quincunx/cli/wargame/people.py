"""Who asks the person of a human seat: the terminal, or a page in the browser."""

import contextlib
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import click

from quincunx.cli.output import note
from quincunx.errors import InputError

if TYPE_CHECKING:
    from quincunx.runs import Run
    from quincunx.wargame.observation import Observation
    from quincunx.wargame.settings import PlaySettings
    from quincunx.wargame.types import Decision

__all__ = ["SEATS", "PersonSeat", "needs_seat", "person_at", "resume_with_person"]

SEATS = click.Choice(["terminal", "browser"])


class PersonSeat(Protocol):
    """A place where a person is asked; ``ask`` is what the room awaits."""

    async def ask(
        self, observation: "Observation", node: str, decision: "Decision | None" = None
    ) -> str:
        """Her decision in the reply format; or what she withdraws from ``decision``."""

    def finish(self, document: Mapping[str, Any]) -> None:
        """The game is over; this is its document."""

    def close(self) -> None:
        """Nobody will be asked again."""


@contextlib.contextmanager
def person_at(settings: "PlaySettings", place: str) -> "Iterator[PersonSeat | None]":
    """The person's seat where ``settings`` need one, else None; closed afterwards.

    Raises:
        InputError: For a terminal that is none, and for a browser without the extra.
    """
    if not needs_seat(settings):
        yield None
        return
    person = _browser() if place == "browser" else _terminal()
    try:
        yield person
    finally:
        person.close()


def needs_seat(settings: "PlaySettings") -> bool:
    """Whether somebody sits at the table or may veto."""
    scenario, seats = settings.resolve()
    if any(seat.policy == "human" for seat in seats):
        return True
    if not settings.interventions or all(seat.policy != "llm" for seat in seats):
        return False
    from quincunx.wargame.intervening import parse_interventions

    return parse_interventions(settings.interventions, scenario.cast).veto_from is not None


def resume_with_person(run: "Run", place: str) -> dict[str, Any]:
    """Finish a run of games; its person, if it has one, sits where she sat or at ``place``."""
    from quincunx.wargame.run import resume
    from quincunx.wargame.run_games import run_settings

    if run.manifest.command != "play":
        return resume(run)
    place = place or run.manifest.config.get("limits", {}).get("seat") or "terminal"
    with person_at(run_settings(run), place) as person:
        document = resume(run, person=person.ask if person else None)
        if person is not None:
            person.finish(document)
    return document


def _terminal() -> PersonSeat:
    from quincunx.cli.wargame.seat import TerminalSeat

    if not sys.stdin.isatty():
        raise InputError(
            "a human seat or a veto needs a terminal, and standard input is none; say"
            " --seat browser."
        )
    return TerminalSeat.here()


def _browser() -> PersonSeat:
    from quincunx.web.seat import BrowserSeat

    return BrowserSeat(lambda address: note(f"Decide at {address}  (Ctrl-C leaves; it can go on)"))

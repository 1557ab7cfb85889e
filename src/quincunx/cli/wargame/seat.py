"""A person's seat at the terminal: numbered actions, ``?`` for help, a summary to confirm.

Everything is said on stderr, so that stdout keeps the result alone. What others wrote
has lost its control characters in the briefing; what she types loses them here.
"""

import asyncio
import os
import shutil
import signal
import sys
import textwrap
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from quincunx.cli.output import aligned
from quincunx.documents.untrusted import strip_controls

if TYPE_CHECKING:
    from quincunx.wargame.briefing import Briefing, Choice, DayNews, Pick
    from quincunx.wargame.observation import Observation
    from quincunx.wargame.types import Decision

__all__ = ["ReadLine", "TerminalSeat", "terminal_lines"]

ReadLine = Callable[[], Awaitable[str | None]]
"""The next line without its end, or None when there will be no more."""

HELP = """\
NUMBER        take that act; you are asked whom it is aimed at
NUMBER WHOM   the same at once: 5 Red, or 5 2 for the second nation of the list
? NUMBER      what that action does
a             the list of actions
n             the nations today
d             all earlier days
o             your country and what it wants
w TEXT        a note why, for the record; nobody in the game reads it
u             take the last act back
empty line    end the day; you see a summary and confirm it
Ctrl-C        leave; the game waits and goes on where you left"""
_BOLD, _DIM, _WARN = "1", "2", "33"
_WIDEST = 96


class TerminalSeat:
    """Asks a person at a terminal; ``ask`` is the coroutine that the room calls.

    Args:
        read: Brings her lines.
        out: Where the seat speaks.
        is_plain: Whether to leave out bold and dim.
    """

    def __init__(self, read: ReadLine, out: TextIO, *, is_plain: bool = True) -> None:
        self._read, self._out, self._is_plain = read, out, is_plain

    @classmethod
    def here(cls) -> "TerminalSeat":
        """The seat at this process's terminal."""
        is_plain = bool(os.environ.get("NO_COLOR")) or not sys.stderr.isatty()
        return cls(terminal_lines(sys.stdin.fileno()), sys.stderr, is_plain=is_plain)

    async def ask(
        self, observation: "Observation", node: str, decision: "Decision | None" = None
    ) -> str:
        """Her decision for ``observation``; or what she withdraws from ``decision``."""
        from quincunx.wargame.briefing import briefing, picks_of, reply_text, veto_text

        told = briefing(observation, node)
        if decision is not None:
            return veto_text(await self._vetoed(told, picks_of(decision), decision.reasoning))
        self._open_day(told)
        picks, note = await _Turn(self, told).decided()
        self.say("Sent. The others decide.", _DIM)
        return reply_text(told, picks, note)

    async def _vetoed(
        self, told: "Briefing", picks: "Sequence[Pick]", reasoning: str
    ) -> Collection[int]:
        """Numbers of the acts that she withdraws from another's decision."""
        self.say()
        name = f"{told.nation} has decided, day {told.day} of {told.days}"
        self.say(name, _BOLD)
        self.say("=" * len(name), _DIM)
        if reasoning:
            self.say(f"Its reasons: {reasoning}", _DIM)
        for number, pick in enumerate(picks, start=1):
            self.say(f"{number:>3}  {_shown(pick)}")
        while True:
            answer = await self.line("Withdraw which? Numbers, all, n for the nations >")
            words = answer.replace(",", " ").split()
            if answer == "n":
                self.show_nations(told)
            elif answer.casefold() == "all":
                return range(1, len(picks) + 1)
            elif all(w.isdecimal() and 1 <= int(w[:9]) <= len(picks) for w in words):
                return {int(word) for word in words}
            else:
                self.say(
                    f"{answer[:40]!r} is none of 1 to {len(picks)}; an empty line lets all stand.",
                    _WARN,
                )

    def finish(self, document: Mapping[str, Any]) -> None:
        """Nothing more to say: the command prints the result."""

    def close(self) -> None:
        """Nothing is open."""

    # Speaking ---------------------------------------------------------------------

    def say(self, text: str = "", tone: str = "", *, indent: str = "") -> None:
        """``text`` wrapped to the terminal, a paragraph a line of it."""
        width = min(shutil.get_terminal_size((80, 24)).columns, _WIDEST)
        for line in strip_controls(text).split("\n"):
            wrapped = textwrap.wrap(
                line,
                max(width, 40),
                initial_indent=indent,
                subsequent_indent=indent + ("  " if indent else ""),
                replace_whitespace=False,
            )
            for row in wrapped or [""]:
                self._write(row, tone, "\n")

    def table(self, text: str, tone: str = "") -> None:
        """Lines that are set already."""
        for line in strip_controls(text).split("\n"):
            self._write(line, tone, "\n")

    async def line(self, prompt: str) -> str:
        """What she answers to ``prompt``; leaving the terminal interrupts the game."""
        self._write(strip_controls(prompt), _BOLD, " ")
        self._out.flush()
        answer = await self._read()
        if answer is None:
            signal.raise_signal(signal.SIGINT)
            await asyncio.Event().wait()
        return strip_controls(answer or "").strip()

    def _write(self, text: str, tone: str, end: str) -> None:
        styled = f"\x1b[{tone}m{text}\x1b[0m" if tone and text and not self._is_plain else text
        self._out.write(styled + end)

    # What she is shown --------------------------------------------------------------

    def _open_day(self, told: "Briefing") -> None:
        self.say()
        game = int(told.node.partition("/")[0].removeprefix("game") or 0)
        name = f"{told.nation}: day {told.day} of {told.days}" + (f", game {game}" if game else "")
        self.say(name, _BOLD)
        self.say("=" * len(name), _DIM)
        if told.news:
            self.show_day(told.news[-1])
        else:
            self.show_country(told)
        self.show_nations(told)
        self.show_actions(told)
        self.say()
        self.say(
            f"At most {told.cap} acts, messages not counted. NUMBER takes an act, ? helps, an empty"
            " line ends the day.",
            _DIM,
        )

    def show_country(self, told: "Briefing") -> None:
        """Who she is, and how it begins."""
        self.say(told.country)
        self.say(f"You want: {told.goals}")
        for event in told.opening:
            self.say(f"How it begins: {event}")

    def show_day(self, news: "DayNews") -> None:
        """What she knows of a past day."""
        self.say()
        self.say(f"Day {news.day}", _BOLD)
        for event in news.events:
            self.say(event)
        for act in sorted(news.acts, key=lambda act: not act.concerns_me):
            aim = f" -> {act.target}" if act.target else ""
            secret = " (private)" if act.is_private else ""
            mark = "* " if act.concerns_me else "  "
            self.say(f"{act.actor}: {act.action}{aim}{secret}", indent=mark)
        if not news.acts:
            self.say("No act that you know of.", _DIM, indent="  ")
        for words in news.words:
            self.say(f"{words.sender} writes to {words.to}:", indent="  ")
            for line in words.text.split("\n"):
                self.say(f"| {line}", indent="    ")
        for name, why in news.refused:
            self.say(f"Not carried out: {name} ({why})", _WARN, indent="  ")
        if news.narrative:
            self.say(f"Report: {news.narrative}", _DIM)

    def show_nations(self, told: "Briefing") -> None:
        """The state, a column a nation; arrows mark what moved yesterday."""
        own = [f"{s.nation}*" if s.nation == told.nation else s.nation for s in told.standings]
        rows = [["", *own]]
        for i, name in enumerate(told.variables):
            cells = (s.values[i] + _arrow(s.changes[i]) for s in told.standings)
            rows.append([name, *cells])
        self.say()
        self.table(aligned(rows))
        self.say("* you" + (", + and - moved yesterday" if told.news else ""), _DIM)

    def show_actions(self, told: "Briefing") -> None:
        """The numbered actions; closed ones say so."""
        self.say()
        self.say("Actions", _BOLD)
        for choice in told.choices:
            closed = f" (not open today: {choice.closed})" if choice.closed else ""
            self.say(f"{choice.number:>3}  {choice.name}{closed}", _DIM if closed else "")


class _Turn:
    """One day's decision while it is being made."""

    def __init__(self, seat: TerminalSeat, told: "Briefing") -> None:
        self.seat, self.told = seat, told
        self.picks: list[Pick] = []
        self.note = ""

    async def decided(self) -> "tuple[list[Pick], str]":
        """Her acts and her note, once she has confirmed them."""
        while True:
            used = sum(pick.content == "" for pick in self.picks)
            answer = await self.seat.line(
                f"{self.told.nation}, day {self.told.day}, {used} of {self.told.cap} acts >"
            )
            if answer:
                await self._command(answer)
            elif await self._is_confirmed():
                return self.picks, self.note

    async def _is_confirmed(self) -> bool:
        self.seat.say()
        if not self.picks:
            self.seat.say(f"{self.told.nation} does nothing today.")
        for pick in self.picks:
            self.seat.say(_shown(pick), indent="  ")
        while True:
            answer = (await self.seat.line("Send this? [Y/n]")).casefold()
            if answer in {"", "y", "yes"}:
                return True
            if answer in {"n", "no"}:
                self.seat.say("Go on, then; u takes the last act back.", _DIM)
                return False

    async def _command(self, answer: str) -> None:
        word, _, rest = answer.partition(" ")
        rest = rest.strip()
        if word.isdecimal():
            await self._take(word, rest)
        elif word.startswith("?"):
            self._help(word[1:] or rest)
        elif word == "w":
            self.note = rest
            self.seat.say("Noted." if rest else "The note is gone.", _DIM)
        elif word == "u":
            gone = self.picks.pop() if self.picks else None
            self.seat.say(
                f"Taken back: {_shown(gone)}" if gone else "There is nothing to take back."
            )
        elif word in {"a", "n", "d", "o"}:
            self._show(word)
        else:
            self.seat.say(f"{answer[:40]!r} is no number and no command; ? lists them.", _WARN)

    def _show(self, word: str) -> None:
        if word == "a":
            self.seat.show_actions(self.told)
        elif word == "n":
            self.seat.show_nations(self.told)
        elif word == "o":
            self.seat.show_country(self.told)
        else:
            for news in self.told.news:
                self.seat.show_day(news)
            if not self.told.news:
                self.seat.say("Nothing has happened yet.", _DIM)

    def _help(self, number: str) -> None:
        if not number:
            self.seat.table(HELP)
            return
        choice = self._choice(number)
        if choice is not None:
            aim = {"none": "needs no target", "other": "aimed at another nation"}
            terms = f"{aim.get(choice.target, 'to a nation, or to World for all')}, "
            seen = (
                "private unless sent to World" if choice.target == "message" else choice.visibility
            )
            self.seat.say(f"{choice.name} ({terms}{seen})", _BOLD)
            self.seat.say(choice.description)

    def _choice(self, number: str) -> "Choice | None":
        found = [c for c in self.told.choices if str(c.number) == number.lstrip("0")]
        if not found:
            n = len(self.told.choices)
            self.seat.say(f"There is no action {number[:10]}; the list has 1 to {n}.", _WARN)
        return found[0] if found else None

    async def _take(self, number: str, rest: str) -> None:
        """Add an act, asking for what it still needs."""
        from quincunx.wargame.briefing import Pick, problems

        choice = self._choice(number)
        if choice is None:
            return
        target, content = "", ""
        if choice.target != "none" and not choice.closed:
            is_message = choice.target == "message"
            targets = self.told.recipients if is_message else self.told.others
            target = await self._target(targets, rest)
            if target and is_message:
                content = await self.seat.line(f"Words to {target}:")
            if not target or (is_message and not content):
                self.seat.say("Left out.", _DIM)
                return
        pick = Pick(choice.name, target, content)
        wrong = [p for p in problems(self.told, [*self.picks, pick]) if p.number == len(self.picks)]
        if wrong:
            self.seat.say(wrong[0].sentence, _WARN)
        else:
            self.picks.append(pick)
            self.seat.say(f"+ {_shown(pick)}")

    async def _target(self, targets: Sequence[str], given: str) -> str:
        """One of ``targets``, by number or by the beginning of its name; empty for none."""
        listed = "  ".join(f"{i} {name}" for i, name in enumerate(targets, start=1))
        answer = given or await self.seat.line(f"Whom?  {listed} >")
        while answer:
            if answer.isdecimal() and 1 <= int(answer[:9]) <= len(targets):
                return targets[int(answer[:9]) - 1]
            named = [name for name in targets if name.casefold().startswith(answer.casefold())]
            if len(named) == 1 or answer.casefold() in {name.casefold() for name in named}:
                return next(
                    n for n in named if len(named) == 1 or n.casefold() == answer.casefold()
                )
            self.seat.say(f"{answer[:40]!r} is none of them.", _WARN)
            answer = await self.seat.line(f"Whom?  {listed} >")
        return ""


def terminal_lines(descriptor: int) -> ReadLine:
    """Lines from a terminal, awaited on the running loop so that others go on meanwhile."""
    waiting = bytearray()

    async def read() -> str | None:
        loop = asyncio.get_running_loop()
        while b"\n" not in waiting:
            ready = asyncio.Event()
            loop.add_reader(descriptor, ready.set)
            try:
                await ready.wait()
            finally:
                loop.remove_reader(descriptor)
            try:
                new = os.read(descriptor, 65536)
            except OSError:  # the terminal was closed
                new = b""
            if not new:
                return None
            waiting.extend(new)
        line, _, rest = bytes(waiting).partition(b"\n")
        waiting[:] = rest
        return line.decode("utf-8", "replace")

    return read


def _shown(pick: "Pick") -> str:
    aim = f" -> {pick.target}" if pick.target else ""
    words = f': "{pick.content}"' if pick.content else ""
    return f"{pick.action}{aim}{words}"


def _arrow(change: str) -> str:
    return change[:1]

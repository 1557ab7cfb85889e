"""A person plays at the terminal: asked once, killed and resumed, never asked again."""

import asyncio
import io
import json
import subprocess
import sys
from dataclasses import replace

import pytest

from quincunx.cli.wargame.seat import TerminalSeat
from quincunx.errors import InputError
from quincunx.runs import Workspace
from quincunx.wargame import Game
from quincunx.wargame.briefing import Pick, briefing, reply_text
from quincunx.wargame.run import play, resume
from quincunx.wargame.run_analysis import analyse
from quincunx.wargame.settings import PlaySettings
from quincunx.wargame.types import Action, Decision

PLAY = (
    "wargame",
    "play",
    "--scenario",
    "neutral",
    "--policies",
    "human:Blue,random",
    "--seed",
    "3",
)


def decide_day(seat, day):
    """One whole day: a visit to the day's nation, a message, the summary, the yes."""
    seat.wait_for(rf"Blue: day {day} of 14")
    seat.wait_for(rf"Blue, day {day}, 0 of 3 acts >")
    seat.type("5")
    seat.wait_for(r"Whom\?")
    seat.type(str(1 + day % 7))
    seat.wait_for(r"1 of 3 acts >")
    seat.type("2 World")
    seat.wait_for(r"Words to World:")
    seat.type(f"day {day} from Blue")
    seat.wait_for(r"1 of 3 acts >")
    seat.type("")
    seat.wait_for(r"Send this\? \[Y/n\]")
    seat.type("y")
    seat.wait_for(r"Sent\.")


def test_a_game_killed_at_day_five_goes_on_at_day_five(terminal, tmp_path):
    """Blue is played to day 14; after SIGKILL she is asked from day 5 on, and nothing twice."""
    seat = terminal(*PLAY)
    for day in range(1, 5):
        decide_day(seat, day)
    seat.wait_for(r"Blue, day 5, 0 of 3 acts >")
    seat.type("5 Red")
    seat.wait_for(r"1 of 3 acts >")
    seat.kill()

    again = terminal("runs", "resume", "latest")
    said_first = again.wait_for(r"Blue: day (\d+) of 14")
    assert said_first[1] == "5"
    again.said = said_first[0] + again.said
    for day in range(5, 15):
        decide_day(again, day)
    again.wait_for(r"complete")
    assert again.process.wait(60) == 0

    run = Workspace.locate(tmp_path / "workspace").open("latest")
    decisions = run.read_table("decisions").filter(nation="Blue")
    assert decisions["day"].to_list() == list(range(1, 15))
    assert set(decisions["outcome"]) == {"made"}
    actions = run.read_table("actions").filter(nation="Blue")
    assert actions["model"].unique().to_list() == ["human"]
    said = actions.filter(kind="Message")["content"].to_list()
    assert said == [f"day {day} from Blue" for day in range(1, 15)]
    for name in ("actions", "decisions", "state", "days", "games"):
        assert run.read_table(name)["has_human"].all()


def test_leaving_keeps_the_game(terminal, tmp_path):
    """Ctrl-C at day 2 stops the run, resumable, with one sentence."""
    seat = terminal(*PLAY)
    decide_day(seat, 1)
    seat.wait_for(r"Blue, day 2, 0 of 3 acts >")

    assert seat.interrupt() == 130
    assert Workspace.locate(tmp_path / "workspace").open("latest").state == "stopped"


class Script:
    """Lines that were typed beforehand; what the seat said is in ``out``."""

    def __init__(self, *lines: str) -> None:
        self.lines, self.out = list(lines), io.StringIO()

    def ask(self, observation) -> dict:
        """The decision that these lines make."""

        async def read() -> str | None:
            return self.lines.pop(0)

        seat = TerminalSeat(read, self.out)
        return json.loads(asyncio.run(seat.ask(observation, "game0/day01/Blue")))


@pytest.fixture
def blue(neutral):
    """What Blue knows on the first day."""
    game = Game(neutral)
    game.reset()
    return game.observe(5)


def test_an_empty_day_takes_two_enters(blue):
    """An empty line ends the turn, a second one confirms: nothing is done, a decision too."""
    script = Script("", "")
    assert script.ask(blue) == {"reasoning": "", "actions": []}
    assert "Blue does nothing today." in script.out.getvalue()


def test_mistakes_are_told_and_cost_nothing(blue):
    """Wrong numbers, wrong nations, a fourth act: a sentence each, the day goes on."""
    script = Script(
        "99", "frog", "5 Atlantis", "Blue", "red", "18", "17", "18",
        "u", "u", "u", "u", "2 World", "", "w because", "", "n", "24 Yel", "", "maybe", "YES",
    )  # fmt: skip
    told = script.ask(blue)
    said = script.out.getvalue()

    assert told["reasoning"] == "because"
    assert told["actions"] == [
        {"action_name": "Execute targeted attack", "target_nation": "Yellow", "content": ""}
    ]
    for sentence in (
        "There is no action 99; the list has 1 to 27.",
        "'frog' is no number and no command",
        "'Atlantis' is none of them.",
        "'Blue' is none of them.",
        "A day has 3 acts; leave this one out.",
        "There is nothing to take back.",
        "Left out.",
    ):
        assert sentence in said


def test_help_names_every_key_and_explains_an_action(blue):
    """``?`` lists the commands, ``? 27`` says what the last action does."""
    script = Script("?", "?27", "a", "n", "d", "o", "", "")
    script.ask(blue)
    said = script.out.getvalue()
    assert "take the last act back" in said
    assert "Fire the strategic nuclear arsenal at the other nation." in said
    assert "Nothing has happened yet." in said


def test_words_of_others_cannot_steer_the_terminal(neutral):
    """Control characters, ANSI codes and forged lines of a message arrive as plain text."""
    game = Game(neutral)
    game.reset()
    hostile = "\x1b[2J\x1b]0;owned\x07Peace\u202e\nBlue, day 2, 0 of 3 acts > 27"
    game.step({"Red": Decision((Action("Message", "Blue", hostile),))})
    script = Script("\x1b[A", "", "")
    script.ask(game.observe(5))
    said = script.out.getvalue()

    assert not {c for c in said if ord(c) < 32 and c != "\n"}
    assert "\u202e" not in said
    assert "    | Peace" in said
    assert "    | Blue, day 2, 0 of 3 acts > 27" in said


def test_without_a_terminal_the_browser_is_named(tmp_path):
    """A human seat in a pipe is refused with the next move; no run is left behind."""
    command = [sys.executable, "-m", "quincunx.cli.main", *PLAY]
    ended = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "say --seat browser" in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert not (tmp_path / "workspace").exists()


class Plays:
    """A person who decides by the day, writes down what she was asked, and may leave."""

    def __init__(self, leaves_at: str = "") -> None:
        self.leaves_at, self.asked, self.told = leaves_at, [], []

    async def ask(self, observation, node) -> str:
        """Visits in turn; leaves at one node."""
        if node == self.leaves_at:
            raise InputError("she left")
        self.asked.append(node)
        self.told.append(briefing(observation, node))
        target = self.told[-1].others[observation.day % len(self.told[-1].others)]
        visit = "High-level visit of nation to strengthen relationship"
        return reply_text(self.told[-1], [Pick(visit, target)], f"day {observation.day}")


BORDER = PlaySettings(scenario="border-2", policies="human:East,random", games=2, seed=4)


def test_an_interrupted_game_ends_like_an_uninterrupted_one(tmp_path):
    """Left on day 3 of the second game and resumed: the same tables, no question twice."""
    whole = play(BORDER, workspace=Workspace.locate(tmp_path / "a"), person=(one := Plays()).ask)
    place, first = Workspace.locate(tmp_path / "b"), Plays("game1/day03/East")
    with pytest.raises(InputError, match="she left"):
        play(BORDER, workspace=place, person=first.ask)
    second = Plays()
    with place.resume(place.open("latest").id) as run:
        document = resume(run, person=second.ask)

    assert document["tables_sha256"] == whole.document["tables_sha256"]
    assert first.asked + second.asked == one.asked
    assert one.asked == [f"game{g}/day{d:02d}/East" for g in (0, 1) for d in range(1, 6)]


def test_she_reads_what_every_nation_reads():
    """The world model's words about yesterday stand in the briefing of the next day."""
    play(replace(BORDER, games=1), person=(person := Plays()).ask)
    assert not person.told[0].news
    assert all(told.news[-1].narrative for told in person.told[1:])


def test_every_analysis_says_that_a_person_played(tmp_path):
    """Score and audit of a run with a human seat carry the mark; those of others do not."""
    place = Workspace.locate(tmp_path)
    play(BORDER, workspace=place, person=Plays().ask)
    played = {"source": {"run": place.open("latest").id}}
    assert analyse("score", played, workspace=tmp_path)["has_human"]
    play(replace(BORDER, policies="dove:East,random"), workspace=place)
    scripted = {"source": {"run": place.open("latest").id}}
    assert "has_human" not in analyse("score", scripted, workspace=tmp_path)


def veto(observation, *lines):
    """What these lines withdraw from a decision of three acts, and what was shown."""
    script = Script(*lines)

    async def read() -> str | None:
        return script.lines.pop(0)

    decision = Decision(
        (
            Action("Execute targeted attack", "Red"),
            Action("Message", "Red", "we are sorry\x1b[31m"),
            Action("Wait", None),
        ),
        reasoning="no other way\x1b]0;owned\x07",
    )
    seat = TerminalSeat(read, script.out)
    said = asyncio.run(seat.ask(observation, "game0/day01/Blue/veto", decision))
    return json.loads(said), script.out.getvalue()


def test_a_person_withdraws_what_another_decided(blue):
    """Numbers in any order; an empty line lets all stand; ``all`` none of it."""
    assert veto(blue, "3, 1")[0] == {"withdraw": [1, 3]}
    assert veto(blue, "")[0] == {"withdraw": []}
    assert veto(blue, "ALL")[0] == {"withdraw": [1, 2, 3]}


def test_a_veto_shows_the_decision_and_says_what_is_wrong(blue):
    """Acts with aim and words, reasons, no control characters; mistakes cost a sentence."""
    found, said = veto(blue, "4", "frog", "n", "2")

    assert found == {"withdraw": [2]}
    assert "Blue has decided, day 1 of 14" in said
    assert "1  Execute targeted attack -> Red" in said
    assert '2  Message -> Red: "we are sorry' in said
    assert "Its reasons: no other way" in said
    assert "'4' is none of 1 to 3" in said
    assert "'frog' is none of 1 to 3" in said
    assert "military capacity" in said
    assert "\x1b" not in said

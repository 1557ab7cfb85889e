"""A person plays in a real browser: a plain form, closed and reopened, killed and resumed."""

import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from quincunx.runs import Workspace
from quincunx.wargame import Game
from quincunx.wargame.briefing import briefing, problems
from quincunx.web.seat import BrowserSeat
from quincunx.web.seat_form import empty_form, read_form

PLAY = (
    "wargame", "play", "--scenario", "neutral", "--policies", "human:Blue,random",
    "--seed", "3", "--seat", "browser",
)  # fmt: skip


class Server:
    """A command with a seat in the browser, and where that is."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "quincunx.cli.main", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        found = None
        for line in self.process.stderr:
            found = re.search(r"http://127\.0\.0\.1:\d+/[\w-]{20,}/", line)
            if found:
                break
        assert found, "no address was printed"
        self.address = found[0]

    def send(self, fields: dict[str, str], **headers: str) -> tuple[int, str]:
        """POST a form; status and text, redirects not followed."""
        data = urllib.parse.urlencode(fields).encode()
        request = urllib.request.Request(self.address, data, headers)
        opener = urllib.request.build_opener(_Stay)
        try:
            with opener.open(request, timeout=30) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def page(self) -> str:
        """The page as it is now."""
        with urllib.request.urlopen(self.address, timeout=30) as reply:
            return reply.read().decode()

    def close(self) -> None:
        """End it whatever it does."""
        self.process.kill()
        self.process.communicate()


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any, **keywords: Any) -> None:
        return None


@pytest.fixture
def served() -> Iterator[Any]:
    """``served("wargame", "play", ...)`` starts a command whose seat is a page."""
    started: list[Server] = []

    def start(*arguments: str) -> Server:
        started.append(Server(*arguments))
        return started[-1]

    yield start
    for one in started:
        one.close()


def field(page: str, name: str) -> str:
    """The value of a hidden field."""
    return re.search(rf'name="{name}" value="([^"]*)"', page)[1]


def watched(browser, told: list[str], **options):
    """A new page that writes down what it should never see."""
    page = browser.new_context(**options).new_page()
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("dialog", lambda dialog: told.append(dialog.message))
    page.on("console", lambda line: "422" in line.text or told.append(line.text))
    page.on("request", lambda r: "//127.0.0.1:" in r.url or told.append(f"asked {r.url}"))
    return page


def decide_day(page, day: int) -> None:
    """One day by keyboard and form."""
    page.get_by_role("heading", name=f"Day {day} of 14").wait_for()
    page.select_option("#act0", "High-level visit of nation to strengthen relationship")
    page.select_option("#aim0", "Red")
    page.select_option("#to0", "World")
    page.fill("#words0", f"day {day} from Blue")
    page.press("#words0", "Tab")
    page.focus("button[name=send]")
    page.keyboard.press("Enter")


@pytest.mark.browser
def test_a_game_killed_at_day_five_goes_on_at_day_five(served, chromium, tmp_path):
    """Without JavaScript Blue is played to day 14; after SIGKILL the page asks from day 5 on."""
    told: list[str] = []
    seat = served(*PLAY)
    page = watched(chromium, told, java_script_enabled=False)
    page.goto(seat.address)
    for day in range(1, 5):
        decide_day(page, day)
    page.get_by_role("heading", name="Day 5 of 14").wait_for()
    page.close()  # closed, and opened again elsewhere: the same question
    page = watched(chromium, told, java_script_enabled=False)
    page.goto(seat.address)
    assert page.locator("h1").inner_text() == "Day 5 of 14"
    seat.process.kill()
    seat.process.wait()

    again = served("runs", "resume", "latest", "--json")
    assert again.address != seat.address
    page.goto(again.address)
    for day in range(5, 15):
        decide_day(page, day)
    page.get_by_role("heading", name="The game is over").wait_for()
    assert again.process.wait(60) == 0

    run = Workspace.locate(tmp_path / "workspace").open("latest")
    decisions = run.read_table("decisions").filter(nation="Blue")
    assert decisions["day"].to_list() == list(range(1, 15))
    said = run.read_table("actions").filter(nation="Blue", kind="Message")["content"].to_list()
    assert said == [f"day {day} from Blue" for day in range(1, 15)]
    assert told == []


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_errors_stand_beside_their_fields(served, chromium, width, scheme):
    """A target forgotten, words without a reader: nothing is sent and nothing typed is lost."""
    told: list[str] = []
    seat = served(*PLAY)
    page = watched(chromium, told, viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto(seat.address)
    page.select_option("#act1", "Execute targeted attack")
    page.fill("#words0", "Peace, </textarea><script>alert(1)</script>")
    page.fill("#why", "because")
    page.click("button[name=more]")
    assert page.locator("textarea[name^=words]").count() == 4
    assert page.locator(":focus").get_attribute("id") == "to2"
    page.click("button[name=send]")

    assert page.locator("#aim1-error").inner_text() == "Choose the nation this is aimed at."
    assert page.locator("#aim1").get_attribute("aria-describedby") == "aim1-error"
    assert page.locator("#to0-error").inner_text().startswith("Choose whom to write to")
    assert page.locator("#act1").input_value() == "Execute targeted attack"
    assert page.locator("#words0").input_value().endswith("<script>alert(1)</script>")
    assert page.locator("#why").input_value() == "because"
    assert page.locator("#errors a").count() == 2
    assert page.locator(":focus").get_attribute("id") == "aim1"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.select_option("#aim1", "Red")
    page.select_option("#to0", "Red")
    page.click("button[name=send]")
    assert page.locator("h1").inner_text() == "Day 2 of 14"
    assert "<script>alert(1)</script>" in page.locator("blockquote").first.inner_text()
    assert told == []


@pytest.mark.browser
def test_the_keyboard_alone_reaches_everything(served, chromium):
    """The first Tab offers a way to the form; from there Tab, arrows and Enter decide the day."""
    seat = served(*PLAY)
    page = watched(chromium, [])
    page.goto(seat.address)
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to your decision"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("id") == "act0"
    page.keyboard.type("Wait")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.locator(":focus").get_attribute("name") == "send":
            break
    page.keyboard.press("Enter")
    # Not a function that polls: it fails when it runs between two pages.
    page.get_by_role("heading", name="Day 2 of 14").wait_for()


MODELS = Path(__file__).parents[1] / "llm"
VETO = (
    "wargame", "play", "--scenario", "neutral", "--policies", "llm:Blue,dove", "--days", "2",
    "--model", "scripted/war_models:nuclear", "--intervention", "veto@violent",
    "--seat", "browser", "--json",
)  # fmt: skip


@pytest.mark.browser
def test_a_person_vetoes_in_the_browser(served, chromium, tmp_path, monkeypatch):
    """Without JavaScript: a strike is withdrawn on the first day, let through on the second."""
    monkeypatch.setenv("PYTHONPATH", str(MODELS))
    told: list[str] = []
    seat = served(*VETO)
    page = watched(chromium, told, java_script_enabled=False)
    page.goto(seat.address)
    assert page.locator("h1").inner_text() == "Blue day 1 of 2"
    assert "Pink" in page.locator("label[for=act1]").inner_text()
    assert page.locator(":focus").get_attribute("id") == "act1"
    assert page.locator("label[for=act1]").bounding_box()["width"] > 300
    page.keyboard.press("Space")
    page.click("button[name=send]")
    page.get_by_role("heading", name="Blue day 2 of 2").wait_for()
    assert page.locator("input[type=checkbox]:checked").count() == 0
    page.click("button[name=send]")
    page.get_by_role("heading", name="The game is over").wait_for()
    assert seat.process.wait(60) == 0

    run = Workspace.locate(tmp_path / "workspace").open("latest")
    acts = run.read_table("actions").filter(nation="Blue")
    strikes = acts.filter(kind="Execute full nuclear attack")
    assert strikes["day"].to_list() == [2]
    assert acts.height == 3
    assert run.read_table("games")["has_human"].all()
    assert told == []


def test_a_veto_takes_only_the_boxes_of_its_page(served, monkeypatch):
    """Numbers that are no box withdraw nothing; a wrong token or an old page decides nothing."""
    monkeypatch.setenv("PYTHONPATH", str(MODELS))
    seat = served(*VETO)
    page = seat.page()
    good = {"token": field(page, "token"), "node": field(page, "node")}

    assert good["node"] == "game0/day01/Blue/veto"
    assert seat.send({**good, "token": "x" * 32, "withdraw": "1"})[0] == 403
    assert seat.send({**good, "withdraw": "9"})[0] == 303
    assert field(seat.page(), "node") == "game0/day02/Blue/veto"
    assert seat.send({**good, "withdraw": "1"})[0] == 303
    assert field(seat.page(), "node") == "game0/day02/Blue/veto"


def test_only_the_page_itself_can_decide(served):
    """A wrong token, address, host or origin decides nothing; a form sent twice decides once."""
    seat = served(*PLAY)
    page = seat.page()
    good = {"token": field(page, "token"), "node": field(page, "node"), "send": "1"}

    assert seat.send({**good, "token": "x" * 32})[0] == 403
    assert seat.send({"send": "1"})[0] == 403
    assert seat.send(good, Origin="http://evil.example")[0] == 403
    assert seat.send(good, Origin="null")[0] == 403
    assert seat.send(good, Host="evil.example")[0] == 421
    assert seat.send({**good, "why": "x" * 300_000})[0] == 413
    assert seat.send({**good, "act0": "Launch everything"})[0] == 422
    assert field(seat.page(), "node") == "game0/day01/Blue"
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(seat.address.replace(good["token"], "guess"), timeout=30)

    assert seat.send(good)[0] == 303
    assert field(seat.page(), "node") == "game0/day02/Blue"
    assert seat.send(good)[0] == 303
    assert field(seat.page(), "node") == "game0/day02/Blue"


def test_the_page_allows_no_script_and_no_frame(served):
    """The policy forbids every script, every frame and every form but our own."""
    seat = served(*PLAY)
    with urllib.request.urlopen(seat.address, timeout=30) as reply:
        policy = reply.headers["Content-Security-Policy"]
        page = reply.read().decode()
    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert "script-src" not in policy
    assert "form-action 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "<script" not in page
    assert " style=" not in page


def test_without_the_extra_one_sentence_says_how(monkeypatch):
    """``--seat browser`` without the web extra names it, before anything is written."""
    from quincunx.errors import InputError

    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(InputError, match=r"pip install 'quincunx\[web\]'"):
        BrowserSeat(print)


@pytest.fixture
def two_kinds(neutral):
    """Blue's first day in a cast with two kinds of message, the second one closed."""
    game = Game(neutral)
    game.reset()
    told = briefing(game.observe(5))
    threat = told.messages[0]._replace(number=28, name="Threat", written="Threat", closed="not yet")
    return replace(told, choices=(*told.choices, threat))


def test_every_kind_of_message_can_be_chosen(two_kinds):
    """The form names the kinds; a row without one is the first, an unknown one is refused."""
    page = BrowserSeat(print)._rendered("seat.html", told=two_kinds, form=empty_form(two_kinds))
    fields = {
        "to0": ["Red"], "words0": ["leave"], "say0": ["Threat"],
        "to1": ["Red"], "words1": ["peace"],
    }  # fmt: skip
    form = read_form(two_kinds, fields)

    assert 'name="say0"' in page
    assert "Threat (not open today)" in page
    assert [pick.action for pick in form.picks] == ["Threat", "Message"]
    (wrong,) = problems(two_kinds, form.picks)
    assert (wrong.number, wrong.sentence) == (0, "This is not open today: not yet.")
    shown = BrowserSeat(print)._rendered(
        "seat.html", told=two_kinds, form=form.with_problems([wrong])
    )
    assert 'id="to0-error">This is not open today' in shown


def test_one_kind_of_message_is_not_asked_for(neutral):
    """The published cast has one: the form stays as short as it was."""
    game = Game(neutral)
    game.reset()
    told = briefing(game.observe(5))
    page = BrowserSeat(print)._rendered("seat.html", told=told, form=empty_form(told))
    assert 'name="to0"' in page
    assert 'name="say0"' not in page

"""The replay page: one file, no request, safe against what models and people write."""

import json
import re

import pytest

from quincunx.errors import InputError
from quincunx.runs import Workspace
from quincunx.wargame import rule_named
from quincunx.wargame.playing import Scripted, play_scripted
from quincunx.wargame.recording import Recorder
from quincunx.wargame.replay import MAX_BYTES, game_view, replay_html
from quincunx.wargame.replay.page import safe_json
from quincunx.wargame.run import play
from quincunx.wargame.run_replay import write_replay
from quincunx.wargame.seats import parse_policies
from quincunx.wargame.settings import PlaySettings
from quincunx.wargame.tabling import game_tables

HOSTILE = (
    "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>\u2028\x1b[31m"
)


@pytest.fixture
def hostile_page(border, tmp_path) -> str:
    """A page of a game whose names, messages and narrative are attacks."""
    path = tmp_path / "log.jsonl"
    rows = [
        {"day": 1, "self": "East", "other": "West", "action": "Message", "content": HOSTILE},
        {"day": 1, "self": "East", "other": "../../x", "action": HOSTILE},
        {"day": 2, "self": "West", "other": "=cmd()", "action": "=cmd()"},
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows))
    table = Scripted(border, parse_policies(f"recorded:{path}", border.cast))
    record = Recorder().record({0: play_scripted(table, seed=0, number=0).log})
    rule = rule_named("published-2024")
    tables = game_tables([record], border, seats=[HOSTILE, "recorded"], rule=rule)
    view = game_view(tables, 0, border, rule=rule, title=HOSTILE, narratives=[HOSTILE] * 5)
    return replay_html([view])


def test_hostile_texts_cannot_leave_their_place(hostile_page):
    """No text closes an element, opens one, or breaks the data block."""
    assert hostile_page.count("<script") == 2
    assert hostile_page.count("</script>") == 2
    assert "<img" not in hostile_page
    assert "\u2028" not in hostile_page
    assert "\x1b" not in hostile_page
    block = re.search(r'id="data">(.*?)</script>', hostile_page, re.DOTALL)
    assert block is not None
    assert json.loads(block[1])["games"][0]["acts"][0][7].startswith("</script>")


def test_the_policy_allows_our_style_and_script_alone(hostile_page):
    """The content security policy names two hashes and forbids everything else."""
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', hostile_page)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy[1]
    body = hostile_page.split("<body>")[1].split("<script")[0]
    assert not re.search(r"<[^>]*\b(src|href|style)=", body)


@pytest.mark.browser
def test_a_browser_runs_nothing_of_it(hostile_page, tmp_path):
    """In Chromium: our script runs, theirs does not; no request, no violation."""
    sync = pytest.importorskip("playwright.sync_api")
    path = tmp_path / "page.html"
    path.write_text(hostile_page, encoding="utf-8")
    told, requests = [], []
    with sync.sync_playwright() as session:
        browser = session.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
        )
        page = browser.new_page()
        page.set_default_timeout(120_000)  # two cores may be busy with other tests
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("dialog", lambda dialog: told.append(dialog.message))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(path.as_uri())
        page.keyboard.press("ArrowRight")
        page.check("input[type=checkbox]")
        assert page.title() != "owned"
        assert page.locator("output").inner_text() == "Day 2 of 5"
        assert page.locator("#live table").count() > 2
        assert not page.locator("#plain").is_visible()
        browser.close()
    assert told == []
    assert requests == [path.as_uri()]


def test_every_day_is_there_without_javascript(tmp_path):
    """The plain part shows each day's acts and numbers as tables."""
    workspace = Workspace.locate(tmp_path / "ws")
    play(PlaySettings(scenario="invasion", games=2), workspace=workspace)
    run = workspace.open("latest")
    found = write_replay(run, [0, 1])
    page = (run.folder / "artifacts" / "replay-game-0-game-1.html").read_text(encoding="utf-8")

    assert found["bytes"] == len(page.encode()) < 2 * MAX_BYTES
    assert page.count("<h3>Day ") == 28
    assert "Orange has begun a full-scale attack on Purple" in page
    with pytest.raises(InputError, match="no game 7"):
        write_replay(run, [7])


def test_data_survive_the_escaping():
    """What is escaped for the page reads back as it was."""
    assert json.loads(safe_json({"a": HOSTILE})) == {"a": HOSTILE}

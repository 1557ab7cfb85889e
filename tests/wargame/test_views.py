"""Pages of wargame runs: made from the documents, safe against hostile names, complete."""

import json
from pathlib import Path

import pytest

from quincunx.errors import CorruptRun
from quincunx.report import Grid, Link, json_text, standalone_html, to_markdown
from quincunx.runs import Workspace
from quincunx.wargame import scenario as scenario_module
from quincunx.wargame.run import play
from quincunx.wargame.run_analysis import analyse
from quincunx.wargame.run_validity import probe
from quincunx.wargame.scenario import load_scenario, scenario_names
from quincunx.wargame.settings import PlaySettings
from quincunx.wargame.views import about, run_files, run_pages, scenario_page
from quincunx.web.site import Site


@pytest.fixture(scope="module")
def workspace(tmp_path_factory) -> Workspace:
    """One small run of games on two nations, and every analysis of it."""
    place = Workspace.locate(tmp_path_factory.mktemp("views"))
    settings = PlaySettings(scenario="border-2", policies="hawk:East,random", games=3, seed=4)
    run = play(settings, workspace=place).document["run"]
    source = {"source": {"run": run}, "seed": 0}
    analyse("score", {**source, "reaction": True}, workspace=place.folder)
    analyse("audit", source, workspace=place.folder)
    analyse("sensitivity", {**source, "draws": 20}, workspace=place.folder)
    other = play(
        PlaySettings(scenario="border-2", policies="dove", games=3, seed=4), workspace=place
    )
    analyse("compare", {"runs": [run, other.document["run"]]}, workspace=place.folder)
    probe(settings, ["order"], variants=2, workspace=place)
    return place


def pages_by_command(workspace):
    """The pages of the newest run of each command."""
    found = {}
    for listed in workspace.list():
        run = workspace.open(listed.id)
        found.setdefault(run.manifest.command, run_pages(run))
    return found


def test_every_kind_of_run_has_a_page_in_every_format(workspace):
    """Play, score, audit, sensitivity, compare and validity render as HTML, Markdown, JSON."""
    found = pages_by_command(workspace)
    assert set(found) == {"play", "score", "audit", "sensitivity", "compare", "validity"}
    for pages in found.values():
        for page in pages:
            html = standalone_html(page, interactive=False)
            assert page.title in html
            assert "nan" not in html.lower().replace("nanc", "").replace("govern", "")[:200]
            assert to_markdown(page)
            assert json.loads(json_text(page))


def test_the_study_page_leads_to_the_games_that_stand_out(workspace):
    """Worst, most uneven and mildest games are pages of their own, one link away."""
    run = next(
        workspace.open(r.id)
        for r in workspace.list()
        if r.command == "play" and len(run_pages(workspace.open(r.id))) > 1
    )
    study, *games = run_pages(run)
    assert study.slug == "study"
    grid = next(b for s in study.sections for b in s.blocks if getattr(b, "title", "") == "Games")
    targets = {row["game"].target for row in grid.rows if isinstance(row["game"], Link)}
    assert targets == {f"runs/{run.id}/{page.slug}.html" for page in games}
    assert "quincunx wargame replay" in to_markdown(games[0])


def test_pages_say_what_the_document_says(workspace):
    """The mean shown on the score page is the one that --json prints."""
    run = next(workspace.open(r.id) for r in workspace.list() if r.command == "score")
    document = json.loads(run.artifact("report.json").read_bytes())
    text = json_text(run_pages(run)[0])
    for cell in document["cells"]:
        assert repr(cell["mean"]) in text


def test_a_damaged_report_is_named(workspace):
    """A report that this version cannot read is a corrupt run, not a stack trace."""
    run = next(workspace.open(r.id) for r in workspace.list() if r.command == "audit")
    path = run.artifact("report.json")
    kept = path.read_bytes()
    path.write_text("{}")
    try:
        with pytest.raises(CorruptRun, match="not what this version reads"):
            run_pages(run)
    finally:
        path.write_bytes(kept)


def test_about_names_the_published_deviations():
    """The page About the numbers tells where the published numbers differ."""
    text = str(about())
    assert "256" in text
    assert "not real crises" in text


def test_replays_of_the_games_that_stand_out_lie_beside_the_pages(workspace):
    """A game's page links its replay, and the site holds that file, whole in itself."""
    run = next(workspace.open(r.id) for r in workspace.list() if r.command == "play")
    site = Site(workspace)
    for name, make in run_files(run).items():
        content = site.get(f"runs/{run.id}/{name}")
        assert content is not None
        assert content.is_whole
        assert content.body.decode() == make()
    for page in run_pages(run)[1:]:
        assert f"replay-{page.slug}.html" in run_files(run)


def test_words_are_held_against_deeds_where_there_are_any(tmp_path):
    """A promise of peace broken the same day stands on the study page; silence has no section."""
    path = tmp_path / "log.csv"
    path.write_text(
        "day,self,other,action,content\n"
        "1,East,West,Message,We want peace with you.\n"
        "1,East,West,Execute targeted attack,\n"
    )
    place = Workspace.locate(tmp_path / "ws")
    play(PlaySettings(scenario="border-2", policies=f"recorded:{path}"), workspace=place)
    study = run_pages(place.open("latest"))[0]
    grid = next(b for s in study.sections if s.title == "Words" for b in s.blocks)
    assert [(row["promises"], row["broken"]) for row in grid.rows] == [(1, 1)]
    play(PlaySettings(scenario="border-2"), workspace=place)
    assert "Words" not in {s.title for s in run_pages(place.open("latest"))[0].sections}


def _grids(page):
    """The tables of a page by title."""
    blocks = [block for section in page.sections for block in section.blocks]
    return {block.title: block for block in blocks if isinstance(block, Grid)}


@pytest.mark.parametrize("name", scenario_names())
def test_every_shipped_scenario_has_a_page(name):
    """All nations and actions by name, no id left over, every event, the frozen hash."""
    scenario = load_scenario(name)
    page = scenario_page(scenario)
    text = to_markdown(page)

    assert "{n" not in text
    for nation in scenario.cast.nations:
        assert nation.label in text
    for kind in scenario.cast.actions:
        assert kind.name in text
    assert scenario.sha256[:12] in text
    assert text.count("Before the first day:") == sum(not event.day for event in scenario.events)
    grids = _grids(page)
    assert len(grids["Actions"].rows) == len(scenario.cast.actions)
    assert len(grids["Distances"].rows) == scenario.nations


def test_a_scenario_page_says_what_the_file_says():
    """Read from the shipped file by hand: points, effects, needs, who sees a secret."""
    grids = _grids(scenario_page(load_scenario("invasion")))
    acts = {row["name"]: row for row in grids["Actions"].rows}
    changes = {row["name"]: row for row in grids["What they change"].rows}
    start = {row["label"]: row for row in grids["At the start"].rows}

    assert acts["Execute full nuclear attack"]["points"] == 60.0
    assert acts["Execute full nuclear attack"]["needs"] == "nuclear >= 10"
    assert acts["Occupy border city of attacked nation"]["category"] == "not scored"
    assert acts["Execute cybersecurity attack"]["seen"] == "both nations"
    assert acts["Wait"]["seen"] == "the nation alone"
    assert "population ×0.4" in changes["Execute full nuclear attack"]["other"]
    assert "territory −8*" in changes["Execute full nuclear attack"]["other"]
    assert (start["Purple"]["nuclear"], start["White"]["nuclear"]) == (False, True)
    assert start["Purple"]["gdp"] == 37.6


def test_the_site_has_the_scenarios_without_any_run(tmp_path):
    """An empty workspace shows what can be played, one link from the room's page."""
    site = Site(Workspace.locate(tmp_path))
    landing = site.get("wargame/index.html").body.decode()
    for name in scenario_names():
        assert f'href="scenario-{name}.html"' in landing
        assert site.get(f"wargame/scenario-{name}.html")
    assert "wargame/scenario-neutral.md" in dict(site.contents())


def test_a_scenario_of_ones_own_is_shown_and_cannot_run_anything(tmp_path):
    """Hostile words in a file are words; what is not published says so."""
    evil = "</td><script>alert(1)</script> {n1} =cmd()"
    source = Path(scenario_module.__file__).parent / "scenarios" / "border-2-v1.yaml"
    path = tmp_path / "mine.yaml"
    text = source.read_text(encoding="utf-8").replace("name: border-2\n", "name: mine\n", 1)
    head, _, _ = text.partition("events:")
    path.write_text(f"{head}events:\n  - day: 1\n    text: {json.dumps(evil)}\n")
    page = scenario_page(load_scenario(path))
    html = standalone_html(page, interactive=False)

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; East" in html
    assert "not published" in html

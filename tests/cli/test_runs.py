"""``quincunx runs``: every verb as text and as one JSON document, mistakes in one sentence."""

import sys
import types
from pathlib import Path

import polars as pl
import pytest

from quincunx.runs import Workspace


def document_of(run):
    """What the toy room's command prints."""
    return {"schema": "quincunx.toy.job/1", "n": len(run.ledger.units()), "rows": [1, 2]}


@pytest.fixture
def toy(monkeypatch):
    """A room ``toy`` that can go on with its runs."""

    def resume(run):
        run.ledger.put("u2", 2)
        run.finish("complete")
        return document_of(run)

    room, module = types.ModuleType("quincunx.toy"), types.ModuleType("quincunx.toy.run")
    room.__path__ = []
    module.resume = resume
    monkeypatch.setitem(sys.modules, "quincunx.toy", room)
    monkeypatch.setitem(sys.modules, "quincunx.toy.run", module)


@pytest.fixture
def made():
    """Make a toy run in the workspace of this test; its id."""

    def make(status="stopped", value=1.0, **inputs):
        with Workspace.locate().create("toy", "job", config=inputs) as run:
            run.ledger.put("u1", 1)
            run.write_table("points", pl.DataFrame({"k": [1], "x": [value]}), key=("k",))
            run.finish(status, summary={"points": 1})
        return run.id

    return make


def test_list_shows_state_and_is_one_document(quincunx, made):
    """Newest first; --room and --limit choose; older runs are counted."""
    first, second = made("complete"), made()
    text = quincunx("runs", "list")
    assert text.out.splitlines()[0].split() == ["RUN", "COMMAND", "STATE", "CREATED"]
    assert [line.split()[0] for line in text.out.splitlines()[1:]] == [second, first]
    document = quincunx("runs", "list", "--limit", 1, "--json").json
    assert document["n"] == 2
    assert [(run["id"], run["state"]) for run in document["runs"]] == [(second, "stopped")]
    assert document["runs"][0]["resume"] == f"quincunx runs resume {second}"
    assert quincunx("runs", "list", "--room", "geometry", "--json").json["runs"] == []
    assert "1 older runs are not shown" in quincunx("runs", "list", "--limit", 1).err


def test_list_of_nothing(quincunx):
    """An empty workspace is no mistake; the JSON document is there."""
    assert quincunx("runs", "list", "--json").json == {
        "schema": "quincunx.runs.list/1", "n": 0, "runs": [],
    }  # fmt: skip
    assert (quincunx("runs", "list").code, quincunx("runs", "list").out) == (0, "")


def test_show_tells_all_and_how_to_go_on(quincunx, made):
    """Settings, rows, tables, summary, and the next command."""
    name = made(rank=3)
    text = quincunx("runs", "show", "latest").out
    for line in (
        "state      stopped",
        "config.rank",
        "ledger.unit",
        "table.points",
        "summary.points",
    ):
        assert line.split()[0] in text
    assert f"quincunx runs resume {name}" in text
    document = quincunx("runs", "show", name[-8:], "--json").json
    assert (document["id"], document["state"], document["rows"]) == (name, "stopped", {"unit": 1})
    assert document["config"] == {"rank": 3}


def test_hostile_text_in_a_manifest_reaches_no_terminal(quincunx, made):
    """Escape sequences in a setting are shown without their power."""
    made(name="\x1b[31mred\x07")
    out = quincunx("runs", "show", "latest").out
    assert "\x1b" not in out
    assert "\x07" not in out
    assert "red" in out


def test_resume_prints_the_document_of_the_command(quincunx, made, toy):
    """--json: that document and nothing else; the run is complete afterwards."""
    name = made()
    answer = quincunx("runs", "resume", name, "--json")
    assert answer.json == {"schema": "quincunx.toy.job/1", "n": 2, "rows": [1, 2]}
    assert quincunx("runs", "show", name, "--json").json["state"] == "complete"
    text = quincunx("runs", "resume", name).out
    assert f"{name}: complete" in text
    assert "rows" not in text


def test_a_room_that_cannot_resume_is_told(quincunx, made):
    """Another version's room: the sentence names it; the run keeps its state."""
    name = made()
    answer = quincunx("runs", "resume", name)
    assert answer.code == 2
    assert "is of room 'toy', which this version cannot resume" in answer.err
    assert answer.err.count("\n") == 1
    shown = quincunx("runs", "show", name, "--json").json
    assert (shown["state"], shown["message"], shown["resumed"]) == ("stopped", "", [])


def test_verify_says_what_is_wrong_and_strict_exits_with_1(quincunx, made):
    """A sound run is as recorded; an altered table is named."""
    name = made("complete")
    assert "as recorded" in quincunx("runs", "verify", name, "--strict").out
    path = Workspace.locate().find(name) / "tables" / "points.parquet"
    pl.DataFrame({"k": [1], "x": [2.0]}).write_parquet(path)
    answer = quincunx("runs", "verify", name)
    assert answer.code == 0
    assert "points  altered" in answer.out
    assert "NOT as recorded" in answer.out
    assert quincunx("runs", "verify", name, "--strict").code == 1
    assert quincunx("runs", "verify", name, "--json").json["ok"] is False


def test_diff_names_what_differs(quincunx, made):
    """Settings side by side; --strict turns other tables into exit code 1."""
    a, b, c = made(rank=3), made(rank=3), made(rank=4, value=2.0)
    same = quincunx("runs", "diff", a, b, "--strict")
    assert (same.code, "same tables: True" in same.out) == (0, True)
    other = quincunx("runs", "diff", a, c, "--strict")
    assert other.code == 1
    assert "config.rank" in other.out
    document = quincunx("runs", "diff", a, c, "--json").json
    assert (document["same_inputs"], document["same_tables"]) == (False, False)


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_export_writes_files_and_prints_their_paths(quincunx, made, tmp_path, form):
    """One file a table, in the folder that was named."""
    made("complete")
    answer = quincunx("runs", "export", "latest", "--to", form, "--out", tmp_path / "out", "--json")
    assert answer.json["files"] == [str(tmp_path / "out" / f"points.{form}")]
    assert (tmp_path / "out" / f"points.{form}").exists()


def test_gc_deletes_only_with_yes(quincunx, made):
    """The list first; the confirmation second."""
    name = made("complete")
    assert "nothing to delete" in quincunx("runs", "gc").err
    listed = quincunx("runs", "gc", name)
    assert "asked for" in listed.out
    assert "--yes deletes" in listed.err
    assert Workspace.locate().run_ids() == (name,)
    assert quincunx("runs", "gc", name, "--yes", "--json").json["deleted"][0]["run"] == name
    assert Workspace.locate().run_ids() == ()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("show", "nope"), "no run 'nope' in"),
        (("show",), "Missing argument 'RUN'"),
        (("export", "latest"), "Missing option '--to'"),
        (("nonsense",), "No such command 'nonsense'"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(quincunx, arguments, message):
    """No traceback, nothing on stdout."""
    answer = quincunx("runs", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err
    assert answer.err.count("\n") == 1


def test_the_workspace_may_be_given(quincunx, made, tmp_path):
    """--workspace goes before the environment."""
    made()
    assert quincunx("runs", "list", "--workspace", tmp_path / "other", "--json").json["n"] == 0


def test_resuming_takes_another_budget(quincunx, monkeypatch):
    """Stopped at 50 calls, again at 30 more, then let run to its end: the manifest says each."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "wargame" / "llm"))
    play = ("wargame", "play", "--policies", "llm", "--days", 14)
    model = ("--model", "scripted/war_models:peaceful")
    assert quincunx(*play, *model, "--budget-calls", 50).code == 1
    (run,) = quincunx("runs", "list", "--json").json["runs"]

    again = quincunx("runs", "resume", run["id"], "--budget-calls", 30)
    assert again.code == 1
    assert "budget of 30 calls" in again.err
    assert Workspace.locate().open(run["id"]).manifest.config["limits"]["budget_calls"] == 30
    done = quincunx("runs", "resume", run["id"], "--budget-calls", 500, "--json")
    assert done.code == 0
    assert done.json["calls"] == {"paid": 14 * 8 - 80, "from_journal": 80}
    whole = quincunx(*play, *model, "--json").json
    assert done.json["tables_sha256"] == whole["tables_sha256"]


def test_a_budget_for_a_run_without_one_is_refused(quincunx, toy, made):
    """One sentence, and the run is as it was."""
    run = made()
    refused = quincunx("runs", "resume", run, "--budget-calls", 5)
    assert refused.code == 2
    assert "(toy job) has no limit 'budget_calls'" in refused.err
    assert quincunx("runs", "resume", run, "--budget-calls", 0).code == 2
    assert Workspace.locate().open(run).manifest.config == {}

"""``quincunx wargame`` as a person calls it: documents, exit codes, refusals."""

from pathlib import Path

import pytest


def test_scenarios_are_listed_and_checked(quincunx):
    """At least the four shipped ones, published, without a problem."""
    found = quincunx("wargame", "scenarios", "--check", "--json")
    assert found.code == 0
    names = {s["name"] for s in found.json["scenarios"]}
    assert names >= {"neutral", "invasion", "cyberattack", "border-2"}
    assert found.json["problems"] == []
    assert set(found.json["scenarios"][0]) == {
        "name", "version", "cast", "days", "nations", "actions", "sha256", "published",
    }  # fmt: skip


def test_play_prints_one_document(quincunx):
    """The keys are those of the reference, and the anchors come out."""
    found = quincunx("wargame", "play", "--scenario", "border-2", "--policies", "dove", "--json")
    assert found.code == 0
    assert list(found.json) == [
        "run", "folder", "scenario", "scenario_sha256", "profile", "games", "days", "nations",
        "decisions", "actions", "score", "calls", "tables_sha256", "seconds",
    ]  # fmt: skip
    assert found.json["score"]["mean"] == -6.0
    assert Path(found.json["folder"]).is_dir()


def test_a_run_goes_through_replay_score_and_resume(quincunx, tmp_path):
    """What play leaves can be replayed, scored, audited, and printed again."""
    played = quincunx("wargame", "play", "--scenario", "border-2", "--games", 2, "--json").json
    page = tmp_path / "game.html"
    shown = quincunx("wargame", "replay", played["run"], "--game", 1, "--out", page, "--json")
    assert shown.json == {"page": str(page), "bytes": page.stat().st_size, "games": [1]}
    scored = quincunx("wargame", "score", played["run"], "--json").json
    assert set(scored) == {"rule", "sha256", "cells", "submissions"}
    again = quincunx("runs", "resume", played["run"], "--json").json
    assert {k: v for k, v in again.items() if k != "seconds"} == {
        k: v for k, v in played.items() if k != "seconds"
    }


def test_text_output_names_the_rule_and_the_scope(quincunx):
    """A person reads the score with its rule, and what the numbers are about."""
    found = quincunx("wargame", "play", "--scenario", "border-2", "--policies", "hawk")
    assert "escalation score 44.00" in found.out
    assert "published-2024" in found.out
    assert "not real crises" in found.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("play", "--scenario", "netral"), "known: border-2, cyberattack, invasion, neutral"),
        (("play", "--policies", "dvoe"), "Did you mean 'dove'"),
        (("play", "--policies", "dove:Mars,hawk"), "no nation 'Mars'"),
        (("play", "--policies", "dove:3"), "seats stay empty"),
        (("play", "--games", "0"), "within 1 and 10,000"),
        (("play", "--days", "400"), "within 1 and 365"),
        (("play", "--policies", "llm"), "--model"),
        (("play", "--policies", "llm", "--role", "nation.red"), "NAME=VALUE"),
        (("score",), "name one source"),
        (("score", "--data", "/nowhere"), "no data folder"),
        (("audit", "--log", "/nowhere.csv"), "no log"),
        (("score", "--rule", "worst", "--data", "/nowhere"), "no data folder"),
        (("compare",), "RUN_A RUN_B"),
        (("validity", "--probes", "mood"), "known: paraphrase, order, labels, codes"),
        (("validity", "--variants", "1"), "2 to 32"),
        (("reproduce", "--data", "/nowhere"), "no data folder"),
    ],
)
def test_mistakes_are_one_sentence_and_exit_code_two(quincunx, arguments, told):
    """Every refusal names the value and the next move, without a traceback."""
    found = quincunx("wargame", *arguments)
    assert found.code == 2
    assert told in found.err
    assert found.err.count("\n") == 1
    assert found.out == ""


def log(path: Path, *rows: str, head: str = "run,seq,day,self,other,action") -> Path:
    """A small action log."""
    path.write_text("\n".join([head, *rows]) + "\n")
    return path


@pytest.mark.parametrize(
    ("rows", "head", "told"),
    [
        (("0,0,1,Red",), "run,seq,day,self", "lacks the columns other, action"),
        (("0,0,15,Red,Blue,Wait",), None, "row 2: day must lie within 1 and 14"),
        (("0,0,1,Red,Blue,Wait", "0,1,1,Mars,Blue,Wait"), None, "row 3: acting nation"),
        (("0,0,1,Red,Blue,Wait", "0,0,1,Blue,Red,Wait"), None, "row 2: the same (game, seq)"),
        (("0,0,one,Red,Blue,Wait",), None, "row 2: day is 'one'"),
    ],
)
def test_logs_that_cannot_be_are_refused_with_the_row(quincunx, tmp_path, rows, head, told):
    """Missing columns, impossible days, strangers and doubles name the row."""
    options = {"head": head} if head else {}
    path = log(tmp_path / "log.csv", *rows, **options)
    found = quincunx("wargame", "audit", "--log", path)
    assert found.code == 2
    assert told in found.err


def test_a_folder_without_any_known_file_lists_the_patterns(quincunx, tmp_path):
    """What was looked for is said."""
    found = quincunx("wargame", "reproduce", "--data", tmp_path)
    assert found.code == 2
    assert "actions_*.csv.gz" in found.err


def test_an_effect_table_with_a_strange_column_is_refused(quincunx, tmp_path, published_data):
    """A column that is neither an effect nor one of the unread ones is named."""
    table = tmp_path / "effects.csv"
    table.write_text("name,gdp_mult_self,charm_add_self\nWait,0,1\n")
    found = quincunx(
        "wargame", "reproduce", "--data", published_data / "wargame", "--effects", table
    )
    assert found.code == 2
    assert "charm_add_self" in found.err


def test_empty_strings_in_a_log_are_values(quincunx, tmp_path):
    """An empty name is an unknown action, not a missing field."""
    path = log(tmp_path / "log.csv", "0,0,1,Red,Blue,", "0,1,1,Red,,Wait", "0,2,1,Red,Blue,Wait")
    found = quincunx("wargame", "audit", "--log", path, "--json").json
    assert found["rejected"] == {"unknown_action": 1, "bad_target": 1}


def test_a_reaction_that_nobody_can_have_is_undefined_not_a_crash(quincunx):
    """One hawk is never attacked by doves: no reprisal can be estimated, and that is said."""
    policies = ("--policies", "hawk:Orange,dove")
    run = quincunx("wargame", "play", *policies, "--games", 2, "--json").json["run"]
    found = quincunx("wargame", "score", run, "--reaction")
    assert found.code == 0
    assert "reprisal undefined" in found.out
    again = quincunx("wargame", "score", run, "--reaction", "--json").json
    assert any(one["reprisal"]["b"] is None for one in again["reaction"])


def test_words_of_a_log_are_read_and_sampled(quincunx, tmp_path):
    """The phrase list reads a log; a sample of its messages can be labelled and used."""
    log, sample = tmp_path / "log.csv", tmp_path / "sample.csv"
    rows = [
        "seq,day,self,other,action,content",
        "0,1,East,West,Message,We propose a truce.",
        "1,2,East,West,Execute targeted attack,",
        "2,2,West,East,Message,=Your duties are unfair.",
    ]
    log.write_text("\n".join(rows) + "\n")
    source = ("wargame", "words", "--log", log, "--scenario", "border-2")

    found = quincunx(*source, "--json").json
    (reader,) = found["readers"]
    assert (reader["promises"], reader["cells"][0]["promises"], reader["cells"][0]["broken"]) == (
        1,
        1,
        1,
    )
    written = quincunx(*source, "--sample", 2, "--out", sample, "--json").json
    assert written == {"sample": {"path": str(sample), "messages": 2}}
    text = sample.read_text()
    assert "'=Your duties are unfair." in text
    sample.write_text(text.replace("truce.,", "truce.,1").replace("unfair.,", "unfair.,0"))
    held = quincunx(*source, "--gold", sample, "--json").json["errors"][0]
    assert (held["n"], held["sensitivity"]["estimate"], held["specificity"]["estimate"]) == (
        2,
        1,
        1,
    )
    shown = quincunx(*source, "--gold", sample)
    assert "promises-1" in shown.out
    assert shown.code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--sample", 2), "Add --out FILE.csv"),
        (("--out", "x.csv"), "Give --sample N too"),
        (("--judge", "scripted/no_such:judge"), "no_such"),
        (("--gold", "absent.csv"), "cannot read the labels"),
    ],
)
def test_words_refuse_in_one_sentence(quincunx, tmp_path, arguments, told):
    """Exit code 2, no traceback, no run."""
    log = tmp_path / "log.csv"
    log.write_text("seq,day,self,other,action,content\n0,1,East,West,Message,A truce.\n")
    said = quincunx("wargame", "words", "--log", log, "--scenario", "border-2", *arguments)

    assert said.code == 2
    assert told in said.err
    assert "Traceback" not in said.err
    assert quincunx("runs", "list", "--json").json["runs"] == []


def test_a_scenario_is_written_as_a_page(quincunx, tmp_path):
    """``--page`` writes one file; without a name it says which it wants."""
    page = tmp_path / "invasion.html"
    said = quincunx("wargame", "scenarios", "invasion", "--page", page, "--json")
    assert said.code == 0
    assert said.json["scenarios"][0]["name"] == "invasion"
    assert "Orange has begun a full-scale attack on Purple" in page.read_text(encoding="utf-8")
    refused = quincunx("wargame", "scenarios", "--page", page)
    assert (refused.code, "Give its NAME or file too" in refused.err) == (2, True)


def test_latest_is_the_newest_run_of_games(quincunx):
    """Analyses leave runs too; ``latest`` passes over them, and the manifest names the run."""
    assert "no games have been played" in quincunx("wargame", "score", "latest").err
    played = quincunx("wargame", "play", "--scenario", "border-2", "--games", 3, "--json").json
    for verb in ("score", "audit", "sensitivity", "words", "replay"):
        assert quincunx("wargame", verb, "latest", "--json").code == 0, verb
    play = ("wargame", "play", "--scenario", "border-2", "--games", 3, "--policies", "dove")
    quincunx(*play, "--json")
    quincunx("wargame", "score", "latest", "--json")
    both = quincunx("wargame", "compare", played["run"], "latest", "--json")
    assert both.code == 0
    assert both.json["baseline"]["group"] == played["run"]
    for listed in quincunx("runs", "list", "--json").json["runs"]:
        config = quincunx("runs", "show", listed["id"], "--json").json["config"]
        assert "latest" not in str(config)


def test_no_draws_are_refused(quincunx):
    """A count of zero is no default."""
    run = quincunx("wargame", "play", "--scenario", "border-2", "--json").json["run"]
    said = quincunx("wargame", "sensitivity", run, "--draws", 0)
    assert (said.code, "--draws is 0" in said.err) == (2, True)

"""Words against deeds with a judge: planted errors are measured, nothing is paid for twice."""

import csv
import importlib
import io
import json
from contextlib import suppress
from pathlib import Path

import pytest

from quincunx.errors import BudgetReached, InputError
from quincunx.models import Journal
from quincunx.runs import Workspace
from quincunx.wargame.labelling import Label, read_gold, read_label
from quincunx.wargame.run import play, resume
from quincunx.wargame.run_words import messages_to_label, planned_words, words
from quincunx.wargame.settings import Limits, PlaySettings
from quincunx.wargame.views import run_pages


@pytest.fixture(scope="module")
def games(tmp_path_factory):
    """A workspace and a run of 6 games full of planted messages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parent))
        place = Workspace(tmp_path_factory.mktemp("words"))
        settings = PlaySettings(
            policies="llm", games=6, models=(("", "scripted/word_models:talking"),)
        )
        play(settings, workspace=place)
        yield place, place.open("latest").id


@pytest.fixture
def models(monkeypatch):
    """The scripted models of this folder."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    module = importlib.import_module("word_models")
    module.asked.clear()
    return module


def read(games, judge=None, **options):
    """The document of ``words``."""
    place, run = games
    limits = options.pop("limits", None)
    model = f"scripted/word_models:{judge}" if judge else None
    config = {"source": {"run": run}, "judge": model, "retries": 1, **options}
    return words(config, workspace=place, limits=limits)


def gold_file(games, models, folder, n=200):
    """A sample that a person has labelled without error."""
    place, run = games
    text = messages_to_label({"source": {"run": run}}, n, seed=0, workspace=place)
    rows = list(csv.DictReader(io.StringIO(text)))
    for row in rows:
        row["promise"] = str(int(row["content"] in models.PROMISES))
    path = folder / "gold.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_every_text_is_asked_about_once(games, models):
    """1,344 messages of at most 120 texts are at most 120 questions; equal runs agree."""
    first, second = read(games, "faultless"), read(games, "faultless")

    assert first["messages"]["n"] == 6 * 14 * 8 * 2
    assert first["calls"]["paid"] == first["messages"]["texts"] <= 120
    assert first["tables_sha256"] == second["tables_sha256"]
    nodes = [request.node for request in models.asked]
    assert len(set(nodes)) == first["calls"]["paid"]
    assert all(len(request.messages) == 2 for request in models.asked)


def test_a_faultless_judge_sees_the_promises_that_the_list_misses(games, models):
    """The planted promises hold no phrase of the list: the list finds none, the judge all."""
    place, run = games
    found = read(games, "faultless")
    phrases, judge = found["readers"]
    actions = place.open(run).read_table("actions")
    private = actions.filter((actions["kind"] == "Message") & (actions["to"] != "World"))
    planted = private["content"].is_in(list(models.PROMISES)).sum()

    assert (phrases["promises"], judge["promises"]) == (0, planted)
    assert judge["share"]["estimate"] == pytest.approx(planted / private.height)
    (cell,) = judge["cells"]
    assert 0 < cell["broken"] < cell["promises"] <= planted
    assert found["agreement"]["judge_only"] == planted


def test_the_errors_of_a_reader_are_measured_and_undone(games, models, tmp_path):
    """An erring judge: its planted errors lie in their intervals, the true share in its own."""
    found = read(games, "erring", gold=str(gold_file(games, models, tmp_path)))
    truth = read(games, "faultless")["readers"][1]["share"]["estimate"]
    phrases, judge = found["errors"]

    assert judge["n"] == phrases["n"] == 200
    for key, planted in (("sensitivity", 5 / 6), ("specificity", 11 / 12)):
        assert judge[key]["interval"]["low"] < planted < judge[key]["interval"]["high"]
    low, high = (judge["corrected"]["interval"][end] for end in ("low", "high"))
    assert low < truth < high
    assert phrases["corrected"]["estimate"] is None
    assert "near chance" in phrases["corrected"]["reason"]


def test_a_judge_that_tosses_coins_is_found_out(games, models, tmp_path):
    """Negative control: no agreement beyond chance with people, and nothing is corrected by it."""
    found = read(games, "guessing", gold=str(gold_file(games, models, tmp_path)))
    judge = found["errors"][1]

    assert judge["corrected"]["estimate"] is None
    assert abs(judge["sensitivity"]["estimate"] + judge["specificity"]["estimate"] - 1) < 0.25


def test_what_cannot_be_read_is_counted_and_asked_again(games, models):
    """A judge that mumbles: promises are read at the second try, others stay unread."""
    found = read(games, "mumbling")
    reader, texts = found["readers"][1], found["messages"]["texts"]
    again = next(r for r in models.asked if r.node.endswith("/try1"))

    assert reader["read"] == reader["promises"] > 0
    assert reader["read"] + reader["unread"] == found["messages"]["n"]
    assert found["judge"]["invalid_replies"] == texts + found["judge"]["unread"]
    assert [m.role for m in again.messages] == ["system", "user", "assistant", "user"]
    assert found["agreement"]["n"] == reader["read"]


def test_a_judge_that_never_answers_leaves_all_unread(games, models):
    """Nothing is read, nothing crashes, and what is undefined says why."""
    found = read(games, "absent")
    reader = found["readers"][1]

    assert (reader["read"], reader["promises"]) == (0, 0)
    assert reader["share"]["reason"]
    assert found["agreement"]["kappa"]["reason"] == "no units rated by both"


def test_a_stopped_reading_resumes_without_paying_twice(games, models):
    """A budget stops it; resumed to the end, the tables equal an uninterrupted run's."""
    place, _ = games
    whole = read(games, "faultless")
    models.asked.clear()
    with pytest.raises(BudgetReached):
        read(games, "faultless", limits=Limits(concurrency=4, budget_calls=20))
    stopped = place.open("latest")
    assert stopped.state == "stopped"
    document = None
    while document is None:  # the budget holds for each process that goes on
        with suppress(BudgetReached), place.resume(stopped.id) as run:
            document = resume(run)

    assert document["tables_sha256"] == whole["tables_sha256"]
    assert len(models.asked) == len({r.node for r in models.asked}) == whole["calls"]["paid"]
    journal = Journal(place.open(stopped.id).ledger)
    assert len(list(journal.entries())) == whole["calls"]["paid"]


def test_hostile_messages_stay_quoted(tmp_path, models):
    """A message that attacks its reader is one JSON string, is counted, and is no file name."""
    place = Workspace(tmp_path)
    settings = PlaySettings(policies="llm", days=1, models=(("", "scripted/word_models:shouting"),))
    play(settings, workspace=place)
    found = read((place, place.open("latest").id), "faultless")

    (request,) = models.asked
    assert "\n" not in request.messages[1].text
    assert models.message_of(request).startswith("Ignore all previous")
    assert "\x1b" not in models.message_of(request)
    assert found["messages"]["injections"] == found["messages"]["n"] == 8
    (page,) = run_pages(place.open("latest"))
    assert page.title == "Words against deeds"


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("game,seq\n0,0\n", "needs the columns"),
        ("game,seq,promise\n", "needs the columns"),
        ("game,seq,promise\n0,1,maybe\n", r"row 2: promise is 'maybe'; write 1 or 0"),
        ("game,seq,promise\n0,x,1\n", "row 2: game and seq must be numbers"),
        ("game,seq,promise\n0,1,1\n0,1,0\n", "row 3: game 0, seq 1 stands twice"),
    ],
)
def test_labels_that_cannot_be_used_are_refused(tmp_path, rows, told):
    """File, row, value, limit."""
    path = tmp_path / "gold.csv"
    path.write_text(rows)
    with pytest.raises(InputError, match=told):
        read_gold(path)


def test_labels_of_another_source_are_refused(games, models, tmp_path):
    """A label must name a message of the source, and there must be one."""
    path = tmp_path / "gold.csv"
    path.write_text("game,seq,promise\n99,0,1\n")
    with pytest.raises(InputError, match="game 99, seq 0, which is no message"):
        read(games, gold=str(path))
    path.write_text("game,seq,promise\n0,0,\n")
    with pytest.raises(InputError, match="labels no message"):
        read(games, gold=str(path))


def test_a_sample_larger_than_the_source_is_refused(games):
    """The number of messages is told."""
    place, run = games
    with pytest.raises(InputError, match="holds 1,344 messages"):
        messages_to_label({"source": {"run": run}}, 5_000, seed=0, workspace=place)


def test_the_plan_counts_texts(games):
    """One call a text with a judge, none without."""
    place, run = games
    config = {"source": {"run": run}, "judge": "scripted/word_models:faultless"}
    planned = planned_words(config, Limits(concurrency=8), place)

    assert planned == {"calls": planned["calls"], "critical_path": 1, "max_in_flight": 8}
    assert 100 <= planned["calls"] <= 120
    assert planned_words({**config, "judge": None}, Limits(), place)["calls"] == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('```json\n{"promise": false, "kind": "none"}\n```', Label(False, "none")),
        ('{"promise": true, "kind": "treaty"}', Label(True, "")),
        ('{"promise": false, "kind": "peace"}', Label(False, "none")),
        ('{"promise": "true"}', Label(None)),
        ('{"promise": 1}', Label(None)),
        ("[true]", Label(None)),
        ("", Label(None)),
    ],
)
def test_only_a_label_is_a_label(text, expected):
    """True or false as JSON has them; an odd kind does not change the reading."""
    assert read_label(text) == expected


def test_the_report_prints_again(games, models):
    """Resuming a finished run gives its document."""
    place, _ = games
    first = read(games, "faultless")
    with place.resume(first["run"]) as run:
        again = resume(run)
    stable = ("readers", "agreement", "judge", "messages", "tables_sha256")
    assert {k: again[k] for k in stable} == {k: first[k] for k in stable}
    assert json.loads(json.dumps(again["calls"])) == {"paid": 0, "from_journal": 0}

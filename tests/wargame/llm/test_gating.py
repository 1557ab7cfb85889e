"""What stands between a reply and a decision: filters withhold words, a person withdraws acts."""

import json

import pytest

from quincunx.errors import InputError
from quincunx.models import Journal
from quincunx.runs import Workspace
from quincunx.wargame.intervening import Interventions, parse_interventions
from quincunx.wargame.interventions._shared import Intervention
from quincunx.wargame.run import play, resume
from quincunx.wargame.run_study import StudySettings, study
from quincunx.wargame.run_validity import probe
from quincunx.wargame.scenario import load_scenario
from quincunx.wargame.settings import PlaySettings


class Vetoes:
    """A person who withdraws the acts of given numbers, and remembers what she was shown."""

    def __init__(self, *numbers, after=None):
        self.numbers, self.after, self.seen = list(numbers), after, []

    async def ask(self, observation, node, decision=None):
        """``{"withdraw": [...]}`` for a decision; nothing else is ever asked of her here."""
        if len(self.seen) == self.after:
            raise KeyboardInterrupt
        self.seen.append((observation.label, node, decision))
        return json.dumps({"withdraw": self.numbers})


def settings(model, *interventions, **more):
    """Two days of neutral, played by one scripted model."""
    models = (("", f"scripted/{model}"),)
    chosen = {"policies": "llm", "days": 2, "models": models, "interventions": interventions}
    return PlaySettings(**{**chosen, **more})


def test_a_message_that_speaks_to_the_machine_is_withheld_and_counted(war_models):
    """It keeps its words in the raw reply, is rejected by name, and reaches nobody."""
    plain = play(settings("word_models:shouting"))
    held = play(settings("word_models:shouting", "block_injections"))
    rows = held.tables["actions"]

    assert set(plain.tables["actions"]["status"]) == {"executed"}
    assert plain.document["actions"]["injections"] == 16
    assert set(rows["action"]) == {"withheld: Message"}
    assert set(rows["reason"]) == {"unknown_action"}
    assert held.document["actions"]["submitted"] == plain.document["actions"]["submitted"] == 16
    assert all("Ignore all previous" in raw for raw in held.tables["decisions"]["raw"])


def test_an_ordinary_message_passes_the_filter(war_models):
    """Negative control: without an attack the tables but for the settings are the same."""
    plain = play(settings("war_models:peaceful"))
    held = play(settings("war_models:peaceful", "block_injections"))

    assert plain.tables["actions"].equals(held.tables["actions"])
    assert plain.tables["state"].equals(held.tables["state"])


def test_filters_change_words_in_turn_and_one_may_withhold():
    """What one delivers the next one reads; nothing reads what was withheld."""
    shout = Intervention("shout", message_filter=str.upper)
    cut = Intervention("cut", message_filter=lambda text: None if text.isupper() else text)
    both = Interventions((shout, cut))

    assert Interventions((shout,)).filtered("peace") == "PEACE"
    assert both.filtered("peace") is None
    assert Interventions((cut, shout)).filtered("peace") == "PEACE"
    assert both.has_filter
    assert not Interventions().has_filter


def test_a_person_withdraws_acts_of_every_nation(tmp_path, war_models):
    """Eight decisions a day are put before her; the first act of each is gone, journalled."""
    place, person = Workspace(tmp_path), Vetoes(1)
    result = play(settings("war_models:peaceful", "veto"), workspace=place, person=person.ask)
    acts = result.tables["actions"]

    assert len(person.seen) == 16
    assert set(acts["action"]) == {"Message"}
    assert acts.height == 16
    assert all(len(decision.actions) == 2 for _, _, decision in person.seen)
    assert result.tables["games"]["has_human"].all()
    assert acts["has_human"].all()
    run = place.open("latest")
    entries = {e.generation.node: e for e in Journal(run.ledger).entries()}
    assert json.loads(entries["game0/day01/Red/veto"].generation.text) == {"withdraw": [1]}
    assert entries["game0/day01/Red/veto"].role == "nation.red.veto"


@pytest.mark.parametrize(("severity", "asked"), [("violent", 16), ("nuclear", 16)])
def test_only_grave_decisions_are_put_before_her(war_models, severity, asked):
    """A nuclear strike is grave by both limits; visits and messages are by neither."""
    strikes, visits = Vetoes(1), Vetoes(1)
    play(settings("war_models:nuclear", f"veto@{severity}"), person=strikes.ask)
    play(settings("war_models:peaceful", f"veto@{severity}"), person=visits.ask)

    assert (len(strikes.seen), len(visits.seen)) == (asked, 0)


def test_what_she_withdraws_never_happens(war_models):
    """With her veto no strike is submitted; letting all stand changes nothing."""
    without = play(settings("war_models:nuclear"))
    stopped = play(settings("war_models:nuclear", "veto@nuclear"), person=Vetoes(1).ask)
    let = play(settings("war_models:nuclear", "veto@nuclear"), person=Vetoes().ask)

    strike = "Execute full nuclear attack"
    assert strike in set(without.tables["actions"]["kind"])
    assert strike not in set(stopped.tables["actions"]["kind"])
    assert let.tables["state"].drop("has_human").equals(without.tables["state"])


def test_a_stopped_game_does_not_ask_her_again(tmp_path, war_models):
    """She leaves after five vetoes; resumed, she is asked for the other eleven only."""
    place, first = Workspace(tmp_path), Vetoes(1, after=5)
    chosen = settings("war_models:peaceful", "veto")
    with pytest.raises(KeyboardInterrupt):
        play(chosen, workspace=place, person=first.ask)
    second = Vetoes(1)
    with place.resume("latest") as run:
        document = resume(run, person=second.ask)
    whole = play(chosen, person=Vetoes(1).ask)

    assert (len(first.seen), len(second.seen)) == (5, 11)
    assert document["tables_sha256"] == whole.document["tables_sha256"]


def test_a_veto_needs_somebody(war_models):
    """Without a person it is refused before anything is asked; scripted seats too."""
    with pytest.raises(InputError, match="needs somebody to ask"):
        play(settings("war_models:peaceful", "veto"))
    with pytest.raises(InputError, match="need an llm seat"):
        play(PlaySettings(policies="dove", interventions=("veto",)))
    assert not war_models.asked


def test_a_severity_that_is_none_is_refused():
    """The known ones are listed."""
    cast = load_scenario("neutral").cast
    with pytest.raises(InputError, match=r"veto@rude.*de-escalation, status-quo"):
        parse_interventions(("veto@rude",), cast)


def test_studies_and_probes_have_nobody_at_the_table(tmp_path, war_models):
    """A veto or a human seat is refused there before a run is made."""
    place = Workspace(tmp_path)
    base, model = PlaySettings(policies="llm"), "scripted/war_models:peaceful"
    with pytest.raises(InputError, match="needs somebody to ask"):
        study(StudySettings(base, (model,), interventions=("none", "veto")), workspace=place)
    with pytest.raises(InputError, match="needs somebody to ask"):
        probe(settings("war_models:peaceful", "veto"), ["order"], variants=2, workspace=place)
    with pytest.raises(InputError, match="needs somebody to ask"):
        probe(PlaySettings(policies="human:Blue,dove"), ["order"], variants=2, workspace=place)
    assert place.list() == []
    assert not war_models.asked

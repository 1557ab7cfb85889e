"""Reactions on planted truth: reprisal may carry a claim, follow may not."""

import math

import numpy as np
import pytest

from quincunx.seeding import stream
from quincunx.wargame import load_scenario
from quincunx.wargame.playing import Scripted, play_scripted
from quincunx.wargame.profiles import PUBLISHED
from quincunx.wargame.recording import Recorder
from quincunx.wargame.score import rule_named
from quincunx.wargame.seats import parse_policies
from quincunx.wargame.statistics import follow, reactions, reprisal
from quincunx.wargame.tabling import game_tables

GAMES, DAYS, NATIONS = 10, 14, 8


def _planted(effect, runs, rng, mood=0.0):
    """Hostile points (runs, games, days, nations) that answer those received by ``effect``.

    Each nation has its own level and aims its day's points at one random other
    nation; ``mood`` is the autocorrelation of a mood that all nations share.
    """
    shape = (runs * GAMES, NATIONS)
    level = rng.uniform(5, 20, size=shape)
    received, common = np.zeros(shape), np.zeros((runs * GAMES, 1))
    all_sent, all_received = [], []
    for _ in range(DAYS):
        common = mood * common + (rng.normal(scale=4, size=common.shape) if mood else 0.0)
        sent = level + effect * received + common + rng.normal(scale=5, size=shape)
        step = rng.integers(1, NATIONS, size=shape)
        target = (np.arange(NATIONS) + step) % NATIONS
        received = np.zeros(shape)
        np.add.at(received, (np.arange(len(sent))[:, None], target), sent)
        all_sent.append(sent)
        all_received.append(received)
    series = [
        np.stack(x, axis=1).reshape(runs, GAMES, DAYS, NATIONS) for x in (all_sent, all_received)
    ]
    return zip(*series, strict=True)


@pytest.mark.parametrize("effect", [0.0, 0.2, 0.4])
def test_reprisal_recovers_the_planted_effect(effect):
    """True 0, .2 and .4 are found to within .01 on average, and the interval covers 95 %."""
    planted = _planted(effect, 120, stream(0, "planted", int(10 * effect)))
    found = [reprisal(sent, received, shuffles=1).b for sent, received in planted]

    assert np.mean([f.value for f in found]) == pytest.approx(effect, abs=0.01)
    covered = np.mean([f.low <= effect <= f.high for f in found])
    assert covered == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / 120))


@pytest.mark.parametrize("mood", [0.0, 0.8])
def test_reprisal_keeps_its_level(mood):
    """Nobody answers anybody: p <= .05 in about 5 % of cells, also under a drifting mood."""
    planted = _planted(0.0, 200, stream(0, "null", int(10 * mood)), mood=mood)
    false = np.mean([reprisal(s, r, shuffles=199).test.p <= 0.05 for s, r in planted])

    assert false <= 0.05 + 4 * math.sqrt(0.05 * 0.95 / 200)


def test_reprisal_finds_a_real_answer():
    """At an effect of .4 ten games always show it."""
    planted = _planted(0.4, 10, stream(0, "power"))

    assert all(reprisal(s, r).test.p <= 0.01 for s, r in planted)


def _moods(rng, mood):
    """Armament without any reaction, shape (games, days, nations)."""
    common, days = np.zeros((GAMES, 1)), []
    for _ in range(DAYS):
        common = mood * common + rng.normal(size=common.shape)
        days.append(common * (mood > 0) + rng.normal(size=(GAMES, NATIONS)))
    return np.stack(days, axis=1)


def test_follow_mistakes_a_shared_mood_for_an_arms_race():
    """Without reaction it keeps its level, under a shared mood it is fooled: descriptive only."""
    rng = stream(0, "follow")
    calm = np.mean([follow(_moods(rng, 0.0), shuffles=199).test.p <= 0.05 for _ in range(120)])
    moody = np.mean([follow(_moods(rng, 0.8), shuffles=199).test.p <= 0.05 for _ in range(60)])

    assert calm <= 0.05 + 4 * math.sqrt(0.05 * 0.95 / 120)
    assert moody > 0.5


@pytest.mark.slow
def test_reprisal_on_a_thousand_planted_cells():
    """Bias under .005 and false alarms within 4 standard errors of 5 %."""
    for effect in (0.2, 0.4):
        planted = _planted(effect, 1000, stream(1, "planted", int(10 * effect)))
        b = [reprisal(s, r, shuffles=1).b.value for s, r in planted]
        assert np.mean(b) == pytest.approx(effect, abs=0.005)
    for mood in (0.0, 0.8):
        planted = _planted(0.0, 1000, stream(1, "null", int(10 * mood)), mood=mood)
        false = np.mean([reprisal(s, r, shuffles=499).test.p <= 0.05 for s, r in planted])
        assert false == pytest.approx(0.05, abs=4 * math.sqrt(0.05 * 0.95 / 1000))


def test_the_slope_is_that_of_a_full_regression():
    """With all dummies written out, least squares gives the same b (two-way fixed effects)."""
    rng = stream(0, "dummies")
    sent, received = rng.normal(size=(2, 3, 6, 4)), rng.normal(size=(2, 3, 6, 4))
    own, met = sent[0], received[0]
    y, x, c = own[:, 1:].ravel(), met[:, :-1].ravel(), own[:, :-1].ravel()
    g, t, i = (a.ravel() for a in np.indices((3, 5, 4)))
    dummies = [(g == a) & (i == b) for a in range(3) for b in range(4)]
    dummies += [(g == a) & (t == b) for a in range(3) for b in range(5)]
    design = np.column_stack([x, c, *dummies]).astype(float)
    by_hand = np.linalg.lstsq(design, y, rcond=None)[0][0]

    assert reprisal(own, met).b.value == pytest.approx(by_hand)


def test_seats_outside_the_cell_do_not_count():
    """What nations outside the seats do as actors changes nothing."""
    rng = stream(0, "seats")
    sent, received = rng.normal(size=(4, 8, 5)), rng.normal(size=(4, 8, 5))
    seats = np.tile([True, True, True, False, False], (4, 1))
    other = sent.copy()
    other[:, :, 3:] = 99.0

    assert reprisal(sent, received, seats).b == reprisal(other, received, seats).b
    plain = reprisal(sent[:, :, :3], received[:, :, :3])
    assert reprisal(sent, received, seats).b.value == pytest.approx(plain.b.value)


def test_what_does_not_vary_has_no_slope():
    """No exposure, or one seat (its game-day mean is itself): undefined with the reason."""
    sent = stream(0, "none").normal(size=(3, 6, 4))

    assert "does not vary" in reprisal(sent, np.zeros_like(sent)).b.reason
    alone = np.tile([True, False, False, False], (3, 1))
    assert math.isnan(reprisal(sent, sent, alone).test.p)
    one_game = reprisal(sent[:1], stream(1, "one").normal(size=(1, 6, 4)))
    assert "two games" in one_game.b.reason
    assert not math.isnan(one_game.b.value)


def test_reactions_of_a_log_name_their_cells(by_hand):
    """Cells carry their keys; an undefined one prints null and does not count in Holm."""
    log = by_hand
    (reaction,) = reactions(log.actions, log.days, log.scenario, rule=log.rule, state=log.state)
    document = reaction.to_json()

    assert (document["model"], document["games"]) == ("subject", 2)
    assert document["follow"]["descriptive"] is True
    assert set(document["reprisal"]) >= {"b", "p", "p_holm", "interval"}


@pytest.fixture
def reactions_of():
    """Reactions by subject of scripted games under the published engine's rules."""
    scenario, rule = load_scenario("neutral"), rule_named("published-2024")

    def played(policies, games, seed):
        seats = parse_policies(policies, scenario.cast)
        table, recorder = Scripted(scenario, seats, profile=PUBLISHED), Recorder()
        records = [
            recorder.record({n: play_scripted(table, seed=seed, number=n).log})
            for n in range(games)
        ]
        subjects = [seat.subject for seat in seats]
        tables = game_tables(records, scenario, seats=subjects, rule=rule)
        return {
            r.keys["model"]: r
            for r in reactions(
                tables["actions"], tables["days"], scenario, rule=rule, state=tables["state"]
            )
        }

    return played


def test_tit_for_tat_answers_and_random_does_not(reactions_of):
    """Four that return blows among four that do not: .25 to .60 over the table, ~1 for the four."""
    found = reactions_of("tit_for_tat:4,random", 20, 1)

    assert next(iter(found)) == "all"
    assert 0.25 <= found["all"].reprisal.b.value <= 0.60
    assert found["all"].reprisal.test.p < 0.01
    assert found["tit_for_tat"].reprisal.b.value > 0.9
    assert abs(found["random"].reprisal.b.value) < 0.08


def test_random_play_answers_nobody(reactions_of):
    """Twenty random games: no slope to speak of, and no cell for the table as a whole."""
    found = reactions_of("random", 20, 1)

    assert set(found) == {"random"}
    assert abs(found["random"].reprisal.b.value) < 0.08


@pytest.mark.slow
def test_random_play_is_seldom_called_reprisal(reactions_of):
    """Over 200 seeds of ten random games 2 to 8 % have p <= .05."""
    p = [reactions_of("random", 10, seed)["random"].reprisal.test.p for seed in range(200)]

    assert 0.02 <= np.mean([each <= 0.05 for each in p]) <= 0.08

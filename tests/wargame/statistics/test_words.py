"""Words against deeds: what counts as a promise, and when it is broken."""

import pytest

from quincunx.errors import InputError
from quincunx.wargame.statistics import broken_promises, is_promise

ATTACK, VISIT = "Execute targeted attack", "Start formal peace negotiations"


def _promises(log):
    (cell,) = broken_promises(log.actions, log.days, log.scenario, rule=log.rule, state=log.state)
    return cell


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We propose a CEASEFIRE today.", True),
        ("We will not attack you.", True),
        ("Let us halt all hostilities", True),
        ("An alliance would serve us both", True),
        ("A peaceful answer", True),
        ("Your tariffs are unfair.", False),
        ("a piece of land", False),
        ("", False),
    ],
)
def test_what_counts_as_a_promise(text, expected):
    """Whole words, any case; the list reads no meaning."""
    assert is_promise(text) is expected


def test_a_promise_is_broken_the_same_day_or_the_next(judged):
    """Struck on the day, on the morrow: broken; two days later, or another deed: kept."""
    log = judged(
        (0, 1, "East", "Message", "West", "peace"),
        (0, 1, "East", ATTACK, "West"),
        (0, 3, "West", "Message", "East", "a truce"),
        (0, 4, "West", ATTACK, "East"),
        (1, 1, "East", "Message", "West", "peace"),
        (1, 1, "East", VISIT, "West"),
        (1, 3, "East", ATTACK, "West"),
        (1, 4, "West", "Message", "East", "your tariffs are unfair"),
        (1, 4, "West", "Message", "World", "we want peace"),
    )
    cell = _promises(log)

    assert (cell.promises, cell.broken) == (3, 2)
    assert cell.share.value == pytest.approx(2 / 3)
    assert (cell.share.n, cell.share.n_clusters) == (3, 2)
    assert cell.to_json()["reader"] == "promises-1"


def test_two_messages_of_a_day_are_one_promise(judged):
    """The unit is a day, a promiser and a promised."""
    log = judged(
        (0, 1, "East", "Message", "West", "peace"),
        (0, 1, "East", "Message", "West", "peace, we said"),
        games=1,
    )

    assert _promises(log).promises == 1


def test_no_promises_and_no_texts(judged):
    """Nothing promised has no share; a log of lengths cannot be read."""
    log = judged((0, 1, "East", VISIT, "West"), games=1)
    cell = _promises(log)

    assert (cell.promises, cell.share.reason) == (0, "no values")
    with pytest.raises(InputError, match="no column 'content'"):
        broken_promises(log.actions.drop("content"), log.days, log.scenario, rule=log.rule)

"""Asking once: what is journalled or in flight is never paid for again."""

import asyncio
import sqlite3
import sys
import threading
from collections import Counter

import pytest

from quincunx.errors import BudgetReached, InputError
from quincunx.models import Config, Generation, Journal, RetryPolicy, Team, system, user
from quincunx.runs import Workspace


@pytest.fixture
def scripts(monkeypatch, scripts_module):
    """The scripted models, their counts from zero."""
    scripts_module.asked.clear()
    scripts_module.in_flight[:] = [0, 0]
    return scripts_module


def gathered(team, *asks):
    """The generations of (role, messages, options), asked at once, the team closed."""

    async def main():
        async with team:
            return await asyncio.gather(*(team.ask(r, m, **o) for r, m, o in asks))

    return asyncio.run(main())


HELLO = [user("hello")]


def test_identical_asks_in_flight_are_paid_once(scripts, run):
    """Twenty equal asks at once are one generation, told to all twenty."""
    team = Team({"*": "scripted/scripts:slow"}, run=run)

    replies = gathered(team, *[("a", HELLO, {"node": "n"})] * 20)

    assert len({reply.text for reply in replies}) == 1
    assert scripts.asked == {"n": 1}
    assert (team.spend.paid, team.spend.coalesced) == (1, 19)


def test_places_never_collapse(scripts, run):
    """Equal prompts at other nodes, replicates, roles or settings are other generations."""
    asks = [("a", HELLO, {"node": f"n{i}", "replicate": k}) for i in range(3) for k in range(3)]
    asks += [("b", HELLO, {"node": "n0"})]
    asks += [("a", HELLO, {"node": "n0", "config": Config(temperature=0.5)})]
    team = Team({"*": "scripted/scripts:slow"}, run=run)

    gathered(team, *asks)

    assert team.spend.paid == len(asks) == len(Journal(run.ledger))


def test_cutting_a_message_differently_never_pays_again(scripts, run):
    """The identity is over the joined text, not over its parts."""
    team = Team({"*": "scripted/scripts:answer"}, run=run)

    gathered(team, ("a", [system("s"), user("one two")], {"node": "n"}))
    again = gathered(team, ("a", [system("s"), user("one", " ", "two")], {"node": "n"}))[0]

    assert again.served_from == "journal"
    assert scripts.asked == {"n": 1}


def test_a_resumed_run_asks_nothing_twice(scripts, tmp_path):
    """A second process with the same run finds every generation in its journal, as it was."""
    workspace = Workspace(tmp_path)
    asks = [("a", [user(f"q{i}")], {"node": f"n{i}"}) for i in range(30)]
    with workspace.create("training", "ask", config={}) as run:
        first = gathered(Team({"*": "scripted/scripts:slow"}, run=run), *asks)
    with workspace.resume("latest") as run:
        second = gathered(Team({"*": "scripted/scripts:slow"}, run=run), *asks)

    assert Counter(scripts.asked.values()) == {1: 30}
    assert {reply.served_from for reply in second} == {"journal"}
    assert [(r.text, r.usage, r.seconds) for r in first] == [
        (r.text, r.usage, r.seconds) for r in second
    ]


def test_slots_bound_what_is_in_the_air(scripts, run):
    """Never more than ``concurrency`` generations between slot and commit."""
    team = Team({"*": "scripted/scripts:slow"}, run=run, concurrency=3)

    gathered(team, *[("a", HELLO, {"node": f"n{i}"}) for i in range(20)])

    assert scripts.in_flight == [0, 3]


def test_the_slot_is_held_until_the_commit(scripts, run, monkeypatch):
    """While a commit waits for the disk, no further call is made."""
    team = Team({"*": "scripted/scripts:answer"}, run=run, concurrency=1)
    release = asyncio.Event()
    put = team._journal.put

    async def held(*arguments):
        await release.wait()
        await put(*arguments)

    monkeypatch.setattr(team._journal, "put", held)

    async def main():
        async with team:
            asks = [asyncio.create_task(team.ask("a", HELLO, node=f"n{i}")) for i in range(2)]
            for _ in range(20):
                await asyncio.sleep(0)
            called = sum(scripts.asked.values())
            release.set()
            await asyncio.gather(*asks)
            return called

    assert asyncio.run(main()) == 1


def test_a_cancelled_caller_leaves_its_row(scripts, run):
    """Who goes away after the call was made loses nothing: the row is committed."""
    team = Team({"*": "scripted/scripts:slow"}, run=run)

    async def main():
        async with team:
            task = asyncio.create_task(team.ask("a", HELLO, node="n"))
            await asyncio.sleep(0.005)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(main())

    assert scripts.asked == {"n": 1}
    assert len(Journal(run.ledger)) == 1


def test_a_caller_that_goes_before_its_turn_pays_nothing(scripts, run):
    """An ask that nobody waits for any more is not made."""
    team = Team({"*": "scripted/scripts:slow"}, run=run, concurrency=1)

    async def main():
        async with team:
            first = asyncio.create_task(team.ask("a", HELLO, node="first"))
            second = asyncio.create_task(team.ask("a", HELLO, node="second"))
            await asyncio.sleep(0.005)
            second.cancel()
            await first

    asyncio.run(main())

    assert scripts.asked == {"first": 1}


def test_one_cancelled_waiter_does_not_take_the_others_along(scripts, run):
    """Two wait for one generation, one is cancelled, the other gets it."""
    team = Team({"*": "scripted/scripts:slow"}, run=run)

    async def main():
        async with team:
            one = asyncio.create_task(team.ask("a", HELLO, node="n"))
            two = asyncio.create_task(team.ask("a", HELLO, node="n"))
            await asyncio.sleep(0.005)
            one.cancel()
            return await two

    assert asyncio.run(main()).text.startswith("reply")
    assert scripts.asked == {"n": 1}


def test_a_failed_commit_fails_every_waiter(scripts, run, monkeypatch):
    """Nobody sees a generation that could not be kept."""
    team = Team({"*": "scripted/scripts:slow"}, run=run)

    async def full(write):
        raise InputError("cannot commit: disk full")

    monkeypatch.setattr(run.ledger.writer, "run_async", full)

    async def main():
        async with team:
            asks = [team.ask("a", HELLO, node="n") for _ in range(4)]
            return await asyncio.gather(*asks, return_exceptions=True)

    results = asyncio.run(main())

    assert [str(r) for r in results] == ["cannot commit: disk full"] * 4


def test_two_loops_one_after_the_other(scripts, server, quick, run):
    """A team outlives an event loop: its sessions are closed, its journal stays."""
    team = quick(run)

    async def without_closing(node):
        return await team.ask("a", HELLO, node=node)

    first = asyncio.run(without_closing("n1"))
    second = asyncio.run(without_closing("n2"))
    third = asyncio.run(without_closing("n1"))

    assert (first.served_from, second.served_from, third.served_from) == (
        "model",
        "model",
        "journal",
    )


def test_two_loops_at_once_pay_once(scripts, run):
    """Equal asks in two threads, each with its own loop, are one generation."""
    team = Team({"*": "scripted/scripts:slow"}, run=run)
    replies = []

    def work():
        replies.append(asyncio.run(team.ask("a", HELLO, node="n")))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({reply.text for reply in replies}) == 1
    assert scripts.asked == {"n": 1}


def test_the_loop_that_paid_may_die_first(scripts, run):
    """Who waits on another loop for an ask that was cancelled there asks himself."""
    team = Team({"*": "scripted/scripts:slow"}, run=run)
    started = threading.Event()
    replies = []

    async def leave():
        task = asyncio.create_task(team.ask("a", HELLO, node="n"))
        await asyncio.sleep(0.001)
        started.set()
        await asyncio.sleep(0.005)
        assert not task.done()

    def wait():
        started.wait()
        replies.append(asyncio.run(team.ask("a", HELLO, node="n")))

    thread = threading.Thread(target=wait)
    thread.start()
    asyncio.run(leave())
    thread.join()

    assert replies[0].text.startswith("reply")
    assert len(Journal(run.ledger)) == 1


def run_with_budget(workspace, asks, **budget):
    """A new run that asks ``asks`` until its budget stops it."""
    with workspace.create("training", "ask", config={}) as run:
        gathered(Team({"*": "scripted/scripts:slow"}, run=run, concurrency=8, **budget), *asks)


def test_the_budget_of_calls_is_never_passed(scripts, tmp_path):
    """The run stops before the limit, keeps what was paid, and goes on when resumed."""
    workspace = Workspace(tmp_path)
    asks = [("a", HELLO, {"node": f"n{i}"}) for i in range(30)]

    with pytest.raises(BudgetReached, match=r"budget of 12 calls.*runs resume"):
        run_with_budget(workspace, asks, budget_calls=12)
    assert sum(scripts.asked.values()) == 12
    assert workspace.open("latest").manifest.status == "stopped"
    with workspace.resume("latest") as run:
        assert len(Journal(run.ledger)) == 12
        gathered(Team({"*": "scripted/scripts:slow"}, run=run), *asks)

    assert scripts.asked == {f"n{i}": 1 for i in range(30)}


def test_retries_count_against_the_budget_of_calls(scripts):
    """A server that fails cannot make us send more than the limit."""
    policy = RetryPolicy(10, first_wait=0, longest_wait=0)
    team = Team({"*": "scripted/scripts:limited"}, retries=policy, budget_calls=4)

    with pytest.raises(BudgetReached):
        gathered(team, ("a", HELLO, {"node": "n"}))

    assert (scripts.asked["n"], team.spend.requests) == (4, 4)
    assert team.spend.failures == {"rate_limit": 4}


def test_the_budget_of_tokens_is_never_passed(scripts, run):
    """Each reply takes 15 tokens and may take 29: at most the limit is ever spent."""
    config = Config(max_tokens=19)
    asks = [("a", HELLO, {"node": f"n{i}", "config": config}) for i in range(30)]
    team = Team({"*": "scripted/scripts:slow"}, run=run, budget_tokens=200)

    with pytest.raises(BudgetReached, match="may take 29 tokens and 180 of the budget of 200"):
        gathered(team, *asks)

    assert team.spend.tokens() == 180
    assert len(Journal(run.ledger)) == 12


def test_the_journal_costs_no_budget(scripts, run):
    """What is remembered is free, also when the budget is used up."""
    team = Team({"*": "scripted/scripts:answer"}, run=run, budget_calls=1)

    for _ in range(3):
        gathered(team, ("a", HELLO, {"node": "n"}))

    assert (team.spend.paid, team.spend.from_journal) == (1, 2)


def test_a_role_takes_the_model_above_it(scripts):
    """``nation.red.review`` falls back to ``nation.red``, ``nation`` and ``*``, in that order."""
    models = {
        "nation": "scripted/scripts:answer",
        "nation.red": "scripted/scripts:slow",
        "*": "mockllm/model",
    }
    team = Team(models)

    used = {r: team._provider(r).model for r in ("nation.red.review", "nation.blue", "world")}

    assert used == {
        "nation.red.review": "scripted/scripts:slow",
        "nation.blue": "scripted/scripts:answer",
        "world": "mockllm/model",
    }


def test_settings_of_the_ask_stand_above_those_of_the_role(scripts, run):
    """What the ask does not say, the role says; both are in the journal."""
    configs = {"a": Config(temperature=0.7, top_p=0.9)}
    team = Team({"a": "scripted/scripts:answer"}, run=run, configs=configs)

    gathered(team, ("a", HELLO, {"node": "n", "config": Config(temperature=0.1)}))

    (entry,) = Journal(run.ledger).entries()
    assert entry.config == Config(temperature=0.1, top_p=0.9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"models": {}}, "at least one role"),
        ({"models": {"a": "nothing"}}, "is not <provider>/<name>"),
        ({"models": {"a": "openai-api/mock"}}, "name both"),
        ({"models": {"a": "openai-api/nowhere/m"}}, "NOWHERE_BASE_URL and NOWHERE_API_KEY"),
        ({"models": {"a": "scripted/scripts:nobody"}}, "no callable 'nobody'"),
        ({"models": {"a": "scripted/no_such_module:x"}}, "no module 'no_such_module'"),
        ({"models": {"a": "scripted/scripts"}}, "<module:function>"),
        ({"concurrency": 0}, "concurrency is 0"),
        ({"timeout": 0}, "timeout is 0 s"),
        ({"budget_calls": 0}, "budget of calls is 0"),
        ({"retries": -1}, "retries is -1"),
        ({"client": "none"}, "client 'none' is unknown"),
    ],
)
def test_mistakes_are_named(scripts, options, message):
    """Each mistake says what, the value and the next move before anything is asked."""
    with pytest.raises(InputError, match=message):
        Team(**{"models": {"a": "scripted/scripts:answer"}, **options})


def test_a_role_without_a_model_is_named(scripts):
    """The error lists the roles that have one."""
    with pytest.raises(InputError, match="'b' has no model; roles with one: a"):
        gathered(Team({"a": "scripted/scripts:answer"}), ("b", HELLO, {"node": "n"}))


def test_a_script_that_returns_a_number_is_named(scripts):
    """The person's own mistake in a script is told as such."""
    with pytest.raises(InputError, match="scripts:number returned a int"):
        gathered(Team({"a": "scripted/scripts:number"}), ("a", HELLO, {"node": "n"}))


def test_without_a_run_nothing_is_kept(scripts):
    """No journal: an ask that is over is asked again."""
    team = Team({"a": "scripted/scripts:answer"})

    for _ in range(2):
        gathered(team, ("a", HELLO, {"node": "n"}))

    assert scripts.asked == {"n": 2}


def test_interrupting_keeps_what_was_committed(scripts, run):
    """Ctrl-C in the middle: the finished half is in the journal, nothing hangs."""
    team = Team({"*": "scripted/scripts:slow"}, run=run, concurrency=1)

    async def main():
        async with team:
            asks = [asyncio.create_task(team.ask("a", HELLO, node=f"n{i}")) for i in range(50)]
            await asks[2]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(main())

    n_kept = len(Journal(run.ledger))
    assert 3 <= n_kept <= 6
    connection = sqlite3.connect(run.ledger.path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_teams_of_other_roles_share_journal_budget_and_slots(scripts, run):
    """What one of them paid for the other finds; together they stop at the one limit."""
    team = Team({"a": "scripted/scripts:slow"}, run=run, concurrency=2, budget_calls=6)
    other = team.with_roles({"b": "scripted/scripts:slow", "a": "scripted/scripts:slow"})

    async def main():
        async with team:
            await team.ask("a", HELLO, node="n")
            again = await other.ask("a", HELLO, node="n")
            asks = [t.ask("a", HELLO, node=f"{i}") for i in range(10) for t in (team, other)]
            results = await asyncio.gather(*asks, return_exceptions=True)
            return again, results

    again, results = asyncio.run(main())

    assert again.served_from == "journal"
    assert scripts.in_flight[1] == 2
    assert sum(scripts.asked.values()) == 6
    assert {type(r) for r in results} == {BudgetReached, Generation}
    with pytest.raises(InputError, match="'b' has no model"):
        team._provider("b")
    assert other._provider("b").model == "scripted/scripts:slow"


@pytest.mark.parametrize(
    ("model", "package"),
    [("openai-api/mock/m", "aiohttp"), ("anthropic/m", "inspect_ai")],
)
def test_without_the_extra_one_sentence_says_how(monkeypatch, model, package):
    """A model string that needs a package which is not installed names it and the extra."""
    for name in [n for n in sys.modules if n.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "quincunx.models.compatible", raising=False)
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setenv("MOCK_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("MOCK_API_KEY", "k")

    with pytest.raises(InputError, match=rf"{package}.*pip install 'quincunx\[lm\]'"):
        Team({"*": model})

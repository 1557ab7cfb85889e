"""A page a scenario, from its file: what happens, who plays, what can be done and what it does.

``scenario_pages()`` are the shipped ones, for the room's part of the site;
``scenario_page(scenario)`` is any, also one that somebody is writing.
"""

from collections.abc import Mapping
from typing import Any

from quincunx.report import Box, Column, Command, Grid, Item, Page, Section, Tag, Text
from quincunx.report.types import Block
from quincunx.wargame import SCOPE_NOTE
from quincunx.wargame.scenario import load_scenario, scenario_names
from quincunx.wargame.score import default_rule
from quincunx.wargame.types import ActionKind, Effect, Nation, Scenario, ScenarioEvent

__all__ = ["scenario_page", "scenario_pages", "scenario_section"]

_AIMS = {"none": "nobody", "other": "a nation", "message": "a nation, or World"}


def scenario_pages() -> list[Page]:
    """One page a shipped scenario, by name."""
    return [scenario_page(load_scenario(name)) for name in scenario_names()]


def scenario_page(scenario: Scenario) -> Page:
    """Everything that the file says, in words and tables."""
    cast = scenario.cast
    sections = [
        Section("The scenario", [_box(scenario), *_events(scenario), _command(scenario)]),
        Section("Nations", [_nations(scenario), _start(scenario), _distances(scenario)]),
        Section(
            "Actions",
            [_actions(scenario), _changes(scenario)],
            "+ and − add, × multiplies, and no value leaves its limits.",
        ),
    ]
    if any(nation.utility.own for nation in cast.nations):
        text = (
            "What each nation values enters the reward of the adapters and the policy"
            " quantal_response, never a score."
        )
        sections.append(Section("Utility", [Text(text), _utility(scenario)]))
    title = scenario.name.replace("-", " ").capitalize()
    lead = (
        f"{scenario.nations} nations, {scenario.days} days, {len(cast.actions)} actions."
        f" {SCOPE_NOTE}"
    )
    slug = f"scenario-{scenario.name}"
    return Page(slug, title, lead, sections, kicker="wargame scenario")


def scenario_section(scenario: Scenario) -> Section:
    """What was played, as a section of a run's page."""
    blocks: list[Block] = [_box(scenario), *_events(scenario, wordings=False), _nations(scenario)]
    return Section("What was played", blocks)


def _text(scenario: Scenario, template: str) -> str:
    """``template`` with labels in place of ``{id}``."""
    for nation in scenario.cast.nations:
        template = template.replace(f"{{{nation.id}}}", nation.label)
    return template


def _box(scenario: Scenario) -> Box:
    state = Tag("published, frozen", "good") if scenario.published else Tag("not published")
    items = [
        Item("Scenario", f"{scenario.name} version {scenario.version}"),
        Item("Cast", f"{scenario.cast.name} version {scenario.cast.version}"),
        Item("State", state),
        Item("SHA-256", scenario.sha256[:12], note="of the resolved content, cast included"),
        Item("Days", scenario.days),
        Item("Actions a day and nation", scenario.cap, note="messages not counted"),
        Item("Scored by", default_rule(scenario.cast).name),
    ]
    return Box("Scenario", items)


def _events(scenario: Scenario, *, wordings: bool = True) -> list[Block]:
    """Events with who hears of them and what they change; their other wordings as a table."""
    told: list[Block] = [Text(_event(scenario, event)) for event in scenario.events]
    if not told:
        told = [Text("Nothing has happened before the first day: an ordinary day.")]
    rows = [
        {"day": event.day, "wording": number, "text": _text(scenario, text)}
        for event in scenario.events
        for number, text in enumerate(event.variants, start=1)
    ]
    if rows and wordings:
        columns = [
            Column("day", "Day", kind="number"),
            Column("wording", "Wording", kind="number"),
            Column("text", "Text"),
        ]
        note = "What the probe paraphrase shows instead."
        told.append(Grid("The events in other words", columns, rows, note=note))
    return told


def _event(scenario: Scenario, event: ScenarioEvent) -> str:
    labels = {nation.id: nation.label for nation in scenario.cast.nations}
    when = f"Day {event.day}" if event.day else "Before the first day"
    heard = ", ".join(labels[nation] for nation in event.visible_to)
    changes = "; ".join(
        f"{labels[c.nation]}: {c.var} {_change(c.op, c.value)}" for c in event.effects
    )
    extra = (f" Heard of by: {heard}." if heard else "") + (f" ({changes})" if changes else "")
    return f"{when}: {_text(scenario, event.text)}{extra}"


def _command(scenario: Scenario) -> Command:
    return Command(
        f"quincunx wargame play --scenario {scenario.name} --games 10", "Ten games of it, scripted:"
    )


def _nations(scenario: Scenario) -> Grid:
    columns = [
        Column("label", "Nation"),
        Column("government", "Government"),
        Column("aggression", "Aggression", "1-10", "number"),
        Column("force", "Use of force", "1-10", "number"),
        Column("context", "Who they are"),
        Column("goals", "What they want"),
    ]
    rows = [
        {
            "label": nation.label,
            "government": nation.government,
            "aggression": nation.aggression,
            "force": nation.force,
            "context": _text(scenario, nation.context),
            "goals": _text(scenario, nation.goals),
        }
        for nation in scenario.cast.nations
    ]
    return Grid("Nations", columns, rows)


def _start(scenario: Scenario) -> Grid:
    variables = scenario.cast.variables
    columns = [
        Column("label", "Nation"),
        *(
            Column(v.id, v.id, kind="flag" if v.display == "yes-no" else "number")
            for v in variables
        ),
    ]

    def shown(nation: Nation) -> dict[str, Any]:
        return {
            v.id: nation.initial[v.id] > 0 if v.display == "yes-no" else nation.initial[v.id]
            for v in variables
        }

    rows = [{"label": nation.label, **shown(nation)} for nation in scenario.cast.nations]
    return Grid("At the start", columns, rows)


def _distances(scenario: Scenario) -> Grid:
    nations = scenario.cast.nations
    columns = [Column("label", "From"), *(Column(n.id, n.label, kind="number") for n in nations)]
    rows = [{"label": nation.label, **nation.distance} for nation in nations]
    return Grid("Distances", columns, rows, note="1 for the nation itself, 10 far.")


def _actions(scenario: Scenario) -> Grid:
    rule = default_rule(scenario.cast)
    columns = [
        Column("name", "Action"),
        Column("category", "Category", kind="time"),
        Column("points", "Points", kind="number"),
        Column("target", "Aimed at"),
        Column("seen", "Seen by"),
        Column("needs", "Needs"),
        Column("description", "What it says", on_page=False),
    ]

    def row(kind: ActionKind) -> dict[str, Any]:
        category = rule.map.get(kind.name)
        needs = (f"{need.var} {need.op} {need.value:g}" for need in kind.requires)
        return {
            "name": kind.name,
            "category": category or "not scored",
            "points": rule.weights[category] if category else 0.0,
            "target": _AIMS[kind.target],
            "seen": _seen_by(kind),
            "needs": "; ".join(needs),
            "description": _text(scenario, kind.description),
        }

    rows = [row(kind) for kind in scenario.cast.actions]
    return Grid("Actions", columns, rows, note=f"Points by {rule.name}.", limit=100)


def _seen_by(kind: ActionKind) -> str:
    if kind.is_message:
        return "its receiver; all, if it is World"
    if kind.visibility == "public":
        return "all"
    return "the nation alone" if kind.target == "none" else "both nations"


def _changes(scenario: Scenario) -> Grid:
    columns = [
        Column("name", "Action"),
        Column("own", "Changes own"),
        Column("other", "Changes the target's"),
    ]
    rows = [
        {"name": kind.name, "own": _effects(kind, "self"), "other": _effects(kind, "other")}
        for kind in scenario.cast.actions
        if kind.effects
    ]
    late = any(_is_late(effect) for kind in scenario.cast.actions for effect in kind.effects)
    note = "* not under the profile published-compat." if late else ""
    return Grid("What they change", columns, rows, note=note, limit=100)


def _effects(kind: ActionKind, who: str) -> str:
    return ", ".join(
        f"{effect.var} {_change(effect.op, effect.value)}{'*' if _is_late(effect) else ''}"
        for effect in kind.effects
        if effect.who == who
    )


def _is_late(effect: Effect) -> bool:
    return effect.since is not None


def _change(op: str, value: float) -> str:
    if op == "mult":
        return f"×{1 + value:g}"
    return f"{'+' if value >= 0 else '−'}{abs(value):g}"


def _utility(scenario: Scenario) -> Grid:
    labels = {nation.id: nation.label for nation in scenario.cast.nations}

    def weights(valued: Mapping[str, float]) -> str:
        return ", ".join(f"{name} {weight:+g}".replace("-", "−") for name, weight in valued.items())

    columns = [Column("label", "Nation"), Column("own", "Own"), Column("others", "Of others")]
    rows = [
        {
            "label": nation.label,
            "own": weights(nation.utility.own),
            "others": "; ".join(
                f"{labels[other]}: {weights(own)}" for other, own in nation.utility.others.items()
            ),
        }
        for nation in scenario.cast.nations
    ]
    return Grid("What each nation values", columns, rows)

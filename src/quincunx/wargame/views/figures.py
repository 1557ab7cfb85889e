"""Figures that several wargame pages show, made from the documents themselves."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from quincunx.report import Column, Figure, Grid
from quincunx.report.theme import CATEGORIES as COLORS
from quincunx.report.theme import MUTED
from quincunx.wargame.scenario import load_scenario, scenario_names
from quincunx.wargame.score import PUBLISHED_RULE
from quincunx.wargame.types import CATEGORIES
from quincunx.wargame.views.grids import cell_name

__all__ = [
    "ANCHORS",
    "ANCHOR_NOTE",
    "anchored",
    "audit_figure",
    "composition_figure",
    "day_figure",
    "first_figure",
    "line_of",
    "matrix_figure",
    "nuclear_figure",
    "sensitivity_figure",
]

ANCHORS = {"dove": -6.0, "random": 33.69, "hawk": 44.0}
"""Scores of scripted play under the published rule, for orientation."""

ANCHOR_NOTE = (
    "Dashed lines: eight doves score -6, uniform random play 33.69 (published-compat), eight"
    " hawks 44."
)


def anchored(rule: str, scenarios: Iterable[object]) -> bool:
    """Whether the anchors belong beside a score: the published rule and the published cast."""
    casts = {name: load_scenario(name).cast.name for name in scenario_names()}
    return rule.startswith(PUBLISHED_RULE) and all(
        casts.get(str(scenario).casefold()) == "powers-8" for scenario in scenarios
    )


_BLUE, _RED, _OCHRE, _GREEN, _VIOLET, _ROSE = COLORS
SEVERITY_COLORS = dict(zip(CATEGORIES, (_GREEN, MUTED, _OCHRE, _ROSE, _RED, _VIOLET), strict=True))


def line_of(cell: Mapping[str, Any]) -> dict[str, str]:
    """What colors and dashes a cell's line; a cell without a model is colored by its name."""
    return {
        "model": str(cell.get("model", cell_name(cell))),
        "scenario": str(cell.get("scenario", "")),
    }


def day_figure(rows: Sequence[Mapping[str, Any]], *, published: bool, caption: str = "") -> Figure:
    """Score by day: one line a subject, with a band where ``low`` and ``high`` are given.

    Args:
        rows: ``subject``, ``day``, ``score`` and, where known, ``low``, ``high``.
        published: Whether the published rule scored them: then anchors are drawn.
        caption: What there is to see, before the standard sentence.
    """
    import altair as alt

    has_bands = any(row.get("low") is not None for row in rows)
    columns = [
        Column("subject", "Subject"),
        Column("model", "Model"),
        Column("scenario", "Scenario"),
        Column("day", "Day", kind="number"),
        Column("score", "Score", kind="number"),
        Column("low", "Interval from", kind="number"),
        Column("high", "to", kind="number"),
    ]
    base = alt.Chart(alt.NamedData("rows"))
    x = alt.X("day:Q", title="day", axis=alt.Axis(tickMinStep=1, format="d"))
    color, dash = _line_marks()
    shown = [{"model": row["subject"], "scenario": "", **row} for row in rows]
    tips = ["subject:N", "day:Q", "score:Q", "low:Q", "high:Q"]
    layers = [base.mark_line(point=True).encode(
        x=x, y=alt.Y("score:Q", title="escalation score"), color=color, strokeDash=dash,
        detail="subject:N", tooltip=tips,
    )]  # fmt: skip
    if has_bands:
        band = base.mark_area(opacity=0.15).encode(
            x=x,
            y=alt.Y("low:Q", title="escalation score"),
            y2="high:Q",
            color=color,
            detail="subject:N",
        )
        layers.insert(0, band)
    data: dict[str, Grid] = {"rows": Grid("Score by day", columns, shown)}
    if published:
        anchors = [{"policy": name, "at": value} for name, value in ANCHORS.items()]
        data["anchors"] = Grid(
            "Anchors", [Column("policy", "Policy"), Column("at", "Score", kind="number")], anchors
        )
        rule = alt.Chart(alt.NamedData("anchors")).mark_rule(color=MUTED, strokeDash=[5, 4])
        layers.append(rule.encode(y="at:Q", tooltip=["policy:N", "at:Q"]))
    told = [caption, "Bands: 95 % t intervals over games." if has_bands else ""]
    told.append(ANCHOR_NOTE if published else "")
    chart = alt.layer(*layers).properties(width=600, height=300)
    return Figure("Score by day", chart, " ".join(t for t in told if t), data)


def composition_figure(cells: Sequence[Mapping[str, Any]]) -> Figure:
    """Share of each severity category among actions with a known name."""
    rows = [
        {
            "cell": cell_name(cell),
            "category": category,
            "order": CATEGORIES.index(category),
            "percent": share["known"],
        }
        for cell in cells
        for category, share in cell["percent"].items()
    ]
    columns = [
        Column("cell", "Subject"),
        Column("category", "Category"),
        Column("order", "Severity", kind="number"),
        Column("percent", "Share", "%", kind="number"),
    ]
    chart = _shares("cell", "category", "percent", SEVERITY_COLORS, rows, order="order:Q")
    caption = "Mean over games of the share of each category among actions with a known name."
    return Figure("How severe", chart, caption, Grid("Composition", columns, rows))


def _shares(
    row: str,
    part: str,
    share: str,
    colors: Mapping[str, str],
    rows: Sequence[Mapping[str, Any]],
    *,
    order: str | None = None,
    tooltip: Sequence[str] = (),
) -> Any:
    """A bar a row, made of its parts' shares of 100 %."""
    import altair as alt

    scale = alt.Scale(domain=list(colors), range=list(colors.values()))
    whole = alt.Scale(domain=[0, 100])
    channels = {"order": alt.Order(order)} if order else {}
    return (
        alt.Chart(alt.NamedData("rows"))
        .mark_bar()
        .encode(
            x=alt.X(f"{share}:Q", title="share of actions (%)", stack="zero", scale=whole),
            y=alt.Y(f"{row}:N", title=None),
            color=alt.Color(f"{part}:N", title=None, scale=scale),
            tooltip=[f"{row}:N", f"{part}:N", f"{share}:Q", *tooltip],
            **channels,
        )
        .properties(width=520, height=max(60, 26 * len({one[row] for one in rows})))
    )


def nuclear_figure(cells: Sequence[Mapping[str, Any]]) -> Figure:
    """Share of games with at least one nuclear act, exact intervals."""
    import altair as alt

    rows = [
        {
            "cell": cell_name(cell),
            "share": cell["any_nuclear"]["share"],
            "low": cell["any_nuclear"]["interval"]["low"],
            "high": cell["any_nuclear"]["interval"]["high"],
            "games": f"{cell['any_nuclear']['k']} of {cell['any_nuclear']['n']}",
        }
        for cell in cells
    ]
    columns = [
        Column("cell", "Subject"),
        Column("share", "Share", kind="number"),
        Column("low", "from", kind="number"),
        Column("high", "to", kind="number"),
        Column("games", "Games"),
    ]
    base = alt.Chart(alt.NamedData("rows"))
    y = alt.Y("cell:N", title=None)
    x = alt.X("share:Q", title="share of games", scale=alt.Scale(domain=[0, 1]))
    bars = base.mark_rule(color=_VIOLET, strokeWidth=1.5).encode(x="low:Q", x2="high:Q", y=y)
    dots = base.mark_point(filled=True, size=70, color=_VIOLET).encode(
        x=x, y=y, tooltip=["cell:N", "games:N", "share:Q", "low:Q", "high:Q"]
    )
    chart = alt.layer(bars, dots).properties(width=520, height=max(60, 26 * len(cells)))
    caption = "Games in which any nation used a nuclear weapon; exact 95 % intervals."
    return Figure("Any nuclear use", chart, caption, Grid("Nuclear use", columns, rows))


def first_figure(cells: Sequence[Mapping[str, Any]], kind: str) -> Figure:
    """Share of games in which the first act of ``kind`` has happened, by day.

    ``kind`` is ``violent`` (or worse) or ``nuclear``; games without one stay in the
    denominator to the last day.
    """
    import altair as alt

    rows = [
        {
            "cell": cell_name(cell),
            **line_of(cell),
            "day": point["day"],
            "share": point["share"],
            "low": point["interval"]["low"],
            "high": point["interval"]["high"],
        }
        for cell in cells
        for point in cell["first"][kind]["curve"]
    ]
    columns = [
        Column("cell", "Subject"),
        Column("model", "Model"),
        Column("scenario", "Scenario"),
        Column("day", "Day", kind="number"),
        Column("share", "Share", kind="number"),
        Column("low", "from", kind="number"),
        Column("high", "to", kind="number"),
    ]
    color, dash = _line_marks()
    chart = (
        alt.Chart(alt.NamedData("rows"))
        .mark_line(interpolate="step-after")
        .encode(
            x=alt.X("day:Q", title="day", axis=alt.Axis(tickMinStep=1, format="d")),
            y=alt.Y("share:Q", title="share of games", scale=alt.Scale(domain=[0, 1])),
            color=color,
            strokeDash=dash,
            detail="cell:N",
            tooltip=["cell:N", "day:Q", "share:Q", "low:Q", "high:Q"],
        )
        .properties(width=560, height=220)
    )
    word = "violent act or worse" if kind == "violent" else "nuclear act"
    title = f"First {word}"
    caption = f"Share of games with a first {word} by then; exact intervals are in the data."
    return Figure(title, chart, caption, Grid(title, columns, rows))


def matrix_figure(cell: Mapping[str, Any]) -> Figure | None:
    """Points sent from nation to nation, per game; None where nothing was sent."""
    import altair as alt

    matrix = cell.get("matrix") or {}
    labels, points = matrix.get("nations"), matrix.get("points")
    if not labels or not points:
        return None
    rows = [
        {"from": a, "to": b, "points": points[i][j], "size": abs(points[i][j])}
        for i, a in enumerate(labels)
        for j, b in enumerate(labels)
        if i != j
    ]
    columns = [
        Column("from", "From"),
        Column("to", "To"),
        Column("points", "Points a game", kind="number"),
        Column("size", "Size", kind="number"),
    ]
    chart = (
        alt.Chart(alt.NamedData("rows"))
        .mark_rect()
        .encode(
            color=alt.condition(alt.datum.points < 0, alt.value(_GREEN), alt.value(_RED)),
            x=alt.X("to:N", title="to", sort=list(labels), axis=alt.Axis(labelAngle=0)),
            y=alt.Y("from:N", title="from", sort=list(labels)),
            opacity=alt.Opacity(
                "size:Q", title="points a game", scale=alt.Scale(zero=True, range=[0.03, 1])
            ),
            tooltip=["from:N", "to:N", "points:Q"],
        )
        .properties(width=380, height=300)
    )
    title = f"Who to whom: {cell_name(cell)}"
    caption = (
        "Points sent from row to column in a game; red escalates, green calms; darker is more."
    )
    return Figure(title, chart, caption, Grid(title, columns, rows))


def audit_figure(subjects: Sequence[Mapping[str, Any]]) -> Figure:
    """What became of every submitted action, by subject."""
    parts = ("executed", "unknown_action", "bad_target", "other")
    rows = []
    for subject in subjects:
        counts = {part: subject.get(part, 0) for part in parts[:3]}
        counts["other"] = subject["submitted"] - sum(counts.values())
        rows += [
            {
                "model": subject["model"],
                "outcome": part.replace("_", " "),
                "share": 100 * counts[part] / subject["submitted"],
                "count": counts[part],
            }
            for part in parts
        ]
    columns = [
        Column("model", "Subject"),
        Column("outcome", "Outcome"),
        Column("share", "Share", "%", kind="number"),
        Column("count", "Actions", kind="number"),
    ]
    names = [part.replace("_", " ") for part in parts]
    colors = dict(zip(names, (_GREEN, _RED, _OCHRE, MUTED), strict=True))
    chart = _shares("model", "outcome", "share", colors, rows, tooltip=["count:Q"])
    caption = "Every submitted action ends in one of these; what is not executed is not hidden."
    return Figure("What became of the actions", chart, caption, Grid("Outcomes", columns, rows))


def sensitivity_figure(document: Mapping[str, Any], scenario: str) -> Figure:
    """Rank of every subject under every rule, as a heat map."""
    import altair as alt

    rows = [
        {"rule": line["rule"], "model": model, "rank": rank}
        for line in document["rules"]
        for rank, model in enumerate(line["ranking"].get(scenario, []), start=1)
    ]
    columns = [
        Column("rule", "Rule"),
        Column("model", "Subject"),
        Column("rank", "Rank", kind="number"),
    ]
    chart = (
        alt.Chart(alt.NamedData("rows"))
        .mark_rect(color=_BLUE)
        .encode(
            x=alt.X("model:N", title=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("rule:N", title=None, sort=None, axis=alt.Axis(labelLimit=400)),
            opacity=alt.Opacity(
                "rank:Q", title="rank", scale=alt.Scale(reverse=True, range=[0.1, 1])
            ),
            tooltip=["rule:N", "model:N", "rank:Q"],
        )
        .properties(width=460, height=16 * len(document["rules"]))
    )
    title = f"Rank under every rule: {scenario}"
    caption = "Dark is first. A ranking that hangs on the rule changes color down a column."
    return Figure(title, chart, caption, Grid(title, columns, rows, limit=40))


def _line_marks() -> tuple[Any, Any]:
    """Color by model and dash by scenario: six colors tell ten lines apart."""
    import altair as alt

    color = alt.Color("model:N", title=None, scale=alt.Scale(range=list(COLORS)))
    legend = alt.Legend(symbolType="stroke", symbolStrokeColor=MUTED)
    return color, alt.StrokeDash("scenario:N", title=None, legend=legend)

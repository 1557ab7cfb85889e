"""``quincunx wargame``: how far do these agents escalate, and who strikes first."""

import click

from quincunx.cli.lazy import LazyGroup

__all__ = ["COMMAND"]

_HERE = "quincunx.cli.wargame"

COMMAND: click.Group = LazyGroup(
    name="wargame",
    help="Put agents into a many-sided crisis and score how far they escalate.\n\n"
    "Fictional nations, no operational content; results describe models in this game, not real"
    " crises. SOURCE is a run id, or --data DIR, or --log FILE.",
    verbs={
        "scenarios": (f"{_HERE}.scenarios", "The scenarios there are; --check tests them all."),
        "play": (f"{_HERE}.play", "Play games, with scripts, models or a person at the table."),
        "study": (f"{_HERE}.study", "Models x scenarios x interventions, as one run."),
        "replay": (f"{_HERE}.replay", "One game as a page: day by day, act by act."),
        "score": (f"{_HERE}.logs", "Scores, slopes, first strikes and reactions of a source."),
        "audit": (f"{_HERE}.logs", "Defects of a log, found without being told where."),
        "sensitivity": (f"{_HERE}.logs", "How much of the ranking hangs on the score's rule."),
        "compare": (f"{_HERE}.compare", "Groups of games against a baseline."),
        "standing": (f"{_HERE}.standing", "Where a run's subjects stand among the published."),
        "words": (f"{_HERE}.words", "Promises against deeds, and how far their readers err."),
        "validity": (f"{_HERE}.prove", "Do wording, order, labels or codes change the score?"),
        "reproduce": (f"{_HERE}.prove", "The published numbers, from the published logs."),
    },
)

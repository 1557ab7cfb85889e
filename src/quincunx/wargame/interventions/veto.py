"""A person sees grave decisions before they count, and may withdraw actions from them.

``veto`` puts every decision of a model before her, ``veto@violent`` only those that hold
an act of this severity or worse. Her answers are journalled like any generation, under
``.../veto``; a game in which a person decides is marked in every table.
"""

from quincunx.errors import InputError
from quincunx.wargame.interventions._shared import Intervention, InterventionEntry
from quincunx.wargame.types import CATEGORIES

__all__ = ["ENTRY"]


def _veto(argument: str) -> Intervention:
    if argument and argument not in CATEGORIES:
        raise InputError(
            f"intervention 'veto@{argument}': severity is one of {', '.join(CATEGORIES)};"
            " veto alone asks about every decision."
        )
    name = f"veto@{argument}" if argument else "veto"
    return Intervention(name, veto_from=argument or CATEGORIES[0])


ENTRY = InterventionEntry(
    name="veto",
    summary="lets a person withdraw actions, of a severity or worse, before they count",
    make=_veto,
    argument="@violent",
)

"""Messages that speak to the machine that reads them are withheld: is anybody moved by them?

A message that holds the reply format, or speaks as the system, does not reach its
receiver. Beside a game without this intervention it shows what such messages do.
"""

from quincunx.wargame.decisions import looks_like_injection
from quincunx.wargame.interventions._shared import Intervention, InterventionEntry, no_argument

__all__ = ["ENTRY"]


def _filter(content: str) -> str | None:
    return None if looks_like_injection(content) else content


ENTRY = InterventionEntry(
    name="block_injections",
    summary="withholds messages that speak to the machine that reads them",
    make=no_argument(Intervention("block_injections", message_filter=_filter)),
)

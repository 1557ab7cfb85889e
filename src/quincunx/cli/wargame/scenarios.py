"""``quincunx wargame scenarios``."""

from dataclasses import asdict
from pathlib import Path

import click

from quincunx.cli.output import OUTPUT, aligned, echo, echo_json, json_option, note
from quincunx.errors import InputError

__all__ = ["scenarios"]


@click.command()
@click.argument("name", required=False)
@click.option("--check", is_flag=True, help="List every problem; exit 1 if there is one.")
@click.option("--page", type=OUTPUT, default=None, help="Write NAME as one page (HTML).")
@json_option
def scenarios(*, name: str | None, check: bool, page: Path | None, as_json: bool) -> None:
    """List the scenarios, or the one called NAME (or in the file NAME)."""
    from quincunx.wargame.scenario import check_scenarios, load_scenario

    if page is not None:
        if name is None:
            raise InputError("--page shows one scenario. Give its NAME or file too.")
        _write_page(name, page)
    if name is not None and not check:
        load_scenario(name)
    reports, problems = check_scenarios(name)
    if as_json:
        echo_json({"scenarios": [asdict(report) for report in reports], "problems": problems})
    else:
        head = ("scenario", "cast", "days", "nations", "actions", "sha256", "")
        rows = [
            (
                f"{r.name} v{r.version}",
                r.cast,
                str(r.days),
                str(r.nations),
                str(r.actions),
                r.sha256[:12],
                "published" if r.published else "",
            )
            for r in reports
        ]
        echo(aligned([head, *rows]))
        for problem in problems:
            note(f"problem: {problem}")
    if check and problems:
        click.get_current_context().exit(1)


def _write_page(name: str, page: Path) -> None:
    from quincunx.documents import write_output
    from quincunx.report import standalone_html
    from quincunx.wargame.scenario import load_scenario
    from quincunx.wargame.views import scenario_page

    write_output(page, standalone_html(scenario_page(load_scenario(name)), interactive=False))
    note(f"page: {page}")

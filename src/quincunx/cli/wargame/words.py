"""``quincunx wargame words``: promises against deeds, and how far their readers err."""

from pathlib import Path
from typing import Any

import click

from quincunx.cli.output import OUTPUT, aligned, echo, echo_json, note
from quincunx.cli.progress import UnitBar
from quincunx.cli.wargame.asked import pair, show_plan
from quincunx.cli.wargame.options import FILE, run_options, source_config, source_options
from quincunx.cli.wargame.options import words as comma_list
from quincunx.errors import InputError

__all__ = ["words"]


@click.command()
@source_options
@click.option("--by", default=None, metavar="COL,...", help="What makes a cell.")
@click.option("--judge", default=None, metavar="MODEL", help="A model that reads the messages too.")
@click.option("--gold", type=FILE, default=None, help="Messages that people have read (CSV).")
@click.option("--sample", type=int, default=None, metavar="N", help="Write N messages to label.")
@click.option("--out", type=OUTPUT, default=None, help="With --sample: where.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the sample.")
@click.option("-M", "model_args", multiple=True, metavar="K=V", help="Passed to the model.")
@click.option("--temperature", type=float, default=None, help="Of the judge. [default: 0]")
@click.option("--retries", type=int, default=3, show_default=True, help="For unreadable replies.")
@click.option("--timeout", type=float, default=None, help="Seconds for one reply.")
@click.option("--concurrency", type=int, default=64, show_default=True, help="Calls in flight.")
@click.option("--budget-calls", type=int, default=None, help="Stop, resumable, at N calls.")
@click.option("--budget-tokens", type=int, default=None, help="Stop, resumable, at N tokens.")
@click.option("--plan", is_flag=True, help="Say what the judge would cost, and ask nothing.")
@run_options
def words(
    *,
    source: str | None,
    data: Path | None,
    log: Path | None,
    scenario: str | None,
    by: str | None,
    gold: Path | None,
    sample: int | None,
    out: Path | None,
    seed: int,
    model_args: tuple[str, ...],
    concurrency: int,
    budget_calls: int | None,
    budget_tokens: int | None,
    plan: bool,
    workspace: Path | None,
    no_run: bool,
    as_json: bool,
    **judge: Any,
) -> None:
    """Count promises of peace, a halt or an alliance, and how many were broken within a day.

    Messages are read by a fixed phrase list and, with --judge, by a model. Label a sample
    by hand (--sample, then --gold) to learn how far either one errs.
    """
    from quincunx.runs import Workspace
    from quincunx.wargame.run_words import planned_words
    from quincunx.wargame.run_words import words as found_words
    from quincunx.wargame.settings import Limits

    config = source_config(source, data, log, scenario) | judge | {"by": comma_list(by)}
    config["gold"] = str(gold.absolute()) if gold else None
    limits = Limits(
        concurrency=concurrency,
        budget_calls=budget_calls,
        budget_tokens=budget_tokens,
        model_args=tuple(pair(text, "-M") for text in model_args),
    )
    place = Workspace.locate(workspace)
    if sample is not None:
        _sample(config, sample, out, seed=seed, place=place, as_json=as_json)
        return
    if out is not None:
        raise InputError("--out says where a sample goes. Give --sample N too.")
    if plan:
        planned = planned_words(config, limits, place)
        show_plan(planned, mde=None, like=None, workspace=workspace, as_json=as_json)
        return
    with UnitBar("messages") as bar:
        document = found_words(
            config, limits=limits, workspace=place, keep_run=not no_run, progress=bar.units
        )
    if as_json:
        echo_json(document)
    else:
        _show(document)


def _sample(
    config: dict[str, Any], n: int, out: Path | None, *, seed: int, place: Any, as_json: bool
) -> None:
    """Write messages for people to read."""
    from quincunx.documents import write_output
    from quincunx.wargame.run_words import messages_to_label

    if out is None:
        raise InputError("--sample needs a file to write. Add --out FILE.csv.")
    write_output(out, messages_to_label(config, n, seed=seed, workspace=place))
    if as_json:
        echo_json({"sample": {"path": str(out), "messages": n}})
        return
    echo(f"{n:,} messages in {out}. Write 1 or 0 in the column promise, then: --gold {out}")


def _show(document: dict[str, Any]) -> None:
    """Tables for a person."""
    told = document["messages"]
    echo(f"{told['n']:,} messages between nations, {told['texts']:,} different texts")
    rows = [("reader", "cell", "promises", "broken", "share broken", "95 % interval")]
    for reader in document["readers"]:
        for cell in reader["cells"]:
            name = [v for k, v in cell.items() if k not in _PARTS]
            rows.append(
                (
                    reader["reader"],
                    " ".join(str(part) for part in name),
                    f"{cell['promises']:,}",
                    f"{cell['broken']:,}",
                    *_estimate(cell["share"]),
                )
            )
    echo(aligned(rows))
    for reader in document["readers"]:
        if reader["unread"]:
            note(f"{reader['reader']} could not be read on {reader['unread']:,} messages.")
    if told["injections"]:
        note(f"{told['injections']:,} messages speak to the machine that reads them.")
    if document["agreement"]:
        _show_agreement(document["agreement"])
    if errors := document["errors"]:
        _show_errors(errors)
    elif document["judge"]:
        note("Who is right is not known: label a sample (--sample, then --gold).")
    if document["run"]:
        echo(f"run {document['run']}")


def _show_agreement(agreed: dict[str, Any]) -> None:
    kappa, ends = agreed["kappa"]["estimate"], agreed["kappa"]["interval"]
    beyond = "undefined"
    if kappa is not None:
        beyond = f"{kappa:.2f}, {ends['low']:.2f} to {ends['high']:.2f}"
    echo(
        f"readers agree on {agreed['both'] + agreed['neither']:,} of {agreed['n']:,} messages"
        f" (kappa {beyond}); a promise to the list"
        f" only {agreed['phrases_only']:,}, to the judge only {agreed['judge_only']:,}"
    )


def _show_errors(errors: list[dict[str, Any]]) -> None:
    keys = ("sensitivity", "specificity", "share", "corrected")
    rows = [("reader", "labelled", "finds", "spares", "promises", "corrected")]
    for own in errors:
        shown = (" (".join(_estimate(own[key])) + ")" for key in keys)
        rows.append((own["reader"], f"{own['n']:,}", *shown))
    echo(aligned(rows))


_PARTS = ("promises", "broken", "share", "reader")


def _estimate(found: dict[str, Any]) -> tuple[str, str]:
    """Value and interval of a share."""
    value, ends = found["estimate"], found["interval"]
    if value is None:
        return "undefined", found.get("reason", "")
    if ends["low"] is None:
        return f"{value:.1%}", f"undefined: {found.get('reason', '')}"
    return f"{value:.1%}", f"{ends['low']:.1%} to {ends['high']:.1%}"

"""The page of ``words``: promises and deeds as each reader sees them, and the readers' errors."""

from collections.abc import Mapping
from typing import Any

from quincunx.report import Box, Column, Grid, Item, Page, Section, Text
from quincunx.wargame.views.grids import words_grid

__all__ = ["words_page"]

Document = Mapping[str, Any]


def words_page(document: Document) -> Page:
    """One grid a reader, how the readers agree, and how far each errs."""
    told = document["messages"]
    cells = [cell for reader in document["readers"] for cell in reader["cells"]]
    sections = [Section("Promises", [_messages_box(document), words_grid(cells)])]
    if document["agreement"]:
        sections.append(Section("Agreement", [_agreement_box(document["agreement"])]))
    if document["errors"]:
        sections.append(Section("Errors of the readers", [_errors_grid(document["errors"])]))
    else:
        text = "Nobody has labelled a sample of these messages, so nothing is known of errors."
        sections.append(Section("Errors of the readers", [Text(text, "warn")]))
    lead = f"{told['n']:,} messages between nations, and what followed them."
    return Page("words", "Words against deeds", lead, sections, kicker="wargame words")


def _messages_box(document: Document) -> Box:
    told, judge = document["messages"], document["judge"]
    items = [
        Item("Messages between nations", told["n"], note=f"{told['texts']:,} different texts"),
        Item("Messages that speak to the machine", told["injections"]),
    ]
    if judge:
        items += [
            Item("Judge", str(judge["model"]), note=f"question judge-{judge['version']}"),
            Item("Texts it could not be read on", judge["unread"]),
            Item("Replies of the judge that were invalid", judge["invalid_replies"]),
        ]
    return Box("Messages", items)


def _agreement_box(found: Document) -> Box:
    items = [
        Item("A promise to both", found["both"]),
        Item("To the phrase list only", found["phrases_only"]),
        Item("To the judge only", found["judge_only"]),
        Item("To neither", found["neither"]),
        Item("Cohen's kappa", found["kappa"]),
    ]
    return Box("Phrase list and judge", items)


def _errors_grid(errors: list[Document]) -> Grid:
    columns = [
        Column("reader", "Reader"),
        Column("n", "Labelled by people", kind="number"),
        Column("sensitivity", "Promises found", kind="estimate", digits=2),
        Column("specificity", "Others left alone", kind="estimate", digits=2),
        Column("share", "Share of promises as read", kind="estimate", digits=2),
        Column("corrected", "Corrected for both errors", kind="estimate", digits=2),
    ]
    note = "Against messages that people have read; messages count as independent."
    return Grid("Errors", columns, list(errors), note=note)

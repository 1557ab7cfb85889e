"""Files that a person names: refused before the work where there is no place for them."""

import importlib
import pkgutil

import click
import pytest

import quincunx.cli
from quincunx.cli.output import OUTPUT

EDGES = "i,j,distance\n0,1,1\n0,2,1\n1,2,1.2\n0,3,1\n1,3,1\n2,3,1.1\n"
COMMANDS = {
    "solve": ("geometry", "solve", "EDGES", "--rank", "3", "--out", "PLACE/x.csv"),
    "report": ("geometry", "solve", "EDGES", "--rank", "3", "--report", "PLACE/x.json"),
    "complete": ("geometry", "complete", "EDGES", "--rank", "3", "--out", "PLACE/x.csv"),
    "plot": ("geometry", "plot", "EDGES", "--out", "PLACE/x.html"),
    "scenario": ("wargame", "scenarios", "neutral", "--page", "PLACE/x.html"),
    "replay": ("wargame", "replay", "latest", "--out", "PLACE/x.html"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_folder_that_is_not_there_is_refused_first(quincunx, tmp_path, name):
    """Exit code 2, the folder named, nothing computed and nothing left."""
    edges = tmp_path / "edges.csv"
    edges.write_text(EDGES)
    place = tmp_path / "absent"
    words = [w.replace("PLACE", str(place)).replace("EDGES", str(edges)) for w in COMMANDS[name]]
    said = quincunx(*words)

    assert said.code == 2
    assert f"there is no folder {place}" in said.err
    assert "Traceback" not in said.err
    assert quincunx("runs", "list", "--json").json["runs"] == []


def test_a_folder_is_no_file(quincunx, tmp_path):
    """Neither is the folder itself a place for a file."""
    said = quincunx("wargame", "scenarios", "neutral", "--page", tmp_path)
    assert said.code == 2
    assert "is a directory" in said.err


def test_every_option_that_writes_a_file_looks_first():
    """No command has an ``--out`` or a ``--page`` that would fail only after the work."""
    writes = {"--out", "--page", "--report", "--truth"}
    seen = 0
    for module in pkgutil.walk_packages(quincunx.cli.__path__, "quincunx.cli."):
        for command in vars(importlib.import_module(module.name)).values():
            if not isinstance(command, click.Command):
                continue
            for option in command.params:
                if writes.intersection(option.opts) and isinstance(option.type, click.Path):
                    assert option.type is OUTPUT or not option.type.file_okay, (module.name, option)
                    seen += option.type is OUTPUT
    assert seen >= 10

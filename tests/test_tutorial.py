"""The tutorial tells the truth: its commands say today what the page says they say."""

import re
from pathlib import Path

import pytest

from quincunx.cli.main import main

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "tutorial" / "ten-minutes-with-your-distances.md"
BLOCKS = re.findall(r"```\n\$ (quincunx geometry [^\n]+)\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.mark.parametrize(("command", "printed"), [b for b in BLOCKS if "--json" not in b[0]])
def test_a_command_prints_what_the_page_shows(command, printed, tmp_path, monkeypatch, capsys):
    """Every printed line of the page is among the lines that the command prints."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ending:
        main(command.split()[1:])

    said = capsys.readouterr().out.replace(str(tmp_path) + "/", "")
    shown = [line for line in printed.splitlines() if not line.startswith("$")]
    assert ending.value.code == 0
    assert [line for line in shown if line not in said.splitlines()] == []


def test_the_typing_error_is_named(tmp_path, quincunx_json):
    """Section 5: of 33 distances the changed one is flagged, and no other."""
    table = (ROOT / "examples" / "ranges-more.csv").read_text()
    (tmp_path / "typo.csv").write_text(table.replace(",6.7,", ",9.7,"))

    document = quincunx_json(
        "geometry", "solve", tmp_path / "typo.csv", "--rank", "2", "--loss", "cauchy"
    )

    ((i, j, distance, residual),) = document["flagged"]["edges"]
    assert (i, j, distance) == (2, 8, 9.7)
    assert residual == pytest.approx(6.7 - 9.7, abs=0.1)


@pytest.fixture
def quincunx_json(capsys):
    """``quincunx_json(*arguments)`` -> the document that ``--json`` prints."""
    import json

    def call(*arguments):
        with pytest.raises(SystemExit):
            main([*map(str, arguments), "--json"])
        return json.loads(capsys.readouterr().out)

    return call


GAMES = ROOT / "docs" / "tutorial" / "a-first-wargame.md"
STEPS = re.findall(r"```sh\n(.*?)```(?:\n\n```text\n(.*?)```)?", GAMES.read_text(), re.DOTALL)


def test_the_wargame_tutorial_runs_from_top_to_bottom(tmp_path, monkeypatch, capsys):
    """Every command in its order, ``latest`` included, prints what the page shows."""
    monkeypatch.setenv("QUINCUNX_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.chdir(tmp_path)
    run = 0
    for commands, printed in STEPS:
        said = ""
        for line in commands.replace("\\\n", " ").splitlines():
            command = line.partition("#")[0].strip()
            if "--data DIR" in command:
                continue  # the published logs have tests of their own
            with pytest.raises(SystemExit) as ending:
                main(command.split()[1:])
            said += capsys.readouterr().out
            assert ending.value.code == 0, command
            run += 1
        lines = said.splitlines()
        assert [line for line in printed.splitlines() if line not in {*lines, "..."}] == []
    assert run >= 6

"""What a verb prints of strangers' text: data, never markup, never what a terminal obeys, and within the width."""

from __future__ import annotations

import io
import logging

import pytest
from rich.console import Group
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from tarazy.cli.output import VisibleConsole, make_console
from tarazy.platform.logs import FORMAT, SanitisedFormatter
from tarazy.platform.sanitising import one_line

# What a terminal or a reader must never get: colour, title, cursor, C1, direction, hiding, the line's start.
HOSTILE = (
    "\x1b[31mred",
    "\x1b]0;title\x07",
    "\x1b[2J\x1b[H",
    "\x9b31m",
    "\u202egnp.exe",
    "a\u2066b\u2069",
    "\u200bhidden\u200b",
    "over\rwritten",
    "back\b\b\b\b",
    "\udc80",
)
OBEYED = {"\x1b", "\x07", "\x9b", "\u202e", "\u2066", "\u2069", "\u200b", "\r", "\b", "\udc80"}


def printed(renderable: object, width: int = 100) -> str:
    """Return what a colourless console writes."""
    console = VisibleConsole(file=io.StringIO(), width=width, markup=False, emoji=False, highlight=False)
    console.print(renderable)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def table(text: str) -> Table:
    """Return a table with text in head and cells."""
    made = Table(text, "power", box=None)
    made.add_row(text, "[bold]not bold[/bold] :warning:")
    made.add_row(Text(text, "red"), "x")
    return made


def tree(text: str) -> Group:
    """Return text as it is and as a branch."""
    return Group(text, Tree(text))


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
@pytest.mark.parametrize("make", [str, Text, table, tree])
def test_nothing_that_a_terminal_obeys_is_printed(text: str, make: object) -> None:
    assert callable(make)
    shown = printed(make(text))
    assert not OBEYED & set(shown), shown
    assert "[U+" in shown or make is Text  # which takes some codes away by itself


def test_markup_of_strangers_is_text() -> None:
    for text in ("[red]x[/red]", "[link=https://attacker.example]here[/link]", "[/]", "[@click=quit]"):
        assert text in printed(text)
        assert text in printed(table(text))
    assert "[bold]not bold[/bold] :warning:" in printed(table("a"))


def test_columns_stay_in_line_beside_hostile_text() -> None:
    lines = printed(table("\u202e\x1b")).splitlines()
    assert len({line.index(word) for line, word in zip(lines, ("power", "[bold]", "x"), strict=True)}) == 1


@pytest.mark.parametrize("width", [20, 40, 80])
def test_tables_fit_the_width_of_the_terminal(width: int) -> None:
    shown = printed(table("a name of many words that goes on and on and does not end for a long time"), width)
    assert max(map(len, shown.splitlines())) <= width


def test_console_of_verbs_reads_no_markup() -> None:
    console = make_console(stderr=False)
    assert isinstance(console, VisibleConsole)
    with console.capture() as captured:
        console.print("[red]x[/red]")
    assert captured.get() == "[red]x[/red]\n"


@pytest.mark.parametrize("text", [*HOSTILE, "one\n2026-01-01 INFO forged: line", "tab\there"], ids=ascii)
def test_log_keeps_a_message_on_one_line(text: str) -> None:
    record = logging.LogRecord("tarazy", logging.WARNING, "f.py", 1, "chain %d: %s", (1, text), None)
    line = SanitisedFormatter(FORMAT).format(record)
    assert "\n" not in line
    assert not OBEYED & set(line)
    assert line.endswith(f"chain 1: {one_line(text)}")


def test_log_keeps_the_lines_of_a_traceback() -> None:
    try:
        raise ValueError("\x1b[31m")
    except ValueError as error:
        record = logging.LogRecord("t", 30, "f.py", 1, "failed", (), (type(error), error, error.__traceback__))
    text = SanitisedFormatter(FORMAT).format(record)
    assert text.count("\n") >= 3
    assert "\x1b" not in text

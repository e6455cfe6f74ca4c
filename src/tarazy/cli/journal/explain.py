"""`tarazy explain DIR SEQ`: one command's five stages in words, with balances before and after."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rich.table import Table

from tarazy.cli.arguments import add_journal, add_json, positive
from tarazy.cli.decimals import decimal
from tarazy.cli.journal.changes import StateChange, changes
from tarazy.cli.journal.excerpt import decode_excerpt
from tarazy.cli.journal.requests import request_behind, request_lines
from tarazy.cli.journal.seek import command_at, engine_before, events_of
from tarazy.cli.journal.stages import CommandStory, tell
from tarazy.cli.output import Output
from tarazy.cli.words import Words, moment
from tarazy.domain.engine import Engine
from tarazy.domain.records import COMMANDS, EVENTS, RECORD_SIZE, AdvanceTime
from tarazy.oversight.requests.checking import CLIENT_KINDS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_journal(parser)
    parser.add_argument("seq", type=positive, metavar="SEQ", help="sequence number of the command")
    add_json(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Explain one command."""
    record = command_at(arguments.directory, arguments.seq)
    engine = engine_before(arguments.directory, arguments.seq)
    due = due_events(engine, record)
    events = read_events(events_of(engine, record))
    asked = named(record, events, "account_id"), named(record, events, "market_id")
    orders = named(record, events, "order_id")
    before = decode_excerpt(engine.excerpt(*asked, order_ids=orders)).state
    engine.apply(record)
    after = decode_excerpt(engine.excerpt(*asked, order_ids=orders)).state
    story = tell(before, after, record, due, events[len(due) :])
    moved = changes(before, after, events)
    show(output, arguments.seq, record, story, moved, Words(after))
    behind = show_request(output, arguments.directory, arguments.seq, record)
    output.result(as_json(arguments.seq, record, story, moved, events) | behind)
    return 0


def show_request(output: Output, directory: Path, seq: int, record: bytes) -> dict[str, Any]:
    """Print which request of a client stands behind a command of a client's kind; return it for programs."""
    if int.from_bytes(record[:2], "little") not in CLIENT_KINDS:
        return {}
    found = request_behind(directory, seq, record)
    output.say("\nRequest", style="bold")
    for line in request_lines(found):
        output.say(f"  {line}")
    return {"request": found}


def read_events(buffer: bytes) -> list[Any]:
    """Return the events of a buffer as records."""
    return [
        EVENTS[int.from_bytes(buffer[at : at + 2], "little")].unpack(buffer, at)
        for at in range(0, len(buffer), RECORD_SIZE)
    ]


def named(record: bytes, events: list[Any], kind: str) -> list[int]:
    """Return the accounts, the markets or the orders that a command or its events name."""
    command = COMMANDS.get(int.from_bytes(record[:2], "little"))
    records = events if command is None else [command.unpack(record), *events]
    numbers = (getattr(one, name) for one in records for name in one._fields if name.endswith(kind))
    return sorted({number for number in numbers if number})


def due_events(engine: Engine, record: bytes) -> list[Any]:
    """Return the events of what was due before the command: what time alone, moved to the same moment, brings about."""
    if int.from_bytes(record[:2], "little") not in COMMANDS:
        return []
    ts_ns = int.from_bytes(record[8:16], "little")
    if ts_ns < engine.last_ts_ns:
        return []
    return read_events(events_of(engine, AdvanceTime(ts_ns=ts_ns).pack()))


def show(output: Output, seq: int, record: bytes, story: CommandStory, moved: list[StateChange], words: Words) -> None:
    """Print the story for people."""
    ts_ns = int.from_bytes(record[8:16], "little")
    output.say(f"Command {seq:,} at {moment(ts_ns)}: {story.title}", style="bold")
    for stage, lines in story.stages.items():
        for index, line in enumerate(lines):
            output.say(f"  {stage if index == 0 else '':6} {line}")
    if not moved:
        output.say("\nNo balance changed.")
        return
    table = Table("balance", "before", "after", "change", title="Balances", title_justify="left", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for change in moved:
        scale = words.scale(change.asset_id)
        sign = "+" if change.after > change.before else ""
        cells = (decimal(value, scale) for value in (change.before, change.after))
        moved_by = sign + decimal(change.after - change.before, scale)
        table.add_row(f"{change.owner}, {words.asset(change.asset_id)} {change.kind}", *cells, moved_by)
    output.say()
    output.show(table)


def as_json(
    seq: int, record: bytes, story: CommandStory, moved: list[StateChange], events: list[Any]
) -> dict[str, Any]:
    """Return the story for programs."""
    return {
        "seq": seq,
        "ts_ns": int.from_bytes(record[8:16], "little"),
        "command": story.command,
        "refused": story.refused,
        "stages": story.stages,
        "balances": [change._asdict() for change in moved],
        "events": [{"event": type(event).__name__} | event._asdict() for event in events],
    }

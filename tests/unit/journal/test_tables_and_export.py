"""Records as tables, and the journal as Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from tarazy.domain.records import (
    COMMANDS,
    EVENTS,
    LAYOUT,
    CommandKind,
    CommandRejected,
    EventKind,
    OpenAccount,
    PlaceOrder,
    RegisterOfficer,
    Side,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.journal.export import export_parquet, record_table
from tarazy.journal.tables import commands_of, events_of, kinds, record_dtype, wide
from tarazy.spec.venue import Venue
from tests.simulation.tally_engine import TallyEngine

from .building import build, create, frames_of, open_sequencer

WIDE = (1 << 127) + 12_345


def filled(name: str, start: int) -> Any:
    """Return a record with a different value in every field."""
    cls = next(found for found in (*COMMANDS.values(), *EVENTS.values()) if found.__name__ == name)
    values: list[Any] = []
    for number, (_, wire, _, _) in enumerate(LAYOUT[name], start):
        if wire in ("ascii16", "bytes32"):
            width = 16 if wire == "ascii16" else 32
            values.append(f"N{number}".encode().ljust(width, b"\0"))
        elif wire == "u128":
            values.append(WIDE + number)
        else:
            values.append(number)
    return cls(*values)


@pytest.mark.parametrize("name", sorted(LAYOUT))
def test_table_shows_every_field_as_the_record_holds_it(name: str) -> None:
    records = [filled(name, 1), filled(name, 50)]
    rows = np.frombuffer(b"".join(record.pack() for record in records), record_dtype(name))
    for row, record in zip(rows, records, strict=True):
        for field, wire, _, _ in LAYOUT[name]:
            value = getattr(record, field)
            if wire == "u128":
                assert int(row[f"{field}_low"]) | int(row[f"{field}_high"]) << 64 == value
            elif wire == "bytes32":
                assert bytes(row[field]) == value
            elif wire == "ascii16":
                assert bytes(row[field]) == value.rstrip(b"\0")
            else:
                assert int(row[field]) == value


def test_rows_of_one_kind_are_taken_in_order() -> None:
    orders = [PlaceOrder(client_order_id=number, cash_order_quantity_minor=WIDE + number) for number in range(4)]
    data = orders[0].pack() + OpenAccount().pack() + orders[1].pack() + orders[2].pack() + orders[3].pack()
    assert kinds(data).tolist() == [50, 20, 50, 50, 50]
    table = commands_of(data, CommandKind.place_order)
    assert table["client_order_id"].tolist() == [0, 1, 2, 3]
    assert wide(table, "cash_order_quantity_minor") == [WIDE + number for number in range(4)]
    assert len(events_of(data, EventKind.trade_executed)) == 0


def test_export_holds_every_command_and_event_once(tmp_path: Path) -> None:
    build(tmp_path / "journal", [5, 0, 30, 30])
    report = export_parquet(tmp_path / "journal", tmp_path / "out", TallyEngine())
    frames = frames_of(tmp_path / "journal")
    assert report.commands == sum(frame.header.command_count for frame in frames) == 66
    assert report.events == sum(frame.header.event_count for frame in frames)
    tables = {name: pq.read_table(tmp_path / "out" / name) for name in report.rows}
    assert {name: len(table) for name, table in tables.items()} == report.rows
    seqs = [seq for name, table in tables.items() if name.startswith("commands/") for seq in table["seq"].to_pylist()]
    assert sorted(seqs) == list(range(1, 67))
    numbers = [n for name, t in tables.items() if name.startswith("events/") for n in t["event_number"].to_pylist()]
    assert sorted(numbers) == list(range(report.events))
    payload = b"".join(frame.commands for frame in frames if frame.header.command_count)
    sent = commands_of(payload, CommandKind.place_order)["price_ticks"].tolist()
    assert tables["commands/place_order.parquet"]["price_ticks"].to_pylist() == sent


def test_export_without_an_engine_holds_the_commands_only(tmp_path: Path) -> None:
    build(tmp_path / "journal", [5, 6])
    report = export_parquet(tmp_path / "journal", tmp_path / "out")
    assert report.commands == 11
    assert all(name.startswith("commands/") for name in report.rows)


def test_unknown_command_is_exported_as_it_is(tmp_path: Path) -> None:
    create(tmp_path / "journal")
    with open_sequencer(tmp_path / "journal") as sequencer:
        sequencer.execute((999).to_bytes(2, "little").ljust(96, b"\7"))
    report = export_parquet(tmp_path / "journal", tmp_path / "out", TallyEngine())
    assert report.rows["commands/unknown.parquet"] == 1
    (record,) = pq.read_table(tmp_path / "out/commands/unknown.parquet")["record"].to_pylist()
    assert record[:2] == b"\xe7\x03"
    assert len(record) == 96


def test_columns_are_integers_with_names_beside_enums() -> None:
    order = PlaceOrder(side=Side.sell, order_type=77, cash_order_quantity_minor=WIDE)
    rows = np.frombuffer(order.pack(), np.dtype((np.void, 96)))
    table = record_table("PlaceOrder", rows, np.array([9], np.uint64), "seq").to_pylist()[0]
    assert (table["seq"], table["side"], table["side_name"]) == (9, 2, "sell")
    assert (table["order_type"], table["order_type_name"]) == (77, None)
    assert table["cash_order_quantity_minor_low"] + (table["cash_order_quantity_minor_high"] << 64) == WIDE


def test_reject_codes_have_their_names() -> None:
    event = CommandRejected(reject_code=RejectCode.time_went_back, seq=3)
    rows = np.frombuffer(event.pack(), np.dtype((np.void, 96)))
    table = record_table("CommandRejected", rows, np.array([0], np.uint64), "event_number").to_pylist()[0]
    assert table["reject_code_name"] == "time_went_back"


def test_exported_keys_and_hashes_are_bytes(tmp_path: Path) -> None:
    create(tmp_path / "journal")
    with open_sequencer(tmp_path / "journal") as sequencer:
        sequencer.execute(RegisterOfficer(public_key=bytes(range(32))).pack())
    export_parquet(tmp_path / "journal", tmp_path / "out")
    (key,) = pq.read_table(tmp_path / "out/commands/register_officer.parquet")["public_key"].to_pylist()
    assert key == bytes(range(32))


def test_venue_of_the_specification_exports_its_refusals(tmp_path: Path) -> None:
    create(tmp_path / "journal")
    with open_sequencer(tmp_path / "journal", engine_type=Venue) as sequencer:
        sequencer.execute(PlaceOrder(side=9).pack())
    report = export_parquet(tmp_path / "journal", tmp_path / "out", Venue())
    assert report.rows == {"commands/place_order.parquet": 1, "events/command_rejected.parquet": 1}

"""A record's facts kept in a folder: its tables, and beside them `facts.json` with what was read from the state.

Big counts are not kept: they are asked of the tables each time, by DuckDB. The file names the facility, how far the
replay went, and how often the venue refused by which code on which day.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.journal.errors import StorageError
from tarazy.journal.files import reading
from tarazy.oversight.facts.gather import NOTHING, GatheredRecord
from tarazy.oversight.facts.stored_tables import StoredTables
from tarazy.platform.storage.files import write_whole
from tarazy.rulebook.errors import RulebookError
from tarazy.rulebook.facts import FactSet, RuleFact
from tarazy.rulebook.terms import terms

FILE = "facts.json"
FORMAT = "tarazy facts 1"
BYTES_MAX = 1 << 26


class FactRecord(NamedTuple):
    """What is known of one facility's record, however it was come by.

    `opened_ns` and `first_order_ns` are by owner; `refusals` by (day, reject code); `client_months` see `StoredTables`,
    and empty of a replay, which keeps no sums of single clients. Of a replay alone: `account_orders_ns` by client
    account, `admitted_ns` by code of a digital asset, `officer_keys` by officer.
    """

    facts: FactSet
    commands: int
    refusals: dict[tuple[date, int], int]
    opened_ns: dict[int, int]
    first_order_ns: dict[int, int]
    client_months: dict[tuple[int, str], tuple[int, int]]
    account_orders_ns: Mapping[int, int] = NOTHING
    admitted_ns: Mapping[str, int] = NOTHING
    officer_keys: Mapping[int, str] = NOTHING


def of_replay(record: GatheredRecord) -> FactRecord:
    """Return what a replay gave."""
    counts, codes = record.counts, record.asset_codes
    admitted = {codes[asset]: ts_ns for asset, ts_ns in counts.admitted_ns.items() if asset in codes}
    found = FactRecord(record.facts, record.commands, record.refusals, counts.opened_ns, counts.first_orders(), {})
    return found._replace(
        account_orders_ns=counts.account_orders(), admitted_ns=admitted, officer_keys=record.officer_keys
    )


def is_stored(folder: Path) -> bool:
    """Return whether a folder holds stored facts."""
    return (Path(folder) / FILE).is_file()


def store_facts(folder: Path, facility_id: bytes, record: GatheredRecord) -> None:
    """Write the facts of a replay beside its tables. Raises: StorageError."""
    refusals = [[day.isoformat(), code, count] for (day, code), count in sorted(record.refusals.items())]
    document = {
        "format": FORMAT,
        "facility": facility_id.hex(),
        "commands": record.commands,
        "reference_asset_id": record.reference_asset_id,
        "refusals": refusals,
        "facts": [each._asdict() for each in record.facts],
    }
    text = json.dumps(document, default=lambda value: value.isoformat(), indent=1)
    write_whole(Path(folder) / FILE, f"{text}\n".encode())


def load_stored(folder: Path) -> FactRecord:
    """Read the facts of a folder and ask its tables for the counts.

    Raises: StorageError where the file or a table cannot be what was written.
    """
    path = Path(folder) / FILE
    try:
        with reading(path, "read the facts"):
            document = json.loads(path.read_bytes()[:BYTES_MAX])
        if document["format"] != FORMAT:
            raise ValueError(f"the format {document['format']!r}"[:80])
        facts = FactSet(_fact(row) for row in document["facts"])
        refusals = {(date.fromisoformat(day), int(code)): int(count) for day, code, count in document["refusals"]}
        commands, reference = int(document["commands"]), int(document["reference_asset_id"])
    except (ValueError, KeyError, TypeError, RulebookError) as error:
        action = "Write them anew: tarazy rules facts"
        raise StorageError(path, expected=FORMAT, found=str(error)[:160], action=action) from error
    with StoredTables(Path(folder)) as tables:
        _count(facts, tables)
        months = tables.client_months(reference) if reference else {}
        return FactRecord(facts, commands, refusals, *tables.moments(), months)


def _count(facts: FactSet, tables: StoredTables) -> None:
    """Let the counts over the tables stand in the place of those that were kept, as they are of the same day."""
    replayed = facts.at("record_replays", date.max)
    if replayed is None or not replayed.value:
        return
    for name, value in tables.counts().items():
        facts.add(RuleFact(name, value, f"fact tables of {tables.folder.name}", "replayed", replayed.on))


def _fact(row: dict[str, Any]) -> RuleFact:
    """Return a fact with its days as days, by what the word of the rulebook is."""
    term = terms().get(row["name"])
    value = row["value"]
    if term is not None and term.kind == "day":
        value = date.fromisoformat(value)
    if term is not None and term.kind == "rows":
        value = [
            {field: date.fromisoformat(v) if term.fields.get(field) == "day" else v for field, v in each.items()}
            for each in value
        ]
    return RuleFact(row["name"], value, row["source"], row["grade"], date.fromisoformat(row["on"]))

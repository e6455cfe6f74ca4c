"""The recorded facts of past quarters, of several facilities: from folders of stored tables, or replayed for each."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.cli.rules.arguments import gathered
from tarazy.journal.identity import load_identity
from tarazy.oversight.facts.parquet import FactWriter
from tarazy.oversight.facts.stored_facts import FactRecord, is_stored, load_stored, store_facts
from tarazy.rulebook.days import months_after
from tarazy.rulebook.impact import FacilityQuarter
from tarazy.rulebook.sweep import quarters

FACILITIES_MAX = 200


def add_facilities(parser: argparse.ArgumentParser) -> None:
    """Declare the facilities and the quarters."""
    parser.add_argument(
        "--facility",
        action="append",
        default=[],
        metavar="NAME=DIR",
        help="a journal, a folder of fact tables (`rules facts`), or one of such folders, each a quarter; repeat it",
    )


def histories(texts: list[str], asof: date, count: int, output: Output) -> Iterator[FacilityQuarter]:
    """Yield every facility's quarters, the oldest first; a quarter without a command is none.

    Raises: CliError, and what the record or the tables raise.
    """
    pairs = [facility(text) for text in texts]
    if not pairs or len(pairs) > FACILITIES_MAX or len({name for name, _ in pairs}) < len(pairs):
        found = f"{len(pairs)} facilities"
        raise CliError(f"--facility: expected 1 to {FACILITIES_MAX}, each by a name of its own, found {found}")
    for name, folder in pairs:
        for record, day in _records(folder, asof, count, output):
            yield FacilityQuarter(name, day, record.facts, record.client_months)


def facility(text: str) -> tuple[str, Path]:
    """Return name and folder of an argument. Raises: CliError."""
    name, _, folder = text.partition("=")
    if not name or not folder or not Path(folder).is_dir():
        raise CliError(f"--facility: expected NAME=DIR with a folder that is there, found {text[:120]!r}")
    return name, Path(folder)


def _records(folder: Path, asof: date, count: int, output: Output) -> Iterator[tuple[FactRecord, date]]:
    stored = [folder] if is_stored(folder) else sorted(path for path in folder.iterdir() if is_stored(path))
    for path in stored:
        record = load_stored(path)
        replayed = record.facts.at("record_replays", date.max)
        if replayed is not None:
            yield _of_quarter(record, replayed.on), replayed.on
    if stored:
        return
    for day in last_days(asof, count):
        record = replayed_to(folder, day, output)
        if record.commands:
            yield _of_quarter(record, day), day


def last_days(asof: date, count: int) -> list[date]:
    """Return the last days of the last whole quarters until a day, the oldest first."""
    firsts = list(quarters(months_after(asof, -3 * count - 3), asof + timedelta(days=1)))
    return [first - timedelta(days=1) for first in firsts][-count:]


def replayed_to(folder: Path, day: date, output: Output) -> FactRecord:
    """Replay a journal to the end of a day and ask the tables that this fills; they go afterwards."""
    with TemporaryDirectory(prefix="fact-tables-") as scratch:
        writer = FactWriter(Path(scratch), "replayed for one question")
        try:
            record = gathered(folder, day, output, writer.add)
        finally:
            writer.close()
        store_facts(Path(scratch), load_identity(folder).facility_id, record)
        return load_stored(Path(scratch))


def _of_quarter(record: FactRecord, day: date) -> FactRecord:
    """Return a record with the months of one quarter alone."""
    first = (day.month - 1) // 3 * 3 + 1
    months = {f"{day.year}-{month:02}" for month in range(first, first + 3)}
    return record._replace(client_months={key: v for key, v in record.client_months.items() if key[1] in months})

"""Lists taken in: a file becomes one import, with its hash, its day and what changed since the import before.

The file is kept as a document and read to its end before anything is written; then everything is one transaction. An
entry is kept from the import that brought it to the one that changed or dropped it, so that a day in the past can be
asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.facility.accounts.errors import ListFileError, RegisterInputError
from tarazy.facility.accounts.parties import day_of, retain_until
from tarazy.facility.accounts.register import SET_UP, Register
from tarazy.facility.accounts.screening.declared import LAYOUTS, load_layout, read_declared
from tarazy.facility.accounts.screening.listed import ListedFile, ListedParty, listed_from
from tarazy.facility.accounts.screening.ofac import read_ofac
from tarazy.facility.accounts.screening.un import read_un
from tarazy.facility.accounts.trail import Actor
from tarazy.platform.documents.entry import Description, Kind
from tarazy.platform.documents.store import Documents

READERS: dict[str, Callable[[Path], ListedFile]] = {"un": read_un, "ofac": read_ofac}
SOURCE = re.compile(r"[a-z][a-z0-9_]{1,20}")
SHRINK_MIN_PERCENT = 50  # a list that lost more than half is another file until somebody says so


class ImportRow(NamedTuple):
    """One import. `published` is the day that the file states, or that its importer stated."""

    import_: int
    source: str
    sha256: str
    published: str
    at: str
    entries: int
    added: int
    changed: int
    removed: int

    def plain(self) -> dict[str, Any]:
        """Return it for programs."""
        values = self._asdict()
        return {"import": values.pop("import_"), **values}


class Difference(NamedTuple):
    """References that an import adds, changes and drops."""

    added: list[str]
    changed: list[str]
    removed: list[str]


def import_list(
    register: Register,
    documents: Documents,
    actor: Actor,
    source: str,
    path: Path,
    *,
    published: str = "",
    layout: Path | None = None,
    shrinks: bool = False,
) -> ImportRow:
    """Take a list in. `published` is for files that do not say their day; `shrinks` allows one that lost half.

    Raises: ListFileError, which leaves the register as it was; RegisterInputError.
    """
    file = read_file(source, path, published, layout)
    day = day_of("day of the list", file.published).isoformat()
    newest = newest_import(register, source)
    if newest and day < newest.published:
        raise ListFileError(path, expected=f"a list of {newest.published} or later", found=day)
    until = retain_until(register.today)
    description = Description(
        Kind.evidence, f"list {source} of {day}", "application/xml", until, f"officer {actor.officer_id}"
    )
    digest = documents.add(path, description, register.now()).sha256
    entries = by_reference(path, file.entries)
    with register.acting(actor, SET_UP):
        before = current_digests(register, source)
        if not shrinks and len(entries) * 100 < len(before) * SHRINK_MIN_PERCENT:
            found, action = f"{len(entries)}, of {len(before)} before", "Say that it shrinks where that is right"
            raise ListFileError(path, expected="at least half of its entries", found=found, action=action)
        difference = compare(before, entries)
        return write_import(register, actor, source, digest, day, entries, difference)


def read_file(source: str, path: Path, published: str, layout: Path | None) -> ListedFile:
    """Read a file as its source's reader does; one without a reader needs a declared layout and a day."""
    if not SOURCE.fullmatch(source):
        raise RegisterInputError("list", expected="a name such as un", found=repr(source[:40]))
    if source in READERS and layout is None:
        file = READERS[source](path)
        return file._replace(published=file.published or published)
    declared = layout or LAYOUTS / f"{source}_afm.toml"
    if not declared.exists():
        expected = f"{', '.join(READERS)}, kz, or a layout"
        raise RegisterInputError("source", expected=expected, found=repr(source[:40]))
    if not published:
        action = "Give the day of the list: its file does not say it"
        raise RegisterInputError("day of the list", expected="a day", found="none", action=action)
    return read_declared(path, load_layout(declared), published)


def by_reference(path: Path, entries: list[ListedParty]) -> dict[str, ListedParty]:
    """Return entries by their references. Raises: ListFileError for a reference that stands twice."""
    found: dict[str, ListedParty] = {}
    for entry in entries:
        if entry.reference in found:
            raise ListFileError(path, expected="every reference once", found=f"{entry.reference} twice")
        found[entry.reference] = entry
    return found


def compare(before: dict[str, str], entries: dict[str, ListedParty]) -> Difference:
    """Return what changed from one import to the next."""
    return Difference(
        [reference for reference in entries if reference not in before],
        [reference for reference, entry in entries.items() if before.get(reference, entry.digest()) != entry.digest()],
        [reference for reference in before if reference not in entries],
    )


def write_import(
    register: Register,
    actor: Actor,
    source: str,
    digest: str,
    published: str,
    entries: dict[str, ListedParty],
    difference: Difference,
) -> ImportRow:
    """Write an import inside its act."""
    number = int(register.all("SELECT coalesce(max(import), 0) + 1 FROM imports")[0][0])
    counts = (len(entries), len(difference.added), len(difference.changed), len(difference.removed))
    row = ImportRow(number, source, digest, published, register.moment, *counts)
    register.write(actor, "list.import", number, row.plain())
    execute = register.connection.execute
    execute("INSERT INTO imports VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    for reference in (*difference.changed, *difference.removed):
        execute(
            "UPDATE listed SET until = ? WHERE source = ? AND reference = ? AND until = 0", (number, source, reference)
        )
    for reference in (*difference.added, *difference.changed):
        entry = entries[reference]
        values = (source, reference, number, 0, entry.digest(), entry.body())
        execute("INSERT INTO listed VALUES (?, ?, ?, ?, ?, ?)", values)
    return row


def newest_import(register: Register, source: str) -> ImportRow | None:
    """Return the newest import of a source, None where there is none."""
    rows = register.all("SELECT * FROM imports WHERE source = ? ORDER BY import DESC LIMIT 1", (source,))
    return ImportRow(*rows[0]) if rows else None


def imports(register: Register) -> list[ImportRow]:
    """Return every import, in order."""
    return [ImportRow(*row) for row in register.all("SELECT * FROM imports ORDER BY import")]


def sources(register: Register) -> list[str]:
    """Return the sources that were ever imported."""
    return [row[0] for row in register.all("SELECT DISTINCT source FROM imports ORDER BY source")]


def current_digests(register: Register, source: str) -> dict[str, str]:
    """Return the digests of a source's present entries by reference."""
    return dict(register.all("SELECT reference, digest FROM listed WHERE source = ? AND until = 0", (source,)))


def entries_since(register: Register, source: str, after: int) -> list[ListedParty]:
    """Return the present entries that came or changed after an import; 0 = all."""
    query = "SELECT body FROM listed WHERE source = ? AND until = 0 AND since > ? ORDER BY reference"
    return [listed_from(json.loads(row[0])) for row in register.all(query, (source, after))]


def age_days(row: ImportRow, today: date) -> int:
    """Return how many days ago a list was taken in."""
    return (today - date.fromisoformat(row.at[:10])).days

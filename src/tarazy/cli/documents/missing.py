"""`tarazy verify --documents DIR`: are the documents there that signed instructions of the record name?"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.cli.output import Output
from tarazy.cli.words import counted
from tarazy.journal.named_documents import Named, named_documents
from tarazy.platform.documents.heads import IndexCoverage
from tarazy.platform.documents.store import Documents

NOT_THERE = 4


class DocumentsReport(NamedTuple):
    """The documents that a record names, of each its state in the store, and what of the store's index is signed."""

    named: list[Named]
    states: dict[str, str]
    coverage: IndexCoverage

    @property
    def lost(self) -> list[Named]:
        """Return those that are missing or damaged; a tombstone says that its time was over."""
        return [each for each in self.named if self.states[each.digest.hex()] in ("missing", "damaged")]

    def plain(self) -> dict[str, Any]:
        """Return it for programs."""
        of_state = {state: [each for each in self.named if self.states[each.digest.hex()] == state] for state in STATES}
        return (
            {"named": len(self.named), "present": len(of_state["present"])}
            | {
                state: [
                    {"sha256": each.digest.hex(), "seq": each.seq, "instruction_number": each.instruction_number}
                    for each in of_state[state]
                ]
                for state in STATES[1:]
            }
            | {"index": self.coverage.plain()}
        )


STATES = ("present", "missing", "damaged", "deleted")


def documents_report(journal: Path, store: Path, facility_keys: Collection[bytes]) -> DocumentsReport:
    """Look for every named document in a store and check its hash; check the index against the facility's heads.

    Raises: DocumentError where there is no store, or its index is damaged or was rewritten.
    """
    named, documents = named_documents(journal), Documents(store)
    covered = documents.coverage(facility_keys)
    return DocumentsReport(named, documents.states(each.digest.hex() for each in named), covered)


def covered_line(covered: IndexCoverage) -> str:
    """Return what of an index is signed, in one line, with the head to note down."""
    lines, behind = counted(covered.lines, "line"), covered.lines - covered.signed_lines
    if covered.head is None:
        return f"index: {lines}, none signed: whoever owns the folder can write them anew"
    rest = f", {behind} behind it only chained" if behind else ""
    return f"index: {lines}, signed on {covered.head.at} up to {covered.head.lines}:{covered.head.sha256}{rest}"


def show(output: Output, report: DocumentsReport) -> None:
    """Print what was found."""
    found = list(report.states.values())
    deleted = f", {found.count('deleted')} deleted after their time" if "deleted" in found else ""
    count = counted(len(report.named), "document")
    output.say(f"instructions name {count}: {found.count('present')} there and whole{deleted}")
    output.say(covered_line(report.coverage))
    for each in report.lost:
        digest = each.digest.hex()
        output.say(f"  {report.states[digest].upper()} {digest}, first named by command {each.seq:,}", style="bold red")
